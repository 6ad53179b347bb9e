"""Setting an event up, step by step."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from backoffice.queries.steps import steps
from core.models import AuditEntry
from events.models import Event, Hold, PriceLevel
from events.services import publishing
from events.services.publishing import Part
from tests.backoffice.desk import at_work, fields_of
from tests.factories import (
    CategoryFactory,
    EventFactory,
    OrganizationFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    plan_of,
)
from tests.pages import text_of
from venues.models import Venue

pytestmark = pytest.mark.django_db

BEGIN = "/admin/events/set-up/"


def overview(event: Event) -> str:
    return reverse("admin:event-set-up", args=[event.pk])


def at(event: Event, name: str) -> str:
    return reverse("admin:set-up-step", args=[event.pk, name])


def typed(venue: Venue, **other: Any) -> dict[str, Any]:
    times = {"starts_at": "2026-10-01T20:00", "ends_at": "2026-10-01T22:30"}
    return {"title": "First night", "type": "opera", "venue": venue.pk, "currency": "eur", **times, **other}


def test_the_first_step_makes_a_draft_in_the_time_of_its_venue(noon: datetime) -> None:
    """S51"""
    house = OrganizationFactory()
    venue = VenueFactory(organization=house, time_zone="Asia/Tokyo")
    client, user = at_work("organizer", house)
    assert fields_of(client.get(BEGIN))["venue"] == str(venue.pk)  # the only one
    done = client.post(BEGIN, typed(venue))
    made = Event.objects.get()
    assert (done.status_code, done["Location"]) == (303, at(made, "dates"))
    assert (made.title, made.slug, made.status, made.currency) == ("First night", "first-night", "draft", "EUR")
    assert (made.organization, made.starts_at) == (house, datetime(2026, 10, 1, 11, tzinfo=UTC))
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.facts) == ("event.created", user, {"called": "First night"})


def test_the_first_step_pressed_twice_leads_to_one_draft(noon: datetime) -> None:
    """U50: also when the page is loaded again after other things were done to the draft."""
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    sent = fields_of(client.get(BEGIN)) | typed(venue)
    first, again = client.post(BEGIN, sent), client.post(BEGIN, sent)
    made = Event.objects.get()
    assert (first.status_code, first["Location"]) == (again.status_code, again["Location"]) == (303, at(made, "dates"))
    Event.objects.update(slug="another-address", title="Another title")
    assert client.post(BEGIN, sent)["Location"] == at(made, "dates")
    assert (Event.objects.count(), AuditEntry.objects.count()) == (1, 1)
    another = fields_of(client.get(BEGIN)) | typed(venue)
    assert client.post(BEGIN, another).status_code == 303
    assert Event.objects.count() == 2


def test_a_form_that_made_a_draft_and_says_something_else_now_is_asked_about(noon: datetime) -> None:
    """R21: what is typed stays, and sent once more it is a form of its own."""
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    sent = fields_of(client.get(BEGIN)) | typed(venue)
    client.post(BEGIN, sent)
    page = client.post(BEGIN, sent | {"title": "Second night"})
    assert (page.status_code, Event.objects.count()) == (422, 1)
    assert "This form was already sent with another choice." in text_of(page)
    fields = fields_of(page)
    assert fields["title"] == "Second night"
    assert client.post(BEGIN, fields).status_code == 303
    assert set(Event.objects.values_list("title", flat=True)) == {"First night", "Second night"}


def test_a_form_whose_draft_was_deleted_makes_no_other_by_itself(noon: datetime) -> None:
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    sent = fields_of(client.get(BEGIN)) | typed(venue)
    client.post(BEGIN, sent)
    Event.objects.all().delete()
    page = client.post(BEGIN, sent)
    assert (page.status_code, Event.objects.count()) == (422, 0)
    assert "was deleted meanwhile" in text_of(page)


def test_another_houses_key_leads_nowhere(noon: datetime) -> None:
    """S9: the same key in two houses is two forms."""
    key = "k" * 32
    for venue in (VenueFactory(), VenueFactory()):
        client, _user = at_work("organizer", venue.organization)
        client.post(BEGIN, typed(venue, key=key))
        assert Event.objects.get(organization=venue.organization).venue == venue


@pytest.mark.parametrize("key", ["", "short", "x" * 61, "ключ" * 6, "a" * 20 + "\x00"])
def test_a_form_without_a_key_of_ours_is_a_form_of_its_own(noon: datetime, key: str) -> None:
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    assert {client.post(BEGIN, typed(venue, key=key)).status_code for _time in range(2)} == {303}
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"title": ""}, "title"), ({"ends_at": "2026-10-01T19:00"}, "ends_at"), ({"currency": "euro"}, "currency")],
)
def test_an_error_names_its_field_and_nothing_is_lost(noon: datetime, wrong: dict[str, str], field: str) -> None:
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    page = client.post(BEGIN, typed(venue, summary="A line.") | wrong)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert fields_of(page)["summary"] == "A line."
    assert Event.objects.count() == 0


def test_a_venue_can_be_added_on_the_way_and_what_was_typed_stays(noon: datetime) -> None:
    client, _user = at_work("organizer")
    away = client.post(BEGIN, {"title": "First night", "summary": "A line.", "add_venue": "1"})
    assert away.status_code == 303
    venue = {"name": "Hall", "slug": "hall", "type": "theatre", "capacity": "50", "active": "on", "address": "1 Street"}
    venue |= {"city": "Berlin", "country": "DE", "time_zone": "Europe/Berlin", "_save": "Save"}
    venue["type"] = Venue._meta.get_field("type").choices[0][0]
    back = client.post(away["Location"], venue)
    made = Venue.objects.get()
    assert (back.status_code, back["Location"]) == (303, f"{BEGIN}?venue={made.pk}")
    fields = fields_of(client.get(back["Location"]))
    assert (fields["title"], fields["summary"], fields["venue"]) == ("First night", "A line.", str(made.pk))


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/admin/", "/account/", "\\\\evil"])
def test_a_form_leads_back_to_pages_of_the_back_office_only(elsewhere: str) -> None:
    """S5"""
    client, _user = at_work("organizer")
    sent = {"name": "Adult", "default_price": "20", "order": "0", "active": "on", "_save": "Save"}
    done = client.post(f"/admin/events/tickettype/add/?next={elsewhere}", sent)
    assert (done.status_code, done["Location"]) == (302, "/admin/events/tickettype/")


def test_all_steps_say_what_is_there_and_what_is_missing(noon: datetime) -> None:
    event = EventFactory(starts_at=noon - timedelta(days=1), venue=VenueFactory(capacity=7))
    found = {step.part: (step.state, bool(step.advisable)) for step in steps(event, noon)}
    assert found == {
        Part.WHAT: ("done", True),
        Part.DATES: ("missing", True),
        Part.LEVELS: ("missing", False),
        Part.PICTURES: ("open", True),
        Part.SALES: ("done", False),
        Part.HOLDS: ("open", False),
    }
    client, _user = at_work("organizer", event.organization)
    page = text_of(client.get(overview(event)))
    assert "2 of 6 steps are done." in page
    assert "give it a start in the future" in page
    assert "Add a ticket type first" in page
    assert "2 things are missing" in page
    # Whatever keeps it from being published belongs to a step that shows it.
    said = [sentence for step in steps(event, noon) for sentence in step.missing]
    assert sorted(said) == sorted(publishing.missing(event, noon))


def test_step_by_step_to_a_published_event(noon: datetime) -> None:
    event = EventFactory(venue=VenueFactory(capacity=7), starts_at=datetime(2026, 10, 1, 18, tzinfo=UTC))
    adult = TicketTypeFactory(organization=event.organization, name="Adult", default_price=2_000)
    category = CategoryFactory(organization=event.organization)
    client, user = at_work("organizer", event.organization)

    fields = fields_of(client.get(at(event, "what"))) | {"category": category.pk, "summary": "A line."}
    assert client.post(at(event, "what"), fields)["Location"] == at(event, "dates")
    fields = fields_of(client.get(at(event, "dates"))) | {"doors_at": "2026-10-01T19:00"}
    assert client.post(at(event, "dates"), fields)["Location"] == at(event, "levels")

    begun = client.post(at(event, "levels"), {"act": "begin"})
    assert (begun.status_code, begun["Location"]) == (303, at(event, "levels"))
    fields = fields_of(client.get(at(event, "levels")))
    assert fields[f"price_levels-0-price_{adult.pk}"] == "20.00"
    fields |= {"price_levels-0-places": "5", "price_levels-1-name": "Balcony", "price_levels-1-places": "2"}
    fields |= {f"price_levels-1-price_{adult.pk}": "30"}
    pictures = reverse("admin:pictures", args=["event", event.pk])
    assert client.post(at(event, "levels"), fields)["Location"] == pictures
    assert "Go on with setting up" in text_of(client.get(pictures))
    fields = fields_of(client.get(at(event, "sales"))) | {"max_per_booking": "4", "leave": "1"}
    assert client.post(at(event, "sales"), fields)["Location"] == overview(event)
    holds = reverse("admin:holds", args=[event.pk])
    assert "Go on with setting up" in text_of(client.get(holds))

    page = client.get(overview(event))
    assert "Balcony: 2 places · Adult €30.00" in text_of(page)
    client.post(reverse("admin:publish", args=[event.pk]))
    event.refresh_from_db()
    facts = (event.status, event.places.count(), event.max_per_booking, event.summary, event.category)
    assert facts == ("published", 7, 4, "A line.", category)
    assert event.doors_at == datetime(2026, 10, 1, 17, tzinfo=UTC)
    changed = AuditEntry.objects.filter(action="event.changed").order_by("pk")
    assert [sorted(entry.facts["changed"]) for entry in changed] == [
        ["category", "summary"],
        ["doors_at"],
        ["max_per_booking"],
    ]
    assert changed[2].facts["changed"] == {"max_per_booking": [10, 4]}
    assert {entry.by for entry in AuditEntry.objects.all()} == {user}


def test_a_plan_is_chosen_and_taken_away(noon: datetime) -> None:
    event = EventFactory()
    TicketTypeFactory(organization=event.organization)
    plan = plan_of(event.venue, {"Stalls": "sss"})
    client, _user = at_work("organizer", event.organization)
    client.post(at(event, "levels"), {"act": "use", "plan": plan.pk})
    event.refresh_from_db()
    assert (event.plan, event.places.count()) == (plan, 3)
    assert "Seating plan: Main" in text_of(client.get(overview(event)))
    client.post(at(event, "levels"), {"act": "drop"})
    event.refresh_from_db()
    assert (event.plan, event.places.count(), Hold.objects.count()) == (None, 0, 0)


def test_a_grid_with_an_error_saves_nothing_and_says_where(noon: datetime) -> None:
    event = EventFactory()
    TicketTypeFactory(organization=event.organization)
    client, _user = at_work("organizer", event.organization)
    fields = fields_of(client.get(at(event, "levels")))
    page = client.post(at(event, "levels"), fields | {"price_levels-0-name": "Stalls"})
    assert page.status_code == 422
    assert page.context["levels"].formset.errors[0] == {"places": ["This field is required."]}
    assert PriceLevel.objects.count() == 0


def test_another_venue_keeps_what_clocks_show(noon: datetime) -> None:
    """20:00 in Berlin becomes 20:00 in Tokyo, and the audit trail says so."""
    event = EventFactory(starts_at=datetime(2026, 10, 1, 18, tzinfo=UTC), ends_at=datetime(2026, 10, 1, 20, tzinfo=UTC))
    tokyo = VenueFactory(organization=event.organization, time_zone="Asia/Tokyo")
    client, _user = at_work("organizer", event.organization)
    client.post(at(event, "what"), fields_of(client.get(at(event, "what"))) | {"venue": tokyo.pk})
    event.refresh_from_db()
    assert (event.venue, event.starts_at) == (tokyo, datetime(2026, 10, 1, 11, tzinfo=UTC))
    assert event.ends_at == datetime(2026, 10, 1, 13, tzinfo=UTC)
    assert set(AuditEntry.objects.get().facts["changed"]) == {"venue", "starts_at", "ends_at"}


def test_a_clash_is_a_warning(noon: datetime) -> None:
    other = event_on_sale(title="Matinée")
    event = EventFactory(venue=other.venue, starts_at=other.starts_at, ends_at=other.ends_at)
    client, _user = at_work("organizer", event.organization)
    done = client.post(at(event, "dates"), fields_of(client.get(at(event, "dates"))), follow=True)
    assert "“Matinée” is at" in text_of(done)
    assert "“Matinée” is at" in text_of(client.get(overview(event)))


def test_a_clash_with_a_draft_is_a_warning_that_says_so(noon: datetime) -> None:
    """Of the own house alone, and from its doors on."""
    other = EventFactory(title="Matinée")
    Event.objects.filter(pk=other.pk).update(doors_at=other.starts_at - timedelta(hours=1))
    before = {"starts_at": other.starts_at - timedelta(hours=3), "ends_at": other.starts_at - timedelta(minutes=30)}
    event = EventFactory(venue=other.venue, **before)
    client, _user = at_work("organizer", event.organization)
    said = text_of(client.get(overview(event)))
    assert "“Matinée”, a draft, is to be at" in said
    Event.objects.filter(pk=other.pk).update(organization=OrganizationFactory())
    assert "Matinée" not in text_of(client.get(overview(event)))
    Event.objects.filter(pk=other.pk).update(organization=event.organization, doors_at=None)
    assert "Matinée" not in text_of(client.get(overview(event)))


def test_what_is_no_draft_is_not_set_up(noon: datetime) -> None:
    event = event_on_sale()
    client, _user = at_work("organizer", event.organization)
    own = reverse("admin:events_event_change", args=[event.pk])
    assert client.get(overview(event))["Location"] == own
    assert client.post(at(event, "what"), {"title": "Another"})["Location"] == own
    event.refresh_from_db()
    assert event.title != "Another"


def test_rows_of_another_house_are_not_there(noon: datetime) -> None:
    """S9, S11: neither its events nor its venues and categories."""
    event, strange = EventFactory(), VenueFactory()
    client, _user = at_work("organizer", event.organization)
    other = EventFactory(venue=strange)
    assert client.get(overview(other)).status_code == 404
    assert client.post(at(other, "what"), {"title": "Mine"}).status_code == 404
    fields = fields_of(client.get(at(event, "what")))
    foreign = {"venue": strange.pk, "category": CategoryFactory(organization=strange.organization).pk}
    page = client.post(at(event, "what"), fields | foreign)
    assert (page.status_code, set(page.context["form"].errors)) == (422, {"venue", "category"})
    assert client.get(f"{BEGIN}?venue={strange.pk}").context["form"].initial["venue"] == event.venue_id
    assert client.post(BEGIN, typed(strange)).status_code == 422
    assert client.get(at(event, "no-such-step")).status_code == 404


def test_the_list_and_the_first_page_lead_here(noon: datetime) -> None:
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    assert f'href="{BEGIN}"' in client.get("/admin/events/event/").content.decode()
    assert f'href="{BEGIN}"' in client.get("/admin/").content.decode()
    assert overview(event) in client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()
    empty, _user = at_work("organizer")
    assert BEGIN in [step.url for step in empty.get("/admin/").context["first_steps"]]
