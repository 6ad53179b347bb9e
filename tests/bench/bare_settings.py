"""Bare Django on the same database; with BENCH_MIDDLEWARE, behind the middleware of the site."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403 - everything else is the same
from config.settings import MIDDLEWARE as SITE_MIDDLEWARE
from config.settings import TEMPLATES

ROOT_URLCONF = "tests.bench.bare"
MIDDLEWARE = SITE_MIDDLEWARE if "BENCH_MIDDLEWARE" in os.environ else []
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]
