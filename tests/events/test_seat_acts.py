"""What staff do with chosen seats: price levels, blocks, whether they are ours, and what they cost."""

from datetime import datetime
from typing import Any

import pytest

from bookings.queries.promises import violations
from core import audit, clock
from core.models import AuditEntry
from core.ranges import expanded
from events.models import Event, EventSeat, PriceLevel
from events.queries import acts, ownership
from events.queries.acts import NoSuchPlace, Report, Staying
from events.queries.selections import chosen
from events.services import holds, inventory, levels, seats
from tests.factories import member, place_at, reserve_seats, seated_event

pytestmark = pytest.mark.django_db


def keys(event: Event, *names: str) -> list[int]:
    return [place_at(event, name).pk for name in names]


def level(event: Event, name: str) -> PriceLevel:
    return event.price_levels.get(name=name)


def of_row(event: Event, row: str, section: str = "Stalls") -> list[int]:
    places = EventSeat.objects.filter(event=event, section__name=section, seat__row=row)
    return list(places.order_by("seat__position").values_list("pk", flat=True))


@pytest.fixture
def house(noon: datetime) -> Event:
    """Stalls of three rows of four, a balcony of one row, and room for five to stand."""
    return seated_event({"Stalls": "ssss ssss ssss", "Balcony": "ssss"}, {"Floor": 5})


def test_painting_moves_seats_and_counts_both_levels_anew(house: Event) -> None:
    """R2: the levels say how many places they have, before and after."""
    by = member("organizer", house.organization)
    row = of_row(house, "A")
    made = seats.paint(event_id=house.pk, place_ids=row, level_id=level(house, "Balcony").pk, by=by)
    assert made == Report(row, [], {level(house, "Stalls").pk: row})
    assert (level(house, "Stalls").places, level(house, "Balcony").places) == (8, 8)
    assert list(violations()) == []
    entry = audit.about(house).get(action="event.seats_painted")
    assert (entry.by, expanded(entry.facts.pop("places"))) == (by, row)
    assert entry.facts == {"count": 4, "level": "Balcony"}


def test_what_is_sold_reserved_or_so_already_stays_and_is_named(house: Event) -> None:
    """U48: the result says of each why."""
    reserve_seats(house, "Stalls A 1", "Stalls A 2")
    seats.paint(event_id=house.pk, place_ids=keys(house, "Stalls A 4"), level_id=level(house, "Balcony").pk)
    row = of_row(house, "A")
    made = seats.paint(event_id=house.pk, place_ids=row, level_id=level(house, "Balcony").pk)
    assert made.changed == [row[2]]
    assert made.staying == [
        Staying("reserved", row[:2], ["Stalls, row A, seat 1", "Stalls, row A, seat 2"]),
        Staying("so already", row[3:], ["Stalls, row A, seat 4"]),
    ]


def test_held_and_blocked_seats_can_be_painted_and_stay_what_they_are(house: Event) -> None:
    row = of_row(house, "A")
    holds.create(event_id=house.pk, place_ids=row[:1], kind="press")
    seats.block(event_id=house.pk, place_ids=row[1:2])
    seats.paint(event_id=house.pk, place_ids=row, level_id=level(house, "Balcony").pk)
    statuses = dict(EventSeat.objects.filter(pk__in=row).values_list("pk", "status"))
    assert [statuses[pk] for pk in row] == ["held", "blocked", "available", "available"]


def test_seats_and_standing_places_never_share_a_level(house: Event) -> None:
    """And nothing of the act is left."""
    standing = list(EventSeat.objects.filter(event=house, seat=None).values_list("pk", flat=True))
    with pytest.raises(inventory.Mixed):
        seats.paint(event_id=house.pk, place_ids=standing, level_id=level(house, "Stalls").pk)
    assert (level(house, "Stalls").places, level(house, "Floor").places) == (12, 5)
    assert not AuditEntry.objects.filter(action="event.seats_painted").exists()


def test_a_level_that_loses_all_its_seats_can_take_standing_places(house: Event) -> None:
    seats.paint(event_id=house.pk, place_ids=of_row(house, "A", "Balcony"), level_id=level(house, "Stalls").pk)
    standing = list(EventSeat.objects.filter(event=house, seat=None).values_list("pk", flat=True))
    seats.paint(event_id=house.pk, place_ids=standing, level_id=level(house, "Balcony").pk)
    assert level(house, "Balcony").numbered is False
    assert list(violations()) == []


def test_a_level_of_another_event_is_none(house: Event) -> None:
    """S13"""
    other = seated_event({"Stalls": "ss"})
    with pytest.raises(seats.NoSuchLevel):
        seats.paint(event_id=house.pk, place_ids=of_row(house, "A"), level_id=level(other, "Stalls").pk)


