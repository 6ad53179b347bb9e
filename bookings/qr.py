"""Codes of tickets as pictures that a camera reads: black on white, with the quiet zone around it."""

from io import BytesIO
from itertools import groupby

import segno

QUIET = 4
"""So many modules around a QR code stay white, or it isn't found."""


def bars(code: str) -> tuple[int, list[tuple[int, int, int]]]:
    """
    Return how many modules wide the picture is with its quiet zone, and its black bars: across, down, length.

    Bars of a row are whole, so that no printer leaves a white line between two modules.
    """
    made = _made(code)
    found = []
    for down, row in enumerate(made.matrix, start=QUIET):
        across = QUIET
        for is_black, modules in groupby(row):
            length = len(list(modules))
            if is_black:
                found.append((across, down, length))
            across += length
    return len(made.matrix) + 2 * QUIET, found


def svg(code: str, *, label: str) -> str:
    """Return the picture for a page, with its quiet zone, as large as the page makes it."""
    file = BytesIO()
    look = {"border": QUIET, "dark": "#000", "light": "#fff", "omitsize": True, "svgclass": "qr", "lineclass": None}
    _made(code).save(file, kind="svg", xmldecl=False, nl=False, title=label, **look)
    return file.getvalue().decode()


def _made(code: str) -> segno.QRCode:
    return segno.make(code, error="m", boost_error=False, micro=False)
