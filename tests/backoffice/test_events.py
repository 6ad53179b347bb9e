"""Events in the back office."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Refund, Ticket
from bookings.services import payments, returns
from core import clock
from core.models import AuditEntry
from events.models import Event, EventSeat, Price, PriceLevel, TicketType
from events.services import plans
from reports.queries.revenue import By, revenue
from reports.services import closing
from tests.backoffice.desk import at_work, fields_of
from tests.bookings.exchanging import an_event, bought, exchanging
from tests.factories import (
    CategoryFactory,
    EventFactory,
    OrganizationFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    paid,
    plan_of,
    reserve,
    with_details,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/events/event/"


def change(event: Event) -> str:
    return reverse("admin:events_event_change", args=[event.pk])


def entries(event: Event) -> list[tuple[str, Any]]:
    about = AuditEntry.objects.filter(object_type="events.event", object_id=event.pk).order_by("pk")
    return [(entry.action, entry.facts) for entry in about if entry.action != "event.published"]


def test_the_list_shows_what_is_sold(noon: datetime) -> None:
    event = event_on_sale(title="Evening", levels={"Standing": 10})
    paid(event, 2)
    reserve(event, 1)
    client, _user = at_work("organizer", event.organization)
    page = client.get(LIST)
    assert "2 of 10" in text_of(page)
    assert "Wed, 1 Jul 2026, 14:00 (CEST)" in text_of(page)
    row = page.context["cl"].result_list[0]
    assert (row.sums.bookings, row.sums.held, row.sums.net) == (1, 2, event.bookings.first().total)


def test_revenue_is_for_who_may_see_it(noon: datetime) -> None:
    event = event_on_sale()
    paid(event, 2)
    for role, seen in (("organizer", True), ("analyst", True), ("support", False), ("entry_manager", False)):
        page = at_work(role, event.organization)[0].get(LIST)
        assert ("column-revenue" in page.content.decode()) is seen
        assert ("€43.00" in page.content.decode()) is seen


def test_a_present_is_sold_but_earns_nothing(noon: datetime) -> None:
    event = event_on_sale()
    earned = paid(event, 2).total
    payments.record_by_hand(booking_id=with_details(reserve(event, 3)).pk, how="complimentary", by=None)
    page = at_work("analyst", event.organization)[0].get(LIST)
    (row,) = page.context["cl"].result_list
    assert (row.sums.bookings, row.sums.held, row.sums.net) == (2, 5, earned)


def test_the_list_says_what_reports_say_also_after_a_return_and_an_exchange(noon: datetime) -> None:
    """R3: closed days or not."""
    old = bought(an_event())
    back = bought(old.event)
    ticket = back.live_tickets().order_by("pk")[0]
    how = {"amount": ticket.total, "why": Refund.Reason.OTHER, "reason": "ill", "by": None}
    returns.take_back(booking_id=back.pk, ticket_ids=[ticket.pk], **how)
    payments.record_by_hand(booking_id=exchanging(old, "Premium", 2).pk, how="cash", by=None)
    for _look in range(2):
        (row,) = at_work("analyst", old.organization)[0].get(LIST).context["cl"].result_list
        (told,) = revenue([old.organization], By.EVENT)
        assert row.sums == told.sums
        assert row.sums.held == Ticket.objects.live().filter(booking__event=old.event).count()
        clock.advance(timedelta(days=2))
        assert closing.close_due()


def test_fifty_events_take_as_many_queries_as_one(noon: datetime) -> None:
    house = OrganizationFactory()
    client, _user = at_work("organizer", house)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    event_on_sale(venue=VenueFactory(organization=house))
    asked()
    one = asked()
    for _number in range(49):
        event_on_sale(venue=VenueFactory(organization=house), levels={"Standing": 1, "Balcony": 1})
    assert asked() == one


def test_search_is_folded_and_filters_filter(noon: datetime) -> None:
    house = OrganizationFactory()
    venue = VenueFactory(organization=house)
    cafe = EventFactory(venue=venue, title="Café Müller", type="dance", category=CategoryFactory(organization=house))
    past = EventFactory(venue=venue, title="Long ago", starts_at=clock.now() - timedelta(days=9))
    client, _user = at_work("organizer", house)

    def found(query: str) -> set[Event]:
        page = client.get(f"{LIST}?{query}")
        assert page.status_code == 200, query
        return set(page.context["cl"].result_list)

    assert found("q=cafe+MULLER") == {cafe}
    assert found("when=past") == {past}
    assert found("when=coming") == {cafe}
    assert found("when=never") == {cafe, past}
    assert found(f"venue__id__exact={venue.pk}") == {cafe, past}
    assert found(f"category__id__exact={cafe.category_id}") == {cafe}
    assert found("type__exact=dance") == {cafe}
    assert found("starts_at__year=2026") == {cafe, past}
    assert client.get(f"{LIST}?bookings__customer_name__startswith=A").status_code == 400  # S33


def form(event: Event, client: Any, **typed: Any) -> dict[str, Any]:
    return fields_of(client.get(change(event))) | typed


def test_a_new_event_with_levels_and_prices(noon: datetime) -> None:
    """S13, S51: the organization is the one worked for, whatever is sent."""
    house = OrganizationFactory()
    venue = VenueFactory(organization=house, time_zone="Europe/Lisbon", city="Lisbon")
    adult = TicketTypeFactory(organization=house, name="Adult")
    child = TicketTypeFactory(organization=house, name="Child")
    client, user = at_work("organizer", house)
    fields = fields_of(client.get(LIST + "add/")) | {
        "title": "First night",
        "slug": "first-night",
        "venue": venue.pk,
        "starts_at": "2026-09-01T20:00",
        "ends_at": "2026-09-01T22:30",
        "price_levels-0-name": "Stalls",
        "price_levels-0-places": "40",
        f"price_levels-0-price_{adult.pk}": "25.50",
        f"price_levels-0-price_{child.pk}": "",
        "organization": OrganizationFactory().pk,
        "status": "published",
        "published_at": "2020-01-01T00:00",
    }
    page = client.post(LIST + "add/", fields)
    assert page.status_code == 302, page.context["errors"]
    event = Event.objects.get()
    assert (event.organization, event.status, event.published_at, event.currency) == (house, "draft", None, "EUR")
    assert event.starts_at == datetime(2026, 9, 1, 19, tzinfo=UTC)  # the venue's clock
    level = event.price_levels.get()
    assert (level.name, level.places, EventSeat.objects.count()) == ("Stalls", 40, 0)
    assert list(level.prices.values_list("ticket_type", "amount")) == [(adult.pk, 2_550)]
    assert entries(event) == [
        ("event.level_added", {"level": "Stalls", "places": 40, "prices": {"Adult": 2_550}}),
        ("event.created", {"called": "First night"}),
    ]
    assert set(AuditEntry.objects.values_list("by", flat=True)) == {user.pk}


def test_what_is_sent_unchanged_changes_nothing(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 10, "Balcony": 5}, amounts={"Adult": 2_000, "Child": 1_000})
    client, _user = at_work("organizer", event.organization)
    assert client.post(change(event), form(event, client)).status_code == 302
    assert entries(event) == []


def test_prices_change_for_the_future_with_old_and_new_in_the_audit_trail(noon: datetime) -> None:
    """S51"""
    event = event_on_sale(levels={"Standing": 10}, amounts={"Adult": 2_000, "Child": 1_000})
    adult, child = (TicketType.objects.get(name=name) for name in ("Adult", "Child"))
    booking = reserve(event, 1, price=Price.objects.get(ticket_type=adult))
    client, _user = at_work("organizer", event.organization)
    typed = {
        "title": "Renamed",
        "price_levels-0-name": "Floor",
        "price_levels-0-places": "12",
        f"price_levels-0-price_{adult.pk}": "30",
        f"price_levels-0-price_{child.pk}": "",
    }
    old = event.title
    assert client.post(change(event), form(event, client, **typed)).status_code == 302
    level = event.price_levels.get()
    assert (level.name, level.places, event.places.count()) == ("Floor", 12, 12)
    assert list(level.prices.values_list("ticket_type", "amount")) == [(adult.pk, 3_000)]
    assert booking.tickets.get().price == 2_000
    level_facts = {
        "level": "Floor",
        "name": ["Standing", "Floor"],
        "places": [10, 12],
        "prices": {"Adult": [2_000, 3_000], "Child": [1_000, None]},
    }
    assert entries(event) == [
        ("event.level_changed", level_facts),
        ("event.changed", {"called": "Renamed", "changed": {"title": [old, "Renamed"]}}),
    ]
    assert Price.history.filter(history_type="-", ticket_type=child).count() == 1
    assert Price.history.filter(history_type="~", ticket_type=adult).count() == 1


@pytest.mark.parametrize(("places", "sentence"), [("1001", "holds 1000 people"), ("1", "Only 8 places of Standing")])
def test_places_that_cant_be_are_an_error_beside_the_field_and_nothing_is_saved(
    noon: datetime, places: str, sentence: str
) -> None:
    """R23: a sold place can't vanish."""
    event = event_on_sale(levels={"Standing": 10})
    paid(event, 2)
    client, _user = at_work("organizer", event.organization)
    title = event.title
    page = client.post(change(event), form(event, client, title="Renamed", **{"price_levels-0-places": places}))
    assert page.status_code == 200
    assert sentence in page.context["inline_admin_formsets"][0].formset.errors[0]["places"][0]
    event.refresh_from_db()
    assert (event.title, event.places.count(), event.price_levels.get().places) == (title, 10, 10)
    assert entries(event) == []
    assert 'value="Renamed"' in page.content.decode()


