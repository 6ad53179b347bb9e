// Counts down what is left of a reservation. The page says what time it is for the server, so a
// device with a wrong clock counts right: only the time since the page came is measured here.
(() => {
  const show = (element, since) => {
    const left = Number(element.dataset.until) - Number(element.dataset.now) - since;
    if (left <= 0) {
      element.textContent = element.dataset.over;
      return;
    }
    const minutes = Math.floor(left / 60);
    const seconds = String(Math.floor(left % 60)).padStart(2, "0");
    element.textContent = element.dataset.text.replace("{time}", `${minutes}:${seconds}`);
  };
  const start = performance.now();
  const tick = () => {
    const since = (performance.now() - start) / 1000;
    document.querySelectorAll("[data-until]").forEach((element) => show(element, since));
  };
  tick();
  setInterval(tick, 1000);
})();
