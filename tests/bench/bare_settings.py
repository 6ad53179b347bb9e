"""Bare Django on the same database; with BENCH_MIDDLEWARE, behind the middleware of the site."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403 - everything else is the same
from config.settings import MIDDLEWARE as SITE_MIDDLEWARE
from config.settings import TEMPLATES

ROOT_URLCONF = "tests.bench.bare"


class Nothing(list):
    """No middleware, whatever a library asks whether it is there: sign-in would not start without its own."""

    def __contains__(self, name: object) -> bool:
        return True


# Not the one that asks where account and back office are: they aren't here.
WITH_OURS = [each for each in SITE_MIDDLEWARE if each != "accounts.middleware.Private"]
MIDDLEWARE = WITH_OURS if "BENCH_MIDDLEWARE" in os.environ else Nothing()
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]
