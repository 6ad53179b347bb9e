"""R49, for numbered seats: whatever is done to a house, in whatever order, a plain list of it says the same."""

from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bookings import models
from bookings.queries.promises import PROMISES
from bookings.services import cancellations, payments, renewals, reservations
from core import clock, codes
from core.refusals import Refusal
from core.transactions import Busy, outermost
from events.models import EventSeat, EventSeatQuerySet, Hold, Price, PriceLevel
from events.services import inventory, plans
from events.services.inventory import claiming, keeping, moving, rules, seating
from tests.bookings.machine import REACHED, Act, act, broken, nth, reached, same, undone
from tests.factories import handed_over, plan_of, seated_event, settle

pytestmark = pytest.mark.django_db

NOON = datetime.fromisoformat("2026-06-01T12:00Z")
VERSIONS = [
    {"Stalls": "ssss ss_ss", "Balcony": "swcs"},
    {"Stalls": "ssss ss_s ss", "Balcony": "swcs"},
]
WHEELCHAIR, COMPANION = "Balcony A 2", "Balcony A 3"
SEATS = [
    {"Stalls A 1", "Stalls A 2", "Stalls A 3", "Stalls A 4", "Stalls B 1", "Stalls B 2", "Stalls B 3", "Stalls B 4"}
    | {"Balcony A 1", WHEELCHAIR, COMPANION, "Balcony A 4"},
    {"Stalls A 1", "Stalls A 2", "Stalls A 3", "Stalls A 4", "Stalls B 1", "Stalls B 2", "Stalls B 3"}
    | {"Stalls C 1", "Stalls C 2", "Balcony A 1", WHEELCHAIR, COMPANION, "Balcony A 4"},
]
"""By version of the plan."""
GRACE = timedelta(seconds=5)

NAMES = st.sampled_from(sorted(SEATS[0] | SEATS[1]))
SOME = st.lists(NAMES, min_size=1, max_size=3, unique=True)
LEVELS = st.sampled_from(["Stalls", "Stalls", "Balcony"])
A_BOOKING = st.sampled_from([0, 1, 0, 2, 3, 5])
ACTS = st.one_of(
    act("choose", names=SOME, by_staff=st.booleans()),
    act("choose", names=SOME, by_staff=st.just(False)),
    act("take_best", level=LEVELS, count=st.integers(1, 4)),
    act("take_best", level=LEVELS, count=st.integers(1, 3)),
    act("choose_again", booking=A_BOOKING),
    act("extend", booking=A_BOOKING),
    act("pay", booking=A_BOOKING),
    act("pay_late", booking=A_BOOKING),
    act("pay_late_for_what_is_kept_back", booking=A_BOOKING),
    act("cancel", booking=A_BOOKING),
    act("let_time_pass", minutes=st.sampled_from([1, 6, 16])),
    act("expire_due"),
    act("hold", names=SOME),
    act("release_hold"),
    act("block", names=SOME),
    act("unblock", names=SOME),
    act("own", names=SOME),
    act("disown", names=SOME),
    act("paint", names=SOME, level=LEVELS),
    act("move", version=st.sampled_from([0, 1])),
)


@dataclass(eq=False)
class Reserved:
    """A booking, and whose money there may be."""

    pk: int
    payment: models.Payment
    names: set[str]
    at: datetime
    until: datetime
    status: str = "pending"
    extensions: int = 0
    replaced: bool = False
    is_paid: bool = False

    def is_open(self, now: datetime) -> bool:
        return self.status == "pending" and now <= self.until

    def has_lapsed(self, now: datetime) -> bool:
        return self.status == "pending" and self.until + GRACE < now


@dataclass
class Chair:
    """A seat of the house, and what keeps it from being sold."""

    level: str
    kept: str = ""
    ours: bool = True
    holder: Reserved | None = None
    was_claimed: bool = False

    def can_be_had(self, now: datetime) -> bool:
        return self.ours and not self.kept and (self.holder is None or self.holder.has_lapsed(now))

    def row(self) -> tuple[str, str, bool, int | None]:
        status = self.kept or "available"
        if self.holder:
            status = "reserved" if self.holder.status == "pending" else "sold"
        return self.level, status, self.ours, self.holder and self.holder.pk


