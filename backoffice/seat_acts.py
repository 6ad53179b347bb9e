"""What staff do with chosen places: each act tells first what would happen, then calls its service once for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.forms.seats import ActForm, CostForm, HoldForm, PaintForm
from events.queries import acts
from events.queries.acts import Act, Report
from events.services import holds, seats

type Data = dict[str, Any]
"""What the act's form said."""


@dataclass(frozen=True, slots=True)
class SeatAct:
    """One act. `inverse` names the act that undoes it and what that has to know, where there is one."""

    name: str
    label: str | Promise
    confirm: str | Promise
    rule: Callable[[Data], Act]
    perform: Callable[..., Report]
    form: type[ActForm] = ActForm
    inverse: Callable[[Data, Report], tuple[str, Data] | None] = lambda _data, _report: None


def _hold(**how: Any) -> Report:
    return holds.create(**how).report


def _paint(*, level: int, **how: Any) -> Report:
    return seats.paint(level_id=level, **how)


def _back_into(_data: Data, report: Report) -> tuple[str, Data] | None:
    """Painting is undone where all came from one level."""
    return ("paint", {"level": next(iter(report.were))}) if len(report.were) == 1 else None


def _always(name: str) -> Callable[[Data, Report], tuple[str, Data]]:
    return lambda _data, _report: (name, {})


def _disowned(data: Data, _report: Report) -> tuple[str, Data] | None:
    """What places cost before isn't known any more."""
    return ("disown", {}) if data.get("cost") is None else None


ACTS = {
    act.name: act
    for act in (
        SeatAct(
            "paint",
            _("Paint…"),
            _("Paint"),
            lambda data: acts.painting(data.get("level", 0)),
            _paint,
            PaintForm,
            _back_into,
        ),
        SeatAct("block", _("Block"), _("Block"), lambda _data: acts.BLOCKING, seats.block, inverse=_always("unblock")),
        SeatAct(
            "unblock",
            _("Unblock"),
            _("Put on sale again"),
            lambda _data: acts.UNBLOCKING,
            seats.unblock,
            inverse=_always("block"),
        ),
        SeatAct("hold", _("Hold…"), _("Hold"), lambda _data: acts.HOLDING, _hold, HoldForm, _always("release")),
        SeatAct("release", _("Release"), _("Release"), lambda _data: acts.RELEASING, holds.release_places),
        SeatAct(
            "own",
            _("Ours…"),
            _("Say that they are ours"),
            lambda data: acts.owning(data.get("cost")),
            seats.own,
            CostForm,
            _disowned,
        ),
        SeatAct(
            "disown",
            _("Not ours"),
            _("Say that they aren't ours"),
            lambda _data: acts.DISOWNING,
            seats.disown,
            inverse=_always("own"),
        ),
    )
}
