/* Schemas of the document as text, lists and links. */
import { cell, row } from './table.js';

let document_ = null;

export function setDocument(openapi) {
  document_ = openapi;
}

/* What a {"$ref": "#/…"} leads to; all else is itself. */
export function resolve(value) {
  if (!value?.$ref) {
    return value;
  }
  return value.$ref.slice(2).split('/').reduce((at, key) => at?.[key], document_);
}

function link(ref) {
  const name = ref.split('/').pop();
  const a = cell('a', name);
  a.href = `#schema-${name}`;
  return a;
}

function joined(parts, separator) {
  return parts.flatMap((part, i) => (i > 0 ? [separator, ...part] : part));
}

/* Limits that a reader should know of. */
function limits({ minimum, maximum, pattern }) {
  const words = [];
  if (minimum !== undefined || maximum !== undefined) {
    words.push(`${minimum ?? '-∞'} … ${maximum ?? '∞'}`);
  }
  if (pattern) {
    words.push(pattern);
  }
  return words.length > 0 ? [` (${words.join(', ')})`] : [];
}

/* A type in one line: texts and links. */
export function typeOf(schema) {
  if (schema.$ref) {
    return [link(schema.$ref)];
  }
  const several = schema.anyOf ?? schema.oneOf;
  if (several) {
    return joined(several.map(typeOf), ' | ');
  }
  if (schema.const !== undefined || schema.enum) {
    const values = schema.enum ?? [schema.const];
    return [values.map((value) => JSON.stringify(value)).join(' | ')];
  }
  if (schema.type === 'array') {
    return ['[', ...(schema.items ? typeOf(schema.items) : ['any']), ']'];
  }
  const types = [schema.type ?? 'any'].flat().join(' | ');
  return [types, ...limits(schema)];
}

function memberRow(name, schema, required) {
  const head = cell('td', name, required ? 'required' : '');
  const type = cell('td', '', 'type');
  const about = cell('td', resolve(schema).description ?? '');
  type.append(...typeOf(schema));
  const inner = schema.type === 'array' ? schema.items : schema;
  const list = inner && !inner.$ref && members(inner);
  if (list) {
    about.append(list);
  }
  return row([head, type, about]);
}

/* A table of the members of an object; null: it tells none. */
export function members(schema) {
  if (!schema.properties) {
    return null;
  }
  const table = cell('table', '', 'members');
  table.append(...Object.entries(schema.properties).map(([name, member]) =>
    memberRow(name, member, schema.required?.includes(name))));
  return table;
}

/* All that is to be said of a named schema. */
export function describe(schema) {
  const parts = [];
  if (schema.description) {
    parts.push(cell('p', schema.description, 'note'));
  }
  const lists = [schema, ...(schema.oneOf ?? [])].map(members).filter(Boolean);
  if (lists.length > 0) {
    return [...parts, ...lists];
  }
  const type = cell('p', '', 'type');
  type.append(...typeOf(schema));
  return [...parts, type];
}
