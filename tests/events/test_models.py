"""What the database refuses about events and places, whoever asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core import clock
from events.models import Allocation, Event, EventPicture, EventSeat, EventSeries, Hold, NotOnSale, Price, PriceLevel
from tests.constraints import refused_by
from tests.factories import (
    CategoryFactory,
    EventFactory,
    TicketTypeFactory,
    event_on_sale,
    paid,
    place_at,
    price_of,
    reserve,
    seated_event,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
THEN = datetime.fromisoformat("2026-06-01T12:00Z")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("an_event_status_is_known", {"status": "sold_out"}),
        ("an_event_ends_after_its_start", {"ends_at": timedelta()}),
        ("an_event_ends_after_its_start", {"ends_at": -HOUR}),
        ("doors_open_before_the_start", {"doors_at": timedelta(seconds=1)}),
        ("sales_end_after_they_start", {"sales_start": -HOUR, "sales_end": -HOUR}),
        ("sales_end_after_they_start", {"sales_start": -HOUR, "sales_end": -2 * HOUR}),
        ("a_booking_may_have_a_place", {"max_per_booking": 0}),
        ("a_customer_may_have_a_place", {"max_per_customer": 0}),
        ("a_published_event_says_since_when", {"status": "published", "published_at": None}),
        ("a_template_is_never_sold", {"status": "published", "published_at": THEN, "is_template": True}),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(noon: datetime, constraint: str, fields: dict[str, Any]) -> None:
    """Moments are given as distances from the start."""
    values = {name: noon + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    with refused_by(constraint):
        EventFactory(**{"starts_at": noon, "ends_at": noon + HOUR} | values)


def test_an_event_may_open_its_doors_when_it_starts_and_sell_at_any_time(noon: datetime) -> None:
    EventFactory(starts_at=noon, doors_at=noon, sales_start=noon + HOUR)
    EventFactory(starts_at=noon, sales_start=noon - HOUR, sales_end=noon)


def test_an_address_on_the_site_leads_to_one_event(noon: datetime) -> None:
    EventFactory(slug="gala")
    with refused_by("slug", "slug"):
        EventFactory(slug="gala")


def test_a_house_has_one_shelf_of_a_name() -> None:
    shelf = CategoryFactory()
    with refused_by("one_category_per_slug", "organization_id", "slug"):
        CategoryFactory(organization=shelf.organization, slug=shelf.slug)
    CategoryFactory(slug=shelf.slug)


def test_a_house_has_one_ticket_type_of_a_name() -> None:
    ticket_type = TicketTypeFactory()
    with refused_by("one_ticket_type_per_name", "organization_id", "name"):
        TicketTypeFactory(organization=ticket_type.organization, name=ticket_type.name)
    TicketTypeFactory(name=ticket_type.name)


@pytest.mark.parametrize(("is_free", "default_price"), [(False, 0), (True, 100)])
def test_only_a_free_ticket_type_costs_nothing(is_free: bool, default_price: int) -> None:
    with refused_by("only_a_free_ticket_type_costs_nothing"):
        TicketTypeFactory(is_free=is_free, default_price=default_price)


def test_an_event_has_one_price_level_of_a_name(noon: datetime) -> None:
    event = event_on_sale()
    with refused_by("one_price_level_per_name", "event_id", "name"):
        PriceLevel.objects.create(event=event, name="Standing", places=1)
    PriceLevel.objects.create(event=EventFactory(), name="Standing", places=1)


def test_a_ticket_type_has_one_price_at_a_level(noon: datetime) -> None:
    price = price_of(event_on_sale())
    with refused_by("one_price_per_level_and_type", "price_level_id", "ticket_type_id"):
        Price.objects.create(price_level=price.price_level, ticket_type=price.ticket_type, amount=1)


@pytest.mark.parametrize("amount", [-1, -2_000])
def test_a_price_is_never_below_nothing(noon: datetime, amount: int) -> None:
    price = price_of(event_on_sale())
    with pytest.raises(IntegrityError), transaction.atomic():
        Price.objects.filter(pk=price.pk).update(amount=amount)


@pytest.mark.parametrize("fields", [{"focus_x": 101}, {"focus_y": 101}])
def test_the_focus_of_a_picture_lies_on_it(fields: dict[str, int]) -> None:
    with refused_by("the_focus_of_each_eventpicture_lies_on_it"):
        EventPicture.objects.create(event=EventFactory(), alt="Red", **fields)


def test_a_picture_is_put_in_words() -> None:
    with refused_by("each_eventpicture_is_put_in_words"):
        EventPicture.objects.create(event=EventFactory(), alt="")


def test_a_key_names_one_picture() -> None:
    picture = EventPicture.objects.create(event=EventFactory(), alt="Red")
    with refused_by("key", "key"):
        EventPicture.objects.create(event=picture.event, alt="Red", key=picture.key)


def test_the_first_picture_is_the_cover_and_the_others_are_the_gallery() -> None:
    event = EventFactory()
    third, first, second = (EventPicture.objects.create(event=event, alt="Red", order=order) for order in (2, 0, 2))
    assert (event.cover, event.gallery) == (first, [third, second])
    assert (EventFactory().cover, EventFactory().gallery) == (None, [])


PLACE_FAULTS = [
    ("a_place_status_is_known", {"status": "lost"}),
    ("an_ownership_is_known", {"ownership": "borrowed"}),
    ("reserved_means_until_when", {"status": "reserved", "was_claimed": True}),
    ("reserved_means_until_when", {"reserved_until": datetime.fromisoformat("2026-06-01T12:00Z")}),
    (
        "reserved_means_until_when",
        {"status": "sold", "was_claimed": True, "reserved_until": datetime.fromisoformat("2026-06-01T12:00Z")},
    ),
    ("only_what_we_own_is_sold", {"status": "sold", "was_claimed": True, "ownership": "not_owned"}),
    ("only_what_we_own_is_sold", {"status": "sold", "was_claimed": True, "ownership": "returned"}),
    ("only_what_we_own_is_sold", {"status": "sold", "was_claimed": False}),
    (
        "only_what_we_own_is_sold",
        {
            "status": "reserved",
            "was_claimed": True,
            "ownership": "not_owned",
            "reserved_until": datetime.fromisoformat("2026-06-01T12:00Z"),
        },
    ),
]


@pytest.mark.parametrize(("constraint", "fields"), PLACE_FAULTS)
def test_a_place_that_makes_no_sense_is_refused(noon: datetime, constraint: str, fields: dict[str, Any]) -> None:
    event = event_on_sale(levels={"Standing": 1})
    with refused_by(constraint):
        EventSeat.objects.filter(event=event).update(**fields)


@pytest.mark.parametrize("status", ["available", "blocked"])
@pytest.mark.parametrize("ownership", ["owned", "not_owned", "returned"])
def test_what_is_not_sold_may_be_anybodys(noon: datetime, status: str, ownership: str) -> None:
    event = event_on_sale(levels={"Standing": 1})
    assert EventSeat.objects.filter(event=event).update(status=status, ownership=ownership) == 1


def test_a_place_that_is_or_was_on_a_ticket_cannot_be_deleted(noon: datetime) -> None:
    """R23"""
    event = event_on_sale(levels={"Standing": 2})
    paid(event, 2)
    with pytest.raises(ProtectedError):
        EventSeat.objects.filter(event=event).delete()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "cancelled"}, "This event was cancelled."),
        ({"status": "draft"}, "This event isn't published."),
        ({"starts_at": -2 * HOUR, "ends_at": timedelta()}, "This event is over."),
        ({"sales_start": timedelta(milliseconds=1)}, "Sales for this event haven't started yet."),
        ({"starts_at": timedelta()}, "Sales for this event have ended."),
        ({"sales_end": timedelta()}, "Sales for this event have ended."),
        ({"starts_at": timedelta(milliseconds=1)}, None),
        ({"sales_start": timedelta()}, None),
        ({"sales_end": timedelta(milliseconds=1)}, None),
        ({"starts_at": -HOUR, "sales_end": HOUR, "ends_at": 2 * HOUR}, None),
    ],
)
def test_when_an_event_sells(noon: datetime, fields: dict[str, Any], reason: str | None) -> None:
    """R46, S41: moments are given as distances from now."""
    values = {name: noon + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    event = EventFactory.build(**{"status": "published", "starts_at": noon + HOUR} | values)
    try:
        event.check_on_sale(clock.now())
    except NotOnSale as refusal:
        assert str(refusal) == reason
    else:
        assert reason is None


def test_the_public_sees_what_is_published_or_cancelled_and_no_draft(noon: datetime) -> None:
    seen = {event_on_sale(), EventFactory(status="cancelled")}
    EventFactory()
    assert set(Event.objects.public()) == seen


def test_upcoming_is_what_is_not_over_soonest_first(noon: datetime) -> None:
    later, soon = EventFactory(starts_at=noon + 2 * HOUR), EventFactory(starts_at=noon + HOUR)
    running = EventFactory(starts_at=noon - HOUR, ends_at=noon + timedelta(seconds=1))
    EventFactory(starts_at=noon - HOUR, ends_at=noon)
    assert list(Event.objects.upcoming(noon)) == [running, soon, later]


def test_free_is_what_can_be_claimed_as_it_is(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 6})
    places = list(EventSeat.objects.filter(event=event).order_by("pk"))
    reserve(event, 1)
    paid(event, 1)
    EventSeat.objects.filter(pk=places[-1].pk).update(status="blocked")
    EventSeat.objects.filter(pk=places[-2].pk).update(ownership="not_owned")
    assert {place.pk for place in EventSeat.objects.free()} == {place.pk for place in places[2:4]}


def test_lapsed_is_what_was_not_paid_and_a_grace_later(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 2})
    deadline = reserve(event, 1).reserved_until
    grace = timedelta(seconds=5)
    assert not EventSeat.objects.lapsed(deadline + grace).exists()
    assert EventSeat.objects.lapsed(deadline + grace + timedelta(microseconds=1)).count() == 1


def test_a_seat_is_at_an_event_once(noon: datetime) -> None:
    """R1: a raw duplicate INSERT breaks a constraint."""
    place = place_at(seated_event({"Stalls": "ss"}), "Stalls A 1")
    with refused_by("a_seat_is_at_an_event_once", "seat_id", "event_id"):
        place.pk = None
        place.save(force_insert=True)


def test_a_seat_is_in_a_section(noon: datetime) -> None:
    place = place_at(seated_event({"Stalls": "ss"}), "Stalls A 1")
    with refused_by("a_seat_is_in_a_section"):
        EventSeat.objects.filter(pk=place.pk).update(section=None)


def test_held_means_by_a_hold(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss"})
    hold = Hold.objects.create(event=event, kind="press", created_at=noon)
    with refused_by("held_means_by_a_hold"):
        EventSeat.objects.filter(event=event).update(status="held")
    for status in ("available", "blocked"):
        with refused_by("held_means_by_a_hold"):
            EventSeat.objects.filter(event=event).update(status=status, hold=hold)
    EventSeat.objects.filter(event=event).update(status="held", hold=hold)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("a_hold_kind_is_known", {"kind": "friends"}),
        ("a_hold_ends_after_it_began", {"until": timedelta()}),
        ("a_hold_ends_after_it_began", {"until": -HOUR}),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused(noon: datetime, constraint: str, fields: dict[str, Any]) -> None:
    values = {name: noon + value if isinstance(value, timedelta) else value for name, value in fields.items()}
    event = event_on_sale()
    with refused_by(constraint):
        Hold.objects.create(**{"event": event, "kind": "press", "created_at": noon} | values)


def test_a_plan_has_one_allocation_of_a_name(noon: datetime) -> None:
    event = seated_event({"Stalls": "ss"})
    Allocation.objects.create(plan=event.plan, name="Gala", layout={}, created_at=noon)
    with refused_by("one_allocation_per_name", "plan_id", "name"):
        Allocation.objects.create(plan=event.plan, name="Gala", layout={}, created_at=noon)


def test_a_series_is_named_once_in_an_organization_and_takes_no_template(noon: datetime) -> None:
    template = EventFactory(is_template=True)
    series = EventSeries.objects.create(organization=template.organization, name="Nightly")
    EventFactory(series=series)
    with refused_by("a_template_is_never_sold"):
        Event.objects.filter(pk=template.pk).update(series=series)
    with refused_by("one_series_per_name", "organization_id", "name"):
        EventSeries.objects.create(organization=template.organization, name="Nightly")
