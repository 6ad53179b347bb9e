// Keeps the pages of tickets that were shown once, and what they are made of, for a door without a network.
// The network comes first: a ticket that became void is void here too as soon as it is asked for. Nothing else
// is kept, and what is kept goes with everything else of this site when somebody signs out (Clear-Site-Data).
const KEPT = "tickets";
const isTicket = (url) => /^\/tickets\/[A-Za-z0-9_-]{32}\/$/.test(url.pathname);

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const fresh = async (request, url) => {
  const kept = await caches.open(KEPT);
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    const copy = await kept.match(url.pathname);
    if (copy) return copy;
    throw error;
  }
  if (answer.ok && !answer.redirected) await kept.put(url.pathname, answer.clone());
  else if (answer.status === 404) await kept.delete(url.pathname);
  return answer;
};

// What pages are made of has its hash in its name and never changes.
const piece = async (request) => (await caches.match(request)) || fetch(request);

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate") {
    if (isTicket(url)) event.respondWith(fresh(event.request, url));
  } else if (url.pathname.startsWith("/static/")) {
    event.respondWith(piece(event.request));
  }
});
