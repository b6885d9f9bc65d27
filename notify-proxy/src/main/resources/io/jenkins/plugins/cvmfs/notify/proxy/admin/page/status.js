// The state of the page: the proxy's last status.

export class Status {
  service = null;
  started = null;
  repositories = new Map();
  /** The servers whose replicas are watched. */
  replicas = [];
  /** The latest announcements by sequence, oldest first. */
  recent = new Map();
  #ahead = 0;

  /** Takes a status; returns the announcements that are new since the last one of the same run of the proxy. */
  take(status) {
    const started = Date.parse(status.started);
    const known = this.recent;
    const isSameRun = this.started === started;
    this.started = started;
    this.#ahead = Date.parse(status.now) - Date.now();
    this.service = status.service;
    this.repositories = new Map(status.repositories.map((row) => [row.repository, row]));
    this.replicas = status.replicas;
    this.recent = new Map(status.recent.map((row) => [row.sequence, row]));
    return isSameRun ? status.recent.filter((row) => !known.has(row.sequence)) : [];
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
