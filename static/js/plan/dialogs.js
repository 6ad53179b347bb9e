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
  form.addEventListener("input", soon);
  input("row_names").addEventListener("change", () => { input("first_row").value = input("row_names").value === "numbers" ? "1" : "A"; });
  input("form").addEventListener("change", () => { [input("x").value, input("y").value] = place(); });

  // Behind what is there; the first one before the focal point, or around it.
  const place = () => {
    const [x, y] = editor.state.focal.map(Math.round), isRound = input("form").value !== "straight";
    if (isRound) return [x, y];
    return [x, editor.state.sections.length ? Math.round(Plan.boxOf(editor.state).bottom) + 200 : y + 400];
  };

  editor.commands.generate = () => {
    [input("x").value, input("y").value] = place();
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
