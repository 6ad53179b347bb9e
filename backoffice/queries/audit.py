"""The audit trail in sentences, for who reads it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Role
from bookings.models import Payment, Refund
from core import money
from core.models import AuditEntry

SENTENCES: dict[str, str | Promise] = {
    "booking.reserved": gettext_lazy("Reserved for %(total)s. Places: %(places)s."),
    "booking.details_given": gettext_lazy("Customer's details given (%(changed)s)."),
    "booking.contact_changed": gettext_lazy("Customer's details changed (%(changed)s)."),
    "booking.extended": gettext_lazy("Kept longer."),
    "booking.confirmed": gettext_lazy("Confirmed."),
    "booking.expired": gettext_lazy("Not paid in time: ended, and its places given back."),
    "booking.cancelled": gettext_lazy("Cancelled: %(reason)s."),
    "booking.replaced": gettext_lazy("Replaced by a new choice."),
    "booking.link_renewed": gettext_lazy("New link; the old one is dead."),
    "booking.link_sent": gettext_lazy("Link sent to pay for it."),
    "booking.claimed": gettext_lazy("Taken into its customer's account."),
    "booking.resent": gettext_lazy("Tickets or link sent again."),
    "booking.exchanged": gettext_lazy("Tickets %(tickets)s exchanged; they were worth %(worth)s."),
    "booking.erased": gettext_lazy("Forgotten whose it was."),
    "ticket.offered": gettext_lazy("Ticket %(ticket)s offered to somebody."),
    "ticket.offer_withdrawn": gettext_lazy("The offer of ticket %(ticket)s was taken back."),
    "ticket.offer_declined": gettext_lazy("Ticket %(ticket)s was declined."),
    "ticket.passed_on": gettext_lazy("Ticket %(ticket)s passed on; ticket %(followed_by)s follows it."),
    "ticket.holder_named": gettext_lazy("Another name on ticket %(ticket)s."),
    "booking.tickets_returned": gettext_lazy("Tickets given back: %(numbers)s. %(amount)s goes back."),
    "booking.reduced": gettext_lazy("%(amount)s goes back, and the tickets stay: %(reason)s."),
    "booking.refund_asked": gettext_lazy("Its customer asks for a refund of tickets %(numbers)s."),
    "booking.refund_withdrawn": gettext_lazy("Its customer takes the refund request back."),
    "booking.refund_granted": gettext_lazy("Refund request granted: %(amount)s."),
    "booking.refund_declined": gettext_lazy("Refund request declined."),
    "payment.asked": gettext_lazy("Sent to the payment provider for %(amount)s."),
    "payment.succeeded": gettext_lazy("%(amount)s received."),
    "payment.failed": gettext_lazy("The payment failed."),
    "payment.mismatched": gettext_lazy(
        "The provider took %(amount)s, which is not what was asked for. Please look into it."
    ),
    "payment.by_hand": gettext_lazy("Marked as paid: %(amount)s, %(how)s."),
    "refund.queued": gettext_lazy("%(amount)s goes back: %(reason)s."),
    "refund.sent": gettext_lazy("The refund was sent."),
    "payment.matched": gettext_lazy("%(amount)s found on the bank account."),
    "refund.succeeded": gettext_lazy("The refund arrived."),
    "refund.failed": gettext_lazy("The refund failed. Please look into it."),
    "refund.retried": gettext_lazy("The refund of %(amount)s is ordered again."),
    "refund.by_hand": gettext_lazy("%(amount)s has to be paid back by hand: %(reason)s."),
    "refund.paid_back": gettext_lazy("%(amount)s was paid back by hand."),
    "ticket_key.made": gettext_lazy("A new key signs tickets: %(key)s."),
    "ticket_key.retired": gettext_lazy("Key %(key)s is retired: what it signed is no ticket any more."),
    "message.bounced": gettext_lazy("Message %(kind)s came back."),
    "message.retried": gettext_lazy("Message %(kind)s sent again."),
    "event.published": gettext_lazy("Published."),
    "event.cancelled": gettext_lazy("Cancelled: %(reason)s. Places taken off sale: %(places)s."),
    "event.moved": gettext_lazy("Moved from %(before)s to %(after)s."),
    "event.batch_retried": gettext_lazy("What had failed is tried again, for %(bookings)s bookings."),
    "event.joined_series": gettext_lazy("Taken into the series “%(series)s”."),
    "event.left_series": gettext_lazy("Taken out of the series “%(series)s”."),
    "event.level_added": gettext_lazy("Price level %(level)s added."),
    "event.level_changed": gettext_lazy("Price level %(level)s changed."),
    "event.level_removed": gettext_lazy("Price level %(level)s removed."),
    "event.seated": gettext_lazy("Seating plan chosen: %(plan)s."),
    "event.unseated": gettext_lazy("Seating plan taken away: %(plan)s."),
    "event.reseated": gettext_lazy("Moved to another version of its seating plan: %(plan)s."),
    "event.seats_painted": gettext_lazy("Painted as %(level)s: %(count)s places."),
    "event.seats_blocked": gettext_lazy("Blocked: %(count)s places."),
    "event.seats_unblocked": gettext_lazy("On sale again: %(count)s places."),
    "event.seats_held": gettext_lazy("Held for %(hold)s: %(count)s places."),
    "event.seats_released": gettext_lazy("Released from the hold for %(hold)s: %(count)s places."),
    "event.seats_owned": gettext_lazy("Ours to sell: %(count)s places."),
    "event.seats_disowned": gettext_lazy("Not ours to sell: %(count)s places."),
    "event.allocation_saved": gettext_lazy("Division of the house kept as “%(allocation)s”."),
    "event.allocation_applied": gettext_lazy("Divided like “%(allocation)s”: %(count)s places."),
    "venue.allocation_renamed": gettext_lazy("Allocation “%(before)s” is called “%(allocation)s” now."),
    "venue.allocation_deleted": gettext_lazy("Allocation “%(allocation)s” deleted."),
    "import.uploaded": gettext_lazy("A file to import was uploaded: %(lines)s lines."),
    "import.started": gettext_lazy("An import began: %(lines)s lines."),
    "import.cancelled": gettext_lazy("A file to import was put away."),
    "import.finished": gettext_lazy("An import is over."),
    "import.forgotten": gettext_lazy("What an imported file said is forgotten."),
    "invitation.sent": gettext_lazy("Invited as %(role)s."),
    "invitation.accepted": gettext_lazy("Invitation as %(role)s accepted."),
    "invitation.withdrawn": gettext_lazy("Invitation as %(role)s withdrawn."),
    "organization.ways_to_pay_chosen": gettext_lazy("Ways to pay: %(after)s (before: %(before)s)."),
    "organization.statement_imported": gettext_lazy("Bank statement imported: %(lines)s lines, %(new)s of them new."),
    "organization.statement_line_set_aside": gettext_lazy("A line of a bank statement was set aside."),
    "membership.created": gettext_lazy("Joined as %(role)s."),
    "membership.removed": gettext_lazy("Removed from the team."),
    "membership.ended": gettext_lazy("Left with the account."),
    "person.brought_in": gettext_lazy("Account made by an import."),
    "person.deleted": gettext_lazy("Account deleted."),
    "person.exported": gettext_lazy("Somebody's data exported. Bookings: %(bookings)s."),
    "person.erased": gettext_lazy("Somebody's data erased. Bookings: %(bookings)s, kept for now: %(kept)s."),
    "person.profile_changed": gettext_lazy("Own profile changed."),
}

VERBS: dict[str, str | Promise] = {
    "created": gettext_lazy("Created."),
    "changed": gettext_lazy("Changed."),
    "deleted": gettext_lazy("Deleted."),
    "hold_changed": gettext_lazy("Hold changed."),
    "picture_added": gettext_lazy("Picture added."),
    "picture_described": gettext_lazy("Picture put in other words."),
    "picture_cut_anew": gettext_lazy("Picture cut anew."),
    "picture_moved": gettext_lazy("Picture moved."),
    "picture_removed": gettext_lazy("Picture removed."),
}

MONEY = {"amount", "total", "cost", "worth"}
REASONS: dict[str, str | Promise] = dict(Refund.Reason.choices)
WAYS: dict[str, str | Promise] = dict(Payment.ByHand.choices)


def with_things(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Give each entry the object that it is about, as `thing`: one query for each kind of object, however many."""
    entries = list(entries)
    wanted: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        wanted[entry.object_type].add(entry.object_id)
    found = {label: _in_bulk(label, ids) for label, ids in wanted.items()}
    for entry in entries:
        entry.thing = found[entry.object_type].get(entry.object_id)  # type: ignore[attr-defined]
    return entries


