"""More dates, all dates, and a change to many of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import codes
from events.models import Event, EventSeries, Price
from events.services import series
from tests.backoffice.desk import at_work, fields_of
from tests.factories import EventFactory, VenueFactory, event_on_sale, paid
from tests.pages import text_of

pytestmark = pytest.mark.django_db

START = datetime(2026, 10, 1, 18, tzinfo=UTC)  # a Thursday, 20:00 in Berlin


def night(**fields: Any) -> Event:
    times = {"starts_at": START, "ends_at": START.replace(hour=21)}
    return event_on_sale(**{"title": "Night", "venue": VenueFactory(city="Berlin"), **times, **fields})


def more(event: Event) -> str:
    return reverse("admin:more-dates", args=[event.pk])


def edit(event: Event) -> str:
    return reverse("admin:series-edit", args=[event.pk])


def of(made: EventSeries) -> str:
    return reverse("admin:series", args=[made.pk])


def three() -> list[Event]:
    first = night()
    starts = [START.replace(day=8), START.replace(day=15)]
    series.add_dates(event_id=first.pk, starts=starts, name="Nights", key=codes.secret())
    return list(Event.objects.order_by("starts_at"))


WEEKLY = {"name": "Nights", "first": "2026-10-05", "last": "2026-10-20", "weekdays": ["3"], "at": "20:00"}


def test_dates_are_shown_with_what_they_meet_then_made(noon: datetime) -> None:
    """U46: nothing is made before it was seen."""
    event = night()
    night(title="Matinée", venue=event.venue, starts_at=START.replace(day=8, hour=19), ends_at=START.replace(day=9))
    client, _user = at_work("organizer", event.organization)
    page = client.post(more(event), WEEKLY | {"listed": "2026-10-01 20:00\n2020-01-01 20:00", "act": "look"})
    said = text_of(page)
    assert "Make 2 drafts" in said
    assert f"“Matinée” is at {event.venue} at that time: Thu, 8 Oct 2026, 21:00" in said
    assert "There is such a date already." in said
    assert "It is over already." in said
    assert Event.objects.count() == 2
    sent = fields_of(page) | {"act": "make"}
    done = client.post(more(event), sent)
    made = EventSeries.objects.get()
    assert (done.status_code, done["Location"]) == (303, of(made))
    assert list(made.events.order_by("starts_at").values_list("starts_at", flat=True)) == [
        START,
        START.replace(day=8),
        START.replace(day=15),
    ]
    assert client.post(more(event), sent)["Location"] == of(made)  # R21: pressed twice
    assert made.events.count() == 3


def test_dates_meet_drafts_of_the_house_and_the_event_itself(noon: datetime) -> None:
    """What isn't published yet is said to be a draft; what was cancelled, and templates, take no room."""
    event = night()
    evening = {"starts_at": START.replace(day=8, hour=17), "ends_at": START.replace(day=8, hour=19)}
    for title, fields in {"Rehearsal": {}, "Pattern": {"is_template": True}}.items():
        EventFactory(title=title, venue=event.venue, **evening, **fields)
    Event.objects.filter(pk=night(title="Gone", venue=event.venue, **evening).pk).update(status="cancelled")
    client, _user = at_work("organizer", event.organization)
    listed = "2026-10-08 20:00\n2026-10-01 22:00"
    page = client.post(more(event), {"name": "Nights", "listed": listed, "act": "look"})
    assert [each.meets for each in page.context["planned"]] == [
        [f"“Night” is at {event.venue} at that time: Thu, 1 Oct 2026, 20:00 (CEST)."],
        [f"“Rehearsal”, a draft, is to be at {event.venue} at that time: Thu, 8 Oct 2026, 19:00 (CEST)."],
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first": "", "last": "", "weekdays": []}, "__all__"),
        ({"weekdays": []}, "weekdays"),
        ({"last": "2026-10-01"}, "last"),
        ({"at": ""}, "at"),
        ({"name": ""}, "name"),
        ({"listed": "tomorrow"}, "listed"),
        ({"last": "2029-10-01"}, "__all__"),
    ],
)
def test_what_is_no_date_is_said_at_its_field(noon: datetime, wrong: dict[str, Any], field: str) -> None:
    event = night()
    client, _user = at_work("organizer", event.organization)
    page = client.post(more(event), WEEKLY | wrong | {"act": "make"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert Event.objects.count() == 1


def test_a_time_that_clocks_pass_over_is_left_out(noon: datetime) -> None:
    event = night()
    client, _user = at_work("organizer", event.organization)
    page = client.post(more(event), {"name": "Nights", "listed": "2027-03-28 02:30\n2027-03-29 02:30", "act": "look"})
    assert "Clocks pass over this time" in text_of(page)
    assert "Make 1 draft" in text_of(page)


def test_all_dates_with_what_is_missing_and_the_way_on(noon: datetime) -> None:
    first, second, third = three()
    third.price_levels.get().prices.all().delete()
    client, _user = at_work("organizer", first.organization)
    said = text_of(client.get(of(first.series)))
    assert said.count("draft") >= 2
    assert "Standing has no price." in said
    assert "0 of 10" in said
    done = client.post(of(first.series), {"act": "publish"}, follow=True)
    assert "1 date is published." in text_of(done)
    assert "stays a draft: Standing has no price." in text_of(done)
    second.refresh_from_db()
    assert second.status == "published"
    alone = EventFactory(title="Night", venue=first.venue)
    client.post(of(first.series), {"act": "join", "event": alone.pk})
    client.post(of(first.series), {"act": "leave", "event": third.pk})
    assert set(first.series.events.values_list("pk", flat=True)) == {first.pk, second.pk, alone.pk}


def test_a_change_is_shown_old_and_new_and_then_done(noon: datetime) -> None:
    first, second, _third = three()
    client, _user = at_work("organizer", first.organization)
    level, price = second.price_levels.get(), Price.objects.get(price_level__event=second)
    fields = fields_of(client.get(edit(second))) | {"title": "Long night", "doors_at": "2026-10-08T19:00"}
    fields |= {"reach": "following", f"price_{level.pk}_{price.ticket_type_id}": "25"}
    page = client.post(edit(second), fields | {"act": "look"})
    said = text_of(page)
    assert "Change 2 dates" in said
    assert "Title: Night → Long night" in said
    assert "€20.00 → €25.00" in said
    assert "Thu, 15 Oct 2026, 19:00" in said
    assert set(Event.objects.values_list("title", flat=True)) == {"Night"}
    done = client.post(edit(second), fields_of(page) | {"act": "apply"})
    assert done["Location"] == of(first.series)
    rows = Event.objects.order_by("starts_at").values_list("title", "doors_at", "price_levels__prices__amount")
    assert list(rows) == [
        ("Night", None, 2_000),
        ("Long night", START.replace(day=8, hour=17), 2_500),
        ("Long night", START.replace(day=15, hour=17), 2_500),
    ]


def test_a_change_that_was_not_seen_as_it_is_now_is_not_done(noon: datetime) -> None:
    first, second, _third = three()
    client, _user = at_work("organizer", first.organization)
    fields = fields_of(client.get(edit(first))) | {"title": "Long night", "reach": "all"}
    page = client.post(edit(first), fields | {"act": "look"})
    Event.objects.filter(pk=second.pk).update(title="Another night")
    done = client.post(edit(first), fields_of(page) | {"act": "apply"}, follow=True)
    assert "Somebody changed these dates meanwhile." in text_of(done)
    assert set(Event.objects.values_list("title", flat=True)) == {"Night", "Another night"}


def test_an_error_of_a_change_names_its_field(noon: datetime) -> None:
    first, *_others = three()
    client, _user = at_work("organizer", first.organization)
    fields = fields_of(client.get(edit(first))) | {"title": "", "ends_at": "2026-10-01T10:00", "reach": "some"}
    page = client.post(edit(first), fields | {"act": "apply"})
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"title", "ends_at"}
    assert set(page.context["reach"].errors) == {"reach"}


def test_another_house_finds_none_of_it(noon: datetime) -> None:
    """S9, S11"""
    first, *_others = three()
    client, _user = at_work("admin")
    assert {client.get(url).status_code for url in (more(first), edit(first), of(first.series))} == {404}
    assert client.post(of(first.series), {"act": "leave", "event": first.pk}).status_code == 404
    mine, _user = at_work("organizer", first.organization)
    assert mine.post(of(first.series), {"act": "join", "event": EventFactory().pk}).status_code == 404
    assert mine.post(of(first.series), {"act": "leave", "event": EventFactory().pk}).status_code == 404
    assert mine.get(edit(EventFactory(venue=first.venue))).status_code == 404  # in no series
    assert first.series.events.count() == 3


def test_many_dates_are_read_as_one(noon: datetime, django_assert_num_queries: Any) -> None:
    """The page asks as often for three dates as for nine."""
    first, *_others = three()
    client, _user = at_work("organizer", first.organization)
    client.get(of(first.series))
    with CaptureQueriesContext(connection) as few:
        client.get(of(first.series))
    starts = [START.replace(day=day) for day in range(20, 26)]
    series.add_dates(event_id=first.pk, starts=starts, name="Nights", key=codes.secret())
    with django_assert_num_queries(len(few)):
        client.get(of(first.series))


# --- All series ------------------------------------------------------------------------------------


ALL_SERIES = "/admin/events/series/"


def said_of(page: Any) -> list[tuple[Any, ...]]:
    return [
        (str(row.series), row.count, row.next and row.next.when, row.coming, row.places.sold, row.places.all)
        for row in page.context["rows"]
    ]


def test_all_series_with_their_next_date_and_what_is_sold_to_come(noon: datetime) -> None:
    """S9: of one house. What is cancelled or over doesn't come, and of drafts nothing is sold."""
    first, second, _third = three()
    house = first.organization
    paid(first)
    Event.objects.filter(pk=second.pk).update(status="cancelled")
    over = EventSeries.objects.create(organization=house, name="Long ago")
    past = START.replace(year=2020)
    EventFactory(venue=first.venue, series=over, starts_at=past, ends_at=past.replace(hour=20))
    EventSeries.objects.create(organization=house, name="Empty")
    soon = EventSeries.objects.create(organization=house, name="Soon")
    tokyo = VenueFactory(organization=house, time_zone="Asia/Tokyo")
    start = START.replace(month=9)
    EventFactory(venue=tokyo, series=soon, starts_at=start, ends_at=start.replace(hour=20))
    EventSeries.objects.create(organization=VenueFactory().organization, name="Theirs")
    client, _user = at_work("entry_manager", house)
    page = client.get(ALL_SERIES)
    assert said_of(page) == [
        ("Soon", 1, "Wed, 2 Sept 2026, 03:00 (JST)", 1, 0, 0),
        ("Nights", 3, "Thu, 1 Oct 2026, 20:00 (CEST)", 2, 2, 10),
        ("Empty", 0, None, 0, 0, 0),
        ("Long ago", 1, None, 0, 0, 0),
    ]
    html = page.content.decode()
    assert (f'href="{of(first.series)}"' in html, "2 of 10" in text_of(page)) == (True, True)
    assert "New series" not in html


def test_a_series_begins_with_an_event_that_has_none(noon: datetime) -> None:
    first, *_others = three()
    alone = night(title="Alone", venue=first.venue, starts_at=START.replace(month=11), ends_at=START.replace(month=12))
    EventFactory(title="Pattern", venue=first.venue, is_template=True, starts_at=START, ends_at=START.replace(hour=20))
    client, _user = at_work("organizer", first.organization)
    page = client.get(ALL_SERIES)
    assert page.context["beginnings"] == [alone]
    assert 'action="/admin/events/series/new/"' in page.content.decode()
    assert client.get("/admin/events/series/new/", {"event": alone.pk})["Location"] == more(alone)
    for nothing in ("", "x", EventFactory().pk):
        assert client.get("/admin/events/series/new/", {"event": nothing}).status_code == 404


def test_the_list_of_events_leads_to_the_series(noon: datetime) -> None:
    for role in ("organizer", "analyst"):
        client, _user = at_work(role)
        assert f'href="{ALL_SERIES}"' in client.get("/admin/events/event/").content.decode()


def test_many_series_come_in_pages_and_are_read_as_one(noon: datetime) -> None:
    first, *_others = three()
    client, _user = at_work("organizer", first.organization)

    def questions() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(ALL_SERIES)
        return len(caught)

    questions()
    few = questions()
    for number in range(50):
        more_of = EventSeries.objects.create(organization=first.organization, name=f"Series {number:02}")
        paid(night(venue=VenueFactory(organization=first.organization), series=more_of))
    assert questions() == few
    assert len(said_of(client.get(ALL_SERIES))) == 50
    last = client.get(ALL_SERIES, {"page": "2"})
    assert [name for name, *_facts in said_of(last)] == ["Series 49"]