@dataclass
class Plain:
    """The house by the names of its seats."""

    version: int = 0
    now: datetime = NOON
    bookings: list[Reserved] = field(default_factory=list)
    chairs: dict[str, Chair] = field(
        default_factory=lambda: {name: Chair(name.split(" ", 1)[0]) for name in sorted(SEATS[0])}
    )

    def end(self, booking: Reserved, status: str) -> None:
        booking.status = status
        for chair in self.chairs.values():
            if chair.holder is booking:
                chair.holder = None

    def end_lapsed(self, names: Collection[str]) -> None:
        """End the bookings that ran out and have these seats."""
        for name in names:
            holder = self.chairs[name].holder
            if holder and holder.has_lapsed(self.now):
                reached("a lapsed seat was taken over")
                self.end(holder, "expired")

    def give(self, booking: Reserved, names: Collection[str]) -> None:
        for name in names:
            assert self.chairs[name].can_be_had(self.now), f"{name} is sold although {self.chairs[name]}"
            self.chairs[name].holder, self.chairs[name].was_claimed = booking, True

    def idle(self, names: Collection[str], *kept: str) -> list[str]:
        """Those of these seats that nobody has and that are kept back in one of these ways."""
        return [name for name in names if name in self.chairs and self._is_idle(self.chairs[name], kept)]

    def _is_idle(self, chair: Chair, kept: Collection[str]) -> bool:
        return chair.holder is None and chair.kept in kept


