/* /docs: the OpenAPI document as a page; a form a route to try it. */
import { describe, resolve, setDocument, typeOf } from './schema.js';
import { cell, row } from './table.js';
import { tryForm } from './try.js';

const $ = (id) => document.getElementById(id);

/* ---- one operation ------------------------------------------------------ */

function titled(title, ...parts) {
  const box = document.createDocumentFragment();
  box.append(cell('h3', title), ...parts);
  return box;
}

/* Content types, each with the schema of what it holds. */
function contents(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => {
    const line = cell('div', '', 'type');
    line.append(`${type}: `, ...typeOf(schema));
    return line;
  });
}

function answerRow([status, reference]) {
  const answer = resolve(reference);
  const what = cell('td', '');
  const names = Object.keys(answer.headers ?? {});
  what.append(...contents(answer.content));
  if (names.length > 0) {
    what.append(cell('div', `headers: ${names.join(', ')}`, 'note'));
  }
  return row([cell('td', status), cell('td', answer.description), what]);
}

function answers(operation) {
  const table = cell('table', '', 'answers');
  table.append(...Object.entries(operation.responses).map(answerRow));
  return table;
}

/* Filled when it is opened: there are many, and few are looked at. */
function operationInside(method, path, operation) {
  const inside = cell('div', '', 'inside');
  const body = resolve(operation.requestBody);
  if (body) {
    inside.append(titled('Body', ...contents(body.content)));
  }
  inside.append(titled('Answers', answers(operation)),
    titled('Try it', tryForm(method, path, operation)));
  return inside;
}

function folded(id, className, heads, fill) {
  const details = cell('details', '', className);
  const summary = cell('summary', '');
  summary.append(...heads);
  details.id = id;
  details.append(summary);
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) {
      details.append(fill());
    }
  });
  return details;
}

function operationBox(method, path, operation) {
  const heads = [
    cell('span', method.toUpperCase(), `method ${method}`),
    cell('span', path, 'path'),
    cell('span', operation.summary, 'note'),
  ];
  if (operation.security) {
    heads.push(cell('span', 'needs a token', 'lock'));
  }
  return folded(operation.operationId, 'panel operation', heads,
    () => operationInside(method, path, operation));
}

/* ---- the page ----------------------------------------------------------- */

function operationsOf({ paths }, tag) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => operationBox(method, path, operation)));
}

function tagSection(openapi, { name, description }) {
  const section = cell('section', '');
  const head = cell('div', '', 'head');
  head.append(cell('h2', name), cell('p', description ?? '', 'note'));
  section.append(head, ...operationsOf(openapi, name));
  return section;
}

function schemaBox([name, schema]) {
  return folded(`schema-${name}`, 'panel schema', [cell('span', name, 'path')],
    () => {
      const inside = cell('div', '', 'inside');
      inside.append(...describe(schema));
      return inside;
    });
}

function showIntro({ info }) {
  const title = cell('h1', `${info.title} `);
  title.append(cell('small', info.version));
  $('intro').replaceChildren(title,
    cell('p', `${info.summary}. ${info.description}`));
}

/* What the address names is opened. */
function openNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

async function show() {
  const answer = await fetch('/openapi.json', { cache: 'no-store' });
  if (!answer.ok) {
    throw new Error(`/openapi.json: ${answer.status}`);
  }
  const openapi = await answer.json();
  setDocument(openapi);
  showIntro(openapi);
  $('operations').replaceChildren(
    ...openapi.tags.map((tag) => tagSection(openapi, tag)));
  $('schemas').append(
    ...Object.entries(openapi.components.schemas).map(schemaBox));
  $('schemas').hidden = false;
  openNamed();
}

window.addEventListener('hashchange', openNamed);
show().catch((error) => {
  $('banner').textContent = `The document could not be read: ${error.message}`;
  $('banner').hidden = false;
});
