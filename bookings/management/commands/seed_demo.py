"""`manage.py seed_demo`: a season to try things out with."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings import demo
from bookings.models import Booking
from core import clock
from events.models import Event
from venues.models import Venue


class Command(BaseCommand):
    """Fills an empty database, and only an empty one."""

    help = "Fill an empty box office with a demonstration season."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is something already")

    def handle(self, *args: Any, **options: Any) -> None:
        if "sandbox" not in settings.PAYMENT_PROVIDERS:
            raise CommandError("The demonstration pays with the sandbox: set DEMO=true or DEBUG=true.")
        if Venue.objects.exists() or Event.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There is a season already; the demonstration needs an empty database.")
        demo.make_season(clock.now())
        self.stdout.write(
            f"{Venue.objects.count()} venues, {Event.objects.count()} events, {Booking.objects.count()} bookings."
        )
