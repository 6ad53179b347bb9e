"""`manage.py worker`: the tasks, and a round of housekeeping every ten seconds."""

import logging
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from backoffice.services import imports
from bookings.services import housekeeping
from reports.services import closing, sampling

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Runs until it is stopped; several may run at once."""

    help = "Run tasks as they come, and housekeeping every few seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tick-every", type=float, default=10, help="seconds between rounds of housekeeping")

    def handle(self, *args: Any, **options: Any) -> None:
        threading.Thread(target=self._tick_on, args=[options["tick_every"]], daemon=True).start()
        tasks = Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=1,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )
        tasks.configure_signals()
        while tasks.running:
            try:
                tasks.run()
            except DatabaseError:
                logger.exception("The database did not answer; the worker goes on in five seconds.")
                threading.Event().wait(5)

    def _tick_on(self, seconds: float) -> None:
        pause = threading.Event()
        while True:
            try:
                housekeeping.tick()
                imports.work_due()
                imports.erase_due()
                closing.close_due()
                sampling.sample_due()
            except Exception:  # a thread that dies in silence would send no mail until the next start
                logger.exception("Housekeeping is put off to the next round.")
            close_old_connections()
            pause.wait(seconds)
