// The counts of announcements in steps of time, made by the proxy: of all repositories, or of the one that is shown.

import { get } from './poll.js';

/** The shortest steps have a minute. */
const LOAD_EVERY = 20000;

export class Activity {
  #access;
  #onChange;
  #wanted = '';
  #loadedAt = 0;
  #loading = false;

  /** The counts of the range that was asked for last; null until they are there. */
  counts = null;

  constructor(access, onChange) {
    this.#access = access;
    this.#onChange = onChange;
  }

  /** Loads the counts of what is chosen, now or when the present load is done; no other load of the same is made for a while unless there is news. */
  async update(choice, { news = false } = {}) {
    const parameters = { range: choice.range, ...(choice.repository === null ? {} : { repository: choice.repository }) };
    const path = `/api/v1/activity?${new URLSearchParams(parameters)}`;
    if (this.#wanted !== path) {
      this.#wanted = path;
      this.counts = null;
      this.#loadedAt = 0;
    }
    if (this.#loading || (!news && Date.now() - this.#loadedAt < LOAD_EVERY)) {
      return;
    }
    this.#loading = true;
    this.#loadedAt = Date.now();
    try {
      const response = await get(path, this.#access.known(), null, [404]);
      if (path === this.#wanted) {
        this.counts = response.ok ? await response.json() : null;
      } else {
        this.#loadedAt = 0;
      }
    } catch (failure) {
      console.info('no counts:', String(failure));
    }
    this.#loading = false;
    this.#onChange();
  }
}
