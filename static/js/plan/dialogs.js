// The dialogs: numbers for what is chosen, and a new section out of a few numbers, which the server makes.
(() => {
  const { editor } = Plan;
  if (!editor) return;
  const { part, canvas } = editor, { acts } = Plan;

  // --- Renumber --------------------------------------------------------------------------------------------------

  const number = part("number"), numberForm = number.querySelector("form");
  const showFields = () => {
    const what = new FormData(numberForm).get("what");
    numberForm.querySelectorAll("[data-for]").forEach((each) => { each.hidden = each.dataset.for !== what; });
  };
  number.addEventListener("change", showFields);
  number.addEventListener("close", () => {
    if (number.returnValue !== "go") return;
    number.returnValue = "";
    const facts = Object.fromEntries(new FormData(numberForm)), isRows = facts.what === "rows";
    const scheme = { scheme: isRows ? facts.rows : facts.seats, start: facts.start.trim(), skip: facts.skip, reverse: "reverse" in facts };
    editor.apply((isRows ? acts.renumberRows : acts.renumberSeats)(editor.state, editor.chosen, scheme), isRows ? "rows_numbered" : "seats_numbered");
    canvas.focus();
  });
  showFields();

  // --- A new section ------------------------------------------------------------------------------------------------

  const dialog = part("generate"), form = dialog.querySelector("form"), trial = Plan.drawing(part("trial"), { hasHandles: false });
  const input = (name) => form.querySelector(`[name="${name}"]`);
  const NEEDS = { straight: ["seats", "growth"], curved: ["seats", "growth", "radius"], round: ["radius", "sweep"] };
  const ONLY_SOME = new Set(Object.values(NEEDS).flat());
  let timer = 0, asked = 0;

  const showNeeded = () => {
    ONLY_SOME.forEach((name) => { form.querySelector(`.plan-field.is-${name}`).hidden = !NEEDS[input("form").value].includes(name); });
    form.querySelector(".plan-field.is-skipped").hidden = input("row_names").value === "numbers";
    form.querySelector(".plan-field.is-aisle_width").hidden = !input("aisles").value.trim();
  };
  const ask = () => editor.ask(form.action, Object.fromEntries(new FormData(form)));
  const tell = ({ status, said }) => {
    form.querySelectorAll("[data-error]").forEach((line) => { line.textContent = ""; });
    Object.entries(said?.errors || {}).forEach(([name, text]) => { form.querySelector(`[data-error="${name}"]`).textContent = text; });
    if (status !== 200 && !said?.errors) form.querySelector("[data-error=__all__]").textContent = editor.failure(status);
  };

  // What it would look like, while one fills in; only the latest answer counts.
  const attempt = async () => {
    const mine = (asked += 1), answer = await ask();
    if (mine !== asked || !dialog.open) return;
    tell(answer);
    if (answer.status !== 200) return;
    const section = Plan.section(answer.said.section), { focal } = editor.state;
    trial.show({ focal, sections: [...editor.state.sections, section] }, { ...Plan.nothing(), sections: new Set([section.id]) }, null);
    trial.fit(Plan.box([...Plan.points(section), ...(editor.state.sections.length ? [] : [focal])]), 24);
    part("trial-said").textContent = editor.told("seat_count", { count: Plan.count(section) });
  };
  const soon = () => {
    showNeeded();
    clearTimeout(timer);
    timer = setTimeout(attempt, 250);
  };

  // Behind what is there; the first one before the focal point, or around it; in any case where there is room for it.
  // Who says where it is to be has the last word.
  let isPlaced = false;
  const place = () => {
    if (isPlaced) return;
    const value = (name) => Number(input(name).value) || 0, [x, y] = editor.state.focal.map(Math.round), isStraight = input("form").value === "straight";
    const aisles = input("aisles").value.split(/[ ,]+/).filter(Boolean).length * value("aisle_width");
    const seats = value("seats") + Math.max(0, value("growth")) * value("rows"), reach = value("radius") + value("rows") * value("row_spacing");
    const half = isStraight ? (seats * value("seat_spacing") + aisles) / 2 : Math.min(reach, input("form").value === "round" ? reach : (seats * value("seat_spacing") + aisles) / 2);
    const behind = editor.state.sections.length ? Plan.boxOf(editor.state).bottom + 200 : y + 400;
    input("x").value = Math.max(x, Math.ceil(half / 50) * 50 + 100);
    input("y").value = Math.round(isStraight ? behind : Math.max(y, input("form").value === "round" ? reach + 100 : 0));
  };
  form.addEventListener("input", ({ target }) => {
    if (target.name === "row_names") input("first_row").value = target.value === "numbers" ? "1" : "A";
    isPlaced ||= target.name === "x" || target.name === "y";
    place();
    soon();
  });

  editor.commands.generate = () => {
    isPlaced = false;
    place();
    showNeeded();
    dialog.showModal();
    attempt();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    asked += 1;
    const answer = await ask();
    tell(answer);
    if (answer.status !== 200) return input(Object.keys(answer.said?.errors || {})[0])?.focus();
    dialog.close();
    const result = acts.addSection(editor.state, Plan.section(answer.said.section)), added = result.state.sections.at(-1);
    editor.apply(result, "section_added", { facts: { section: added.name, seats: Plan.count(added) } });
    editor.look(editor.chosen);
    canvas.focus();
  });
})();
