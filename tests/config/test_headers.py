"""What a production says in its headers, in a process of its own: what Mozilla's observatory gives an A+ for."""

import json
from itertools import chain
from typing import Any

import pytest

from tests.config.test_settings import PRODUCTION, run

ASK = """
import json
import django
from django.conf import settings
settings.ROOT_URLCONF = "tests.core.faulty_urls"
django.setup()
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from tests.factories import event_on_sale, member, reserve
event = event_on_sale()
addresses = {
    "public": "/events/",
    "form": event.get_absolute_url(),
    "private": f"{reserve(event).get_absolute_url()}details/",
    "sign-in": "/account/login/",
    "404": "/nothing/",
    "500": "/fault/bug/",
    "hashed": staticfiles_storage.url("css/site.css"),
}
client = Client(raise_request_exception=False, headers={"host": "tickets.example", "accept-encoding": "gzip"})
answers = {}
def note(name, answer):
    cookies = [morsel.OutputString() for morsel in answer.cookies.values()]
    answers[name] = {"status": answer.status_code, "headers": dict(answer.headers), "cookies": cookies}

for name, address in addresses.items():
    note(name, client.get(address, secure=True))

staff = member()
staff.set_password("a long sentence of words")
staff.save()
sent = {"login": staff.email, "password": "a long sentence of words"}
note("signing in", client.post("/account/login/", sent, secure=True, headers={"origin": "https://tickets.example"}))
note("back office", client.get("/admin/", secure=True))
pretending = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example"}
insecure = client.get("/events/?page=2", headers=pretending)
answers["insecure"] = {"status": insecure.status_code, "headers": dict(insecure.headers), "cookies": []}
print(json.dumps(answers))
"""
EVERYWHERE = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ON_PAGES = EVERYWHERE | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; worker-src 'self'; manifest-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
PAGES = {"public": 200, "form": 200, "private": 200, "sign-in": 200, "back office": 200, "404": 404, "500": 500}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Ask a production for one of each; the last line it prints."""
    done = run(tmp_path_factory.mktemp("production"), "-c", ASK, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_page_locks_its_doors(answers: dict[str, Any]) -> None:
    """S46"""
    assert {name: answers[name]["status"] for name in PAGES} == PAGES
    for name in PAGES:
        headers = answers[name]["headers"]
        assert {header: headers.get(header) for header in ON_PAGES} == ON_PAGES, name
        assert "Access-Control-Allow-Origin" not in headers


def test_cookies_are_for_this_host_over_https_and_for_no_script(answers: dict[str, Any]) -> None:
    """S46"""
    given = {name: answers[name]["cookies"] for name in PAGES if answers[name]["cookies"]}
    assert set(given) >= {"form", "private", "sign-in"}
    signing_in = answers["signing in"]
    assert signing_in["status"] == 302
    assert {cookie.partition("=")[0] for cookie in signing_in["cookies"]} >= {"__Host-session", "__Host-csrftoken"}
    for cookie in [*chain(*given.values()), *signing_in["cookies"]]:
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=Lax"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)


def test_private_pages_are_in_no_cache(answers: dict[str, Any]) -> None:
    """S50"""
    assert {name: "no-store" in answers[name]["headers"].get("Cache-Control", "") for name in PAGES} == {
        "public": False,
        "form": True,
        "private": True,
        "sign-in": True,
        "back office": True,
        "404": True,
        "500": True,
    }


def test_hashed_files_stay_where_they_are_for_ever(answers: dict[str, Any]) -> None:
    """U41"""
    file = answers["hashed"]
    assert file["status"] == 200
    assert file["headers"]["Cache-Control"] == "max-age=315360000, public, immutable"
    assert file["headers"]["Content-Encoding"] == "gzip"
    assert {header: file["headers"].get(header) for header in EVERYWHERE} == EVERYWHERE
    assert "Access-Control-Allow-Origin" not in file["headers"]


def test_plain_http_leads_to_https_whatever_it_says_of_itself(answers: dict[str, Any]) -> None:
    """S46, S48"""
    answer = answers["insecure"]
    assert (answer["status"], answer["headers"]["Location"]) == (301, "https://tickets.example/events/?page=2")