class House(RuleBasedStateMachine):
    """One event, whose customers choose and pay and whose staff do as they like."""

    def __init__(self) -> None:
        super().__init__()
        self.plain = Plain()
        with ExitStack() as stack:
            stack.enter_context(undone())
            stack.enter_context(clock.at(NOON))
            self._open()
            self.until_teardown = stack.pop_all()

    def teardown(self) -> None:
        """Leave no trace in the database."""
        self.until_teardown.close()

    def _open(self) -> None:
        self.event = seated_event(VERSIONS[0], avoids_single_gaps=False)
        self.plans = [self.event.plan, plan_of(self.event.venue, VERSIONS[1])]
        self.levels = {level.name: level for level in PriceLevel.objects.filter(event=self.event)}
        prices = Price.objects.filter(price_level__event=self.event)
        self.prices = {price.price_level.name: price.pk for price in prices.select_related("price_level")}
        self._learn_places()
        self.kept_for = Hold.objects.create(event=self.event, kind="press", created_at=NOON)

    @initialize(names=st.lists(SOME, min_size=2, max_size=2))
    def customers_come(self, names: list[list[str]]) -> None:
        """So that there is something to do from the start."""
        for each in names:
            self.choose(each, by_staff=False)

    @rule(act=ACTS)
    def somebody_acts(self, act: Act) -> None:
        name, given = act
        if "booking" in given:
            if not self.plain.bookings:
                return
            waiting_last = sorted(self.plain.bookings, key=lambda each: each.status == "pending")
            given = {**given, "booking": nth(waiting_last, given["booking"])}
        getattr(self, name)(**given)

    # Customers

    def choose(self, names: list[str], by_staff: bool, again: Reserved | None = None) -> Reserved | None:
        names = [name for name in names if name in self.plain.chairs]
        if not names:
            return None
        refusal = self._refusal_of(names, by_staff=by_staff)
        if again:
            answer = self._ask(refusal, renewals.reserve_again, booking_id=again.pk, key=codes.secret())
            answer = answer.booking if isinstance(answer, renewals.Renewal) else answer
        else:
            answer = self._ask(refusal, self._reserve, seats=self._priced(names), by_staff=by_staff)
        if isinstance(answer, inventory.SeatsTaken):
            reached("seats taken")
            same(sorted(map(self.names.get, answer.place_ids)), sorted(self._taken(names)))
            return None
        self._find_ended(besides=again)
        if refusal:
            reached(refusal.__name__)
            return None
        return self._reserved(answer, names)

    def _refusal_of(self, names: list[str], *, by_staff: bool) -> type[Refusal] | None:
        if self._taken(names):
            return inventory.SeatsTaken
        alone = COMPANION in names and WHEELCHAIR not in names and not by_staff
        return inventory.CompanionAlone if alone else None

    def _taken(self, names: Collection[str]) -> list[str]:
        return [name for name in names if not self.plain.chairs[name].can_be_had(self.plain.now)]

    def _priced(self, names: Collection[str]) -> dict[int, int]:
        """Each seat at the price of the level that it has now."""
        return {self.places[name]: self.prices[self.plain.chairs[name].level] for name in names}

    def _reserve(
        self, seats: dict[int, int] | None = None, quantities: dict[int, int] | None = None, *, by_staff: bool = False
    ) -> models.Booking:
        channel = "box_office" if by_staff else "web"
        return reservations.reserve(
            event=self.event, quantities=quantities or {}, seats=seats, key=codes.secret(), channel=channel
        )

    def _reserved(self, row: models.Booking, names: Collection[str]) -> Reserved:
        now = self.plain.now
        booking = Reserved(row.pk, handed_over(row), set(names), now, now + timedelta(minutes=15))
        self.plain.give(booking, names)
        self.plain.bookings.append(booking)
        return booking

    def take_best(self, level: str, count: int) -> None:
        """Any that are free will do, but none that is kept for wheelchairs, and none of another level."""
        left = [
            name
            for name, chair in self.plain.chairs.items()
            if chair.level == level and chair.can_be_had(self.plain.now) and name not in (WHEELCHAIR, COMPANION)
        ]
        refusal = inventory.NotEnough if len(left) < count else None
        answer = self._ask(refusal, self._reserve, quantities={self.prices[level]: count})
        if isinstance(answer, inventory.NotEnough):
            reached("sold out")
            same((answer.level.name, answer.left), (level, len(left)))
            return
        reached("the best")
        self._find_ended()
        names = self._names_of(answer)
        assert len(names) == count, f"{names} are not {count}"
        assert names <= set(left), f"{names} are not all of {left}"
        self._reserved(answer, names)

    def choose_again(self, booking: Reserved) -> None:
        """The same seats, after the time was over."""
        lapsed = booking.status == "pending" and self.plain.now > booking.until
        if booking.replaced or not (lapsed or booking.status == "expired"):
            return
        if not booking.names <= set(self.plain.chairs):
            return
        if lapsed:
            with self._given_back(booking):
                taken = self._refusal_of(sorted(booking.names), by_staff=False)
            if taken:
                return
            self.plain.end(booking, "expired")
        if new := self.choose(sorted(booking.names), by_staff=False, again=booking):
            reached("the same seats again")
            booking.replaced = True
            same(self._names_of(models.Booking.objects.get(pk=new.pk)), booking.names)

    def _given_back(self, booking: Reserved) -> Any:
        """Look at the house as if a booking were ended."""
        stack = ExitStack()
        for chair in self.plain.chairs.values():
            if chair.holder is booking:
                chair.holder = None
                stack.callback(setattr, chair, "holder", booking)
        return stack

    def extend(self, booking: Reserved) -> None:
        possible = booking.extensions < 2 and booking.is_open(self.plain.now)
        self._ask(None if possible else reservations.TooLate, reservations.extend, booking_id=booking.pk)
        if possible:
            reached("extended")
            booking.until, booking.extensions = booking.until + timedelta(minutes=10), booking.extensions + 1

    def pay(self, booking: Reserved) -> None:
        """In time, too late, or once more."""
        if booking.status == "pending" and not booking.is_open(self.plain.now):
            self.plain.end(booking, "expired")
        is_late = booking.status == "expired" and not booking.is_paid
        there = booking.names <= set(self.plain.chairs) and not self._taken(booking.names)
        if is_late and there:
            self.plain.end_lapsed(booking.names)
            self.plain.give(booking, booking.names)
        if is_late:
            reached("late money: the same seats" if there else "late money: back")
        if not booking.is_paid and (booking.status == "pending" or (is_late and there)):
            booking.status = "confirmed"
        booking.is_paid = True
        settle(booking.payment)
        self._find_ended()

    def pay_late(self, booking: Reserved) -> None:
        self._pass_to(booking.until + timedelta(minutes=1))
        self.pay(booking)

    def pay_late_for_what_is_kept_back(self, booking: Reserved) -> None:
        """One of the seats is blocked, as soon as the time is over."""
        self._pass_to(booking.until + timedelta(minutes=1))
        self.expire_due()
        self.block(sorted(booking.names)[:1])
        self.pay(booking)

    def cancel(self, booking: Reserved) -> None:
        cancellations.cancel(booking_id=booking.pk, reason="as they wish")
        if booking.status in ("pending", "confirmed"):
            reached("cancelled")
            self.plain.end(booking, "cancelled")

    # Time

    def let_time_pass(self, minutes: int) -> None:
        self._pass_to(self.plain.now + timedelta(minutes=minutes))

    def _pass_to(self, moment: datetime) -> None:
        if moment > self.plain.now:
            clock.advance(moment - self.plain.now)
            self.plain.now = moment

    def expire_due(self) -> None:
        lapsed = [booking for booking in self.plain.bookings if booking.has_lapsed(self.plain.now)]
        same(reservations.expire_due(), len(lapsed))
        for booking in lapsed:
            self.plain.end(booking, "expired")

    # Staff

    def hold(self, names: list[str]) -> None:
        self._keep(names, "", "held", outermost(inventory.hold), hold=self.kept_for)

    def block(self, names: list[str]) -> None:
        self._keep(names, "", "blocked", outermost(inventory.block))

    def unblock(self, names: list[str]) -> None:
        self._keep(names, "blocked", "", outermost(inventory.unblock))

    def _keep(self, names: list[str], before: str, after: str, verb: Callable[..., list[int]], **how: Any) -> None:
        found = self.plain.idle(names, before)
        changed = verb(place_ids=self._ids(names), **how)
        same(sorted(map(self.names.get, changed)), sorted(found))
        for name in found:
            reached(after or "on sale again")
            self.plain.chairs[name].kept = after

    def release_hold(self) -> None:
        held = [name for name, chair in self.plain.chairs.items() if chair.kept == "held"]
        same(sorted(map(self.names.get, outermost(inventory.release_hold)(hold=self.kept_for))), sorted(held))
        for name in held:
            reached("released")
            self.plain.chairs[name].kept = ""

    def own(self, names: list[str]) -> None:
        outermost(inventory.own)(place_ids=self._ids(names))
        for name in set(names) & set(self.plain.chairs):
            self.plain.chairs[name].ours = True

    def disown(self, names: list[str]) -> None:
        found = self.plain.idle(names, "", "blocked")
        changed = outermost(inventory.disown)(place_ids=self._ids(names))
        same(sorted(map(self.names.get, changed)), sorted(found))
        for name in found:
            reached("not ours")
            self.plain.chairs[name].ours = False

    def paint(self, names: list[str], level: str) -> None:
        found = self.plain.idle(names, "", "held", "blocked")
        found = [name for name in found if self.plain.chairs[name].level != level]
        changed = outermost(inventory.paint)(level=self.levels[level], place_ids=self._ids(names))
        same(sorted(map(self.names.get, changed)), sorted(found))
        for name in found:
            reached("painted")
            self.plain.chairs[name].level = level

    def move(self, version: int) -> None:
        """To the other version of the plan, unless a seat is in use that it lacks."""
        if version == self.plain.version:
            return
        lost = set(self.plain.chairs) - SEATS[version]
        in_use = [
            name for name in lost if self.plain.chairs[name].was_claimed or self.plain.chairs[name].kept == "held"
        ]
        refusal = inventory.SeatsInUse if in_use else None
        usual = self._usual_level("Stalls")
        self._ask(refusal, plans.move, event_id=self.event.pk, plan_id=self.plans[version].pk)
        reached("seats in use" if in_use else "moved to another version")
        if refusal:
            return
        self.plain.version = version
        self._learn_places()
        for name in lost:
            del self.plain.chairs[name]
        for name in SEATS[version] - set(self.plain.chairs):
            self.plain.chairs[name] = Chair(EventSeat.objects.get(pk=self.places[name]).price_level.name)
            assert self.plain.chairs[name].level in usual, f"{name} begins at another level than {usual}"

    def _usual_level(self, section: str) -> set[str]:
        """The levels that most seats of a section have."""
        levels = [chair.level for name, chair in self.plain.chairs.items() if name.startswith(section)]
        return {level for level in levels if levels.count(level) == max(map(levels.count, levels))}

    # How they are compared

    def _ask(self, refusal: type[Refusal] | None, service: Callable[..., Any], **arguments: Any) -> Any:
        """Return the service's answer, which has to be this refusal, or none."""
        try:
            answer = service(**arguments)
        except Refusal as refused:
            answer = refused
        given = type(answer) if isinstance(answer, Refusal) else None
        assert given is refusal, f"{service.__name__}: {answer!r} instead of {refusal}"
        return answer

    def _find_ended(self, *, besides: Reserved | None = None) -> None:
        """Take over which bookings were ended on the way: any that had lapsed, and no other."""
        ended = set(models.Booking.objects.filter(status="expired").values_list("pk", flat=True))
        for booking in self.plain.bookings:
            if booking.pk in ended and booking.has_lapsed(self.plain.now) and booking is not besides:
                reached("a lapsed seat was taken over")
                self.plain.end(booking, "expired")

    def _rows(self) -> list[EventSeat]:
        return list(EventSeat.objects.filter(event=self.event).named())

    def _learn_places(self) -> None:
        self.places = {short(each): each.pk for each in self._rows()}
        self.names = {pk: name for name, pk in self.places.items()}

    def _ids(self, names: Collection[str]) -> list[int]:
        return [self.places[name] for name in names if name in self.places]

    def _names_of(self, booking: models.Booking) -> set[str]:
        return {self.names[pk] for pk in booking.live_tickets().values_list("event_seat", flat=True)}

    @invariant()
    def every_promise_is_kept(self) -> None:
        same([(each.sentence, row) for each in PROMISES for row in broken(each)], [])

    @invariant()
    def every_seat_is_whose_it_should_be(self) -> None:
        live = dict(models.Ticket.objects.live().values_list("event_seat", "booking"))
        found = {
            short(each): (each.price_level.name, each.status, each.ownership == "owned", live.get(each.pk))
            for each in self._rows()
        }
        same(found, {name: chair.row() for name, chair in self.plain.chairs.items()})

    @invariant()
    def every_booking_is_where_it_should_be(self) -> None:
        found = dict(models.Booking.objects.values_list("pk", "status"))
        same(found, {booking.pk: booking.status for booking in self.plain.bookings})
        kept = set(models.Refund.objects.values_list("payment__booking", flat=True))
        same(kept, {each.pk for each in self.plain.bookings if each.is_paid and each.status != "confirmed"})


