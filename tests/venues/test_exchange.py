"""Plans as files, and what is told of files that are none."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import AuditEntry
from tests.factories import VenueFactory
from tests.venues.layouts import layout, layouts, row, seat, section, small
from venues import exchange
from venues.layout import Faulty, Layout, Problem
from venues.models import SeatingPlan
from venues.queries.plans import layout_of
from venues.services import plans

HEAD = "section,tier,kind,capacity,row,number,position,x,y,type,companion_of_row,companion_of_number,outline"
POINT = "[x, y] in whole centimetres from 0 to 100000."
NO_CSV = "Line 2: This can't be read as CSV, perhaps for a quote too many."
SHORT = "section,row,number,position,x,y"


def read(*lines: str, **how: Any) -> Layout:
    return exchange.read("\n".join(lines).encode(), **({"name": "Hall"} | how)).layout


def faults(data: bytes, **how: Any) -> list[str]:
    with pytest.raises(Faulty) as caught:
        exchange.read(data, **how)
    return [str(problem) for problem in caught.value.problems]


def faults_of(*lines: str) -> list[str]:
    return faults("\n".join(lines).encode(), name="Hall")


def test_a_table_has_a_line_for_the_plan_each_section_and_each_seat() -> None:
    outline = '"0,0 1000,0 1000,1000 0,1000"'
    assert exchange.to_csv(small()).decode("utf-8-sig").splitlines() == [
        HEAD,
        "Hall,,plan,,,,,500,0,,,,",
        f"Stalls,Ground floor,seated,0,,,,,,,,,{outline}",
        "Stalls,Ground floor,seated,,A,1,1,50,100,standard,,,",
        "Stalls,Ground floor,seated,,A,2,2,100,100,standard,,,",
        "Stalls,Ground floor,seated,,A,3,4,250,100,standard,,,",
        "Stalls,Ground floor,seated,,B,1,1,50,200,standard,,,",
        "Stalls,Ground floor,seated,,B,2,2,100,200,vip,,,",
        "Stalls,Ground floor,seated,,B,4,4,200,200,wheelchair,,,",
        "Stalls,Ground floor,seated,,B,5,5,250,200,companion,B,4,",
        f"Floor,,standing,200,,,,,,,,,{outline}",
    ]


@settings(deadline=None)
@given(layouts())
def test_any_plan_comes_back_from_its_files(plan: Layout) -> None:
    assert exchange.read(exchange.to_csv(plan)).layout == plan
    assert exchange.read(exchange.to_json(plan)).layout == plan


@settings(deadline=None)
@given(layouts())
def test_no_cell_of_a_table_is_computed(plan: Layout) -> None:
    """S31"""
    cells = [cell for line in csv.reader(io.StringIO(exchange.to_csv(plan).decode("utf-8-sig"))) for cell in line]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_names_like_formulas_are_written_neutral_and_read_as_they_are() -> None:
    """S31"""
    plan = layout(section("=HYPERLINK(1)", row("+A", seat(1, number="-1")), tier="@tier"), name="=Hall")
    data = exchange.to_csv(plan)
    assert b"\n'=HYPERLINK(1),'@tier,seated,,'+A,'-1,1,50,100," in data
    assert exchange.read(data).layout == plan


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_come_from_many_programs(encoding: str, separator: str, end: str) -> None:
    lines = [SHORT, "Öst,A,1,1,50,100", "", "Öst,A,2,2,100,100", ",,,,,", ""]
    data = end.join(lines).replace(",", separator).encode(encoding)
    found = exchange.read(data, name="Hall").layout
    assert [(section.name, row.name, seat.number, seat.x) for section, row, seat in found.seats()] == [
        ("Öst", "A", "1", 50),
        ("Öst", "A", "2", 100),
    ]


def test_columns_may_stand_in_any_order_and_case() -> None:
    found = read("Y, X ,Position,NUMBER,row,section,type", "100,50,1,7,A,Stalls,vip")
    assert list(found.sections[0].rows) == [row("A", seat(1, number="7", type="vip"))]


def test_what_a_table_does_not_tell_is_made_up() -> None:
    """An outline around the seats with a margin, and a focal point in the middle of the upper edge."""
    found = read(SHORT, "Stalls,A,1,1,100,200", "Stalls,A,2,2,160,200", "Stalls,B,1,1,130,300")
    assert set(found.sections[0].shape) == {(40, 140), (220, 140), (220, 260), (190, 360), (70, 360), (40, 260)}
    assert (found.name, found.focal, found.sections[0].kind, found.sections[0].capacity) == (
        "Hall",
        (130, 140),
        "seated",
        0,
    )
    assert read(SHORT) == Layout("Hall", (0, 0), ())


def test_rows_and_sections_keep_the_order_in_which_they_are_first_named() -> None:
    found = read(SHORT, "B,2,1,1,0,0", "A,1,1,1,100,0", "B,1,1,1,0,100", "B,2,2,2,50,0")
    assert [(part.name, [(row.name, len(row.seats)) for row in part.rows]) for part in found.sections] == [
        ("B", [("2", 2), ("1", 1)]),
        ("A", [("1", 1)]),
    ]


def test_a_name_that_is_asked_for_counts_more_than_the_files() -> None:
    for data in (exchange.to_csv(small()), exchange.to_json(small())):
        assert exchange.read(data, name="Other").layout.name == "Other"
        assert exchange.read(data).layout.name == "Hall"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Stalls,,,,A,1,1,50,1.5,,,,", "y is a whole number from 0 to 100000."),
        ("Stalls,,,,A,1,1,50,-1,,,,", "y is a whole number from 0 to 100000."),
        ("Stalls,,,,A,1,1,1000000000,1,,,,", "x is a whole number from 0 to 100000."),
        ("Stalls,,,,A,1,1,NaN,1,,,,", "x is a whole number from 0 to 100000."),
        ("Stalls,,,,A,1,２,50,1,,,,", "position is a whole number from 0 to 32767."),
        ("Stalls,,,,A,1,,50,1,,,,", "position is a whole number from 0 to 32767."),
        ("Stalls,,,,A,,1,50,1,,,,", "number is missing."),
        ("Stalls,,,,,1,1,50,1,,,,", "row is missing."),
        (",,,,A,1,1,50,1,,,,", "section is missing."),
        ("Stalls,,,,A,123456789,1,50,1,,,,", "number has at most 8 characters."),
        ("Stalls,,,,A\x00,1,1,50,1,,,,", "row contains a sign that can't be written, such as a line break."),
        ('Stalls,,,,"A\nB",1,1,50,1,,,,', "row contains a sign that can't be written, such as a line break."),
        ("Stalls,,flying,,A,1,1,50,1,,,,", "kind is one of these: seated, standing."),
        ("Stalls,,,,A,1,1,50,1,throne,,,", "type is one of these: standard, vip, wheelchair, companion, restricted."),
        ("Stalls,,,x,A,1,1,50,1,,,,", "capacity is a whole number from 0 to 1000000."),
        ("Stalls,,,,A,1,1,50,1,companion,,4,", "companion_of_row is missing."),
        ("Stalls,,,,A,1,1,50,1,,,,1 2 3", f"Every corner of the outline is {POINT}"),
        ('Stalls,,,,A,1,1,50,1,,,,"1,2 3,4"', "An outline has three corners or more."),
        ("Stalls,,,,A,1,1,50,1,,,,,,", "It has more cells than there are columns."),
        ("Floor,,standing,5,,,,,,,,,", "A section without seats needs an outline."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_line(line: str, fault: str) -> None:
    """R50"""
    number = 4 if '"A\nB"' in line else 3
    assert set(faults_of(HEAD, "Other,,,,A,1,1,50,500,,,,", line)) == {f"Line {number}: {fault}"}


def test_lines_of_a_section_agree() -> None:
    lines = [HEAD, "S,Low,seated,,A,1,1,50,0,,,,", "S,,,,A,2,2,100,0,,,,", "S,High,standing,7,A,3,3,150,0,,,,"]
    assert faults_of(*lines) == [
        "Line 4: The section's tier is another than on a line before.",
        "Line 4: The section's kind is another than on a line before.",
    ]


def test_everything_wrong_with_a_table_is_told_at_once_up_to_a_hundred() -> None:
    assert faults_of(SHORT, "S,A,1,1,x,0", "S,A,2,2,0,0", "S,A,3,3,0,y") == [
        "Line 2: x is a whole number from 0 to 100000.",
        "Line 4: y is a whole number from 0 to 100000.",
    ]
    assert len(faults_of(SHORT, *["S,A,1,1,x,0"] * 500)) == 100


def test_what_keeps_a_plan_from_being_published_is_told_by_line() -> None:
    lines = [SHORT, "S,A,1,1,0,0", "S,A,1,2,100,0", "S,A,3,3,110,0", "T,A,1,1,500,0"]
    found = exchange.read("\n".join(lines).encode(), name="Hall", capacity=3)
    assert found.problems == [
        Problem("Line 3 (S, row A, seat 1)", "Two seats of this row have this number."),
        Problem("The plan", "It has 4 places, and the venue holds 3 people."),
        Problem("Line 4 (S, row A, seat 3)", "It is closer than 35 cm to another seat: S, row A, seat 1."),
    ]
    assert exchange.read(exchange.to_json(found.layout), capacity=3).problems[1:] == [
        Problem("The plan", "It has 4 places, and the venue holds 3 people."),
        Problem("S, row A, seat 3", "It is closer than 35 cm to another seat: S, row A, seat 1."),
    ]


BAD_HEADS = ["", "section,row,number,position,x", f"{SHORT},colour", f"{SHORT},x", "a plan", "<html>", "x\ty"]


@pytest.mark.parametrize("head", BAD_HEADS)
def test_the_first_line_names_the_columns(head: str) -> None:
    (fault,) = faults_of(head, "S,A,1,1,0,0")
    assert fault.startswith("Line 1: The first line names the columns: section, tier, kind,")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"section\nOst\nS\xfcd\n", "Line 3: This is not UTF-8: save the file as UTF-8."),
        ("section,row".encode("utf-16"), "Line 1: This is not UTF-8: save the file as UTF-8."),
        (b"\x89PNG\r\n", "Line 1: This is not UTF-8: save the file as UTF-8."),
        (b'{"name": "Hall",\n "focal": [1,]}', "Line 2: From column 13 on, this is not JSON."),
        (b"[" * 200_000, "The file: It has a number that is too long, or is nested too deeply."),
        (b'{"name":' + b"9" * 5_000 + b"}", "The file: It has a number that is too long, or is nested too deeply."),
        (b"[]", "The plan: Here an object is expected, with focal, name, sections."),
        (b'{"name":"Hall","focal":[NaN,1],"sections":[]}', f"The plan: The focal point is {POINT}"),
        (f'{SHORT}\nS,"A,1,1,0,0'.encode(), NO_CSV),
        (f'{SHORT}\nS,"A"x,1,1,0,0'.encode(), NO_CSV),
        (f"{SHORT}\nS,{'A' * 200_000},1,1,0,0".encode(), NO_CSV),
        (b"x" * 16_000_001, "The file: It is larger than 16 MB."),
        (f"{HEAD}\n,,plan,,,,,1,2".encode(), "The plan: The name is missing."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused_in_a_sentence(data: bytes, fault: str) -> None:
    """R50"""
    assert faults(data) == [fault]


def test_a_table_has_its_limits() -> None:
    """R50"""
    many = [f"S{number},A,1,1,{number * 90},0" for number in range(1_001)]
    assert faults_of(SHORT, *many) == ["The plan: It has at most 1000 sections."]
    rows = [f"S,{number},1,1,0,{number * 90}" for number in range(1_001)]
    assert faults_of(SHORT, *rows) == ["Line 2: A section has at most 1000 rows."]
    assert faults_of(SHORT, *["S,A,1,1,0,0"] * 100_001) == ["The plan: A plan has at most 100000 seats."]


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_at_all_are_read_or_refused(data: bytes) -> None:
    """R50"""
    for file in (data, f"{HEAD}\n".encode() + data, b'{"name":"Hall","focal":[0,0],"sections":[' + data):
        try:
            exchange.read(file, name="Hall")
        except Faulty as faulty:
            assert faulty.problems


def told(*arguments: str, **options: Any) -> tuple[str, str]:
    """What a command says, and what it warns of."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def file(folder: Path, data: bytes) -> str:
    path = folder / "plan"
    path.write_bytes(data)
    return str(path)


