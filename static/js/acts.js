// What an act would do is shown in a dialog, where it is confirmed; and one box ticks all of a page.
(() => {
  const dialog = () => document.getElementById("act-dialog");
  let opener = "";

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const row = detail.elt.closest("tr[id]");
    if (row && detail.target.id === "act") opener = row.id;
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.id !== "act") return;
    if (!dialog().open) dialog().showModal();
    const first = dialog().querySelector("[aria-invalid=true], #act input:not([type=hidden]), #act select, #act button, .closing");
    first.focus();
  });

  // A row was drawn anew meanwhile, so the focus goes back to its menu by name.
  document.addEventListener("close", ({ target }) => {
    if (target !== dialog()) return;
    document.getElementById("act").replaceChildren();
    for (const menu of document.querySelectorAll(".row-acts[open]")) menu.open = false;
    const row = document.getElementById(opener);
    (row?.querySelector("summary") ?? row?.querySelector("a"))?.focus();
  }, true);

  // One menu at a time, and none when somebody goes on elsewhere.
  document.addEventListener("click", ({ target }) => {
    for (const menu of document.querySelectorAll(".row-acts[open]")) {
      if (!menu.contains(target) && !target.closest("dialog")) menu.open = false;
    }
  });
  document.addEventListener("keydown", ({ key, target }) => {
    const menu = target.closest?.(".row-acts[open]");
    if (key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  const offerAll = () => document.querySelectorAll("[data-tick-all]").forEach((box) => { box.hidden = false; });
  document.addEventListener("DOMContentLoaded", offerAll);
  document.addEventListener("htmx:afterSettle", offerAll);
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-tick-all]")) return;
    target.closest("table").querySelectorAll("[name=booking]").forEach((box) => { box.checked = target.checked; });
  });
})();
