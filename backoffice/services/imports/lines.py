"""What a line says, read value by value, and what is wrong with it, all at once."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.services.imports.reading import Column, Line, bare, names_in_all_languages
from bookings.statement_files import day_meant, number_meant
from core import money
from core.forms import MOST

_TIMES = ("%H:%M", "%H:%M:%S", "%H.%M")
_SERIAL = re.compile(r"[0-9]{5}([.,][0-9]+)?")

type Choices = Iterable[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with which line."""

    line: int
    text: str


class Wrong(Exception):
    """Lines that can't be brought in, with everything that is wrong with them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(slots=True)
class Says:
    """A line being read: each question returns the value, or nothing and notes what is wrong."""

    line: Line
    columns: Sequence[Column]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, column: str, sentence: str) -> None:
        """Note what is wrong with a column; in a sentence of its own, or with the column's name before it."""
        label = next((str(each.label) for each in self.columns if each.name == column), column)
        self.problems.append(Problem(self.line.number, f"{label}: {sentence}" if column else sentence))

    def refuse(self) -> None:
        """Raise Wrong if there was anything."""
        if self.problems:
            raise Wrong(self.problems)

    def needed(self) -> None:
        """Note which cells must not be empty and are."""
        for column in self.columns:
            if column.needed and column.name not in self.line.cells:
                self.wrong(column.name, _("This is needed."))

    def text(self, column: str, most: int) -> str:
        text = " ".join(self.line.cells.get(column, "").split())
        if len(text) > most:
            self.wrong(column, _("At most %(most)s characters.") % {"most": most})
        return text

    def email(self, column: str) -> str:
        text = self.text(column, 254)
        self._asked(column, text, lambda: validate_email(text))
        return text

    def whole(self, column: str, *, least: int, most: int) -> int | None:
        return self._asked(column, self.text(column, 40), lambda: self._whole(column, least, most))

    def _whole(self, column: str, least: int, most: int) -> int:
        text = self.line.cells[column]
        if not (text.isascii() and text.isdigit() and least <= int(text[:18]) <= most):
            facts = {"text": text[:40], "least": least, "most": most}
            raise ValidationError(_("“%(text)s” is no number from %(least)s to %(most)s."), params=facts)
        return int(text[:18])

    def amount(self, column: str, currency: str, most: int = MOST) -> int | None:
        """Read an amount in the currency's main unit; return it in its smallest one."""
        return self._asked(column, self.text(column, 40), lambda: self._amount(column, currency, most))

    def _amount(self, column: str, currency: str, most: int) -> int:
        amount = money.from_decimal(number_meant(_without_currency(self.text(column, 40), currency)), currency)
        if not 0 <= amount <= most:
            facts = {"most": money.formatted(most, currency)}
            raise ValidationError(_("An amount is not below 0, and at most %(most)s."), params=facts)
        return amount

    def moment(self, column: str, zone: ZoneInfo) -> datetime | None:
        """Read a day and a time there, or a moment that says its own distance from UTC."""
        text = self.text(column, 40)
        return self._asked(column, text, lambda: moment_meant(text, zone))

    def choice(self, column: str, choices: Choices) -> str:
        """Find what is called so in any of our languages."""
        text = self.text(column, 100)
        found = _known(tuple(choices)).get(bare(text), "")
        if text and not found:
            known = ", ".join(str(label) for _value, label in choices)
            self.wrong(column, _("“%(text)s” is none of these: %(known)s.") % {"text": text[:40], "known": known})
        return found

    def _asked[T](self, column: str, text: str, read: Callable[[], T]) -> T | None:
        if not text:
            return None
        try:
            return read()
        except ValidationError as error:
            self.wrong(column, " ".join(error.messages))
            return None


@lru_cache(maxsize=64)
def _known(choices: tuple[tuple[str, Any], ...]) -> dict[str, str]:
    known: dict[str, str] = {}
    for value, label in choices:
        known |= dict.fromkeys({bare(value), *names_in_all_languages(label)}, value)
    return known


def _without_currency(text: str, currency: str) -> str:
    """Return an amount without what says its currency, before it or behind; another currency stays, and is wrong."""
    for sign in (currency, money.sign(currency)):
        text = text.removeprefix(sign).removesuffix(sign).strip()
    return text


def moment_meant(text: str, zone: ZoneInfo) -> datetime:
    """
    Read 2026-11-28 20:00, 28.11.2026 20:00 or 2026-11-28T20:00+01:00; without an offset by the clocks of the zone.

    What clocks show twice is the first time. Raises ValidationError, also for a time that clocks there skip.
    """
    moment = _written_moment(text)
    if not 1900 <= moment.year <= 2200:
        raise ValidationError(_("“%(text)s” is not of our time."), params={"text": text})
    if moment.tzinfo:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise ValidationError(_("“%(text)s” doesn't exist: the clocks skip it."), params={"text": text})
    return local


def _written_moment(text: str) -> datetime:
    if len(text) > 10 and text[4:5] == "-":
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    day, _space, clock = text.partition(" ")
    try:
        return datetime.combine(day_meant(day.rstrip(",")), _clock(clock.strip()))
    except (ValidationError, ValueError) as error:
        sentence = _("“%(text)s” is no date and time, such as 2026-11-28 20:00.")
        if _SERIAL.fullmatch(text):
            sentence = _("“%(text)s” is a spreadsheet's number for a day: let the column be one of dates and times.")
        raise ValidationError(sentence, params={"text": text}) from error


def _clock(text: str) -> Any:
    for pattern in _TIMES if text else ():
        try:
            return datetime.strptime(text, pattern).time()  # noqa: DTZ007 - the zone comes with the day
        except ValueError:
            continue
    if text:
        raise ValueError(text)
    return datetime.min.time()
