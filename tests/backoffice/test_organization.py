"""The organization's settings."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, User
from accounts.roles import Role
from core.models import AuditEntry
from notifications.models import Message
from tests.factories import EventFactory, OrganizationFactory, UserFactory, VenueFactory, member
from tests.pages import plain_static, text_of

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["plain_static"]


@pytest.fixture
def house() -> Organization:
    return OrganizationFactory(name="The House", slug="the-house")


@pytest.fixture
def boss(client: Client, house: Organization) -> User:
    boss = member("admin", house)
    client.force_login(boss)
    return boss


SETTINGS = {
    "name": "The House",
    "support_email": "help@house.example",
    "support_phone": "",
    "entry_rules": "",
    "refund_rules": "",
    "currency": "EUR",
    "account_holder": "",
    "iban": "",
    "time_zone": "Europe/Berlin",
    "fee_basis_points": "5",
    "fee_per_ticket": "0.50",
    "fee_per_booking": "0.00",
    "tax_basis_points": "19",
}


def at(house: Organization, what: str = "change") -> str:
    return reverse(f"admin:accounts_organization_{what}", args=[house.pk])


def changed() -> dict[str, Any]:
    """What the last change of settings left in the audit trail."""
    return AuditEntry.objects.filter(action="organization.changed").latest("pk").facts["changed"]


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


def test_the_list_is_the_one_that_one_works_for(client: Client, house: Organization, boss: User) -> None:
    OrganizationFactory()
    assert client.get(reverse("admin:accounts_organization_changelist"))["Location"] == at(house)


def test_fees_and_tax_are_shown_and_typed_as_people_write_them(client: Client, house: Organization, boss: User) -> None:
    """S51"""
    form = client.get(at(house)).context["adminform"].form
    names = ("fee_basis_points", "fee_per_ticket", "fee_per_booking", "tax_basis_points")
    shown = {name: str(form[name].value()) for name in names}
    assert shown == dict(zip(names, ["5", "0.50", "0.00", "19"], strict=True))
    typed = SETTINGS | dict(zip(names, ["2.75", "1.20", "2", "7.0"], strict=True))
    assert client.post(at(house), typed).status_code == 302
    house.refresh_from_db()
    assert [getattr(house, name) for name in names] == [275, 120, 200, 700]
    assert changed() == {
        "support_email": None,
        "fee_basis_points": [500, 275],
        "fee_per_ticket": [50, 120],
        "fee_per_booking": [0, 200],
        "tax_basis_points": [1900, 700],
    }
    entry = AuditEntry.objects.latest("pk")
    assert (entry.organization, entry.by) == (house, boss)
    assert "help@house.example" not in str(entry.facts)


def test_what_stands_on_receipts_is_typed_here(client: Client, house: Organization, boss: User) -> None:
    typed = SETTINGS | {"postal_address": "House Ltd\r\n7 Quay", "tax_number": "DE 12"}
    assert client.post(at(house), typed).status_code == 302
    house.refresh_from_db()
    assert (house.postal_address.splitlines(), house.tax_number) == (["House Ltd", "7 Quay"], "DE 12")


def test_saving_the_same_records_nothing(client: Client, house: Organization, boss: User) -> None:
    client.post(at(house), SETTINGS)
    before = AuditEntry.objects.count()
    client.post(at(house), SETTINGS)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("fee_basis_points", "100.01"),
        ("fee_basis_points", "-1"),
        ("fee_basis_points", "2.555"),
        ("tax_basis_points", "101"),
        ("fee_per_ticket", "0.505"),
        ("fee_per_ticket", "-1"),
        ("fee_per_ticket", "99999999999"),
        ("fee_per_ticket", "NaN"),
        ("currency", "euro"),
        ("iban", "DE89 3704 0044 0532 0130 01"),
        ("iban", "DE"),
        ("time_zone", "Mars/Olympus"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    client: Client, house: Organization, boss: User, name: str, typed: str
) -> None:
    response = client.post(at(house), SETTINGS | {name: typed})
    assert response.status_code == 200
    assert name in errors(response)
    house.refresh_from_db()
    assert (house.fee_basis_points, house.fee_per_ticket, house.support_email) == (500, 50, "")


def test_the_currency_can_be_chosen_before_there_is_anything_in_it(
    client: Client, house: Organization, boss: User
) -> None:
    client.post(at(house), SETTINGS | {"currency": "JPY", "fee_per_ticket": "30"})
    house.refresh_from_db()
    assert (house.currency, house.fee_per_ticket) == ("JPY", 30)


def test_the_currency_is_fixed_once_there_are_events(client: Client, house: Organization, boss: User) -> None:
    EventFactory(venue=VenueFactory(organization=house))
    assert "Fixed, since there are events" in text_of(client.get(at(house)))
    client.post(at(house), SETTINGS | {"currency": "JPY"})
    house.refresh_from_db()
    assert (house.currency, house.fee_per_ticket) == ("EUR", 50)


def test_fields_that_are_not_on_the_form_are_ignored(client: Client, house: Organization, boss: User) -> None:
    """S13"""
    client.post(at(house), SETTINGS | {"slug": "another", "id": "7", "pk": "7"})
    assert Organization.objects.get().slug == "the-house"


def test_another_house_is_not_there(client: Client, house: Organization, boss: User) -> None:
    """S9, S11"""
    other = OrganizationFactory(name="Other")
    for what in ("change", "history"):
        assert client.get(at(other, what)).status_code == 404
    assert client.post(at(other), SETTINGS).status_code == 404
    other.refresh_from_db()
    assert other.name == "Other"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_the_settings_are_for_who_manages_the_organization(client: Client, house: Organization, role: str) -> None:
    """S8"""
    client.force_login(member(role, house))
    assert client.get(reverse("admin:accounts_organization_changelist")).status_code == 403
    assert client.get(at(house)).status_code == 403
    assert client.post(at(house), SETTINGS).status_code == 403


def test_nobody_deletes_a_house_and_only_site_administrators_add_one(
    client: Client, house: Organization, boss: User
) -> None:
    """S8"""
    add = reverse("admin:accounts_organization_add")
    assert client.get(add).status_code == 403
    assert client.post(add, SETTINGS | {"slug": "new", "name": "New"}).status_code == 403
    assert client.post(at(house, "delete"), {"post": "yes"}).status_code == 403
    client.force_login(UserFactory(is_superuser=True))
    assert client.post(at(house, "delete"), {"post": "yes"}).status_code == 403
    assert Organization.objects.get() == house


def test_a_site_administrator_adds_a_house_and_works_for_it(client: Client, house: Organization) -> None:
    client.force_login(UserFactory(is_superuser=True))
    add = reverse("admin:accounts_organization_add")
    assert client.get(add).status_code == 200
    response = client.post(add, SETTINGS | {"slug": "new", "name": "A New One"}, follow=True)
    assert response.redirect_chain == [("/admin/team/", 302)]
    assert "A New One is there. Invite its first admin." in text_of(response)
    new = Organization.objects.get(slug="new")
    assert client.get("/admin/").wsgi_request.user.workplace.organization == new
    assert AuditEntry.objects.get(action="organization.created").organization == new


def test_an_iban_is_kept_without_blanks(client: Client, house: Organization, boss: User) -> None:
    client.post(at(house), SETTINGS | {"account_holder": "The House", "iban": "de89 3704 0044 0532 0130 00"})
    house.refresh_from_db()
    assert (house.account_holder, house.iban) == ("The House", "DE89370400440532013000")


# --- Second factor ----------------------------------------------------------------------------------


def test_nobody_locks_themselves_out(client: Client, house: Organization, boss: User) -> None:
    """S6"""
    response = client.post(at(house), SETTINGS | {"second_factor_required": "on"})
    assert "this would lock you out" in str(errors(response)["second_factor_required"])
    house.refresh_from_db()
    assert not house.second_factor_required


def test_an_admin_who_brought_one_asks_it_of_everybody(client: Client, house: Organization, boss: User) -> None:
    """S6"""
    session, passkey = client.session, Authenticator.objects.create(user=boss, type="webauthn", data={})
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "id": passkey.pk}]
    session["account_authentication_methods_user"] = str(boss.pk)
    session.save()
    colleague = Client()
    colleague.force_login(member("support", house))
    assert colleague.get("/admin/").status_code == 200
    assert client.post(at(house), SETTINGS | {"second_factor_required": "on"}).status_code == 302
    assert changed()["second_factor_required"] == [False, True]
    assert client.get("/admin/").status_code == 200
    assert colleague.get("/admin/")["Location"] == reverse("second-factor")


# --- The first site administrator -------------------------------------------------------------------


def test_who_is_made_on_the_command_line_signs_in_with_a_code_by_mail_and_adds_the_first_house(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough one")
    call_command("createsuperuser", "--noinput", "--email", "Root@Example.com", verbosity=0)
    typed = {"login": "root@example.com", "password": "a long enough one"}
    response = client.post(reverse("account_login"), typed)
    assert response["Location"] == reverse("account_email_verification_sent")
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert Message.objects.get().to == "root@example.com"
    code = client.session["account_email_verification_code"]["code"]
    assert code in Message.objects.get().text
    client.post(reverse("account_email_verification_sent"), {"code": code})
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == reverse("admin:accounts_organization_add")
    client.logout()
    client.post(reverse("account_login"), typed)
    assert client.get("/admin/")["Location"] == reverse("admin:accounts_organization_add")
