// Keeps the connection to the proxy: asks for the event stream, and again when it has ended, until the page is closed.

import { readEvents } from './stream.js';

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 10000;
const LONGEST_SILENCE = 90000;

/**
 * Follows the stream for ever.
 *
 * onMessage(kind, message) takes what comes; onState(state, seconds) hears of 'live', 'lost' and 'refused'; token() gives what to
 * identify with, or null, and may take its time.
 */
export async function follow(path, { onMessage, onState, token }) {
  let pause = SHORTEST_PAUSE;
  for (;;) {
    try {
      const response = await ask(path, await token(), (kind, message) => {
        pause = SHORTEST_PAUSE;
        onState('live');
        onMessage(kind, message);
      });
      if (response === 'refused') {
        onState('refused');
        continue;
      }
    } catch (failure) {
      console.info('connection lost:', String(failure));
    }
    onState('lost', pause / 1000);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(LONGEST_PAUSE, pause * 1.5);
  }
}

/** Resolves when the stream has ended. A connection that died without a word is given up, too. */
async function ask(path, token, onMessage) {
  const abort = new AbortController();
  let watch = 0;
  const stillThere = () => {
    clearTimeout(watch);
    watch = setTimeout(() => abort.abort(), LONGEST_SILENCE);
  };
  stillThere();
  try {
    const headers = { Accept: 'text/event-stream', ...(token && { Authorization: `Bearer ${token}` }) };
    const response = await fetch(path, { headers, cache: 'no-store', signal: abort.signal });
    if (response.status === 401 || response.status === 403) {
      return 'refused';
    }
    if (!response.ok) {
      throw new Error(`${path} answers ${response.status}`);
    }
    await readEvents(response, ({ event, data }) => {
      onMessage(event, JSON.parse(data));
    }, stillThere);
    return 'ended';
  } finally {
    clearTimeout(watch);
  }
}
