"""What the editor of seating plans says, in the reader's language; {names} are filled in by the page."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from venues.layout import Spot
from venues.models import Seat


def words() -> dict[str, Any]:
    """Return every sentence under the name that the scripts in static/js/plan know."""
    return {
        **_places(),
        **_changes(),
        **_choices(),
        **_keeping(),
        "types": {str(value): str(label) for value, label in Seat.Type.choices},
    }


def _places() -> dict[str, str]:
    """Where something is, in the very words in which the server tells of problems."""
    return {
        "where_seat": str(Spot("{section}", "{row}", "{seat}")),
        "where_row": str(Spot("{section}", "{row}")),
        "new_section": _("New section"),
        "new_standing": _("Standing"),
        "totals": _("Sections: {sections} · seats: {seats} · standing places: {standing}"),
        "seat_count": _("seats: {count}"),
        "standing_count": _("standing: {count}"),
        "scale": _("{meters} m across"),
    }


def _changes() -> dict[str, str]:
    """What was done; after it, with "Undone" before it."""
    return {
        "moved": _("Moved."),
        "mirrored": _("Mirrored."),
        "rotated": _("Turned by 5 degrees."),
        "duplicated": _("Duplicated."),
        "removed": _("Deleted · seats: {seats} · whole sections: {sections}"),
        "outlined": _("The outline is changed."),
        "bad_outline": _("An outline has three corners or more, such as 0,0 400,0 400,300."),
        "sorted": _("The rows are in order of their distance from the focal point."),
        "row_added": _("A row is added."),
        "seat_added": _("A seat is added."),
        "section_added": _("{section} is added · seats: {seats}"),
        "standing_added": _("A standing area is added."),
        "focal_set": _("The focal point is set."),
        "rows_numbered": _("The rows have new names."),
        "seats_numbered": _("The seats have new numbers."),
        "renamed": _("The name is changed."),
        "tier_set": _("The level of the house is changed."),
        "capacity_set": _("The number of standing places is changed."),
        "bound": _("The companion goes with another wheelchair place."),
        "aisle_made": _("An aisle follows this seat."),
        "aisle_gone": _("No aisle follows this seat."),
        "typed": _("The type is changed."),
        "restored": _("What was not saved is back."),
        "undone": _("Undone: {what}"),
        "redone": _("Done again: {what}"),
        "nothing_to_undo": _("There is nothing to undo."),
        "nothing_to_redo": _("There is nothing to do again."),
    }


def _choices() -> dict[str, str]:
    """What is chosen, and where one is."""
    return {
        "chosen": _("Chosen · seats: {seats} · whole sections: {sections}"),
        "chosen_none": _("Nothing is chosen."),
        "choose_first": _("Choose seats or a section first."),
        "sections_chosen": _("Sections chosen: {sections}"),
        "seats_chosen": _("Seats chosen: {seats}"),
        "cursor": _("{where}, {type}"),
        "cursor_chosen": _("{where}, {type}, chosen"),
        "no_seat_there": _("There is no seat in that direction."),
        "no_wheelchair": _("There is no wheelchair place in this section for a companion: make one first."),
        "canvas_focus": _("Arrows go from seat to seat, the space bar chooses, a question mark shows all keys."),
        "corner_set": _("Corners: {corners}. Click on the first one, or press Enter, to close the area."),
        "tool_select": pgettext("tool", "Choose and move"),
        "tool_hand": pgettext("tool", "Look around"),
        "tool_row": _("Draw a row from its first seat to its last."),
        "tool_area": _("Draw a standing area: drag a rectangle, or click on one corner after the other."),
        "tool_focal": _("Click on what everybody looks at."),
    }


def _keeping() -> dict[str, str]:
    """Saving and checking."""
    return {
        "saved": _("All is saved"),
        "unsaved": _("Not saved yet"),
        "saving": _("Saving …"),
        "was_saved": _("The plan is saved."),
        "not_saved_faulty": _("The plan can't be saved like this; problems: {count}."),
        "not_kept": _("This browser can't keep what is not saved: save often."),
        "checked_fine": _("Nothing is wrong with the plan."),
        "checked_problems": _("Problems: {count}."),
        "checked_advice": _("It can be published; worth a look: {count}."),
        "downloaded": _("Your version is in your downloads."),
        "unreachable": _("The server can't be reached. Your work is kept here: try again."),
        "signed_out": _("You are signed out. Sign in in another tab, then save again: your work is kept here."),
        "failed": _("That did not work. Your work is kept here: try again, or download it."),
    }
