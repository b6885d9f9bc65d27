// Puts the page together. Data goes one way: feed, status, and from there to whatever draws.

import { Access } from './access.js';
import { Chart } from './chart.js';
import { Choice } from './choice.js';
import { follow } from './feed.js';
import { Latest } from './latest.js';
import { Service } from './service.js';
import { Status } from './status.js';
import { RepositoryTable } from './table.js';

const status = new Status();
const service = new Service();
const table = new RepositoryTable(() => table.draw(status, choice));
const latest = new Latest();
const chart = new Chart();
const access = new Access();
const choice = new Choice(() => queueMicrotask(() => drawLists([])));

function drawLists(news) {
  table.draw(status, choice);
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
  chart.draw(status, choice);
}, 1000);

follow('/api/v1/status', {
  token: () => access.token(),
  onState: (state) => STATES[state](),
  onMessage: (kind, message) => {
    const news = status.take(kind, message);
    service.draw(status);
    service.tick(status);
    drawLists(news);
  },
});
