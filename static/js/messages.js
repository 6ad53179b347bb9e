// What goes wrong between the page and us is said on the page, with a way to try again. The server's own
// words for a refusal come by htmx into the same place.
(() => {
  const place = () => document.getElementById("messages");

  const button = (text, act, kind) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.textContent = text;
    made.addEventListener("click", () => { place().replaceChildren(); act?.(); });
    return made;
  };

  const withButtons = (retry) => {
    const words = place().dataset;
    const row = document.createElement("div");
    row.className = "buttons";
    if (retry) row.append(button(words.retry, retry, ""));
    row.append(button(words.close, null, "secondary outline"));
    place().append(row);
  };

  const say = (text, retry) => {
    if (place().childElementCount) return; // said already: a poll that fails every few seconds needn't repeat it
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    place().append(paragraph);
    withButtons(retry);
  };

  const again = (detail) => () => {
    const { verb, path, parameters } = detail.requestConfig;
    htmx.ajax(verb, path, { source: detail.elt, target: detail.target, values: parameters });
  };

  const isPoll = (element) => /every /.test(element.getAttribute("hx-trigger") || "");

  document.addEventListener("htmx:sendError", ({ detail }) => {
    const words = place().dataset;
    say(navigator.onLine ? words.failed : words.offline, again(detail));
  });
  document.addEventListener("htmx:timeout", ({ detail }) => say(place().dataset.timeout, again(detail)));
  // A poll comes again by itself: its faults are no news to who reads the page.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.isError && isPoll(detail.elt)) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === place()) withButtons(detail.requestConfig.verb === "get" ? again(detail) : null);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && isPoll(detail.elt) && place().dataset.by === "poll") place().replaceChildren();
    place().dataset.by = detail.failed && isPoll(detail.elt) ? "poll" : "";
  });
  window.addEventListener("offline", () => say(place().dataset.offline));
  window.addEventListener("online", () => place().replaceChildren());
})();
