// Nothing is lost: saving, what others saved meanwhile, what the server finds, and a draft in the browser until it is saved.
// What is kept in the browser is the plan alone, in this tab, and it goes when the plan is saved.
(() => {
  const { editor } = Plan;
  if (!editor) return;
  const { root, part, commands } = editor;
  const KEY = `plan-${root.dataset.plan}`;
  let saved = editor.state, revision = Number(root.dataset.revision), saving = false, timer = 0;
  const isDirty = () => editor.state !== saved;

  // --- In the browser ---------------------------------------------------------------------------------------------

  const keep = () => {
    clearTimeout(timer);
    try {
      if (isDirty()) sessionStorage.setItem(KEY, JSON.stringify({ revision, document: Plan.write(editor.state) }));
      else if (!part("restore").open) sessionStorage.removeItem(KEY);
    } catch {
      editor.say("not_kept"); // no room, or the browser doesn't keep anything
    }
  };
  const kept = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      return null;
    }
  };
  // Asked before anything else is done, lest new work take its place. To bring it back can be undone, so that is what
  // any other way out of the question does. It goes with the revision it was made from: if others saved since, that shows.
  const draft = kept();
  let isThrownAway = false;
  part("restore").addEventListener("close", () => {
    if (!isThrownAway) {
      revision = draft.revision;
      editor.load(draft.document, "restored");
    }
    keep();
  });
  Object.assign(commands, {
    restore() { part("restore").close(); },
    forget() { isThrownAway = true; part("restore").close(); },
  });
  window.addEventListener("pagehide", keep);
  window.addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });

  // --- On the server ----------------------------------------------------------------------------------------------

  const tell = () => {
    part("status").textContent = editor.told(saving ? "saving" : isDirty() ? "unsaved" : "saved");
    part("status").dataset.is = isDirty() ? "unsaved" : "saved";
    clearTimeout(timer);
    timer = setTimeout(keep, 300);
  };

  const save = async () => {
    if (saving) return false;
    const state = editor.state;
    saving = true;
    tell();
    const { status, said } = await editor.ask(root.dataset.save, { revision, document: Plan.write(state) });
    saving = false;
    if (status === 200) {
      [saved, revision] = [state, said.revision];
      findings([]);
      keep();
      editor.say("was_saved");
    } else if (status === 409) {
      part("conflict-text").textContent = said.message;
      part("conflict").showModal();
    } else if (status === 422) {
      findings(said.problems);
      editor.say("not_saved_faulty", { count: said.problems.length });
    } else part("said").textContent = editor.failure(status);
    tell();
    return status === 200;
  };

  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(Plan.write(editor.state))], { type: "application/json" }));
    link.download = `${root.dataset.file}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    editor.say("downloaded");
  };

  // --- What is wrong -----------------------------------------------------------------------------------------------

  // Where the server says something is, in its words, and what that is here.
  const spots = () => {
    const found = new Map(), only = (seats, sections = []) => ({ seats: new Set(seats), sections: new Set(sections) });
    for (const section of editor.state.sections) {
      found.set(section.name, only([], [section.id]));
      for (const row of section.rows) {
        found.set(editor.told("where_row", { section: section.name, row: row.name }), only(row.seats.map((seat) => seat.id)));
        for (const seat of row.seats) found.set(editor.told("where_seat", { section: section.name, row: row.name, seat: seat.number }), only([seat.id]));
      }
    }
    return found;
  };
  let spotted = [];
  const findings = (problems, advice = []) => {
    const known = spots();
    const listed = (kind) => ({ where, text }) => {
      const item = document.createElement("li"), chosen = known.get(where);
      const button = item.appendChild(document.createElement(chosen ? "button" : "span"));
      const strong = button.appendChild(document.createElement("strong"));
      strong.textContent = where;
      button.append(`: ${text}`);
      item.className = kind;
      if (chosen) [button.type, button.dataset.spot] = ["button", String(spotted.push(chosen) - 1)];
      return item;
    };
    spotted = [];
    part("findings-list").replaceChildren(...problems.map(listed("is-problem")), ...advice.map(listed("is-advice")));
    part("findings").hidden = !problems.length && !advice.length;
    if (problems.length) part("findings").focus();
  };
  root.addEventListener("click", ({ target }) => {
    const chosen = spotted[target.closest("[data-spot]")?.dataset.spot];
    if (!chosen) return;
    editor.choose(chosen, "chosen");
    editor.cursor = [...chosen.seats][0] ?? editor.cursor;
    editor.look(chosen);
    editor.changed();
  });

  const check = async () => {
    const { status, said } = await editor.ask(root.dataset.check, { document: Plan.write(editor.state) });
    if (status !== 200 && status !== 422) return void (part("said").textContent = editor.failure(status));
    findings(said.problems, said.advice);
    editor.say(said.problems.length ? "checked_problems" : said.advice?.length ? "checked_advice" : "checked_fine", { count: said.problems.length || said.advice?.length });
  };

  Object.assign(commands, {
    save, check, download,
    reload() { saved = editor.state; sessionStorage.removeItem(KEY); location.reload(); },
    async publish() { if (!isDirty() || await save()) { saved = editor.state; location.href = root.dataset.publish; } },
  });

  document.getElementById("plan-without").hidden = true;
  root.hidden = false;
  editor.onChange(tell);
  editor.changed();
  editor.fit();
  if (draft && JSON.stringify(draft.document) !== JSON.stringify(Plan.write(saved))) part("restore").showModal();
})();
