"""`manage.py audit`: does the database keep what we promise?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from bookings.queries.promises import PROMISES, violations


class Command(BaseCommand):
    """Safe on a live system: it only reads, and streams what it finds."""

    help = "Check that nothing is sold twice and all money is accounted for; exit 1 and show the rows if not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for promise, row in violations():
            found += 1
            facts = ", ".join(f"{name}={value}" for name, value in row.items())
            self.stdout.write(self.style.ERROR(f"{promise.case} {promise.sentence} Not so: {facts}"))
        if found:
            self.stderr.write(f"{found} violations.")
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS(f"{len(PROMISES)} promises, all kept."))
