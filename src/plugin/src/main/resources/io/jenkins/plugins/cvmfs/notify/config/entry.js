// What the forms of the configuration and of the steps do in the browser. A block, because Jenkins may load it twice into a page.
{
  // Shows the name of each server, repository and replica in the header of its part of the form.
  Behaviour.specify(".cvmfs-notify-entry-name", "cvmfs-notify-entry-name", 0, (input) => {
    const header = input.closest(".repeated-chunk").querySelector(".repeated-chunk__header");
    const kind = header.lastChild.textContent.trim();
    const name = document.createElement("span");
    const show = () => {
      name.textContent = input.value.trim() === "" ? kind : `${kind} ${input.value.trim()}`;
    };
    header.lastChild.replaceWith(name);
    input.addEventListener("input", show);
    show();
  });

  // Tells a repository the names of the servers in the form, so that one can be chosen before it is saved.
  const observed = new WeakSet();
  const tellServers = (form) => {
    const names = [...form.querySelectorAll("[name='servers'] .cvmfs-notify-entry-name")]
      .map((input) => input.value.trim())
      .filter((name) => name !== "")
      .join("\n");
    for (const field of form.querySelectorAll(".cvmfs-notify-form-servers")) {
      if (field.value !== names) {
        field.value = names;
        field.dispatchEvent(new Event("change"));
      }
    }
  };
  Behaviour.specify(".cvmfs-notify-form-servers", "cvmfs-notify-form-servers", 0, (field) => tellServers(field.form));
  Behaviour.specify("[name='servers'] .cvmfs-notify-entry-name", "cvmfs-notify-form-servers", 0, (input) => {
    const form = input.form;
    const list = input.closest("[name='servers']").parentElement;
    input.addEventListener("change", () => tellServers(form));
    if (!observed.has(list)) {
      observed.add(list);
      new MutationObserver(() => tellServers(form)).observe(list, { childList: true });
    }
  });

  // Lets Jenkins check an empty required field only after it has lost the focus, so that a new entry does not open with errors.
  // Runs before Jenkins' own rule for such fields, which checks each of them at once.
  Behaviour.specify("INPUT.cvmfs-notify-required", "cvmfs-notify-required", -100, (input) => {
    if (input.value.trim() === "") {
      input.classList.remove("validated");
      input.addEventListener("blur", () => registerValidator(input), { once: true });
    }
  });
}
