"""How a house is divided, kept under a name and applied to another event of the same plan."""

from datetime import datetime
from time import perf_counter

import pytest

from bookings.queries.promises import violations
from core import audit
from core.ranges import expanded
from events.models import Allocation, Event, EventSeat, Hold, Price
from events.queries import allocations as looks
from events.services import allocations, catalogue, holds, plans, publishing, seats
from tests.factories import EventFactory, member, place_at, plan_of, reserve_seats, seated_event
from venues.models import Seat, SeatingPlan, Section

pytestmark = pytest.mark.django_db


def row(event: Event, letter: str) -> list[int]:
    places = EventSeat.objects.filter(event=event, seat__row=letter)
    return list(places.order_by("seat__position").values_list("pk", flat=True))


@pytest.fixture
def gala(noon: datetime) -> Event:
    """An event that was divided: a level of its own in front, a blocked seat, and holds."""
    event = seated_event({"Stalls": "ssss ssss"}, {"Floor": 6}, amounts={"Standard": 2_000, "Child": 1_000})
    front = event.price_levels.create(name="Front", colour=5, order=7, places=0)
    Price.objects.create(price_level=front, ticket_type=event.organization.ticket_types.get(name="Child"), amount=900)
    seats.paint(event_id=event.pk, place_ids=row(event, "A"), level_id=front.pk)
    seats.block(event_id=event.pk, place_ids=row(event, "B")[:1])
    holds.create(event_id=event.pk, place_ids=row(event, "A")[:2], kind="press", reason="Radio")
    floor = event.price_levels.get(name="Floor")
    holds.create_standing(event_id=event.pk, level_id=floor.pk, quantity=2, kind="artist", reason="Friends")
    return event


def another(event: Event, *, published: bool = False) -> Event:
    """Another event of the same plan, as it comes."""
    made = EventFactory(venue=event.venue, organization=event.organization)
    plans.use(event_id=made.pk, plan_id=event.plan_id)
    return publishing.publish(event_id=made.pk) if published else made


def test_an_event_is_divided_like_another(gala: Event) -> None:
    by = member("organizer", gala.organization)
    saved = allocations.save(event_id=gala.pk, name="Gala", by=by)
    target = another(gala)
    made = allocations.apply(allocation_id=saved.pk, event_id=target.pk, by=by)
    assert made == looks.Outlook(
        painted=[("Front", 4)],
        blocked=1,
        held=[("Radio", 2), ("Friends", 2)],
        staying=[],
        types_missing=[],
        other_currency=False,
    )
    front = target.price_levels.get(name="Front")
    assert (front.colour, front.order, front.places, front.numbered) == (5, 7, 4, True)
    assert list(front.prices.values_list("ticket_type__name", "amount")) == [("Child", 900)]
    assert set(EventSeat.objects.filter(price_level=front).values_list("pk", flat=True)) == set(row(target, "A"))
    assert place_at(target, "Stalls B 1").status == "blocked"
    kept = [(str(hold), hold.places.count(), hold.by, hold.until) for hold in Hold.objects.filter(event=target)]
    assert kept == [("press: Radio", 2, by, None), ("artist: Friends", 2, by, None)]
    assert list(violations()) == []
    entry = audit.about(target).get(action="event.allocation_applied")
    assert (entry.facts["allocation"], entry.facts["count"]) == ("Gala", 7)
    assert set(expanded(entry.facts["painted"]["Front"])) == set(row(target, "A"))


def test_applied_twice_it_changes_nothing_more(gala: Event) -> None:
    """U48"""
    saved = allocations.save(event_id=gala.pk, name="Gala")
    target = another(gala)
    allocations.apply(allocation_id=saved.pk, event_id=target.pk)
    before = list(EventSeat.objects.filter(event=target).order_by("pk").values())
    again = allocations.apply(allocation_id=saved.pk, event_id=target.pk)
    assert (again.painted, again.blocked, again.held, again.staying) == ([], 0, [], [])
    assert list(EventSeat.objects.filter(event=target).order_by("pk").values()) == before
    assert Hold.objects.filter(event=target).count() == 2


def test_on_an_event_on_sale_only_idle_places_change_and_the_others_are_named(gala: Event) -> None:
    saved = allocations.save(event_id=gala.pk, name="Gala")
    target = another(gala, published=True)
    reserve_seats(target, "Stalls A 1", "Stalls A 2")
    reserve_seats(target, "Stalls B 1", "Stalls B 2")
    expected = looks.outlook(target, saved.layout)
    made = allocations.apply(allocation_id=saved.pk, event_id=target.pk)
    assert made == expected
    assert (made.painted, made.blocked, made.held) == ([("Front", 2)], 0, [("Friends", 2)])
    assert [(group.why, group.names) for group in made.staying] == [
        ("reserved", ["Stalls, row A, seat 1", "Stalls, row A, seat 2", "Stalls, row B, seat 1"])
    ]
    assert list(violations()) == []