def test_a_level_that_was_sold_cant_be_removed_and_another_can(noon: datetime) -> None:
    """R23"""
    event = event_on_sale(levels={"Standing": 10, "Balcony": 5})
    reserve(event, 1, price=Price.objects.get(price_level__name="Standing"))
    client, _user = at_work("organizer", event.organization)
    page = client.post(change(event), form(event, client, **{"price_levels-0-DELETE": "on"}))
    assert page.status_code == 200
    assert "can&#x27;t be removed" in page.content.decode()
    assert event.price_levels.count() == 2
    assert client.post(change(event), form(event, client, **{"price_levels-1-DELETE": "on"})).status_code == 302
    assert (event.price_levels.get().name, event.places.count()) == ("Standing", 10)
    assert entries(event) == [("event.level_removed", {"level": "Balcony", "places": 5})]


def test_amounts_are_of_the_currency_and_only_free_types_cost_nothing(noon: datetime) -> None:
    event = event_on_sale()
    key = f"price_levels-0-price_{TicketType.objects.get().pk}"
    client, _user = at_work("organizer", event.organization)
    for typed, sentence in (("20.005", "EUR has 2 decimals."), ("0", "greater than or equal to 0.01")):
        page = client.post(change(event), form(event, client, **{key: typed}))
        assert page.status_code == 200
        assert sentence in page.content.decode()
    assert Price.objects.get().amount == 2_000


