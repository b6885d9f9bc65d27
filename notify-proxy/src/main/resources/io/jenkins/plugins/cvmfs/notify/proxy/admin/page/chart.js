// The chart: announcements in equal steps of time as bars, and below them how long each one took, on a logarithmic scale.

import { millis, plural, span } from './format.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 960;
const LEFT = 60;
const RIGHT = 10;
const BARS = { top: 14, bottom: 84 };
const DOTS = { top: 104, bottom: 244 };
const HEIGHT = 264;
const STEPS = 60;
const SPANS = [300, 900, 3600, 21600, 86400];
const DECADES = [1, 10, 100, 1000, 10000];

export class Chart {
  #place = document.getElementById('chart');

  draw(status, choice) {
    const rows = [...status.recent.values()].filter((row) => choice.shows(row.repository));
    const now = status.now();
    const oldest = rows.length === 0 ? 0 : status.age(rows[0].announced);
    const seconds = SPANS.find((one) => one >= oldest) ?? SPANS.at(-1);
    const at = (row) => 1 - (now - Date.parse(row.announced)) / 1000 / seconds;
    const shown = rows.filter((row) => at(row) >= 0);
    const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': words(shown, seconds) });
    svg.append(...axes(seconds), ...bars(shown, at), ...shown.map((row) => dot(row, at(row))));
    this.#place.replaceChildren(svg);
  }
}

function words(rows, seconds) {
  const times = rows.map(took).sort((a, b) => a - b);
  const middle = times.length === 0 ? '' : `, propagation ${millis(times[Math.floor(times.length / 2)])} in the middle, `
    + `${millis(times.at(-1))} at most`;
  return `${plural(rows.length, 'announcement', 'announcements')} in the last ${span(seconds)}${middle}`;
}

function took(row) {
  return row.propagation_ms ?? row.log_delay_ms ?? 0;
}

function x(share) {
  return LEFT + share * (WIDTH - LEFT - RIGHT);
}

/** From 0.3 ms to 30 s; what lies beyond sits on the edge. */
function y(time) {
  const share = (Math.log10(Math.min(30000, Math.max(0.3, time))) - Math.log10(0.3)) / 5;
  return DOTS.bottom - share * (DOTS.bottom - DOTS.top);
}

function bars(rows, at) {
  const counts = new Array(STEPS).fill(0);
  rows.forEach((row) => { counts[Math.min(STEPS - 1, Math.floor(at(row) * STEPS))] += 1; });
  const highest = Math.max(1, ...counts);
  const height = BARS.bottom - BARS.top;
  const drawn = counts.flatMap((count, step) => (count === 0 ? [] : [element('rect', {
    class: 'bar',
    x: x(step / STEPS) + 1,
    width: (x(1) - x(0)) / STEPS - 2,
    y: BARS.bottom - (count / highest) * height,
    height: (count / highest) * height,
  })]));
  return [...drawn, label(LEFT - 6, BARS.top + 8, String(highest)), label(LEFT - 6, BARS.bottom, '0')];
}

function dot(row, share) {
  return element('circle', { class: row.audience > 0 ? 'dot' : 'ring', cx: x(share), cy: y(took(row)), r: 3 });
}

function axes(seconds) {
  return [
    rule(BARS.bottom),
    ...DECADES.flatMap((time) => [rule(y(time)), label(LEFT - 6, y(time) + 4, millis(time).replace('.0', ''))]),
    rule(DOTS.bottom),
    label(LEFT, HEIGHT - 4, `${span(seconds)} ago`, 'start'),
    label(WIDTH - RIGHT, HEIGHT - 4, 'now'),
  ];
}

function rule(height) {
  return element('line', { class: 'axis', x1: LEFT, x2: WIDTH - RIGHT, y1: height, y2: height });
}

function label(left, top, text, anchor = 'end') {
  const words = element('text', { x: left, y: top, 'text-anchor': anchor });
  words.textContent = text;
  return words;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}