def short(place: EventSeat) -> str:
    """What a seat is called for short."""
    assert place.section
    assert place.seat
    return f"{place.section.name} {place.seat.row} {place.seat.number}"


TEN = settings(
    max_examples=10,
    stateful_step_count=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    report_multiple_bugs=False,
)

WORTH_REACHING = {
    "CompanionAlone",
    "a lapsed seat was taken over",
    "blocked",
    "cancelled",
    "extended",
    "held",
    "late money: back",
    "late money: the same seats",
    "moved to another version",
    "not ours",
    "on sale again",
    "painted",
    "released",
    "seats in use",
    "seats taken",
    "sold out",
    "the best",
    "the same seats again",
}

FINDINGS = (AssertionError, IntegrityError, RuntimeError, Busy)


def test_a_house_stays_sound_whatever_is_done_to_its_seats() -> None:
    REACHED.clear()
    run_the_house()
    assert WORTH_REACHING - set(REACHED) == set()


def run_the_house() -> None:
    """Ten examples each from several starts, which are always the same."""
    for start in range(5):
        run_state_machine_as_test(seed(start)(House), settings=TEN)


Fault = Callable[[pytest.MonkeyPatch], None]
FAULTS: list[Fault] = []


def fault(install: Fault) -> Fault:
    """Add something that could be wrong with us."""
    FAULTS.append(install)
    return install


