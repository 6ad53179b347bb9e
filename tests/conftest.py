"""What every test starts from."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from core import briefly, clock

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def pytest_configure() -> None:
    """WhiteNoise warns of a folder that isn't there, and nothing has been collected in a fresh clone."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks no database says the same on every one: it runs with SQLite alone."""
    if connection.vendor != "postgresql":
        return
    pure = [item for item in items if not _asks_database(item)]
    config.hook.pytest_deselected(items=pure)
    items[:] = [item for item in items if _asks_database(item)]


def _asks_database(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(name) for name in ("django_db", "postgres", "browser"))
    return marked or bool({"db", "transactional_db"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A request leaves its language behind in its thread, which the next test shares."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer of one test is another's, nor an older one of its own."""
    briefly.forget()
    monkeypatch.setattr(briefly, "KEPT_FOR", 0)


@pytest.fixture(autouse=True)
def _pictures_in_memory(settings: Any) -> None:
    """No test leaves a file behind."""
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"default": memory}


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    """Argon2 is slow on purpose; what it is for has a test of its own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Stop the clock at noon of a June day; `clock.advance` moves it."""
    with clock.at(NOON):
        yield NOON
