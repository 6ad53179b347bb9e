"""Plans as documents: what is read, and what is told of those that can't be."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.venues import layouts
from venues.layout import Faulty, Layout, RowLayout, SeatLayout, SectionLayout, document, parse
from venues.models import Seat

ROW, SEAT = "Stalls, row 1", "Stalls, row A, seat 1"
COMPANION = "companion"
SQUARE = [[0, 0], [100, 0], [100, 100]]


def told(**changes: Any) -> dict[str, Any]:
    """Return the document of a plan with one seat, changed."""
    stalls = {"name": "Stalls", "shape": SQUARE, "rows": [{"row": "A", "seats": [["1", 1, 10, 20]]}]}
    return {"name": "Hall", "focal": [50, 0], "sections": [stalls]} | changes


def of_section(**changes: Any) -> dict[str, Any]:
    return told(sections=[told()["sections"][0] | changes])


def of_seat(*seat: Any) -> dict[str, Any]:
    return of_section(rows=[{"row": "A", "seats": [list(seat)]}])


def faults(given: object) -> list[str]:
    with pytest.raises(Faulty) as caught:
        parse(given)
    assert caught.value.status == 422
    return [str(problem) for problem in caught.value.problems]


def test_what_may_be_left_out_is_what_most_have() -> None:
    seat = SeatLayout("1", 1, 10, 20, "standard", None)
    section = SectionLayout("Stalls", "", "seated", ((0, 0), (100, 0), (100, 100)), 0, (RowLayout("A", (seat,)),))
    assert parse(told()) == Layout("Hall", (50, 0), (section,))


def test_a_document_says_what_isnt_left_out() -> None:
    assert document(layouts.small()) == {
        "name": "Hall",
        "focal": [500, 0],
        "sections": [
            {
                "name": "Stalls",
                "tier": "Ground floor",
                "kind": "seated",
                "shape": [[0, 0], [1000, 0], [1000, 1000], [0, 1000]],
                "capacity": 0,
                "rows": [
                    {"row": "A", "seats": [["1", 1, 50, 100], ["2", 2, 100, 100], ["3", 4, 250, 100]]},
                    {
                        "row": "B",
                        "seats": [
                            ["1", 1, 50, 200],
                            ["2", 2, 100, 200, "vip"],
                            ["4", 4, 200, 200, "wheelchair"],
                            ["5", 5, 250, 200, "companion", ["B", "4"]],
                        ],
                    },
                ],
            },
            {
                "name": "Floor",
                "tier": "",
                "kind": "standing",
                "shape": [[0, 0], [1000, 0], [1000, 1000], [0, 1000]],
                "capacity": 200,
                "rows": [],
            },
        ],
    }


@settings(deadline=None)
@given(layouts.layouts())
def test_any_plan_comes_back_from_its_document(layout: Layout) -> None:
    assert parse(json.loads(json.dumps(document(layout)))) == layout


@pytest.mark.parametrize(
    "name", ["🎭 Große Bühne 👩‍👩‍👧", "القاعة الكبرى", "אולם", "主厅", "<script>alert(1)</script>", "=1+1"]
)
def test_names_are_kept_as_they_are(name: str) -> None:
    """R50, S29"""
    layout = parse(of_section(name=name) | {"name": f"  {name} "})
    assert (layout.name, layout.sections[0].name) == (name, name)


ODD_NAMES = [None, 1, "", "  ", [], {}, "x" * 81, "a\x00b", "a\nb", "\ud800", "a\u2028b", "\ufffe", True, float("nan")]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_a_short_text(name: object) -> None:
    """R50"""
    (fault,) = faults(told(name=name))
    assert fault.startswith("The plan: The name ")


@pytest.mark.parametrize(
    "number", [-1, 100_001, 10**400, 1.5, 1e9, float("nan"), float("inf"), True, "5", "２", None, [], {}]
)
@pytest.mark.parametrize("field", ["position", "x", "y", "focal", "corner", "capacity"])
def test_numbers_are_whole_and_within_a_kilometre(field: str, number: Any) -> None:
    """R50"""
    documents: dict[str, Callable[[], dict[str, Any]]] = {
        "position": lambda: of_seat("1", number, 10, 20),
        "x": lambda: of_seat("1", 1, number, 20),
        "y": lambda: of_seat("1", 1, 10, number),
        "focal": lambda: told(focal=[number, 0]),
        "corner": lambda: of_section(shape=[[0, 0], [100, 0], [100, number]]),
        "capacity": lambda: of_section(capacity=number if number != 100_001 else 1_000_001),
    }
    (fault,) = faults(documents[field]())
    assert "whole" in fault
    if field in ("position", "x", "y"):
        assert fault.startswith("Stalls, row A, seat 1: ")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (None, "The plan: Here an object is expected, with focal, name, sections."),
        ([], "The plan: Here an object is expected, with focal, name, sections."),
        ("plan", "The plan: Here an object is expected, with focal, name, sections."),
        (told(colour="red"), "The plan: colour is unknown here; what is known: focal, name, sections."),
        (told(focal=None), "The plan: The focal point is [x, y] in whole centimetres from 0 to 100000."),
        (told(focal=[1, 2, 3]), "The plan: The focal point is [x, y] in whole centimetres from 0 to 100000."),
        (told(sections={}), "The plan: sections is a list."),
        (told(sections=[[]] * 1_001), "The plan: sections has at most 1000 entries."),
        (of_section(kind="flying"), "Stalls: The kind is one of these: seated, standing."),
        (of_section(kind=["seated"]), "Stalls: The kind is one of these: seated, standing."),
        (of_section(tier=None), "Stalls: The level of the house is missing."),
        (of_section(tier=7), "Stalls: The level of the house is a text in quotes."),
        ({"focal": [1, 2], "sections": []}, "The plan: The name is missing."),
        (told(sections=[7]), "Section 1: Here an object is expected, with capacity, kind, name, rows, shape, tier."),
        (of_section(rows=[7]), "Stalls, row 1: Here an object is expected, with row, seats."),
        (of_section(tier="x" * 41), "Stalls: The level of the house has at most 40 characters."),
        (of_section(name="x" * 41), "Section 1: The name has at most 40 characters."),
        (of_section(shape=[]), "Stalls: An outline has three corners or more."),
        (of_section(shape=SQUARE[:2]), "Stalls: An outline has three corners or more."),
        (of_section(shape=None), "Stalls: shape is a list."),
        (of_section(shape=SQUARE * 200), "Stalls: shape has at most 500 entries."),
        (of_section(rows=1e9), "Stalls: rows is a list."),
        (of_section(rows=[{}] * 1_001), "Stalls: rows has at most 1000 entries."),
        (of_section(rows=[{"row": "A", "seats": None}]), "Stalls, row A: seats is a list."),
        (of_section(rows=[{"row": "A" * 9, "seats": []}]), f"{ROW}: The name of the row has at most 8 characters."),
        (of_section(rows=[{"row": 7, "seats": []}]), "Stalls, row 1: The name of the row is a text in quotes."),
        (of_seat("", 1, 10, 20), "Stalls, row A, seat #1: The number is missing."),
        (of_seat(1, 1, 10, 20), "Stalls, row A, seat #1: The number is a text in quotes."),
        (of_seat("1", 1, 10, 20, "throne"), f"{SEAT}: The type is one of these: {', '.join(Seat.Type.values)}."),
        (of_seat("1", 1, 2, 3, COMPANION, ["A"]), f"{SEAT}: A companion names row and number of its wheelchair place."),
        (of_seat("1", 1, 10, 20, COMPANION, ["A", 2]), f"{SEAT}: The wheelchair place's number is a text in quotes."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_sentence(given: object, fault: str) -> None:
    """R50"""
    assert faults(given) == [fault]


@pytest.mark.parametrize("seat", [[], ["1"], ["1", 1, 2], ["1", 1, 2, 3, "vip", None, 7], {}, "seat", None, 5])
def test_a_seat_is_a_list_of_four_to_six(seat: object) -> None:
    document = of_section(rows=[{"row": "A", "seats": [seat]}])
    assert faults(document) == [
        "Stalls, row A, seat #1: "
        "A seat is a list of its number, position, x and y, and, if need be, type and companion."
    ]


def test_everything_is_told_at_once_and_the_message_begins_with_the_first() -> None:
    seats = [["1", -1, 10, 20], ["2", 2, 10, "x"]]
    with pytest.raises(Faulty) as caught:
        parse(of_section(kind="x", rows=[{"row": "A", "seats": seats}]))
    assert [problem.where for problem in caught.value.problems] == [
        "Stalls",
        "Stalls, row A, seat 1",
        "Stalls, row A, seat 2",
    ]
    assert str(caught.value) == "Stalls: The kind is one of these: seated, standing. (and 2 more problems)"


def test_nobody_is_told_more_than_a_hundred_faults() -> None:
    assert len(faults(of_section(rows=[{"row": "A", "seats": [None] * 90_000}]))) == 100


def test_unknown_keys_are_told_briefly_whatever_they_are() -> None:
    keys = {"<b>" * 1_000: 1, "\x00": 2} | {f"key{number}": number for number in range(1_000)}
    (fault,) = faults(told() | keys)
    assert len(fault) < 600
    assert "\x00" not in fault


def test_a_plan_has_at_most_a_hundred_thousand_seats() -> None:
    """R50"""
    row = {"row": "A", "seats": [["1", 1, 10, 20]] * 50_001}
    assert faults(of_section(rows=[row, row])) == ["The plan: A plan has at most 100000 seats."]


def test_nesting_without_end_is_no_plan() -> None:
    """R50"""
    deep: list[Any] = []
    for _level in range(100_000):
        deep = [deep]
    assert len(faults(told(sections=deep, focal=deep))) == 2
    while deep:
        deep = deep.pop()  # else its destruction would recurse as deep


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(anything, st.sampled_from(["name", "focal", "sections", "rows", "shape", "kind", "seats", "seat"]))
def test_anything_at_all_is_read_or_refused(given: object, field: str) -> None:
    """R50"""
    documents = {"seats": [{"row": "A", "seats": given}], "seat": [{"row": "A", "seats": [given]}]}
    if field in ("name", "focal", "sections"):
        document = told(**{field: given})
    else:
        document = of_section(**({"rows": documents[field]} if field in documents else {field: given}))
    for each in (given, document):
        try:
            parse(each)
        except Faulty as faulty:
            assert faulty.problems


def test_sixty_thousand_seats_are_read_within_five_seconds() -> None:
    rows = [{"row": str(row), "seats": [[str(n), n, n * 50, row * 100] for n in range(600)]} for row in range(100)]
    document = of_section(rows=rows)
    began = time.perf_counter()
    assert parse(document).places == 60_000
    assert time.perf_counter() - began < 5
