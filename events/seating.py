"""The seats of an event as a customer chooses them: by section, by row, one by one; what is chosen, and what else."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import money
from events.models import Event, PriceLevel
from events.queries.availability import COUNTED_TO
from events.queries.offers import LevelOffer, PriceOffer, PublicEvent
from events.queries.seats import (
    FIRST_LEVEL,
    Part,
    Place,
    SeatStates,
    SectionsLeft,
    free_places,
    nearest,
    places_at,
    recent_sections_left,
    recent_states,
    spots_of,
)
from venues.drawing import ACCESSIBLE, House, Outline, house
from venues.models import Seat
from venues.queries.seats import PlanSeats, Spot, plan_seats

OFFERED = 3
"""So many seats are offered instead of one that is taken."""


@dataclass(frozen=True, slots=True)
class SectionOffer:
    """A section as it is offered: its levels, what is left, and from how much."""

    outline: Outline
    levels: Sequence[LevelOffer]
    left: int
    lowest: int | None
    currency: str

    @property
    def few(self) -> str:
        """How many are left, where that is worth knowing."""
        return ngettext("%(count)s left", "%(count)s left", self.left) % {"count": self.left} if self.is_few else ""

    @property
    def is_few(self) -> bool:
        return 0 < self.left <= COUNTED_TO

    @property
    def label(self) -> str:
        """What it is called to who can't see the plan: its name, what is left, and from how much."""
        if self.is_gone:
            return ", ".join([self.outline.name, _("sold out")])
        words = [self.outline.name, self.few or _("More than 50 left")]
        if self.lowest:
            words.append(_("from %(price)s") % {"price": money.formatted(self.lowest, self.currency)})
        return ", ".join(words)

    @property
    def is_gone(self) -> bool:
        return self.left == 0

    @property
    def level(self) -> PriceLevel | None:
        """The level in whose colour it is painted."""
        return self.levels[0].level if self.levels else None


@dataclass(frozen=True, slots=True)
class RowOffer:
    """A row of a section, by its place from the front."""

    order: int
    name: str
    left: int


@dataclass(frozen=True, slots=True)
class SeatOffer:
    """One seat as it is offered, and whether it is chosen; `level` is None where it can't be had."""

    place: int
    spot: Spot
    name: str
    level: LevelOffer | None
    level_index: int
    is_chosen: bool

    @property
    def field(self) -> str:
        """The name of its price in forms."""
        return f"seat_{self.place}"

    @property
    def type(self) -> str:
        """What is special about it, in words; nothing of most."""
        return str(Seat.Type(self.spot.type).label) if self.spot.type != Seat.Type.STANDARD else ""


@dataclass(frozen=True, slots=True)
class ChosenSeat:
    """A seat of somebody's choice with its price, and the free seats that are nearest if it is gone."""

    place: int
    name: str
    spot: Spot
    level: LevelOffer
    price: PriceOffer
    instead: Sequence["ChosenSeat"] = ()

    @property
    def field(self) -> str:
        """The name of its price in forms."""
        return f"seat_{self.place}"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a choice can be had, and what can't any more."""

    kept: Sequence[ChosenSeat]
    lost: Sequence[ChosenSeat]

    @property
    def seats(self) -> dict[int, int]:
        """The price's id by the place's, of what can be had."""
        return {seat.place: seat.price.price.pk for seat in self.kept}


def address_of(seats: Mapping[int, int], quantities: Mapping[int, int] | None = None) -> str:
    """Return a choice as it is written in addresses."""
    chosen = {f"seat_{place}": price for place, price in seats.items()}
    chosen |= {f"price_{price}": count for price, count in (quantities or {}).items() if count}
    return urlencode(chosen)


