"""What tests of staff pages share: somebody at work, and a form as the page offers it."""

from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import Organization, User
from tests.factories import member


def at_work(role: str = "organizer", organization: Organization | None = None) -> tuple[Client, User]:
    """Return a browser in which somebody with this role is signed in."""
    user, client = member(role, organization), Client()
    client.force_login(user)
    return client, user


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Any] = {}
        self.select: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in ("submit", "file"):
            if given.get("type") in ("checkbox", "radio"):
                if "checked" in given:
                    self.found.setdefault(name, []).append(given.get("value") or "on")
            else:
                self.found[name] = given.get("value") or ""
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and "selected" in given:
            self.found[self.select] = given.get("value") or ""
        if tag == "textarea":
            self.area = name
            self.found[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data.lstrip("\r\n")


def fields_of(response: HttpResponse) -> dict[str, Any]:
    """Return what a browser would send of the page's form, unchanged."""
    parser = _Fields()
    html = response.content.decode()
    parser.feed(html[html.index('<div id="content-main"') :] if '<div id="content-main"' in html else html)
    return {name: value for name, value in parser.found.items() if "__prefix__" not in name}
