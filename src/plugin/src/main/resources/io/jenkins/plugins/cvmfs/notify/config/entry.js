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

// Lets Jenkins check an empty required field only after it has lost the focus, so that a new entry does not open with errors.
// Runs before Jenkins' own rule for such fields, which checks each of them at once.
Behaviour.specify("INPUT.cvmfs-notify-required", "cvmfs-notify-required", -100, (input) => {
  if (input.value.trim() === "") {
    input.classList.remove("validated");
    input.addEventListener("blur", () => registerValidator(input), { once: true });
  }
});