def test_a_published_event_keeps_its_venue_and_currency(noon: datetime) -> None:
    """S13"""
    event = event_on_sale()
    other = VenueFactory(organization=event.organization)
    client, _user = at_work("organizer", event.organization)
    assert "its venue and currency stay as they are" in text_of(client.get(change(event)))
    typed = {"venue": other.pk, "currency": "JPY", "status": "cancelled"}
    assert client.post(change(event), form(event, client, **typed)).status_code == 302
    event.refresh_from_db()
    assert (event.venue == other, event.currency, event.status) == (False, "EUR", "published")
    assert Price.objects.get().amount == 2_000


def test_a_draft_with_a_plan_keeps_its_venue_and_says_how_seats_are_sold(noon: datetime) -> None:
    """S13: the plan is the venue's."""
    event = EventFactory(venue=VenueFactory())
    plans.use(event_id=event.pk, plan_id=plan_of(event.venue, {"Stalls": "ssss"}).pk)
    other = VenueFactory(organization=event.organization)
    client, _user = at_work("organizer", event.organization)
    typed = {"venue": other.pk, "accessible_until_0": "2026-06-20", "accessible_until_1": "12:00"}
    sent = {name: value for name, value in form(event, client, **typed).items() if name != "avoids_single_gaps"}
    assert client.post(change(event), sent).status_code == 302
    event.refresh_from_db()
    assert event.venue != other
    assert event.avoids_single_gaps is False


