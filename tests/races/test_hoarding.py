"""One client in many windows at once."""

from datetime import datetime, timedelta

import pytest
from django.db.models import Sum

from bookings.models import Booking
from bookings.services import hoarding, reservations
from core import clock, codes
from events.models import Event
from tests.factories import event_on_sale, price_of
from tests.races.harness import AT_ONCE, Act, broken, race, sqlstates, told
from tests.races.test_reserving import CLAIMING

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CLIENT = hoarding.client_of("192.0.2.7")


def windows(
    event: Event, count: int, quantity: int = 1, *, client: str = CLIENT, replacing: int | None = None
) -> list[Act]:
    """So many requests of one client, each with a form of its own."""
    choice = {price_of(event).pk: quantity}

    def window() -> Booking:
        return reservations.reserve(
            event=event, quantities=choice, key=codes.secret(), client=client, replacing=replacing
        )

    return [window] * count


def test_sixty_windows_at_once_keep_no_more_reservations_than_one_client_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """S42: over all events."""
    hidden = sqlstates(monkeypatch)
    first, second = event_on_sale(levels={"Standing": 60}), event_on_sale(levels={"Standing": 60})
    answers = race([act for pair in zip(windows(first, 30), windows(second, 30), strict=True) for act in pair])
    assert told(answers) == {"Booking": hoarding.MOST_RESERVATIONS, "Hoarding": 60 - hoarding.MOST_RESERVATIONS}
    assert Booking.objects.count() == hoarding.MOST_RESERVATIONS
    assert hidden == []
    assert broken() == set()


def test_sixty_windows_at_once_keep_no_more_places_than_one_client_may() -> None:
    """S42"""
    event = event_on_sale(levels={"Standing": 600})
    answers = race(windows(event, 60, 9))
    assert told(answers) == {"Booking": 8, "Hoarding": 52}
    assert Booking.objects.aggregate(places=Sum("quantity")) == {"places": 72}


def test_windows_that_do_not_wait_for_each_other_keep_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """S42, R18: the twin that counts without taking turns."""
    monkeypatch.setattr(hoarding, "count_alone", lambda client: None)
    event = event_on_sale(levels={"Standing": 60})
    answers = race(windows(event, AT_ONCE), meet_before=CLAIMING)
    assert told(answers) == {"Booking": AT_ONCE}
    assert AT_ONCE > hoarding.MOST_RESERVATIONS


def test_clients_do_not_count_or_wait_for_each_other() -> None:
    """S42"""
    event = event_on_sale(levels={"Standing": 90})
    clients = [hoarding.client_of(f"192.0.2.{number}") for number in range(4)]
    acts = [act for client in clients for act in windows(event, 20, client=client)]
    assert told(race(acts)) == {"Booking": 80}


def test_what_has_lapsed_makes_room_for_the_same_client_with_no_worker_running(noon: datetime) -> None:
    """S42, R13: and only the lapsed."""
    event = event_on_sale(levels={"Standing": 90})
    race(windows(event, 20))
    clock.advance(timedelta(minutes=16))
    answers = race(windows(event, 30))
    assert told(answers) == {"Booking": 20, "Hoarding": 10}
    assert Booking.objects.filter(status="expired").count() == 20
    assert broken() == set()


def test_a_client_that_keeps_all_it_may_can_still_choose_anew() -> None:
    """S42: what is replaced counts no more."""
    event = event_on_sale(levels={"Standing": 90})
    first = race(windows(event, 20))[0]
    assert told(race(windows(event, 10, replacing=first.pk))) == {"Booking": 10}
    assert Booking.objects.filter(status="pending").count() == 20
    assert broken() == set()
