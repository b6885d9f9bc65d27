// Polls the proxy's status until the page is closed.

const SHORTEST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;
const TIMEOUT = 30000;

/**
 * Polls about once a second; less often if the proxy or the network needs longer, or fails.
 *
 * onStatus(status) takes each status; onState(state) takes 'live', 'lost' or 'refused'; token() returns the token to send, or null, and
 * may take its time.
 */
export async function poll(path, { onStatus, onState, token }) {
  let pause = SHORTEST_PAUSE;
  for (;;) {
    const sent = await token();
    const began = performance.now();
    try {
      const status = await get(path, sent);
      if (status === null) {
        onState('refused');
        continue;
      }
      onState('live');
      onStatus(status);
      pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, 4 * (performance.now() - began)));
    } catch (failure) {
      console.info('connection lost:', String(failure));
      onState('lost');
      pause = Math.min(LONGEST_PAUSE, pause * 1.5);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Resolves to the status; to null if a token is needed, or another one. */
async function get(path, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT) });
  if (response.status === 401 || response.status === 403) {
    return null;
  }
  if (!response.ok) {
    throw new Error(`${path} answers ${response.status}`);
  }
  return response.json();
}
