"""`manage.py import_plan`: a seating plan from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from venues import exchange
from venues.layout import Faulty, Problem, advice
from venues.models import Venue
from venues.services import plans


class Command(BaseCommand):
    """The plan becomes a draft, which somebody looks at and publishes."""

    help = "Read a seating plan from JSON or CSV into a draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("venue", help="as in the address of its page")
        parser.add_argument("file", type=Path, help="JSON or CSV, in UTF-8")
        parser.add_argument("--name", default="", help="what the plan is called, instead of what the file says")
        parser.add_argument("--dry-run", action="store_true", help="only say what is wrong with it")

    def handle(self, *args: Any, **options: Any) -> None:
        venue = Venue.objects.filter(slug=options["venue"]).first()
        if venue is None:
            raise CommandError(f"There is no venue with the address {options['venue']}.")
        try:
            found = exchange.read(_content(options["file"]), name=options["name"], capacity=venue.capacity)
            self._tell(found)
            if not options["dry_run"]:
                plan = plans.bring_in(venue_id=venue.pk, layout=found.layout)
                self.stdout.write(f"Saved as a draft: {plan}.")
        except Faulty as faulty:
            raise CommandError(_listed(faulty.problems)) from faulty

    def _tell(self, found: exchange.Read) -> None:
        """Say how much there is, what keeps it from being published, and what could be better."""
        layout = found.layout
        self.stdout.write(f"{layout.name}: {len(layout.sections)} sections, {layout.places} places.")
        for problem in [*found.problems, *advice(layout)]:
            self.stderr.write(str(problem))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} can't be opened: {error.strerror}.") from error


def _listed(problems: list[Problem]) -> str:
    return "\n".join(map(str, problems))
