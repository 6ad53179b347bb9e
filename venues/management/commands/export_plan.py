"""`manage.py export_plan`: a seating plan as a file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from venues import exchange
from venues.models import SeatingPlan
from venues.queries.plans import layout_of

FORMATS = {"json": exchange.to_json, "csv": exchange.to_csv}


class Command(BaseCommand):
    """Writes to the standard output, for `>` to put it where it belongs."""

    help = "Write a seating plan as JSON or CSV."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Let `--version` be the plan's, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("venue", help="as in the address of its page")
        parser.add_argument("name", help="what the plan is called")
        parser.add_argument("--version", type=int, help="the newest, if left out")
        parser.add_argument("--format", choices=FORMATS, default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        plans = SeatingPlan.objects.filter(venue__slug=options["venue"], name=options["name"])
        if options["version"] is not None:
            plans = plans.filter(version=options["version"])
        plan = plans.order_by("-version").first()
        if plan is None:
            raise CommandError("This venue has no such plan.")
        data = FORMATS[options["format"]](layout_of(plan))
        self.stdout.write(data.decode(), ending="")
