"""
One server process at whose door somebody guesses, for tests of limits that hold over several:

    python -m tests.races.door person COUNT FIRST [alone]   bad passwords for one account, each from another address
    python -m tests.races.door address COUNT FIRST [alone]  bad passwords for so many accounts, from one address

It begins at a line on standard input and prints how many passwords it looked at. `alone` counts in this process.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.test import Client, override_settings  # noqa: E402 - settings come first
from django.urls import reverse  # noqa: E402

ALONE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def guess(what: str, number: int) -> bool:
    """Try a bad password; return whether it was looked at."""
    who, where = ("ada", f"192.0.2.{number}") if what == "person" else (f"person{number}", "192.0.2.250")
    data = {"login": f"{who}@example.com", "password": f"guess {number}"}
    answer = Client(REMOTE_ADDR=where, HTTP_HOST="localhost").post(reverse("account_login"), data)
    return b"belong together" in answer.content


def main(what: str, count: str, first: str, *alone: str) -> None:
    caches = {"CACHES": ALONE} if alone else {}
    with override_settings(STORAGES=PLAIN, PASSWORD_HASHERS=QUICK, ALLOWED_HOSTS=["localhost"], **caches):
        print("ready", flush=True)
        sys.stdin.readline()
        print(sum(guess(what, int(first) + step) for step in range(int(count))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
