// The editor of seating plans: what is chosen, what was done, what is said, and the commands of the toolbar.
(() => {
  const root = document.getElementById("plan-editor");
  if (!root) return;

  const given = (id) => JSON.parse(document.getElementById(id).textContent);
  const words = given("plan-words");
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const canvas = part("canvas");
  const told = (key, facts = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

  // In a new plan people look at a point with room around it, not at the corner.
  const begun = Plan.read(given("plan-document")), isNew = !begun.sections.length && !begun.focal.some(Boolean);
  const history = Plan.history(isNew ? { ...begun, focal: [2000, 500] } : begun);
  const listeners = [];
  const drawing = Plan.drawing(canvas.querySelector("svg"), { onView: ({ scale }) => { part("scale").textContent = told("scale", { meters: Math.round(canvas.clientWidth / scale / 100) }); } });

  const editor = {
    root, part, canvas, words, told, history, drawing, cursor: null, tool: "select",
    get state() { return history.state; },
    get chosen() { return history.chosen; },

    // Said in the line below the drawing, which is read aloud to who can't see the rest.
    say(key, facts) { part("said").textContent = told(key, facts); },

    onChange(listener) { listeners.push(listener); },
    changed() {
      drawing.show(history.state, history.chosen, editor.cursor);
      listeners.forEach((listener) => listener());
    },

    choose(chosen, said) {
      history.choose(chosen);
      editor.changed();
      if (said) editor.say(said, editor.counts(chosen));
    },
    counts(chosen = history.chosen) {
      return { seats: Plan.picked(history.state, chosen).length, sections: chosen.sections.size };
    },

    // Go on with what a change made of the plan: a state, or a state and what is chosen then. Nothing: it can't be.
    apply(result, what, { facts, kind } = {}) {
      if (!result) return;
      const state = result.state || result, chosen = result.chosen || history.chosen;
      if (state === history.state) return;
      history.push(state, chosen, told(what, facts || editor.counts()), kind);
      editor.changed();
      part("said").textContent = told(what, facts || editor.counts());
    },
    load(document, what) {
      editor.apply({ state: Plan.read(document), chosen: Plan.nothing() }, what);
      editor.fit();
    },

    fit() { drawing.fit(Plan.boxOf(history.state)); },
    look(chosen) { drawing.reveal(Plan.box(Plan.chosenPoints(history.state, chosen))); },
    use(tool) {
      editor.tool = tool;
      root.dataset.tool = tool;
      root.querySelectorAll("[data-tool]").forEach((button) => button.matches("button") && button.setAttribute("aria-pressed", String(button.dataset.tool === tool)));
      drawing.sketch();
      editor.changed();
      editor.say(`tool_${tool}`);
    },

    // Sends what the server is asked for, and returns its status with what it says; status 0 is no answer at all.
    async ask(url, body) {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": root.querySelector("[name=csrfmiddlewaretoken]").value };
      try {
        const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), redirect: "manual" });
        if (response.type === "opaqueredirect") return { status: 403, said: null }; // to the door
        const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
        return { status: response.status, said: isJson ? await response.json() : null };
      } catch {
        return { status: 0, said: null };
      }
    },
    // What to say when the server gave no answer of its own.
    failure: (status) => told(status === 0 ? "unreachable" : status === 403 ? "signed_out" : "failed"),
  };

  const needsChoice = (act) => () => (Plan.isNothing(editor.chosen) ? editor.say("choose_first") : act());
  const changing = (make, what) => needsChoice(() => editor.apply(make(editor.state, editor.chosen), what));
  const { acts } = Plan;

  editor.commands = {
    undo() {
      if (!history.canUndo) return editor.say("nothing_to_undo");
      const what = history.undo();
      editor.changed();
      editor.say("undone", { what });
    },
    redo() {
      if (!history.canRedo) return editor.say("nothing_to_redo");
      const what = history.redo();
      editor.changed();
      editor.say("redone", { what });
    },
    duplicate: changing(acts.duplicate, "duplicated"),
    remove: needsChoice(() => {
      editor.apply({ state: acts.remove(editor.state, editor.chosen), chosen: Plan.nothing() }, "removed", { facts: editor.counts() });
      if (editor.cursor && !Plan.find(editor.state, editor.cursor)) editor.cursor = null;
    }),
    "mirror-across": changing((state, chosen) => acts.mirror(state, chosen, true), "mirrored"),
    "mirror-down": changing((state, chosen) => acts.mirror(state, chosen, false), "mirrored"),
    "rotate-left": changing((state, chosen) => acts.rotate(state, chosen, -5), "rotated"),
    "rotate-right": changing((state, chosen) => acts.rotate(state, chosen, 5), "rotated"),
    "zoom-in"() { // towards what is chosen, if that is in view
      const { left, top, right, bottom } = Plan.box(Plan.chosenPoints(editor.state, editor.chosen)), { view } = drawing;
      const at = [((left + right) / 2 - view.x) * view.scale, ((top + bottom) / 2 - view.y) * view.scale];
      const isSeen = at[0] >= 0 && at[1] >= 0 && at[0] <= canvas.clientWidth && at[1] <= canvas.clientHeight;
      drawing.zoom(1.4, isSeen ? at : undefined);
    },
    "zoom-out": () => drawing.zoom(1 / 1.4),
    "zoom-fit": () => editor.fit(),
    "pick-all": () => editor.choose({ ...Plan.nothing(), sections: new Set(editor.state.sections.map((section) => section.id)) }, "chosen"),
    "pick-none": () => editor.choose(Plan.nothing(), "chosen_none"),
    "pick-rows": needsChoice(() => {
      const { seats, sections } = editor.chosen;
      const rows = editor.state.sections.flatMap((section) => section.rows).filter((row) => row.seats.some((seat) => seats.has(seat.id)));
      editor.choose({ seats: new Set(rows.flatMap((row) => row.seats.map((seat) => seat.id))), sections }, "chosen");
    }),
    "pick-sections": needsChoice(() => editor.choose({ seats: new Set(), sections: new Set(Plan.touched(editor.state, editor.chosen).map((section) => section.id)) }, "chosen")),
    "fit-outline": changing(acts.fit, "outlined"),
    "sort-rows": changing(acts.sortRows, "sorted"),
    "row-behind": needsChoice(() => {
      const section = Plan.touched(editor.state, editor.chosen).find((each) => each.rows.length);
      if (section) editor.apply(acts.addRowBehind(editor.state, section.id), "row_added", { facts: { row: "" } });
    }),
    "seat-after": needsChoice(() => editor.apply(acts.insertAfter(editor.state, [...editor.chosen.seats].at(-1)), "seat_added")),
    number: needsChoice(() => part("number").showModal()),
    help: () => part("help").showModal(),
  };

  // --- Buttons and dialogs -----------------------------------------------------------------------------------------

  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.command) editor.commands[button.dataset.command]?.();
    if (button?.dataset.tool) editor.use(button.dataset.tool);
    if (button && "close" in button.dataset) button.closest("dialog").close();
  });

  // A toolbar is one stop of the Tab key; arrows lead from button to button.
  root.querySelectorAll("[role=toolbar]").forEach((toolbar) => {
    const buttons = () => [...toolbar.querySelectorAll("button")];
    const stand = (button) => buttons().forEach((each) => { each.tabIndex = each === button ? 0 : -1; });
    stand(buttons()[0]);
    toolbar.addEventListener("focusin", ({ target }) => stand(target.closest("button")));
    toolbar.addEventListener("keydown", (event) => {
      const all = buttons(), at = all.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      all[(to + all.length) % all.length].focus();
    });
  });

  editor.onChange(() => {
    const empty = Plan.isNothing(editor.chosen);
    const off = (name, is) => root.querySelectorAll(`[data-command="${name}"]`).forEach((button) => button.setAttribute("aria-disabled", String(is)));
    off("undo", !history.canUndo);
    off("redo", !history.canRedo);
    ["duplicate", "remove", "mirror-across", "mirror-down", "rotate-left", "rotate-right", "number"].forEach((name) => off(name, empty));
  });

  Plan.editor = editor;
})();
