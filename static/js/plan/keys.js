// The drawing by keyboard. It is one stop of the Tab key; a ring shows where one is. These keys count only there,
// but for undo, redo and save, which count everywhere in the editor and leave fields of text their own undo.
(() => {
  const { editor } = Plan;
  if (!editor) return;
  const { canvas, commands, drawing } = editor, { acts } = Plan;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const STEP = { fine: 5, coarse: 50 };

  // --- The ring --------------------------------------------------------------------------------------------------

  const middle = () => { const { clientWidth, clientHeight } = canvas; return [drawing.view.x + clientWidth / drawing.view.scale / 2, drawing.view.y + clientHeight / drawing.view.scale / 2]; };
  const best = (cost) => {
    let found = null, least = Infinity;
    for (const place of Plan.places(editor.state)) {
      const price = cost(place.seat);
      if (price < least) [found, least] = [place, price];
    }
    return found;
  };
  const nearest = ([x, y]) => best((seat) => Math.hypot(seat.x - x, seat.y - y));
  const towards = (from, [dx, dy]) => best((seat) => {
    const [x, y] = [seat.x - from.x, seat.y - from.y], along = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
    return along > 1 && aside <= along * 3 ? along + 2 * aside : Infinity;
  });
  const here = () => Plan.find(editor.state, editor.cursor);

  const stand = (place) => {
    if (!place) return editor.say("no_seat_there");
    const { section, row, seat } = place;
    editor.cursor = seat.id;
    drawing.reveal({ left: seat.x - 60, right: seat.x + 60, top: seat.y - 60, bottom: seat.y + 60 });
    editor.changed();
    const chosen = Plan.has(editor.chosen, section, seat) ? "cursor_chosen" : "cursor";
    editor.say(chosen, { where: editor.told("where_seat", { section: section.name, row: row.name, seat: seat.number }), type: editor.words.types[seat.type] });
  };
  const step = (direction) => { const from = here(); stand(from ? towards(from.seat, direction) : nearest(middle())); };
  const alongRow = (last) => { const from = here(); if (from) stand({ ...from, seat: from.row.seats.at(last ? -1 : 0) }); };

  const pick = () => {
    const place = here();
    if (!place) return step([0, 0]);
    const seats = new Set(editor.chosen.seats);
    if (!seats.delete(place.seat.id)) seats.add(place.seat.id);
    editor.choose({ ...editor.chosen, seats }, "chosen");
  };
  const pickSection = () => {
    const place = here() || nearest(middle());
    const section = place?.section || editor.state.sections[0];
    if (section) editor.choose({ seats: new Set(), sections: new Set([section.id]) }, "chosen");
  };
  const pickRow = () => {
    const place = here();
    if (place && Plan.isNothing(editor.chosen)) editor.choose({ ...Plan.nothing(), seats: new Set([place.seat.id]) });
    commands["pick-rows"]();
  };

  const escape = () => {
    commands.cancel();
    if (editor.tool !== "select") return editor.use("select");
    if (!Plan.isNothing(editor.chosen)) commands["pick-none"]();
  };

  const arrow = (event) => {
    const direction = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || Plan.isNothing(editor.chosen)) return step(direction);
    const by = direction.map((value) => value * (event.shiftKey ? STEP.coarse : STEP.fine));
    editor.apply(acts.move(editor.state, editor.chosen, ...by), "moved", { kind: "arrow" });
  };
  const page = (event) => {
    const far = (event.key === "PageUp" ? -0.6 : 0.6) * (event.shiftKey ? canvas.clientWidth : canvas.clientHeight);
    drawing.pan(...(event.shiftKey ? [far, 0] : [0, far]));
  };

  const KEYS = {
    " ": pick, Enter: () => (editor.tool === "area" ? commands.finish() : pick()), Escape: escape, Delete: () => commands.remove(), Backspace: () => commands.remove(),
    Home: () => alongRow(false), End: () => alongRow(true), PageUp: page, PageDown: page,
    "+": () => commands["zoom-in"](), "=": () => commands["zoom-in"](), "-": () => commands["zoom-out"](), 0: () => commands["zoom-fit"](),
    l: pickRow, s: pickSection, v: () => editor.use("select"), h: () => editor.use("hand"), r: () => editor.use("row"), a: () => editor.use("area"), f: () => editor.use("focal"),
    g: () => commands.generate(), n: () => commands.number(), m: () => commands["mirror-across"](), M: () => commands["mirror-down"](),
    q: () => commands["rotate-left"](), e: () => commands["rotate-right"](), d: () => commands.duplicate(), "?": () => commands.help(),
  };

  canvas.addEventListener("keydown", (event) => {
    if (event.altKey) return;
    const held = event.ctrlKey || event.metaKey;
    const act = ARROWS[event.key] ? arrow : held ? { " ": pick, a: commands["pick-all"] }[event.key] : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });

  editor.root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const isTyping = event.target.matches("input:not([type=checkbox], [type=radio]), textarea");
    const act = { z: event.shiftKey ? commands.redo : commands.undo, Z: commands.redo, y: commands.redo, s: commands.save }[event.key];
    if (!act || (isTyping && event.key !== "s")) return;
    event.preventDefault();
    act();
  });
  canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible") && Plan.isNothing(editor.chosen) && !editor.cursor) editor.say("canvas_focus"); });
})();
