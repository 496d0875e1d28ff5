/* A row in, its probability and what moved it out. */
import { minus, percent, signed } from './figures.js';
import * as form from './form.js';
import { cell, row } from './table.js';
import { byShare, drawWaterfall } from './waterfall.js';

const $ = (id) => document.getElementById(id);
const state = { model: null, example: 0, asked: 0, explanation: null };

/* ---- the answer --------------------------------------------------------- */

function showProbability({ click_proba: p }) {
  const base = state.model.training_profile?.base_rate;
  $('probability').value = percent(p);
  $('probability').title = String(p);
  $('against').textContent = base > 0
    ? `${(p / base).toFixed(2)} times the base rate of ${percent(base)}`
    : '';
}

function tableRow(name, share, { column = '', text = '', value, seen = true }) {
  const head = cell('th', name);
  const given = cell('td', text, 'code');
  head.scope = 'row';
  if (!seen) {
    given.append(' ', cell('small', 'never seen', 'new'));
  }
  const figure = typeof value === 'number'
    ? minus(value, 4).replace(/\.?0+$/, '') : '';
  return row([head, cell('td', column), given, cell('td', figure, 'number'),
    cell('td', share, 'number')]);
}

function showTable({ features, expected, raw }) {
  const table = $('shap');
  table.tBodies[0].replaceChildren(
    tableRow('average row', minus(expected, 3), {}),
    ...byShare(features).map(
      (f) => tableRow(f.name, signed(f.contribution), f)));
  table.tFoot.replaceChildren(tableRow('this row', minus(raw, 3), {}));
}

function show(explanation) {
  const unseen = explanation.features.filter((feature) => !feature.seen);
  state.explanation = explanation;
  form.markUnseen(new Set(unseen.map((feature) => feature.column)));
  showProbability(explanation);
  showTable(explanation);
  drawWaterfall($('waterfall'), explanation);
  $('result').dataset.scored = explanation.version;
}

/* ---- asking ------------------------------------------------------------- */

/* With the texts that the features were made of. */
function withTexts(explanation, { features, data: [values] }) {
  const texts = Object.fromEntries(
    features.map((name, i) => [name, values[i]]));
  return { ...explanation, features: explanation.features.map((feature) => (
    { ...feature, text: texts[feature.column] ?? '' })) };
}

async function ask(sent) {
  const answer = await fetch('/explain', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(sent),
  });
  return [answer.ok, await answer.json()];
}

/* An answer that another question has overtaken is not shown. */
async function score() {
  const sent = form.readRow();
  const turn = ++state.asked;
  form.clearProblems();
  try {
    const [ok, told] = await ask(sent);
    if (turn !== state.asked) {
      return;
    }
    if (ok) {
      show(withTexts(told, sent));
    } else {
      form.showDetails(told.detail, sent);
    }
  } catch {
    form.showProblem('The server does not answer.');
  }
}

function showExample() {
  const { columns, examples } = state.model;
  if (examples.length === 0) {
    return;
  }
  const at = state.example % examples.length;
  form.putRow(
    Object.fromEntries(columns.map((name, i) => [name, examples[at][i]])),
    `row ${at + 1} of ${examples.length} kept with the model`);
}

function fillFromJson() {
  try {
    form.putRow(form.rowOfJson($('json').value), 'row from the JSON below');
    score();
  } catch (error) {
    form.showProblem(`This JSON does not say a row: ${error.message}`);
  }
}

/* ---- what page.js calls ------------------------------------------------- */

export function startScore() {
  $('row').addEventListener('submit', (event) => {
    event.preventDefault();
    score();
  });
  $('fields').addEventListener('input', () => {
    form.writeJson();
    form.tellOrigin('your own row');
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
  const first = state.model === null;
  state.model = model;
  form.makeFields(model.columns);
  if (first) {
    showExample();
  }
  score();
}

export function redrawScore() {
  if (state.explanation) {
    drawWaterfall($('waterfall'), state.explanation);
  }
}
