// What a pointer does on the drawing: choose, draw a row or an area, set the point that everybody looks at, look around.
(() => {
  const { editor } = Plan;
  if (!editor) return;
  const { canvas, drawing } = editor, { acts } = Plan;
  const svg = canvas.querySelector("svg");
  const STEP = { fine: 5, coarse: 50 }; // centimetres
  const CLICK = 4; // pixels: who moves less has clicked
  const snapped = (value, step = STEP.fine) => Math.round(value / step) * step;
  const moreOf = (before, after) => ({ seats: new Set([...before.seats].concat([...after.seats])), sections: new Set([...before.sections].concat([...after.sections])) });
  const toggled = (set, id) => { const next = new Set(set); if (!next.delete(id)) next.add(id); return next; };
  const only = (seats, sections = []) => ({ seats: new Set(seats), sections: new Set(sections) });

  // --- Choosing and moving ------------------------------------------------------------------------------------------

  const under = (target) => {
    const read = (name) => Number(target.closest(`[data-${name}]`)?.dataset[name]) || null;
    const section = editor.state.sections.find((each) => each.id === read("section"));
    return { seat: read("seat"), row: section?.rows.find((row) => row.id === read("row")), section, corner: target.closest("[data-corner]")?.dataset.corner };
  };

  let clicked = { what: null, at: 0 }; // twice on a seat is its row, twice on a section comes near it
  const select = {
    down(point, event) {
      const hit = under(event.target), { chosen } = editor, more = event.shiftKey || event.ctrlKey || event.metaKey;
      const isChosen = hit.section && (chosen.sections.has(hit.section.id) || chosen.seats.has(hit.seat));
      const grip = { hit, more, from: point, isChosen };
      if (hit.corner !== undefined) return { ...grip, moves: "corner" };
      if (hit.seat && !isChosen && !more) editor.choose(only([hit.seat]), "chosen");
      if (hit.row && !more) editor.choose(only(hit.row.seats.map((seat) => seat.id)), "chosen");
      return { ...grip, moves: (hit.seat && !more) || hit.row || isChosen ? "choice" : "lasso" };
    },
    move(grip, point, event) {
      const by = delta(grip, point, event);
      if (grip.moves === "choice") drawing.drag(editor.chosen, ...by);
      if (grip.moves === "corner") drawing.sketch(drawing.make("polygon", { class: "plan-sketch", points: drawing.corners(bent(grip, by)) }));
      if (grip.moves === "lasso") drawing.sketch(drawing.make("polygon", { class: "plan-sketch", points: drawing.corners(rectangle(grip.from, point)) }));
    },
    up(grip, point, event) {
      const by = delta(grip, point, event);
      if (grip.moves === "choice") {
        drawing.drag(editor.chosen, 0, 0);
        editor.apply(acts.move(editor.state, editor.chosen, ...by), "moved");
      }
      if (grip.moves === "corner") editor.apply(acts.setSection(editor.state, alone().id, { shape: bent(grip, by) }), "outlined");
      if (grip.moves === "lasso") {
        const found = within(grip.from, point);
        editor.choose(grip.more ? moreOf(editor.chosen, found) : found, "chosen");
      }
    },
    click(grip) {
      const { hit, more } = grip, { chosen } = editor;
      editor.cursor = hit.seat || editor.cursor;
      if (hit.corner !== undefined) return;
      const what = hit.seat || hit.section?.id, again = what && what === clicked.what && performance.now() - clicked.at < 400;
      clicked = { what, at: performance.now() };
      if (again && !more) return hit.seat ? editor.commands["pick-rows"]() : drawing.fit(Plan.box(Plan.points(hit.section)), 70);
      if (hit.seat) editor.choose(more ? { ...chosen, seats: toggled(chosen.seats, hit.seat) } : only([hit.seat]), "chosen");
      else if (hit.row) editor.choose(more ? moreOf(chosen, only(hit.row.seats.map((seat) => seat.id))) : only(hit.row.seats.map((seat) => seat.id)), "chosen");
      else if (hit.section) editor.choose(more ? { ...chosen, sections: toggled(chosen.sections, hit.section.id) } : only([], [hit.section.id]), "chosen");
      else if (!more) editor.commands["pick-none"]();
    },
  };
  const alone = () => editor.state.sections.find((section) => editor.chosen.sections.has(section.id));
  const delta = ({ from }, point, event) => point.map((value, at) => snapped(value - from[at], event.shiftKey ? STEP.coarse : STEP.fine));
  const bent = ({ hit }, [dx, dy]) => alone().shape.map(([x, y], at) => (at === Number(hit.corner) ? [Math.max(0, x + dx), Math.max(0, y + dy)] : [x, y]));
  const rectangle = ([ax, ay], [bx, by]) => [[ax, ay], [bx, ay], [bx, by], [ax, by]].map((corner) => corner.map((value) => Math.max(0, value)));
  const within = (from, to) => {
    const area = Plan.box([from, to]), holds = ([x, y]) => x >= area.left && x <= area.right && y >= area.top && y <= area.bottom;
    const sections = editor.state.sections.filter((section) => (drawing.isFar() || section.kind === "standing") && section.shape.every(holds));
    const seats = drawing.isFar() ? [] : [...Plan.places(editor.state)].filter(({ seat }) => holds([seat.x, seat.y]));
    return only(seats.map(({ seat }) => seat.id), sections.map((section) => section.id));
  };

  // --- Drawing --------------------------------------------------------------------------------------------------------

  const option = (name) => editor.root.querySelector(`[data-option="${name}"]`);
  const spacing = () => Math.max(35, Number(option("spacing").value) || 55);
  const bend = () => Math.max(0, Number(option("bend").value) || 0);
  const straight = ([ax, ay], [bx, by], event) => { // Shift: along a multiple of 15 degrees; nearly level is level
    const length = Math.hypot(bx - ax, by - ay), angle = Math.atan2(by - ay, bx - ax), turn = Math.PI / 12;
    const to = event.shiftKey ? Math.round(angle / turn) * turn : Math.abs(Math.sin(angle)) < 0.04 ? Math.round(angle / Math.PI) * Math.PI : angle;
    return [ax + Math.cos(to) * length, ay + Math.sin(to) * length];
  };

  const row = {
    down: (point) => ({ from: point.map((value) => Math.max(0, snapped(value))) }),
    move(grip, point, event) {
      const to = straight(grip.from, point, event), dots = acts.along(editor.state, [grip.from, to], spacing(), bend());
      drawing.sketch(...dots.map(([x, y]) => drawing.make("circle", { class: "plan-sketch", cx: x, cy: y, r: 20 })), drawing.make("text", { class: "plan-sketch-count", x: to[0], y: to[1], dx: 14 / drawing.view.scale, "font-size": 14 / drawing.view.scale }, String(dots.length)));
    },
    up(grip, point, event) {
      const section = Number(option("section").value) || null, points = acts.along(editor.state, [grip.from, straight(grip.from, point, event)], spacing(), bend());
      editor.apply(acts.addRow(editor.state, section, points, editor.told("new_section")), "row_added");
    },
    click(grip, point, event) { row.up(grip, point, event); },
  };

  let corners = []; // of the area that is being drawn, corner by corner
  const stand = (shape) => {
    corners = [];
    const capacity = Math.max(1, Math.round(Number(option("capacity").value)) || 100);
    editor.apply(acts.addStanding(editor.state, shape.map((point) => point.map((value) => snapped(value))), capacity, editor.told("new_standing")), "standing_added");
    editor.use("select");
  };
  const area = {
    down: (point) => ({ from: point.map((value) => Math.max(0, snapped(value))) }),
    move(grip, point) { if (!corners.length) drawing.sketch(drawing.make("polygon", { class: "plan-sketch", points: drawing.corners(rectangle(grip.from, point)) })); },
    up(grip, point) { if (corners.length) area.click(grip); else stand(rectangle(grip.from, point)); },
    click({ from }) {
      const closes = corners.length > 2 && Math.hypot(from[0] - corners[0][0], from[1] - corners[0][1]) * drawing.view.scale < 14;
      if (closes) return stand(corners);
      corners.push(from);
      drawing.sketch(drawing.make("polyline", { class: "plan-sketch", points: drawing.corners(corners) }), ...corners.map(([x, y]) => drawing.make("circle", { class: "plan-sketch", cx: x, cy: y, r: 6 / drawing.view.scale })));
      editor.say("corner_set", { corners: corners.length });
    },
  };

  const focal = {
    down: () => ({}), move() {}, up(grip, point) { focal.click(grip, point); },
    click(grip, point) {
      editor.apply(acts.setPlan(editor.state, { focal: point.map((value) => Math.max(0, snapped(value))) }), "focal_set");
      editor.use("select");
    },
  };

  const hand = {
    down: (point, event) => ({ at: drawing.offset(event) }),
    move(grip, point, event) {
      const at = drawing.offset(event);
      drawing.pan(grip.at[0] - at[0], grip.at[1] - at[1]);
      grip.at = at;
    },
    up() {}, click() {},
  };

  // --- Pointers: one works, two look around ------------------------------------------------------------------------------

  const tools = { select, row, area, focal, hand };
  const pointers = new Map();
  let grip = null;

  const letGo = () => { grip = null; drawing.sketch(); drawing.drag(editor.chosen, 0, 0); };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    canvas.focus({ preventScroll: true });
    svg.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, drawing.offset(event));
    if (pointers.size > 1) return letGo();
    const tool = event.button === 1 ? hand : tools[editor.tool];
    grip = { tool, begun: false, start: drawing.offset(event), held: tool.down(drawing.point(event), event) };
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    const before = [...pointers.values()];
    pointers.set(event.pointerId, drawing.offset(event));
    if (pointers.size === 2) return pinch(before, [...pointers.values()]);
    if (!grip) return;
    const [x, y] = drawing.offset(event);
    grip.begun ||= Math.hypot(x - grip.start[0], y - grip.start[1]) > CLICK;
    if (grip.begun) grip.tool.move(grip.held, drawing.point(event), event);
  });
  svg.addEventListener("pointerup", (event) => {
    pointers.delete(event.pointerId);
    if (!grip) return;
    const { tool, begun, held } = grip;
    letGo();
    tool[begun ? "up" : "click"](held, drawing.point(event), event);
  });
  svg.addEventListener("pointercancel", (event) => { pointers.delete(event.pointerId); letGo(); });
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.shiftKey) drawing.pan(event.deltaY || event.deltaX, 0);
    else drawing.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), drawing.offset(event));
  }, { passive: false });

  const pinch = ([a, b], [c, d]) => {
    const far = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1, middle = (one, other) => [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    const [from, to] = [middle(a, b), middle(c, d)];
    drawing.pan(from[0] - to[0], from[1] - to[1]);
    drawing.zoom(far(c, d) / far(a, b), to);
  };

  // --- The same without a pointer ------------------------------------------------------------------------------------------

  const center = () => { const { width, height } = svg.getBoundingClientRect(); return [drawing.view.x + width / drawing.view.scale / 2, drawing.view.y + height / drawing.view.scale / 2].map((value) => Math.max(0, snapped(value))); };
  Object.assign(editor.commands, {
    "stand-here"() {
      const [x, y] = center();
      stand(rectangle([x - 250, y - 200], [x + 250, y + 200]));
      canvas.focus();
    },
    "row-here"() {
      const [x, y] = center(), count = Math.max(1, Math.min(500, Math.round(Number(option("count").value)) || 10)), left = Math.max(0, x - ((count - 1) * spacing()) / 2);
      row.up({ from: [left, y] }, [left + (count - 1) * spacing(), y], {});
      canvas.focus();
    },
    "focal-here"() { focal.click({}, center()); },
    finish() { if (corners.length > 2) stand(corners); },
    cancel() { corners = []; letGo(); },
  });
})();
