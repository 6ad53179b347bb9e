// The plan for staff: what is pressed is chosen, and the panel beside it tells what that is and what can be done.
// Seats, rows, sections or a drawn rectangle; the form is sent as the list's is, and its answer replaces the panel.
(() => {
  const root = document.querySelector("[data-seatmap]");
  const form = document.querySelector("form[data-selection]");
  if (!root || !form) return;
  const words = JSON.parse(form.dataset.words);
  const aloud = document.querySelector("[data-aloud]");
  const empty = document.getElementById("panel").cloneNode(true);
  const bar = document.querySelector("[data-bar]");
  const area = form.querySelector("[data-area]");
  const sections = new Map(); // chosen whole, by id
  let map = null;
  let waiting = 0;

  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const mode = () => form.elements.mode.value;
  const chosen = () => (map ? map.seats.filter((seat) => map.marked(seat, "chosen")) : []);

  const describe = (seat) => {
    const name = fill(words.seat, { section: seat.section.name, row: seat.row, number: seat.number });
    const mark = map.marked(seat, "chosen") ? words.chosen : "";
    if (seat.level >= 0) return [name, words.levels[seat.level], mark];
    const number = seat.state.charCodeAt(0) - words.first;
    return [name, words.colours[number % words.shades], words.states[Math.floor(number / words.shades)], mark];
  };

  const runs = (keys) => {
    const found = [];
    keys.sort((a, b) => a - b).forEach((key) => {
      const last = found.at(-1);
      if (last && key === last[1] + 1) last[1] = key;
      else found.push([key, key]);
    });
    return found.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(",");
  };

  // --- Choosing ---

  const put = (seats, on) => {
    seats.forEach((seat) => map.marked(seat, "chosen") !== on && map.mark(seat, "chosen", on));
    changed();
  };

  const toggle = (seats) => put(seats, !seats.every((seat) => map.marked(seat, "chosen")));

  const group = (seat) => {
    if (mode() === "row") return seat.line;
    return mode() === "section" ? map.seats.filter((other) => other.section === seat.section) : [seat];
  };

  const changed = () => {
    const places = chosen();
    form.elements.places.value = runs(places.map((seat) => seat.place));
    form.querySelector("[data-sections]").replaceChildren(...[...sections.keys()].map((id) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "section", value: id });
      return input;
    }));
    sections.forEach((link) => link.classList.add("picked"));
    tell(places.length || sections.size, [places.length, ...[...sections.values()].map((link) => link.dataset.name)].filter(Boolean).join(" + "));
    clearTimeout(waiting);
    waiting = setTimeout(() => (places.length || sections.size ? form.requestSubmit() : clearPanel()), 180);
  };

  const tell = (any, count) => {
    aloud.textContent = fill(words.count, { count: count || 0 });
    bar.hidden = !any;
    bar.firstElementChild.textContent = `${aloud.textContent} ↓`;
  };

  const clear = () => {
    clearTimeout(waiting);
    chosen().forEach((seat) => map.mark(seat, "chosen", false));
    sections.forEach((link) => link.classList.remove("picked"));
    sections.clear();
    form.elements.places.value = "";
    form.querySelector("[data-sections]").replaceChildren();
    bar.hidden = true;
  };

  const clearPanel = () => document.getElementById("panel").replaceWith(empty.cloneNode(true));

  root.addEventListener("seatmap:press", (event) => toggle(group(event.detail)));
  root.addEventListener("seatmap:range", (event) => { event.detail.length && toggle(event.detail); });

  // A section whose seats aren't shown is entered, or chosen whole; where people stand there is nothing to enter.
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-section]");
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    const standing = link.getAttribute("href").startsWith("#");
    if (!standing && mode() !== "section") return location.assign(`?section=${link.dataset.section}`);
    const { section } = link.dataset;
    if (sections.delete(section)) link.classList.remove("picked");
    else sections.set(section, link);
    changed();
  });

  // Without a Shift key: the next drag draws a rectangle.
  const press = (on) => area.setAttribute("aria-pressed", String(on));
  area.addEventListener("click", () => press(area.getAttribute("aria-pressed") !== "true"));
  root.addEventListener("pointerdown", (event) => {
    if (area.getAttribute("aria-pressed") !== "true" || !map || event.shiftKey) return;
    event.stopPropagation();
    press(false);
    event.target.dispatchEvent(new PointerEvent("pointerdown", {
      bubbles: true, cancelable: true, shiftKey: true, button: event.button, pointerId: event.pointerId,
      pointerType: event.pointerType, isPrimary: event.isPrimary, clientX: event.clientX, clientY: event.clientY,
    }));
  }, true);

  form.querySelector("[data-clear]").addEventListener("click", () => {
    clear();
    clearPanel();
    tell(false);
  });

  // --- What was done ---

  document.body.addEventListener("seats-changed", () => {
    clear();
    map?.refresh();
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.requestConfig.elt !== form) document.getElementById("panel").focus();
  });

  document.body.addEventListener("click", (event) => {
    if (!event.target.closest("[data-again]")) return;
    event.preventDefault();
    clear();
    clearPanel();
    root.querySelector("[data-field]").focus();
  });

  const begin = (ready) => {
    map = ready;
    map.describe = describe;
    form.hidden = false;
  };
  root.addEventListener("seatmap:ready", (event) => begin(event.detail));
  if (root.seatmap && !root.dataset.geometry) begin(root.seatmap); // nothing had to be loaded, so it was ready before
  root.addEventListener("seatmap:failed", () => { root.querySelector(".seatmap-failed").hidden = false; });
})();
