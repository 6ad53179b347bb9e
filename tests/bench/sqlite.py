"""Reservations a second on the database that DATABASE_URL names: a SQLite file, in a process of its own."""

import os
import time

import django

if __name__ == "__main__":
    django.setup()
    from django.core.management import call_command

    from tests.bench.house import hot_event
    from tests.bench.parts import SECONDS, _service_buyer

    call_command("migrate", verbosity=0)
    buy = _service_buyer(hot_event(20_000))(os.getpid())
    done, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        buy()
        done += 1
    print(f"{done / SECONDS:.0f}")
