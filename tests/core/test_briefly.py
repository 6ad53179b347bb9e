"""Pages that say the same to everybody, rendered once a second."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from core import briefly, clock
from events.models import Event
from tests.factories import EventFactory, event_on_sale
from tests.pages import post_choice, text_of


class Watch:
    """A clock that the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = 100.0
        monkeypatch.setattr(briefly, "monotonic", lambda: self.at)
        monkeypatch.setattr(briefly, "KEPT_FOR", 1.0)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


class Page:
    """A view that counts how often it is rendered."""

    def __init__(self, status: int = 200, **headers: str) -> None:
        self.rendered = 0
        self.status, self.headers = status, headers
        self.view = briefly.public_page(self.render)

    def render(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.rendered += 1
        return HttpResponse(f"{self.rendered}: {kwargs}", status=self.status, headers=self.headers)

    def get(self, address: str = "/", *, method: str = "get", language: str = "en", **headers: str) -> HttpResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        with translation.override(language):
            return self.view(getattr(RequestFactory(), method)(address, headers=sent))


# --- What is kept ---------------------------------------------------------------------------------


def test_a_page_is_kept_for_a_second_and_not_beyond(watch: Watch) -> None:
    page = Page()
    assert {page.get().content for _look in range(3)} == {b"1: {}"}
    watch.at += 0.999
    assert page.get().content == b"1: {}"
    watch.at += 0.001
    assert page.get().content == b"2: {}"


@pytest.mark.parametrize(
    "other",
    [
        {"address": "/?"},
        {"address": "/?q=x"},
        {"address": "/x"},
        {"language": "de"},
        {"method": "head"},
        {"HX_Request": "true", "HX_Target": "results"},
    ],
)
def test_each_address_language_and_part_is_kept_by_itself(watch: Watch, other: dict[str, str]) -> None:
    page = Page()
    first = page.get().content
    another = page.get(**other).content
    if other != {"address": "/?"}:  # the same address to a server
        assert another != first
    assert (page.get().content, page.get(**other).content) == (first, another)


def test_parts_are_told_apart_by_what_htmx_asks_for(watch: Watch) -> None:
    page = Page()
    asked = [{}, {"HX_Request": "true"}, {"HX_Request": "true", "HX_Target": "a"}]
    asked += [{"HX_Request": "true", "HX_Target": "b"}]
    pages = [page.get(**headers).content for headers in asked]
    assert len(set(pages)) == 3  # to ask as htmx for no part is to ask for the page
    assert [page.get(**headers).content for headers in asked] == pages


def test_one_view_never_answers_for_another(watch: Watch) -> None:
    page, other = Page(), Page(status=201)
    assert (page.get().status_code, other.get().status_code) == (200, 201)
    assert (page.get().status_code, other.get().status_code) == (200, 201)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_what_is_kept_is_the_whole_answer(watch: Watch, status: int) -> None:
    page = Page(status, **{"HX-Push-Url": "/x", "Content-Type": "text/plain", "Vary": "Origin"})
    first, second = page.get(), page.get()
    for response in (first, second):
        assert (response.status_code, response.content) == (status, b"1: {}")
        assert dict(response.headers) == {
            "HX-Push-Url": "/x",
            "Content-Type": "text/plain",
            "Vary": "Origin, Accept-Language, Cookie, HX-Request, HX-Target",
            "Cache-Control": "public, max-age=10",
        }
    second.headers["X-Mine"] = "x"
    second.set_cookie("mine", "x")
    assert "X-Mine" not in page.get().headers
    assert not page.get().cookies


def test_a_fault_is_not_kept(watch: Watch) -> None:
    faults = [Http404, ValueError, None]

    @briefly.public_page
    def view(request: HttpRequest) -> HttpResponse:
        if fault := faults.pop(0):
            raise fault
        return HttpResponse("well")

    request = RequestFactory().get("/")
    with pytest.raises(Http404):
        view(request)
    with pytest.raises(ValueError):  # noqa: PT011 - that it is raised again is all there is to say
        view(request)
    assert view(request).content == view(request).content == b"well"


def test_no_more_is_kept_than_there_is_room_for(watch: Watch) -> None:
    asked: list[int] = []
    kept = briefly.Kept[int, int](lambda key: asked.append(key) or key, most=3)
    for key in (1, 2, 3, 1, 2, 3):
        assert kept(key) == key
    assert asked == [1, 2, 3]
    assert kept(4) == 4
    assert len(kept._answers) == 1
    briefly.forget()
    assert kept(4) == 4
    assert asked == [1, 2, 3, 4, 4]


# --- The pages themselves -------------------------------------------------------------------------

PUBLIC = ["/", "/events/", "/events/?city=Berlin&sort=price", "/events/?most=x", "/venues/", "/venues/hall/"]


@pytest.fixture
def event(noon: datetime) -> Event:
    return event_on_sale(title="Tides", slug="tides", venue__slug="hall", venue__name="Hall")


@pytest.fixture
def regular(client: Client, event: Event, settings: Any) -> Client:
    """Somebody whose browser carries all that ours gives away: language, form key, a booking."""
    client.get("/bookings/find/")
    post_choice(client, event)
    client.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
    client.cookies["sessionid"] = "secret-session"
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_may_be_kept_and_say_by_what_they_differ(client: Client, event: Event, address: str) -> None:
    """S50"""
    response = client.get(address)
    assert response.status_code == (400 if "most=x" in address else 200)
    assert response.headers["Cache-Control"] == "public, max-age=10"
    vary = {name.strip() for name in response.headers["Vary"].split(",")}
    assert vary == {"Accept-Language", "Cookie", "HX-Request", "HX-Target"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_knows_nobody(watch: Watch, regular: Client, event: Event, address: str) -> None:
    """S50: not who asks first, nor who asks next"""
    theirs = regular.get(address)
    stranger = Client().get(address)
    briefly.forget()
    fresh = Client().get(address)
    assert theirs.content == stranger.content == fresh.content
    for response in (theirs, stranger, fresh):
        assert not response.cookies
        assert "Set-Cookie" not in response.headers
        assert b"csrfmiddlewaretoken" not in response.content
        assert b"secret-session" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Original-URL"])
def test_no_header_gets_into_what_others_see(watch: Watch, event: Event, address: str, header: str) -> None:
    """S48, S5"""
    poisoned = Client().get(address, headers={header: "evil.example"})
    assert b"evil.example" not in poisoned.content
    assert Client().get(address).content == poisoned.content


@pytest.mark.django_db
def test_another_host_of_ours_does_not_get_into_what_others_see(watch: Watch, event: Event) -> None:
    """S5"""
    for address in PUBLIC:
        assert b"127.0.0.1" not in Client().get(address, headers={"Host": "127.0.0.1"}).content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{"HX-Target": "results"}, {"HX-Request": "", "HX-Target": "results"}, {"HX-Boosted": "true"}]
)
def test_nobody_can_leave_a_part_where_others_look_for_the_page(
    watch: Watch, event: Event, headers: dict[str, str]
) -> None:
    """S10: a header that htmx does not send alone"""
    Client().get("/events/", headers=headers)
    assert "<!doctype html>" in Client().get("/events/").content.decode()


