"""Settings of a server for tests: plain static files; UNFRIENDLY takes what turns faults into pages from it."""

import os

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE, STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if os.environ.get("UNFRIENDLY"):
    MIDDLEWARE = [each for each in MIDDLEWARE if each != "core.middleware.Faults"]
