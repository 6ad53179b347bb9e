// A ticket is kept in this browser, so that its page opens without a network too. Without this it needs one.
(async () => {
  const told = document.querySelector("[data-kept]");
  if (!told || !("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register("/service-worker.js", { scope: "/tickets/" });
    await navigator.serviceWorker.ready;
    const pieces = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
    const ours = pieces.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/static/"));
    const kept = await caches.open("tickets");
    await kept.addAll([...new Set([location.pathname, ...ours.map(({ pathname }) => pathname)])]);
    told.hidden = false;
  } catch {
    // No place to keep it, or the network went away meanwhile: the page on the screen is good all the same.
  }
})();
