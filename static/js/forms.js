// A form that is on its way shows it and is not sent twice. The server would not mind: this is for people.
(() => {
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    event.target.dataset.sent = "true";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  // Who comes back with the browser's button may send it again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  });
})();
