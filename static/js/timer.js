// Counts down what is left of a reservation. The page says what time it is for the server, so a
// device with a wrong clock counts right: only the time since the page came is measured here.
(() => {
  const MARKS = [300, 120, 45, 0]; // seconds left at which it is also said aloud
  const page = performance.getEntriesByType("navigation")[0];
  const timers = new WeakMap(); // each with when it came and what it showed last

  const unit = (count, name) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
  const text = (left) => {
    const [days, hours, minutes] = [Math.floor(left / 86400), Math.floor(left / 3600) % 24, Math.floor(left / 60) % 60];
    if (days) return `${unit(days, "day")} ${unit(hours, "hour")}`;
    if (left >= 3600) return `${unit(hours, "hour")} ${unit(minutes, "minute")}`;
    return `${Math.floor(left / 60)}:${String(Math.floor(left % 60)).padStart(2, "0")}`;
  };

  const show = (element) => {
    const timer = timers.get(element);
    const since = (performance.now() - timer.came) / 1000;
    const left = Math.max(0, Number(element.dataset.until) - Number(element.dataset.now) - since);
    element.textContent = left > 0 ? element.dataset.text.replace("{time}", text(left)) : element.dataset.over;
    const passed = MARKS.some((mark) => left <= mark && mark < timer.left);
    if (passed && "aloud" in element.dataset) document.getElementById("aloud").textContent = element.textContent;
    timer.left = left;
  };

  const tick = (came = performance.now()) => {
    document.querySelectorAll("[data-until]").forEach((element) => {
      if (!timers.has(element)) timers.set(element, { came, left: 0 });
      show(element);
    });
  };

  tick(page?.responseStart);
  document.addEventListener("htmx:afterSwap", () => tick());
  setInterval(() => tick(), 1000);
})();
