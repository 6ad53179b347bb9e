"""Staff who hold and sell seats while customers buy them."""

from typing import Any

import pytest

from accounts.models import User
from bookings.services import box_office, reservations
from core import codes
from events.models import Event, EventSeat, Hold
from events.services import holds
from events.services.inventory import keeping
from tests.factories import member, price_of, seated_event
from tests.races.harness import Act, broken, race, told

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SEATS = 12


def places(event: Event) -> list[int]:
    return list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))


def buyer(event: Event, place: int) -> Act:
    seats = {place: price_of(event, "Stalls").pk}
    return lambda: reservations.reserve(event=event, quantities={}, seats=seats, key=codes.secret())


def counter(event: Event, hold: Hold, place: int, seller: User) -> Act:
    said: dict[str, Any] = {"quantities": {}, "seats": {place: price_of(event, "Stalls").pk}, "how": "cash"}
    return lambda: box_office.sell(event=event, hold=hold, key=codes.secret(), by=seller, **said)


def test_a_seat_is_either_held_or_bought() -> None:
    """R1, R23: whoever is faster has it, and the other is told."""
    event = seated_event({"Stalls": "s" * SEATS}, avoids_single_gaps=False)
    keys = places(event)

    def hold() -> Any:
        return holds.create(event_id=event.pk, place_ids=keys, kind="press")

    answers = told(race([*(buyer(event, key) for key in keys), hold]))
    bought = answers.get("Booking", 0)
    assert bought + answers.get("SeatsTaken", 0) == SEATS
    assert answers.get("Made", 0) + answers.get("NothingHeld", 0) == 1
    assert EventSeat.objects.filter(status="held").count() == SEATS - bought
    assert broken() == set()


def test_two_counters_that_sell_the_last_held_seats_leave_the_hold_released() -> None:
    """R2: who takes its last place says that it is over."""
    event, seller = seated_event({"Stalls": "s" * SEATS}), member("support")
    hold = holds.create(event_id=event.pk, place_ids=places(event), kind="press").hold
    answers = race([counter(event, hold, key, seller) for key in places(event)])
    assert told(answers) == {"Booking": SEATS}
    hold.refresh_from_db()
    assert hold.released_at
    assert broken() == set()


def test_without_locking_the_hold_nobody_says_that_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """R2: the twin without the lock, in which both look before either has committed."""
    monkeypatch.setattr(keeping, "_lock_hold", lambda hold: None)
    event, seller = seated_event({"Stalls": "ss"}), member("support")
    hold = holds.create(event_id=event.pk, place_ids=places(event), kind="press").hold
    sales = [counter(event, hold, key, seller) for key in places(event)]
    assert told(race(sales, meet_before='INSERT INTO "bookings_booking"')) == {"Booking": 2}
    hold.refresh_from_db()
    assert hold.released_at is None
