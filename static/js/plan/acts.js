// Every change that can be made to a seating plan: from a state, and what is chosen of it, to the next state.
(() => {
  const { around, box, chosenPoints, fitted, has, identity, nothing, picked } = Plan;
  const FARTHEST = 100000;
  const LONGEST = { label: 8, name: 40 };

  const onSections = (state, change) => {
    const sections = state.sections.map(change);
    return sections.every((section, at) => section === state.sections[at]) ? state : { ...state, sections };
  };
  const onRows = (section, change) => {
    const rows = section.rows.map(change).filter((row) => row.seats.length);
    return rows.length === section.rows.length && rows.every((row, at) => row === section.rows[at]) ? section : { ...section, rows };
  };
  // `change` returns the same seat, another in its place, or null to take it away.
  const onSeats = (section, change) => onRows(section, (row) => {
    const seats = row.seats.map((seat) => change(seat, row)).filter(Boolean);
    return seats.length === row.seats.length && seats.every((seat, at) => seat === row.seats[at]) ? row : { ...row, seats };
  });
  const onRowOf = (state, id, change) => onSections(state, (section) => onRows(section, (row) => (row.seats.some((seat) => seat.id === id) ? change(row, section) : row)));

  // --- Where things are ------------------------------------------------------------------------------------------

  const carried = (state, chosen, to) => onSections(state, (section) => {
    const next = onSeats(section, (seat) => {
      if (!has(chosen, section, seat)) return seat;
      const [x, y] = to([seat.x, seat.y]);
      return { ...seat, x, y };
    });
    if (chosen.sections.has(section.id)) return { ...next, shape: section.shape.map(to) };
    return next === section ? section : fitted(next);
  });
  const shift = (dx, dy) => ([x, y]) => [x + dx, y + dy];
  const reach = (low, high, by) => Math.max(-low, Math.min(FARTHEST - high, by));

  // Nothing leaves the plan: what would, stops at its edge.
  const move = (state, chosen, dx, dy) => {
    const { left, top, right, bottom } = box(chosenPoints(state, chosen));
    return carried(state, chosen, shift(reach(left, right, dx), reach(top, bottom, dy)));
  };
  const inside = (state, chosen) => {
    const { left, top, right, bottom } = box(chosenPoints(state, chosen));
    return left < 0 || top < 0 || right > FARTHEST || bottom > FARTHEST ? move(state, chosen, 0, 0) : state;
  };
  const middle = (state, chosen) => {
    const { left, top, right, bottom } = box(chosenPoints(state, chosen));
    return [(left + right) / 2, (top + bottom) / 2];
  };
  const mirror = (state, chosen, across) => {
    const [mx, my] = middle(state, chosen);
    return carried(state, chosen, across ? ([x, y]) => [2 * mx - x, y] : ([x, y]) => [x, 2 * my - y]);
  };
  const rotate = (state, chosen, degrees) => {
    const [mx, my] = middle(state, chosen), angle = (degrees * Math.PI) / 180, [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    return inside(carried(state, chosen, ([x, y]) => [mx + (x - mx) * cos - (y - my) * sin, my + (x - mx) * sin + (y - my) * cos]), chosen);
  };
  const fit = (state, chosen) => onSections(state, (section) => (chosen.sections.has(section.id) && section.rows.length ? { ...section, shape: around(Plan.seatPoints(section)) } : section));

  // --- Labels ------------------------------------------------------------------------------------------------------

  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  // A, B, … Z, AA, AB, … without the letters that are left out: the counterpart of what a spreadsheet calls its columns.
  const letters = (index, alphabet) => (index < 0 ? "" : letters(Math.floor(index / alphabet.length) - 1, alphabet) + alphabet[index % alphabet.length]);
  const indexOf = (label, alphabet) => [...label].reduce((sum, letter) => (sum + 1) * alphabet.length + Math.max(0, alphabet.indexOf(letter)), -1);

  // The schemes are those of the generator on the server, under the same names, and two more for the sides of an aisle.
  const rowNames = (count, { scheme, start, skip }) => {
    const alphabet = [...LETTERS].filter((letter) => !skip.toUpperCase().includes(letter));
    const from = scheme === "numbers" ? Number.parseInt(start, 10) || 1 : indexOf(start.toUpperCase().replace(/[^A-Z]/g, "") || alphabet[0], alphabet);
    return Array.from({ length: count }, (_, index) => (scheme === "numbers" ? String(from + index) : letters(from + index, alphabet)));
  };
  const seatNumbers = (count, { scheme, start }) => {
    const given = Math.abs(Number.parseInt(start, 10)), isOdd = given % 2 === 1;
    const from = Number.isNaN(given) ? (scheme === "even" ? 2 : 1) : given;
    const range = (first, step, until) => Array.from({ length: Math.max(0, Math.ceil((until - first) / step)) }, (_, index) => String(first + index * step));
    const middle = isOdd || Number.isNaN(given) ? from : from + 1, [odd, even] = [range(middle, 2, middle + count), range(middle + 1, 2, middle + count)];
    return {
      left_to_right: () => range(from, 1, from + count),
      right_to_left: () => range(from, 1, from + count).reverse(),
      odd_left: () => [...odd.reverse(), ...even],
      odd_right: () => [...even.reverse(), ...odd],
      odd: () => range(middle, 2, middle + 2 * count),
      even: () => range(from + (from % 2), 2, from + (from % 2) + 2 * count),
    }[scheme]();
  };
  const following = (label) => {
    if (/^\d+$/.test(label)) return String(Number(label) + 1);
    if (/^[A-Z]+$/.test(label)) return letters(indexOf(label, LETTERS) + 1, LETTERS);
    return (label.slice(0, LONGEST.label - 1) || "") + "1";
  };
  const freeLabel = (label, taken) => (taken.has(label) ? freeLabel(following(label), taken) : label);
  const freeName = (state, wanted) => {
    const taken = new Set(state.sections.map((section) => section.name)), base = wanted.replace(/ \d+$/, "");
    for (let name = wanted, number = 2; ; number += 1) {
      if (!taken.has(name)) return name;
      name = `${base.slice(0, LONGEST.name - 5)} ${number}`;
    }
  };

  const renumberRows = (state, chosen, scheme) => onSections(state, (section) => {
    const rows = section.rows.filter((row) => row.seats.some((seat) => has(chosen, section, seat)));
    const given = rowNames(rows.length, scheme);
    if (scheme.reverse) rows.reverse();
    const named = new Map(rows.map((row, at) => [row.id, given[at]]));
    return onRows(section, (row) => (named.has(row.id) ? { ...row, name: named.get(row.id) } : row));
  });
  const renumberSeats = (state, chosen, scheme) => onSections(state, (section) => onRows(section, (row) => {
    const seats = row.seats.filter((seat) => has(chosen, section, seat));
    const given = seatNumbers(seats.length, scheme);
    const numbered = new Map(seats.map((seat, at) => [seat.id, given[at]]));
    return seats.length ? { ...row, seats: row.seats.map((seat) => (numbered.has(seat.id) ? { ...seat, number: numbered.get(seat.id) } : seat)) } : row;
  }));

  // --- More and less -------------------------------------------------------------------------------------------------

  const remove = (state, chosen) => {
    const gone = new Set(picked(state, chosen).map(({ seat }) => seat.id));
    const left = state.sections.filter((section) => !chosen.sections.has(section.id));
    const sections = left.map((section) => onSeats(section, (seat) => {
      if (gone.has(seat.id)) return null;
      return gone.has(seat.of) ? { ...seat, type: "standard", of: null } : seat;
    }));
    return { ...state, sections: sections.filter((section) => section.kind === "standing" || section.rows.length) };
  };

  // The same seats again with identities of their own; a companion stays with the copy of its wheelchair place.
  const anew = (rows) => {
    const now = new Map(rows.flatMap((row) => row.seats.map((seat) => [seat.id, identity()])));
    const seats = (row) => row.seats.map((seat) => {
      const of = now.get(seat.of) || seat.of;
      return { ...seat, id: now.get(seat.id), of };
    });
    return rows.map((row) => ({ ...row, id: identity(), seats: seats(row) }));
  };

  const duplicate = (state, chosen) => {
    const picks = nothing(), copies = [];
    const grown = onSections(state, (section) => {
      if (chosen.sections.has(section.id)) return section;
      const parts = section.rows.map((row) => ({ ...row, seats: row.seats.filter((seat) => chosen.seats.has(seat.id)) })).filter((row) => row.seats.length);
      return parts.length ? anew(parts).reduce((into, row) => {
        row.seats.forEach((seat) => picks.seats.add(seat.id));
        const name = freeLabel(following(into.rows.at(-1).name), new Set(into.rows.map((each) => each.name)));
        return withRow(state, into, { ...row, name, seats: row.seats.map((seat) => ({ ...seat, y: Math.min(FARTHEST, seat.y + 90 * parts.length) })) });
      }, section) : section;
    });
    for (const section of state.sections.filter((each) => chosen.sections.has(each.id))) {
      const known = { sections: [...state.sections, ...copies] };
      copies.push({ ...section, id: identity(), name: freeName(known, section.name), rows: anew(section.rows) });
      picks.sections.add(copies.at(-1).id);
    }
    const next = { ...grown, sections: [...grown.sections, ...copies] };
    return { state: copies.length ? move(next, { ...nothing(), sections: picks.sections }, 100, 100) : next, chosen: picks };
  };

  const addSection = (state, section) => {
    const named = { ...section, name: freeName(state, section.name) };
    return { state: { ...state, sections: [...state.sections, named] }, chosen: { ...nothing(), sections: new Set([named.id]) } };
  };

  const farAway = (state, row) => row.seats.reduce((sum, seat) => sum + Math.hypot(seat.x - state.focal[0], seat.y - state.focal[1]), 0) / row.seats.length;
  const sortRows = (state, chosen) => onSections(state, (section) => {
    if (!chosen.sections.has(section.id)) return section;
    return { ...section, rows: [...section.rows].sort((one, other) => farAway(state, one) - farAway(state, other)) };
  });

  // A new row stands among the others by its distance from what everybody looks at.
  const withRow = (state, section, row) => {
    const at = section.rows.findIndex((each) => farAway(state, each) > farAway(state, row));
    const rows = at < 0 ? [...section.rows, row] : [...section.rows.slice(0, at), row, ...section.rows.slice(at)];
    return fitted({ ...section, rows });
  };

  // As many points as fit between two, so far apart along the line; `bend` is by how much its middle lies farther
  // from the focal point than its ends.
  const along = (state, [from, to], spacing, bend = 0) => {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]], chord = Math.hypot(dx, dy), high = Math.min(bend, chord / 2);
    const radius = high > 0 ? (chord * chord / 4 + high * high) / (2 * high) : Infinity, half = high > 0 ? Math.asin(Math.min(1, chord / (2 * radius))) : 0;
    const count = Math.min(500, Math.floor((half ? 2 * radius * half : chord) / spacing + 0.001) + 1);
    if (!half) return Array.from({ length: count }, (_, at) => (chord ? [from[0] + (dx / chord) * spacing * at, from[1] + (dy / chord) * spacing * at] : from));
    const middle = [from[0] + dx / 2, from[1] + dy / 2], side = Math.sign((middle[0] - state.focal[0]) * -dy + (middle[1] - state.focal[1]) * dx) || 1;
    const [ex, ey] = [dx / chord, dy / chord], [nx, ny] = [-ey * side, ex * side];
    const angle = (at) => -half + (at * spacing) / radius;
    return Array.from({ length: count }, (_, at) => {
      const [sin, cos] = [Math.sin(angle(at)) * radius, Math.cos(angle(at)) * radius - (radius - high)];
      return [middle[0] + ex * sin + nx * cos, middle[1] + ey * sin + ny * cos].map((value) => Math.max(0, value));
    });
  };

  // A row on such points; into a section, or into a new one of that name.
  const addRow = (state, sectionId, points, newName) => {
    const seats = points.map(([x, y], at) => ({ id: identity(), number: String(at + 1), position: at + 1, x, y, type: "standard", of: null }));
    const chosen = { ...nothing(), seats: new Set(seats.map((seat) => seat.id)) };
    const known = state.sections.find((section) => section.id === sectionId && section.kind === "seated");
    if (!known) {
      const shape = around(seats.map((seat) => [seat.x, seat.y]));
      const section = { id: identity(), name: freeName(state, newName), tier: "", kind: "seated", shape, capacity: 0, rows: [{ id: identity(), name: "A", seats }] };
      return { state: { ...state, sections: [...state.sections, section] }, chosen };
    }
    const name = known.rows.length ? freeLabel(following(known.rows.at(-1).name), new Set(known.rows.map((row) => row.name))) : "A";
    return { state: onSections(state, (section) => (section === known ? withRow(state, section, { id: identity(), name, seats }) : section)), chosen };
  };

  // Another row like the last of a section, as far behind it as that is behind the one before.
  const addRowBehind = (state, sectionId) => {
    const section = state.sections.find((each) => each.id === sectionId), [before, lastRow] = section.rows.slice(-2).length > 1 ? section.rows.slice(-2) : [null, section.rows.at(-1)];
    const far = before ? [lastRow.seats[0].x - before.seats[0].x, lastRow.seats[0].y - before.seats[0].y] : [0, 90];
    const seats = lastRow.seats.map((seat) => ({ ...seat, id: identity(), type: "standard", of: null, x: seat.x + far[0], y: seat.y + far[1] }));
    const chosen = { ...nothing(), seats: new Set(seats.map((seat) => seat.id)) };
    const row = { id: identity(), name: freeLabel(following(lastRow.name), new Set(section.rows.map((each) => each.name))), seats };
    const next = onSections(state, (each) => (each === section ? fitted({ ...each, rows: [...each.rows, row] }) : each));
    return { state: inside(next, chosen), chosen };
  };

  const insertAfter = (state, id) => {
    const added = identity();
    const next = onRowOf(state, id, (row, section) => {
      const at = row.seats.findIndex((seat) => seat.id === id), [seat, after, before] = [row.seats[at], row.seats[at + 1], row.seats[at - 1]];
      const [x, y] = after ? [(seat.x + after.x) / 2, (seat.y + after.y) / 2] : before ? [2 * seat.x - before.x, 2 * seat.y - before.y] : [seat.x + 55, seat.y];
      const number = freeLabel(following(seat.number), new Set(row.seats.map((each) => each.number)));
      const made = { id: added, number, position: seat.position + 1, x: Math.max(0, x), y: Math.max(0, y), type: "standard", of: null };
      const later = row.seats.slice(at + 1).map((each) => ({ ...each, position: each.position + 1 }));
      return { ...row, seats: [...row.seats.slice(0, at + 1), made, ...later] };
    });
    return { state: onSections(next, (section) => (section.rows.some((row) => row.seats.some((seat) => seat.id === added)) ? fitted(section) : section)), chosen: { ...nothing(), seats: new Set([added]) } };
  };

  const addStanding = (state, shape, capacity, name) => addSection(state, { id: identity(), name, tier: "", kind: "standing", shape, capacity, rows: [] });

  // --- Facts -----------------------------------------------------------------------------------------------------------

  const setPlan = (state, facts) => ({ ...state, ...facts });
  const setSection = (state, id, facts) => onSections(state, (section) => (section.id === id ? { ...section, ...facts } : section));
  const setTier = (state, chosen, tier) => onSections(state, (section) => (chosen.sections.has(section.id) ? { ...section, tier } : section));
  const setSeat = (state, id, facts) => onSections(state, (section) => {
    const next = onSeats(section, (seat) => (seat.id === id ? { ...seat, ...facts } : seat));
    return next === section ? section : fitted(next);
  });
  const setRow = (state, id, name) => onSections(state, (section) => onRows(section, (row) => (row.id === id ? { ...row, name } : row)));

  // An aisle after a seat: those beyond it are its neighbours no longer.
  const setAisle = (state, id, there) => onRowOf(state, id, (row) => {
    const at = row.seats.findIndex((seat) => seat.id === id), after = row.seats[at + 1];
    if (!after) return row;
    const by = (there ? 2 : 1) - (after.position - row.seats[at].position);
    return { ...row, seats: row.seats.map((seat, index) => (index > at ? { ...seat, position: seat.position + by } : seat)) };
  });

  // A companion goes with the nearest wheelchair place of its section; where there is none, nothing is changed.
  const setType = (state, chosen, type) => {
    let lost = false;
    const next = onSections(state, (section) => {
      const mine = (seat) => has(chosen, section, seat);
      const wheelchairs = section.rows.flatMap((row) => row.seats).filter((seat) => seat.type === "wheelchair" && !mine(seat));
      const nearest = (seat) => wheelchairs.toSorted((one, other) => Math.hypot(one.x - seat.x, one.y - seat.y) - Math.hypot(other.x - seat.x, other.y - seat.y))[0];
      const typed = onSeats(section, (seat) => {
        if (!mine(seat)) return seat;
        if (type !== "companion") return { ...seat, type, of: null };
        lost ||= !wheelchairs.length;
        return wheelchairs.length ? { ...seat, type, of: nearest(seat).id } : seat;
      });
      const stays = new Set(typed.rows.flatMap((row) => row.seats).filter((seat) => seat.type === "wheelchair").map((seat) => seat.id));
      return onSeats(typed, (seat) => (seat.of && !stays.has(seat.of) ? { ...seat, type: "standard", of: null } : seat));
    });
    return lost ? null : next;
  };

  Plan.acts = {
    addRow, addRowBehind, addSection, addStanding, along, duplicate, fit, insertAfter, mirror, move, remove, renumberRows,
    renumberSeats, rotate, setAisle, setPlan, setRow, setSeat, setSection, setTier, setType, sortRows,
  };
})();
