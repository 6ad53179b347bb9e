"""`manage.py tick`: one round of housekeeping."""

from typing import Any

from django.core.management.base import BaseCommand

from backoffice.services import imports
from bookings.services import housekeeping
from reports.services import closing, sampling


class Command(BaseCommand):
    """One round; the worker does the same every ten seconds."""

    help = (
        "End lapsed reservations and holds, go on with batches, number papers, send due mail and refunds,"
        " requeue tasks of killed workers, forget what is old, add up the days that are over."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        lines, forgotten = imports.work_due(), imports.erase_due()
        done, days, samples = housekeeping.tick(), closing.close_due(), sampling.sample_due()
        self.stdout.write(
            f"{done.expired} reservations and {done.holds} holds ended, "
            f"{done.batches} bookings of batches dealt with, {done.events} providers' messages handled, "
            f"{done.refunds} refunds and {done.messages} messages sent, {done.numbered} papers numbered, "
            f"{done.requeued} tasks requeued, {done.worded} bookings made findable, "
            f"{lines} lines of imports dealt with, {done.forgotten + forgotten} old rows forgotten, "
            f"{days} days added up, {samples} events sampled."
        )
