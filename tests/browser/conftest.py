"""Chromium, a server with its files, and a gate: a page that complains in the browser fails its test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response
from pytest_django.live_server_helper import LiveServer

# Playwright keeps an event loop in this thread, which Django would take for a reason to refuse queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """SQLite in a file: in memory, server and test would share one connection and with it one transaction."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "browser.sqlite3")


@pytest.fixture(scope="session")
def _files_from_their_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody has to run collectstatic for a test."""
    with override_settings(
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        WHITENOISE_AUTOREFRESH=True,
        WHITENOISE_USE_FINDERS=True,
    ):
        yield


@pytest.fixture(scope="session")
def live_server(_files_from_their_sources: None, live_server: LiveServer) -> LiveServer:
    return live_server


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    return live_server.url


@pytest.fixture(autouse=True)
def _payments_lead_back_here(live_server: LiveServer, settings: Any) -> None:
    settings.SITE_URL = live_server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium if there is one, else Playwright's own."""
    args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    found = shutil.which("chromium")
    return browser_type_launch_args | {"args": args} | ({"executable_path": Path(found)} if found else {})


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A visitor far from any event, whose browser draws no transitions."""
    return browser_context_args | {"timezone_id": "Pacific/Auckland", "reduced_motion": "reduce"}


@pytest.fixture(autouse=True)
def mishaps(context: BrowserContext, live_server: LiveServer) -> Iterator[list[str]]:
    """
    Collect what goes wrong in the browser and fail the test if anything did. It is the gate for CSP.

    That a page itself answers 4xx is for the test to look at; whatever a page loads must succeed, and
    nothing may come from elsewhere.
    """
    seen: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        is_status = message.text.startswith("Failed to load resource: the server responded with a status of")
        is_htmx_abort = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))  # a newer one took its place
        if message.type in ("error", "warning") and not (is_status or is_htmx_abort):  # statuses are looked at below
            seen.append(f"console {message.type}: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{live_server.url}/", "data:")):
            seen.append(f"a request to elsewhere: {request.url}")

    def on_response(response: Response) -> None:
        allowed = 500 if response.request.is_navigation_request() else 400
        if response.status >= allowed:
            seen.append(f"{response.status} for {response.url}")

    def on_failure(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the visitor went on while a poll was under way
            seen.append(f"{request.failure} for {request.url}")

    context.on("console", on_console)
    context.on("request", on_request)
    context.on("response", on_response)
    context.on("requestfailed", on_failure)
    context.on("weberror", lambda error: seen.append(f"page error: {error.error}"))
    yield seen
    assert seen == []
