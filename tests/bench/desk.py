"""The back office among many bookings: what staff wait for, beside the same statements without Django."""

import os
import time
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.models import Membership, Organization, User
from bookings import demo, demo_scale
from bookings.models import Booking
from core import clock
from events.models import Event
from reports.services import closing

BOOKINGS = int(os.environ.get("BENCH_BOOKINGS", "100000"))
EVENTS = max(1_000, BOOKINGS // demo_scale.BOOKINGS_PER_EVENT)
ROUNDS = 20


def busy_house() -> Organization:
    """Return the house with the most bookings of a season with so many, its days added up."""
    now = clock.now()
    if not Organization.objects.filter(slug="demonstration-house").exists():
        demo.make_season(now)
    if Booking.objects.count() < BOOKINGS:
        for _plan in demo_scale.add_events(now, demo_scale.plans(EVENTS, BOOKINGS)):
            pass
    if not User.objects.filter(email__startswith="regular-").exists():
        _give_accounts()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    closing.close_due()
    most = Booking.objects.values("organization").annotate(count=Count("pk")).order_by("-count")
    return Organization.objects.get(pk=most[0]["organization"])


def _give_accounts() -> None:
    """Every tenth booking is of somebody with an account, and each of these has two."""
    people = User.objects.bulk_create(
        [User(email=f"regular-{number}@example.com", name=f"Regular {number}") for number in range(BOOKINGS // 20)],
        ignore_conflicts=True,
    )
    ids = list(User.objects.filter(email__startswith="regular-").order_by("pk").values_list("pk", flat=True))
    assert len(ids) == len(people)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_booking SET user_id = %s + (id / 10) %% %s WHERE id %% 10 = 0 AND user_id IS NULL",
            [ids[0], len(ids)],
        )


def signed_in(house: Organization) -> Client:
    """Return a browser of one of its admins."""
    person = User.objects.create_user(f"bench-{house.pk}-{time.time_ns()}@example.com")
    Membership.objects.create(user=person, organization=house, role="admin")
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    return client


def pages(house: Organization) -> dict[str, str]:
    """Return what is opened all day: each list that its admins see, and what is searched for."""
    found = {}
    for model, shelf in admin.site._registry.items():
        if model is DBTaskResult:
            continue  # for who runs the site
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        found[str(shelf.opts.verbose_name_plural)] = address
    booking = Booking.objects.filter(organization=house).exclude(email="").order_by("pk")[100]
    bookings = reverse("admin:bookings_booking_changelist")
    place = Event.objects.filter(organization=house).order_by("pk")[0].pk
    found["places of an event"] = f"{reverse('admin:events_eventseat_changelist')}?event={place}"
    searches = {"by code": booking.code, "by e-mail": booking.email, "by name": booking.customer_name}
    searches["by a name that nobody has"] = "Nobody Nowhere"
    return found | {f"bookings, searched {how}": f"{bookings}?q={term}" for how, term in searches.items()}


def measured(act: Callable[[], object]) -> tuple[float, float]:
    """Return the time in ms within which half of twenty were done, and within which nineteen."""
    spent = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    spent.sort()
    return spent[ROUNDS // 2 - 1], spent[int(ROUNDS * 0.95) - 1]


def statements_of(client: Client, address: str) -> list[tuple[str, Any]]:
    """Return what a page asks the database."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        client.get(address)
    return asked


def ask(statements: list[tuple[str, Any]]) -> None:
    """Ask the same, and fetch what comes."""
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()
