"""`manage.py import_data`: brings in a file without the pages, or only checks it."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from backoffice.models import Import, ImportRow
from backoffice.services import imports
from core.refusals import Refusal

SHOWN = 50
"""So many wrong lines are told one by one."""


class Command(BaseCommand):
    """Exit 1 when a line is wrong; those that are fine are imported all the same, unless it is a dry run."""

    help = "Import venues, events, customers or bookings from a CSV or XLSX file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=Import.Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--organization", metavar="SLUG", required=True)
        parser.add_argument("--dry-run", action="store_true", help="only check every line")
        parser.add_argument("--send-tickets", action="store_true", help="mail tickets of bookings to come")

    def handle(self, *args: Any, **options: Any) -> None:
        found = self._upload(options)
        imports.work(import_id=found.pk)
        if options["dry_run"]:
            failed = self._told(found)
            imports.cancel(import_id=found.pk)
        else:
            failed = self._carried_out(found)
        if failed:
            sys.exit(1)

    def _upload(self, options: dict[str, Any]) -> Import:
        try:
            organization = Organization.objects.get(slug=options["organization"])
            data = options["file"].read_bytes()
            return imports.upload(
                organization=organization,
                kind=options["kind"],
                name=options["file"].name,
                data=data,
                sends_tickets=options["send_tickets"],
            )
        except Organization.DoesNotExist as error:
            raise CommandError(f"There is no organization {options['organization']}.") from error
        except OSError as error:
            raise CommandError(f"{options['file']} can't be read: {error.strerror}.") from error
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _carried_out(self, found: Import) -> int:
        if found.rows.filter(status=ImportRow.Status.FINE).exists():
            imports.confirm(import_id=found.pk)
            while imports.work(import_id=found.pk):
                left = found.rows.filter(status=ImportRow.Status.FINE).count()
                if left:
                    self.stderr.write(f"{left} lines left")
        else:
            failed = self._told(found)
            imports.cancel(import_id=found.pk)
            return failed
        return self._told(found)

    def _told(self, found: Import) -> int:
        """Say what came of it; return how many lines are wrong."""
        for status, label in ImportRow.Status.choices:
            if count := found.rows.filter(status=status).count():
                self.stdout.write(f"{count} {label}")
        failed = found.rows.filter(status=ImportRow.Status.FAILED).order_by("number")
        for row in failed[:SHOWN]:
            self.stderr.write(f"line {row.number}: {row.result}")
        return failed.count()
