"""
A sheet of paper to write on: text of any script in our fonts, cut to the place it has.

What no font of ours can show becomes a box, and text from right to left is put in its visual order (Arabic letters
stay unjoined): whatever a name holds, the paper is made.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from core.text import one_line, writable

WIDTH, HEIGHT = A4[0] / mm, A4[1] / mm
"""In millimetres, as everything here; y counts down from the upper edge."""

INK, SOFT, LINE, PAPER = "#231a1d", "#63555a", "#d9cbbf", "#faf6f0"
VELVET, STAGE, ON_STAGE, BRASS = "#8c1d3f", "#2b0b18", "#fbeee6", "#e9bb5e"

DISPLAY = ("Fraunces-SemiBold", "DejaVuSans-Bold", "DejaVuSans")
TEXT = ("DejaVuSans",)
BOLD = ("DejaVuSans-Bold", "DejaVuSans")

type Face = tuple[str, ...]
"""Fonts, each for what the ones before it don't have."""

_FOLDER = Path(__file__).parent / "fonts"
_NO_GLYPH = "\u25af"
_RIGHT_TO_LEFT = ("R", "AL", "AN")


class Sheet:
    """A document that is being written, page by page, in the active language."""

    def __init__(self, title: str, author: str) -> None:
        self.file = BytesIO()
        self.canvas = Canvas(self.file, pagesize=A4, pageCompression=1, lang=get_language() or "en")
        self.canvas.setTitle(one_line(title))
        self.canvas.setAuthor(one_line(author))
        self.canvas.setCreator("Stagedoor")

    def next_page(self) -> None:
        self.canvas.showPage()

    def done(self) -> bytes:
        """Return the document."""
        self.canvas.save()
        return self.file.getvalue()

    def box(self, x: float, y: float, width: float, height: float, *, round: float = 0, **look: Any) -> None:
        """A rectangle; `fill` and `stroke` are colours."""
        fill, stroke = self._look(**look)
        place = (x * mm, (HEIGHT - y - height) * mm, width * mm, height * mm)
        self.canvas.roundRect(*place, round * mm, fill=fill, stroke=stroke)

    def line(self, x: float, y: float, to_x: float, to_y: float, *, dashed: bool = False, **look: Any) -> None:
        self._look(**look)
        self.canvas.setDash(*((2, 3) if dashed else ()))
        self.canvas.line(x * mm, (HEIGHT - y) * mm, to_x * mm, (HEIGHT - to_y) * mm)
        self.canvas.setDash()

    def bars(self, x: float, y: float, unit: float, bars: Iterable[tuple[int, int, int]]) -> None:
        """Black bars (across, down, length) in a raster of so large units, as one shape."""
        self.canvas.saveState()
        self.canvas.translate(x * mm, (HEIGHT - y) * mm)
        self.canvas.scale(unit * mm, -unit * mm)
        self.canvas.setFillColor(_colour("#000000"))
        self.canvas.addLiteral(" ".join(f"{across} {down} {length} 1 re" for across, down, length in bars) + " f")
        self.canvas.restoreState()

    def _look(self, *, fill: str = "", stroke: str = "", weight: float = 0.5) -> tuple[int, int]:
        if fill:
            self.canvas.setFillColor(_colour(fill))
        if stroke:
            self.canvas.setStrokeColor(_colour(stroke))
            self.canvas.setLineWidth(weight)
        return bool(fill), bool(stroke)

    def write(
        self, x: float, y: float, text: str, *, face: Face = TEXT, size: float = 9, fill: str = INK, align: str = "left"
    ) -> None:
        """One line at its baseline; `align` says where x is: left, right or middle."""
        if align != "left":
            x -= width_of(text, face, size) * (1 if align == "right" else 0.5)
        writer = self.canvas.beginText(x * mm, (HEIGHT - y) * mm)
        writer.setFillColor(_colour(fill))
        for font, piece in _pieces(_visual(text), face):
            writer.setFont(font, size)
            writer.textOut(piece)
        self.canvas.drawText(writer)

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        width: float,
        *,
        lines: int = 99,
        size: float = 9,
        face: Face = TEXT,
        fill: str = INK,
    ) -> float:
        """Lines of text below each other, at most so many; return where the next baseline would be."""
        for line in fitted(text, width, lines, face=face, size=size):
            self.write(x, y, line, face=face, size=size, fill=fill)
            y += size * 0.48
        return y


def width_of(text: str, face: Face, size: float) -> float:
    """Return how wide a line is."""
    _fonts()
    return sum(pdfmetrics.stringWidth(piece, font, size) for font, piece in _pieces(text, face)) / mm


def fitted(text: str, width: float, lines: int, *, face: Face = TEXT, size: float = 9) -> list[str]:
    """Return the text as lines no wider than that, at most so many; the last says if something was cut."""
    made: list[str] = []
    for paragraph in writable(text).splitlines():
        made += _broken(paragraph, width, face, size)
        if len(made) > lines:
            break
    if len(made) > lines:
        made = made[:lines]
        while made[-1] and width_of(made[-1] + "…", face, size) > width:
            made[-1] = made[-1][:-1]
        made[-1] = made[-1].rstrip() + "…"
    return made


def _broken(paragraph: str, width: float, face: Face, size: float) -> list[str]:
    lines, line = [], ""
    for word in _words(paragraph, width, face, size):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, face, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def _words(paragraph: str, width: float, face: Face, size: float) -> Iterator[str]:
    """The words, those in pieces that are wider than a line."""
    for word in paragraph.split():
        if width_of(word, face, size) <= width:
            yield word
            continue
        piece = ""
        for character in word:
            if piece and width_of(piece + character, face, size) > width:
                yield piece
                piece = ""
            piece += character
        yield piece


def _pieces(text: str, face: Face) -> Iterator[tuple[str, str]]:
    """The text in pieces that one font can show, each with it."""
    fonts = _fonts()

    def font_of(character: str) -> str:
        return next((font for font in face if ord(character) in fonts[font]), "")

    for font, characters in groupby(text, font_of):
        piece = "".join(characters)
        if font:
            yield font, piece
        else:
            yield "DejaVuSans", _NO_GLYPH * sum(not unicodedata.category(each).startswith(("M", "C")) for each in piece)


def _visual(text: str) -> str:
    """Return the text with what is written from right to left turned round, since a PDF knows but one direction."""
    strong = [index for index, each in enumerate(text) if unicodedata.bidirectional(each) in _RIGHT_TO_LEFT]
    if not strong:
        return text
    start, turned = 0, ""
    for first, last in _stretches(text, strong):
        turned += text[start:first] + _mirrored(text[first : last + 1])
        start = last + 1
    return turned + text[start:]


def _stretches(text: str, strong: list[int]) -> Iterator[tuple[int, int]]:
    """From the first to the last letter of what belongs together: between them are only spaces and signs."""
    first = last = strong[0]
    for index in strong[1:]:
        if any(each.isalnum() for each in text[last + 1 : index]):
            yield first, last
            first = index
        last = index
    yield first, last


def _mirrored(text: str) -> str:
    return text[::-1].translate(str.maketrans("()[]<>", ")(][><"))


@lru_cache(maxsize=1)
def _fonts() -> dict[str, frozenset[int]]:
    """What each font can show; they are read once a process, when the first paper is made."""
    shown = {}
    for name in {*DISPLAY, *TEXT, *BOLD}:
        font = TTFont(name, str(_FOLDER / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
        shown[name] = frozenset(font.face.charToGlyph)
    return shown


@lru_cache(maxsize=32)
def _colour(name: str) -> HexColor:
    return HexColor(name)
