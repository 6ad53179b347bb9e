"""The frame of the admin, at pages that stand in it."""

from datetime import datetime

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from core.models import AuditEntry
from events.models import Category, Price
from tests.backoffice.desk import at_work, fields_of
from tests.factories import CategoryFactory, EventFactory, OrganizationFactory, member
from tests.pages import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/events/category/"


def test_search_knows_neither_capitals_nor_accents(noon: datetime) -> None:
    house = OrganizationFactory()
    cafe = CategoryFactory(organization=house, name="Café")
    CategoryFactory(organization=house, name="Opera")
    CategoryFactory(name="Another house's cafe")
    client, _user = at_work("organizer", house)
    assert list(client.get(f"{LIST}?q=CAFE").context["cl"].result_list) == [cafe]


def test_fifty_categories_take_as_many_queries_as_one(noon: datetime) -> None:
    house = OrganizationFactory()
    EventFactory(category=CategoryFactory(organization=house))
    client, _user = at_work("organizer", house)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    asked()
    one = asked()
    CategoryFactory.create_batch(49, organization=house)
    assert asked() == one
    assert sum(row.events_count for row in client.get(LIST).context["cl"].result_list) == 1


def test_nothing_is_deleted_in_passing(noon: datetime) -> None:
    house = OrganizationFactory()
    category = CategoryFactory(organization=house)
    client, _user = at_work("organizer", house)
    assert "delete_selected" not in client.get(LIST).content.decode()
    client.post(LIST, {"action": "delete_selected", "_selected_action": category.pk, "post": "yes"})
    assert Category.objects.filter(pk=category.pk).exists()


def test_a_category_goes_and_its_events_stay(noon: datetime) -> None:
    """S51"""
    house = OrganizationFactory()
    category = CategoryFactory(organization=house, name="Opera")
    event = EventFactory(category=category)
    client, user = at_work("organizer", house)
    assert client.post(f"{LIST}{category.pk}/delete/", {"post": "yes"}).status_code == 302
    event.refresh_from_db()
    assert event.category is None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.facts) == ("category.deleted", user, {"called": "Opera", "events": 1})


def test_a_clash_of_addresses_is_an_error_and_no_fault(noon: datetime) -> None:
    house = OrganizationFactory()
    CategoryFactory(organization=house, slug="opera")
    CategoryFactory(slug="ballet")  # another house's
    client, _user = at_work("organizer", house)
    fields = fields_of(client.get(f"{LIST}add/")) | {"name": "Opera"}
    assert client.post(f"{LIST}add/", fields | {"slug": "opera"}).status_code == 200
    assert client.post(f"{LIST}add/", fields | {"slug": "ballet"}).status_code == 302
    assert Category.objects.filter(organization=house).count() == 2


def test_two_houses_see_nothing_of_each_other(noon: datetime) -> None:
    """S11"""
    mine, theirs = CategoryFactory(), CategoryFactory()
    client, _user = at_work("admin", mine.organization)
    assert list(client.get(LIST).context["cl"].result_list) == [mine]
    for page in ("change", "delete", "history"):
        assert client.get(f"{LIST}{mine.pk}/{page}/").status_code == 200 or page == "history"
        assert client.get(f"{LIST}{theirs.pk}/{page}/").status_code == 404
    assert client.get(f"{LIST}99999999999999999999999/change/").status_code == 404
    assert client.get(f"{LIST}?o=99").status_code == 200
    assert client.get(f"{LIST}?organization__name__startswith=A").status_code == 400  # S33


def test_a_change_is_recorded_with_what_was_and_what_is(noon: datetime) -> None:
    """S51"""
    category = CategoryFactory(name="Opera", slug="opera")
    client, user = at_work("organizer", category.organization)
    url = f"{LIST}{category.pk}/change/"
    assert client.post(url, fields_of(client.get(url)) | {"name": "Ballet"}).status_code == 302
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.facts["changed"]) == ("category.changed", user, {"name": ["Opera", "Ballet"]})


def test_of_personal_fields_only_the_names_are_recorded(noon: datetime) -> None:
    """S51"""
    house = OrganizationFactory(support_email="old@example.com")
    client, _user = at_work("admin", house)
    url = f"/admin/accounts/organization/{house.pk}/change/"
    assert client.post(url, fields_of(client.get(url)) | {"support_email": "new@example.com"}).status_code == 302
    entry = AuditEntry.objects.get(action="organization.changed")
    assert entry.facts["changed"] == {"support_email": None}
    assert "example.com" not in str(entry.facts)


def test_the_history_says_who_what_and_what_it_was(noon: datetime) -> None:
    category = CategoryFactory(name="Opera", slug="opera")
    client, user = at_work("organizer", category.organization)
    url = f"{LIST}{category.pk}/change/"
    client.post(url, fields_of(client.get(url)) | {"name": "Ballet"})
    page = text_of(client.get(f"{LIST}{category.pk}/history/"))
    assert f"Mon, 1 Jun 2026, 14:00 (CEST) {user.email} Changed." in page
    assert "Name : Opera → Ballet" in page


def test_history_needs_the_power_to_see(noon: datetime) -> None:
    membership = member("support").memberships.get()
    client, _user = at_work("support", membership.organization)
    assert client.get(f"/admin/accounts/membership/{membership.pk}/history/").status_code == 403


def test_the_admin_takes_only_what_is_scoped() -> None:
    """Libraries register themselves, with their secrets; they aren't here."""

    class Everything(admin.ModelAdmin):
        pass

    admin.site.register(Price, Everything)
    assert not admin.site.is_registered(Price)


def test_no_number_leads_to_the_page_of_a_booking(noon: datetime) -> None:
    """S9: Django's way from any object to its address would hand out the secret of every booking."""
    client, _user = at_work("admin")
    assert client.get("/admin/r/1/1/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("admin:view_on_site", args=[1, 1])