@pytest.mark.django_db
@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_plan_goes_out_and_comes_in_by_commands(tmp_path: Path, format: str) -> None:
    here, there = VenueFactory(slug="here"), VenueFactory(slug="there")
    plans.bring_in(venue_id=here.pk, layout=small())
    out, _err = told("export_plan", "here", "Hall", format=format)
    assert out.encode() == (exchange.to_csv(small()) if format == "csv" else exchange.to_json(small()))
    assert told("import_plan", "there", file(tmp_path, out.encode())) == (
        "Hall: 2 sections, 207 places.\nSaved as a draft: Hall (1).\n",
        "",
    )
    plan = SeatingPlan.objects.get(venue=there)
    assert (plan.status, layout_of(plan)) == ("draft", small())


@pytest.mark.django_db
def test_the_newest_version_goes_out_unless_another_is_asked_for() -> None:
    venue = VenueFactory(slug="here")
    first = plans.bring_in(venue_id=venue.pk, layout=small())
    plans.publish(plan_id=first.pk)
    newest = layout(section("New", row("A", 1)))
    plans.bring_in(venue_id=venue.pk, layout=newest)
    assert told("export_plan", "here", "Hall")[0].encode() == exchange.to_json(newest)
    assert told("export_plan", "here", "Hall", "--version", "1")[0].encode() == exchange.to_json(small())
    for arguments in (("here", "Hall", "--version", "3"), ("here", "Other"), ("there", "Hall")):
        with pytest.raises(CommandError, match="no such plan"):
            told("export_plan", *arguments)


