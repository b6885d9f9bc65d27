// The chart: announcements in equal steps of time as bars, and below them how long they took, on a logarithmic scale. One step is marked, by mouse or by
// arrow keys, and said in words.

import { millis, plural } from './format.js';

const SVG = 'http://www.w3.org/2000/svg';
const LEAST_WIDTH = 280;
const LEFT = 60;
const RIGHT = 10;
const BARS = { top: 14, bottom: 84 };
const DOTS = { top: 104, bottom: 244 };
const HEIGHT = 264;
const DECADES = [1, 10, 100, 1000, 10000];
const RANGES = { '1h': '1 hour', '24h': '24 hours', '7d': '7 days' };
/** Below that, the marks of time would touch. */
const NARROW = 600;
const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };

/** As wide as its place, so that its texts have one size on every screen. */
let width = LEAST_WIDTH;

export class Chart {
  #place = document.getElementById('chart');
  #value = document.getElementById('chart-value');
  #slow = document.getElementById('legend-slow');
  #activity;
  #steps = [];
  /** The begin of the marked step, which moves with it; null if none is. */
  #marked = null;
  #redraw = () => {};

  constructor(activity) {
    this.#activity = activity;
    this.#place.addEventListener('keydown', (event) => this.#key(event));
    this.#place.addEventListener('pointermove', (event) => this.#point(event));
    this.#place.addEventListener('pointerleave', () => this.#mark(document.activeElement === this.#place ? this.#marked : null));
    this.#place.addEventListener('blur', () => this.#mark(null));
    this.#place.addEventListener('focus', () => this.#mark(this.#marked ?? this.#steps.at(-1)?.begin ?? null));
  }

