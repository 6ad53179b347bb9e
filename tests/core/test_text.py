"""Text for formats that don't take every sign."""

import pytest

from core.text import one_line, writable


@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x0b", "\x1f", "\x7f", "\x85", "\ufffe", "\uffff"])
def test_what_cannot_be_written_is_a_space(sign: str) -> None:
    assert writable(f"a{sign}b") == "a b"


def test_what_can_be_written_stays() -> None:
    text = "Ünï\tcödé\n\r«🎭»\u202e"
    assert writable(text) == text


@pytest.mark.parametrize("text", ["a\nb", "a\r\n b", " a \x0b b\t", "a\u2028b", "a\x85b"])
def test_one_line_is_one_line(text: str) -> None:
    """S34"""
    assert one_line(text) == "a b"
