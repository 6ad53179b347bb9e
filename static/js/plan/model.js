// A seating plan while it is edited. States are never changed, only replaced: what a change leaves alone is the same
// object afterwards, so a hundred steps back cost little, and the drawing sees at once which sections are new.
//
// state   { name, focal: [x, y], sections }
// section { id, name, tier, kind, shape: [[x, y], …], capacity, rows }
// row     { id, name, seats }
// seat    { id, number, position, x, y, type, of }      `of` is the id of the wheelchair place of a companion
// chosen  { seats: Set of ids, sections: Set of ids }   a section that is chosen has all of its seats chosen
//
// Coordinates are centimetres and become whole ones on the way out, so that turning a row often doesn't wear it down.
//
// These are plain scripts that share the one name Plan: static files get new names by their content, and whoever
// renames them doesn't look into imports.
const Plan = {};

(() => {
  const LARGEST = 100000; // centimetres: as on the server
  let last = 0;
  const identity = () => (last += 1);

  // --- The document that server and files know -----------------------------------------------------------------

  const read = (document) => ({ name: document.name, focal: [...document.focal], sections: document.sections.map(section) });

  const section = (given) => {
    const rows = (given.rows || []).map((row) => ({
      id: identity(),
      name: row.row,
      seats: row.seats.map(([number, position, x, y, type, of]) => ({ id: identity(), number, position, x, y, type: type || "standard", of: of || null }))
        .sort((one, other) => one.position - other.position),
    }));
    const byLabel = new Map(rows.flatMap((row) => row.seats.map((seat) => [JSON.stringify([row.name, seat.number]), seat.id])));
    rows.forEach((row) => row.seats.forEach((seat) => { seat.of = seat.of && (byLabel.get(JSON.stringify(seat.of)) || null); }));
    return { id: identity(), name: given.name, tier: given.tier || "", kind: given.kind, shape: given.shape.map(([x, y]) => [x, y]), capacity: given.capacity || 0, rows };
  };

  const whole = (value) => Math.min(LARGEST, Math.max(0, Math.round(value)));

  const write = (state) => ({ name: state.name, focal: state.focal.map(whole), sections: state.sections.map(written) });

  const written = (section) => {
    const labels = new Map(section.rows.flatMap((row) => row.seats.map((seat) => [seat.id, [row.name, seat.number]])));
    const seats = (row) => row.seats.map((seat) => {
      const base = [seat.number, seat.position, whole(seat.x), whole(seat.y)];
      if (seat.of) return [...base, seat.type, labels.get(seat.of) || null];
      return seat.type === "standard" ? base : [...base, seat.type];
    });
    return {
      name: section.name, tier: section.tier, kind: section.kind,
      shape: section.shape.map((point) => point.map(whole)), capacity: section.capacity,
      rows: section.rows.map((row) => ({ row: row.name, seats: seats(row) })),
    };
  };

  // --- Looking things up ---------------------------------------------------------------------------------------

  const nothing = () => ({ seats: new Set(), sections: new Set() });
  const isNothing = (chosen) => !chosen.seats.size && !chosen.sections.size;
  const has = (chosen, section, seat) => chosen.sections.has(section.id) || chosen.seats.has(seat.id);

  function* places(state) {
    for (const section of state.sections) for (const row of section.rows) for (const seat of row.seats) yield { section, row, seat };
  }
  const picked = (state, chosen) => [...places(state)].filter(({ section, seat }) => has(chosen, section, seat));
  const find = (state, id) => {
    for (const place of places(state)) if (place.seat.id === id) return place;
    return null;
  };
  const touched = (state, chosen) => state.sections.filter((section) => chosen.sections.has(section.id) || section.rows.some((row) => row.seats.some((seat) => chosen.seats.has(seat.id))));
  const count = (section) => section.rows.reduce((sum, row) => sum + row.seats.length, 0);

  // --- Shapes ----------------------------------------------------------------------------------------------------

  const box = (points) => {
    const found = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const [x, y] of points) {
      found.left = Math.min(found.left, x); found.right = Math.max(found.right, x);
      found.top = Math.min(found.top, y); found.bottom = Math.max(found.bottom, y);
    }
    return found;
  };
  const seatPoints = (section) => section.rows.flatMap((row) => row.seats.map((seat) => [seat.x, seat.y]));
  const points = (section) => [...section.shape, ...seatPoints(section)];
  const boxOf = (state) => box([state.focal, ...state.sections.flatMap(points)]);
  const chosenPoints = (state, chosen) => [
    ...state.sections.filter((section) => chosen.sections.has(section.id)).flatMap((section) => section.shape),
    ...picked(state, chosen).map(({ seat }) => [seat.x, seat.y]),
  ];

  const inside = ([x, y], shape) => {
    let odd = false;
    shape.forEach(([ax, ay], at) => {
      const [bx, by] = shape[(at + shape.length - 1) % shape.length];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    });
    return odd;
  };

  // The rubber band around points, with room around it.
  const around = (given, room = 40) => {
    const corners = given.flatMap(([x, y]) => [[x - room, y - room], [x + room, y - room], [x + room, y + room], [x - room, y + room]]);
    const sorted = corners.map(([x, y]) => [Math.max(0, x), Math.max(0, y)]).sort(([ax, ay], [bx, by]) => ax - bx || ay - by);
    const turn = ([ox, oy], [ax, ay], [bx, by]) => (ax - ox) * (by - oy) - (ay - oy) * (bx - ox);
    const half = (list) => list.reduce((hull, point) => {
      while (hull.length > 1 && turn(hull.at(-2), hull.at(-1), point) <= 0) hull.pop();
      return [...hull, point];
    }, []).slice(0, -1);
    return [...half(sorted), ...half(sorted.reverse())];
  };

  // An outline holds its seats; one that does already stays as it was drawn.
  const fitted = (section) => {
    const seats = seatPoints(section);
    if (section.kind === "standing" || !seats.length || seats.every((point) => inside(point, section.shape))) return section;
    return { ...section, shape: around(seats) };
  };

  // --- Steps back and forth ----------------------------------------------------------------------------------------

  const history = (state, most = 200) => {
    let past = [], future = [], now = { state, chosen: nothing(), what: "" };
    return {
      get state() { return now.state; },
      get chosen() { return now.chosen; },
      get canUndo() { return past.length > 0; },
      get canRedo() { return future.length > 0; },
      choose(chosen) { now = { ...now, chosen }; },
      // Steps of one `kind` that follow each other closely are one step: an arrow key that is held down.
      push(state, chosen, what, kind = null) {
        const at = performance.now(), goesOn = kind && now.kind === kind && at - now.at < 700 && now.chosen === chosen;
        if (!goesOn) past = [...past, now].slice(-most);
        future = [];
        now = { state, chosen, what, kind, at };
      },
      undo() {
        const { what } = now;
        future.push(now);
        now = past.pop();
        return what;
      },
      redo() {
        past.push(now);
        now = future.pop();
        return now.what;
      },
    };
  };

  Object.assign(Plan, {
    around, box, boxOf, chosenPoints, count, find, fitted, has, history, identity, inside, isNothing, nothing,
    picked, places, points, read, seatPoints, section, touched, whole, write,
  });
})();
