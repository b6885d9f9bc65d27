// The board: repositories by replicas, those that lag first.

import { linkTo } from './choice.js';
import { plural, rough, span } from './format.js';

const MOST_ROWS = 100;

/** A sign and words for each state, so that it needs no colour. */
const STATES = {
  current: { sign: '✓', kind: 'good' },
  lagging: { sign: '▼', kind: 'bad' },
  unreadable: { sign: '✕', kind: 'bad' },
  unread: { sign: '…', kind: 'quiet' },
};

export class ReplicaBoard {
  #section = document.getElementById('replicas');
  #summary = document.getElementById('replicas-summary');
  #head = document.getElementById('replicas-head');
  #body = document.getElementById('replicas-rows');
  #more = document.getElementById('replicas-more');

  /** Draws the repositories that the choice shows; nothing if no replica is watched. */
  draw(status, choice) {
    const servers = status.replicas;
    this.#section.hidden = servers.length === 0;
    const rows = [...status.repositories.values()]
      .filter((row) => row.replicas !== undefined && choice.shows(row.repository))
      .sort(byUrgency);
    const focused = this.#body.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.#head.replaceChildren(heading('Repository'), heading('Announced', 'number'), ...servers.map(serverHeading));
    const one = choice.repository !== null;
    this.#body.replaceChildren(...rows.slice(0, MOST_ROWS).map((row) => line(row, servers, one)));
    if (focused !== null) {
      [...this.#body.querySelectorAll('a')].find((link) => link.textContent === focused)?.focus();
    }
    const more = rows.length - MOST_ROWS;
    this.#more.hidden = more <= 0;
    this.#more.textContent = more > 0 ? `and ${more} more; a filter shows others` : '';
    this.#sayHowMany(rows);
    this.tick(status);
  }

  #sayHowMany(rows) {
    const late = rows.filter((row) => since(row) !== Infinity).length;
    const unreadable = rows.filter((row) => row.replicas.some((replica) => replica.state === 'unreadable')).length;
    const parts = [
      late === 0 ? '' : `${late} of ${plural(rows.length, 'repository', 'repositories')} late at a replica`,
      unreadable === 0 ? '' : `${unreadable} not readable at one`,
    ].filter((part) => part !== '');
    const text = parts.length > 0 ? parts.join(', ')
      : `${plural(rows.length, 'repository', 'repositories')}, none is late`;
    if (this.#summary.textContent !== text) {
      this.#summary.textContent = text;
    }
  }

  /** Lets the times grow. */
  tick(status) {
    this.#body.querySelectorAll('time').forEach((time) => {
      time.textContent = `${span(status.age(time.dateTime))} late`;
    });
  }
}

/** When the oldest announcement that a replica of the row lacks was accepted. */
function since(row) {
  return Math.min(...row.replicas.map((replica) => Date.parse(replica.lagging_since ?? '') || Infinity));
}

function byUrgency(a, b) {
  const troubles = (row) => (row.replicas.some((replica) => replica.state === 'unreadable') ? 0 : 1);
  const [late, later] = [since(a), since(b)];
  if (late !== later) {
    return late - later;
  }
  return troubles(a) - troubles(b) || (a.repository < b.repository ? -1 : 1);
}

function heading(text, kind) {
  const cell = document.createElement('th');
  cell.scope = 'col';
  cell.className = kind ?? '';
  cell.append(text);
  return cell;
}

function serverHeading(server) {
  const cell = heading(server.replica);
  cell.append(small(usual(server) ?? 'no time measured yet'));
  cell.title = `${server.lagging} of ${plural(server.repositories, 'repository', 'repositories')} late, `
    + `${server.unreadable} not readable`;
  return cell;
}

/** Returns what is usual, such as "half in 4 min, 95 % in 14 min"; undefined if nothing was measured. */
function usual(times) {
  return times.measured === undefined
    ? undefined
    : `half in ${rough(times.p50_seconds)}, 95 % in ${rough(times.p95_seconds)}`;
}

function small(text) {
  const element = document.createElement('span');
  element.className = 'small quiet';
  element.textContent = text;
  return element;
}

function line(row, servers, one) {
  const element = document.createElement('tr');
  const name = document.createElement('th');
  name.scope = 'row';
  name.append(linkTo(row.repository));
  const announced = document.createElement('td');
  announced.className = 'number';
  announced.append(row.held?.revision_text ?? row.revision_text ?? '–');
  element.append(name, announced);
  servers.forEach((server) => {
    element.append(cell(row.replicas.find((replica) => replica.replica === server.replica), one));
  });
  return element;
}

function cell(replica, one) {
  const element = document.createElement('td');
  if (replica === undefined) {
    element.append('–');
    return element;
  }
  const { sign, kind } = STATES[replica.state];
  const mark = document.createElement('span');
  mark.className = kind;
  mark.textContent = `${sign} `;
  mark.setAttribute('aria-hidden', 'true');
  element.dataset.state = replica.state;
  element.append(mark, ...words(replica));
  const details = [replica.error, usual(replica)].filter((part) => part !== undefined);
  element.title = [`${replica.replica}: ${replica.state}`, ...details].join('; ');
  if (one) {
    element.append(...details.map(small));
  }
  return element;
}

function words(replica) {
  if (replica.state === 'unread') {
    return ['not read yet'];
  }
  const text = [replica.revision_text ?? ''];
  if (replica.state === 'unreadable') {
    text.push(replica.revision_text === undefined ? 'not readable' : ', not readable now');
  }
  if (replica.lagging_since !== undefined) {
    const time = document.createElement('time');
    time.dateTime = replica.lagging_since;
    time.title = `announced ${replica.lagging_since}`;
    text.push(replica.revision_text === undefined && replica.state === 'lagging' ? '' : ', ', time);
  }
  return text;
}
