/* The form: a row in, its probability and what moved it out. */
import { minus, percent, signed } from './figures.js';
import { cell, row } from './table.js';
import { byShare, drawWaterfall } from './waterfall.js';

const $ = (id) => document.getElementById(id);
const state = { model: null, example: 0, explanation: null };

/* ---- the form ----------------------------------------------------------- */

function field(name) {
  const box = document.createElement('div');
  const label = cell('label', name);
  const input = document.createElement('input');
  input.id = label.htmlFor = `field-${name}`;
  input.name = name;
  input.spellcheck = false;
  const problem = cell('small', '', 'problem');
  const note = cell('small', '', 'new');
  problem.id = `problem-${name}`;
  note.id = `note-${name}`;
  input.setAttribute('aria-describedby', `${problem.id} ${note.id}`);
  box.append(label, input, problem, note);
  return box;
}

const inputs = () => [...$('fields').querySelectorAll('input')];

function put(values) {
  for (const input of inputs()) {
    input.value = values[input.name] ?? '';
  }
  writeJson();
}

/* The form as /predict takes it. */
function body() {
  const list = inputs();
  return {
    features: list.map((input) => input.name),
    data: [list.map((input) => input.value)],
  };
}

function writeJson() {
  const record = Object.fromEntries(
    inputs().map(({ name, value }) => [name, value]));
  const text = JSON.stringify(body());
  $('json').value = JSON.stringify([record], null, 1);
  $('curl').value = `curl -X POST ${location.origin}/predict/ -d '${
    text.replaceAll("'", String.raw`'\''`)}'`;
}

function showExample() {
  const { columns, examples } = state.model;
  const values = examples[state.example % examples.length] ?? [];
  put(Object.fromEntries(columns.map((name, i) => [name, values[i]])));
  $('example').textContent = examples.length > 0
    ? `row ${state.example % examples.length + 1} of ${examples.length} kept ` +
      'with the model'
    : '';
}

/* ---- JSON in ------------------------------------------------------------ */

/* Numbers by the text they were written with, where the browser tells it: an
 * id of 64 bits does not fit into a number of JavaScript. */
function keepNumbers(_, value, context) {
  return typeof value === 'number' ? context?.source ?? String(value) : value;
}

function recordOf(text) {
  const given = JSON.parse(text, keepNumbers);
  if (Array.isArray(given?.data) && Array.isArray(given.features)) {
    const values = given.data[0] ?? [];
    return Object.fromEntries(given.features.map((name, i) => [name, values[i]]));
  }
  const record = Array.isArray(given) ? given[0] : given;
  if (record === null || typeof record !== 'object') {
    throw new Error('neither {"data", "features"}, nor a record or a list of them');
  }
  return record;
}

function fillFromJson() {
  try {
    put(recordOf($('json').value));
    $('example').textContent = 'row from the JSON below';
    score();
  } catch (error) {
    showProblem(`This JSON does not say a row: ${error.message}`);
  }
}

/* ---- problems ----------------------------------------------------------- */

function showProblem(text) {
  $('problem').textContent = text;
  $('problem').hidden = !text;
  $('result').classList.toggle('stale', text !== '');
}

function clearProblems() {
  showProblem('');
  for (const input of inputs()) {
    input.removeAttribute('aria-invalid');
    $(`problem-${input.name}`).textContent = '';
  }
}

/* FastAPI's details, each to its field: named, or by its place in the row; or
 * to the form when it has none. */
function showDetails(detail, { features }) {
  if (!Array.isArray(detail)) {
    showProblem(detail ?? 'The server could not score this row.');
    return;
  }
  const rest = detail.filter(({ loc, msg }) => {
    const place = loc.at(-1);
    const wanted = typeof place === 'number' ? features[place] : place;
    const input = inputs().find(({ name }) => name === wanted);
    input?.setAttribute('aria-invalid', 'true');
    if (input) {
      $(`problem-${input.name}`).textContent = msg;
    }
    return !input;
  });
  showProblem(rest.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ') ||
    'Please look at the marked fields.');
}

/* ---- the answer --------------------------------------------------------- */

function showAgainst({ click_proba: p }) {
  const base = state.model.training_profile?.base_rate;
  $('against').textContent = base > 0
    ? `${(p / base).toFixed(2)} times the base rate of ${percent(base)}`
    : '';
}

function showTable({ features, expected, raw }) {
  const line = (name, column, text, value, share, seen = true) => {
    const head = cell('th', name);
    head.scope = 'row';
    const given = cell('td', text, 'code');
    if (!seen) {
      given.append(' ', cell('small', 'never seen', 'new'));
    }
    return row([head, cell('td', column), given, cell('td', value, 'number'),
      cell('td', share, 'number')]);
  };
  const table = $('shap');
  table.tBodies[0].replaceChildren(
    line('average row', '', '', '', minus(expected, 3)),
    ...byShare(features).map((f) => line(f.name, f.column, f.text,
      f.value === null ? '–' : minus(f.value, 4).replace(/\.?0+$/, ''),
      signed(f.contribution), f.seen)));
  table.tFoot.replaceChildren(line('this row', '', '', '', minus(raw, 3)));
}

/* With the texts the features were made of, from the form. */
function withTexts(explanation, sent) {
  const texts = Object.fromEntries(
    sent.features.map((name, i) => [name, sent.data[0][i]]));
  const features = explanation.features.map((feature) => ({
    ...feature,
    text: texts[feature.column] ?? '',
  }));
  return { ...explanation, features };
}

/* Values that training did not see: the model has only its fallback. */
function showNews({ features }) {
  const news = [...new Set(features.filter((f) => !f.seen).map((f) => f.column))];
  for (const input of inputs()) {
    $(`note-${input.name}`).textContent =
      news.includes(input.name) ? 'never seen in training' : '';
  }
}

function show(explanation) {
  state.explanation = explanation;
  $('probability').value = percent(explanation.click_proba);
  $('probability').title = String(explanation.click_proba);
  showAgainst(explanation);
  showNews(explanation);
  showTable(explanation);
  drawWaterfall($('waterfall'), explanation);
  $('result').dataset.scored = explanation.version;
}

async function score() {
  const sent = body();
  clearProblems();
  try {
    const answer = await fetch('/explain', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(sent),
    });
    const told = await answer.json();
    if (answer.ok) {
      show(withTexts(told, sent));
    } else {
      showDetails(told.detail, sent);
    }
  } catch {
    showProblem('The server does not answer.');
  }
}

/* ---- what page.js calls ------------------------------------------------- */

export function startScore() {
  $('row').addEventListener('submit', (event) => {
    event.preventDefault();
    score();
  });
  $('row').addEventListener('input', (event) => {
    if (event.target.name) {
      writeJson();
      $('example').textContent = 'your own row';
    }
  });
  $('another').addEventListener('click', () => {
    state.example += 1;
    showExample();
    score();
  });
  $('fill').addEventListener('click', fillFromJson);
}

/* The form for a model's columns; another model keeps what was typed. */
export function showForm(model) {
  const typed = Object.fromEntries(inputs().map(({ name, value }) => [name, value]));
  const first = state.model === null;
  state.model = model;
  $('fields').replaceChildren(...model.columns.map(field));
  if (first) {
    showExample();
  } else {
    put(typed);
  }
  score();
}

export function redrawScore() {
  if (state.explanation) {
    drawWaterfall($('waterfall'), state.explanation);
  }
}
