// Parts of a page that ask again by themselves, marked data-again: not while nobody looks, and only what is that part
// takes its place. What is open stays open, and the focus where it was.
(function () {
  "use strict";
  const asks = (event) => event.target.closest("[data-again]");
  let open = [];
  let focused = "";

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && asks(event)) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = asks(event);
    if (!part) return;
    const { xhr } = event.detail;
    if (xhr.status === 200 && xhr.responseText.includes(`id="${part.id}"`)) {
      open = [...part.querySelectorAll("details")].map((each) => each.open);
      focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : "";
      return;
    }
    event.detail.shouldSwap = false;
    if (xhr.status === 200) window.location.reload(); // another page: who was signed out signs in
  });

  document.addEventListener("htmx:afterSwap", () => {
    const part = document.querySelector("[data-again]");
    if (!part) return;
    [...part.querySelectorAll("details")].forEach((each, number) => { each.open = Boolean(open[number]); });
    if (focused) [...part.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused)?.focus({ preventScroll: true });
    open = [];
    focused = "";
  });
})();
