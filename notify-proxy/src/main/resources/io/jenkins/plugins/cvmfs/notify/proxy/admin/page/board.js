// The board: repositories by replicas, with those first that need a look: late or not readable, held, quiet, new.

import { linkTo } from './choice.js';
import { cell, plural, rough, rowHeading, small, span } from './format.js';

const MOST_ROWS = 100;
const NEW_SECONDS = 24 * 3600;
/** Below that, and with fewer announcements, what is usual is a guess. */
const QUIET_SECONDS = 3600;
const QUIET_ANNOUNCEMENTS = 4;
const QUIET_TIMES = 4;

/** A sign and words for each state, so that it needs no colour. */
const STATES = {
  current: { sign: '✓', kind: 'good' },
  lagging: { sign: '▼', kind: 'bad' },
  unreadable: { sign: '✕', kind: 'bad' },
  unread: { sign: '…', kind: 'quiet' },
};

export class Board {
  #section = document.getElementById('board');
  #summary = document.getElementById('board-summary');
  #head = document.getElementById('board-head');
  #body = document.getElementById('board-rows');
  #more = document.getElementById('board-more');

  /** Draws the repositories that the choice shows: those with watched replicas, and those that stand out. */
  draw(status, choice) {
    const servers = status.replicas;
    const all = [...status.repositories.values()];
    const newcomers = all.filter((row) => isNew(row, status));
    // Where all are new, as after the first start, none stands out.
    const marked = new Set(newcomers.length < all.length ? newcomers : []);
    const rows = all.filter((row) => choice.shows(row.repository))
      .map((row) => ({ row, notes: notes(row, status, marked), late: since(row) }))
      .filter(({ row, notes: said }) => row.replicas !== undefined || said.length > 0)
      .sort(byUrgency);
    this.#section.hidden = rows.length === 0 && (servers.length === 0 || choice.repository !== null);
    const focused = this.#body.contains(document.activeElement) ? document.activeElement.textContent : null;
    this.#head.replaceChildren(heading('Repository'), heading('Revision', 'number'), ...servers.map(serverHeading));
    const one = choice.repository !== null;
    this.#body.replaceChildren(...rows.slice(0, MOST_ROWS).map((each) => line(each, servers, one)));
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
    const watched = rows.filter(({ row }) => row.replicas !== undefined);
    const late = watched.filter(({ late: time }) => time !== Infinity).length;
    const unreadable = watched.filter(({ row }) => row.replicas.some((replica) => replica.state === 'unreadable')).length;
    const noted = ['held', 'quiet', 'new'].map((kind) => [kind, rows.filter(({ notes: said }) => said.some((note) => note.kind === kind)).length]);
    const parts = [
      late === 0 ? '' : `${late} of ${plural(watched.length, 'repository', 'repositories')} late at a replica`,
      unreadable === 0 ? '' : `${unreadable} not readable at one`,
      watched.length > 0 && late + unreadable === 0 ? `${plural(watched.length, 'repository', 'repositories')}, none is late` : '',
      ...noted.map(([kind, count]) => (count === 0 ? '' : `${count} ${kind}`)),
    ];
    const text = parts.filter((part) => part !== '').join(', ');
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

/** Remarks on a repository besides its replicas. */
function notes(row, status, marked) {
  const said = [];
  if (row.held !== undefined) {
    said.push({ kind: 'held', text: `${row.held.revision_text} held: ${row.held.why}` });
  }
  const usual = usualSeconds(row, status);
  if (usual !== undefined && status.age(row.announced) > Math.max(QUIET_SECONDS, QUIET_TIMES * usual)) {
    said.push({ kind: 'quiet', text: `quiet for ${span(status.age(row.announced))}, usually ${span(usual)}` });
  }
  if (marked.has(row)) {
    said.push({ kind: 'new', text: `new, first announced ${span(status.age(row.first_announced))} ago` });
  }
  return said;
}

/** The time between two announcements, as far as this proxy has seen. */
function usualSeconds(row, status) {
  return row.announcements < QUIET_ANNOUNCEMENTS ? undefined
    : (Date.parse(row.announced) - status.started) / 1000 / row.announcements;
}

function isNew(row, status) {
  return row.first_announced !== undefined && status.age(row.first_announced) < NEW_SECONDS;
}

/** When the oldest announcement that a replica of the row lacks was accepted. */
function since(row) {
  return Math.min(Infinity, ...(row.replicas ?? []).map((replica) => Date.parse(replica.lagging_since ?? '') || Infinity));
}

function byUrgency(a, b) {
  if (a.late !== b.late) {
    return a.late - b.late;
  }
  return rank(a) - rank(b) || (a.row.repository < b.row.repository ? -1 : 1);
}

function rank({ row, notes: said }) {
  if ((row.replicas ?? []).some((replica) => replica.state === 'unreadable')) {
    return 0;
  }
  const place = ['held', 'quiet', 'new'].findIndex((kind) => said.some((note) => note.kind === kind));
  return place < 0 ? 4 : place + 1;
}

function heading(text, kind) {
  const made = document.createElement('th');
  made.scope = 'col';
  made.className = kind ?? '';
  made.append(text);
  return made;
}

function serverHeading(server) {
  const made = heading(server.replica);
  made.append(small(usual(server) ?? 'no time measured yet'));
  made.title = `${server.lagging} of ${plural(server.repositories, 'repository', 'repositories')} late, `
    + `${server.unreadable} not readable`;
  return made;
}

/** Returns what is usual, such as "half in 4 min, 95 % in 14 min"; undefined if nothing was measured. */
function usual(times) {
  return times.measured === undefined
    ? undefined
    : `half in ${rough(times.p50_seconds)}, 95 % in ${rough(times.p95_seconds)}`;
}

function line({ row, notes: said }, servers, one) {
  const element = document.createElement('tr');
  const name = rowHeading(linkTo(row.repository));
  said.forEach((note) => {
    const words = small(note.text);
    words.dataset.note = note.kind;
    name.append(words);
  });
  element.append(name, cell('Revision', row.held?.revision_text ?? row.revision_text ?? '–', 'number'));
  servers.forEach((server) => {
    element.append(replicaCell(server.replica, row.replicas?.find((replica) => replica.replica === server.replica), one));
  });
  return element;
}

function replicaCell(server, replica, one) {
  const element = cell(server, '');
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
