// One line that says how things are, for the page, the tab's title and its icon.

import { plural, span } from './format.js';

const NAME = 'CVMFS notify';

/** The icon, and what stands before the title. */
const LOOKS = {
  connecting: { icon: 'icon.svg', sign: '' },
  ready: { icon: 'icon.svg', sign: '' },
  troubled: { icon: 'icon-failing.svg', sign: '! ' },
  failing: { icon: 'icon-failing.svg', sign: '✕ Not ready: ' },
  lost: { icon: 'icon-lost.svg', sign: '✕ Connection lost: ' },
  refused: { icon: 'icon-lost.svg', sign: '' },
};

export class Banner {
  #banner = document.getElementById('banner');
  #words = document.getElementById('connection');
  #detail = document.getElementById('banner-detail');
  #about = document.getElementById('about');
  #icon = document.querySelector('link[rel=icon]');
  #connection = 'connecting';
  #heardAt = 0;

  /** Takes 'live', 'lost' or 'refused'. */
  connectionIs(state) {
    this.#connection = state;
    if (state === 'live') {
      this.#heardAt = Date.now();
    }
  }

  /** Says how the service is, or that it is not known. */
  draw(status, choice) {
    const { state, words, detail } = this.#present(status.service);
    this.#banner.dataset.state = state;
    set(this.#words, words);
    set(this.#detail, detail);
    const { icon, sign } = LOOKS[state];
    if (!this.#icon.href.endsWith(`/${icon}`)) {
      this.#icon.href = new URL(icon, this.#icon.href).pathname;
    }
    const host = status.service?.host;
    const title = [choice.repository, host, NAME].filter((part) => part).join(' – ');
    if (document.title !== sign + title) {
      document.title = sign + title;
    }
    set(this.#about, status.service === null ? '' : `version ${status.service.version} on ${host}`);
  }

  #present(service) {
    if (this.#connection === 'lost') {
      return {
        state: 'lost',
        words: 'Connection lost; trying again',
        detail: this.#heardAt === 0 ? '' : `This is the state of ${span((Date.now() - this.#heardAt) / 1000)} ago.`,
      };
    }
    if (this.#connection === 'refused') {
      return { state: 'refused', words: 'A token is needed', detail: '' };
    }
    return service === null ? { state: 'connecting', words: 'Connecting…', detail: '' } : readiness(service);
  }
}

function readiness(service) {
  if (service.shutting_down) {
    return { state: 'failing', words: 'Not ready', detail: 'The proxy is shutting down.' };
  }
  if (service.ready) {
    return service.polled_hosts_failing > 0
      ? { state: 'troubled', words: 'Ready', detail: `But ${plural(service.polled_hosts_failing, 'polled host', 'polled hosts')} cannot be read.` }
      : { state: 'ready', words: 'Ready', detail: 'Announcements are taken and delivered.' };
  }
  const since = service.log.since === undefined ? '' : ` since ${new Date(service.log.since).toLocaleString()}`;
  if (service.log.kind === 'upstream') {
    return { state: 'troubled', words: 'Last values only', detail: `No announcements from the upstream${since}: ${service.log.detail}` };
  }
  const what = service.log.can_append ? 'Announcements of other proxies do not arrive' : 'Announcements cannot be published';
  return { state: 'failing', words: 'Not ready', detail: `${what}${since}: ${service.log.detail}` };
}

function set(place, text) {
  if (place.textContent !== text) {
    place.textContent = text;
  }
}
