"""
What staff do with bookings, one or many at once: each act tells first what would happen, asks for what it
needs to know, and then calls its service for each booking, in a transaction of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.models import Organization
from accounts.roles import Power
from bookings.models import Booking, Payment, Refund, Ticket
from bookings.services import cancellations, customers, payments, refunds, reservations
from core import clock, dates, money
from core.refusals import Refusal
from core.transactions import Busy

MOST = 5_000
"""So many bookings at once: what would happen is told of all of them, and somebody waits for that."""

AT_ONCE = 20
"""So many are dealt with while somebody waits; more are given to the worker."""

WAITED_FOR = 200
"""So many of what the worker can't do."""

COUNTED_ABOVE = 20
"""To cancel more than these, their number has to be typed."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an act would do with a booking, or why it can't; `back` is money that goes back, in its currency."""

    sentence: str
    applies: bool
    back: int = 0
    mails: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an act for one booking."""

    booking: Booking
    sentence: str
    done: bool


class Nothing(forms.Form):
    """An act that needs to know nothing."""


class NoteForm(forms.Form):
    """What colleagues should know."""

    note = forms.CharField(
        label=gettext_lazy("note"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For colleagues, as in “till 2” or a statement's number. No names."),
    )


class PaidForm(NoteForm):
    """How the money came."""

    how = forms.ChoiceField(label=gettext_lazy("paid by"), choices=Payment.ByHand.choices)
    field_order = ("how", "note")


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("reason"), max_length=60, help_text=gettext_lazy("For colleagues. No names.")
    )


class EndForm(ReasonForm):
    """Why, for colleagues and for the books."""

    why = forms.ChoiceField(
        label=gettext_lazy("refunds are for"),
        choices=[
            (each.value, each.label) for each in (Refund.Reason.CANCELLED, Refund.Reason.FRAUD, Refund.Reason.OTHER)
        ],
        initial=Refund.Reason.CANCELLED,
        required=False,
    )


class Act:
    """Something that staff do with a booking through its service. Ask `outlook` before each `perform`."""

    name: ClassVar[str]
    label: ClassVar[Promise]
    confirm: ClassVar[Promise]
    power: ClassVar[Power] = Power.MANAGE_BOOKINGS
    form: ClassVar[type[forms.Form]] = Nothing
    counted: ClassVar[bool] = False
    """Whether the number of bookings has to be typed when there are many."""

    def why_not(self, booking: Booking, now: datetime) -> str:
        """Return why the act makes no sense for the booking as it is; nothing if it does."""
        raise NotImplementedError

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        """Return what would happen, for a booking to which the act applies."""
        raise NotImplementedError

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        """Do it; return what was done, or raise a Refusal."""
        raise NotImplementedError

    def step(self, booking: Booking, *, by: Any, **data: Any) -> None:
        """Do it in the transaction of a batch's row, or raise a Refusal. What can't be is done for few at once."""
        raise NotImplementedError

    @property
    def in_bulk(self) -> bool:
        """Whether the worker can do it for many."""
        return type(self).step is not Act.step

    @property
    def most(self) -> int:
        """How many at once; for what the worker can't do somebody waits."""
        return MOST if self.in_bulk else WAITED_FOR

    def outlook(self, booking: Booking, now: datetime) -> Outlook:
        """Return what would happen, or why nothing would."""
        if reason := self.why_not(booking, now):
            return Outlook(reason, applies=False)
        return self.promise(booking, now)


class Resend(Act):
    """Mail the tickets, or the link, to the address that we have."""

    name = "resend"
    label = gettext_lazy("Send tickets or link again")
    confirm = gettext_lazy("Send")

    def why_not(self, booking: Booking, now: datetime) -> str:
        if not booking.email:
            return _("It has no e-mail address.")
        return "" if booking.status == Booking.Status.CONFIRMED else _over(booking, now)

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        if booking.status == Booking.Status.CONFIRMED:
            return Outlook(_("The tickets are mailed to %(to)s.") % {"to": booking.email}, applies=True, mails=1)
        return Outlook(_("The link to pay is mailed to %(to)s.") % {"to": booking.email}, applies=True, mails=1)

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        customers.resend(booking_id=booking.pk, by=by)
        return _("On its way to %(to)s.") % {"to": booking.email}

    def step(self, booking: Booking, *, by: Any, **data: Any) -> None:
        customers.mail_again(booking_id=booking.pk, by=by)


