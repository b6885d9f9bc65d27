// The log, the subscribers and the age of the proxy.

import { plural, span } from './format.js';

const KINDS = {
  web_socket: ['WebSocket', 'WebSockets'],
  events_by_query: ['event stream', 'event streams'],
  events_by_body: ['CernVM-FS client', 'CernVM-FS clients'],
};
const LOGS = { stream: 'RabbitMQ stream', queue: 'RabbitMQ queues', journal: 'journal', upstream: 'relay' };

export class Facts {
  #log = document.getElementById('log');
  #subscribers = document.getElementById('subscribers');
  #uptime = document.getElementById('uptime');

  draw({ service }) {
    this.#log.textContent = `${LOGS[service.log.kind] ?? service.log.kind}: ${service.log.detail}`;
    this.#log.className = service.log.is_tailing && (service.log.can_append || service.ready) ? '' : 'bad';
    this.#subscribers.textContent = audience(service);
  }

  tick(status) {
    if (status.started !== null) {
      this.#uptime.textContent = span((status.now() - status.started) / 1000);
    }
  }
}

function audience(service) {
  const kinds = Object.entries(service.subscribers);
  const all = kinds.reduce((sum, [, count]) => sum + count, 0);
  const parts = kinds.filter(([, count]) => count > 0).map(([kind, count]) => plural(count, ...(KINDS[kind] ?? [kind, kind])));
  const slow = service.subscribers_behind > 0 ? `; ${plural(service.subscribers_behind, 'reads', 'read')} slowly` : '';
  return parts.length === 0 ? '0' : `${all} (${parts.join(', ')})${slow}`;
}
