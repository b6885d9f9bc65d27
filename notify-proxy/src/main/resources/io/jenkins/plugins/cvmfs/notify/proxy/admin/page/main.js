// Puts the page together. Data goes one way: poll, status, and from there to the sections that draw it.

import { Access } from './access.js';
import { Activity } from './activity.js';
import { Banner } from './banner.js';
import { Board } from './board.js';
import { Chart } from './chart.js';
import { Choice } from './choice.js';
import { Facts } from './facts.js';
import { Latest } from './latest.js';
import { Peers } from './peers.js';
import { poll } from './poll.js';
import { Refusals } from './refusals.js';
import { RepositoryView } from './repository.js';
import { Status } from './status.js';
import { RepositoryTable } from './table.js';
import { Webhooks } from './webhooks.js';

const status = new Status();
const access = new Access();
const banner = new Banner();
const facts = new Facts();
const activity = new Activity(access, () => chart.draw(status, choice));
const chart = new Chart(activity);
const refusals = new Refusals(access);
const peers = new Peers(access);
const webhooks = new Webhooks(access);
const choice = new Choice(() => queueMicrotask(() => drawLists([])));

/** The sections that show repositories: each has draw(status, choice, news), and tick(status) if time passes in it. */
const sections = [
  new RepositoryView(),
  new Latest(),
  new Board(),
  new RepositoryTable(choice),
  chart,
];

function drawLists(news) {
  banner.draw(status, choice);
  sections.forEach((section) => section.draw(status, choice, news));
  if (status.service !== null) {
    activity.update(choice, { news: news.length > 0 });
  }
}

const drawn = {};

function isChanged(part, value) {
  const text = JSON.stringify(value);
  const changed = drawn[part] !== text;
  drawn[part] = text;
  return changed;
}

setInterval(() => {
  banner.draw(status, choice);
  facts.tick(status);
  webhooks.tick(status);
  sections.forEach((section) => section.tick?.(status));
  chart.draw(status, choice);
  if (status.service !== null) {
    activity.update(choice);
  }
}, 1000);

poll('/api/v1/status', {
  token: () => access.token(),
  onState: (state) => {
    if (state === 'refused') {
      access.refused();
    }
    banner.connectionIs(state);
    banner.draw(status, choice);
  },
  onStatus: (taken) => {
    if (status.service === null) {
      peers.start();
      webhooks.start(status);
    }
    const news = status.take(taken);
    facts.tick(status);
    banner.draw(status, choice);
    // Only what has changed is drawn: a link that is replaced loses a click, and a selection.
    if (isChanged('service', taken.service)) {
      facts.draw(status);
    }
    if (isChanged('lists', [taken.repositories, taken.replicas, taken.recent])) {
      drawLists(news);
    }
  },
});

refusals.start();