@pytest.mark.django_db
def test_a_part_is_kept_as_the_part(watch: Watch, event: Event) -> None:
    htmx = {"HX-Request": "true", "HX-Target": "results"}
    for _time in range(2):
        part, page = Client().get("/events/", headers=htmx), Client().get("/events/")
        assert "<html" not in part.content.decode()
        assert part.headers["HX-Push-Url"] == "/events/"
        assert "<html" in page.content.decode()
        assert "HX-Push-Url" not in page.headers


@pytest.mark.django_db
def test_what_happens_is_seen_a_second_later(watch: Watch, event: Event) -> None:
    pages = ["/", "/events/", "/venues/hall/"]
    for address in pages:
        assert "Tides" in text_of(Client().get(address))
    Event.objects.update(status="draft")
    for address in pages:
        assert "Tides" in text_of(Client().get(address))
    watch.at += 1
    clock.advance(timedelta(seconds=1))
    for address in pages:
        assert "Tides" not in text_of(Client().get(address))


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_in_no_cache(watch: Watch, event: Event) -> None:
    """S50, S41"""
    draft = EventFactory()
    for address in ("/venues/none/", draft.get_absolute_url()):
        response = Client().get(address)
        assert response.status_code == 404
        assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "events:list", "events:venues"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_are_for_reading(client: Client, name: str, method: str) -> None:
    """S14"""
    assert getattr(client, method)(reverse(name)).status_code == 405


# --- Many answers to one question -----------------------------------------------------------------


def test_what_is_missing_of_many_is_asked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(briefly, "KEPT_FOR", 1_000)
    asked: list[list[int]] = []

    def ask(keys: list[int]) -> dict[int, str]:
        asked.append(keys)
        return {key: f"answer {key}" for key in keys if key != 4}

    kept = briefly.KeptEach[int, str](ask)
    assert kept.of([2, 1]) == ["answer 2", "answer 1"]
    assert kept.of([1, 3, 4, 2]) == ["answer 1", "answer 3", "answer 2"]
    assert kept.of([]) == []
    assert asked == [[2, 1], [3, 4]]
    kept.forget()
    assert kept.of([1]) == ["answer 1"]
    assert asked[2:] == [[1]]


def test_some_answers_may_be_older_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    passed, count = [100.0], iter(range(100))
    monkeypatch.setattr(briefly, "monotonic", lambda: passed[0])
    monkeypatch.setattr(briefly, "KEPT_FOR", 1.0)
    kept = briefly.Kept[str, int](lambda key: next(count), times=5)
    assert kept("a") == 0
    passed[0] += 4.9
    assert kept("a") == 0
    passed[0] += 0.1
    assert kept("a") == 1


def test_no_more_answers_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(briefly, "KEPT_FOR", 1_000)
    kept = briefly.KeptEach[int, int](lambda keys: {key: key for key in keys}, most=3)
    for key in range(10):
        kept.of([key, key + 1])
        assert len(kept._answers) <= 3
