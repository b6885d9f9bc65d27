// Which repositories are shown: what stands in the address after #, so that it can be linked and goes back and forth.
// #repository=NAME shows one, #filter=TEXT those with the text in their name.

export class Choice {
  #input = document.getElementById('filter');
  #all = document.getElementById('all');
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    addEventListener('hashchange', () => this.#read());
    document.getElementById('choice').addEventListener('submit', (event) => event.preventDefault());
    this.#input.addEventListener('input', () => this.#write());
    this.#read();
  }

  repository = null;
  filter = '';

  /** Tells whether a repository of this name is to be shown. */
  shows(name) {
    return this.repository === null ? name.toLowerCase().includes(this.filter) : name === this.repository;
  }

  #read() {
    const parameters = new URLSearchParams(location.hash.slice(1));
    this.repository = parameters.get('repository');
    this.filter = (parameters.get('filter') ?? '').toLowerCase();
    const text = this.repository ?? parameters.get('filter') ?? '';
    if (this.#input.value !== text) {
      this.#input.value = text;
    }
    this.#all.hidden = text === '';
    this.#onChange();
  }

  #write() {
    const text = this.#input.value.trim();
    history.replaceState(null, '', text === '' ? location.pathname : `#${new URLSearchParams({ filter: text })}`);
    this.#read();
  }
}

/** A link to one repository's view. */
export function linkTo(name) {
  const link = document.createElement('a');
  link.href = `#${new URLSearchParams({ repository: name })}`;
  link.textContent = name;
  return link;
}
