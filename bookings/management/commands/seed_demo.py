"""`manage.py seed_demo`: a season to try things out with."""

import argparse
import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings import demo, demo_scale
from bookings.models import Booking
from core import clock
from events.models import Event
from venues.models import Venue

STEPS = 20
"""So often progress is told."""


def positive(text: str) -> int:
    """Return the number that was given."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0.")
    return number


class Command(BaseCommand):
    """Fills an empty database, and only an empty one."""

    help = "Fill an empty box office with a demonstration season."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is something already")
        parser.add_argument(
            "--scale", type=positive, metavar="N", help="and with a stadium and so many events more, on sale"
        )
        parser.add_argument(
            "--bookings",
            type=positive,
            metavar="M",
            help=f"with --scale: so many bookings there in all ({demo_scale.BOOKINGS_PER_EVENT} for each event)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if "sandbox" not in settings.PAYMENT_PROVIDERS:
            raise CommandError("The demonstration pays with the sandbox: set DEMO=true or DEBUG=true.")
        if Venue.objects.exists() or Event.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There is a season already; the demonstration needs an empty database.")
        plans = self._plans(options["scale"], options["bookings"])
        now = clock.now()
        demo.make_season(now)
        if plans:
            demo.add_stadium(now)
            self._enlarge(now, plans, quiet=options["verbosity"] == 0)
        self.stdout.write(
            f"{Venue.objects.count()} venues, {Event.objects.count()} events, {Booking.objects.count()} bookings."
        )

    def _plans(self, events: int | None, bookings: int | None) -> list[demo_scale.Plan]:
        """What was asked for, if it can be had."""
        if events is None:
            if bookings is not None:
                raise CommandError("--bookings says how large a season --scale makes: give both.")
            return []
        most = demo_scale.room(events)
        bookings = bookings or events * demo_scale.BOOKINGS_PER_EVENT
        if bookings > most:
            raise CommandError(f"The houses of so many events hold at most {most} bookings.")
        return demo_scale.plans(events, bookings)

    def _enlarge(self, now: datetime, plans: list[demo_scale.Plan], *, quiet: bool) -> None:
        began, bookings, told = time.monotonic(), 0, 0
        for events, plan in enumerate(demo_scale.add_events(now, plans), start=1):
            bookings += plan.bookings
            if not quiet and events * STEPS // len(plans) > told:
                told = events * STEPS // len(plans)
                rate = bookings / (time.monotonic() - began)
                self.stdout.write(f"{events} of {len(plans)} events, {bookings} bookings, {rate:.0f} a second")
                self.stdout.flush()  # also into a file: it is to be watched
