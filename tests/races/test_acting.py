"""One form about many bookings that is sent several times at once."""

from typing import Any

import pytest

from backoffice import acts
from bookings.models import Batch, Booking
from bookings.services import batches, reservations
from core import idempotency
from tests.factories import event_on_sale, reserve, with_details
from tests.races.harness import broken, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def sent(bookings: list[Booking]) -> Any:
    """Return what one press of the button does."""
    ids = [each.pk for each in bookings]
    house = bookings[0].organization_id
    return lambda: batches.act(organization_id=house, name="extend", booking_ids=ids, data={}, key="k" * 24, by=None)


def some() -> list[Booking]:
    event = event_on_sale(levels={"Standing": 20})
    return [with_details(reserve(event, 1), f"person{number}@example.com") for number in range(5)]


def extended() -> list[int]:
    """Let workers meet, and return how often each booking was kept longer."""
    race([batches.work_due] * 4)
    while batches.work_due():
        pass
    return list(Booking.objects.order_by("pk").values_list("extensions", flat=True))


def test_the_same_form_at_once_makes_one_batch_and_each_booking_has_its_turn_once() -> None:
    """U48, R20"""
    made = race([sent(some())] * 8)
    assert {batch.pk for batch in made} == {Batch.objects.get().pk}
    assert extended() == [1] * 5
    assert broken() == set()


def test_without_its_key_each_press_makes_a_batch_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """U48, R18: the twin."""
    monkeypatch.setattr(idempotency, "remember", lambda *_what, **_how: None)
    race([sent(some())] * 3)
    assert Batch.objects.count() == 3
    assert max(extended()) > 1


def presses(booking: Booking) -> list[Any]:
    """Return presses of one button on the booking's page, each of which looked before any was done."""
    looks = [acts.chosen([booking.pk], booking.organization) for _press in range(8)]
    how: dict[str, Any] = {"looked": {booking.pk: acts.seen(looks[0][0])}, "by": None, "data": {}}
    return [lambda look=look: next(acts.performed(acts.ACTS["extend"], look, **how)) for look in looks]


def test_presses_that_all_looked_before_extend_once() -> None:
    """U48"""
    results = race(presses(some()[0]))
    assert sum(result.done for result in results) == 1
    assert max(Booking.objects.values_list("extensions", flat=True)) == 1


def test_without_what_was_seen_more_presses_than_one_extend(monkeypatch: pytest.MonkeyPatch) -> None:
    """U48, R18: the twin."""
    extend = reservations.extend
    monkeypatch.setattr(reservations, "extend", lambda *, after, **how: extend(**how))
    race(presses(some()[0]))
    assert max(Booking.objects.values_list("extensions", flat=True)) > 1
