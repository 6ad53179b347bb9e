"""`manage.py demo_signins`: who can try out what."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from bookings import demo_people
from core.http import absolute

HEAD = ("Role", "E-mail", "Password", "Works for")


class Command(BaseCommand):
    """Prints the demonstration's sign-ins; of who isn't there, or has another password by now, nothing."""

    help = "Print the demonstration's sign-ins, one per role."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.TRIAL:
            raise CommandError("Only a demonstration tells its passwords: set DEMO=true or DEBUG=true.")
        rows = [(each.role, each.email, demo_people.PASSWORD, each.works_for) for each in demo_people.sign_ins()]
        if not rows:
            return
        widths = [max(map(len, column)) for column in zip(HEAD, *rows, strict=True)]
        for row in (HEAD, *rows):
            self.stdout.write("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
        self.stdout.write(f"Sign in: {absolute(reverse('account_login'))}   Staff go on to {absolute('/admin/')}")
