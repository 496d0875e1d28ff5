/* The waterfall of one explanation: bars that lead from the average row's log
 * odds down to this row's, the largest first. */
import { logit, minus, percent, roundPercent, sigmoid, signed } from
  './figures.js';
import { colours } from './theme.js';

const SHOWN = 10;
const NARROW = 460; /* pixels: names only, no values */
const BESIDE = 58; /* pixels that a figure beside its bar takes */
const ROUND = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03,
  0.05, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95,
  0.98, 0.99, 0.995, 0.999];

export const byShare = (features) => [...features].sort(
  (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));

/* [{name, value, from, to, end}]: the average row, the features, this row;
 * the two ends have no length. */
export function steps({ features, expected, raw }) {
  const order = byShare(features);
  const all = order.length > SHOWN + 1 ? order.slice(0, SHOWN) : order;
  const ended = (name, at) => ({ name, from: at, to: at, end: true });
  const list = [ended('average row', expected)];
  let at = expected;
  for (const { name, text, contribution } of all) {
    list.push({ name, value: text, from: at, to: at + contribution });
    at += contribution;
  }
  if (all.length < order.length) {
    const rest = `${order.length - all.length} others`;
    list.push({ name: rest, from: at, to: raw });
  }
  return [...list, ended('this row', raw)];
}

const wording = (step) =>
  step.end ? percent(sigmoid(step.to)) : signed(step.to - step.from);

/* ---- axes --------------------------------------------------------------- */

/* The ends of the bars, and room for what is written beside them. */
function range(list, width) {
  const ends = list.map((step) => step.to);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const inside = Math.max(width - 2 * BESIDE, BESIDE);
  const margin = Math.max(((high - low) * BESIDE) / inside, 0.02);
  return { min: low - margin, max: high + margin };
}

/* Multiples of 1, 2 or 5 times a power of ten, about n of them. */
function roundSteps(low, high, n) {
  const rough = (high - low) / n;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((d) => d * decade >= rough * 0.999) * decade;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 },
    (_, i) => +((first + i) * step).toPrecision(12));
}

function logOddsTicks(scale) {
  const room = Math.max(2, scale.width / 80);
  const values = roundSteps(scale.min, scale.max, room);
  const digits = values[1] - values[0] < 0.1 ? 2 : 1;
  scale.ticks = values.map((value) => ({ value, label: minus(value, digits) }));
}

/* Even steps of probability while they look even, chosen ones beyond. */
function probabilityTicks(scale) {
  const [low, high] = [sigmoid(scale.min), sigmoid(scale.max)];
  const room = Math.max(2, scale.width / 80);
  const even = high / low < 3 && (1 - low) / (1 - high) < 3;
  const round = ROUND.filter((p) => p > low && p < high);
  const every = Math.ceil(round.length / room);
  const shown = even
    ? roundSteps(low, high, room) : round.filter((_, i) => i % every === 0);
  scale.ticks = shown.filter((p) => p > 0 && p < 1)
    .map((p) => ({ value: logit(p), label: roundPercent(p) }));
}

/* ---- what the bars are not ---------------------------------------------- */

function write(ctx, text, x, y, { ink, panel }) {
  ctx.lineWidth = 4;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = panel;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink;
  ctx.fillText(text, x, y);
}

/* Thin lines from bar to bar, dots for the two ends, and a figure a step. */
function annotate(chart, list) {
  const { ctx, scales: { x, y } } = chart;
  const palette = colours();
  const places = list.map((step, i) => [x.getPixelForValue(step.to),
    y.getPixelForValue(i)]);
  ctx.save();
  ctx.strokeStyle = palette.soft;
  ctx.beginPath();
  places.slice(0, -1).forEach(([left, top], i) => {
    ctx.moveTo(left, top);
    ctx.lineTo(left, places[i + 1][1]);
  });
  ctx.stroke();
  ctx.textBaseline = 'middle';
  list.forEach((step, i) => {
    const [left, top] = places[i];
    const right = step.to >= step.from;
    if (step.end) {
      ctx.fillStyle = i > 0 ? palette.accent : palette.soft;
      ctx.beginPath();
      ctx.arc(left, top, 5, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.font = `${step.end ? '600 ' : ''}12px ${Chart.defaults.font.family}`;
    ctx.textAlign = right ? 'left' : 'right';
    write(ctx, wording(step), left + (right ? 8 : -8), top, palette);
  });
  ctx.restore();
}

function drawAverage(chart, list) {
  const { ctx, chartArea: { top, bottom }, scales: { x } } = chart;
  const left = x.getPixelForValue(list[0].to);
  ctx.save();
  ctx.strokeStyle = colours().training;
  ctx.setLineDash([3, 4]);
  ctx.beginPath();
  ctx.moveTo(left, top);
  ctx.lineTo(left, bottom);
  ctx.stroke();
  ctx.restore();
}

/* ---- the chart ---------------------------------------------------------- */

function shorten(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function label({ name, value }, narrow) {
  return value === undefined || narrow
    ? shorten(name, narrow ? 18 : 28)
    : `${shorten(name, 22)} = ${shorten(value || '(empty)', 16)}`;
}

function scalesFor(list, width) {
  const { ink, soft, line } = colours();
  const narrow = width < NARROW;
  const limits = range(list, width - (narrow ? 130 : 220));
  const title = (text) => ({ display: true, text, color: soft });
  return {
    y: {
      grid: { display: false, drawBorder: false },
      ticks: { color: ink, autoSkip: false },
    },
    x: {
      ...limits,
      grid: { color: line, drawBorder: false },
      afterBuildTicks: logOddsTicks,
      ticks: { callback: (_, i, ticks) => ticks[i].label, maxRotation: 0 },
      title: title('log odds'),
    },
    probability: {
      ...limits,
      axis: 'x',
      position: 'top',
      grid: { display: false, drawBorder: false },
      afterBuildTicks: probabilityTicks,
      ticks: { callback: (_, i, ticks) => ticks[i].label, autoSkip: false,
        maxRotation: 0 },
      title: title('probability'),
    },
  };
}

function tooltip(list) {
  return {
    filter: (item) => !list[item.dataIndex].end,
    callbacks: {
      title: ([item]) => item && label(list[item.dataIndex], false),
      label: (item) => {
        const { from, to } = list[item.dataIndex];
        return `${signed(to - from)}: ${percent(sigmoid(from))} → ${
          percent(sigmoid(to))}`;
      },
    },
  };
}

function settings(list, width) {
  const { up, down } = colours();
  return {
    type: 'bar',
    plugins: [{
      id: 'steps',
      beforeDatasetsDraw: (chart) => drawAverage(chart, list),
      afterDatasetsDraw: (chart) => annotate(chart, list),
    }],
    data: {
      labels: list.map((step) => label(step, width < NARROW)),
      datasets: [{
        data: list.map((step) => [step.from, step.to]),
        backgroundColor: list.map((s) => (s.to >= s.from ? up : down)),
        borderRadius: 2,
        borderSkipped: false,
        barPercentage: 0.7,
        categoryPercentage: 1,
      }],
    },
    options: {
      indexAxis: 'y',
      animation: false,
      scales: scalesFor(list, width),
      plugins: { tooltip: tooltip(list) },
    },
  };
}

let chart = null;

export function drawWaterfall(canvas, explanation) {
  const list = steps(explanation);
  chart?.destroy();
  chart = new Chart(canvas, settings(list, canvas.parentElement.clientWidth));
  canvas.setAttribute('aria-label',
    `SHAP waterfall. ${list.map((s) => `${s.name} ${wording(s)}`).join(', ')}`);
}
