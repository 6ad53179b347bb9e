"""What a browser remembers of a choice."""

from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client, RequestFactory

from events import choices
from events.models import Event
from tests.factories import event_on_sale, price_of

pytestmark = pytest.mark.django_db

URL = "/bookings/x/"


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale()


def cookie_of(event: Event, quantities: dict[int, int], until: datetime) -> SimpleCookie:
    response = HttpResponse()
    choices.remember(response, event, quantities=quantities, url=URL, until=until)
    return response.cookies


def recalled(event: Event, value: str) -> choices.Choice | None:
    request = RequestFactory().get(event.get_absolute_url())
    request.COOKIES[choices.COOKIE] = value
    return choices.recall(request, event)


def test_a_choice_comes_back_as_it_was(event: Event, noon: datetime) -> None:
    cookie = cookie_of(event, {7: 2, 12: 1}, noon)[choices.COOKIE]
    assert recalled(event, cookie.value) == choices.Choice({7: 2, 12: 1}, URL, noon)


def test_it_is_sent_to_the_event_alone_and_read_by_no_script(event: Event, noon: datetime) -> None:
    """S7, S19"""
    cookie = cookie_of(event, {7: 2}, noon)[choices.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        f"/events/{event.slug}/",
        True,
        "Lax",
        3_600,
    )


def test_in_production_it_is_secure(event: Event, noon: datetime, settings: Any, monkeypatch: Any) -> None:
    """S7"""
    settings.TRIAL = False
    monkeypatch.setattr(choices, "COOKIE", "__Secure-choice")
    assert cookie_of(event, {7: 2}, noon)["__Secure-choice"]["secure"]
    response = HttpResponse()
    choices.forget(response, event)
    assert response.cookies["__Secure-choice"]["secure"]


def test_what_is_not_from_us_for_this_event_or_is_old_is_ignored(event: Event, noon: datetime) -> None:
    value = cookie_of(event, {7: 2}, noon)[choices.COOKIE].value
    other = event_on_sale()
    forged = signing.dumps([event.pk, {"7": 2}, URL, 0.0], salt="another")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: 0)
        old = cookie_of(event, {7: 2}, noon)[choices.COOKIE].value
    for tampered in ("", "x", value[:-1], value + "A" * 4_000, "\x00", forged, old, value.replace(":", "", 1)):
        assert recalled(event, tampered) is None
    assert recalled(other, value) is None


def test_a_choice_too_long_for_a_cookie_is_not_kept(event: Event, noon: datetime) -> None:
    assert choices.COOKIE not in cookie_of(event, dict.fromkeys(range(10**9, 10**9 + 500), 1), noon)


def test_the_form_begins_with_the_choice_and_the_address_wins(client: Client, event: Event, noon: datetime) -> None:
    """U26"""
    price = price_of(event)
    client.cookies = cookie_of(event, {price.pk: 3}, noon + timedelta(minutes=5))
    field = f"price_{price.pk}"
    shown = client.get(event.get_absolute_url())
    assert (shown.context["form"][field].value(), shown.context["own"].url) == (3, URL)
    assert client.get(event.get_absolute_url(), {field: "2"}).context["form"][field].value() == 2
    for bad in ("-1", "1e9", "２", "", "12345", ["1", "2"]):
        assert client.get(event.get_absolute_url(), {field: bad}).context["form"][field].value() == 3


def test_a_choice_whose_time_is_over_is_shown_and_no_more_ones_own(
    client: Client, event: Event, noon: datetime
) -> None:
    price = price_of(event)
    client.cookies = cookie_of(event, {price.pk: 3}, noon - timedelta(seconds=1))
    shown = client.get(event.get_absolute_url())
    assert (shown.context["form"][f"price_{price.pk}"].value(), shown.context["own"]) == (3, None)
