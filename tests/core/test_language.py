"""The language of the pages, and the page where it is chosen."""

from typing import Any

import pytest
from django.test import Client

ADDRESS = "/language/"


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def choose(visitor: Client, language: str = "de", back: str = "/venues/", **extra: Any) -> Any:
    return visitor.post(ADDRESS, {"language": language, "next": back}, **extra)


def language_of(response: Any) -> str:
    return response.headers["Content-Language"]


# --- Choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_the_language_that_was_chosen_stays(visitor: Client, settings: Any, language: str) -> None:
    response = choose(visitor, language)
    assert (response.status_code, response.headers["Location"]) == (303, "/venues/")
    cookie = visitor.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie.value == language
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/", "Lax", True)
    assert cookie["max-age"] == settings.LANGUAGE_COOKIE_AGE
    assert set(visitor.cookies) == {settings.LANGUAGE_COOKIE_NAME}
    for accepted in ("en", "de", "es", "fr"):
        assert language_of(visitor.get(ADDRESS, headers={"Accept-Language": accepted})) == language


@pytest.mark.parametrize(
    "language", ["", "fr", "DE", "de-AT", "en\x00", "../en", "x" * 10_000, "de\r\nSet-Cookie: a=b", "１"]
)
def test_a_language_that_there_is_not_is_refused(visitor: Client, language: str) -> None:
    """R50"""
    response = choose(visitor, language)
    assert response.status_code == 400
    assert "Set-Cookie" not in response.headers
    assert not visitor.cookies


def test_a_choice_without_a_language_is_refused(visitor: Client) -> None:
    assert visitor.post(ADDRESS).status_code == 400


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_page_changes_nothing(visitor: Client, settings: Any, method: str) -> None:
    """S14"""
    response = getattr(visitor, method)(f"{ADDRESS}?language=de&next=/venues/")
    assert response.status_code == 200
    assert language_of(response) == "en"
    assert settings.LANGUAGE_COOKIE_NAME not in visitor.cookies


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_it_is_chosen_by_a_form_alone(visitor: Client, method: str) -> None:
    """S14"""
    assert getattr(visitor, method)(ADDRESS).status_code == 405
    assert not visitor.cookies


def test_a_form_from_elsewhere_changes_nothing(settings: Any) -> None:
    """S15"""
    visitor = Client(enforce_csrf_checks=True)
    assert choose(visitor).status_code == 403
    token = str(visitor.get(ADDRESS).context["csrf_token"])
    data = {"language": "de", "next": "/", "csrfmiddlewaretoken": token}
    for origin in ("https://evil.example", "null"):
        assert visitor.post(ADDRESS, data, headers={"Origin": origin}).status_code == 403
    assert settings.LANGUAGE_COOKIE_NAME not in visitor.cookies
    assert visitor.post(ADDRESS, data).status_code == 303


def test_the_page_and_the_choice_are_in_no_cache(visitor: Client) -> None:
    """S50: its form is somebody's own"""
    for response in (visitor.get(ADDRESS), choose(visitor), choose(visitor, "x")):
        assert "no-store" in response.headers["Cache-Control"]


# --- The way back (S45) ---------------------------------------------------------------------------

ELSEWHERE = [
    "",
    "//evil",
    "//evil.example/x",
    "///evil.example",
    "/\\evil",
    "\\\\evil",
    "/\\/evil",
    "https://evil",
    "https:evil",
    "https:/\\evil",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "/\tevil\n//evil",
    "\x00//evil",
    " //evil",
    "\t//evil",
    "http://testserver@evil/",
    "http://testserver.evil/",
    "http://[",
    "//[",
    "evil",
    "events/",
    "http://testserver/events/",
]


@pytest.mark.parametrize("back", ELSEWHERE)
def test_the_way_back_stays_on_the_site(visitor: Client, back: str) -> None:
    """S45: on this host, or home"""
    response = choose(visitor, back=back)
    assert response.status_code == 303
    location = response.headers["Location"]
    assert location == "/" or (location.startswith("/") and location[1] not in "/\\")
    assert not {"\\", "\t", "\n", "\r", "\x00"} & set(location)


