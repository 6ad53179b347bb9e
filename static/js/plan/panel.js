// What is chosen, in plain form fields beside the drawing.
(() => {
  const { editor } = Plan;
  if (!editor) return;
  const { root, part } = editor, { acts } = Plan;
  const panel = part("panel");
  const field = (name) => panel.querySelector(`[data-fact="${name}"]`);
  const shows = (name, is) => panel.querySelectorAll(`[data-shows="${name}"]`).forEach((each) => { each.hidden = !is; });
  const fill = (name, value) => { const into = field(name); if (document.activeElement !== into || into.type !== "text") into.value = value; };
  const same = (values) => (values.length && values.every((value) => value === values[0]) ? values[0] : "");
  const sectionsChosen = () => editor.state.sections.filter((section) => editor.chosen.sections.has(section.id));
  const seatsChosen = () => [...Plan.places(editor.state)].filter(({ seat }) => editor.chosen.seats.has(seat.id));

  // --- What is shown ------------------------------------------------------------------------------------------------

  const show = () => {
    const sections = sectionsChosen(), picks = seatsChosen(), all = Plan.picked(editor.state, editor.chosen);
    const [place] = picks, one = picks.length === 1 && !sections.length;
    shows("plan", !sections.length && !picks.length);
    shows("sections", sections.length);
    shows("seats", all.length);
    shows("one-section", sections.length === 1);
    shows("standing", sections.length === 1 && sections[0].kind === "standing");
    shows("seated", sections.some((section) => section.kind === "seated"));
    shows("one-seat", one);
    shows("one-row", picks.length && !sections.length && same(picks.map(({ row }) => row.id)) !== "");
    shows("some-seats", picks.length);
    shows("companion", one && place.seat.type === "companion");

    showPlan();
    if (sections.length) showSections(sections);
    if (all.length) showSeats(all, picks, one);
    panel.querySelector("[data-option=section]").value = options();
  };

  const showPlan = () => {
    const { name, focal, sections } = editor.state;
    fill("plan.name", name);
    fill("plan.x", Math.round(focal[0]));
    fill("plan.y", Math.round(focal[1]));
    const seats = sections.reduce((sum, section) => sum + Plan.count(section), 0), standing = sections.reduce((sum, section) => sum + section.capacity, 0);
    part("totals").textContent = editor.told("totals", { sections: sections.length, seats, standing });
    part("sections").replaceChildren(...sections.map((section) => {
      const item = document.createElement("li"), button = item.appendChild(document.createElement("button"));
      button.type = "button";
      button.dataset.pick = section.id;
      button.textContent = section.name;
      const places = button.appendChild(document.createElement("small"));
      places.textContent = editor.told(section.kind === "standing" ? "standing_count" : "seat_count", { count: section.capacity || Plan.count(section) });
      return item;
    }));
    part("start").hidden = sections.length > 0;
  };

  const showSections = (sections) => {
    part("sections-title").textContent = sections.length === 1 ? sections[0].name : editor.told("sections_chosen", { sections: sections.length });
    if (sections.length === 1) fill("section.name", sections[0].name);
    fill("section.outline", sections[0].shape.map((corner) => corner.map(Math.round).join(",")).join(" "));
    fill("section.tier", same(sections.map((section) => section.tier)));
    fill("section.capacity", sections[0].capacity);
    panel.querySelector("datalist").replaceChildren(...[...new Set(editor.state.sections.map((section) => section.tier).filter(Boolean))].map((tier) => new Option(tier, tier)));
  };

  const showSeats = (all, picks, one) => {
    const [{ section, row, seat }] = all;
    part("seats-title").textContent = one ? editor.told("where_seat", { section: section.name, row: row.name, seat: seat.number }) : editor.told("seats_chosen", { seats: all.length });
    fill("seat.type", same(all.map((each) => each.seat.type)));
    if (!picks.length) return;
    fill("row.name", picks[0].row.name);
    if (!one) return;
    fill("seat.number", seat.number);
    fill("seat.x", Math.round(seat.x));
    fill("seat.y", Math.round(seat.y));
    const after = row.seats[row.seats.indexOf(seat) + 1];
    field("seat.aisle").checked = Boolean(after) && after.position - seat.position > 1;
    field("seat.aisle").disabled = !after;
    const wheelchairs = section.rows.flatMap((each) => each.seats.filter(({ type }) => type === "wheelchair").map((place) => new Option(`${each.name} ${place.number}`, place.id)));
    field("seat.of").replaceChildren(...wheelchairs);
    fill("seat.of", seat.of ?? "");
  };

  // The sections that a new row can be put into, kept as chosen.
  const options = () => {
    const select = panel.querySelector("[data-option=section]"), before = Number(select.value);
    const seated = editor.state.sections.filter((section) => section.kind === "seated");
    const [chosen] = Plan.touched(editor.state, editor.chosen).filter((section) => section.kind === "seated");
    select.replaceChildren(new Option(editor.told("new_section"), ""), ...seated.map((section) => new Option(section.name, section.id)));
    return chosen?.id ?? (seated.some((section) => section.id === before) ? before : "");
  };

  // --- What is filled in ---------------------------------------------------------------------------------------------

  const whole = (value, low = 0, high = 100000) => Math.min(high, Math.max(low, Math.round(Number(value)) || 0));
  const text = (input) => input.value.trim();
  const eachSection = (facts) => sectionsChosen().reduce((state, section) => acts.setSection(state, section.id, facts), editor.state);
  const oneSeat = (facts) => acts.setSeat(editor.state, [...editor.chosen.seats][0], facts);

  const facts = {
    "plan.name": (input) => text(input) && [acts.setPlan(editor.state, { name: text(input) }), "renamed"],
    "plan.x": (input) => [acts.setPlan(editor.state, { focal: [whole(input.value), editor.state.focal[1]] }), "focal_set"],
    "plan.y": (input) => [acts.setPlan(editor.state, { focal: [editor.state.focal[0], whole(input.value)] }), "focal_set"],
    "section.name": (input) => text(input) && [eachSection({ name: text(input) }), "renamed"],
    "section.tier": (input) => [eachSection({ tier: text(input) }), "tier_set"],
    "section.capacity": (input) => [eachSection({ capacity: whole(input.value, 1, 1000000) }), "capacity_set"],
    "section.outline"(input) {
      const corners = input.value.trim().split(/\s+/).map((corner) => corner.split(",").map(Number));
      const isSound = corners.length > 2 && corners.length <= 500 && corners.every((corner) => corner.length === 2 && corner.every((value) => value >= 0 && value <= 100000));
      if (!isSound) editor.say("bad_outline");
      return isSound && [eachSection({ shape: corners }), "outlined"];
    },
    "row.name": (input) => text(input) && [acts.setRow(editor.state, seatsChosen()[0].row.id, text(input)), "renamed"],
    "seat.number": (input) => text(input) && [oneSeat({ number: text(input) }), "renamed"],
    "seat.x": (input) => [oneSeat({ x: whole(input.value) }), "moved"],
    "seat.y": (input) => [oneSeat({ y: whole(input.value) }), "moved"],
    "seat.of": (input) => [oneSeat({ of: Number(input.value) }), "bound"],
    "seat.aisle": (input) => [acts.setAisle(editor.state, [...editor.chosen.seats][0], input.checked), input.checked ? "aisle_made" : "aisle_gone"],
    "seat.type"(input) {
      const state = acts.setType(editor.state, editor.chosen, input.value);
      if (!state) editor.say("no_wheelchair");
      return state && [state, "typed"];
    },
  };

  panel.addEventListener("change", ({ target }) => {
    const made = facts[target.dataset.fact]?.(target);
    if (made) editor.apply(made[0], made[1]);
    else if (target.dataset.fact) show();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      event.target.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  root.addEventListener("click", ({ target }) => {
    const id = Number(target.closest("[data-pick]")?.dataset.pick);
    if (!id) return;
    const chosen = { ...Plan.nothing(), sections: new Set([id]) };
    editor.choose(chosen, "chosen");
    editor.drawing.fit(Plan.box(Plan.chosenPoints(editor.state, chosen)), 70);
    field("section.name").focus();
  });
  editor.onChange(show);
})();