@pytest.mark.parametrize("act", [seats.block, seats.unblock, seats.own, seats.disown, holds.release_places])
def test_places_of_another_event_or_none_at_all_are_refused(house: Event, act: Any) -> None:
    """R50, S13: nothing changes, not even those that are of the event."""
    other = seated_event({"Stalls": "ss"})
    for places in ([], [*of_row(house, "A"), *of_row(other, "A")], [987_654_321]):
        with pytest.raises(NoSuchPlace):
            act(event_id=house.pk, place_ids=places)
    assert set(EventSeat.objects.values_list("status", "ownership")) == {("available", "owned")}


def test_blocking_and_unblocking_are_each_others_inverse(house: Event) -> None:
    reserve_seats(house, "Stalls B 1", "Stalls B 2")
    made = holds.create(event_id=house.pk, place_ids=keys(house, "Stalls B 3"), kind="artist", reason="Band")
    row = of_row(house, "B")
    blocked = seats.block(event_id=house.pk, place_ids=row)
    assert blocked.changed == row[3:]
    assert [(group.why, group.places) for group in blocked.staying] == [
        ("reserved", row[:2]),
        (f"held for {made.hold}", row[2:3]),
    ]
    assert seats.block(event_id=house.pk, place_ids=row[3:]).staying[0].why == "so already"
    assert seats.unblock(event_id=house.pk, place_ids=blocked.changed).changed == row[3:]
    assert place_at(house, "Stalls B 4").status == "available"
    assert [entry.action for entry in audit.about(house).filter(action__contains="blocked")] == [
        "event.seats_blocked",
        "event.seats_unblocked",
    ]


def test_who_holds_a_seat_is_part_of_why_it_stays(house: Event) -> None:
    by = member("organizer", house.organization, name="Ann Example")
    row = of_row(house, "B")
    holds.create(event_id=house.pk, place_ids=row, kind="press", reason="Radio", by=by)
    stayed = seats.block(event_id=house.pk, place_ids=row).staying
    assert [group.why for group in stayed] == [f"held for press: Radio ({by})"]


def test_owning_says_what_it_cost_and_disowning_that_it_is_not_ours(house: Event) -> None:
    row = of_row(house, "C")
    reserve_seats(house, "Stalls C 1", "Stalls C 2")
    gone = seats.disown(event_id=house.pk, place_ids=row)
    assert (gone.changed, [group.why for group in gone.staying]) == (row[2:], ["reserved"])
    assert seats.disown(event_id=house.pk, place_ids=row[2:]).changed == []
    back = seats.own(event_id=house.pk, place_ids=row, cost=1_250)
    assert back.changed == row  # those that are reserved are ours, and now it is known what they cost
    assert set(EventSeat.objects.filter(pk__in=row).values_list("ownership", "cost")) == {("owned", 1_250)}
    assert seats.own(event_id=house.pk, place_ids=row).changed == []
    assert audit.about(house).get(action="event.seats_owned").facts["cost"] == 1_250


def test_the_outlook_is_what_then_happens(house: Event) -> None:
    """U48: what is shown first is what the act does."""
    reserve_seats(house, "Stalls A 1", "Stalls A 2")
    holds.create(event_id=house.pk, place_ids=keys(house, "Stalls A 3"), kind="press")
    seats.block(event_id=house.pk, place_ids=keys(house, "Stalls B 1"))
    everything = chosen(house, sections=[place_at(house, "Stalls A 1").section_id])
    balcony = level(house, "Balcony").pk
    for act, service, how in (
        (acts.painting(balcony), seats.paint, {"level_id": balcony}),
        (acts.BLOCKING, seats.block, {}),
        (acts.UNBLOCKING, seats.unblock, {}),
        (acts.RELEASING, holds.release_places, {}),
        (acts.owning(500), seats.own, {"cost": 500}),
        (acts.DISOWNING, seats.disown, {}),
    ):
        before = acts.outlook(event=house, place_ids=everything, act=act)
        after = service(event_id=house.pk, place_ids=everything, **how)
        assert (before.changed, before.staying) == (after.changed, after.staying)


def test_a_selection_is_places_rows_and_sections(house: Event) -> None:
    stalls = place_at(house, "Stalls A 1")
    picked = chosen(house, places=keys(house, "Balcony A 1", "Stalls B 1"), rows=[(stalls.section_id, 1)])
    assert picked == sorted([*of_row(house, "B"), *keys(house, "Balcony A 1")])
    assert len(chosen(house, sections=[stalls.section_id])) == 12
    other = seated_event({"Stalls": "ss"})
    assert chosen(house, sections=[place_at(other, "Stalls A 1").section_id]) == []


