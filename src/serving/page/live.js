/* The live part: what the server counted between two looks at /stats. */
import * as figures from './figures.js';
import { fillList, fillTable } from './table.js';
import { colours } from './theme.js';

const INTERVAL = 2; /* seconds */
const POINTS = 90; /* 3 minutes */
const FEW_ROWS = 200; /* fewer say nothing about a distribution */

const $ = (id) => document.getElementById(id);
const state = { before: null, points: [], charts: {}, profile: null,
  finest: 0 /* the first bound of the latency's buckets */ };

/* ---- from totals to rates ----------------------------------------------- */

/* What happened between two looks, as far as it can be told. */
function pointOf(now, before) {
  const empty = { time: now.uptime };
  if (before === null) {
    return empty;
  }
  const classes = ['2xx', '3xx', '4xx', '5xx'];
  const requests = figures.difference(classes.map((c) => now.requests[c]),
    classes.map((c) => before.requests[c]));
  const latency = figures.difference(now.latency.counts, before.latency.counts);
  const elapsed = now.uptime - before.uptime;
  if (requests === null || latency === null || elapsed <= 0) {
    return empty;
  }
  const [, , client, server] = requests;
  /* What was timed then were our own polls. */
  const quiet = figures.sum(requests) === 0;
  const quantile = (p) =>
    quiet ? null : figures.quantile(now.latency.bounds, latency, p);
  return {
    time: now.uptime,
    requests: figures.sum(requests) / elapsed,
    errors: (client + server) / elapsed,
    rows: (now.rows - before.rows) / elapsed,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
  };
}

/* Inside the first bucket nothing is known but that. */
function latencyText(x) {
  return typeof x === 'number' && x < state.finest
    ? `< ${figures.seconds(state.finest)}` : figures.seconds(x);
}

/* ---- lines -------------------------------------------------------------- */

function ago(x) {
  return x === 0 ? 'now' : x % 60 === 0 ? `−${x / -60} min` : `−${-x} s`;
}

function lineSettings(series, y) {
  const { line } = colours();
  return {
    type: 'line',
    data: { datasets: series.map(([key, colour, options]) => ({
      key,
      data: [],
      borderColor: colour,
      backgroundColor: colour,
      borderWidth: 2,
      pointRadius: 0,
      pointHitRadius: 8,
      spanGaps: false,
      ...options,
    })) },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          type: 'linear',
          min: -INTERVAL * POINTS,
          max: 0,
          grid: { display: false, drawBorder: false },
          ticks: { stepSize: 60, callback: ago, maxRotation: 0 },
        },
        y: { grid: { color: line, drawBorder: false },
          beginAtZero: true, ...y },
      },
      plugins: { tooltip: { callbacks: {
        title: ([item]) => ago(Math.round(item.parsed.x)),
        label: (item) => `${item.dataset.label}: ${y.wording(item.parsed.y)}`,
      } } },
    },
  };
}

function makeRates() {
  const { accent, bad } = colours();
  return new Chart($('rates'), lineSettings([
    ['requests', accent, { label: 'all', fill: true,
      backgroundColor: `${accent}22` }],
    ['errors', bad, { label: 'errors' }],
  ], { suggestedMax: 1, wording: (x) => `${figures.rate(x)}/s`,
    ticks: { maxTicksLimit: 6, callback: figures.rate } }));
}

/* 1, 2 and 5 of each decade; of many decades only the 1. */
function roundTimes(scale) {
  const digits = scale.max / scale.min > 200 ? [1] : [1, 2, 5];
  scale.ticks = scale.ticks.filter(({ value }) => {
    const digit = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    return digits.some((d) => Math.abs(digit - d) < 1e-6);
  });
}

const roundTime = (value) => figures.seconds(value).replace(/\.0+ /, ' ');

function makeLatency() {
  const { p50, p95, p99 } = colours();
  return new Chart($('latency'), lineSettings([
    ['p50', p50, { label: 'p50' }],
    ['p95', p95, { label: 'p95', borderDash: [6, 3] }],
    ['p99', p99, { label: 'p99', borderDash: [2, 2] }],
  ], { type: 'logarithmic', suggestedMin: 1e-5, suggestedMax: 1e-2,
    wording: latencyText, afterBuildTicks: roundTimes,
    ticks: { callback: roundTime } }));
}

function drawLines() {
  const last = state.points.at(-1)?.time ?? 0;
  for (const chart of [state.charts.rates, state.charts.latency]) {
    for (const set of chart.data.datasets) {
      set.data = state.points.map((point) => (
        { x: point.time - last, y: point[set.key] ?? null }));
    }
    chart.update('none');
  }
  const recent = [...state.points].reverse().slice(0, 30);
  const lines = (keys, wording) => recent.map((point) => [
    (last - point.time).toFixed(0), ...keys.map((key) => wording(point[key]))]);
  fillTable($('rates-table'),
    ['Seconds ago', 'Requests/s', 'Errors/s', 'Rows/s'],
    lines(['requests', 'errors', 'rows'], figures.rate));
  fillTable($('latency-table'), ['Seconds ago', 'p50', 'p95', 'p99'],
    lines(['p50', 'p95', 'p99'], latencyText));
}

