// What the page knows: the proxy's last whole status with all changes since.

const MOST_RECENT = 100;

export class Status {
  service = null;
  started = null;
  repositories = new Map();
  /** The latest announcements by sequence, oldest first. */
  recent = new Map();
  #ahead = 0;

  /** Takes a message of the feed; returns the announcements that were not known before. */
  take(kind, message) {
    if (kind === 'whole') {
      this.repositories.clear();
      this.recent.clear();
    }
    this.started = Date.parse(message.started);
    this.#ahead = Date.parse(message.now) - Date.now();
    this.service = message.service ?? this.service;
    (message.repositories ?? []).forEach((row) => this.repositories.set(row.repository, row));
    (message.gone ?? []).forEach((name) => this.repositories.delete(name));
    const news = (message.recent ?? []).filter((row) => !this.recent.has(row.sequence));
    (message.recent ?? []).forEach((row) => this.recent.set(row.sequence, row));
    this.#forgetOldest();
    return kind === 'whole' ? [] : news;
  }

  #forgetOldest() {
    for (const sequence of this.recent.keys()) {
      if (this.recent.size <= MOST_RECENT) {
        return;
      }
      this.recent.delete(sequence);
    }
  }

  /** The proxy's clock, in milliseconds. */
  now() {
    return Date.now() + this.#ahead;
  }

  /** Seconds since a time of the proxy's. */
  age(time) {
    return (this.now() - Date.parse(time)) / 1000;
  }
}
