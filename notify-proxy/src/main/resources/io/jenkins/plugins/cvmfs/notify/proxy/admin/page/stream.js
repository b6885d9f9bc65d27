// Reads an event stream. EventSource would do, but cannot send a token other than in the URL.

/** The events in pieces of text as they come: objects with event and data. */
export class EventReader {
  #rest = '';
  #event = {};

  /** Takes the next piece; returns the events that are complete with it. */
  read(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop();
    return lines.map((line) => this.#line(line)).filter((event) => event !== null);
  }

  #line(line) {
    if (line === '') {
      const event = this.#event;
      this.#event = {};
      return event.data === undefined ? null : event;
    }
    const colon = line.indexOf(':');
    if (colon > 0) {
      this.#event[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
    }
    return null;
  }
}

/** Calls back for each event, and for each piece whatever is in it, until the stream ends. */
export async function readEvents(response, onEvent, onBytes) {
  const reader = new EventReader();
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await pieces.read();
    if (done) {
      return;
    }
    onBytes();
    reader.read(value).forEach(onEvent);
  }
}
