// The other proxies and relays, as this proxy sees them.

import { cell, rowHeading } from './format.js';
import { get } from './poll.js';

const LOAD_EVERY = 10000;
const STATES = { ok: ['✓ ready', 'good'], degraded: ['! last values only', 'bad'], error: ['✕ not ready', 'bad'] };

export class Peers {
  #section = document.getElementById('peers');
  #body = document.getElementById('peers-rows');
  #access;
  #drawn = '';

  constructor(access) {
    this.#access = access;
  }

  /** Loads them for as long as the page is open, unless the proxy knows none. */
  async start() {
    try {
      const response = await get('/api/v1/peers', this.#access.known(), null, []);
      const { peers } = await response.json();
      if (peers.length === 0) {
        return;
      }
      this.#draw(peers);
    } catch (failure) {
      console.info('no peers:', String(failure));
    }
    setTimeout(() => this.start(), LOAD_EVERY);
  }

  #draw(peers) {
    const text = JSON.stringify(peers);
    if (text !== this.#drawn) {
      this.#drawn = text;
      this.#section.hidden = false;
      this.#body.replaceChildren(...peers.map(line));
    }
  }
}

function line(peer) {
  const element = document.createElement('tr');
  const link = document.createElement('a');
  link.href = peer.url.replace(/\/api\/v1$/, '/');
  link.textContent = link.href;
  const [words, kind] = STATES[peer.status] ?? [peer.status, ''];
  const relays = peer.log?.relays === undefined ? '' : `, behind ${peer.log.relays.length}`;
  element.append(
    rowHeading(link),
    cell('State', words, kind),
    cell('Log', peer.log === undefined ? '–' : peer.log.kind === 'upstream' ? `relay${relays}` : peer.log.kind),
    cell('Detail', peer.detail),
  );
  return element;
}