def test_a_level_with_painted_places_is_not_removed_and_they_are_not_counted_by_hand(house: Event) -> None:
    """R23: a seat of the plan can't vanish with its level."""
    balcony = level(house, "Balcony")
    with pytest.raises(levels.InUse, match="Balcony has places"), inventory_frame():
        levels.remove(level=balcony)
    with inventory_frame():
        levels.change(level=balcony, name="Gallery", order=1, places=99, colour=6, amounts={})
    balcony.refresh_from_db()
    assert (balcony.name, balcony.places, balcony.colour) == ("Gallery", 4, 6)
    seats.paint(event_id=house.pk, place_ids=of_row(house, "A", "Balcony"), level_id=level(house, "Stalls").pk)
    with inventory_frame():
        levels.remove(level=balcony)
    assert house.price_levels.count() == 2


def inventory_frame() -> Any:
    """Levels are changed inside a transaction of the form's."""
    from django.db import transaction

    return transaction.atomic()


# --- A list of what was delivered ----------------------------------------------------------------------


def test_a_list_says_which_seats_are_ours_and_what_they_cost(house: Event) -> None:
    seats.disown(event_id=house.pk, place_ids=of_row(house, "A"))
    read = ownership.read(house, 'Section,Row,Number,Cost\nStalls,A,1,12.50\nstalls,a,2,"30"\n\nStalls,A,3,12.50\n')
    assert read.errors == []
    made = seats.own_listed(event_id=house.pk, costs=read.costs)
    assert made.changed == keys(house, "Stalls A 1", "Stalls A 2", "Stalls A 3")
    row = EventSeat.objects.filter(pk__in=of_row(house, "A")).order_by("seat__position")
    assert list(row.values_list("ownership", "cost")) == [
        ("owned", 1_250),
        ("owned", 3_000),
        ("owned", 1_250),
        ("not_owned", None),
    ]
    facts = audit.about(house).get(action="event.seats_owned").facts
    assert {cost: expanded(places) for cost, places in facts["costs"].items()} == {
        "1250": keys(house, "Stalls A 1", "Stalls A 3"),
        "3000": keys(house, "Stalls A 2"),
    }


def test_semicolons_tabs_and_commas_for_decimals_are_read(house: Event) -> None:
    assert ownership.read(house, "\ufeffsection;row;number;cost\nStalls;A;1;12,50\n").costs == {
        keys(house, "Stalls A 1")[0]: 1_250
    }
    assert ownership.read(house, "section\trow\tnumber\tcost\nStalls\tA\t1\t3\n").errors == []


def test_errors_are_told_by_their_lines_and_nothing_is_done(house: Event) -> None:
    """U50"""
    read = ownership.read(
        house,
        "section,row,number,cost\nStalls,A,1,5\nStalls,Z,1,5\nStalls,A,1,6\nStalls,A,2,much\nStalls,A,3,-1\n"
        "Stalls,A,4,1.005\nStalls,B\nStalls,B,1,NaN\nStalls,B,2,1e9\n",
    )
    assert read.errors == [
        (3, "There is no seat Stalls, row Z, seat 1 at this event."),
        (4, "This seat stands in line 2 already."),
        (5, "“much” is no amount."),
        (6, "“-1” is no amount."),
        (7, "“1.005” is no amount."),
        (8, "A line has a section, a row, a number and a cost."),
        (9, "“NaN” is no amount."),
        (10, "“1e9” is no amount."),
    ]


def test_a_list_without_its_head_says_what_is_missing(house: Event) -> None:
    for text in ("", "Stalls,A,1,5\n", "section,row,cost\nStalls,A,5\n"):
        assert ownership.read(house, text).errors == [
            (1, "The first line names the columns: section, row, number, cost.")
        ]


def test_what_a_spreadsheet_made_harmless_is_read_as_it_was_meant(noon: datetime) -> None:
    """S31"""
    event = seated_event({"-1": "ss"})
    assert ownership.read(event, "section,row,number,cost\n'-1,A,1,5\n").errors == []


def test_reports_ask_as_often_for_a_row_as_for_a_house(house: Event, django_assert_num_queries: Any) -> None:
    everything = list(EventSeat.objects.filter(event=house).values_list("pk", flat=True))
    clock.now()
    for places in (everything[:1], everything):
        with django_assert_num_queries(2):
            acts.outlook(event=house, place_ids=places, act=acts.UNBLOCKING)