class Extend(Act):
    """Give a customer more time to pay."""

    name = "extend"
    label = gettext_lazy("Keep places longer")
    confirm = gettext_lazy("Keep longer")

    def why_not(self, booking: Booking, now: datetime) -> str:
        if booking.status == Booking.Status.CONFIRMED:
            return _("It is paid already.")
        if over := _over(booking, now):
            return over
        spent = booking.extensions >= reservations.EXTENSIONS or _extended(booking) <= booking.reserved_until
        return _("It can't be extended any further.") if spent else ""

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        until = {"until": _moment(booking, _extended(booking)), "now": _moment(booking, booking.reserved_until)}
        return Outlook(_("Its places are kept until %(until)s instead of %(now)s.") % until, applies=True)

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        extended = reservations.extend(booking_id=booking.pk, after=booking.extensions, by=by)
        return _("Kept until %(until)s.") % {"until": _moment(booking, extended.reserved_until)}

    def step(self, booking: Booking, *, by: Any, **data: Any) -> None:
        reservations.keep_longer(booking_id=booking.pk, after=booking.extensions, by=by)


class MarkPaid(Act):
    """Record money that came by hand, or a present."""

    name = "paid"
    label = gettext_lazy("Mark as paid")
    confirm = gettext_lazy("Mark as paid")
    form = PaidForm

    def why_not(self, booking: Booking, now: datetime) -> str:
        if booking.status == Booking.Status.CONFIRMED:
            return _("It is paid already.")
        if booking.status == Booking.Status.CANCELLED:
            return _("It was cancelled.")
        if not booking.has_details:
            return _("Nobody has said yet whose booking it is.")
        return _over(booking, now) if booking.is_free else ""

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        sentences = [
            ngettext(
                "%(amount)s is recorded as paid, and its %(count)s ticket becomes valid.",
                "%(amount)s is recorded as paid, and its %(count)s tickets become valid.",
                booking.quantity,
            )
            % {"amount": booking.total_text, "count": booking.quantity}
        ]
        if _over(booking, now):
            sentences.append(_("Its time is over: it is refused if its places can't be had again."))
        if booking.email:
            sentences.append(_("The confirmation goes to %(to)s.") % {"to": booking.email})
        return Outlook(" ".join(sentences), applies=True, mails=bool(booking.email))

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        payments.record_by_hand(booking_id=booking.pk, by=by, how=data["how"], note=data["note"])
        return _("Paid and confirmed.")

    def step(self, booking: Booking, *, by: Any, **data: Any) -> None:
        payments.take_by_hand(booking_id=booking.pk, by=by, how=data["how"], note=data["note"])