@dataclass(frozen=True)
class Seating:
    """The seats of a public event. `own` are places of the customer's own reservation, which are free for a new one."""

    shown: PublicEvent
    own: Collection[int] = field(default_factory=frozenset)

    @property
    def event(self) -> Event:
        return self.shown.event

    @cached_property
    def house(self) -> House:
        return house(self._plan_id)

    @cached_property
    def plan(self) -> PlanSeats:
        return plan_seats(self._plan_id)

    @property
    def _plan_id(self) -> int:
        return self.event.plan_id or 0

    @cached_property
    def levels(self) -> dict[int, LevelOffer]:
        """The levels that are sold, by id, in order."""
        return {offer.level.pk: offer for offer in self.shown.levels}

    def states(self, section: int | None) -> SeatStates:
        """Every seat of a section, or of all, at most a second old."""
        return recent_states(Part(self.event.pk, self._plan_id, section, tuple(self.levels)))

    def sections(self) -> list[SectionOffer]:
        """All sections in order, with what is left of each."""
        free = self.sections_left.free
        return [self._section(outline, free.get(outline.pk, {})) for outline in self.house.sections]

    @property
    def sections_left(self) -> SectionsLeft:
        """What is left of each section, at most two seconds old."""
        return recent_sections_left((self.event.pk, self._plan_id))

    def _section(self, outline: Outline, free: Mapping[int, int]) -> SectionOffer:
        offers = [self.levels[pk] for pk in sorted(free, key=lambda pk: -free[pk]) if pk in self.levels]
        totals = [price.alone.total for offer in offers for price in offer.prices if free[offer.level.pk]]
        left = sum(free[offer.level.pk] for offer in offers)
        return SectionOffer(outline, offers, left, min(totals, default=None), self.event.currency)

    def rows(self, section: int, *, accessible: bool = False) -> list[RowOffer]:
        """The rows of a section with how many seats can be had; only those for wheelchairs and companions if asked."""
        by_row: dict[int, list[SeatOffer]] = {}
        for seat in self.seats(section, accessible=accessible):
            by_row.setdefault(seat.spot.row_order, []).append(seat)
        return [
            RowOffer(order, row[0].spot.row, sum(bool(seat.level) for seat in row)) for order, row in by_row.items()
        ]

    def seats(
        self, section: int, row: int | None = None, *, accessible: bool = False, chosen: Collection[int] = ()
    ) -> list[SeatOffer]:
        """The seats of a section, or of one of its rows."""
        states = self.states(section)
        sold = list(self.levels.values())
        offers = []
        for spot, letter, place in zip(spots_of(self.plan, section), states.letters, states.places, strict=False):
            if row in (None, spot.row_order) and (not accessible or spot.type in ACCESSIBLE):
                index = self.own_levels.get(place, ord(letter) - FIRST_LEVEL)
                level = sold[index] if index >= 0 else None
                offers.append(SeatOffer(place, spot, self.name_of(spot), level, index, place in chosen))
        return offers

    @cached_property
    def own_levels(self) -> dict[int, int]:
        """The level's index in order for each place of the customer's own reservation."""
        sold = list(self.levels)
        places = self._places(self.own) if self.own else []
        return {place.pk: sold.index(place.level) for place in places if place.level in self.levels}

    def _places(self, place_ids: Collection[int]) -> list[Place]:
        return places_at(self.event.pk, self._plan_id, place_ids, own=self.own)

    def choice(self, seats: Mapping[int, int]) -> Chosen:
        """Look again at seats that were chosen, each place at a price; what isn't one of the event is left out."""
        kept: list[ChosenSeat] = []
        lost: list[ChosenSeat] = []
        for place in self._places(seats) if seats else []:
            if place.level in self.levels:
                named = self._chosen(place, seats[place.pk])
                (kept if place.is_free else lost).append(named)
        return Chosen(kept, self._with_others(lost, {seat.place for seat in kept}))

    def _chosen(self, place: Place, price: int) -> ChosenSeat:
        offer = self.levels[place.level]
        same = (each for each in offer.prices if each.price.pk == price)
        return ChosenSeat(place.pk, self.name_of(place.spot), place.spot, offer, next(same, offer.prices[0]))

    def _with_others(self, lost: Iterable[ChosenSeat], kept: set[int]) -> list[ChosenSeat]:
        """Name the nearest free seats of the same level, none of them twice."""
        found, offered = [], set(kept)
        free: dict[int, list[Place]] = {}
        for seat in lost:
            level = seat.level.level.pk
            if level not in free:
                free[level] = free_places(self.event.pk, self._plan_id, level)
            others = [place for place in free[level] if place.pk not in offered and _alike(place.spot, seat.spot)]
            instead = [self._chosen(place, seat.price.price.pk) for place in nearest(seat.spot, others, OFFERED)]
            offered |= {each.place for each in instead}
            found.append(ChosenSeat(seat.place, seat.name, seat.spot, seat.level, seat.price, instead))
        return found

    def moved(self, seats: Mapping[int, int], instead: Collection[int]) -> dict[int, int]:
        """Return a choice in which these places of one row take the places of those chosen there."""
        by_place = {place.pk: place for place in self._places({*seats, *instead})}
        rows = {_row(by_place[place].spot) for place in instead if place in by_place}
        leaving = [place for place in seats if place in by_place and _row(by_place[place].spot) in rows]
        prices = [seats[place] for place in leaving]
        stay = {place: price for place, price in seats.items() if place not in leaving}
        new = {place: self._chosen(by_place[place], price) for place, price in zip(instead, prices, strict=False)}
        return stay | {place: each.price.price.pk for place, each in new.items()}

    def with_wheelchairs(self, seats: Mapping[int, int]) -> dict[int, int]:
        """Return a choice with the wheelchair place of every companion's seat that is without it, where it is free."""
        chosen = self._places(seats)
        here = {place.spot.pk for place in chosen}
        missing = {place.spot.companion_of for place in chosen if place.spot.companion_of} - here
        spots = [self.plan.by_seat[seat] for seat in missing if seat]
        offers = [each for spot in spots for each in self.seats(spot.section, spot.row_order) if each.spot == spot]
        added = {each.place: each.level.prices[0].price.pk for each in offers if each.level}
        return {**seats, **added} if len(added) == len(missing) and added else {}

    def name_of(self, spot: Spot) -> str:
        """What a seat is called."""
        facts = {"section": self.house.by_section[spot.section].name, "row": spot.row, "number": spot.number}
        return _("%(section)s, row %(row)s, seat %(number)s") % facts


def _alike(one: Spot, other: Spot) -> bool:
    """Whether one may be offered for the other: places for wheelchairs and companions are for who needs them."""
    return one.type == other.type or not {one.type, other.type} & ACCESSIBLE


def _row(spot: Spot) -> tuple[int, int]:
    return spot.section, spot.row_order
