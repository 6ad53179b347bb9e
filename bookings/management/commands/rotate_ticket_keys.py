"""`manage.py rotate_ticket_keys`: a new key for tickets, the end of an old one, or the public ones for a door."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.services import ticket_keys
from core.refusals import Refusal


class Command(BaseCommand):
    """Without options a new key signs from now on, and the old ones are still believed."""

    help = "Sign tickets with a new key from now on; tickets that are out stay good until their key is retired."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--retire", metavar="NAME", help="believe this key no more: its tickets open no door")
        which.add_argument("--public", action="store_true", help="only print the public keys, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["public"]:
            self.stdout.write(json.dumps({"keys": ticket_keys.public()}, indent=2))
        elif name := options["retire"]:
            self._retire(name)
        else:
            key = ticket_keys.rotate()
            self.stdout.write(f"Tickets are signed with key {key.name} from now on.")

    def _retire(self, name: str) -> None:
        try:
            key = ticket_keys.retire(name=name)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Key {key.name} is retired: what it signed is no ticket any more.")
