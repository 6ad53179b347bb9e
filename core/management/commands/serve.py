"""`manage.py serve`: the web server and one worker, started and stopped together."""

import os
import signal
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Runs gunicorn and the worker until either ends or somebody stops us."""

    help = "Run gunicorn and one worker; stop both together."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"))
        parser.add_argument("--workers", default="2", help="gunicorn's processes")
        parser.add_argument("--threads", default="4", help="threads of each")

    def handle(self, *args: Any, **options: Any) -> None:
        address = f"127.0.0.1:{options['port']}"
        web = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", address]
        web += ["--worker-class", "gthread", "--workers", options["workers"], "--threads", options["threads"]]
        # No access log: paths of bookings are secrets. Recycled, in case a library leaks.
        web += [
            "--max-requests",
            "50000",
            "--max-requests-jitter",
            "5000",
            "--no-control-socket",
            "--log-level",
            "warning",
        ]
        worker = [sys.executable, "manage.py", "worker"]
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        children = [subprocess.Popen(command) for command in (web, worker)]  # noqa: S603 - our own programs
        # By its name: browsers give passkeys to localhost, and to no bare number.
        place = f"http://localhost:{options['port']}/"
        self.stdout.write(self.style.SUCCESS(f"Stagedoor is open: {place}   (Ctrl+C closes it)"))
        try:
            ended, _status = os.wait()
            self.stderr.write(f"Process {ended} ended, so the other is stopped too.")
            sys.exit(1)
        except KeyboardInterrupt:
            self.stdout.write("Closing.")
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(timeout=40)