  draw(status, choice) {
    this.#redraw = () => this.draw(status, choice);
    width = Math.max(LEAST_WIDTH, this.#place.clientWidth);
    const { counts } = this.#activity;
    this.#steps = counts === null ? [] : steps(counts);
    if (counts === null) {
      this.#place.replaceChildren(element('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': 'no counts yet' }));
      this.#say();
      return;
    }
    const [begin, end] = [this.#steps[0].begin, Date.parse(counts.end)];
    const at = (time) => (time - begin) / (end - begin);
    const rows = [...status.recent.values()].filter((row) => choice.shows(row.repository) && Date.parse(row.announced) >= begin);
    this.#slow.hidden = choice.repository !== null || choice.filter !== '';
    const svg = element('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': words(this.#steps, choice) });
    svg.append(
      ...uncounted(at(Date.parse(counts.counted_since))),
      ...axes(choice.range, begin, end),
      ...marked(this.#steps, this.#marked, at),
      ...bars(this.#steps, at),
      ...(this.#slow.hidden ? [] : this.#steps.filter((step) => step.slowest !== null).map((step) => slowest(step, at))),
      ...rows.map((row) => dot(row, at(Date.parse(row.announced)))),
    );
    this.#place.replaceChildren(svg);
    this.#say();
  }

  #key(event) {
    const move = KEYS[event.key];
    if (move === undefined || this.#steps.length === 0) {
      return;
    }
    event.preventDefault();
    const now = this.#index() < 0 ? this.#steps.length - 1 : this.#index();
    this.#mark(this.#steps[Math.min(this.#steps.length - 1, Math.max(0, now + move))].begin);
  }

  #point(event) {
    const box = this.#place.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * width - LEFT) / (width - LEFT - RIGHT);
    this.#mark(this.#steps[Math.floor(share * this.#steps.length)]?.begin ?? null);
  }

  #mark(begin) {
    if (this.#marked !== begin) {
      this.#marked = begin;
      this.#redraw();
    }
  }

  #index() {
    return this.#steps.findIndex((step) => step.begin === this.#marked);
  }

  #say() {
    const index = this.#index();
    const text = index < 0 ? 'Point at the chart, or use its arrow keys, for the numbers of a step.' : inWords(this.#steps[index]);
    if (this.#value.textContent !== text) {
      this.#value.textContent = text;
    }
    this.#place.setAttribute('aria-valuemax', String(Math.max(0, this.#steps.length - 1)));
    this.#place.setAttribute('aria-valuenow', String(index < 0 ? Math.max(0, this.#steps.length - 1) : index));
    this.#place.setAttribute('aria-valuetext', text);
  }
}

/** The counts with the times of their steps. */
function steps(counts) {
  const step = counts.step_seconds * 1000;
  const first = Date.parse(counts.end) - step * counts.announcements.length;
  const since = Date.parse(counts.counted_since);
  return counts.announcements.map((count, i) => ({
    begin: first + i * step,
    end: first + (i + 1) * step,
    counted: first + (i + 1) * step > since,
    count,
    slowest: counts.slowest_ms[i],
  }));
}

function inWords(step) {
  const begin = new Date(step.begin);
  const times = `${begin.toLocaleDateString()} ${clock(begin)} to ${clock(new Date(step.end))}`;
  if (!step.counted) {
    return `${times}: this proxy did not run`;
  }
  return `${times}: ${plural(step.count, 'announcement', 'announcements')}${step.slowest === null ? '' : `, slowest after ${millis(step.slowest)}`}`;
}

function clock(time) {
  return time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function words(all, choice) {
  const slowest = Math.max(...all.map((step) => step.slowest ?? -1));
  const total = all.reduce((sum, step) => sum + step.count, 0);
  return `${plural(total, 'announcement', 'announcements')} in the last ${RANGES[choice.range]}`
    + `${choice.repository === null ? ' of all repositories' : ` of ${choice.repository}`}`
    + `${slowest < 0 ? '' : `, propagation ${millis(slowest)} at most`}`;
}

function took(row) {
  return row.propagation_ms ?? row.log_delay_ms ?? 0;
}

function x(share) {
  return LEFT + share * (width - LEFT - RIGHT);
}

/** From 0.3 ms to 30 s; what lies beyond sits on the edge. */
function y(time) {
  const share = (Math.log10(Math.min(30000, Math.max(0.3, time))) - Math.log10(0.3)) / 5;
  return DOTS.bottom - share * (DOTS.bottom - DOTS.top);
}

function bars(all, at) {
  const highest = Math.max(1, ...all.map((step) => step.count));
  const height = BARS.bottom - BARS.top;
  const drawn = all.filter((step) => step.count > 0).map((step) => element('rect', {
    class: 'bar',
    x: x(at(step.begin)) + 1,
    width: x(at(step.end)) - x(at(step.begin)) - 2,
    y: BARS.bottom - (step.count / highest) * height,
    height: (step.count / highest) * height,
  }));
  return [...drawn, label(LEFT - 6, BARS.top + 8, String(highest)), label(LEFT - 6, BARS.bottom, '0')];
}

/** Before the proxy counted, zero would be a guess. */
function uncounted(until) {
  return until <= 0 ? [] : [element('rect', { class: 'unknown', x: x(0), width: x(Math.min(1, until)) - x(0), y: BARS.top, height: DOTS.bottom - BARS.top })];
}

function marked(all, begin, at) {
  const step = all.find((one) => one.begin === begin);
  return step === undefined ? [] : [element('rect', {
    class: 'marked', x: x(at(step.begin)), width: x(at(step.end)) - x(at(step.begin)), y: BARS.top - 6, height: DOTS.bottom - BARS.top + 6,
  })];
}

function slowest(step, at) {
  return element('line', { class: 'slow', x1: x(at(step.begin)) + 1, x2: x(at(step.end)) - 1, y1: y(step.slowest), y2: y(step.slowest) });
}

function dot(row, share) {
  return element('circle', { class: row.audience > 0 ? 'dot' : 'ring', cx: x(share), cy: y(took(row)), r: 3 });
}

function axes(range, begin, end) {
  const marks = (width < NARROW ? [0.5] : [0.25, 0.5, 0.75]).map((share) => label(x(share), HEIGHT - 4, mark(range, new Date(begin + share * (end - begin))), 'middle'));
  return [
    rule(BARS.bottom),
    ...DECADES.flatMap((time) => [rule(y(time)), label(LEFT - 6, y(time) + 4, millis(time).replace('.0', ''))]),
    rule(DOTS.bottom),
    label(LEFT, HEIGHT - 4, `${RANGES[range]} ago`, 'start'),
    ...marks,
    label(width - RIGHT, HEIGHT - 4, 'now'),
  ];
}

function mark(range, time) {
  return range === '7d' ? time.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short' }) : clock(time);
}

function rule(height) {
  return element('line', { class: 'axis', x1: LEFT, x2: width - RIGHT, y1: height, y2: height });
}

function label(left, top, text, anchor = 'end') {
  const made = element('text', { x: left, y: top, 'text-anchor': anchor });
  made.textContent = text;
  return made;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}
