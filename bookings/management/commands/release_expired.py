"""`manage.py release_expired`: free the places of reservations that ran out."""

from typing import Any

from django.core.management.base import BaseCommand

from bookings.services import reservations


class Command(BaseCommand):
    """No sale waits for this: a claim ends the lapsed bookings it needs by itself."""

    help = "End the reservations whose time is over and give their places back."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        while ended := reservations.expire_due():
            total += ended
        self.stdout.write(f"{total} reservations ended.")
