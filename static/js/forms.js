// A form that is on its way shows it and is not sent twice. The server would not mind: this is for people.
(() => {
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("hx-get")) return; // htmx sees to these, and they may be sent as often as one likes
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (!navigator.onLine) {
      event.preventDefault(); // the browser would leave the page, and with it what was typed
      const retry = () => event.target.requestSubmit(event.submitter);
      window.dispatchEvent(new CustomEvent("offline", { detail: retry }));
      return;
    }
    if (event.target.hasAttribute("hx-post")) return;
    event.target.dataset.sent = "true";
    event.submitter?.setAttribute("aria-busy", "true");
  });

  // Who comes back with the browser's button may send it again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  // Whoever's focus stood in what was replaced goes on in what took its place.
  let stood = false;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => { stood = detail.target?.contains?.(document.activeElement); });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (stood && document.activeElement === document.body) {
      const target = document.getElementById(detail.target.id) || document.getElementById("main");
      target.focus({ preventScroll: true });
    }
    stood = false;
  });

  // What came instead of something else is said aloud where it asks for it, by a region that was there before.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    const said = document.getElementById(detail.target.id)?.querySelector("[data-say]");
    if (said) document.getElementById("aloud").textContent = said.textContent.trim().replace(/\s+/g, " ");
  });

  // Who asks for the same twice, or types on, needn't go back twice.
  document.addEventListener("htmx:beforeHistoryUpdate", ({ detail: { history, requestConfig } }) => {
    const isTypedOn = requestConfig.triggeringEvent?.target.name === "q" && new URLSearchParams(location.search).has("q");
    if (isTypedOn || history.path === location.pathname + location.search) history.type = "replace";
  });

  // Share by the device's own means, or by copying the address.
  document.querySelectorAll("[data-share]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = document.querySelector("link[rel=canonical]")?.href || location.href;
      if (navigator.share) {
        await navigator.share({ title: document.title, url: address }).catch(() => {});
      } else {
        await navigator.clipboard.writeText(address);
        button.textContent = button.dataset.done;
      }
    });
  });
})();