@fault
def a_claim_does_not_look_at_chosen_seats_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_lock_chosen", lambda event, wanted: None)


@fault
def late_money_takes_another_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    sold_again = payments._sold_again

    def elsewhere(booking: models.Booking, **how: Any) -> bool:
        sold = sold_again(booking, **how)
        ticket, other = booking.live_tickets().first(), EventSeat.objects.filter(event=booking.event).free().first()
        if sold and ticket and other:
            EventSeat.objects.filter(pk=ticket.event_seat_id).update(status="available")
            EventSeat.objects.filter(pk=other.pk).update(status="sold", was_claimed=True)
            booking.live_tickets().filter(pk=ticket.pk).update(event_seat=other)
        return sold

    monkeypatch.setattr(payments, "_sold_again", elsewhere)


@fault
def late_money_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_refuse_chosen", lambda wanted, free, reserved: None)


@fault
def the_best_are_taken_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSeatQuerySet, "free", lambda places: places.filter(ownership="owned"))


@fault
def the_best_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSeatQuerySet, "free", lambda places: places.filter(status="available"))


@fault
def the_best_are_of_any_level(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(choice: seating.Choice, now: datetime, *, besides: Collection[int]) -> list[tuple[int, int, str]]:
        places = EventSeat.objects.filter(event=choice.event)
        return list((places.free() | places.lapsed(now)).values_list("pk", "seat_id", "status"))

    monkeypatch.setattr(seating.Choice, "_look", look)


@fault
def wheelchair_places_are_sold_to_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seating, "KEPT", set())


