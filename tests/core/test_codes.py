"""Codes that people read, and secrets."""

import re
from datetime import datetime

from core import codes


def test_a_booking_code_is_a_date_and_six_signs_that_nobody_misreads(noon: datetime) -> None:
    """S21"""
    for _number in range(500):
        assert re.fullmatch(r"BK-20260601-[2-9A-HJ-NP-Z]{6}", codes.booking_code(noon))


def test_the_alphabet_has_each_sign_once_and_none_that_looks_like_another() -> None:
    assert len(codes.ALPHABET) == len(set(codes.ALPHABET)) == 32
    assert not set(codes.ALPHABET) & set("0O1I")


def test_a_code_tells_neither_how_many_there_are_nor_the_next(noon: datetime) -> None:
    """S21"""
    made = [codes.booking_code(noon) for _number in range(500)]
    assert len(set(made)) == 500
    assert made != sorted(made)
    assert {code[-6:][place] for code in made for place in range(6)} == set(codes.ALPHABET)


def test_a_secret_has_192_bits_and_fits_into_a_path() -> None:
    """S18: at least 128 bits."""
    made = {codes.secret() for _number in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", secret) for secret in made)
