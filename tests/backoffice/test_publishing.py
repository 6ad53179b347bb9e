"""The page that publishes, and the one that copies."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from core.models import AuditEntry
from events.models import Event, EventSeat
from events.services import holds
from tests.backoffice.desk import at_work, fields_of
from tests.factories import (
    EventFactory,
    TicketTypeFactory,
    VenueFactory,
    event_on_sale,
    event_picture,
    place_at,
    seated_event,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def publish(event: Event) -> str:
    return reverse("admin:publish", args=[event.pk])


def copy(event: Event) -> str:
    return reverse("admin:copy", args=[event.pk])


def test_a_draft_with_all_that_it_needs_is_published(noon: datetime) -> None:
    """S51"""
    event = EventFactory(title="First night", venue=VenueFactory(capacity=7))
    TicketTypeFactory(organization=event.organization, name="Adult", default_price=2_000)
    client, user = at_work("organizer", event.organization)
    page = text_of(client.get(publish(event)))
    assert "General admission, with 7 places · Adult €20.00" in page
    assert "Add a picture" in page
    event.refresh_from_db()
    assert event.status == "draft"  # S14: looking publishes nothing
    done = client.post(publish(event), follow=True)
    assert done.redirect_chain == [(reverse("admin:events_event_change", args=[event.pk]), 303)]
    assert "“First night” is published." in text_of(done)
    assert "View on site" in text_of(done)
    event.refresh_from_db()
    assert (event.status, event.places.count()) == ("published", 7)
    assert AuditEntry.objects.get(action="event.published").by == user


def test_what_is_missing_is_said_and_there_is_no_button(noon: datetime) -> None:
    event = EventFactory(starts_at=noon - timedelta(days=1))
    client, _user = at_work("organizer", event.organization)
    page = client.get(publish(event))
    assert "Missing" in text_of(page)
    assert "give it a start in the future" in text_of(page)
    assert "Add a ticket type first" in text_of(page)
    assert 'value="Publish"' not in page.content.decode()
    done = client.post(publish(event), follow=True)
    assert done.redirect_chain == [(publish(event), 303)]
    event.refresh_from_db()
    assert (event.status, EventSeat.objects.count()) == ("draft", 0)


def test_what_is_published_says_so(noon: datetime) -> None:
    event = event_on_sale()
    client, _user = at_work("organizer", event.organization)
    page = client.get(publish(event))
    assert "This event was published on" in text_of(page)
    assert 'value="Publish"' not in page.content.decode()


@pytest.mark.parametrize("address", [publish, copy])
@pytest.mark.parametrize("role", ["support", "analyst", "entry_manager", None])
def test_who_may_not_manage_events_neither_publishes_nor_copies(noon: datetime, address, role: str | None) -> None:
    """S8: another role is refused; for another house there is nothing."""
    event = EventFactory()
    TicketTypeFactory(organization=event.organization)
    client, _user = at_work(role, event.organization) if role else at_work("admin")
    expected = 403 if role else 404
    for answer in (client.get(address(event)), client.post(address(event), {"title": "Mine"})):
        assert answer.status_code == expected
    event.refresh_from_db()
    assert (event.status, Event.objects.count()) == ("draft", 1)


@pytest.mark.parametrize("address", [publish, copy])
def test_other_methods_are_refused(noon: datetime, address) -> None:
    """S14"""
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    assert client.put(address(event)).status_code == 405
    assert client.delete(address(event)).status_code == 405


def test_a_copy_starts_by_the_clocks_of_its_venue(noon: datetime) -> None:
    event = event_on_sale(title="First night", venue=VenueFactory(time_zone="Asia/Tokyo", city="Tokyo"))
    client, _user = at_work("organizer", event.organization)
    page = client.get(copy(event))
    assert "Times are those of Tokyo" in text_of(page)
    fields = fields_of(page) | {"starts_at": "2026-10-01T20:00", "status": "published"}
    done = client.post(copy(event), fields)
    made = Event.objects.latest("pk")
    assert (done.status_code, done["Location"]) == (303, reverse("admin:events_event_change", args=[made.pk]))
    assert (made.title, made.status, made.starts_at) == ("First night", "draft", datetime(2026, 10, 1, 11, tzinfo=UTC))
    assert made.organization == event.organization


@pytest.mark.parametrize("typed", [{"starts_at": "2020-01-01T20:00"}, {"starts_at": ""}, {"title": ""}])
def test_a_copy_needs_a_title_and_a_start_to_come(noon: datetime, typed: dict[str, str]) -> None:
    event = EventFactory()
    client, _user = at_work("organizer", event.organization)
    page = client.post(copy(event), {"title": "Again", "starts_at": "2026-10-01T20:00"} | typed)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == list(typed)
    assert Event.objects.count() == 1


def test_a_template_is_found_among_templates_only_and_never_published(noon: datetime) -> None:
    """S51"""
    event = event_on_sale(title="First night")
    client, _user = at_work("organizer", event.organization)
    client.post(copy(event), {"title": "Nights", "as_template": "on"})
    template = Event.objects.latest("pk")
    assert (template.is_template, template.status, template.starts_at) == (True, "draft", event.starts_at)
    events, templates = "/admin/events/event/", "/admin/events/event/?kind=templates"
    assert "Nights" not in text_of(client.get(events))
    assert "First night" not in text_of(client.get(templates))
    assert "Nights" in text_of(client.get(templates))
    assert "Nights" not in text_of(client.get("/admin/events/eventseat/"))
    refused = client.post(publish(template), follow=True)
    assert "A template is never published" in text_of(refused)
    template.refresh_from_db()
    assert template.status == "draft"


def test_an_event_is_made_from_a_template_and_set_up_further(noon: datetime) -> None:
    event = seated_event({"Stalls": "sss"})
    holds.create(event_id=event.pk, place_ids=[place_at(event, "Stalls A 2").pk], kind="press")
    event_picture(event)
    client, _user = at_work("organizer", event.organization)
    client.post(copy(event), {"title": "Nights", "as_template": "on", "with_holds": "on", "with_pictures": "on"})
    template = Event.objects.get(title="Nights")
    fields = fields_of(client.get(copy(template))) | {"starts_at": "2026-10-01T20:00", "title": "Third night"}
    done = client.post(copy(template), fields)
    made = Event.objects.get(title="Third night")
    assert done["Location"] == reverse("admin:event-set-up", args=[made.pk])
    assert (made.is_template, made.series, made.pictures.count()) == (False, None, 1)
    assert [str(place.name) for place in made.places.filter(status="held").named()] == ["Stalls, row A, seat 2"]
