"""The places of an event, and the only code that changes them."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from bookings.queries.promises import violations
from bookings.services import cancellations
from core import clock
from events.models import Event, EventSeat, PriceLevel
from events.services import inventory
from tests.factories import VenueFactory, event_on_sale, paid, price_of, reserve

pytestmark = pytest.mark.django_db

KEEP = timedelta(minutes=15)


def level_of(event: Event, name: str = "Standing") -> PriceLevel:
    return PriceLevel.objects.get(event=event, name=name)


def statuses(event: Event) -> dict[str, int]:
    return dict(Counter(EventSeat.objects.filter(event=event).values_list("status", flat=True)))


def claim(event: Event, *, wait: bool = True, **wanted: int) -> inventory.Claim:
    """Claim so many places of each level, as a service would."""
    with transaction.atomic():
        levels = {level_of(event, name): n for name, n in wanted.items()}
        return inventory.claim(event=event, wanted=inventory.Wanted(levels), keep_for=KEEP, wait=wait)


# --- Making and removing --------------------------------------------------------------------------


def test_places_are_made_up_to_the_venues_capacity_and_no_further(noon: datetime) -> None:
    event = event_on_sale(venue=VenueFactory(capacity=10, name="Hall"), levels={"Standing": 4, "Balcony": 3})
    inventory.make_places(level=level_of(event), quantity=3)
    with pytest.raises(inventory.TooManyPlaces, match="Hall holds 10 people, and 10 places are made already."):
        inventory.make_places(level=level_of(event, "Balcony"), quantity=1)
    assert statuses(event) == {"available": 10}
    assert (level_of(event).places, level_of(event, "Balcony").places) == (7, 3)
    assert list(violations()) == []


def test_the_house_may_be_too_small_for_what_is_made_at_once(noon: datetime) -> None:
    event = event_on_sale(venue=VenueFactory(capacity=10), levels={"Standing": 4})
    with pytest.raises(inventory.TooManyPlaces):
        inventory.make_places(level=level_of(event), quantity=7)
    assert statuses(event) == {"available": 4}
    assert level_of(event).places == 4


def test_removed_places_are_the_newest_free_ones(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 5})
    booking = reserve(event, 2)
    kept = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True)[:3])
    inventory.remove_places(level=level_of(event), quantity=2)
    assert list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True)) == kept
    assert level_of(event).places == 3
    assert booking.tickets.count() == 2
    assert list(violations()) == []


@pytest.mark.parametrize("ending", ["reserved", "sold", "cancelled", "blocked", "not_owned"])
def test_a_place_that_is_or_was_on_a_ticket_is_never_removed(noon: datetime, ending: str) -> None:
    """R23"""
    event = event_on_sale(levels={"Standing": 3})
    if ending == "reserved":
        reserve(event, 2)
    elif ending == "sold":
        paid(event, 2)
    elif ending == "cancelled":
        cancellations.cancel(booking_id=paid(event, 2).pk, reason="test")
    else:
        two = EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True)[:2]
        field = "status" if ending == "blocked" else "ownership"
        EventSeat.objects.filter(pk__in=list(two)).update(**{field: ending})
    before = list(EventSeat.objects.order_by("pk").values())
    with pytest.raises(inventory.TooManyPlaces, match="Only 1 places of Standing can be removed"):
        inventory.remove_places(level=level_of(event), quantity=2)
    assert list(EventSeat.objects.order_by("pk").values()) == before
    inventory.remove_places(level=level_of(event), quantity=1)
    assert level_of(event).places == 2
    assert list(violations()) == []


def test_places_of_another_level_stay(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2, "Balcony": 2})
    with pytest.raises(inventory.TooManyPlaces):
        inventory.remove_places(level=level_of(event), quantity=3)
    inventory.remove_places(level=level_of(event), quantity=2)
    assert (level_of(event).places, level_of(event, "Balcony").places) == (0, 2)
    assert EventSeat.objects.filter(price_level__name="Balcony").count() == 2


# --- Claiming -------------------------------------------------------------------------------------


def test_a_claim_reserves_just_what_was_asked_for(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3, "Balcony": 3})
    other = event_on_sale()
    made = claim(event, Standing=2, Balcony=1)
    assert (made.at, made.until) == (noon, noon + KEEP)
    assert {level: len(ids) for level, ids in made.place_ids.items()} == {
        level_of(event).pk: 2,
        level_of(event, "Balcony").pk: 1,
    }
    claimed = EventSeat.objects.filter(pk__in=[pk for ids in made.place_ids.values() for pk in ids])
    rows = claimed.values_list("event", "status", "reserved_until", "was_claimed")
    assert set(rows) == {(event.pk, "reserved", made.until, True)}
    assert statuses(event) == {"reserved": 3, "available": 3}
    assert statuses(other) == {"available": 10}
    assert EventSeat.objects.filter(was_claimed=True).count() == 3


def test_a_claim_over_several_levels_is_all_or_nothing(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3, "Balcony": 1})
    with pytest.raises(inventory.NotEnough) as caught:
        claim(event, Standing=2, Balcony=2)
    assert (caught.value.level.name, caught.value.left) == ("Balcony", 1)
    assert str(caught.value) == "Only 1 place is left at Balcony."
    assert statuses(event) == {"available": 4}
    assert not EventSeat.objects.filter(was_claimed=True).exists()


@pytest.mark.parametrize(
    ("sold", "text"),
    [
        (0, "Only 4 places are left at Standing."),
        (3, "Only 1 place is left at Standing."),
        (4, "Standing is sold out."),
    ],
)
def test_a_refusal_says_how_many_are_left(noon: datetime, sold: int, text: str) -> None:
    event = event_on_sale(levels={"Standing": 4})
    if sold:
        paid(event, sold)
    with pytest.raises(inventory.NotEnough) as caught:
        claim(event, Standing=5)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "fields", [{"status": "blocked"}, {"ownership": "not_owned"}, {"ownership": "returned"}], ids=str
)
@pytest.mark.parametrize("wait", [True, False])
def test_what_is_blocked_or_not_ours_is_never_claimed(noon: datetime, fields: dict[str, str], wait: bool) -> None:
    event = event_on_sale(levels={"Standing": 2})
    first = EventSeat.objects.filter(event=event).order_by("pk").values("pk")[:1]
    EventSeat.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(**fields)
    with pytest.raises(inventory.NotEnough if wait else inventory.Contended):
        claim(event, wait=wait, Standing=2)
    made = claim(event, Standing=1)
    assert not EventSeat.objects.filter(**fields, was_claimed=True).exists()
    assert EventSeat.objects.get(was_claimed=True).pk in made.place_ids[level_of(event).pk]


def test_without_waiting_a_claim_that_comes_back_short_decides_nothing(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    with pytest.raises(inventory.Contended):
        claim(event, wait=False, Standing=3)
    assert statuses(event) == {"available": 2}


def test_a_lapsed_place_is_reported_and_never_taken_over(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3})
    booking = reserve(event, 2)
    clock.advance(timedelta(minutes=15, seconds=6))
    lapsed = sorted(booking.tickets.values_list("event_seat_id", flat=True))
    with pytest.raises(inventory.Lapsed) as caught:
        claim(event, Standing=3)
    assert sorted(caught.value.place_ids) == lapsed
    assert statuses(event) == {"reserved": 2, "available": 1}
    claim(event, Standing=1)  # what is free needs nobody's end
    assert statuses(event) == {"reserved": 3}


def test_no_place_of_a_reservation_in_time_is_ever_reported(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 4})
    lapsed = [reserve(event, 1) for _number in range(2)]
    clock.advance(timedelta(minutes=10))
    reserve(event, 1)
    clock.advance(timedelta(minutes=6))
    with pytest.raises(inventory.Lapsed) as caught:
        claim(event, Standing=2)
    assert caught.value.place_ids
    assert set(caught.value.place_ids) <= {booking.tickets.get().event_seat_id for booking in lapsed}


def test_lapsed_places_count_as_left_but_those_in_the_grace_do_not(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3})
    reserve(event, 2)
    clock.advance(timedelta(minutes=15, seconds=5))
    with pytest.raises(inventory.NotEnough, match="Only 1 place is left"):
        claim(event, Standing=2)
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(inventory.NotEnough, match="Only 3 places are left"):
        claim(event, Standing=4)


# --- What becomes of claimed places ---------------------------------------------------------------


def test_reserved_places_are_kept_longer_sold_and_given_back(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3})
    place_ids = claim(event, Standing=2).place_ids[level_of(event).pk]
    mine = EventSeat.objects.filter(pk__in=place_ids)
    with transaction.atomic():
        inventory.extend(place_ids=place_ids, until=noon + 2 * KEEP)
    assert set(mine.values_list("status", "reserved_until")) == {("reserved", noon + 2 * KEEP)}
    with transaction.atomic():
        inventory.sell(place_ids=place_ids)
    assert set(mine.values_list("status", "reserved_until")) == {("sold", None)}
    with transaction.atomic():
        inventory.release(place_ids=place_ids)
    assert set(mine.values_list("status", "reserved_until", "was_claimed")) == {("available", None, True)}
    assert statuses(event) == {"available": 3}


@pytest.mark.parametrize("state", ["available", "sold", "blocked"])
@pytest.mark.parametrize("verb", ["sell", "extend", "release"])
def test_a_verb_refuses_places_in_another_state_than_its_own(noon: datetime, verb: str, state: str) -> None:
    """A place in another state than its booking's is a fault of ours, and loud."""
    event = event_on_sale(levels={"Standing": 2})
    place_ids = claim(event, Standing=2).place_ids[level_of(event).pk]
    EventSeat.objects.filter(pk=place_ids[0]).update(status=state, reserved_until=None)
    before = list(EventSeat.objects.order_by("pk").values())
    verbs = {
        "sell": lambda: inventory.sell(place_ids=place_ids),
        "extend": lambda: inventory.extend(place_ids=place_ids, until=noon + 2 * KEEP),
        "release": lambda: inventory.release(place_ids=place_ids),
    }
    if (verb, state) == ("release", "sold"):
        verbs[verb]()
        assert statuses(event) == {"available": 2}
        return
    with pytest.raises(RuntimeError, match=rf"Places \[{place_ids[0]}\] are not reserved"), transaction.atomic():
        verbs[verb]()
    assert list(EventSeat.objects.order_by("pk").values()) == before


def test_places_that_do_not_exist_are_refused(noon: datetime) -> None:
    event_on_sale()
    with pytest.raises(RuntimeError), transaction.atomic():
        inventory.sell(place_ids=[2**40])


def test_two_prices_of_a_level_share_its_places(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 3}, amounts={"Adult": 2_000, "Child": 1_000})
    reserve(event, 2, price=price_of(event, ticket_type="Adult"))
    with pytest.raises(inventory.NotEnough, match="Only 1 place is left"):
        reserve(event, 2, price=price_of(event, ticket_type="Child"))
    reserve(event, 1, price=price_of(event, ticket_type="Child"))
    assert statuses(event) == {"reserved": 3}
    assert list(violations()) == []
