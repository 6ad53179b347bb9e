"""`manage.py audit`: does the database keep what we promise?"""

import sys
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand

from bookings.queries import promises as of_bookings
from reports.queries import promises as of_figures


class Command(BaseCommand):
    """Safe on a live system: it only reads, and streams what it finds."""

    help = (
        "Check that nothing is sold twice, all money is accounted for and all figures are what the rows say;"
        " exit 1 and show the rows if not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for promise, row in chain(of_bookings.violations(), of_figures.violations()):
            found += 1
            facts = ", ".join(f"{name}={value}" for name, value in row.items())
            self.stdout.write(self.style.ERROR(f"{promise.case} {promise.sentence} Not so: {facts}"))
        if found:
            self.stderr.write(f"{found} violations.")
            sys.exit(1)
        kept = len(of_bookings.PROMISES) + len(of_figures.PROMISES)
        self.stdout.write(self.style.SUCCESS(f"{kept} promises, all kept."))
