/* The form: one field a column of the model, filled by hand, by an example or
 * by JSON, and what the server found wrong with it. */
import { cell } from './table.js';

const $ = (id) => document.getElementById(id);

const inputs = () => [...$('fields').querySelectorAll('input')];
const pairs = () => inputs().map(({ name, value }) => [name, value]);

/* ---- fields ------------------------------------------------------------- */

function field(name) {
  const box = document.createElement('div');
  const label = cell('label', name);
  const input = document.createElement('input');
  const problem = cell('small', '', 'problem');
  const note = cell('small', '', 'new');
  input.id = label.htmlFor = `field-${name}`;
  input.name = name;
  input.spellcheck = false;
  problem.id = `problem-${name}`;
  note.id = `note-${name}`;
  input.setAttribute('aria-describedby', `${problem.id} ${note.id}`);
  box.append(label, input, problem, note);
  return box;
}

/* Fields of these columns; what was typed into one of the same name stays. */
export function makeFields(columns) {
  const typed = Object.fromEntries(pairs());
  $('fields').replaceChildren(...columns.map(field));
  putRow(typed);
}

/* values: by column; origin: where they are from, in words. */
export function putRow(values, origin = '') {
  for (const input of inputs()) {
    input.value = values[input.name] ?? '';
  }
  writeJson();
  tellOrigin(origin);
}

export function tellOrigin(text) {
  $('example').textContent = text;
}

/* The row as /predict takes it. */
export function readRow() {
  const row = pairs();
  return {
    features: row.map(([name]) => name),
    data: [row.map(([, value]) => value)],
  };
}

/* ---- JSON --------------------------------------------------------------- */

export function writeJson() {
  const body = JSON.stringify(readRow()).replaceAll("'", String.raw`'\''`);
  $('json').value = JSON.stringify([Object.fromEntries(pairs())], null, 1);
  $('curl').value = `curl -X POST ${location.origin}/predict/ -d '${body}'`;
}

/* Numbers by the text they were written with, where the browser tells it: an
 * id of 64 bits does not fit into a number of JavaScript. */
function keepNumbers(_, value, context) {
  return typeof value === 'number' ? context?.source ?? String(value) : value;
}

/* The first row of any body that /predict takes, or a record alone. */
export function rowOfJson(text) {
  const given = JSON.parse(text, keepNumbers);
  if (Array.isArray(given?.data) && Array.isArray(given.features)) {
    const values = given.data[0] ?? [];
    return Object.fromEntries(
      given.features.map((name, i) => [name, values[i]]));
  }
  const record = Array.isArray(given) ? given[0] : given;
  if (record === null || typeof record !== 'object') {
    throw new Error('neither {"data", "features"} nor a record');
  }
  return record;
}

/* ---- problems and notes ------------------------------------------------- */

/* "": none.  While there is one, the answer shown is that of another row. */
export function showProblem(text) {
  $('problem').textContent = text;
  $('problem').hidden = !text;
  $('result').classList.toggle('stale', text !== '');
}

export function clearProblems() {
  showProblem('');
  for (const input of inputs()) {
    input.removeAttribute('aria-invalid');
    $(`problem-${input.name}`).textContent = '';
  }
}

/* FastAPI's details, each to its field: named, or by its place in the row that
 * was sent; or to the form when it has none. */
export function showDetails(detail, { features }) {
  if (!Array.isArray(detail)) {
    showProblem(detail ?? 'The server could not score this row.');
    return;
  }
  const rest = detail.filter(({ loc, msg }) => {
    const place = loc.at(-1);
    const wanted = typeof place === 'number' ? features[place] : place;
    const input = inputs().find(({ name }) => name === wanted);
    if (input) {
      input.setAttribute('aria-invalid', 'true');
      $(`problem-${input.name}`).textContent = msg;
    }
    return !input;
  });
  const words = rest.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`);
  showProblem(words.join('; ') || 'Please look at the marked fields.');
}

/* Columns whose values training did not see: the model has its fallback. */
export function markUnseen(columns) {
  for (const { name } of inputs()) {
    $(`note-${name}`).textContent =
      columns.has(name) ? 'never seen in training' : '';
  }
}
