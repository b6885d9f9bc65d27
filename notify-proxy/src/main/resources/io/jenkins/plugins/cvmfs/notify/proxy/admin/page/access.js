// The token, where the proxy asks for one. It stays in this tab, and never gets into an address.

const KEY = 'cvmfs-notify-token';

/** Asks for a token by the form, when one is needed. */
export class Access {
  #form = document.getElementById('access');
  #input = document.getElementById('token');
  #why = document.getElementById('access-why');
  #wanted = false;
  #sent = null;

  /** The token to send; null while none has been asked for. After a refusal it waits until the form is sent. */
  async token() {
    if (this.#wanted) {
      await this.ask();
    }
    return this.known();
  }

  /** The token of this tab, or null. */
  known() {
    return sessionStorage.getItem(KEY);
  }

  /** The proxy wants a token, or another one. */
  refused() {
    if (this.known() !== null) {
      this.#why.textContent = 'The proxy does not take this token.';
    }
    sessionStorage.removeItem(KEY);
    this.#wanted = true;
  }

  /** Resolves when the form has been sent, for all who ask meanwhile. */
  ask(why) {
    if (why !== undefined) {
      this.#why.textContent = why;
    }
    this.#form.hidden = false;
    this.#input.focus();
    this.#sent ??= new Promise((resolve) => {
      this.#form.addEventListener('submit', (event) => {
        event.preventDefault();
        sessionStorage.setItem(KEY, this.#input.value.trim());
        this.#input.value = '';
        this.#form.hidden = true;
        this.#wanted = false;
        this.#sent = null;
        resolve();
      }, { once: true });
    });
    return this.#sent;
  }
}
