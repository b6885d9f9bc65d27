// The table of repositories, in pages.

import { linkTo } from './choice.js';
import { cell, millis, rowHeading, span } from './format.js';

const ROWS = 100;

const ORDERS = {
  repository: (row) => row.repository,
  revision: (row) => BigInt(row.revision_text ?? -1),
  age: (row) => -Date.parse(row.announced ?? 0),
  rate: (row) => row.announced_last_hour,
  subscribers: (row) => row.subscribers,
  propagation: (row) => row.propagation_ms ?? row.log_delay_ms ?? -1,
};

export class RepositoryTable {
  #section = document.getElementById('repositories');
  #body = document.getElementById('rows');
  #none = document.getElementById('none');
  #shown = document.getElementById('shown');
  #pages = document.getElementById('pages');
  #previous = document.getElementById('previous');
  #next = document.getElementById('next');
  #page = 1;

  constructor(choice) {
    document.querySelectorAll('[data-sort]').forEach((button) => {
      button.addEventListener('click', () => {
        const key = button.dataset.sort;
        choice.set({ sort: choice.sort === key ? `-${key}` : key, page: '1' });
      });
    });
    this.#previous.addEventListener('click', () => choice.set({ page: String(this.#page - 1) }));
    this.#next.addEventListener('click', () => choice.set({ page: String(this.#page + 1) }));
  }

  #mark(sort, down) {
    document.querySelectorAll('[data-sort]').forEach((button) => {
      const heading = button.closest('th');
      if (button.dataset.sort === sort) {
        heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      } else {
        heading.removeAttribute('aria-sort');
      }
    });
  }

  /** Draws a page of the rows that the choice shows, the focused link keeping the focus. One repository has a view instead. */
  draw(status, choice) {
    this.#section.hidden = choice.repository !== null;
    const down = choice.sort.startsWith('-');
    const wanted = down ? choice.sort.slice(1) : choice.sort;
    const sort = wanted in ORDERS ? wanted : 'repository';
    this.#mark(sort, down);
    const rows = ordered([...status.repositories.values()].filter((row) => choice.shows(row.repository)), ORDERS[sort], down);
    const last = Math.max(1, Math.ceil(rows.length / ROWS));
    this.#page = Math.min(choice.page, last);
    const from = (this.#page - 1) * ROWS;
    const focused = document.activeElement?.closest?.('tr[data-repository]')?.dataset.repository;
    this.#body.replaceChildren(...rows.slice(from, from + ROWS).map((row) => line(row, status)));
    if (focused !== undefined) {
      this.#body.querySelector(`tr[data-repository="${CSS.escape(focused)}"] a`)?.focus();
    }
    this.#none.hidden = status.service === null || status.repositories.size > 0;
    this.#pages.hidden = last === 1;
    this.#previous.disabled = this.#page === 1;
    this.#next.disabled = this.#page === last;
    this.#count(from, rows.length, status.repositories.size);
  }

  #count(from, matching, all) {
    const shown = Math.min(matching - from, ROWS);
    const text = all === 0 ? '' : matching <= ROWS ? `${shown} of ${all} shown`
      : `${from + 1} to ${from + shown} of ${matching}${matching === all ? '' : ` (${all} in all)`}`;
    if (this.#shown.textContent !== text) {
      this.#shown.textContent = text;
    }
  }

  /** Lets the ages grow, without drawing all anew. */
  tick(status) {
    this.#body.querySelectorAll('time').forEach((time) => {
      time.textContent = `${span(status.age(time.dateTime))} ago`;
    });
  }
}

/** Each key is made once, since 3,000 rows are compared often. */
function ordered(rows, key, down) {
  const sign = down ? -1 : 1;
  return rows.map((row) => [key(row), row])
    .sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0))
    .map(([, row]) => row);
}

function line(row, status) {
  const element = document.createElement('tr');
  element.dataset.repository = row.repository;
  element.append(
    rowHeading(linkTo(row.repository)),
    revision(row),
    age(row, status),
    cell('In the last hour', row.announced_last_hour, 'number'),
    cell('Subscribers', row.subscribers, 'number'),
    cell('Propagation', millis(row.propagation_ms ?? row.log_delay_ms), 'number'),
  );
  return element;
}

function revision(row) {
  const data = cell('Revision', row.revision_text ?? '–', 'number');
  if (row.held !== undefined) {
    const held = document.createElement('span');
    held.className = 'held';
    held.textContent = ` ${row.held.revision_text} held`;
    held.title = `${row.held.why} (until ${row.held.until})`;
    data.append(held);
  }
  return data;
}

function age(row, status) {
  if (row.announced === undefined) {
    return cell('Announced', 'not yet', 'number');
  }
  const time = document.createElement('time');
  time.dateTime = row.announced;
  time.title = row.announced;
  time.textContent = `${span(status.age(row.announced))} ago`;
  return cell('Announced', time, 'number');
}
