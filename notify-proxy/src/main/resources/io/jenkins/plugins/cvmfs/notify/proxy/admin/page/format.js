// How times and amounts are written.

const STEPS = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

/** A length of time in words: 42 s, 5 min, 3 h, 12 d. */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [size, unit] = STEPS.find(([step]) => whole >= step) ?? [1, 's'];
  return `${Math.floor(whole / size)} ${unit}`;
}

/** A length of time in seconds, as people say it: 0.4 s, 12 s, 14 min. */
export function rough(seconds) {
  return seconds < 60 ? millis(seconds * 1000) : span(seconds);
}

/** Milliseconds in the usual unit: 0.4 ms, 12 ms, 3.2 s. */
export function millis(time) {
  if (time === null || time === undefined) {
    return '–';
  }
  if (time >= 1000) {
    return `${(time / 1000).toFixed(time >= 10000 ? 0 : 1)} s`;
  }
  return `${time.toFixed(time >= 10 ? 0 : 1)} ms`;
}

export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

/** A table's cell, with the name of its column for narrow screens, where each row is a card. */
export function cell(column, content, kind = '') {
  const data = document.createElement('td');
  data.className = kind;
  data.dataset.column = column;
  data.append(content);
  return data;
}

/** The heading of a row. */
export function rowHeading(content) {
  const heading = document.createElement('th');
  heading.scope = 'row';
  heading.append(content);
  return heading;
}

/** A smaller line of its own. */
export function small(text) {
  const element = document.createElement('span');
  element.className = 'small quiet';
  element.textContent = text;
  return element;
}
