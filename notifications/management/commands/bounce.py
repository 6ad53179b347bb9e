"""`manage.py bounce`: takes the report of a mail that came back, from a mail server's pipe."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from notifications import bounces

LARGEST = 5_000_000
"""Bytes; a report is a few thousand."""


class Command(BaseCommand):
    """Never fails for what it is given: a mail server would send a report about the report."""

    help = "Read the report of a mail that came back (RFC 3464) from standard input, and mark the message."

    def handle(self, *args: Any, **options: Any) -> None:
        message = bounces.noted(sys.stdin.buffer.read(LARGEST))
        self.stdout.write(f"Message {message.pk} came back." if message else "This is about no message of ours.")
