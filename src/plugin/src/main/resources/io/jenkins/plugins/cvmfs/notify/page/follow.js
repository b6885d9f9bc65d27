// Keeps the tab "CVMFS" up to date while a step of the build runs.
(function () {
  const PAUSE = 5000;

  function content(container) {
    return container.querySelector(".cvmfs-steps__content");
  }

  function replace(container, html) {
    const fresh = content(new DOMParser().parseFromString(html, "text/html"));
    if (fresh && fresh.outerHTML !== content(container).outerHTML) {
      content(container).replaceWith(document.adoptNode(fresh));
    }
  }

  function update(container) {
    if (document.hidden) {
      return Promise.resolve();
    }
    return fetch(container.dataset.url).then(function (response) {
      // Otherwise Jenkins restarts, or the session has ended: a later attempt may succeed.
      return response.ok && !response.redirected
        ? response.text().then((html) => replace(container, html))
        : undefined;
    });
  }

  function follow(container) {
    if (content(container).dataset.running === "true") {
      setTimeout(function () {
        update(container)
          .catch((error) => console.debug("cannot update the CVMFS tab", error))
          .then(() => follow(container));
      }, PAUSE);
    }
  }

  document.querySelectorAll(".cvmfs-steps").forEach(follow);
})();
