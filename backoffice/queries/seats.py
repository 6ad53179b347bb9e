"""The house as staff see it: what every place is, who has it or holds it, and what is in each section."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Booking, Ticket
from core.ranges import compact
from events.models import Event, EventSeat, Hold, PriceLevel
from venues.drawing import Outline, house
from venues.queries.seats import plan_seats

FREE, OTHER = ord("a"), ord("!")
"""The map's letters: of free seats by level from the one on, of all others by state and colour from the other on."""
STATES = ("reserved", "sold", "held", "blocked", "foreign")
COLOURS = len(PriceLevel.Colour)
DETAILED = 12
"""Of so many chosen places each is told; of more, their sums."""

Status = EventSeat.Status


@dataclass(frozen=True, slots=True)
class States:
    """A letter for each seat in the order of the plan, and the places in runs of first and count."""

    letters: str
    runs: list[list[int]]

    @property
    def version(self) -> str:
        """Changes with what they say."""
        return hashlib.blake2b(f"{self.letters}{self.runs}".encode(), digest_size=9).hexdigest()


def class_names() -> dict[str, str]:
    """Return the classes by the map's letters, of seats that aren't free."""
    return {
        chr(OTHER + COLOURS * number + colour): f"{state} lv-{colour}"
        for number, state in enumerate(STATES)
        for colour in range(COLOURS)
    }


def state_of(status: str, ownership: str) -> str:
    """Return in a word what keeps a place from being sold; "free" if nothing does."""
    if status != Status.AVAILABLE:
        return status
    return "free" if ownership == EventSeat.Ownership.OWNED else "foreign"


def states(event: Event, section: int | None) -> States:
    """Return the states of a section's seats, or of all, as they are now."""
    order = {level.pk: (index, level.colour) for index, level in enumerate(event.price_levels.all())}
    places = EventSeat.objects.filter(event=event, seat__isnull=False)
    if section is not None:
        places = places.filter(section=section)
    rows = places.values_list("seat", "pk", "status", "ownership", "price_level")
    found = {seat: (pk, status, ownership, level) for seat, pk, status, ownership, level in rows}
    spots = [spot for spot in plan_seats(event.plan_id or 0).spots if section in (None, spot.section)]
    letters, keys = [], []
    for spot in spots:
        pk, status, ownership, level = found[spot.pk]
        index, colour = order[level]
        state = state_of(status, ownership)
        free = state == "free"
        letters.append(chr(FREE + index) if free else chr(OTHER + COLOURS * STATES.index(state) + colour))
        keys.append(pk)
    return States("".join(letters), _runs(keys))