def name(entry: AuditEntry) -> str:
    """Return what the object is called: by what was noted then, or by what it says now."""
    thing = getattr(entry, "thing", None)
    return str(entry.facts.get("called") or thing or _("number %(number)s") % {"number": entry.object_id})


def kind(entry: AuditEntry) -> str:
    """Return what kind of object it is."""
    model = _model(entry.object_type)
    return str(model._meta.verbose_name) if model else entry.object_type


def sentence(entry: AuditEntry) -> str:
    """Return what happened, in words, with old and new values."""
    currency = getattr(getattr(entry, "thing", None), "currency", "")
    label = entry.object_type
    values = {key: _value(label, key, value, currency) for key, value in entry.facts.items()}
    said = SENTENCES.get(entry.action)
    if said is not None:
        try:
            return _with_note(str(said) % values, entry.facts, values)
        except KeyError:  # an entry of an earlier release said less
            pass
    verb = VERBS.get(entry.action.rpartition(".")[2])
    rest = "; ".join(_told(label, key, value) for key, value in sorted(entry.facts.items()) if key != "called")
    return " ".join(part for part in (str(verb or entry.action), rest) if part)


def _with_note(said: str, facts: dict[str, Any], values: dict[str, str]) -> str:
    if facts.get("cost") is not None:
        said += " " + _("Each cost %(cost)s.") % values
    if facts.get("over"):
        said += " " + _("Its time was over.")
    if facts.get("late"):
        said += " " + _("The money came late, and places were found again.")
    return f"{said} ({facts['note']})" if facts.get("note") else said


