"""What all kinds of things that can be brought in have in common."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import Model

from accounts.models import Organization
from accounts.roles import Power
from backoffice.services.imports.lines import Problem, Says, Wrong
from backoffice.services.imports.reading import Column, Line
from core.search import folded

type Lines = Sequence[Line]
"""All that is said of one thing: one line, or several where a kind is `grouped`."""


class Kind:
    """
    How one kind of thing is brought in. It lives for one pass over a file, and remembers what it looked up and what
    lines before took: so that a second line doesn't get what the first one has.
    """

    columns: ClassVar[tuple[Column, ...]]
    power: ClassVar[Power]
    grouped: ClassVar[bool] = False

    def __init__(self, organization: Organization, *, sends_tickets: bool = False, language: str = "en") -> None:
        self.organization = organization
        self.sends_tickets = sends_tickets
        self.language = language

    def key(self, line: Line) -> list[str]:
        """What its thing is known by; nothing when that isn't said."""
        raise NotImplementedError

    def check(self, lines: Lines) -> Model | None:
        """Raise Wrong if they can't be brought in; return what they brought in before, or None. Writes nothing."""
        raise NotImplementedError

    def bring_in(self, lines: Lines, *, by: Any, at: datetime) -> Model:
        """Make it, within the caller's transaction. Raises Wrong, and what the services refuse."""
        raise NotImplementedError

    def patiently[T](self, lines: Lines, act: Callable[[], T]) -> T:
        """Run the transaction that brings lines in, again where something that can be put out of its way is in it."""
        return act()

    def afterwards(self, made: Collection[int]) -> None:
        """What has to be done once these were made and that is committed. Harmless when repeated."""

    def said(self, made: Model) -> str:
        """What it is called where people look at what an import made."""
        return str(made)

    def known(self, found: Model) -> str:
        """Say that it is here already."""
        raise NotImplementedError

    def reader(self, line: Line) -> Says:
        """Begin to read a line."""
        return Says(line, self.columns)


def natural(*parts: str) -> list[str]:
    """Return names as people compare them, if all are said."""
    return [folded(part) for part in parts] if all(parts) else []


def digest(key: Sequence[str]) -> str:
    """Return what stands for a key in rows, so that those that are dealt with needn't say whom they were about."""
    return hashlib.sha256("\x1f".join(key).encode()).hexdigest() if key else ""


def form_problems(line: Line, form: forms.BaseForm, columns: Sequence[Column]) -> list[Problem]:
    """Return what a form has to say, by our columns."""
    says = Says(line, columns)
    known = {column.name for column in columns}
    for name, errors in form.errors.items():
        for sentence in cast("list[str]", list(errors)):
            says.wrong(name if name in known else "", str(sentence))
    return says.problems


def refuse(problems: Sequence[Problem]) -> None:
    """Raise Wrong if there are any."""
    if problems:
        raise Wrong(list(problems))
