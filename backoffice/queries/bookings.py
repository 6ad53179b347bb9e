"""A booking's whole story: its tickets, its money, what was mailed, and what happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.queries import audit
from bookings.models import Booking, Payment, Ticket, Transfer
from bookings.services import transfers
from core import audit as trail
from core import clock, money
from notifications.models import Message


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, what, by whom if anybody, and where more is said of it."""

    at: datetime
    kind: str
    sentence: str
    who: str = ""
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What staff see of one booking; `happenings` is all that happened, in order."""

    tickets: list[Ticket]
    payments: list[Payment]
    transfers: list[Transfer]
    happenings: list[Happening]


def story(booking: Booking) -> Story:
    """Return all that belongs to a booking; confidential messages are nobody's business."""
    tickets = booking.tickets.named().select_related("follows", "exchanged_for").order_by("number")
    told = [*_recorded(booking), *_papers(booking), *_mails(booking), *_requests(booking)]
    return Story(
        tickets=list(tickets),
        payments=list(booking.payments.prefetch_related("refunds").order_by("pk")),
        transfers=_transfers(booking),
        happenings=sorted(told, key=lambda each: each.at),  # what is of one moment stays as it was written
    )


def _recorded(booking: Booking) -> Iterator[Happening]:
    """What services wrote down: of the booking, its payments and refunds, its tickets and requests."""
    for entry in trail.about(booking).select_related("by"):
        entry.thing = booking  # type: ignore[attr-defined]
        is_bad = entry.action in ("payment.failed", "payment.mismatched", "refund.failed")
        kind = entry.action.partition(".")[0]
        yield Happening(entry.at, kind, audit.sentence(entry), str(entry.by or ""), is_bad=is_bad)


def _papers(booking: Booking) -> Iterator[Happening]:
    for paper in booking.documents.order_by("pk"):
        facts = {
            "kind": capfirst(paper.get_kind_display()),
            "label": paper.label if paper.number else _("without a number yet"),
            "amount": money.formatted(paper.amount, paper.currency),
        }
        yield Happening(paper.created_at, "document", _("%(kind)s %(label)s over %(amount)s.") % facts)


def _mails(booking: Booking) -> Iterator[Happening]:
    """What was mailed about it, and what came back; confidential messages are nobody's business."""
    mails = Message.objects.filter(about_type=Booking._meta.label_lower, about_id=booking.pk, confidential=False)
    for mail in mails.defer("text", "html").order_by("pk"):
        url = reverse("admin:notifications_message_change", args=[mail.pk])
        facts = {"subject": mail.subject, "to": mail.to, "status": mail.get_status_display(), "why": mail.failure}
        said = _("Mail “%(subject)s” to %(to)s: %(status)s.") % facts
        is_bad = mail.status == Message.Status.FAILED
        if mail.failure and mail.status != Message.Status.QUEUED:
            said += " " + mail.failure
        yield Happening(mail.created_at, "mail", said, url=url, is_bad=is_bad)
        if mail.bounced_at:
            back = _("Mail “%(subject)s” to %(to)s came back: %(why)s") if mail.failure else _BACK
            yield Happening(mail.bounced_at, "mail", back % facts, url=url, is_bad=True)


_BACK = gettext_lazy("Mail “%(subject)s” to %(to)s came back.")


def _requests(booking: Booking) -> Iterator[Happening]:
    """What its customer asked for in their own words, and what was answered; when and by whom is recorded beside."""
    for asked in booking.refund_requests.order_by("pk"):
        url = reverse("admin:refund-request", args=[asked.pk])
        yield Happening(
            asked.created_at, "request", _("Its customer writes: “%(text)s”") % {"text": asked.message}, url=url
        )
        if asked.answered_at and asked.reply:
            yield Happening(asked.answered_at, "request", _("Answer: “%(text)s”") % {"text": asked.reply}, url=url)


def _transfers(booking: Booking) -> list[Transfer]:
    """Return to whom its tickets were offered, the first offer first, each with what came of it."""
    offers = Transfer.objects.filter(ticket__booking=booking).select_related("ticket__booking", "ticket__followed_by")
    found = list(offers.order_by("pk"))
    now = clock.now()
    for offer in found:
        offer.state = _state(offer, now)  # type: ignore[attr-defined]
    return found


def _state(offer: Transfer, now: datetime) -> str:
    if offer.accepted_at:
        return _("accepted: ticket %(number)02d follows it") % {"number": offer.ticket.followed_by.number}
    if offer.ended_at:
        return _("declined or withdrawn")
    return _("open") if transfers.is_open(offer, now) else _("over")
