// How the proxy itself is.

import { plural, span } from './format.js';

const KINDS = {
  web_socket: ['WebSocket', 'WebSockets'],
  events_by_query: ['event stream', 'event streams'],
  events_by_body: ['CernVM-FS client', 'CernVM-FS clients'],
};
const LOGS = { stream: 'RabbitMQ stream', queue: 'RabbitMQ queues', journal: 'journal', upstream: 'relay' };

export class Service {
  #ready = document.getElementById('ready');
  #log = document.getElementById('log');
  #subscribers = document.getElementById('subscribers');
  #uptime = document.getElementById('uptime');

  draw({ service }) {
    if (service === null) {
      return;
    }
    show(this.#ready, readiness(service), service.ready);
    show(this.#log, `${LOGS[service.log.kind] ?? service.log.kind}: ${service.log.detail}`, service.log.is_tailing && (service.log.can_append || service.ready));
    this.#subscribers.textContent = audience(service);
  }

  tick(status) {
    if (status.started !== null) {
      this.#uptime.textContent = span((status.now() - status.started) / 1000);
    }
  }
}

function show(place, words, good) {
  place.textContent = words;
  place.className = good ? 'good' : 'bad';
}

function readiness(service) {
  if (service.shutting_down) {
    return 'shutting down';
  }
  if (service.ready) {
    return service.polled_hosts_failing > 0 ? `ready; ${plural(service.polled_hosts_failing, 'polled host', 'polled hosts')} cannot be read` : 'ready';
  }
  if (service.log.kind === 'upstream') {
    return 'serves last values: no announcements from the upstream';
  }
  return service.log.can_append ? 'not ready: does not hear other proxies' : 'not ready: cannot publish';
}

function audience(service) {
  const kinds = Object.entries(service.subscribers);
  const all = kinds.reduce((sum, [, count]) => sum + count, 0);
  const parts = kinds.filter(([, count]) => count > 0).map(([kind, count]) => plural(count, ...(KINDS[kind] ?? [kind, kind])));
  const slow = service.subscribers_behind > 0 ? `; ${plural(service.subscribers_behind, 'reads', 'read')} slowly` : '';
  return parts.length === 0 ? '0' : `${all} (${parts.join(', ')})${slow}`;
}