/* ---- the histogram of predictions --------------------------------------- */

function bucketNames(bounds) {
  const edges = [0, ...bounds, 1].map((p) => +(p * 100).toFixed(1));
  return edges.slice(1).map((edge, i) => `${edges[i]}–${edge} %`);
}

function makeDrift() {
  const { accent, training, line, ink } = colours();
  const bars = (label, colour) => ({
    label, data: [], backgroundColor: colour, borderRadius: 2,
    barPercentage: 0.92, categoryPercentage: 0.76,
  });
  return new Chart($('drift'), {
    type: 'bar',
    data: { labels: [], datasets: [bars('served', accent),
      bars('training', training)] },
    options: {
      animation: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { grid: { display: false, drawBorder: false }, ticks: { color: ink },
          title: { display: true, text: 'predicted probability of a click' } },
        y: { beginAtZero: true, suggestedMax: 0.1,
          grid: { color: line, drawBorder: false },
          ticks: { maxTicksLimit: 6, callback: figures.roundPercent } },
      },
      plugins: { tooltip: { callbacks: {
        label: (item) => `${item.dataset.label}: ${figures.percent(item.raw)}`,
      } } },
    },
  });
}

/* How far apart counts are from those of the training, in words. */
function verdict(counts, bins) {
  const rows = figures.sum(counts);
  if (rows < FEW_ROWS) {
    return `From ${FEW_ROWS} rows on the two are compared.`;
  }
  const index = figures.stabilityIndex(figures.shares(counts),
    figures.shares(bins), rows, figures.sum(bins));
  const word = index < 0.1 ? 'alike' : index < 0.25 ? 'shifted' : 'different';
  return `Population stability index ${index.toFixed(3)}: ${word} ` +
    '(below 0.1 alike, above 0.25 different).';
}

function driftNote({ counts, sum }, bins) {
  const rows = figures.sum(counts);
  if (rows === 0) {
    return 'No row was served yet.';
  }
  const mean = `Mean ${figures.percent(sum / rows)} over ${
    figures.count(rows)} rows`;
  return state.profile
    ? `${mean}, ${figures.percent(state.profile.mean_prediction)} in ` +
      `training. ${verdict(counts, bins)}`
    : `${mean}.`;
}

function drawDrift({ probabilities }) {
  const { bounds, counts } = probabilities;
  const served = figures.shares(counts);
  const bins = state.profile
    ? figures.regroup(state.profile.histogram, bounds) : [];
  const training = figures.shares(bins);
  const chart = state.charts.drift;
  const names = bucketNames(bounds);
  chart.data.labels = names;
  chart.data.datasets[0].data = served;
  chart.data.datasets[1].data = training;
  chart.update('none');
  $('drift-note').textContent = driftNote(probabilities, bins);
  fillTable($('drift-table'),
    ['Probability', 'Rows served', 'Share served', 'Share in training'],
    names.map((name, i) => [name, figures.count(counts[i]),
      figures.percent(served[i]),
      training.length > 0 ? figures.percent(training[i]) : '–']));
}

/* ---- figures of now ----------------------------------------------------- */

function drawNow(stats, point) {
  const failed = stats.requests['4xx'] + stats.requests['5xx'];
  fillList($('now'), [
    ['Requests', figures.rate(point.requests), '/s'],
    ['Rows', figures.rate(point.rows), '/s'],
    ['Latency p50', latencyText(point.p50)],
    ['Latency p99', latencyText(point.p99)],
    ['Errors since start', figures.count(failed)],
    ['Turned away', figures.count(stats.rejected)],
    ['Connections', figures.count(stats.connections)],
    ['Up', figures.span(stats.uptime)],
  ]);
}

/* ---- what page.js calls ------------------------------------------------- */

export function startLive() {
  for (const chart of Object.values(state.charts)) {
    chart.destroy();
  }
  state.charts = {
    rates: makeRates(), latency: makeLatency(), drift: makeDrift(),
  };
  drawLines();
  if (state.before) {
    drawDrift(state.before);
  }
}

export function setProfile(profile) {
  state.profile = profile ?? null;
}

export function showStats(stats) {
  if (state.before && stats.uptime < state.before.uptime) {
    state.before = null; /* another process: its clock began anew */
    state.points = [];
  }
  const point = pointOf(stats, state.before);
  [state.finest] = stats.latency.bounds;
  state.before = stats;
  state.points = [...state.points, point].slice(-POINTS - 1);
  drawNow(stats, point);
  drawLines();
  drawDrift(stats);
}

/* The server did not answer: a gap in the lines. */
export function showGap() {
  const last = state.points.at(-1);
  if (last) {
    state.points.push({ time: last.time + INTERVAL });
    drawLines();
  }
}