def test_another_houses_venue_and_category_are_no_choice(noon: datetime) -> None:
    """S11"""
    event, foreign = EventFactory(), EventFactory(category=CategoryFactory())
    client, _user = at_work("organizer", event.organization)
    page = client.get(change(event))
    assert foreign.venue.name not in page.content.decode()
    for typed in ({"venue": foreign.venue_id}, {"category": foreign.category_id}):
        page = client.post(change(event), form(event, client, **typed))
        assert "Select a valid choice" in page.content.decode()
    event.refresh_from_db()
    assert (event.venue == foreign.venue, event.category) == (False, None)


def test_another_houses_ticket_type_and_level_are_passed_over(noon: datetime) -> None:
    """S11: ids in the names and in the hidden fields of rows."""
    event, foreign = event_on_sale(), event_on_sale(levels={"Theirs": 3}, amounts={"Their type": 700})
    their_type, their_level = TicketType.objects.get(name="Their type"), PriceLevel.objects.get(name="Theirs")
    client, _user = at_work("organizer", event.organization)
    typed = {f"price_levels-0-price_{their_type.pk}": "1"}
    assert client.post(change(event), form(event, client, **typed)).status_code == 302
    assert Price.objects.filter(ticket_type=their_type).count() == 1
    page = client.post(change(event), form(event, client, **{"price_levels-0-id": str(their_level.pk)}))
    assert page.status_code == 200
    their_level.refresh_from_db()
    assert (their_level.name, their_level.event) == ("Theirs", foreign)


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_another_houses_event_isnt_there(noon: datetime, page: str) -> None:
    """S8, S11"""
    foreign = event_on_sale()
    client, _user = at_work("admin")
    address = reverse(f"admin:events_event_{page}", args=[foreign.pk])
    assert client.get(address).status_code == 404
    if page != "history":
        assert client.post(address, {"post": "yes"}).status_code == 404
    assert foreign not in client.get(LIST).context["cl"].result_list
    assert Event.objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("role", ["support", "analyst", "entry_manager"])
