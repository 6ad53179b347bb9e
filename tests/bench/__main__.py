"""
Run everything on a database of its own, made anew: `python -m tests.bench [part …]`.

BENCH_DATABASE names one to use as it is: a season of a million bookings takes longer to make than to ask.
"""

import os
import sys
import tempfile
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def fresh_database(url: str) -> str:
    """Make an empty database beside the one that the address names; return its address."""
    parts = urlsplit(url)
    name = parts.path.strip("/") + "_bench"
    with psycopg.connect(url, autocommit=True) as connection:
        if connection.execute("SHOW fsync").fetchone() != ("on",):
            sys.exit("This server doesn't write durably (fsync is off, as for tests): restart it without that.")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return urlunsplit(parts._replace(path=f"/{name}"))


def main() -> int:
    """Measure the parts that were named, or all; return 1 if an aim was missed."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": os.environ.get("BENCH_DATABASE") or fresh_database(os.environ["DATABASE_URL"]),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEMO": "true",
            "VAR_DIR": folder,
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        from tests.bench import parts
        from tests.bench.report import Report

        report = Report()
        for part in sys.argv[1:] or parts.ALL:
            parts.ALL[part](report)
        parts.nothing_broken(report)
    print("\nMissed: " + "; ".join(report.missed) if report.missed else "\nEvery aim was met.")
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
