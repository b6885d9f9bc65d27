// The selection, kept in the address after #, so that it can be linked and goes back and forth.
// #repository=NAME shows one, #filter=TEXT those with the text in their name; range, sort and page are of the chart and the table.

const DEFAULTS = { repository: '', filter: '', range: '1h', sort: 'repository', page: '1' };
const RANGES = ['1h', '24h', '7d'];

export class Choice {
  #input = document.getElementById('filter');
  #values = { ...DEFAULTS };
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    addEventListener('hashchange', () => this.#read());
    document.getElementById('choice').addEventListener('submit', (event) => event.preventDefault());
    this.#input.addEventListener('input', () => this.set({ filter: this.#input.value.trim(), repository: '', page: '1' }));
    document.querySelectorAll('[data-range]').forEach((button) => {
      button.addEventListener('click', () => this.set({ range: button.dataset.range }));
    });
    this.#read();
  }

  /** The repository that alone is shown, or null. */
  get repository() {
    return this.#values.repository || null;
  }

  get filter() {
    return this.#values.filter;
  }

  get range() {
    return RANGES.includes(this.#values.range) ? this.#values.range : DEFAULTS.range;
  }

  /** The column to sort by; after a minus sign, downwards. */
  get sort() {
    return this.#values.sort;
  }

  /** The page of the table, from 1. */
  get page() {
    return Math.max(1, Number.parseInt(this.#values.page, 10) || 1);
  }

  /** Tells whether a repository of this name is to be shown. */
  shows(name) {
    return this.repository === null ? name.toLowerCase().includes(this.filter.toLowerCase()) : name === this.repository;
  }

  /** Changes some of it, and the address. */
  set(changed) {
    const hash = hashOf({ ...this.#values, ...changed });
    history.replaceState(null, '', hash === '' ? location.pathname : hash);
    this.#read();
  }

  #read() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    Object.entries(DEFAULTS).forEach(([name, usual]) => { this.#values[name] = parameters.get(name) ?? usual; });
    if (document.activeElement !== this.#input || this.#input.value.trim() !== this.filter) {
      this.#input.value = this.filter;
    }
    document.querySelectorAll('[data-range]').forEach((button) => {
      button.setAttribute('aria-pressed', String(button.dataset.range === this.range));
    });
    this.#onChange();
  }
}

function hashOf(values) {
  const parameters = Object.entries(values).filter(([name, value]) => value !== DEFAULTS[name]);
  return parameters.length === 0 ? '' : `#${new URLSearchParams(parameters)}`;
}

/** A link to one repository's view. */
export function linkTo(name) {
  const link = document.createElement('a');
  link.href = hashOf({ repository: name });
  link.textContent = name;
  return link;
}
