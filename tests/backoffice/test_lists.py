"""What is true of each list in the admin, whatever it shows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.forms import ModelChoiceField
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization, User
from events.models import TicketType
from tests.backoffice.shelves import NOBODY, SHELVES, houses, registered
from tests.factories import customer, member
from tests.pages import text_of

pytestmark = pytest.mark.django_db

TYPES = "events.tickettype"
LISTS = sorted(registered())
MANY = 49


@pytest.fixture
def x_and_y() -> tuple[Organization, Organization]:
    return houses()


def address(label: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def who_may_see(label: str, organization: Organization) -> User:
    """Return somebody to whom the list is shown: an admin, or a site administrator where even those see nothing."""
    is_shown = "admin" in SHELVES[label].see
    return member("admin", organization) if is_shown else customer(is_superuser=True)


def list_of(label: str, rows: list[Any]) -> str:
    """Return the address of a list with these rows in it: that of places asks first for the event."""
    return address(label, "changelist") + (f"?event={rows[0].event_id}" if label == "events.eventseat" else "")


def shown(client: Client, url: str) -> list[Any]:
    return list(client.get(url).context["cl"].result_list)


def test_a_long_list_is_counted_no_further_than_it_has_pages(x_and_y: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x, _y = x_and_y
    client, url = signed_in(who_may_see(TYPES, x)), address(TYPES, "changelist")
    for _number in range(3):
        SHELVES[TYPES].make(x)
    monkeypatch.setattr("core.admin.COUNTED", 3)
    monkeypatch.setattr(admin.site.get_model_admin(TicketType), "list_per_page", 2)
    assert "more than" not in text_of(client.get(url))
    SHELVES[TYPES].make(x)
    page = text_of(client.get(url + "?p=2"))
    assert "more than 3 ticket types" in page
    assert len(shown(client, url + "?p=2")) == 1
    assert client.get(url + "?p=3").url.endswith("?e=1")


@pytest.mark.parametrize("label", [each for each in LISTS if "see" not in SHELVES[each].leads_on])
def test_a_list_of_many_takes_as_many_queries_as_a_list_of_one(label: str, x_and_y: Any) -> None:
    x, _y = x_and_y
    client = signed_in(who_may_see(label, x))
    rows = [SHELVES[label].make(x)]

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            count = len(shown(client, list_of(label, rows)))
        return len(queries), count

    asked()
    queries, before = asked()
    rows += [SHELVES[label].make(x) for _number in range(MANY)]
    again, after = asked()
    assert again == queries
    assert after > before or label == "events.eventseat"  # each of those is at an event of its own


@pytest.mark.parametrize("label", [each for each in LISTS if "admin" in SHELVES[each].see])
def test_a_list_shows_nothing_of_another_house(label: str, x_and_y: Any) -> None:
    """S9, S11"""
    x, y = x_and_y
    mine, theirs = SHELVES[label].make(x), SHELVES[label].make(y)
    client = signed_in(who_may_see(label, x))
    if "see" not in SHELVES[label].leads_on:
        pks = {row.pk for row in shown(client, list_of(label, [mine]))}
        assert mine.pk in pks
        assert theirs.pk not in pks
    for page in ("change", "delete", "history"):
        said = client.get(address(label, page, theirs.pk)).status_code
        assert said == (403 if page == "delete" and SHELVES[label].delete == NOBODY else 404)


@pytest.mark.parametrize("label", LISTS)
@pytest.mark.parametrize(
    "lookup", ["secret__startswith", "user__password__startswith", "organization__name__startswith", "booking__secret"]
)
def test_no_secret_is_guessed_letter_by_letter(label: str, lookup: str, x_and_y: Any) -> None:
    """S33: refused, or led on without having looked."""
    x, _y = x_and_y
    row = SHELVES[label].make(x)
    url = list_of(label, [row])
    response = signed_in(who_may_see(label, x)).get(f"{url}{'&' if '?' in url else '?'}{lookup}=a")
    assert response.status_code in (400, 302) or (label == "events.eventseat" and response.status_code == 404)


def actions() -> Iterator[tuple[str, str]]:
    """All actions of all lists, by those to whom everything is allowed."""
    for label, found in registered().items():
        for each in found.actions or []:
            yield label, getattr(each, "__name__", each)


@pytest.mark.parametrize(("label", "action"), list(actions()))
def test_an_action_does_nothing_with_rows_of_another_house(label: str, action: str, x_and_y: Any) -> None:
    """S11"""
    x, y = x_and_y
    theirs = SHELVES[label].make(y)
    before = type(theirs).objects.filter(pk=theirs.pk).values().get()
    client = signed_in(who_may_see(label, x))
    sent = {"action": action, "_selected_action": [theirs.pk], "index": 0}
    assert client.post(address(label, "changelist"), sent).status_code in (200, 302, 404)
    assert client.post(address(label, "changelist"), sent | {"select_across": "1"}).status_code in (200, 302, 404)
    assert type(theirs).objects.filter(pk=theirs.pk).values().get() == before


@pytest.mark.parametrize("label", [each for each in LISTS if SHELVES[each].change and not SHELVES[each].leads_on])
def test_no_form_offers_or_takes_rows_of_another_house(label: str, x_and_y: Any) -> None:
    """S11: neither the form nor its inlines."""
    x, y = x_and_y
    for shelf in SHELVES.values():
        if shelf.add:
            shelf.make(y)
    mine = SHELVES[label].make(x)
    request = RequestFactory().get("/")
    request.user = member("admin", x)
    here = registered()[label]
    forms = [here.get_form(request, mine, change=True)]
    forms += [formset.form for formset, _inline in here.get_formsets_with_inlines(request, mine)]
    for form in forms:
        for name, field in form.base_fields.items():
            if isinstance(field, ModelChoiceField):
                owners = {getattr(row, "organization_id", x.pk) for row in field.queryset}
                assert owners <= {x.pk}, name


def test_a_foreign_key_of_another_house_is_an_error_in_the_form(x_and_y: Any) -> None:
    """S11"""
    x, y = x_and_y
    event, venue = SHELVES["events.event"].make(x), SHELVES["venues.venue"].make(y)
    response = signed_in(member("admin", x)).post(address("events.event", "change", event.pk), {"venue": venue.pk})
    assert "Select a valid choice" in str(response.context["adminform"].form.errors["venue"])
    event.refresh_from_db()
    assert event.venue_id != venue.pk


def autocompletes() -> list[tuple[str, str]]:
    """Fields that look rows up while one types."""
    return [(label, name) for label, found in registered().items() for name in found.autocomplete_fields]


def test_no_field_looks_up_while_one_types() -> None:
    """S11: if one did, the matrix would have to know who may ask."""
    assert autocompletes() == []


@pytest.mark.parametrize("label", LISTS)
def test_what_is_looked_up_while_one_types_needs_a_field_that_does(label: str, x_and_y: Any) -> None:
    """S11"""
    app, model = label.split(".")
    client = signed_in(member("admin", x_and_y[0]))
    asked = {"app_label": app, "model_name": model, "field_name": "organization", "term": ""}
    assert client.get(reverse("admin:autocomplete"), asked).status_code in (403, 404)


def test_every_admin_is_scoped() -> None:
    assert admin.site.is_registered(User)
    assert all(hasattr(found, "organization_path") for found in registered().values())


def test_a_page_is_called_by_what_is_on_it(x_and_y: Any) -> None:
    """Not "Select venue to change": who came here knows why."""
    x, _y = x_and_y
    venue = SHELVES["venues.venue"].make(x)
    client = signed_in(member("organizer", x))
    assert client.get(address("venues.venue", "changelist")).context["title"] == "Venues"
    page = client.get(address("venues.venue", "change", venue.pk))
    assert (page.context["title"], page.context["subtitle"]) == (str(venue), "Change venue")
    assert f"<title>{venue} · Change venue · " in page.content.decode()


def test_an_empty_list_says_what_to_do_and_offers_nothing_to_tick(x_and_y: Any) -> None:
    x, _y = x_and_y
    url, add = address("venues.venue", "changelist"), address("venues.venue", "add")
    organizer, analyst = signed_in(member("organizer", x)), signed_in(member("analyst", x))
    page = organizer.get(url).content.decode()
    assert "There is nothing here yet." in page
    assert f'<a class="button" href="{add}">Add the first</a>' in page
    assert "Add the first" not in analyst.get(url).content.decode()  # who may not add isn't asked to
    SHELVES["venues.venue"].make(x)
    page = organizer.get(url, {"q": "nowhere"}).content.decode()
    assert "Nothing here fits your search and filters." in page
    assert '<a class="button" href="?">Show all</a>' in page
    assert "There is nothing here yet." not in page
    bookings = signed_in(member("support", x)).get(address("bookings.booking", "changelist"), {"q": "zzz"})
    assert 'name="action"' not in bookings.content.decode()