def test_looking_writes_nothing(gala: Event) -> None:
    """S14"""
    saved = allocations.save(event_id=gala.pk, name="Gala")
    target = another(gala)
    looks.outlook(target, saved.layout)
    assert not target.price_levels.filter(name="Front").exists()


def test_prices_of_another_currency_and_of_types_that_are_gone_stay_out(gala: Event) -> None:
    saved = allocations.save(event_id=gala.pk, name="Gala")
    target = another(gala)
    Event.objects.filter(pk=target.pk).update(currency="CHF")
    gala.organization.ticket_types.filter(name="Child").update(name="Youth")
    made = allocations.apply(allocation_id=saved.pk, event_id=target.pk)
    assert (made.types_missing, made.other_currency) == (["Child"], True)
    assert not Price.objects.filter(price_level__event=target, price_level__name="Front").exists()


def test_another_plan_and_no_plan_are_refused(gala: Event) -> None:
    saved = allocations.save(event_id=gala.pk, name="Gala")
    other = seated_event({"Stalls": "ss"})
    with pytest.raises(allocations.NoPlan):
        allocations.apply(allocation_id=saved.pk, event_id=other.pk)
    with pytest.raises(allocations.NoPlan):
        allocations.save(event_id=EventFactory().pk, name="Gala")


def test_a_plan_has_one_allocation_of_a_name(gala: Event) -> None:
    saved = allocations.save(event_id=gala.pk, name="Gala")
    with pytest.raises(allocations.NameTaken):
        allocations.save(event_id=gala.pk, name="Gala")
    other = allocations.save(event_id=gala.pk, name="Matinee")
    with pytest.raises(allocations.NameTaken):
        allocations.rename(allocation_id=other.pk, name="Gala")
    assert allocations.rename(allocation_id=other.pk, name="Evening").name == "Evening"
    assert allocations.rename(allocation_id=other.pk, name="Evening").name == "Evening"
    allocations.delete(allocation_id=saved.pk)
    allocations.delete(allocation_id=saved.pk)  # harmless when repeated
    assert [each.name for each in Allocation.objects.all()] == ["Evening"]


def test_deleting_an_event_keeps_the_allocation_and_takes_its_holds(gala: Event) -> None:
    allocations.save(event_id=gala.pk, name="Gala")
    catalogue.delete_event(event_id=gala.pk)
    assert (Hold.objects.count(), Allocation.objects.count()) == (0, 1)


def stadium(event: Event, sections: int, seats_each: int) -> SeatingPlan:
    plan = SeatingPlan.objects.create(venue=event.venue, name="Big", status="published")
    for order in range(sections):
        shape = [[0, 0], [9, 0], [9, 9]]
        section = Section.objects.create(plan=plan, name=f"S{order}", tier=f"T{order % 4}", order=order, shape=shape)
        Seat.objects.bulk_create(
            Seat(
                section=section,
                row=str(number // 50),
                number=str(number % 50),
                row_order=number // 50,
                position=number % 50,
                x=number,
                y=order,
            )
            for number in range(seats_each)
        )
    return plan


def test_a_stadium_is_divided_in_seconds(noon: datetime) -> None:
    """Twenty thousand seats, every second one blocked or held: ranges of one seat each, the worst that can be."""
    event = EventFactory(venue__capacity=60_000)
    plan = stadium(event, 20, 1_000)
    other = EventFactory(venue=event.venue, organization=event.organization)
    for each in (event, other):
        plans.use(event_id=each.pk, plan_id=plan.pk)
    everything = list(EventSeat.objects.filter(event=event).order_by("pk").values_list("pk", flat=True))
    seats.paint(event_id=event.pk, place_ids=everything, level_id=event.price_levels.latest("pk").pk)
    seats.block(event_id=event.pk, place_ids=everything[::4])
    holds.create(event_id=event.pk, place_ids=everything[1::4], kind="press")
    saved = allocations.save(event_id=event.pk, name="All")
    began = perf_counter()
    made = allocations.apply(allocation_id=saved.pk, event_id=other.pk)
    assert perf_counter() - began < 15
    assert ([count for _name, count in made.painted], made.blocked, made.held) == ([15_000], 5_000, [("press", 5_000)])


def test_a_plan_of_a_venue_can_lie_beside_another(gala: Event) -> None:
    """The allocations that are offered are those of the event's own plan."""
    saved = allocations.save(event_id=gala.pk, name="Gala")
    other = plan_of(gala.venue, {"Stalls": "ss"}, name="Small")
    draft = EventFactory(venue=gala.venue, organization=gala.organization)
    assert list(looks.allocations_of(draft)) == []
    plans.use(event_id=draft.pk, plan_id=other.pk)
    assert list(looks.allocations_of(Event.objects.get(pk=draft.pk))) == []
    assert list(looks.allocations_of(gala)) == [saved]