@pytest.mark.django_db
def test_a_dry_run_tells_what_is_wrong_by_line_and_saves_nothing(tmp_path: Path) -> None:
    VenueFactory(slug="here", capacity=1)
    before = AuditEntry.objects.count()
    table = "\n".join([SHORT, "S,A,1,1,0,0", "S,A,1,2,100,0"]).encode()
    assert told("import_plan", "here", file(tmp_path, table), "--name", "Hall", "--dry-run") == (
        "Hall: 1 sections, 2 places.\n",
        "Line 3 (S, row A, seat 1): Two seats of this row have this number.\n"
        "The plan: It has 2 places, and the venue holds 1 people.\n"
        "The plan: It has no wheelchair place.\n",
    )
    assert (SeatingPlan.objects.count(), AuditEntry.objects.count()) == (0, before)


@pytest.mark.django_db
def test_a_file_that_contradicts_itself_is_not_saved(tmp_path: Path) -> None:
    VenueFactory(slug="here")
    table = "\n".join([SHORT, "S,A,1,1,0,0", "S,A,1,2,100,0"]).encode()
    with pytest.raises(CommandError, match="S, row A, seat 1: Two seats of this row have this number."):
        told("import_plan", "here", file(tmp_path, table), "--name", "Hall")
    with pytest.raises(CommandError, match="Line 2: x is a whole number from 0 to 100000.\nLine 3: y is"):
        told("import_plan", "here", file(tmp_path, f"{SHORT}\nS,A,1,1,x,0\nS,A,1,1,0,y".encode()), "--name", "Hall")
    assert not SeatingPlan.objects.exists()


@pytest.mark.django_db
def test_commands_say_what_they_look_for_in_vain(tmp_path: Path) -> None:
    VenueFactory(slug="here")
    with pytest.raises(CommandError, match="There is no venue with the address there."):
        told("import_plan", "there", file(tmp_path, b""))
    with pytest.raises(CommandError, match="nowhere can't be opened: No such file or directory."):
        told("import_plan", "here", str(tmp_path / "nowhere"))