class Cancel(Act):
    """End a booking, with its money back."""

    name = "cancel"
    label = pgettext_lazy("booking", "Cancel")
    confirm = gettext_lazy("Cancel these bookings")
    form = EndForm
    counted = True

    def why_not(self, booking: Booking, now: datetime) -> str:
        if booking.status == Booking.Status.CANCELLED:
            return _("It was cancelled.")
        return _("Its time ran out.") if booking.status == Booking.Status.EXPIRED else ""

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        kept = [each for each in _money(booking) if not each.kept_aside]
        by_provider = sum(each.left for each in kept if each.origin.provider not in Payment.ByHand.values)
        by_hand = sum(each.left for each in kept if each.origin.provider in Payment.ByHand.values)
        places = len(booking.living)  # type: ignore[attr-defined]
        sentences = [
            ngettext("%(count)s place becomes free.", "%(count)s places become free.", places) % {"count": places}
        ]
        if by_provider:
            amount = money.formatted(by_provider, booking.currency)
            sentences.append(_("%(amount)s goes back the way it came.") % {"amount": amount})
        if by_hand:
            amount = money.formatted(by_hand, booking.currency)
            sentences.append(_("%(amount)s has to be paid back by hand.") % {"amount": amount})
        if booking.email:
            sentences.append(_("A mail goes to %(to)s.") % {"to": booking.email})
        return Outlook(" ".join(sentences), applies=True, back=by_provider + by_hand, mails=bool(booking.email))

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        self._end(cancellations.cancel, booking, by=by, **data)
        return _("Cancelled.")

    def step(self, booking: Booking, *, by: Any, **data: Any) -> None:
        self._end(cancellations.end_with_money_back, booking, by=by, **data)

    def _end(self, ending: Callable[..., Booking], booking: Booking, *, by: Any, **data: Any) -> None:
        why = Refund.Reason(data.get("why") or Refund.Reason.CANCELLED)
        ended = ending(booking_id=booking.pk, reason=data["reason"], why=why, by=by)
        if ended.status != Booking.Status.CANCELLED:
            raise Refusal(_("Its time ran out."))


class PayBack(Act):
    """Tell that money which had to go back by hand did."""

    name = "paid-back"
    label = gettext_lazy("Money was paid back by hand")
    confirm = gettext_lazy("It was paid back")
    form = NoteForm

    def why_not(self, booking: Booking, now: datetime) -> str:
        return "" if _owed(booking) else _("No money waits to be paid back by hand.")

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        amount = sum(each.amount for each in _owed(booking))
        text = {"amount": money.formatted(amount, booking.currency)}
        return Outlook(_("%(amount)s is recorded as paid back by hand.") % text, applies=True, back=amount)

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        owed = _owed(booking)
        for refund in owed:
            refunds.paid_back(refund_id=refund.pk, by=by, note=data["note"])
        amount = sum(each.amount for each in owed)
        return _("%(amount)s is paid back.") % {"amount": money.formatted(amount, booking.currency)}


class ReturnKept(Act):
    """Give back money that wasn't what was asked for."""

    name = "return-kept"
    label = gettext_lazy("Give back what is kept aside")
    confirm = gettext_lazy("Give it back")

    def why_not(self, booking: Booking, now: datetime) -> str:
        return "" if _kept_aside(booking) else _("No money is kept aside.")

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        sentences = []
        for each in _kept_aside(booking):
            text = {"amount": money.formatted(each.left, each.currency)}
            if each.provider in Payment.ByHand.values:
                sentences.append(_("%(amount)s has to be paid back by hand.") % text)
            else:
                sentences.append(_("%(amount)s goes back the way it came.") % text)
        return Outlook(" ".join(sentences), applies=True)

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        queued = refunds.return_kept(booking_id=booking.pk, by=by)
        back = [money.formatted(each.amount, each.payment.currency) for each in queued]
        return _("%(amount)s goes back.") % {"amount": ", ".join(back)} if back else _("Nothing was left.")


class RetryRefund(Act):
    """Order refunds again that failed."""

    name = "retry-refund"
    label = gettext_lazy("Try failed refunds again")
    confirm = gettext_lazy("Try again")

    def why_not(self, booking: Booking, now: datetime) -> str:
        return "" if _failed(booking) else _("No refund has failed.")

    def promise(self, booking: Booking, now: datetime) -> Outlook:
        amount = sum(each.amount for each in _failed(booking))
        text = {"amount": money.formatted(amount, booking.currency)}
        return Outlook(_("The refund of %(amount)s is ordered again.") % text, applies=True)

    def perform(self, booking: Booking, *, by: Any, **data: Any) -> str:
        for refund in _failed(booking):
            refunds.retry(refund_id=refund.pk, by=by)
        return _("Ordered again.")


ACTS: dict[str, Act] = {
    act.name: act for act in (Resend(), Extend(), MarkPaid(), Cancel(), PayBack(), ReturnKept(), RetryRefund())
}


