// Of a preset and days that somebody typed, the one that was touched last counts. Before htmx asks.
document.addEventListener(
  "change",
  (event) => {
    const form = event.target.closest(".report-filters");
    const { period, first, last } = form?.elements ?? {};
    if (!period || !first || !last) return;
    if (event.target === period) first.value = last.value = "";
    else if ((event.target === first || event.target === last) && event.target.value) period.value = "own";
  },
  { capture: true },
);
