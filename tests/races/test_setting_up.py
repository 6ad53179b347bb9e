"""One form that is sent many times at once."""

from collections.abc import Sequence
from functools import partial
from itertools import cycle
from threading import Barrier

import pytest
from django.test import Client
from django.urls import reverse

from core import idempotency
from core.models import AuditEntry
from events.models import Event
from events.services import copying
from tests.backoffice.desk import at_work
from tests.factories import VenueFactory
from tests.races.harness import Act, race

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PRESSES = 6


def presses(keys: Sequence[str] = ("k" * 32,) * PRESSES, titles: Sequence[str] = ("First night",)) -> list[Act]:
    """The first step of setting up, sent by somebody in a hurry, each time over a connection of its own."""
    venue = VenueFactory()
    client, _user = at_work("organizer", venue.organization)
    address = reverse("admin:set-up")
    times = {"starts_at": "2036-10-01T20:00", "ends_at": "2036-10-01T22:00"}
    fields = {"type": "opera", "venue": venue.pk, "currency": "EUR", **times}

    def press(key: str, title: str) -> str:
        browser = Client()
        browser.cookies = client.cookies
        return browser.post(address, fields | {"key": key, "title": title})["Location"]

    return [partial(press, key, title) for key, title in zip(keys, cycle(titles), strict=False)]


def test_a_form_sent_six_times_at_once_makes_one_draft() -> None:
    """U50, R20: whoever comes later waits, and is led to the same draft."""
    answers = race(presses())
    made = Event.objects.get()
    assert set(answers) == {reverse("admin:set-up-step", args=[made.pk, "dates"])}
    assert AuditEntry.objects.filter(action="event.created").count() == 1


def test_a_form_that_nobody_remembers_makes_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """U50: the twin that forgets."""
    monkeypatch.setattr(idempotency, "remember", lambda *call, result: None)
    press, *others = presses()
    press()
    race(others)
    assert Event.objects.count() > 1


def test_six_drafts_of_titles_that_want_the_same_address_get_six() -> None:
    """U50: of six people in different tabs; nobody is told that something went wrong."""
    answers = race(presses([letter * 32 for letter in "abcdef"], ["Night", "Night 2"]))
    assert len(set(answers)) == PRESSES
    assert len(set(Event.objects.values_list("slug", flat=True))) == PRESSES


def test_without_turns_two_take_the_same_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """U50: the twin in which all look before anybody has saved."""
    all_looked = Barrier(PRESSES, timeout=30)
    free = copying.free_slug

    def looked(title: str) -> str:
        slug = free(title)
        all_looked.wait()
        return slug

    monkeypatch.setattr(copying, "take_turns", lambda what: None)
    monkeypatch.setattr(copying, "free_slug", looked)
    answers = race(presses([letter * 32 for letter in "abcdef"]))
    assert [answer for answer in answers if isinstance(answer, Exception)]
    assert Event.objects.count() == 1
