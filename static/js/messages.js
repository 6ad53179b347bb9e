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

  const retryButton = () => place().querySelector("[name=retry]");

  const withButtons = (retry) => {
    const words = place().dataset;
    const row = document.createElement("div");
    row.className = "buttons";
    if (retry) row.append(button(words.retry, retry, ""));
    if (retry) row.firstChild.name = "retry";
    row.append(button(words.close, null, "secondary outline"));
    place().append(row);
  };

  const say = (text, retry) => {
    if (place().childElementCount && (retryButton() || !retry)) return; // said already, and as well
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    place().replaceChildren(paragraph);
    withButtons(retry);
  };

  // The target is the request's: the answer may have been led here instead. What fails again is said again.
  const again = ({ elt, requestConfig: { verb, path, target, parameters } }) => () => {
    htmx.ajax(verb, path, { source: elt, target, values: parameters }).catch(() => {});
  };

  // A poll comes again by itself: its faults are no news to who reads the page.
  const isPoll = (element) => /every /.test(element.getAttribute("hx-trigger") || "");

  document.addEventListener("htmx:sendError", ({ detail }) => {
    const words = place().dataset;
    if (!isPoll(detail.elt)) say(navigator.onLine ? words.failed : words.offline, again(detail));
  });
  document.addEventListener("htmx:timeout", ({ detail }) => {
    if (!isPoll(detail.elt)) say(place().dataset.timeout, again(detail));
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.isError && isPoll(detail.elt)) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target === place()) withButtons(detail.requestConfig.verb === "get" ? again(detail) : null);
  });

  // A form that was held back (forms.js) says how it is sent after all; the device's own word says nothing.
  window.addEventListener("offline", ({ detail }) => say(place().dataset.offline, detail));
  window.addEventListener("online", () => {
    const words = place().dataset;
    const said = place().querySelector("p");
    if (!retryButton()) place().replaceChildren();
    else if (said.textContent === words.offline) said.textContent = words.failed;
  });
})();
