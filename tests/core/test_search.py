"""Text as people search for it."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search import MOST_WORDS, folded, words
from events.models import Category, Event
from tests.factories import CategoryFactory, EventFactory, VenueFactory
from venues.models import Venue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tides", "tides"),
        ("  Café \t ÅSE\n", "cafe ase"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "cafe"),
        ("Straße STRASSE STRAẞE", "strasse strasse strasse"),
        ("İstanbul Iğdır", "istanbul igdir"),
        ("ΟΔΥΣΣΕΥΣ Οδυσσεύς", "οδυσσευσ οδυσσευσ"),
        ("ᾠδή ΩΙΔΗ", "ωιδη ωιδη"),
        ("Œdipe & Cœur, Ænima", "oedipe & coeur, aenima"),
        ("ﬁnale ﬂuß", "finale fluss"),
        ("ＴＩＤＥＳ ２０２６", "tides 2026"),
        ("ﾀﾞﾝｽ ダンス", "タンス タンス"),
        ("Łódź, Malmö, København, Tromsø", "lodz, malmo, kobenhavn, tromso"),
        ("Щёлк ЩЁЛК", "щелк щелк"),
        ("Acme™ ℌall №5", "acmetm hall no5"),
        ("ﷺ", folded("صلى الله عليه وسلم")),
        ("أمسية موسيقية 🎭", "امسية موسيقية 🎭"),
        ("\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}", ""),
        ("", ""),
    ],
)
def test_text_is_folded_as_people_type_it(text: str, expected: str) -> None:
    """U1"""
    assert folded(text) == expected


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def every_sign() -> Iterator[str]:
    return map(chr, range(0x20000))  # beyond are ideographs alone


def test_no_sign_keeps_a_capital() -> None:
    """Among them those that are taken apart into capitals: ™, ℌ, ㎒."""
    assert [sign for sign in every_sign() if folded(sign) != folded(sign).casefold()] == []
    assert [sign for sign in every_sign() if not folded(sign.upper()) == folded(sign) == folded(sign.lower())] == []


@given(st.text(), st.text())
def test_words_are_found_in_what_they_were_taken_from(before: str, after: str) -> None:
    """The promise that a search rests on: what is typed as it stands on the page finds the page."""
    text = f"{before} {after}"
    assert all(word in folded(text) for word in words(text))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Tides  HAMBURG", ["tides", "hamburg"]),
        ("", []),
        (" \t ", []),
        (" ".join("abcdefghij"), list("abcdefgh")),
        ("x " * 10_000, ["x"] * MOST_WORDS),
        ("100% _ \\", ["100%", "_", "\\"]),
    ],
)
def test_a_search_is_its_first_words(query: str, expected: list[str]) -> None:
    assert words(query) == expected


# --- What is stored -------------------------------------------------------------------------------


def stored(row: Event | Venue | Category) -> str:
    return type(row).objects.values_list("search_text", flat=True).get(pk=row.pk)


@pytest.mark.django_db
def test_what_is_searched_is_stored_with_what_is_shown(noon: datetime) -> None:
    """U1: an event by title and line, a venue by name and city, a shelf by its name"""
    assert stored(EventFactory(title="Gezeiten", summary="Für Chöre", description="Secret")) == "gezeiten fur chore"
    assert stored(VenueFactory(name="Große Halle", city="Köln", address="Secret")) == "grosse halle koln"
    assert stored(CategoryFactory(name="Théâtre")) == "theatre"


@pytest.mark.django_db
def test_every_save_keeps_it_true(noon: datetime) -> None:
    event = EventFactory(title="Tides")
    event.title = "Ébb"
    event.save()
    assert stored(event) == "ebb"
    event.title = "Flöw"
    event.save(update_fields=["title"])
    assert stored(event) == "flow"
    Event.objects.update_or_create(pk=event.pk, defaults={"summary": "Süß"})
    assert stored(event) == "flow suss"


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [["status"], ("featured", "status"), [], iter(["status", "changed_at"])])
def test_a_save_of_other_fields_writes_only_those(noon: datetime, fields: list[str]) -> None:
    event = EventFactory(title="Tides")
    Event.objects.update(title="Ebb", search_text="ebb")
    event.save(update_fields=fields)
    assert stored(event) == "ebb"


@pytest.mark.django_db
def test_fields_to_save_may_be_counted_only_once(noon: datetime) -> None:
    """Any iterable will do for Django, also one that is used up by a look."""
    event = EventFactory(title="Tides")
    event.title, event.featured = "Ebb", True
    event.save(update_fields=(name for name in ("title", "featured")))
    assert Event.objects.values("title", "featured", "search_text").get() == {
        "title": "Ebb",
        "featured": True,
        "search_text": "ebb",
    }


@pytest.mark.django_db
def test_a_row_that_was_read_in_part_is_folded_whole(noon: datetime) -> None:
    EventFactory(title="Tides", summary="Loud")
    event = Event.objects.only("title").get()
    event.title = "Ebb"
    event.save(update_fields=["title"])
    assert stored(event) == "ebb loud"
