// The table of repositories.

import { linkTo } from './choice.js';
import { millis, span } from './format.js';

const MOST_ROWS = 500;

const ORDERS = {
  repository: (row) => row.repository,
  revision: (row) => BigInt(row.revision_text ?? -1),
  age: (row) => -Date.parse(row.announced ?? 0),
  rate: (row) => row.announced_last_hour,
  subscribers: (row) => row.subscribers,
  propagation: (row) => row.propagation_ms ?? row.log_delay_ms ?? -1,
};

export class RepositoryTable {
  #body = document.getElementById('rows');
  #none = document.getElementById('none');
  #shown = document.getElementById('shown');
  #sort = 'repository';
  #down = false;

  constructor(onSort) {
    document.querySelectorAll('[data-sort]').forEach((button) => {
      button.addEventListener('click', () => {
        this.#down = this.#sort === button.dataset.sort && !this.#down;
        this.#sort = button.dataset.sort;
        this.#mark();
        onSort();
      });
    });
  }

  #mark() {
    document.querySelectorAll('[data-sort]').forEach((button) => {
      const heading = button.closest('th');
      if (button.dataset.sort === this.#sort) {
        heading.setAttribute('aria-sort', this.#down ? 'descending' : 'ascending');
      } else {
        heading.removeAttribute('aria-sort');
      }
    });
  }

  /** Draws the rows that the choice shows, the focused link keeping the focus. */
  draw(status, choice) {
    const key = ORDERS[this.#sort];
    const rows = [...status.repositories.values()].filter((row) => choice.shows(row.repository));
    rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (this.#down ? -1 : 1));
    const focused = document.activeElement?.closest?.('tr[data-repository]')?.dataset.repository;
    this.#body.replaceChildren(...rows.slice(0, MOST_ROWS).map((row) => this.#row(row, status, choice)));
    if (focused !== undefined) {
      this.#body.querySelector(`tr[data-repository="${CSS.escape(focused)}"] a`)?.focus();
    }
    this.#none.hidden = status.service === null || status.repositories.size > 0;
    this.#count(rows.length, status.repositories.size);
  }

  #count(matching, all) {
    const shown = Math.min(matching, MOST_ROWS);
    const text = all === 0 ? '' : `${shown} of ${all} shown`;
    if (this.#shown.textContent !== text) {
      this.#shown.textContent = text;
    }
  }

  #row(row, status, choice) {
    const line = document.createElement('tr');
    line.dataset.repository = row.repository;
    if (row.repository === choice.repository) {
      line.setAttribute('aria-current', 'true');
    }
    const name = document.createElement('th');
    name.scope = 'row';
    name.append(linkTo(row.repository));
    line.append(
      name,
      revision(row),
      age(row, status),
      cell(row.announced_last_hour),
      cell(row.subscribers),
      cell(millis(row.propagation_ms ?? row.log_delay_ms)),
    );
    return line;
  }

  /** Lets the ages grow, without drawing all anew. */
  tick(status) {
    this.#body.querySelectorAll('time').forEach((time) => {
      time.textContent = `${span(status.age(time.dateTime))} ago`;
    });
  }
}

function cell(content) {
  const data = document.createElement('td');
  data.className = 'number';
  data.append(content);
  return data;
}

function revision(row) {
  const data = cell(row.revision_text ?? '–');
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
    return cell('not yet');
  }
  const time = document.createElement('time');
  time.dateTime = row.announced;
  time.title = row.announced;
  time.textContent = `${span(status.age(row.announced))} ago`;
  return cell(time);
}
