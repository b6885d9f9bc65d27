// The webhooks: whether their receivers accept messages, and what waits for them.

import { cell, rowHeading, small, span } from './format.js';
import { get } from './poll.js';

const LOAD_EVERY = 10000;

export class Webhooks {
  #section = document.getElementById('webhooks');
  #body = document.getElementById('webhooks-rows');
  #access;
  #drawn = '';

  constructor(access) {
    this.#access = access;
  }

  /** Loads them for as long as the page is open: a reload of the configuration may add the first. */
  async start(status) {
    try {
      const response = await get('/api/v1/webhooks', this.#access.known(), null, []);
      this.#draw((await response.json()).webhooks, status);
    } catch (failure) {
      console.info('no webhooks:', String(failure));
    }
    setTimeout(() => this.start(status), LOAD_EVERY);
  }

  tick(status) {
    for (const time of this.#body.querySelectorAll('time')) {
      time.textContent = `${span(status.age(time.dateTime))} ago`;
    }
  }

  #draw(webhooks, status) {
    const text = JSON.stringify(webhooks);
    if (text !== this.#drawn) {
      this.#drawn = text;
      this.#section.hidden = webhooks.length === 0;
      // Those that fail first; otherwise the order of the names stays.
      this.#body.replaceChildren(...webhooks.sort((one, other) => isBad(other) - isBad(one)).map(line));
      this.tick(status);
    }
  }
}

function isBad({ gone, problem }) {
  return gone || problem !== null ? 1 : 0;
}

function line(webhook) {
  const element = document.createElement('tr');
  const heading = rowHeading(webhook.webhook);
  heading.append(small(webhook.to));
  const [words, kind] = state(webhook);
  element.append(
    heading,
    cell('Told of', webhook.event === 'readable' ? 'readable revisions' : 'announcements'),
    cell('State', words, kind),
    cell('Last delivered', moment(webhook.last_delivered)),
    cell('Last failed', moment(webhook.last_failed)),
    cell('Waiting', waiting(webhook), 'number'),
    cell('Given up', webhook.given_up, webhook.given_up > 0 ? 'number bad' : 'number'),
  );
  return element;
}

function state({ gone, problem, last_delivered: delivered }) {
  if (gone) {
    return [`✕ stopped: ${problem}`, 'bad'];
  }
  if (problem !== null) {
    return [`! fails: ${problem}`, 'bad'];
  }
  return delivered === null ? ['nothing sent yet', ''] : ['✓ accepts', 'good'];
}

function waiting({ queued, awaited }) {
  const parts = [];
  if (queued > 0) {
    parts.push(`${queued} to send`);
  }
  if (awaited > 0) {
    parts.push(`${awaited} for replicas`);
  }
  return parts.length === 0 ? '0' : parts.join(', ');
}

function moment(text) {
  if (text === null) {
    return '–';
  }
  const time = document.createElement('time');
  time.dateTime = text;
  time.title = new Date(text).toLocaleString();
  return time;
}