def test_who_may_only_look_changes_nothing(noon: datetime, role: str) -> None:
    """S8"""
    event = event_on_sale(title="Kept")
    client, _user = at_work(role, event.organization)
    page = client.get(change(event))
    assert page.status_code == 200
    assert "Standard €20.00" in text_of(page)
    assert 'name="title"' not in page.content.decode()
    assert client.post(change(event), {"title": "Changed"}).status_code == 403
    assert client.get(LIST + "add/").status_code == 403
    assert client.post(LIST + "add/", {"title": "Changed"}).status_code == 403
    assert client.post(reverse("admin:events_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    assert list(Event.objects.values_list("title", flat=True)) == ["Kept"]


def test_a_time_that_no_clock_shows_is_an_error_beside_the_field(noon: datetime) -> None:
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    typed = {"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T05:30"}
    page = client.post(change(event), form(event, client, **typed))
    assert "Europe/Berlin" in str(page.context["adminform"].form.errors["starts_at"])
    assert "it may not exist" in str(page.context["adminform"].form.errors["starts_at"])


def test_times_in_the_wrong_order_are_errors_beside_their_fields(noon: datetime) -> None:
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    typed = {
        "starts_at": "2026-09-01T20:00",
        "ends_at": "2026-09-01T20:00",
        "doors_at": "2026-09-01T20:01",
        "sales_start": "2026-08-01T20:00",
        "sales_end": "2026-07-01T20:00",
    }
    errors = client.post(change(event), form(event, client, **typed)).context["adminform"].form.errors
    assert {"ends_at", "doors_at", "sales_end"} <= set(errors)


def test_an_address_of_another_house_is_taken_too(noon: datetime) -> None:
    foreign, event = EventFactory(slug="summer"), EventFactory()
    client, _user = at_work("organizer", event.organization)
    errors = client.post(change(event), form(event, client, slug=foreign.slug)).context["adminform"].form.errors
    assert "already exists" in str(errors["slug"])


def test_deleting_says_how_much_goes_and_deletes_it(noon: datetime) -> None:
    """S51"""
    event = event_on_sale(levels={"Standing": 10})
    client, user = at_work("organizer", event.organization)
    address = reverse("admin:events_event_delete", args=[event.pk])
    page = client.get(address)
    assert "Places: 10" in text_of(page)
    assert "place 1" not in text_of(page)
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not Event.objects.exists()
    entry = AuditEntry.objects.get(action="event.deleted")
    assert (entry.by, entry.facts) == (user, {"called": event.title, "places": 10})


@pytest.mark.django_db(transaction=True)  # foreign keys are checked at the commit
def test_a_booked_event_stays_and_the_page_says_why(noon: datetime) -> None:
    """R23"""
    event = event_on_sale()
    reserve(event)
    client, _user = at_work("organizer", event.organization)
    address = reverse("admin:events_event_delete", args=[event.pk])
    page = client.post(address, {"post": "yes"}, follow=True)
    assert page.redirect_chain == [(address, 303)]
    assert "Cancel it instead." in text_of(page)
    assert event.places.count() == 10
    assert not AuditEntry.objects.filter(action="event.deleted").exists()


def test_script_in_names_stays_text(noon: datetime) -> None:
    """S29"""
    script = "<script>alert(1)</script>"
    event = event_on_sale(title=script, levels={script: 5}, amounts={script: 100})
    client, _user = at_work("organizer", event.organization)
    for address in (LIST, change(event), reverse("admin:events_event_delete", args=[event.pk])):
        assert script not in client.get(address).content.decode()


def test_in_a_full_house_a_level_grows_into_what_another_leaves(noon: datetime) -> None:
    event = event_on_sale(levels={"Standing": 6, "Balcony": 4}, venue=VenueFactory(capacity=10))
    client, _user = at_work("organizer", event.organization)
    typed = {"price_levels-0-places": "8", "price_levels-1-places": "2"}
    assert client.post(change(event), form(event, client, **typed)).status_code == 302
    assert list(event.price_levels.values_list("name", "places")) == [("Standing", 8), ("Balcony", 2)]
    assert event.places.count() == 10


def test_a_draft_moves_with_its_clock_times_to_another_venue(noon: datetime) -> None:
    event = EventFactory(starts_at=datetime(2026, 9, 1, 18, tzinfo=UTC))  # 20:00 in Berlin
    tokyo = VenueFactory(organization=event.organization, time_zone="Asia/Tokyo")
    client, _user = at_work("organizer", event.organization)
    assert client.post(change(event), form(event, client, venue=tokyo.pk)).status_code == 302
    event.refresh_from_db()
    assert (event.venue, event.starts_at) == (tokyo, datetime(2026, 9, 1, 11, tzinfo=UTC))  # 20:00 in Tokyo
