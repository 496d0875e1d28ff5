/* The form that sends a request, and shows it as curl and what came back. */
import { resolve } from './schema.js';
import { cell } from './table.js';

function labelled(text, control) {
  const label = cell('label', text);
  label.append(control);
  return label;
}

/* values: [value, text to show]. */
function setChoices(select, values) {
  select.replaceChildren(...values.map(([value, text]) =>
    new Option(text, value)));
}

function input(value) {
  const element = cell('input', '');
  element.value = value;
  element.spellcheck = false;
  return element;
}

const quote = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/* ---- what is asked ------------------------------------------------------ */

/* Inputs of the path: {name: input}. */
function pathInputs(operation) {
  return Object.fromEntries((operation.parameters ?? []).map(resolve).map(
    ({ name, example }) => [name, input(example ?? '')]));
}

function textOf(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 1)
    .replace(/\n\s+/g, ' ').replace(/\n/g, ' ');
}

/* Content type, example and text of the body; null: it takes none. */
function bodyControls(operation) {
  const content = resolve(operation.requestBody)?.content;
  if (!content) {
    return null;
  }
  const type = cell('select', '');
  const example = cell('select', '');
  const text = cell('textarea', '');
  text.rows = 8;
  text.spellcheck = false;
  const fill = () => {
    text.value = textOf(content[type.value].examples[example.value].value);
    text.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const list = () => {
    setChoices(example, Object.entries(content[type.value].examples).map(
      ([name, { summary }]) => [name, summary]));
    fill();
  };
  setChoices(type, Object.keys(content).map((name) => [name, name]));
  type.addEventListener('change', list);
  example.addEventListener('change', fill);
  list();
  return { type, example, text };
}

function requestOf({ method, path, inputs, body, token }) {
  const url = path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(inputs[name].value));
  const headers = {};
  if (body) {
    headers['Content-Type'] = body.type.value;
  }
  if (token?.value) {
    headers.Authorization = `Bearer ${token.value}`;
  }
  return { method, url, headers, body: body?.text.value };
}

function curlOf({ method, url, headers, body }) {
  const words = ['curl', '-i', '-X', method, quote(location.origin + url)];
  for (const [name, value] of Object.entries(headers)) {
    words.push('-H', quote(`${name}: ${value}`));
  }
  if (body !== undefined) {
    words.push('--data-binary', quote(body));
  }
  return words.join(' ');
}

/* ---- what comes back ---------------------------------------------------- */

/* JSON with a value a line; a long text of another kind is cut. */
function readable(text, type) {
  const limit = 20000;
  if (type?.startsWith('application/json')) {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch { /* as it is */ }
  }
  return text.length > limit ? `${text.slice(0, limit)}\n…` : text;
}

async function send(request, reply) {
  const started = performance.now();
  try {
    const answer = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      cache: 'no-store',
    });
    const text = await answer.text();
    const line = cell('p', '');
    line.append(
      cell('span', `${answer.status} ${answer.statusText}`,
        `status ${answer.ok ? 'good' : 'bad'}`),
      cell('span', `${(performance.now() - started).toFixed(1)} ms`, 'note'));
    reply.replaceChildren(line,
      cell('pre', [...answer.headers].map((pair) => pair.join(': ')).join('\n'),
        'headers'),
      cell('pre', readable(text, answer.headers.get('Content-Type')), 'body'));
    reply.dataset.status = answer.status;
  } catch {
    reply.replaceChildren(cell('p', 'The server does not answer.', 'problem'));
    reply.dataset.status = 'none';
  }
}

/* ---- the form ----------------------------------------------------------- */

function choices({ inputs, body, token }) {
  const box = cell('div', '', 'choices');
  box.append(...Object.entries(inputs).map(([name, element]) =>
    labelled(name, element)));
  if (body) {
    box.append(labelled('Content-Type', body.type),
      labelled('Example', body.example));
  }
  if (token) {
    box.append(labelled('Admin token', token));
  }
  return box;
}

export function tryForm(method, path, operation) {
  const form = cell('form', '', 'try');
  const asked = {
    method: method.toUpperCase(),
    path,
    inputs: pathInputs(operation),
    body: bodyControls(operation),
    token: operation.security ? input('') : null,
  };
  if (asked.token) {
    asked.token.type = 'password';
    asked.token.autocomplete = 'off';
  }
  const reply = cell('div', '', 'reply');
  reply.setAttribute('aria-live', 'polite');
  const curl = cell('pre', '', 'curl');
  const showCurl = () => { curl.textContent = curlOf(requestOf(asked)); };
  const actions = cell('p', '', 'actions');
  actions.append(cell('button', 'Send', 'primary'));
  form.append(choices(asked), ...(asked.body ? [labelled('Body', asked.body.text)] : []),
    actions, reply, cell('p', 'The same from a shell', 'note'), curl);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send(requestOf(asked), reply);
  });
  form.addEventListener('input', showCurl);
  form.addEventListener('change', showCurl);
  showCurl();
  return form;
}
