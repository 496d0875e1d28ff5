/* Arithmetic and wording of the page: nothing here touches the document. */

export const logit = (p) => Math.log(p / (1 - p));
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));
export const sum = (list) => list.reduce((total, x) => total + x, 0);

/* What was counted between two looks at counters that only grow; null when
 * one of them fell: the server began anew. */
export function difference(now, before) {
  const delta = now.map((count, i) => count - before[i]);
  return now.length === before.length && delta.every((d) => d >= 0)
    ? delta
    : null;
}

/* The p-quantile of a histogram: upper bounds, and counts a bucket with one
 * more for what is over the last bound; linear inside a bucket, as Prometheus'
 * histogram_quantile.  null when it is empty. */
export function quantile(bounds, counts, p) {
  const rank = p * sum(counts);
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    if (counts[i] > 0 && below + counts[i] >= rank) {
      const low = i > 0 ? bounds[i - 1] : 0;
      return low + ((bounds[i] - low) * (rank - below)) / counts[i];
    }
    below += counts[i];
  }
  return rank > 0 ? bounds[bounds.length - 1] : null;
}

/* Counts of equal bins of [0, 1] added up to the buckets of bounds, whose
 * edges are edges of bins, too. */
export function regroup(bins, bounds) {
  const sums = new Array(bounds.length + 1).fill(0);
  bins.forEach((count, i) => {
    const middle = (i + 0.5) / bins.length;
    const bucket = bounds.findIndex((bound) => middle < bound);
    sums[bucket < 0 ? bounds.length : bucket] += count;
  });
  return sums;
}

export function shares(counts) {
  const total = sum(counts);
  return counts.map((count) => (total > 0 ? count / total : 0));
}

/* Population stability index of two lists of shares; an empty bucket counts
 * as half a row of its rows, so that none is infinite. */
export function stabilityIndex(now, then, rowsNow, rowsThen) {
  return sum(now.map((share, i) => {
    const a = Math.max(share, 0.5 / rowsNow);
    const b = Math.max(then[i], 0.5 / rowsThen);
    return (a - b) * Math.log(a / b);
  }));
}

/* ---- wording ------------------------------------------------------------ */

const plain = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export const count = (n) => plain.format(n);

/* Three digits that matter: 0.42, 7.31, 25.3, 1,204. */
export function rate(x) {
  if (x === null || x === undefined) {
    return '–';
  }
  if (x === 0 || x >= 100) {
    return count(x);
  }
  return x.toFixed(x >= 10 ? 1 : 2);
}

export function seconds(x) {
  if (x === null || x === undefined) {
    return '–';
  }
  const [value, unit] =
    x < 1e-3 ? [x * 1e6, 'µs'] : x < 1 ? [x * 1e3, 'ms'] : [x, 's'];
  const digits = value >= 99.5 || unit === 'µs' ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/* As many decimals as a rare event needs: 14.46 %, 0.032 %. */
export function percent(p) {
  const x = p * 100;
  const digits = x >= 1 || x === 0
    ? 2 : Math.min(8, 1 - Math.floor(Math.log10(x)));
  return `${x.toFixed(digits)} %`;
}

/* A round share for an axis: 5 %, 0.1 %. */
export const roundPercent = (p) => `${+(p * 100).toPrecision(3)} %`;

export function signed(x) {
  const text = Math.abs(x).toFixed(3);
  return `${x < 0 ? '−' : '+'}${text}`;
}

export function minus(x, digits) {
  return x.toFixed(digits).replace('-', '−');
}

/* 42 s, 7 min, 3 h 12 min, 5 d 2 h. */
export function span(s) {
  const minutes = Math.floor(s / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) {
    return `${Math.floor(s)} s`;
  }
  if (hours < 1) {
    return `${minutes} min`;
  }
  return hours < 24
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function date(unixSeconds) {
  const iso = new Date(unixSeconds * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
