"""Places kept back by the house, and how they come back."""

from datetime import datetime, timedelta

import pytest

from bookings.queries.promises import violations
from bookings.services import box_office, housekeeping
from core import audit, clock
from core.models import AuditEntry
from core.ranges import expanded
from events.models import Event, EventSeat, Hold
from events.queries.acts import NoSuchPlace
from events.services import holds, inventory, seats
from events.services.seats import NoSuchLevel
from tests.factories import event_on_sale, member, price_of, reserve, reserve_seats, seated_event

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def house(noon: datetime) -> Event:
    return seated_event({"Stalls": "ssss ssss"}, {"Floor": 5})


def row(event: Event, letter: str = "A") -> list[int]:
    places = EventSeat.objects.filter(event=event, seat__row=letter)
    return list(places.order_by("seat__position").values_list("pk", flat=True))


def statuses(event: Event) -> list[str]:
    return list(EventSeat.objects.filter(event=event).order_by("pk").values_list("status", flat=True))


def test_a_hold_keeps_seats_from_everybody_until_it_is_released(house: Event) -> None:
    """R1, R2"""
    by = member("organizer", house.organization)
    made = holds.create(event_id=house.pk, place_ids=row(house), kind="artist", reason="Band", by=by)
    assert (made.report.changed, made.report.staying) == (row(house), [])
    assert (str(made.hold), made.hold.by, made.hold.created_at, made.hold.until) == (
        "artist: Band",
        by,
        clock.now(),
        None,
    )
    with pytest.raises(inventory.SeatsTaken):
        reserve_seats(house, "Stalls A 1", "Stalls A 2")
    assert list(violations()) == []
    assert holds.release(hold_id=made.hold.pk, by=by).changed == row(house)
    made.hold.refresh_from_db()
    assert made.hold.released_at == clock.now()
    reserve_seats(house, "Stalls A 1", "Stalls A 2")
    told = [(entry.action, expanded(entry.facts["places"]), entry.by) for entry in audit.about(house)[2:]]
    assert told == [("event.seats_held", row(house), by), ("event.seats_released", row(house), by)]


def test_a_hold_takes_what_is_available_and_says_what_is_not(house: Event) -> None:
    reserve_seats(house, "Stalls A 1", "Stalls A 2")
    made = holds.create(event_id=house.pk, place_ids=row(house), kind="press")
    assert made.report.changed == row(house)[2:]
    assert [(group.why, group.names) for group in made.report.staying] == [
        ("reserved", ["Stalls, row A, seat 1", "Stalls, row A, seat 2"])
    ]


def test_a_hold_of_nothing_is_none(house: Event) -> None:
    """And no trace of it stays."""
    seats.block(event_id=house.pk, place_ids=row(house))
    with pytest.raises(holds.NothingHeld, match="blocked: Stalls, row A, seat 1, Stalls, row A, seat 2"):
        holds.create(event_id=house.pk, place_ids=row(house), kind="press")
    assert not Hold.objects.exists()


def test_released_in_parts_it_is_over_with_its_last_place(house: Event) -> None:
    hold = holds.create(event_id=house.pk, place_ids=row(house), kind="press").hold
    some = holds.release(hold_id=hold.pk, place_ids=[*row(house)[:3], *row(house, "B")[:1]])
    assert (some.changed, [group.why for group in some.staying]) == (row(house)[:3], ["so already"])
    hold.refresh_from_db()
    assert hold.released_at is None
    clock.advance(HOUR)
    holds.release(hold_id=hold.pk, place_ids=row(house)[3:])
    hold.refresh_from_db()
    assert hold.released_at == clock.now()
    assert holds.release(hold_id=hold.pk).changed == []  # harmless when repeated
    assert list(violations()) == []


