/* Tables in place of charts, for those who cannot see them or want figures. */

export function cell(kind, text, className) {
  const element = document.createElement(kind);
  element.textContent = text;
  if (className) {
    element.className = className;
  }
  return element;
}

export function row(cells) {
  const element = document.createElement('tr');
  element.append(...cells);
  return element;
}

/* heads: texts; rows: lists of texts, the first of each its heading. */
export function fillTable(table, heads, rows) {
  const head = document.createElement('thead');
  head.append(row(heads.map((text, i) => {
    const element = cell('th', text, i > 0 ? 'number' : '');
    element.scope = 'col';
    return element;
  })));
  const body = document.createElement('tbody');
  body.append(...rows.map(([name, ...values]) => {
    const first = cell('th', name);
    first.scope = 'row';
    return row([first, ...values.map((text) => cell('td', text, 'number'))]);
  }));
  table.replaceChildren(head, body);
}

/* pairs: [term, text, note]; a list that tells what is what. */
export function fillList(list, pairs) {
  list.replaceChildren(...pairs.map(([term, text, note]) => {
    const group = document.createElement('div');
    const value = cell('dd', text);
    if (note) {
      value.append(' ', cell('small', note));
    }
    group.append(cell('dt', term), value);
    return group;
  }));
}
