"""Ways to look at the season: so many days as a grid or by themselves, or as a list, each at an address of its own."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Self

from django.urls import reverse

from core import periods
from core.periods import Kind, Period

LIST = "list/"


@dataclass(frozen=True, slots=True)
class Look:
    """Which days are shown, and whether as a list. Each calendar says at which pages."""

    PAGE: ClassVar[str]
    LIST_PAGE: ClassVar[str]

    period: Period
    as_list: bool = False

    def __str__(self) -> str:
        """What forms call it: 2026-12, or list/2026-12."""
        return f"{LIST if self.as_list else ''}{self.period}"

    @property
    def address(self) -> str:
        """Where it is."""
        return reverse(self.LIST_PAGE if self.as_list else self.PAGE, args=[self.period])

    @property
    def name(self) -> str:
        """What stands above it."""
        return self.period.name[:1].upper() + self.period.name[1:]

    def at(self, day: date) -> Self:
        """The same kind of look where another day is."""
        return replace(self, period=periods.of(self.period.kind, day))

    def of(self, kind: Kind, today: date) -> Self:
        """The month, week or day in which one is when one leaves this look: today's, if today is shown."""
        here = self.period
        middle = here.first + (here.kind == "week") * timedelta(days=3)
        return replace(self, period=periods.of(kind, today if here.holds(today) else middle), as_list=False)

    @property
    def before(self) -> Self | None:
        """The one before, if there is one."""
        return self._beside(self.period.before)

    @property
    def after(self) -> Self | None:
        """The next one, if there is one."""
        return self._beside(self.period.after)

    def _beside(self, period: Period | None) -> Self | None:
        return replace(self, period=period) if period else None
