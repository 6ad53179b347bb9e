// The drawing of a seating plan: one shape for each seat, but only where so few are in view that each can be seen.
// A house of 12,000 is drawn as the outlines of its sections until one comes nearer.
(() => {
  const AT_MOST = 4000; // seats drawn one by one
  const SEAT = 21; // half of one, in centimetres
  const NARROWEST = 200; // centimetres across, when nearest
  const READABLE = { number: 15, row: 7 }; // pixels across a seat from which these can be read

  const make = (name, attributes = {}, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    if (text) element.textContent = text;
    return element;
  };
  const corners = (points) => points.map((point) => point.map((value) => Math.round(value)).join(",")).join(" ");
  const one = (value) => Math.round(value * 10) / 10;

  // What a seat is, is told by its shape: a wheelchair place is square, VIP a diamond, a companion's has round corners.
  const seatShape = (seat) => {
    const shared = { class: `plan-seat is-${seat.type}`, "data-seat": seat.id };
    const [x, y] = [one(seat.x), one(seat.y)];
    if (seat.type === "standard" || seat.type === "restricted") return make("circle", { ...shared, cx: x, cy: y, r: SEAT });
    if (seat.type === "vip") return make("polygon", { ...shared, points: corners([[x, y - SEAT - 4], [x + SEAT + 4, y], [x, y + SEAT + 4], [x - SEAT - 4, y]]) });
    return make("rect", { ...shared, x: x - SEAT, y: y - SEAT, width: 2 * SEAT, height: 2 * SEAT, rx: seat.type === "companion" ? 12 : 2 });
  };

  const drawing = (svg, { onView = () => {}, hasHandles = true } = {}) => {
    const layers = Object.fromEntries(["grid", "sections", "names", "marks"].map((name) => [name, svg.appendChild(make("g", { class: `plan-${name}` }))]));
    const drawn = new Map(); // by the id of a section: the section as it was, its elements, those of its seats
    const view = { x: 0, y: 0, scale: 0.1 };
    let shown = { state: { sections: [], focal: [0, 0] }, chosen: Plan.nothing(), cursor: null };
    let waiting = false;

    const size = () => { const { width, height } = svg.getBoundingClientRect(); return [Math.max(1, width), Math.max(1, height)]; };
    const inView = (box) => {
      const [width, height] = size();
      return box.right >= view.x && box.left <= view.x + width / view.scale && box.bottom >= view.y && box.top <= view.y + height / view.scale;
    };

    // --- Parts ---------------------------------------------------------------------------------------------------

    const outline = (section) => {
      const box = Plan.box(Plan.points(section));
      const group = make("g", { class: `plan-section is-${section.kind}`, "data-section": section.id });
      group.append(make("polygon", { class: "plan-outline", points: corners(section.shape) }));
      const seats = group.appendChild(make("g"));
      const label = make("text", { class: "plan-name" }, section.kind === "standing" ? `${section.name} · ${section.capacity}` : section.name);
      return { section, box, group, seats, label, nodes: null };
    };

    // A name stands in the middle of its section from afar, and before the first row from near by.
    const name = (part, close) => {
      const { label, section, box } = part, front = close && section.rows.length ? inFront(section, label.textContent.length * 3.75) : null;
      const [x, y] = front || [(box.left + box.right) / 2, close && section.kind === "seated" ? box.top : (box.top + box.bottom) / 2];
      Object.entries({ x: one(x), y: one(y), "font-size": one(13 / view.scale) }).forEach(([key, value]) => label.setAttribute(key, value));
    };
    // `half` is half of its width in pixels: the more the row is turned, the farther away it has to be.
    const inFront = ({ rows: [first, second] }, half) => {
      const middle = ({ seats }) => ["x", "y"].map((axis) => (seats[(seats.length - 1) >> 1][axis] + seats[seats.length >> 1][axis]) / 2);
      const [x, y] = middle(first), [bx, by] = second ? middle(second) : [x, y + 1], far = Math.hypot(x - bx, y - by) || 1, [dx, dy] = [(x - bx) / far, (y - by) / far];
      if (Math.abs(dx) > Math.abs(dy)) return null; // it faces a side: there the upper edge is better
      const away = SEAT + (9 + half * Math.abs(dx)) / view.scale;
      return [x + dx * away, y + dy * away];
    };

    // Where the name of a row stands: before its first seat, in line with the row.
    const before = ([first, second]) => {
      const [dx, dy] = second ? [first.x - second.x, first.y - second.y] : [-1, 0], far = Math.hypot(dx, dy) || 1;
      return [first.x + (dx / far) * 45, first.y + (dy / far) * 45];
    };
    const fill = (part) => {
      part.nodes = new Map();
      const all = [];
      for (const row of part.section.rows) {
        const [x, y] = before(row.seats);
        all.push(make("text", { class: "plan-row", x: one(x), y: one(y), "data-row": row.id }, row.name));
        for (const seat of row.seats) {
          const node = seatShape(seat), text = make("text", { class: "plan-number", x: one(seat.x), y: one(seat.y) }, seat.number);
          part.nodes.set(seat.id, [node, text]);
          all.push(node, text);
        }
      }
      part.seats.replaceChildren(...all);
    };

    const empty = (part) => {
      part.nodes = null;
      part.seats.replaceChildren();
    };

    // --- All of it -----------------------------------------------------------------------------------------------

    const update = () => {
      waiting = false;
      const { state, chosen } = shown, [width, height] = size();
      svg.setAttribute("viewBox", `${one(view.x)} ${one(view.y)} ${one(width / view.scale)} ${one(height / view.scale)}`);
      const order = state.sections.map((section) => {
        const before = drawn.get(section.id);
        if (before?.section === section) return before;
        const part = outline(section);
        if (before) before.group.replaceWith(part.group);
        drawn.set(section.id, part);
        return part;
      });
      const there = new Set(state.sections.map((section) => section.id));
      for (const [id, part] of drawn) if (!there.has(id)) { part.group.remove(); drawn.delete(id); }
      if (order.some((part, at) => layers.sections.children[at] !== part.group)) layers.sections.replaceChildren(...order.map((part) => part.group));
      if (order.some((part, at) => layers.names.children[at] !== part.label) || layers.names.children.length !== order.length) layers.names.replaceChildren(...order.map((part) => part.label));

      const visible = order.filter((part) => inView(part.box));
      const close = visible.reduce((sum, part) => sum + Plan.count(part.section), 0) <= AT_MOST;
      svg.classList.toggle("is-far", !close);
      svg.classList.toggle("has-numbers", close && 2 * SEAT * view.scale >= READABLE.number);
      svg.classList.toggle("has-rows", close && 2 * SEAT * view.scale >= READABLE.row);
      for (const part of order) {
        const wanted = close && inView(part.box);
        if (wanted && !part.nodes) fill(part);
        if (!wanted && part.nodes) empty(part);
        part.group.classList.toggle("is-chosen", chosen.sections.has(part.section.id));
        name(part, close);
        part.nodes?.forEach(([node], id) => node.classList.toggle("is-chosen", chosen.seats.has(id) || chosen.sections.has(part.section.id)));
      }
      thin(visible, chosen);
      grid(width / view.scale, height / view.scale);
      marks(state);
      onView(view);
    };

    // Names that would lie over each other are left out, but for what is chosen.
    const thin = (visible, chosen) => {
      const [wide, high] = [7.5 / view.scale, 15 / view.scale], taken = [];
      const inOrder = visible.toSorted((one, other) => chosen.sections.has(other.section.id) - chosen.sections.has(one.section.id));
      for (const { label } of inOrder) {
        const half = (label.textContent.length * wide) / 2, [x, y] = [Number(label.getAttribute("x")), Number(label.getAttribute("y"))];
        const isOver = taken.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < high);
        label.classList.toggle("is-over", isOver);
        if (!isOver) taken.push({ x, y, half });
      }
    };

    // Lines at whole metres, or as many metres as leave room between them.
    const grid = (width, height) => {
      const step = [100, 500, 1000, 5000, 10000].find((each) => each * view.scale > 28) || 50000, from = (start) => Math.max(0, Math.ceil(start / step) * step);
      const lines = [];
      for (let x = from(view.x); x < view.x + width; x += step) lines.push(`M${x} ${one(Math.max(0, view.y))}V${one(view.y + height)}`);
      for (let y = from(view.y); y < view.y + height; y += step) lines.push(`M${one(Math.max(0, view.x))} ${y}H${one(view.x + width)}`);
      layers.grid.replaceChildren(make("path", { class: "plan-lines", d: lines.join("") }));
    };

    const marks = ({ focal: [x, y] }) => {
      const unit = 1 / view.scale, found = shown.cursor && Plan.find(shown.state, shown.cursor);
      const focal = make("g", { class: "plan-focal" });
      focal.append(make("circle", { cx: x, cy: y, r: 9 * unit }), make("path", { d: `M${x - 16 * unit} ${y}h${32 * unit}M${x} ${y - 16 * unit}v${32 * unit}`, "stroke-width": 2 * unit }));
      const cursor = found && make("circle", { class: "plan-cursor", cx: found.seat.x, cy: found.seat.y, r: SEAT + 8 * unit, "stroke-width": 3 * unit });
      layers.marks.replaceChildren(focal, ...handles(unit), ...(cursor ? [cursor] : []), ...(shown.sketch || []));
    };

    // A section that is chosen alone can be taken by its corners.
    const handles = (unit) => {
      const [id] = shown.chosen.sections, section = shown.state.sections.find((each) => each.id === id);
      if (!hasHandles || !section || shown.chosen.sections.size > 1 || shown.chosen.seats.size || section.shape.length > 20) return [];
      return section.shape.map(([x, y], at) => make("rect", { class: "plan-corner", "data-corner": at, x: x - 6 * unit, y: y - 6 * unit, width: 12 * unit, height: 12 * unit, "stroke-width": 2 * unit }));
    };

    const later = () => { if (!waiting) { waiting = true; requestAnimationFrame(update); } };

    const between = (value, low, high) => Math.min(high, Math.max(low, value));
    const zoom = (by, at = size().map((length) => length / 2)) => {
      const [px, py] = [view.x + at[0] / view.scale, view.y + at[1] / view.scale];
      view.scale = between(view.scale * by, 0.004, size()[0] / NARROWEST);
      [view.x, view.y] = [px - at[0] / view.scale, py - at[1] / view.scale];
      later();
    };
    const pan = (dx, dy) => {
      view.x += dx / view.scale;
      view.y += dy / view.scale;
      later();
    };
    const fit = (box, room = 40) => {
      const [width, height] = size(), across = Math.max(box.right - box.left, 400), down = Math.max(box.bottom - box.top, 400);
      view.scale = between(Math.min((width - 2 * room) / across, (height - 2 * room) / down), 0.004, width / NARROWEST);
      view.x = (box.left + box.right) / 2 - width / view.scale / 2;
      view.y = (box.top + box.bottom) / 2 - height / view.scale / 2;
      later();
    };
    // Come so near that this is seen, and no nearer; leave things be if it is in view already.
    const reveal = (box) => {
      const [width, height] = size(), seen = { left: view.x, top: view.y, right: view.x + width / view.scale, bottom: view.y + height / view.scale };
      if (box.left >= seen.left && box.right <= seen.right && box.top >= seen.top && box.bottom <= seen.bottom) return;
      view.x = (box.left + box.right) / 2 - width / view.scale / 2;
      view.y = (box.top + box.bottom) / 2 - height / view.scale / 2;
      if (box.right - box.left > width / view.scale || box.bottom - box.top > height / view.scale) fit(box);
      later();
    };

    // While something is dragged only this moves; what comes of it is drawn when it is dropped.
    const drag = (chosen, dx, dy) => {
      const by = dx || dy ? `translate(${dx} ${dy})` : "";
      layers.marks.querySelectorAll(".plan-corner").forEach((handle) => handle.remove());
      drawn.forEach((part, id) => {
        const whole = chosen.sections.has(id);
        const nodes = whole ? [part.group, part.label] : part.nodes ? [...part.nodes].filter(([seat]) => chosen.seats.has(seat)).flatMap(([, pair]) => pair) : [];
        nodes.forEach((node) => (by ? node.setAttribute("transform", by) : node.removeAttribute("transform")));
      });
    };

    const point = (event) => {
      const { left, top } = svg.getBoundingClientRect();
      return [view.x + (event.clientX - left) / view.scale, view.y + (event.clientY - top) / view.scale];
    };

    new ResizeObserver(later).observe(svg);
    return {
      drag, fit, later, make, pan, point, reveal, view, zoom,
      corners,
      show(state, chosen, cursor) { shown = { ...shown, state, chosen, cursor }; later(); },
      sketch(...elements) { shown = { ...shown, sketch: elements }; later(); },
      offset(event) { const { left, top } = svg.getBoundingClientRect(); return [event.clientX - left, event.clientY - top]; },
      isFar() { return svg.classList.contains("is-far"); },
    };
  };

  Plan.drawing = drawing;
})();
