// The latest announcements, newest first, and a word about them for those who do not see the list.

import { linkTo } from './choice.js';
import { millis, plural } from './format.js';

const MOST_LINES = 50;
const SAY_EVERY = 5000;

export class Latest {
  #list = document.getElementById('latest');
  #heard = document.getElementById('heard');
  #unsaid = [];
  #timer = 0;

  /** Draws the list; the news among it are marked. */
  draw(status, choice, news) {
    const fresh = new Set(news.map((row) => row.sequence));
    const rows = [...status.recent.values()].filter((row) => choice.shows(row.repository)).slice(-MOST_LINES).reverse();
    this.#list.replaceChildren(...rows.map((row) => line(row, fresh.has(row.sequence))));
    if (rows.length === 0 && status.service !== null) {
      this.#list.append(none(status.recent.size));
    }
    this.#say(news.filter((row) => choice.shows(row.repository)));
  }

  /** A screen reader would never come to an end if it read each announcement. */
  #say(news) {
    this.#unsaid.push(...news);
    if (this.#unsaid.length > 0 && this.#timer === 0) {
      this.#speak();
    }
  }

  #speak() {
    const last = this.#unsaid.at(-1);
    const count = this.#unsaid.length;
    this.#unsaid = [];
    this.#timer = 0;
    if (last !== undefined) {
      this.#heard.textContent =
        `${plural(count, 'announcement', 'announcements')}, the last of ${last.repository}, revision ${last.revision_text}`;
      this.#timer = setTimeout(() => this.#speak(), SAY_EVERY);
    }
  }
}

function line(row, fresh) {
  const item = document.createElement('li');
  item.classList.toggle('new', fresh);
  const name = document.createElement('span');
  name.className = 'name';
  name.append(linkTo(row.repository));
  item.append(time(row.announced), name, text(`revision ${row.revision_text}`), text(reach(row)));
  return item;
}

function none(all) {
  const item = document.createElement('li');
  item.className = 'empty';
  item.textContent = all === 0 ? 'None since this proxy started.' : `None among the last ${all}.`;
  return item;
}

function time(announced) {
  const element = document.createElement('time');
  element.dateTime = announced;
  element.title = announced;
  element.textContent = new Date(announced).toLocaleTimeString();
  return element;
}

function text(words) {
  const element = document.createElement('span');
  element.textContent = words;
  return element;
}

function reach(row) {
  return row.audience === 0
    ? `no subscriber, here after ${millis(row.log_delay_ms)}`
    : `${row.written} of ${plural(row.audience, 'subscriber', 'subscribers')}, after ${millis(row.propagation_ms)}`;
}