@fault
def companions_may_be_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_check_companions", lambda event, plan, seats: None)


@fault
def lapsed_seats_stay_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventSeatQuerySet, "lapsed", lambda places, now: places.none())


@fault
def staff_keep_back_what_somebody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_lock_those", lambda place_ids, *statuses: list(place_ids))


@fault
def a_release_forgets_the_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "release", lambda *, place_ids: None)


@fault
def a_released_hold_keeps_its_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "release_hold", lambda *, hold, place_ids=None: [])


@fault
def a_version_removes_what_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "_refuse_lost", lambda event, plan: None)


@fault
def a_version_leaves_the_seats_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "_SAME_SEAT", moving._SAME_SEAT + " AND false")


@fault
def seats_again_are_any_seats(monkeypatch: pytest.MonkeyPatch) -> None:
    seats_of = renewals.seats_of

    def others(booking: models.Booking) -> dict[int, int]:
        chosen = seats_of(booking)
        free = EventSeat.objects.filter(event=booking.event_id).free().order_by("-pk").values_list("pk", flat=True)
        return dict(zip(free, chosen.values(), strict=False)) if len(free) >= len(chosen) else chosen

    monkeypatch.setattr(renewals, "seats_of", others)


@pytest.mark.parametrize("install", FAULTS, ids=lambda install: install.__name__)
def test_a_fault_is_found(install: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    with pytest.raises(FINDINGS):
        run_the_house()
