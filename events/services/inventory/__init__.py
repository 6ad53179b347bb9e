"""
The places of an event, and the only code that changes them.

Every verb runs inside its caller's transaction; a verb that raises leaves its undoing to the
caller's rollback. The order of locks is in docs/concurrency.md.
"""

from events.services.inventory.claiming import claim
from events.services.inventory.keeping import (
    block,
    block_free,
    disown,
    extend,
    hold,
    hold_any,
    own,
    release,
    release_hold,
    sell,
    unblock,
)
from events.services.inventory.making import (
    bring_to,
    copy_places,
    divide,
    make_places,
    paint,
    remove_places,
    seat,
    unseat,
)
from events.services.inventory.moving import reseat
from events.services.inventory.refusals import (
    CompanionAlone,
    Contended,
    Lapsed,
    Mixed,
    NoneAccessible,
    NoSuchSeat,
    NotEnough,
    NotTogether,
    SeatsInUse,
    SeatsTaken,
    SingleGap,
    TooManyPlaces,
)
from events.services.inventory.wishes import Claim, Taste, Wanted

__all__ = [
    "Claim",
    "CompanionAlone",
    "Contended",
    "Lapsed",
    "Mixed",
    "NoSuchSeat",
    "NoneAccessible",
    "NotEnough",
    "NotTogether",
    "SeatsInUse",
    "SeatsTaken",
    "SingleGap",
    "Taste",
    "TooManyPlaces",
    "Wanted",
    "block",
    "block_free",
    "bring_to",
    "claim",
    "copy_places",
    "disown",
    "divide",
    "extend",
    "hold",
    "hold_any",
    "make_places",
    "own",
    "paint",
    "release",
    "release_hold",
    "remove_places",
    "reseat",
    "seat",
    "sell",
    "unblock",
    "unseat",
]
