"""Holds, ownership lists and allocations of an event, as staff see them."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import audit as trail
from core import clock
from core.ranges import compact
from events.models import Allocation, Event, EventSeat, Hold
from events.services import allocations, holds, plans, seats
from tests.backoffice.desk import at_work, fields_of
from tests.backoffice.test_seating import page, row
from tests.factories import EventFactory, event_on_sale, place_at, price_of, reserve, seated_event
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(noon: datetime) -> Event:
    return seated_event({"Stalls": "ssss ssss", "Balcony": "ssss"}, {"Floor": 5}, title="Gala")


@pytest.fixture
def desk(house: Event) -> Client:
    return at_work("organizer", house.organization)[0]


def kept(event: Event, letter: str = "A", **how: object) -> Hold:
    return holds.create(
        event_id=event.pk, place_ids=row(event, letter), **{"kind": "press", "reason": "Radio"} | how
    ).hold


def test_holds_are_listed_with_what_they_keep_and_until_when(house: Event, desk: Client) -> None:
    kept(house, until=clock.now() + timedelta(days=3))
    over = kept(house, "B", kind="artist", reason="Band")
    holds.release(hold_id=over.pk)
    shown = text_of(desk.get(page("holds", house)))
    assert "press: Radio 4 Stalls: 4 Thu, 4 Jun 2026, 14:00" in shown
    assert "artist: Band 0 released" in shown


def test_the_list_of_holds_asks_as_often_for_one_as_for_many(house: Event, desk: Client) -> None:
    counts = []
    for places in (row(house)[:1], row(house)[1:], row(house, "B")):
        for place in places:
            holds.create(event_id=house.pk, place_ids=[place], kind="press", by=at_work("organizer")[1])
        with CaptureQueriesContext(connection) as asked:
            desk.get(page("holds", house))
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_standing_places_are_held_by_their_number(house: Event, desk: Client) -> None:
    floor = house.price_levels.get(name="Floor").pk
    sent = {"level": floor, "quantity": "3", "kind": "artist", "reason": "Friends", "until": ""}
    assert desk.post(page("holds", house), sent).status_code == 303
    assert Hold.objects.get().places.count() == 3
    refused = desk.post(page("holds", house), sent)
    assert refused.status_code == 409
    assert "Only 2 places are left at Floor." in text_of(refused)


@pytest.mark.parametrize("quantity", ["0", "-1", "1000000000", "1.5", "NaN", "", "x"])
def test_a_quantity_that_is_none_is_refused_at_its_field(house: Event, desk: Client, quantity: str) -> None:
    """R50"""
    floor = house.price_levels.get(name="Floor").pk
    answer = desk.post(page("holds", house), {"level": floor, "quantity": quantity, "kind": "artist"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["quantity"])
    assert not Hold.objects.exists()


def test_places_without_a_plan_are_held_too(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 4})
    client, _user = at_work("organizer", event.organization)
    client.post(page("holds", event), {"level": event.price_levels.get().pk, "quantity": "4", "kind": "venue"})
    hold = Hold.objects.get()
    assert "Standing: 4" in text_of(client.get(page("holds", event)))
    client.post(page("hold", event, hold.pk), {"act": "release", f"level_{event.price_levels.get().pk}": "1"})
    assert hold.places.count() == 3


def test_some_or_all_of_a_hold_are_released(house: Event, desk: Client) -> None:
    hold = kept(house)
    address = page("hold", house, hold.pk)
    done = desk.post(address, {"act": "release", "place": row(house)[:1]}, follow=True)
    assert "1 place is released." in text_of(done)
    none = desk.post(address, {"act": "release"}, follow=True)
    assert "Please choose at least one place." in text_of(none)
    foreign = kept(house, "B")
    desk.post(address, {"act": "release", "place": row(house, "B")})
    assert foreign.places.count() == 4  # S13: another hold's places stay
    done = desk.post(address, {"act": "release_all"}, follow=True)
    assert "3 places are released." in text_of(done)
    assert "It keeps nothing any more." in text_of(done)


def test_a_hold_gets_another_end_and_reason(house: Event, desk: Client) -> None:
    hold = kept(house)
    address = page("hold", house, hold.pk)
    assert desk.post(address, {"act": "change", "reason": "TV", "until": "2026-06-20T20:00"}).status_code == 303
    hold.refresh_from_db()
    assert (hold.reason, hold.until.isoformat()) == ("TV", "2026-06-20T18:00:00+00:00")
    wrong = desk.post(address, {"act": "change", "reason": "x" * 201, "until": "soon"})
    assert (wrong.status_code, sorted(wrong.context["form"].errors)) == (422, ["reason", "until"])
    assert "Hold changed. " in _last_sentence(house)


def _last_sentence(event: Event) -> str:
    from backoffice.queries import audit

    entry = trail.about(event).last()
    entry.thing = event
    return audit.sentence(entry)


def test_acts_are_told_in_words_with_amounts(house: Event) -> None:
    """S51"""
    kept(house, until=clock.now() + timedelta(hours=1))
    assert _last_sentence(house) == "Held for press: Radio: 4 places."
    clock.advance(timedelta(hours=1))
    holds.release_due()
    assert _last_sentence(house) == "Released from the hold for press: Radio: 4 places. Its time was over."
    seats.own(event_id=house.pk, place_ids=row(house), cost=1_250)
    assert _last_sentence(house) == "Ours to sell: 4 places. Each cost €12.50."


def test_another_events_hold_is_not_there(house: Event, desk: Client) -> None:
    """S9"""
    other = seated_event({"Stalls": "ssss"}, venue=house.venue, organization=house.organization)
    hold = kept(other)
    assert desk.get(page("hold", house, hold.pk)).status_code == 404
    assert desk.post(page("hold", house, hold.pk), {"act": "release_all"}).status_code == 404
    assert hold.places.count() == 4


@pytest.mark.parametrize("role", ["analyst", "entry_manager", "support"])
def test_who_may_not_manage_events_changes_no_hold(house: Event, role: str) -> None:
    """S8"""
    hold = kept(house)
    client, _user = at_work(role, house.organization)
    shown = client.get(page("hold", house, hold.pk))
    assert "Release all" not in text_of(shown)
    assert client.post(page("hold", house, hold.pk), {"act": "release_all"}).status_code == 403
    assert hold.places.count() == 4


# --- Selling what is held or chosen --------------------------------------------------------------------


def test_held_seats_are_given_away_on_the_sale_page(house: Event, desk: Client) -> None:
    hold = kept(house)
    led = desk.post(page("hold", house, hold.pk), {"act": "sell", "place": row(house)[:2]})
    assert (
        led["Location"] == f"{reverse('admin:sell')}?event={house.pk}&places={compact(row(house)[:2])}&hold={hold.pk}"
    )
    shown = desk.get(led["Location"])
    assert "From the hold for press: Radio." in text_of(shown)
    fields = fields_of(shown)
    price = str(price_of(house, "Stalls").pk)
    assert {name: value for name, value in fields.items() if name.startswith("seat_")} == {
        f"seat_{place}": price for place in row(house)[:2]
    }
    done = desk.post(f"{reverse('admin:sell')}?event={house.pk}", fields | {"how": "complimentary"}, follow=True)
    assert "Stalls, row A, seat 1" in text_of(done)
    assert EventSeat.objects.filter(pk__in=row(house), status="sold").count() == 2
    hold.refresh_from_db()
    assert (hold.places.count(), hold.released_at) == (2, None)


def test_a_seat_that_is_not_wanted_any_more_is_left_out(house: Event, desk: Client) -> None:
    address = f"{reverse('admin:sell')}?event={house.pk}"
    fields = fields_of(desk.get(f"{address}&places={compact(row(house)[:2])}"))
    fields |= {f"seat_{row(house)[1]}": "", "how": "cash"}
    assert desk.post(address, fields).status_code == 303
    assert list(EventSeat.objects.filter(status="sold").values_list("pk", flat=True)) == row(house)[:1]


def test_a_seat_that_was_taken_meanwhile_is_named_at_its_field(house: Event, desk: Client) -> None:
    """U15: with everything that was typed."""
    address = f"{reverse('admin:sell')}?event={house.pk}"
    fields = fields_of(desk.get(f"{address}&places={compact(row(house)[:2])}"))
    seats.block(event_id=house.pk, place_ids=row(house)[:1])
    refused = desk.post(address, fields | {"how": "cash", "name": "Ada"})
    assert refused.status_code == 409
    assert list(refused.context["form"].errors) == [f"seat_{row(house)[0]}"]
    assert 'value="Ada"' in refused.content.decode()


def test_a_seat_without_a_price_says_so(house: Event, desk: Client) -> None:
    house.price_levels.get(name="Stalls").prices.all().delete()
    shown = desk.get(f"{reverse('admin:sell')}?event={house.pk}&places={row(house)[0]}")
    assert "no price at Stalls" in text_of(shown)


def test_the_total_is_that_of_the_chosen_seats(house: Event, desk: Client) -> None:
    price = price_of(house, "Stalls").pk
    shown = desk.get(reverse("admin:sale-total"), {"event": house.pk, f"seat_{row(house)[0]}": price})
    assert "1 ticket, €21.50" in text_of(shown)


def test_the_price_of_another_level_or_event_sells_nothing(house: Event, desk: Client) -> None:
    """S39"""
    address = f"{reverse('admin:sell')}?event={house.pk}"
    fields = fields_of(desk.get(f"{address}&places={row(house)[0]}"))
    other = seated_event({"Stalls": "ss"}, organization=house.organization, venue=house.venue)
    for price in (price_of(house, "Balcony").pk, price_of(other, "Stalls").pk, 987_654_321, "x"):
        answer = desk.post(address, fields | {f"seat_{row(house)[0]}": price, "how": "cash"})
        assert answer.status_code == 422
    assert not EventSeat.objects.filter(status="sold").exists()


def test_another_events_hold_sells_nothing(house: Event, desk: Client) -> None:
    """S9, S13"""
    other = seated_event({"Stalls": "ssss"}, organization=house.organization, venue=house.venue)
    hold = kept(other)
    address = f"{reverse('admin:sell')}?event={house.pk}"
    assert desk.get(f"{address}&places={row(house)[0]}&hold={hold.pk}").status_code == 404
    fields = fields_of(desk.get(f"{address}&places={row(house)[0]}"))
    assert desk.post(address, fields | {"hold": hold.pk, "how": "cash"}).status_code == 404


def test_what_is_held_is_not_sold_without_its_hold(house: Event, desk: Client) -> None:
    kept(house)
    address = f"{reverse('admin:sell')}?event={house.pk}"
    fields = fields_of(desk.get(f"{address}&places={row(house)[0]}"))
    assert desk.post(address, fields | {"how": "cash"}).status_code == 409


def test_these_can_be_sold_when_they_are_few_and_the_event_sells(house: Event, desk: Client) -> None:
    def offered(client: Client, places: list[int]) -> bool:
        shown = client.post(page("seat-act", house), {"act": "look", "places": compact(places)})
        return "Sell these" in text_of(shown)

    assert offered(desk, row(house))
    assert not offered(desk, [*row(house), *row(house, "B"), *row(house, "A", "Balcony")])
    assert not offered(at_work("analyst", house.organization)[0], row(house))
    Event.objects.update(sales_end=clock.now())
    assert not offered(desk, row(house))


# --- Ownership -----------------------------------------------------------------------------------------


def sheet(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("seats.csv", text.encode(), content_type="text/csv")


def test_a_list_is_looked_at_first_and_then_done(house: Event, desk: Client) -> None:
    """U50"""
    seats.disown(event_id=house.pk, place_ids=row(house))
    text = "section,row,number,cost\nStalls,A,1,12.50\nStalls,A,2,20\n"
    shown = desk.post(page("ownership", house), {"file": sheet(text)})
    assert "2 seats are ours, for €32.50 together." in text_of(shown)
    assert place_at(house, "Stalls A 1").ownership == "not_owned"
    done = desk.post(page("ownership", house), fields_of(shown), follow=True)
    assert "2 places are ours now, at their cost." in text_of(done)
    assert (place_at(house, "Stalls A 2").ownership, place_at(house, "Stalls A 2").cost) == ("owned", 2_000)


def test_a_list_with_errors_does_nothing(house: Event, desk: Client) -> None:
    text = "section,row,number,cost\nStalls,A,1,5\nStalls,Z,1,5\n"
    for sent in ({"file": sheet(text)}, {"text": text, "confirmed": "yes"}):
        shown = desk.post(page("ownership", house), sent)
        assert shown.status_code == 422
        assert "Line 3: There is no seat Stalls, row Z, seat 1 at this event." in text_of(shown)
    assert place_at(house, "Stalls A 1").cost is None


def test_a_file_that_is_no_table_is_refused(house: Event, desk: Client) -> None:
    """R50, S37"""
    for content in (b"\xff\xfe\x00", b"\x89PNG\r\n", b"", b"x" * 2_000_001):
        answer = desk.post(page("ownership", house), {"file": SimpleUploadedFile("a.csv", content)})
        assert answer.status_code == 422


# --- Allocations ---------------------------------------------------------------------------------------


def test_an_allocation_is_kept_looked_at_applied_renamed_and_deleted(house: Event, desk: Client) -> None:
    kept(house)
    desk.post(page("allocations", house), {"name": "Gala"})
    saved = Allocation.objects.get()
    target = EventFactory(venue=house.venue, organization=house.organization)
    plans.use(event_id=target.pk, plan_id=house.plan_id)
    address = page("allocation", target, saved.pk)
    assert "4 places held: Radio" in text_of(desk.get(address))
    assert not Hold.objects.filter(event=target).exists()
    done = desk.post(address, {"act": "apply"})
    assert "What was done" in text_of(done)
    assert Hold.objects.get(event=target).places.count() == 4
    assert "No place changes." in text_of(desk.get(address))
    assert desk.post(address, {"act": "rename", "name": ""}).status_code == 422
    desk.post(address, {"act": "rename", "name": "Evening"})
    assert "Evening" in text_of(desk.get(page("allocations", target)))
    assert desk.post(address, {"act": "delete"}).status_code == 303
    assert not Allocation.objects.exists()


def test_a_name_that_is_taken_is_said_at_its_field(house: Event, desk: Client) -> None:
    allocations.save(event_id=house.pk, name="Gala")
    answer = desk.post(page("allocations", house), {"name": "Gala"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])


def test_an_allocation_of_another_plan_is_not_there(house: Event, desk: Client) -> None:
    """S9: nor one of another house."""
    saved = allocations.save(event_id=house.pk, name="Gala")
    other = seated_event({"Stalls": "ss"}, organization=house.organization)
    assert desk.get(page("allocation", other, saved.pk)).status_code == 404
    client, _user = at_work("admin")
    assert client.get(page("allocation", house, saved.pk)).status_code == 404
    assert client.post(page("allocation", house, saved.pk), {"act": "delete"}).status_code == 404
    assert Allocation.objects.exists()


def test_what_was_reserved_stays_when_an_allocation_is_applied(house: Event, desk: Client) -> None:
    kept(house)
    saved = allocations.save(event_id=house.pk, name="Gala")
    holds.release(hold_id=Hold.objects.get().pk)
    reserve(house, 2, price=price_of(house, "Stalls"))
    done = desk.post(page("allocation", house, saved.pk), {"act": "apply"})
    assert "2 places: reserved" in text_of(done)