def test_a_hold_releases_only_what_it_keeps(house: Event) -> None:
    """S13: places of another hold stay held, those of another event are refused."""
    one = holds.create(event_id=house.pk, place_ids=row(house), kind="press").hold
    two = holds.create(event_id=house.pk, place_ids=row(house, "B"), kind="artist").hold
    assert holds.release(hold_id=one.pk, place_ids=row(house, "B")).changed == []
    assert EventSeat.objects.filter(hold=two).count() == 4
    with pytest.raises(NoSuchPlace):
        holds.release(hold_id=one.pk, place_ids=row(seated_event({"Stalls": "ss"})))


def test_chosen_places_are_released_whoever_keeps_them(house: Event) -> None:
    one = holds.create(event_id=house.pk, place_ids=row(house), kind="press").hold
    two = holds.create(event_id=house.pk, place_ids=row(house, "B"), kind="artist").hold
    made = holds.release_places(event_id=house.pk, place_ids=[*row(house), *row(house, "B")[:2]])
    assert made.changed == [*row(house), *row(house, "B")[:2]]
    assert list(Hold.objects.filter(released_at=None)) == [two]
    assert audit.about(house).get(action="event.seats_released").facts["hold"] == f"{one}; {two}"


def test_a_standing_hold_is_all_or_nothing(house: Event) -> None:
    floor = house.price_levels.get(name="Floor")
    reserve(house, 2, price=price_of(house, "Floor"))
    with pytest.raises(inventory.NotEnough, match="Only 3 places are left at Floor"):
        holds.create_standing(event_id=house.pk, level_id=floor.pk, quantity=4, kind="artist")
    assert not Hold.objects.exists()
    hold = holds.create_standing(event_id=house.pk, level_id=floor.pk, quantity=3, kind="artist", reason="Friends")
    assert EventSeat.objects.filter(hold=hold, seat=None, price_level=floor).count() == 3
    entry = audit.about(house).get(action="event.seats_held")
    assert (entry.facts["count"], entry.facts["hold"]) == (3, "artist: Friends")


def test_a_standing_hold_works_without_a_plan(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 4})
    level = event.price_levels.get()
    holds.create_standing(event_id=event.pk, level_id=level.pk, quantity=4, kind="venue")
    assert statuses(event) == ["held"] * 4


@pytest.mark.parametrize(("quantity", "error"), [(0, holds.BadHold), (-1, holds.BadHold), (10**9, inventory.NotEnough)])
def test_a_quantity_that_cannot_be_is_refused(house: Event, quantity: int, error: type[Exception]) -> None:
    """R50"""
    floor = house.price_levels.get(name="Floor")
    with pytest.raises(error):
        holds.create_standing(event_id=house.pk, level_id=floor.pk, quantity=quantity, kind="artist")


def test_any_places_are_held_where_people_stand_only(house: Event) -> None:
    stalls = house.price_levels.get(name="Stalls")
    other = event_on_sale().price_levels.get()
    for level in (stalls, other):
        with pytest.raises(NoSuchLevel):
            holds.create_standing(event_id=house.pk, level_id=level.pk, quantity=1, kind="artist")


def test_a_hold_for_nobody_or_over_already_is_refused(house: Event) -> None:
    for how in ({"kind": "friends"}, {"kind": "press", "until": clock.now()}):
        with pytest.raises(holds.BadHold):
            holds.create(event_id=house.pk, place_ids=row(house), **how)
    assert set(statuses(house)) == {"available"}


