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