@pytest.mark.parametrize(
    "back",
    ["/", "/events/?q=caf%C3%A9&city=K%C3%B6ln", "/events/tides/#choose", "/events/?next=//evil", "/bookings/secret/"],
)
def test_the_way_back_leads_to_where_one_was(visitor: Client, back: str) -> None:
    assert choose(visitor, back=back).headers["Location"] == back


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded"])
def test_the_host_of_the_way_back_is_not_what_a_header_says(visitor: Client, header: str) -> None:
    """S48"""
    response = choose(visitor, back="//evil.example/", headers={header: "evil.example"})
    assert response.headers["Location"] == "/"


def test_a_way_back_of_ten_thousand_signs_is_no_server_error(visitor: Client) -> None:
    """R50"""
    assert choose(visitor, back="/" + "x" * 10_000).status_code in (303, 400)


@pytest.mark.parametrize(
    ("came_from", "back"),
    [
        ("", "/"),
        ("http://testserver", "/"),
        ("http://testserver/", "/"),
        ("http://testserver/?from=poster", "/?from=poster"),
        ("http://testserver/venues/", "/venues/"),
        ("http://testserver/events/?q=tides&page=2", "/events/?q=tides&page=2"),
        ("http://evil.example/events/?q=x", "/"),
        ("http://testserver.evil.example/events/", "/"),
        ("https://testserver@evil.example/events/", "/"),
        ("javascript:alert(1)", "/"),
        ("/events/", "/"),
        ("http://[", "/"),
        ("http://]/", "/"),
        ("http://testserver\N{FULLWIDTH SOLIDUS}x/", "/"),
        ("x" * 5_000, "/"),
    ],
)
def test_the_page_knows_where_its_visitor_came_from(visitor: Client, came_from: str, back: str) -> None:
    """R50: whatever a browser, or somebody else, sends"""
    response = visitor.get(ADDRESS, headers={"Referer": came_from})
    assert (response.status_code, response.context["next"]) == (200, back)


def test_where_somebody_came_from_is_not_run(visitor: Client) -> None:
    """S29"""
    referer = 'http://testserver/"><script>alert(1)</script>?"><script>alert(2)</script>'
    assert "<script>alert" not in visitor.get(ADDRESS, headers={"Referer": referer}).content.decode()


def test_a_page_of_another_path_like_a_host_leads_nowhere_else(visitor: Client) -> None:
    """S45: from the address that a browser names to the one it is sent to"""
    shown = visitor.get(ADDRESS, headers={"Referer": "http://testserver//evil.example/"})
    assert choose(visitor, back=shown.context["next"]).headers["Location"] == "/"


# --- Without a choice -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("es-MX", "es"),
        ("fr,es;q=0.5,de;q=0.9", "de"),
        ("fr", "en"),
        ("*", "en"),
        ("x" * 10_000, "en"),
        ("de;q=NaN", "en"),
    ],
)
def test_a_browser_says_what_its_owner_reads(visitor: Client, accepted: str, language: str) -> None:
    response = visitor.get(ADDRESS, headers={"Accept-Language": accepted})
    assert (response.status_code, language_of(response)) == (200, language)
    assert f'<html lang="{language}">' in response.content.decode()


@pytest.mark.parametrize("kept", ["fr", "", "x" * 3_000, "../../etc"])
def test_a_cookie_that_names_no_language_says_nothing(visitor: Client, settings: Any, kept: str) -> None:
    visitor.cookies[settings.LANGUAGE_COOKIE_NAME] = kept
    assert language_of(visitor.get(ADDRESS, headers={"Accept-Language": "de"})) == "de"


@pytest.mark.django_db
def test_each_language_has_its_own_page_also_while_pages_are_kept(
    visitor: Client, noon: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.briefly.KEPT_FOR", 60)
    pages = {code: visitor.get("/events/", headers={"Accept-Language": code}) for code in ("en", "de", "es")}
    assert {code: language_of(page) for code, page in pages.items()} == {"en": "en", "de": "de", "es": "es"}
    choose(visitor, "es")
    assert language_of(visitor.get("/events/", headers={"Accept-Language": "de"})) == "es"
