// A seating plan that can be looked at and pressed: zoom, pan, one tab stop, a name for every seat. It knows seats
// and their states, and nothing of prices, bookings or staff: a page's own script says what a press means.
//
// The page:
//   <div data-seatmap data-geometry="…svg" data-states="…json" data-colours="0 3 5" data-section="12"> with
//   - a [data-field] that takes the keys, with its name in data-label and the id of its help in data-help; in it
//     an <svg data-house> of the whole plan, sections as <a data-section="12" data-name="…"> around their outlines,
//     an empty [data-tip] in which a seat under the pointer is named, and a [data-compass] with the focal point in
//     data-x and data-y and an arrow to the right as its <svg>,
//   - buttons [data-zoom=in|out|all]; `after` is the id of what Escape leads to.
//   Its own script stands before this one, so that it misses no event.
//   `geometry` (from venues.views) is loaded once; without it only sections can be pressed, as the links they are.
//   `states` without geometry answers {version, plan, sections: {id: [name aloud, is sold out, "12 left"]}}; with it
//   {version, plan, states, places}: a letter for each seat in the geometry's order, and the places' ids in runs
//   [[first, how many], …]. A page whose data-plan is another one is loaded anew. It is asked again with ?v=version
//   every few seconds; 204 means nothing new.
//   Letters from "a" on are free at the level of that index, in the colour of `colours`; for all others `names` (below)
//   says the class. `section` is what is shown at first; without it all of the house.
//
// When seats and states are there, "seatmap:ready" bubbles with the map as its detail (it is also root.seatmap):
//   map.seats      [{index, place, section, row, number, position, line, type, state, level, x, y, element}]; level is -1
//                  unless free, `line` are the seats of the row, whose positions differ by one between neighbours;
//                  `section` is the outline's {id, name}, `type` is standard, vip, wheelchair, companion or restricted
//   map.byPlace    the same by the place's id
//   map.names      {letter: class}, for letters of the page's own; set it before "ready" through root.dataset.names (JSON)
//   map.describe   (seat) => [name, more, …]: set it; the first line is the seat's name
//   map.mark(seat, name, on)   gives or takes a class: "chosen" also draws a tick and tells that it is checked
//   map.marked(seat, name), map.show(seat) brings it into view, map.refresh() asks for the states now
// Then the root's events:
//   "seatmap:press"   detail: the seat that was clicked, tapped, or entered by Enter or Space
//   "seatmap:range"   detail: the seats in a rectangle that was drawn with Shift held down
//   "seatmap:states"  detail: the seats whose state has changed
// The map never takes the focus by itself, and news move nothing.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const APART = 50;                      // centimetres between seats, about
  const LEAST = { mouse: 24, touch: 44 }; // pixels between seats: where they are smaller, a press comes closer
  const NUMBERED = 30;                   // from so many pixels on seats show their numbers
  const CLOSEST = 90;
  const LETTERS = 18;                    // pixels, at most, of a section's name
  const STEP = 1.5;
  const EVERY = 4500;
  const TYPES = { v: "vip", w: "wheelchair", c: "companion", r: "restricted" };
  const NAMES = { ".": "taken", "-": "off", "_": "foreign" };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const draw = (parent, name, attributes = {}) => {
    const made = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    parent.append(made);
    return made;
  };

  class SeatMap {
    constructor(root) {
      this.root = root;
      this.svg = root.querySelector("[data-house]");
      this.house = this.svg.viewBox.baseVal;
      this.house = { x: this.house.x, y: this.house.y, width: this.house.width, height: this.house.height };
      this.field = root.querySelector("[data-field]");
      this.tip = root.querySelector("[data-tip]");
      this.compass = root.querySelector("[data-compass]");
      this.names = { ...NAMES, ...JSON.parse(root.dataset.names || "{}") };
      this.colours = (root.dataset.colours || "").split(" ");
      this.seats = [];
      this.byPlace = new Map();
      this.version = "";
      this.here = null;
      this.pointers = new Map();
      this.describe = (seat) => [`${seat.section.name} ${seat.row} ${seat.number}`];
      this.sections = new Map([...this.svg.querySelectorAll("[data-section]")].map((link) => [link.dataset.section, this.section(link)]));
      this.view = { ...this.house };
      this.field.tabIndex = 0;
      this.field.setAttribute("role", "application");
      this.field.setAttribute("aria-label", this.field.dataset.label);
      this.field.setAttribute("aria-describedby", this.field.dataset.help);
      this.listen();
      this.fit(this.sections.get(root.dataset.section)?.box || this.house);
      root.classList.add("ready");
    }

    section(link) {
      const { x, y, width, height } = link.querySelector("path").getBBox();
      link.setAttribute("tabindex", "-1"); // the map is one tab stop
      return {
        id: link.dataset.section, name: link.dataset.name, element: link, isSection: true,
        x: x + width / 2, y: y + height / 2, box: { x, y, width, height },
      };
    }

    // --- What there is ---

    async load() {
      if (!this.root.dataset.geometry) {
        if (this.root.dataset.states) this.refresh();
      } else {
        const [drawing] = await Promise.all([this.fetched(this.root.dataset.geometry), this.ask()]);
        this.place(new DOMParser().parseFromString(await drawing.text(), "image/svg+xml"));
        this.take();
      }
      this.root.classList.add("loaded");
      this.root.dispatchEvent(new CustomEvent("seatmap:ready", { bubbles: true, detail: this }));
      if (this.root.dataset.states) setInterval(() => document.hidden || this.refresh(), EVERY);
    }

    async fetched(address) {
      const answer = await fetch(address, { headers: { Accept: "*/*" } });
      if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
      return answer;
    }

    place(drawing) {
      const layer = draw(this.svg, "g", { class: "seats" });
      drawing.querySelectorAll("[data-section]").forEach((drawn) => {
        const group = document.importNode(drawn, true);
        const section = this.sections.get(group.dataset.section);
        const { e, f } = group.transform.baseVal[0].matrix;
        section.element.classList.add("open");
        [...group.children].forEach((line) => this.row(line, section, e, f));
        layer.append(group);
      });
      this.labels = draw(this.svg, "g", { class: "numbers", "aria-hidden": "true" });
      this.ticks = draw(this.svg, "g", { class: "ticks", "aria-hidden": "true" });
      this.ring = draw(this.svg, "circle", { class: "here", r: 30, visibility: "hidden" });
      this.drawn();
    }

    row(line, section, left, top) {
      const row = [];
      line.querySelectorAll("text").forEach((name) => name.setAttribute("aria-hidden", "true")); // seats say their row
      // An empty number is an aisle: the seats beside it are no neighbours.
      const numbers = line.dataset.numbers.split(" ").map((number, position) => ({ number, position })).filter(({ number }) => number);
      [...line.querySelectorAll("circle, path")].forEach((element, index) => {
        const at = element.transform.baseVal[0]?.matrix;
        const seat = {
          index: this.seats.length, element, section, row: line.dataset.row, ...numbers[index], line: row,
          type: TYPES[element.getAttribute("class")] || "standard", state: "", level: -1, place: 0,
          x: left + (at ? at.e : element.cx.baseVal.value), y: top + (at ? at.f : element.cy.baseVal.value),
        };
        element.setAttribute("id", `seat-${seat.index}`);
        row.push(seat);
        this.seats.push(seat);
      });
    }

    // --- States ---

    async ask() {
      const address = new URL(this.root.dataset.states, location);
      address.searchParams.set("v", this.version);
      const answer = await this.fetched(address);
      if (answer.status === 200) this.news = await answer.json();
    }

    async refresh() {
      try {
        await this.ask();
      } catch {
        return; // it comes again by itself
      }
      this.take();
    }

    take() {
      if (!this.news) return;
      const { version, plan, states, places, sections } = this.news;
      this.news = null;
      const isMoved = this.root.dataset.plan && this.root.dataset.plan !== String(plan);
      if (isMoved || (states && states.length !== this.seats.length)) return location.reload(); // to another version
      this.version = version;
      if (sections) return this.takeSections(sections);
      const ids = places.flatMap(([first, count]) => Array.from({ length: count }, (_, ordinal) => first + ordinal));
      const changed = this.seats.filter((seat, index) => seat.state !== states[index] || seat.place !== ids[index]);
      changed.forEach((seat) => {
        seat.state = states[seat.index];
        seat.place = ids[seat.index];
        seat.level = Math.max(-1, seat.state.charCodeAt(0) - 97);
        this.byPlace.set(seat.place, seat);
        this.paint(seat);
      });
      if (changed.length) this.root.dispatchEvent(new CustomEvent("seatmap:states", { detail: changed }));
      if (this.here && changed.includes(this.here)) this.name(this.here);
    }

    takeSections(sections) {
      Object.entries(sections).forEach(([id, [label, isGone, few]]) => {
        const { element } = this.sections.get(id);
        element.setAttribute("aria-label", label);
        element.classList.toggle("gone", isGone);
        const name = element.querySelector("text");
        if (!name) return;
        const text = name.querySelector(".few") || draw(name, "tspan", { class: "few", x: name.getAttribute("x"), dy: "1.3em" });
        text.textContent = few;
      });
    }

    paint(seat) {
      const state = seat.level < 0 ? this.names[seat.state] || "off" : `free lv-${this.colours[seat.level] || 0}`;
      seat.element.setAttribute("class", [seat.type, state, ...(seat.marks || [])].join(" "));
    }

    mark(seat, name, on) {
      seat.marks ||= new Set();
      if (on) seat.marks.add(name);
      else seat.marks.delete(name);
      this.paint(seat);
      if (name === "chosen") {
        this.tick(seat, on);
        this.drawn();
      }
      if (seat === this.here) this.name(seat);
    }

    marked(seat, name) {
      return Boolean(seat.marks?.has(name));
    }

    tick(seat, on) {
      seat.tick?.remove();
      seat.tick = on ? draw(this.ticks, "path", { d: "M-11 1l7 8 14-16", transform: `translate(${seat.x} ${seat.y})` }) : null;
    }

    // --- What is seen of it ---

    get scale() {
      return this.svg.clientWidth / this.view.width; // pixels for a centimetre
    }

    get ratio() {
      const { clientWidth, clientHeight } = this.svg;
      return clientWidth && clientHeight ? clientHeight / clientWidth : 1; // while it isn't shown it has no size
    }

    fit(box, margin = 1.06) {
      const { ratio } = this;
      const width = Math.max(box.width, box.height / ratio) * margin;
      this.look(box.x + box.width / 2, box.y + box.height / 2, width);
    }

    look(x, y, width, smoothly = false) {
      const { ratio } = this;
      const all = Math.max(this.house.width, this.house.height / ratio) * 1.06;
      const wide = Math.min(Math.max(width, (this.svg.clientWidth * APART) / CLOSEST), all);
      const within = (value, from, length, half) => (2 * half >= length ? from + length / 2 : Math.min(Math.max(value, from + half / 2), from + length - half / 2));
      const target = { width: wide, height: wide * ratio };
      target.x = within(x, this.house.x, this.house.width, wide / 2) - wide / 2;
      target.y = within(y, this.house.y, this.house.height, target.height / 2) - target.height / 2;
      cancelAnimationFrame(this.moving);
      if (!smoothly || calm.matches) return this.set(target);
      const from = { ...this.view };
      const began = performance.now();
      const step = (now) => {
        const part = Math.min((now - began) / 220, 1);
        const eased = 1 - (1 - part) ** 3;
        const between = (key) => from[key] + (target[key] - from[key]) * eased;
        this.set({ x: between("x"), y: between("y"), width: between("width"), height: between("height") });
        if (part < 1) this.moving = requestAnimationFrame(step);
      };
      this.moving = requestAnimationFrame(step);
    }

    set(view) {
      this.view = view;
      this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
      const whole = view.width >= this.house.width && view.height >= this.house.height;
      this.keepLegible();
      this.root.classList.toggle("close", APART * this.scale >= LEAST.mouse);
      this.root.classList.toggle("whole", whole);
      this.point(null);
      clearTimeout(this.settled);
      this.settled = setTimeout(() => this.drawn(), 80);
    }

    // Names and patterns of sections don't grow with them, and an arrow points to the stage when it is out of sight.
    keepLegible() {
      const letters = LETTERS / this.scale;
      this.texts ||= [...this.svg.querySelectorAll(".sections text")].map((text) => [text, Number(text.getAttribute("font-size")) || Infinity]);
      this.letters ||= Number(this.svg.getAttribute("font-size"));
      this.svg.setAttribute("font-size", Math.min(this.letters, letters));
      this.texts.filter(([, own]) => own < Infinity).forEach(([text, own]) => text.setAttribute("font-size", Math.min(own, letters)));
      this.svg.querySelectorAll("pattern").forEach((pattern) => pattern.setAttribute("patternTransform", `scale(${0.6 / this.scale})`));
      if (!this.compass) return;
      const { x, y, width, height } = this.view;
      const [right, down] = [this.compass.dataset.x - x, this.compass.dataset.y - y];
      this.compass.hidden = right > 0 && right < width && down > 0 && down < height;
      this.compass.querySelector("svg").style.rotate = `${Math.atan2(down - height / 2, right - width / 2)}rad`;
    }

    // Numbers are drawn on the seats in view, when there is room for them.
    drawn() {
      if (!this.labels) return;
      this.labels.replaceChildren();
      if (APART * this.scale < NUMBERED) return;
      const { x, y, width, height } = this.view;
      this.seats.forEach((seat) => {
        if (seat.x < x - APART || seat.x > x + width + APART || seat.y < y - APART || seat.y > y + height + APART) return;
        if (!seat.tick) draw(this.labels, "text", { x: seat.x, y: seat.y, class: seat.level >= 0 ? "on-free" : "" }).textContent = seat.number;
      });
    }

    zoom(factor, at, smoothly = true) {
      const { x, y } = at || { x: this.view.x + this.view.width / 2, y: this.view.y + this.view.height / 2 };
      const width = this.view.width / factor;
      const left = x - ((x - this.view.x) / this.view.width) * width;
      const top = y - ((y - this.view.y) / this.view.height) * (this.view.height / factor);
      this.look(left + width / 2, top + this.view.height / factor / 2, width, smoothly);
    }

    show(seat, pixels = 0) {
      const { x, y, width, height } = this.view;
      const edge = Math.min(width, height) * 0.12;
      const isSeen = seat.x > x + edge && seat.x < x + width - edge && seat.y > y + edge && seat.y < y + height - edge;
      const wide = pixels ? Math.min(width, (this.svg.clientWidth * APART) / pixels) : width;
      if (!isSeen || wide < width) this.look(seat.x, seat.y, wide, true);
    }

    at(event) {
      const box = this.svg.getBoundingClientRect();
      return {
        x: this.view.x + ((event.clientX - box.left) / box.width) * this.view.width,
        y: this.view.y + ((event.clientY - box.top) / box.height) * this.view.height,
      };
    }

    nearest({ x, y }, within) {
      let found = null;
      let least = within * within;
      this.seats.forEach((seat) => {
        const distance = (seat.x - x) ** 2 + (seat.y - y) ** 2;
        if (distance < least) [found, least] = [seat, distance];
      });
      return found;
    }

    // --- Pointers ---

    listen() {
      const { svg, root, field } = this;
      svg.addEventListener("pointerdown", (event) => this.down(event));
      svg.addEventListener("pointermove", (event) => this.move(event));
      svg.addEventListener("pointerup", (event) => this.up(event));
      svg.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
      svg.addEventListener("pointerleave", () => this.point(null));
      svg.addEventListener("click", (event) => this.dragged && event.preventDefault(), true);
      svg.addEventListener("dragstart", (event) => event.preventDefault());
      svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
      field.addEventListener("keydown", (event) => this.key(event));
      field.addEventListener("focus", () => field.matches(":focus-visible") && this.go(this.here || this.first()));
      field.addEventListener("blur", () => this.go(null));
      root.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => this.button(button.dataset.zoom)));
      new ResizeObserver(() => this.look(this.view.x + this.view.width / 2, this.view.y + this.view.height / 2, this.view.width)).observe(svg);
    }

    down(event) {
      if (event.button) return;
      this.pointers.set(event.pointerId, event);
      if (this.pointers.size > 1) return;
      this.dragged = false;
      this.began = { event, view: { ...this.view }, range: event.shiftKey && this.seats.length ? this.at(event) : null };
    }

    move(event) {
      if (!this.pointers.has(event.pointerId)) return event.pointerType === "mouse" && this.point(this.under(event), event);
      const before = this.pointers.get(event.pointerId);
      if (this.pointers.size === 2) this.pinch(event);
      else this.drag(event);
      this.pointers.set(event.pointerId, event.type ? event : before);
    }

    drag(event) {
      const { event: start, view, range } = this.began;
      const [right, down] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (!this.dragged && Math.hypot(right, down) < 6) return;
      if (!this.dragged) this.svg.setPointerCapture(event.pointerId);
      this.dragged = true;
      if (range) return this.stretch(range, this.at(event));
      const scale = this.scale;
      this.look(view.x + view.width / 2 - right / scale, view.y + view.height / 2 - down / scale, view.width);
    }

    pinch(event) {
      const [one, other] = [...this.pointers.values()];
      const fixed = one.pointerId === event.pointerId ? other : one;
      const before = one.pointerId === event.pointerId ? one : other;
      const apart = (a, b) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1;
      this.dragged = true;
      const middle = { clientX: (fixed.clientX + event.clientX) / 2, clientY: (fixed.clientY + event.clientY) / 2 };
      this.zoom(apart(fixed, event) / apart(fixed, before), this.at(middle), false);
    }

    up(event) {
      if (!this.pointers.delete(event.pointerId)) return;
      if (this.pointers.size) return (this.began = { event: [...this.pointers.values()][0], view: { ...this.view } });
      if (this.box) this.ranged();
      else if (!this.dragged) this.pressed(event);
      setTimeout(() => { this.dragged = false; });
    }

    under(event) {
      return this.nearest(this.at(event), Math.max(APART * 0.55, 10 / this.scale));
    }

    pressed(event) {
      const seat = this.under(event);
      if (!seat) return;
      const least = event.pointerType === "mouse" ? LEAST.mouse : LEAST.touch;
      if (APART * this.scale < least - 0.5) this.look(seat.x, seat.y, (this.svg.clientWidth * APART) / (least + 2), true);
      else {
        this.press(seat);
        if (event.pointerType !== "mouse") this.point(seat);
      }
    }

    press(seat) {
      this.here = seat;
      this.root.dispatchEvent(new CustomEvent("seatmap:press", { detail: seat }));
    }

    wheel(event) {
      if (!event.ctrlKey && document.activeElement !== this.field && this.root.classList.contains("whole")) return; // the page scrolls on
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0025)), this.at(event), false);
    }

    button(what) {
      if (what === "all") this.look(this.house.x + this.house.width / 2, this.house.y + this.house.height / 2, Infinity, true);
      else this.zoom(what === "in" ? STEP : 1 / STEP);
    }

    stretch(from, to) {
      this.box ||= draw(this.svg, "rect", { class: "range" });
      const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
      this.range = { x, y, right: Math.max(from.x, to.x), bottom: Math.max(from.y, to.y) };
      Object.entries({ x, y, width: this.range.right - x, height: this.range.bottom - y }).forEach(([key, value]) => this.box.setAttribute(key, value));
    }

    ranged() {
      this.box.remove();
      this.box = null;
      const { x, y, right, bottom } = this.range;
      const seats = this.seats.filter((seat) => seat.x >= x && seat.x <= right && seat.y >= y && seat.y <= bottom);
      this.root.dispatchEvent(new CustomEvent("seatmap:range", { detail: seats }));
    }

    // The name of what is under the pointer, or where the keys are.
    point(item, event) {
      if (!this.tip || (item === this.pointed && item !== null)) return;
      this.pointed = item;
      this.tip.hidden = !item;
      if (!item) return;
      const [name, ...more] = item.isSection ? [item.name] : this.describe(item);
      const strong = document.createElement("strong");
      strong.textContent = name;
      this.tip.replaceChildren(strong, ...more.filter(Boolean).map((text) => Object.assign(document.createElement("span"), { textContent: text })));
      const box = this.svg.getBoundingClientRect();
      const x = (item.x - this.view.x) * this.scale;
      const y = (item.y - this.view.y) * this.scale;
      const { offsetWidth, offsetHeight } = this.tip;
      const left = Math.min(Math.max(x - offsetWidth / 2, 4), box.width - offsetWidth - 4);
      const above = y - offsetHeight - 18;
      this.tip.style.translate = `${left}px ${above > 4 ? above : y + 22}px`; // by script, which the page's policy allows
    }

    // --- Keys: one tab stop, and the arrows go to what is nearest ---

    key(event) {
      if (event.target !== this.field || event.altKey || event.metaKey || event.ctrlKey) return;
      const done = ARROWS[event.key] ? this.arrow(...ARROWS[event.key], event.shiftKey) : this.other(event.key);
      if (done) event.preventDefault();
    }

    arrow(right, down, freeOnly) {
      if (this.here) this.go(this.beside(this.here, right, down, freeOnly) || this.here);
      else this.go(this.first());
      return true;
    }

    other(key) {
      const { here } = this;
      switch (key) {
        case "Home": return here?.line && this.go(here.line[0]);
        case "End": return here?.line && this.go(here.line.at(-1));
        case "Enter":
        case " ": return here && (here.isSection ? this.enter(here) : this.press(here), true);
        case "+": return this.button("in") || true;
        case "-": return this.button("out") || true;
        case "0": return this.button("all") || true;
        case "Escape": return this.leave();
      }
      return false;
    }

    enter(section) {
      section.element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    }

    // Out of the map to what follows it.
    leave() {
      const after = document.getElementById(this.root.dataset.after);
      after?.focus();
      return Boolean(after);
    }

    first() {
      const { x, y, width, height } = this.view;
      const chosen = this.seats.find((seat) => this.marked(seat, "chosen"));
      const middle = { x: x + width / 2, y: y + height / 2 };
      const free = this.seats.filter((seat) => seat.level >= 0);
      return chosen || this.closest(free.length ? free : this.items(), middle);
    }

    closest(items, { x, y }) {
      return items.reduce((best, item) => (!best || (item.x - x) ** 2 + (item.y - y) ** 2 < (best.x - x) ** 2 + (best.y - y) ** 2 ? item : best), null);
    }

    items() {
      const closed = [...this.sections.values()].filter((section) => !section.element.classList.contains("open"));
      return [...this.seats, ...closed];
    }

    // The nearest in a direction: what lies to the side counts three times.
    beside(from, right, down, freeOnly) {
      let [found, least] = [null, Infinity];
      this.items().forEach((item) => {
        if (item === from || (freeOnly && !(item.level >= 0))) return;
        const ahead = (item.x - from.x) * right + (item.y - from.y) * down;
        const aside = Math.abs((item.x - from.x) * down) + Math.abs((item.y - from.y) * right);
        if (ahead > 5 && aside <= ahead * 1.5 && ahead + 3 * aside < least) [found, least] = [item, ahead + 3 * aside];
      });
      return found;
    }

    go(item) {
      if (this.here && this.here !== item) this.here.element.removeAttribute("aria-current");
      if (!item) {
        this.field.removeAttribute("aria-activedescendant");
        this.ring?.setAttribute("visibility", "hidden");
        this.point(null);
        return false;
      }
      this.here = item;
      if (item.isSection) item.element.id ||= `section-${item.id}`;
      this.name(item);
      this.field.setAttribute("aria-activedescendant", item.element.id);
      this.show(item, item.isSection ? 0 : LEAST.mouse + 4);
      item.element.setAttribute("aria-current", "true");
      if (this.ring) {
        ["cx", "cy"].forEach((key) => this.ring.setAttribute(key, item[key[1]]));
        this.ring.setAttribute("visibility", item.isSection ? "hidden" : "visible");
      }
      setTimeout(() => this.here === item && document.activeElement === this.field && this.point(item), calm.matches ? 0 : 260);
      return true;
    }

    name(seat) {
      if (seat.isSection) return;
      seat.element.setAttribute("role", "checkbox");
      seat.element.setAttribute("aria-checked", String(this.marked(seat, "chosen")));
      seat.element.setAttribute("aria-label", this.describe(seat).filter(Boolean).join(", "));
    }
  }

  document.querySelectorAll("[data-seatmap]").forEach((root) => {
    const map = new SeatMap(root);
    root.seatmap = map;
    map.load().catch((error) => {
      root.classList.add("failed");
      root.dispatchEvent(new CustomEvent("seatmap:failed", { bubbles: true, detail: error }));
    });
  });
})();
