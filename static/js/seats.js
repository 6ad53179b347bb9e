// Choosing seats: what a press on the plan or in the list means. The basket is the form that is sent; its lines are made
// of the server's own templates, one for each price level. choice.js counts, and keeps the choice in the address.
(() => {
  const basket = document.querySelector("form[data-seats]");
  if (!basket) return;
  const items = basket.querySelector("[data-items]");
  const words = document.querySelector("template[data-words]").dataset;
  const levels = new Map([...document.querySelectorAll("template[data-level]")].map((template) => [Number(template.dataset.level), template]));
  const aloud = document.getElementById("aloud");
  const news = basket.querySelector("[data-news]");
  const hint = basket.querySelector("[data-hint]");
  const bar = document.querySelector("[data-bar]");
  const field = document.querySelector("[data-seatmap]");
  const own = new Map(Object.entries(JSON.parse(field?.dataset.own || "{}")).map(([place, level]) => [Number(place), level]));
  const typed = { vip: words.vip, wheelchair: words.wheelchair, companion: words.companion, restricted: words.restricted };
  let map = null;

  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  const line = (place) => items.querySelector(`[data-seat="${place}"]`);
  const places = () => [...items.children].map((item) => Number(item.dataset.seat));
  const nameOf = (seat) => fill(words.seat, { section: seat.section.name, row: seat.row, number: seat.number });
  const levelOf = (seat) => own.get(seat.place) ?? seat.level; // what one has reserved oneself is free for another choice
  const isFree = (seat) => levelOf(seat) >= 0;
  const isFull = () => Number(basket.dataset.places) >= Number(basket.dataset.most);
  const say = (...texts) => { aloud.textContent = texts.filter(Boolean).join(" "); };
  const total = () => basket.querySelector("[data-sum]").textContent;
  const shortly = () => [...basket.querySelector("[data-sum]").childNodes].filter((part) => part.nodeName !== "SMALL").map((part) => part.textContent).join("");

  // --- The basket ---

  const add = (place, level, name) => {
    if (line(place)) return true;
    if (isFull()) {
      say(words.full);
      tell(words.full);
      return false;
    }
    const item = levels.get(level).content.firstElementChild.cloneNode(true);
    item.dataset.seat = place;
    item.querySelector("[data-name]").textContent = name;
    const kind = item.querySelector("[name^=seat_]");
    kind.name = `seat_${place}`;
    if (kind.options) kind.setAttribute("aria-label", fill(words.ticket, { name }));
    if (kind.options) kind.id = `id_seat_${place}`;
    item.querySelector("[data-remove]").setAttribute("aria-label", fill(words.remove, { name }));
    items.append(item);
    changed();
    say(fill(words.added, { name }), hint.textContent, total());
    return true;
  };

  const remove = (place, text = words.removed) => {
    const item = line(place);
    if (!item) return;
    const name = item.querySelector("[data-name]").textContent;
    item.remove();
    changed();
    say(fill(text, { name }), total());
  };

  const changed = () => {
    const chosen = new Set(places());
    basket.querySelector("[data-empty]").hidden = chosen.size > 0;
    news.hidden = true;
    document.querySelectorAll("input[data-place]").forEach((box) => { box.checked = chosen.has(Number(box.dataset.place)); });
    map?.seats.forEach((seat) => map.marked(seat, "chosen") !== chosen.has(seat.place) && map.mark(seat, "chosen", chosen.has(seat.place)));
    advise();
    basket.dispatchEvent(new CustomEvent("choice:changed"));
    count();
  };

  const count = () => {
    if (!bar) return;
    bar.hidden = basket.dataset.places === "0";
    bar.querySelector("[data-bar-sum]").textContent = shortly().trim();
  };

  basket.addEventListener("input", count);
  items.addEventListener("click", (event) => {
    const link = event.target.closest("[data-remove]");
    if (!link) return;
    event.preventDefault();
    const item = link.closest("[data-seat]");
    const next = (item.nextElementSibling || item.previousElementSibling)?.querySelector("[data-remove]") || document.getElementById("basket");
    remove(Number(item.dataset.seat));
    next.focus();
  });

  const tell = (text, offers = []) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    const row = document.createElement("div");
    row.className = "buttons";
    row.append(...offers.map((seat) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "outline";
      button.textContent = fill(words.take, { name: nameOf(seat) });
      button.addEventListener("click", () => toggle(seat));
      return button;
    }));
    news.replaceChildren(paragraph, ...(offers.length ? [row] : []));
    news.hidden = false;
  };

  // --- Hints: the server decides, but who is told before needn't come back ---

  const isKept = (seat) => seat.type === "wheelchair" || seat.type === "companion";

  const alone = (row, chosen) => {
    const free = new Map(row.filter((seat) => isFree(seat) && !isKept(seat)).map((seat) => [seat.position, seat]));
    const left = (position) => free.has(position) && !chosen.has(free.get(position).place);
    const beside = [...free.values()].filter((seat) => chosen.has(seat.place)).flatMap((seat) => [seat.position - 1, seat.position + 1]);
    return beside.filter((position) => left(position) && !left(position - 1) && !left(position + 1)).map((position) => free.get(position));
  };

  const advise = () => {
    const chosen = new Set(places());
    const seats = map ? [...chosen].map((place) => map.byPlace.get(place)).filter(Boolean) : [];
    const lonely = basket.dataset.gaps ? [...new Set(seats.map((seat) => seat.line))].flatMap((row) => alone(row, chosen)) : [];
    const escort = seats.find((seat) => seat.type === "companion" && !seats.some((other) => other.type === "wheelchair" && other.section === seat.section));
    const text = escort ? fill(words.accompany, { name: nameOf(escort) }) : lonely.length ? fill(words.alone, { name: nameOf(lonely[0]) }) : "";
    hint.textContent = text;
    hint.hidden = !text;
  };

  // --- The plan ---

  const toggle = (seat) => {
    if (map.marked(seat, "chosen")) remove(seat.place);
    else if (isFree(seat)) add(seat.place, levelOf(seat), nameOf(seat));
    else say(map.describe(seat).filter(Boolean).join(", "));
  };

  const describe = (seat) => {
    const template = levels.get(levelOf(seat));
    const price = template ? `${template.dataset.name}, ${template.dataset.price.trim()}` : "";
    const state = map.marked(seat, "chosen") ? words.chosen : own.has(seat.place) ? words.yours : seat.level < 0 ? (seat.state === "." ? words.taken : words.off) : "";
    return [nameOf(seat), price, typed[seat.type], state];
  };

  const lost = (seats) => {
    const gone = seats.filter((seat) => map.marked(seat, "chosen") && !isFree(seat));
    gone.forEach((seat) => remove(seat.place, words.gone));
    if (!gone.length) return;
    const near = (seat) => map.seats
      .filter((other) => other.level >= 0 && !map.marked(other, "chosen") && (other.type === seat.type || !(isKept(other) || isKept(seat))))
      .sort((a, b) => (a.x - seat.x) ** 2 + (a.y - seat.y) ** 2 - (b.x - seat.x) ** 2 - (b.y - seat.y) ** 2);
    const offers = near(gone[0]).slice(0, 3);
    const text = [...gone.map((seat) => fill(words.gone, { name: nameOf(seat) })), offers.length ? words.near : ""].join(" ");
    tell(text, offers);
    say(text, total());
  };

  document.addEventListener("seatmap:ready", ({ detail }) => {
    map = detail;
    map.describe = describe;
    own.forEach((level, place) => map.byPlace.has(place) && map.mark(map.byPlace.get(place), "own", true));
    changed();
    map.root.addEventListener("seatmap:press", ({ detail: seat }) => toggle(seat));
    map.root.addEventListener("seatmap:states", ({ detail: seats }) => { lost(seats); advise(); });
  });

  document.addEventListener("seatmap:failed", ({ target }) => { target.querySelector(".seatmap-failed").hidden = false; });

  // With scripts the plan's sections lead to their seats on the plan; without they lead to the list.
  field?.querySelectorAll("a[data-section]").forEach((link) => {
    const address = new URL(link.getAttribute("href"), location);
    address.searchParams.delete("view");
    link.setAttribute("href", address.hash === "#ways" ? address.pathname + address.search + address.hash : address.hash);
  });

  // --- Levels: one of them can be made to stand out ---

  document.querySelectorAll(".legend.levels li[data-level]").forEach((entry) => {
    const text = entry.querySelector("span");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "secondary outline";
    button.setAttribute("aria-pressed", "false");
    button.append(...text.childNodes);
    text.replaceWith(button);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") === "false";
      document.querySelectorAll(".legend.levels button").forEach((other) => other.setAttribute("aria-pressed", "false"));
      button.setAttribute("aria-pressed", String(on));
      const level = Number(entry.dataset.level);
      map?.seats.forEach((seat) => map.marked(seat, "dim") !== (on && seat.level !== level) && map.mark(seat, "dim", on && seat.level !== level));
    });
  });

  // --- The list ---

  document.querySelectorAll("[data-scriptless]").forEach((part) => { part.hidden = true; });
  document.querySelectorAll("input[data-place]").forEach((box) => box.addEventListener("change", () => {
    if (!box.checked) remove(Number(box.dataset.place));
    else box.checked = add(Number(box.dataset.place), Number(box.dataset.level), box.dataset.called);
  }));

  // Links that lead to another look at the same choice take it along as it is now.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-keep], a[data-section]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    const isChoice = (name) => /^(seat|price)_/.test(name);
    const address = new URL(link.getAttribute("href"), location);
    [...address.searchParams.keys()].filter(isChoice).forEach((name) => address.searchParams.delete(name));
    new URLSearchParams(location.search).forEach((value, name) => isChoice(name) && address.searchParams.set(name, value));
    link.setAttribute("href", address.pathname + address.search + address.hash);
  }, true);

  count();
})();
