// Whose publishes and subscriptions the proxy refused. Addresses of clients are for those who may publish, so it asks only when it is opened.

import { linkTo } from './choice.js';
import { cell, rowHeading } from './format.js';
import { get } from './poll.js';

const LOAD_EVERY = 5000;
const NEEDS_RIGHT = 'Who was refused is shown to those with a token that may publish.';

export class Refusals {
  #details = document.getElementById('refusals');
  #note = document.getElementById('refusals-note');
  #body = document.getElementById('refusals-rows');
  #place = document.querySelector('#refusals .scroll');
  #access;
  #drawn = '';
  #loading = false;

  constructor(access) {
    this.#access = access;
  }

  /** Loads them whenever the section is open. */
  start() {
    this.#details.addEventListener('toggle', () => this.#load());
    setInterval(() => this.#load(), LOAD_EVERY);
  }

  async #load() {
    if (!this.#details.open || this.#loading) {
      return;
    }
    this.#loading = true;
    try {
      const response = await get('/api/v1/refusals', this.#access.known(), null, [401, 403]);
      if (response.ok) {
        this.#draw((await response.json()).refusals);
      } else {
        this.#say(NEEDS_RIGHT);
        await this.#access.ask(this.#access.known() === null ? NEEDS_RIGHT : `This token does not do. ${NEEDS_RIGHT}`);
      }
    } catch (failure) {
      this.#say('They cannot be read now.');
    }
    this.#loading = false;
  }

  #draw(refusals) {
    this.#say(refusals.length === 0 ? 'None since this proxy started.' : 'The last 100, newest first; repetitions count as one.');
    this.#place.hidden = refusals.length === 0;
    const text = JSON.stringify(refusals);
    if (text !== this.#drawn) {
      this.#drawn = text;
      this.#body.replaceChildren(...refusals.reverse().map(line));
    }
  }

  #say(words) {
    if (this.#note.textContent !== words) {
      this.#note.textContent = words;
    }
  }
}

function line(refusal) {
  const element = document.createElement('tr');
  const time = document.createElement('time');
  time.dateTime = refusal.last;
  time.title = `first ${refusal.first}`;
  time.textContent = new Date(refusal.last).toLocaleString();
  const reason = cell('Reason', refusal.detail);
  reason.title = refusal.reason;
  element.append(
    rowHeading(time),
    cell('What', refusal.kind),
    cell('From', refusal.address),
    cell('Repository', refusal.repository === undefined ? '–' : linkTo(refusal.repository)),
    reason,
    cell('Times', refusal.count, 'number'),
  );
  return element;
}
