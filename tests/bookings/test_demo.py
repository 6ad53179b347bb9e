"""`manage.py seed_demo`: a season to try things out with."""

from collections import Counter
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts.models import Organization, User
from bookings import demo, demo_art, demo_people, demo_seats
from bookings.models import Booking, Refund
from bookings.queries.promises import violations
from core import pictures
from events.models import Event, EventPicture, EventSeat, Price
from notifications.models import Message
from tests.bookings.conftest import small_plan
from tests.factories import VenueFactory, member
from venues.models import Venue, VenuePicture

pytestmark = pytest.mark.django_db


def seed(*options: str) -> str:
    out = StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue().strip()


def told() -> list[Any]:
    """All that is not a secret, a code or a key."""
    return [
        list(Venue.objects.order_by("name").values_list("name", "capacity", "time_zone")),
        list(Event.objects.order_by("slug").values_list("slug", "status", "starts_at", "currency", "fee_per_ticket")),
        list(Price.objects.order_by("pk").values_list("price_level__event__slug", "ticket_type__name", "amount")),
        list(Booking.objects.order_by("pk").values_list("event__slug", "status", "quantity", "total", "reserved_at")),
        list(EventPicture.objects.order_by("event", "order").values_list("event__slug", "alt")),
        list(VenuePicture.objects.order_by("pk").values_list("venue__slug", "alt")),
        list(Message.objects.order_by("pk").values_list("kind", "status")),
        list(Refund.objects.order_by("pk").values_list("amount", "reason", "status")),
    ]


@pytest.fixture
def _smaller_houses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty thousand places more would show nothing more, nor would larger pictures."""
    monkeypatch.setattr(demo, "VENUES", [(*venue[:-1], min(venue[-1], 80)) for venue in demo.VENUES])
    monkeypatch.setattr(demo_seats, "PLANS", dict.fromkeys(demo_seats.PLANS, small_plan))
    monkeypatch.setattr(demo, "TOUR_VENUE", (*demo.TOUR_VENUE[:-1], 80))
    monkeypatch.setattr(demo_art, "SIZE", (360, 225))
    monkeypatch.setattr(demo_art, "FINE", 0.45)
    monkeypatch.setattr(pictures, "SIZES", dict.fromkeys(pictures.SIZES, (48, 30)))


def empty() -> None:
    for model in apps.get_models():
        model._default_manager.all()._raw_delete("default")  # foreign keys are looked at later


@pytest.mark.usefixtures("_smaller_houses")
def test_the_season_is_rich_sound_and_the_same_each_time(noon: datetime) -> None:
    assert seed() == f"9 venues, 24 events, {Booking.objects.count()} bookings."
    assert Booking.objects.count() >= 60
    assert set(Booking.objects.values_list("status", flat=True)) == set(Booking.Status.values)
    assert set(Event.objects.values_list("status", flat=True)) == set(Event.Status.values)
    assert set(Event.objects.values_list("currency", flat=True)) == {"EUR", "GBP", "USD", "CAD", "JPY"}
    assert not EventSeat.objects.free().filter(event__title="An Evening of Small Operas").exists()
    assert list(violations()) == []
    assert not Message.objects.exclude(status="sent").exists()  # nobody is written to
    assert not DBTaskResult.objects.exists()
    pictured = Event.objects.annotate(count=Count("pictures")).values_list("count", flat=True)
    assert Counter(pictured) == {0: 11, 1: 11, 3: 2}
    assert VenuePicture.objects.count() == 3
    domains = {email.rpartition("@")[2] for email in Booking.objects.values_list("email", flat=True) if email}
    assert domains == {"stagedoor.example"}
    first = told()
    empty()
    seed()
    assert told() == first


def test_a_filled_database_is_left_alone(noon: datetime) -> None:
    venue = VenueFactory()
    with pytest.raises(CommandError, match="needs an empty database"):
        seed()
    assert seed("--if-empty") == ""
    assert (Venue.objects.get(), Organization.objects.count(), Event.objects.count()) == (venue, 1, 0)


def test_without_a_sandbox_there_is_no_season(settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = []
    with pytest.raises(CommandError, match="DEMO=true"):
        seed()
    assert not Organization.objects.exists()


@pytest.mark.usefixtures("short_season")
def test_everybody_can_sign_in_and_sees_what_the_role_may(client: Client, noon: datetime) -> None:
    seed()
    staff = {each.email for each in demo_people.sign_ins()} - {"customer@stagedoor.example"}
    assert len(staff) == 7
    for email in staff:
        sign_in(client, email)
        assert client.get("/admin/").status_code == 200, email
        sells = 403 if email.startswith(("analyst@", "entry-manager@")) else 200
        assert client.get("/admin/sell/").status_code == sells, email
    sign_in(client, "customer@stagedoor.example")
    assert client.get("/admin/").status_code == 403
    assert client.get("/account/").status_code == 200


def sign_in(client: Client, email: str) -> None:
    client.logout()
    response = client.post("/account/login/", {"login": email, "password": demo_people.PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/account/"), email


@pytest.mark.usefixtures("_smaller_houses")
def test_there_is_a_customer_a_counter_and_a_second_organization(noon: datetime) -> None:
    seed()
    own = demo_people.customer().bookings.order_by("event__starts_at")
    assert [(each.event.starts_at > noon, each.status) for each in own] == [
        (False, "confirmed"),
        (True, "confirmed"),
        (True, "cancelled"),
    ]
    counter = Booking.objects.filter(channel="box_office", user=None).order_by("pk")
    ways = counter.values_list("status", "payments__provider")
    assert list(ways) == [
        ("confirmed", "cash"),
        ("confirmed", "card"),
        ("confirmed", "complimentary"),
        ("pending", None),
    ]
    tour = Organization.objects.get(name="Sample Touring Company")
    assert Counter(tour.events.values_list("status", flat=True)) == {"published": 1, "draft": 1}
    both = User.objects.filter(memberships__organization=tour).filter(
        memberships__organization__name="Demonstration House"
    )
    assert set(both.values_list("email", flat=True)) == {"admin@stagedoor.example", "organizer@stagedoor.example"}


@pytest.mark.usefixtures("short_season")
def test_sign_ins_are_told_while_they_work(noon: datetime) -> None:
    seed()
    told = signins()
    for role in ("site administrator", "admin", "organizer", "entry manager", "support", "analyst", "customer"):
        assert role in told
    assert told.count("  demonstration") == 8
    assert "http://localhost:8000/account/login/" in told
    admin = User.objects.get(email="admin@stagedoor.example")
    admin.set_password("a password of my own")
    admin.save()
    User.objects.filter(email="analyst@stagedoor.example").update(is_active=False)
    assert "admin@stagedoor.example" not in signins()
    assert "analyst@stagedoor.example" not in signins()


def signins() -> str:
    out = StringIO()
    call_command("demo_signins", stdout=out)
    return out.getvalue()


def test_without_a_demonstration_there_are_no_sign_ins_to_tell() -> None:
    member("admin", email="someone@example.com")
    assert signins() == ""


def test_a_production_tells_no_passwords(settings: Any) -> None:
    settings.TRIAL = False
    with pytest.raises(CommandError, match="DEMO=true"):
        signins()