def _runs(keys: Iterable[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for key in keys:
        if runs and key == sum(runs[-1]):
            runs[-1][1] += 1
        else:
            runs.append([key, 1])
    return runs


@dataclass(frozen=True, slots=True)
class Drawn:
    """A price level as the drawing of a house takes it."""

    level: PriceLevel


@dataclass(frozen=True, slots=True)
class Sight:
    """A section on the map, in the colour of the level that most of its places have; `left` are free."""

    outline: Outline
    level: PriceLevel | None
    left: int
    is_gone: bool = False  # staff do more with seats than sell them
    few: str = ""

    @property
    def label(self) -> str:
        """What it is called to who can't see the plan."""
        left = ngettext("%(count)s left", "%(count)s left", self.left) % {"count": self.left}
        return f"{self.outline.name}, {left}"


def sights(event: Event) -> list[Sight]:
    """Return all sections of an event's plan, in order."""
    levels = {level.pk: level for level in event.price_levels.all()}
    places = EventSeat.objects.filter(event=event).order_by()
    counted: dict[int, Counter[int]] = {}
    for section, level, count in places.values_list("section", "price_level").annotate(Count("pk")):
        counted.setdefault(section or 0, Counter())[level] += count
    free = dict(places.free().values_list("section").annotate(Count("pk")))
    return [
        Sight(outline, levels[counted[outline.pk].most_common(1)[0][0]], free.get(outline.pk, 0))
        if outline.pk in counted
        else Sight(outline, None, 0)
        for outline in house(event.plan_id or 0).sections
    ]


# --- Sections, rows and seats, for lists --------------------------------------------------------------


@dataclass(slots=True)
class Told:
    """A place with who has it: its booking, where one has."""

    place: EventSeat
    booking: Booking | None = None

    @property
    def state(self) -> str:
        """In words."""
        return words_of(state_of(self.place.status, self.place.ownership))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a section, with its seats where they are asked for, and otherwise with their sums."""

    section: int
    order: int
    name: str
    sums: list[tuple[str, int]]
    seats: list[Told] = field(default_factory=list)

    @property
    def key(self) -> str:
        """As forms send it."""
        return f"{self.section}-{self.order}"


def words_of(state: str) -> str:
    """Return what the map's legend calls a state."""
    words = {"free": _("available"), "foreign": _("not ours")}
    return str(words.get(state) or Status(state).label)


def sums_by_section(event: Event) -> dict[int, list[tuple[str, int]]]:
    """Return of each section how many places are in which state, in words."""
    rows = EventSeat.objects.filter(event=event).order_by().values_list("section", "status", "ownership")
    found: dict[int, Counter[str]] = {}
    for section, status, ownership, count in rows.annotate(Count("pk")):
        found.setdefault(section or 0, Counter())[state_of(status, ownership)] += count
    return {section: _sums(counts) for section, counts in found.items()}


def _sums(counts: Counter[str]) -> list[tuple[str, int]]:
    return [(words_of(state), counts[state]) for state in ("free", *STATES) if counts[state]]


def rows_of(event: Event, section: int, *, opened: Collection[int] | None, bookings: bool) -> list[Row]:
    """Return a section's rows from the front; the seats of those that are `opened`, or of all."""
    places = EventSeat.objects.filter(event=event, section=section, seat__isnull=False)
    ordered = places.named().select_related("hold__by").order_by("seat__row_order", "seat__position")
    grouped = [(order, list(group)) for order, group in groupby(ordered, lambda each: each.seat.row_order)]  # type: ignore[union-attr]
    shown = [place for order, group in grouped if opened is None or order in opened for place in group]
    told = {each.place.pk: each for each in with_bookings(shown, bookings=bookings)}
    return [
        Row(
            section,
            order,
            group[0].seat.row,  # type: ignore[union-attr]
            _sums(Counter(state_of(place.status, place.ownership) for place in group)),
            [told[place.pk] for place in group if place.pk in told],
        )
        for order, group in grouped
    ]


def with_bookings(places: Sequence[EventSeat], *, bookings: bool) -> list[Told]:
    """Say of each place which booking has it, for who may see bookings."""
    if not bookings:
        return [Told(place) for place in places]
    tickets = Ticket.objects.live().filter(event_seat__in=[place.pk for place in places]).select_related("booking")
    having = {ticket.event_seat_id: ticket.booking for ticket in tickets}
    return [Told(place, having.get(place.pk)) for place in places]


# --- What is chosen ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Summary:
    """What staff have chosen: sums by state and level, and each place where they are few."""

    count: int
    runs: str
    states: list[tuple[str, int]]
    levels: list[tuple[str, int]]
    told: list[Told]
    hold: int | None
    """The hold that keeps all of them, if one does."""
    can_be_sold: bool
    """Whether nobody has any of them: all are available, or all are kept by that hold."""


def summary(event: Event, place_ids: Sequence[int], *, bookings: bool) -> Summary:
    """Describe a choice; what isn't of the event is left out."""
    names = {level.pk: level.name for level in event.price_levels.all()}
    states, levels, kept = Counter[str](), Counter[str](), Counter[int | None]()
    for start in range(0, len(place_ids), 5_000):
        places = EventSeat.objects.filter(event=event, pk__in=place_ids[start : start + 5_000])
        for status, ownership, level, keeper in places.values_list("status", "ownership", "price_level", "hold"):
            states[state_of(status, ownership)] += 1
            levels[names[level]] += 1
            kept[keeper] += 1
    hold = next(iter(kept)) if len(kept) == 1 else None
    few = place_ids if len(place_ids) <= DETAILED else []
    detailed = EventSeat.objects.filter(event=event, pk__in=few).named().select_related("hold__by").order_by("pk")
    return Summary(
        count=states.total(),
        runs=compact(place_ids),
        states=_sums(states),
        levels=list(levels.items()),
        told=with_bookings(list(detailed), bookings=bookings) if few else [],
        hold=hold,
        can_be_sold=bool(states) and (hold is not None or set(states) == {"free"}),
    )


# --- Holds ---------------------------------------------------------------------------------------------


def holds_of(event: Event) -> list[tuple[Hold, int, str]]:
    """Return the holds of an event, those that keep something first, each with how many places and where."""
    holds = list(Hold.objects.filter(event=event).select_related("by").order_by("-pk"))
    places = EventSeat.objects.filter(Q(hold__event=event), hold__isnull=False).order_by()
    counts: dict[int, list[tuple[str, int]]] = {}
    grouped = places.values_list("hold", "section__order", "section__name", "price_level__name")
    for hold, _order, section, level, count in grouped.annotate(Count("pk")).order_by("section__order", "price_level"):
        counts.setdefault(hold, []).append((section or level, count))
    rows = [
        (hold, sum(count for _name, count in counts.get(hold.pk, [])), _where(counts.get(hold.pk, [])))
        for hold in holds
    ]
    return sorted(rows, key=lambda row: row[0].released_at is not None)


def _where(parts: Iterable[tuple[str, int]]) -> str:
    sums: Counter[str] = Counter()
    for name, count in parts:
        sums[name] += count
    return ", ".join(f"{name}: {count}" for name, count in sums.items())


@dataclass(frozen=True, slots=True)
class KeptRow:
    """The seats of a row that a hold keeps."""

    section: str
    row: str
    seats: list[EventSeat]

    @property
    def runs(self) -> str:
        """All of them, as forms send places."""
        return compact(place.pk for place in self.seats)


def kept_by(hold: Hold) -> dict[str, Any]:
    """Return what a hold keeps: rows with their seats, and of each level how many standing places."""
    places = EventSeat.objects.filter(hold=hold)
    seats = places.filter(seat__isnull=False).named()
    ordered = seats.order_by("section__order", "section", "seat__row_order", "seat__position")
    rows = [
        KeptRow(section, row, list(group))
        for (section, row), group in groupby(ordered, lambda each: (each.section.name, each.seat.row))  # type: ignore[union-attr]
    ]
    standing = places.filter(seat=None).order_by("price_level__order")
    levels = standing.values_list("price_level", "price_level__name").annotate(Count("pk"))
    return {"rows": rows, "standing": list(levels), "count": places.count(), "runs": compact(_keys(places))}


def _keys(places: Any) -> Iterable[int]:
    return places.order_by().values_list("pk", flat=True)
