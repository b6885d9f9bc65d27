// One repository: what is known of it, and where to link to it.

import { millis, plural, span } from './format.js';

export class RepositoryView {
  #section = document.getElementById('one');
  #title = document.getElementById('one-title');
  #facts = document.getElementById('one-facts');
  #unknown = document.getElementById('one-unknown');
  #links = document.getElementById('one-links');
  #named = null;

  /** Draws it if the choice is one; else nothing is shown. */
  draw(status, choice) {
    const name = choice.repository;
    this.#section.hidden = name === null;
    if (name === null) {
      this.#named = null;
      return;
    }
    const row = status.repositories.get(name);
    this.#title.textContent = name;
    this.#unknown.hidden = status.service === null || row !== undefined;
    this.#facts.replaceChildren(...(row === undefined ? [] : facts(row)).map(([term, ...words]) => fact(term, words)));
    this.#links.hidden = row?.revision_text === undefined;
    if (this.#named !== name) {
      this.#named = name;
      this.#links.replaceChildren(...links(name));
      this.#section.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    this.tick(status);
  }

  /** Lets the age grow. */
  tick(status) {
    this.#facts.querySelectorAll('time').forEach((time) => {
      time.textContent = `${span(status.age(time.dateTime))} ago`;
    });
  }
}

function facts(row) {
  const subscribers = ['Subscribers', String(row.subscribers)];
  if (row.revision_text === undefined) {
    return [['Revision', 'not announced yet'], subscribers];
  }
  return [
    ['Revision', row.revision_text],
    ...(row.held === undefined ? [] : [['Held', `${row.held.revision_text}: ${row.held.why}`]]),
    ['Announced', ago(row.announced), ` (${new Date(row.announced).toLocaleString()})`],
    ['Published', row.published === null ? 'not said' : new Date(row.published).toLocaleString()],
    ['Root catalog', row.root_hash],
    ['Announcements', `${row.announced_last_hour} in the last hour, ${row.announcements} since this proxy started`],
    subscribers,
    ['Propagation', row.propagation_ms === null ? `no subscriber; arrived after ${millis(row.log_delay_ms)}` : millis(row.propagation_ms)],
    ...(row.replicas === undefined ? [] : [['Replicas', `${plural(row.replicas.length, 'replica is', 'replicas are')} watched`]]),
  ];
}

function fact(term, words) {
  const element = document.createElement('div');
  const name = document.createElement('dt');
  name.textContent = term;
  const value = document.createElement('dd');
  value.append(...words);
  element.append(name, value);
  return element;
}

function ago(announced) {
  const time = document.createElement('time');
  time.dateTime = announced;
  time.title = announced;
  return time;
}

function links(name) {
  const badge = document.createElement('img');
  badge.src = `/badge/${name}.svg`;
  badge.alt = `Badge of ${name}`;
  badge.height = 20;
  const address = document.createElement('code');
  address.textContent = new URL(badge.src, location.href).href;
  return [badge, ' ', address, ' · ', link(`/api/v1/repositories/${name}`, 'as JSON'), ' · ', link(`/api/v1/repositories/${name}/replicas`, 'replicas as JSON')];
}

function link(href, text) {
  const element = document.createElement('a');
  element.href = href;
  element.textContent = text;
  return element;
}
