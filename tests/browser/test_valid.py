"""What the server sends is valid HTML, in every state. Browsers repair what isn't, each in its own way."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import BrowserContext, Response

from tests.browser.states import AWKWARD, STATES, State

pytestmark = pytest.mark.browser

CHECKER = Path(sys.prefix) / "vnu.jar"
# htmx reads data-hx-get, which would be valid, and hx-get, which is easier on the eyes. A misspelt one is not here.
HTMX = "boost get include indicator params post push-url swap swap-oob sync target trigger".split()
NOT_MINDED = re.compile(
    rf"Attribute “hx-({'|'.join(HTMX)})” not allowed on element “[a-z]+” at this point\."
    r"|This document appears to be written in German .*"  # what people wrote is, and the page around it isn't
)


def test_every_page_is_valid_in_every_state(new_context: Callable[..., BrowserContext], tmp_path: Path) -> None:
    """One run of the checker for all of them: to start it takes longer than to check."""
    sent = {}
    for name, reach in STATES.items():
        sent[name] = last_document(new_context(java_script_enabled=False), reach)
        call_command("flush", interactive=False, verbosity=0)
    found = faults(sent, tmp_path)
    assert not found, "\n".join(found)


def test_these_checks_would_see_a_fault(tmp_path: Path) -> None:
    page = "<!doctype html>\n<html lang=en>\n<title>A page</title>\n{}"
    sent = {
        "good": page.format("<search><p>Here</p></search>"),
        "bad": page.format("<p id=a hx-gte=/>\n<div id=a></p>"),
    }
    found = faults(sent, tmp_path)
    assert found
    assert all(fault.startswith(("bad, line 4: ", "bad, line 5: ")) for fault in found)
    assert all(any(what in fault for fault in found) for what in ("Duplicate ID", "“hx-gte” not allowed"))


def last_document(visitor: BrowserContext, reach: State) -> str:
    """Bring a visitor there who has seen nothing before and runs no scripts; return what the server sent last."""
    documents: list[Response] = []
    page = visitor.new_page()
    page.on("response", lambda response: documents.append(response) if is_page(response) else None)
    reach(page, AWKWARD)
    page.wait_for_load_state()
    html = documents[-1].text()
    visitor.close()
    return html


def is_page(response: Response) -> bool:
    return response.request.is_navigation_request() and "text/html" in response.headers.get("content-type", "")


def faults(sent: dict[str, str], folder: Path) -> list[str]:
    """Return what the checker says against these pages, each with the state and the line."""
    if not CHECKER.exists():  # a network that is away is no fault of ours, and is told at the end of the run
        pytest.skip("The Nu HTML checker is missing: scripts/vnu .venv/vnu.jar fetches it")
    for name, html in sent.items():
        (folder / f"{name}.html").write_text(html)
    done = subprocess.run(
        ["java", "-jar", str(CHECKER), "--format", "json", "--stdout", "--exit-zero-always", str(folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    messages = json.loads(done.stdout)["messages"]
    return [told(message) for message in messages if not NOT_MINDED.fullmatch(message["message"])]


def told(message: dict[str, Any]) -> str:
    page = Path(unquote(urlsplit(message.get("url", "")).path)).stem
    return f"{page}, line {message.get('lastLine')}: {message['message']} … {message.get('extract', '')!r}"
