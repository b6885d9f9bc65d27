// Puts the page together. Data goes one way: poll, status, and from there to what draws.

import { Access } from './access.js';
import { Chart } from './chart.js';
import { Choice } from './choice.js';
import { Latest } from './latest.js';
import { poll } from './poll.js';
import { ReplicaBoard } from './replicas.js';
import { Service } from './service.js';
import { Status } from './status.js';
import { RepositoryTable } from './table.js';

const status = new Status();
const service = new Service();
const table = new RepositoryTable(() => table.draw(status, choice));
const board = new ReplicaBoard();
const latest = new Latest();
const chart = new Chart();
const access = new Access();
const choice = new Choice(() => queueMicrotask(() => drawLists([])));

function drawLists(news) {
  table.draw(status, choice);
  board.draw(status, choice);
  latest.draw(status, choice, news);
  chart.draw(status, choice);
}

function connectionIs(state, words) {
  const place = document.getElementById('connection');
  if (place.dataset.state !== state || place.textContent !== words) {
    place.dataset.state = state;
    place.textContent = words;
  }
}

const drawn = {};

function isChanged(part, value) {
  const text = JSON.stringify(value);
  const changed = drawn[part] !== text;
  drawn[part] = text;
  return changed;
}

const STATES = {
  live: () => connectionIs('live', 'Live'),
  lost: () => connectionIs('lost', 'Connection lost; trying again'),
  refused: () => {
    connectionIs('lost', 'A token is needed');
    access.refused();
  },
};

setInterval(() => {
  service.tick(status);
  table.tick(status);
  board.tick(status);
  chart.draw(status, choice);
}, 1000);

poll('/api/v1/status', {
  token: () => access.token(),
  onState: (state) => STATES[state](),
  onStatus: (taken) => {
    const news = status.take(taken);
    service.tick(status);
    // Only what has changed is drawn: a link that is replaced loses a click, and a selection.
    if (isChanged('service', taken.service)) {
      service.draw(status);
    }
    if (isChanged('lists', [taken.repositories, taken.replicas, taken.recent])) {
      drawLists(news);
    }
  },
});
