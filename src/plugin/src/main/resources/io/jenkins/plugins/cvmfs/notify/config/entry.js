// The part of the forms that runs in the browser. A block, because Jenkins may load it twice into a page.
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

  // Asks Jenkins with fields of the form, and shows the answer's message beside the button.
  const ask = (button, fields) => {
    const status = button.parentElement.querySelector(".cvmfs-notify-status");
    const show = (kind, message) => {
      const line = document.createElement("div");
      line.className = kind;
      line.textContent = message;
      status.textContent = "";
      if (message !== "") {
        status.appendChild(line);
      }
    };
    button.disabled = true;
    show("", button.dataset.progress || "");
    return fetch(button.dataset.url, {
      method: "post",
      headers: crumb.wrap({ "Content-Type": "application/x-www-form-urlencoded" }),
      body: new URLSearchParams(fields),
    })
      .then((response) => {
        if (!response.ok) {
          throw new Error(`HTTP ${response.status}`);
        }
        return response.json();
      })
      .then((answer) => {
        show(answer.ok ? "ok" : "error", answer.message);
        return { answer, add: (message) => show("ok", `${answer.message}\n${message}`) };
      })
      .catch((failure) => show("error", failure.message))
      .finally(() => {
        button.disabled = false;
      });
  };
  const field = (entry, name) => entry.querySelector(`[name='_.${name}']`);
  const set = (input, value) => {
    input.value = value;
    for (const event of ["input", "change", "blur"]) {
      input.dispatchEvent(new Event(event));
    }
  };

  // Fills in the name and the replicas that the repository says.
  Behaviour.specify(".cvmfs-notify-read-stratum0", "cvmfs-notify-read-stratum0", 0, (button) => {
    button.addEventListener("click", () => {
      const entry = button.closest("[name='repositories']");
      const values = {};
      for (const name of ["name", "stratum0", "masterKeys", "masterKeysCredentialsId"]) {
        values[name] = field(entry, name).value;
      }
      ask(button, values).then((result) => {
        if (result === undefined || !result.answer.ok) {
          return;
        }
        const name = field(entry, "name");
        if (name.value.trim() === "" && result.answer.name) {
          set(name, result.answer.name);
        }
        if (result.answer.replicaList && field(entry, "replicaList").value.trim() === "") {
          set(field(entry, "replicaList"), result.answer.replicaList);
          result.add(button.dataset.replicas);
        }
      });
    });
  });

  // Makes rows of a list of replicas, and leaves what is wrong with it.
  Behaviour.specify(".cvmfs-notify-read-list", "cvmfs-notify-read-list", 0, (button) => {
    button.addEventListener("click", () => {
      const entry = button.closest("[name='repositories']");
      const list = field(entry, "replicaList");
      const rows = () => Array.from(entry.querySelectorAll("[name='replicas']"));
      const row = (chunk) => ["name", "url", "proxy"].map((name) => field(chunk, name).value.trim());
      const values = {
        replicaList: list.value,
        name: field(entry, "name").value,
        present: rows()
          .map((chunk) => row(chunk).join(" ").trim())
          .join("\n"),
      };
      ask(button, values).then((result) => {
        if (result === undefined) {
          return;
        }
        for (const replica of result.answer.replicas) {
          entry.querySelector(".cvmfs-notify-replicas .repeatable-add").click();
          const added = rows().pop();
          for (const name of ["name", "url", "proxy"]) {
            set(field(added, name), replica[name]);
          }
        }
        set(list, result.answer.replicaList);
      });
    });
  });

  // Adds the content of key files to the keys in the field. The files are read here and go nowhere else.
  Behaviour.specify(".cvmfs-notify-upload-keys", "cvmfs-notify-upload-keys", 0, (button) => {
    button.addEventListener("click", () => {
      const keys = field(button.closest("[name='repositories']"), "masterKeys");
      const files = document.createElement("input");
      files.type = "file";
      files.accept = ".pub,.pem";
      files.multiple = true;
      files.addEventListener("change", () =>
        Promise.all(Array.from(files.files).map((file) => file.text())).then((texts) => {
          const all = [keys.value].concat(texts).map((text) => text.trim());
          set(keys, all.filter((text) => text !== "").join("\n"));
        }),
      );
      files.click();
    });
  });
}