def numbers_in(ids: Iterable[str]) -> list[int]:
    """Return the numbers of bookings that a form sent; what is none was sent by no page of ours."""
    return [int(each) for each in ids if each.isascii() and each.isdigit() and len(each) < 19]


def chosen(numbers: Sequence[int], organization: Organization) -> list[Booking]:
    """Return those bookings that are the organization's, with what outlooks need; other numbers aren't there (S11)."""
    paid = (
        Payment.objects.filter(status=Payment.Status.SUCCEEDED)
        .select_related("source")
        .prefetch_related("refunds")
        .order_by("pk")
    )
    found = Booking.objects.filter(organization=organization, pk__in=numbers[: MOST + 1])
    living = Prefetch("tickets", Ticket.objects.live(), to_attr="living")
    found = found.select_related("event", "organization", "exchanges")
    return list(found.prefetch_related(Prefetch("payments", paid), living).order_by("pk"))


def seen(booking: Booking) -> str:
    """Return what a booking looked like to who decided about it."""
    waiting = f"{len(_owed(booking))}.{len(_kept_aside(booking))}.{len(_failed(booking))}.{_left(booking)}"
    return f"{booking.status}.{booking.extensions}.{booking.reserved_until.timestamp():.0f}.{waiting}"


def performed(
    act: Act, bookings: Iterable[Booking], *, looked: dict[int, str], by: Any, data: dict[str, Any]
) -> Iterator[Result]:
    """
    Do it for each, and go on after a refusal. What isn't as `looked` any more is left alone: so the second press
    of a button does nothing.
    """
    for booking in bookings:
        outlook = act.outlook(booking, clock.now())
        if not outlook.applies:
            yield Result(booking, outlook.sentence, done=False)
        elif looked.get(booking.pk) != seen(booking):
            yield Result(booking, _("It has changed since you looked, so nothing was done. Please look again."), False)
        else:
            yield _performed(act, booking, by=by, data=data)


def _performed(act: Act, booking: Booking, *, by: Any, data: dict[str, Any]) -> Result:
    try:
        return Result(booking, act.perform(booking, by=by, **data), done=True)
    except Refusal as refusal:
        return Result(booking, str(refusal), done=False)
    except Busy as busy:
        return Result(booking, str(busy.message), done=False)


def check_count(typed: str, count: int) -> None:
    """Raise ValidationError unless the number of bookings was typed."""
    if typed.strip() != str(count):
        raise ValidationError(
            _("Please type how many bookings you are about to end: %(count)s."), params={"count": count}
        )


def _over(booking: Booking, now: datetime) -> str:
    """Why a booking that isn't confirmed doesn't wait for its payment any more; nothing if it does."""
    if booking.status == Booking.Status.CANCELLED:
        return _("It was cancelled.")
    return "" if booking.status == Booking.Status.PENDING and now <= booking.reserved_until else _("Its time ran out.")


def _extended(booking: Booking) -> datetime:
    return min(booking.reserved_until + reservations.EXTENSION, booking.reserved_at + reservations.LONGEST)


def _moment(booking: Booking, when: datetime) -> str:
    return dates.in_zone(when, booking.organization.time_zone)


def _money(booking: Booking) -> list[Payment]:
    """The payments that came, without presents."""
    return [each for each in booking.payments.all() if each.provider != Payment.ByHand.COMPLIMENTARY]


def _kept_aside(booking: Booking) -> list[Payment]:
    """Money that wasn't what was asked for, and is still here."""
    return [each for each in _money(booking) if each.kept_aside and each.left]


def _failed(booking: Booking) -> list[Refund]:
    """What the provider couldn't pay back."""
    back = [refund for each in _money(booking) for refund in each.refunds.all()]
    return [refund for refund in back if refund.status == Refund.Status.FAILED]


def _left(booking: Booking) -> int:
    """How much can go back."""
    return sum(each.left for each in booking.payments.all())


def _owed(booking: Booking) -> list[Refund]:
    """What has to be paid back by hand."""
    back = [refund for each in _money(booking) for refund in each.refunds.all()]
    return [refund for refund in back if refund.status == Refund.Status.BY_HAND]