def test_a_hold_whose_time_is_over_is_released_by_the_tick(house: Event) -> None:
    """Once, and no other; the tick may come again."""
    over = holds.create(event_id=house.pk, place_ids=row(house), kind="press", until=clock.now() + HOUR).hold
    later = holds.create(event_id=house.pk, place_ids=row(house, "B")[:2], kind="press", until=clock.now() + 2 * HOUR)
    forever = holds.create(event_id=house.pk, place_ids=row(house, "B")[2:], kind="artist").hold
    clock.advance(HOUR - timedelta(microseconds=1))
    assert housekeeping.tick().holds == 0
    clock.advance(timedelta(microseconds=1))
    assert (housekeeping.tick().holds, housekeeping.tick().holds) == (1, 0)
    assert list(Hold.objects.filter(released_at=None)) == [later.hold, forever]
    entry = audit.about(house).get(action="event.seats_released")
    assert (expanded(entry.facts["places"]), entry.by, entry.facts["over"]) == (row(house), None, True)
    over.refresh_from_db()
    assert over.released_at == clock.now()
    assert list(violations()) == []


def test_a_hold_that_keeps_nothing_is_over_with_its_time_too(house: Event) -> None:
    """The tick doesn't come back to it for ever."""
    empty = Hold.objects.create(event=house, kind="press", created_at=clock.now(), until=clock.now() + HOUR)
    clock.advance(HOUR)
    assert (holds.release_due(), holds.release_due()) == (1, 0)
    empty.refresh_from_db()
    assert empty.released_at == clock.now()


def test_a_hold_that_was_made_longer_meanwhile_is_not_released(house: Event) -> None:
    hold = holds.create(event_id=house.pk, place_ids=row(house), kind="press", until=clock.now() + HOUR).hold
    holds.change(hold_id=hold.pk, until=clock.now() + 2 * HOUR, reason="Radio")
    clock.advance(HOUR)
    assert holds.release_due() == 0
    entry = audit.about(house).get(action="event.hold_changed")
    assert entry.facts["changed"]["reason"] == ["", "Radio"]
    with pytest.raises(holds.BadHold):
        holds.change(hold_id=hold.pk, until=clock.now(), reason="Radio")
    holds.change(hold_id=hold.pk, until=None, reason="Radio")
    clock.advance(9 * HOUR)
    assert holds.release_due() == 0
    holds.release(hold_id=hold.pk)
    with pytest.raises(holds.HoldOver):
        holds.change(hold_id=hold.pk, until=None, reason="Again")


def test_a_hold_that_changes_nothing_leaves_no_trace(house: Event) -> None:
    hold = holds.create(event_id=house.pk, place_ids=row(house), kind="press", reason="Radio").hold
    holds.change(hold_id=hold.pk, until=None, reason="Radio")
    assert not AuditEntry.objects.filter(action="event.hold_changed").exists()


def test_what_a_hold_keeps_is_sold_or_given_away_and_it_is_over_with_its_last_place(house: Event) -> None:
    by = member("organizer", house.organization)
    hold = holds.create(event_id=house.pk, place_ids=row(house), kind="complimentary", by=by).hold
    price = price_of(house, "Stalls").pk

    def sell(places: list[int], how: str, key: str) -> None:
        chosen = dict.fromkeys(places, price)
        box_office.sell(event=house, quantities={}, seats=chosen, hold=hold, key=key * 20, how=how, by=by)

    sell(row(house)[:2], "cash", "a")
    hold.refresh_from_db()
    assert hold.released_at is None
    sell(row(house)[2:], "complimentary", "b")
    hold.refresh_from_db()
    assert hold.released_at == clock.now()
    assert set(EventSeat.objects.filter(pk__in=row(house)).values_list("status", "hold")) == {("sold", None)}
    assert list(violations()) == []


def test_no_sale_takes_what_another_hold_keeps(house: Event) -> None:
    by = member("organizer", house.organization)
    holds.create(event_id=house.pk, place_ids=row(house), kind="press")
    other = holds.create(event_id=house.pk, place_ids=row(house, "B"), kind="artist").hold
    with pytest.raises(inventory.SeatsTaken):
        box_office.sell(
            event=house,
            quantities={},
            seats={row(house)[0]: price_of(house, "Stalls").pk},
            hold=other,
            key="k" * 20,
            how="cash",
            by=by,
        )
    assert EventSeat.objects.filter(event=house, status="held").count() == 8
