"""
Text as people search for it: without regard to capitals and accents, on any database.

SQLite folds the capitals of ASCII alone, and neither database drops accents by itself; so what is
searched is stored folded beside what is shown.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models

MOST_WORDS = 8
"""What is asked for beyond these is passed over: each word costs a look at every row."""


_WHOLE_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Strokes and ligatures that Unicode takes for letters of their own; people search "Lodz" and "coeur" all the same."""


def folded(text: str) -> str:
    """Return the text without capitals, accents and superfluous spaces: "  Café ÅSE" is "cafe ase"."""
    # Twice, since signs such as ™ and ℌ have capitals only once they are taken apart.
    return " ".join(_bare(_bare(text.casefold()).casefold()).translate(_WHOLE_LETTERS).split())


def _bare(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def words(query: str) -> list[str]:
    """Return what to look for, word by word; without the sign that PostgreSQL takes in no text."""
    return folded(query.replace("\x00", " ")).split()[:MOST_WORDS]


class Searchable(models.Model):
    """
    A row that is found by the words in some of its fields, kept folded in `search_text`.

    Every `save` keeps it true; what writes around `save` (`bulk_create`, `update`) sets it itself,
    with `text_to_search`.
    """

    searched: ClassVar[tuple[str, ...]]
    search_text = models.TextField(blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        written = None if update_fields is None else set(update_fields)  # once: an iterator would be used up
        if written is None or written & set(self.searched):
            self.search_text = self.text_to_search()
            written = written and {*written, "search_text"}
        super().save(*args, update_fields=written, **kwargs)

    def text_to_search(self) -> str:
        """Return what `search_text` has to be."""
        return folded(" ".join(str(getattr(self, name)) for name in self.searched))
