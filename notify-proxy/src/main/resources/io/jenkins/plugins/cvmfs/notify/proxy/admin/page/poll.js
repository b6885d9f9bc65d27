// Polls the proxy's status until the page is closed.

const SHORTEST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;
const TIMEOUT = 30000;

/**
 * Polls about once a second; less often if the proxy or the network needs longer, or fails.
 *
 * onStatus(status) takes each status that says something new; onState(state) takes 'live', 'lost' or 'refused'; token() returns the token to send, or null, and
 * may take its time.
 */
export async function poll(path, { onStatus, onState, token }) {
  let pause = SHORTEST_PAUSE;
  let tag = null;
  for (;;) {
    const sent = await token();
    const began = performance.now();
    try {
      const response = await get(path, sent, tag, [304, 401, 403]);
      if (response.status === 401 || response.status === 403) {
        onState('refused');
        continue;
      }
      const status = response.status === 304 ? null : await response.json();
      onState('live');
      if (status !== null) {
        onStatus(status);
        tag = response.headers.get('ETag');
      }
      pause = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, 4 * (performance.now() - began)));
    } catch (failure) {
      console.info('connection lost:', String(failure));
      onState('lost');
      pause = Math.min(LONGEST_PAUSE, pause * 1.5);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Resolves to a response with status 200 or one of these; fails with any other. The token and the tag that is known may be null. */
export async function get(path, token, tag, statuses) {
  const headers = {};
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (tag) {
    headers['If-None-Match'] = tag;
  }
  const response = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT) });
  if (!response.ok && !statuses.includes(response.status)) {
    throw new Error(`${path} answers ${response.status}`);
  }
  return response;
}