def _value(label: str, key: str, value: Any, currency: str) -> str:
    if key == "changed" and isinstance(value, list):
        return ", ".join(_field(label, each) for each in value)
    if key in MONEY and isinstance(value, int) and currency:
        return money.formatted(value, currency)
    if key == "reason":
        return str(REASONS.get(value, value))
    if key == "role" and isinstance(value, str):
        return str(dict(Role.choices).get(value, value))
    if key == "how":
        return str(WAYS.get(value, value))
    return _plain(value)


def _told(label: str, key: str, value: Any) -> str:
    """Say a fact: for changes, what each field was and is."""
    if isinstance(value, dict):
        part = key.removeprefix("changed_")  # rows that it holds are of its app
        about = label if part == "changed" else f"{label.partition('.')[0]}.{part}"
        return "; ".join(_change(about, field, change) for field, change in sorted(value.items()))
    return f"{key.replace('_', ' ')}: {_plain(value)}"


def _change(label: str, field: str, change: Any) -> str:
    readable = _field(label, field)
    match change:
        case None:
            return _("%(field)s changed") % {"field": readable}
        case [before, after]:
            return f"{readable}: {_plain(before)} → {_plain(after)}"
        case dict():
            return f"{readable} ({_told(label, 'changed', change)})"
    return f"{readable}: {_plain(change)}"


def _field(label: str, name: str) -> str:
    """Return what a field is called, as its form says; one that is gone keeps the name it had."""
    try:
        return str(apps.get_model(label)._meta.get_field(name).verbose_name)
    except (LookupError, ValueError, FieldDoesNotExist, AttributeError):
        return name.replace("_", " ")


def _plain(value: Any) -> str:
    match value:
        case None | "":
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case list():
            return ", ".join(_plain(each) for each in value) or "–"
    return str(value)


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _in_bulk(label: str, ids: set[int]) -> dict[Any, models.Model]:
    model = _model(label)
    return model._default_manager.in_bulk(ids) if model else {}
