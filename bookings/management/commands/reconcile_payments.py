"""`manage.py reconcile_payments`: what do the providers say, and what do we?"""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date, parse_datetime

from bookings.services import reconciliation


class Command(BaseCommand):
    """Safe at any time, and when repeated: it asks providers, and draws the conclusions that a message would."""

    help = "Compare open and recent payments and refunds with what the providers say, and repair what was missed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="a date or time (UTC); else the last three days")

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"]) if options["since"] else None
        compared = reconciliation.reconcile(since=since)
        for each in compared.repaired:
            self.stdout.write(each)
        for provider in compared.silent:
            self.stderr.write(f"{provider} did not answer: its payments were left as they are.")
        self.stdout.write(f"{compared.looked_at} compared, {len(compared.repaired)} changes.")


def _moment(written: str) -> datetime:
    try:
        moment = parse_datetime(written)
        day = parse_date(written) if moment is None else None
    except ValueError as error:
        raise CommandError(f"{written} is no date.") from error
    if moment is None and day is None:
        raise CommandError(f"{written} is no date.")
    moment = moment or datetime(day.year, day.month, day.day)  # type: ignore[union-attr]  # noqa: DTZ001 - see below
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
