"""Cells that spreadsheets would compute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cells import meant, neutral


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=1", "''=1"),
        ("Stalls", "Stalls"),
        ("'t Hof", "'t Hof"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_compute_is_kept_from_it(text: str, cell: str) -> None:
    """S31"""
    assert (neutral(text), meant(cell)) == (cell, text)


@given(st.text(st.sampled_from("'=+-@\t\ra"), max_size=6) | st.text())
def test_any_text_comes_back_and_no_cell_is_a_formula(text: str) -> None:
    """S31"""
    assert meant(neutral(text)) == text
    assert neutral(text)[:1] not in set("=+-@\t\r")


@pytest.mark.parametrize("cell", ["=1", "-5", "'", "''", "'t Hof"])
def test_cells_that_people_wrote_themselves_are_kept(cell: str) -> None:
    assert meant(cell) == cell
