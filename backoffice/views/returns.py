"""What staff do with single tickets and amounts of one booking, and their answers to refund requests."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import Power
from backoffice.access import needs
from backoffice.forms.returns import AnswerForm, MoneyForm, TakeBackForm
from backoffice.views.publishing import own_event
from bookings.models import Booking, CancellationPolicy, Refund, RefundRequest
from bookings.queries import returns as asked
from bookings.services import refund_requests, returns
from core import clock, money
from core.http import SeeOther
from core.refusals import Refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_BOOKINGS)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take single tickets back for an amount; that of the rules is suggested."""
    booking = _own_booking(request, pk)
    tickets = list(asked.returnable(booking).named())
    offer = asked.offer_for(booking, tickets, clock.now())
    rows = [(row.ticket, _suggested(booking, row.ticket.total, row.amount)) for row in offer.rows]
    form = TakeBackForm(_sent(request), booking=booking, left=asked.left_of(booking), rows=rows)
    if form.is_valid():
        data = form.cleaned_data
        try:
            returns.take_back(
                booking_id=booking.pk,
                ticket_ids=[int(each) for each in data["tickets"]],
                amount=data["amount"],
                why=Refund.Reason(data["why"]),
                reason=data["reason"],
                by=request.user,
            )
            return _done(request, booking, _("The tickets are taken back."))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    said = f"{offer.rule} {offer.why_not}".strip() if tickets else _("It has no valid tickets.")
    return _page(request, booking, form, _("Take tickets back"), said=said, possible=bool(tickets))


def _suggested(booking: Booking, price: int, back: int) -> str:
    facts = {"price": money.formatted(price, booking.currency), "back": money.formatted(back, booking.currency)}
    return _("paid %(price)s, by the rules %(back)s goes back") % facts


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_BOOKINGS)
def goodwill(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an amount back, and all tickets stay."""
    booking = _own_booking(request, pk)
    left = asked.left_of(booking)
    form = MoneyForm(_sent(request), booking=booking, left=left, initial={"why": Refund.Reason.OTHER})
    if form.is_valid():
        data, seen = form.cleaned_data, request.POST.get("left", "")
        try:
            returns.give_goodwill(
                booking_id=booking.pk,
                amount=data["amount"],
                left=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else -1,
                why=Refund.Reason(data["why"]),
                reason=data["reason"],
                by=request.user,
            )
            return _done(request, booking, _("The money goes back."))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    possible = booking.status == Booking.Status.CONFIRMED and left > 0
    said = _("The tickets stay valid. A credit note is written, and a mail goes to the customer.")
    if not possible:
        said = _("No money of it can go back.")
    return _page(request, booking, form, _("Give money back"), said=said, possible=possible, left=left)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.SEE_BOOKINGS, to_change=Power.MANAGE_BOOKINGS)
def refund_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what somebody asks for, and answer."""
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    own = RefundRequest.objects.filter(booking__organization=organization)
    found = get_object_or_404(own.select_related("booking"), pk=pk)
    booking = _own_booking(request, found.booking_id)
    wanted = found.tickets.values_list("pk", flat=True)
    tickets = list(asked.returnable(booking).filter(pk__in=wanted).named())
    suggested = sum(ticket.total for ticket in tickets)
    form = AnswerForm(
        _sent(request),
        booking=booking,
        left=asked.left_of(booking),
        initial={"amount": min(suggested, asked.left_of(booking))},
    )
    if form.is_valid():
        try:
            _answer(found, form.cleaned_data, by=request.user)
            messages.success(request, _("Answered, and the answer is mailed."))
            return SeeOther(reverse("admin:bookings_refundrequest_changelist"))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    said = _("These tickets are still valid: %(tickets)s.") % {"tickets": ", ".join(map(str, tickets)) or "–"}
    return _page(
        request,
        booking,
        form,
        _("Refund request"),
        said=said,
        asked=found,
        possible=found.status == RefundRequest.Status.OPEN and request.user.has_perm(Power.MANAGE_BOOKINGS.permission),
    )


def _answer(found: RefundRequest, data: dict[str, Any], *, by: Any) -> None:
    if data["answer"] == "grant":
        refund_requests.grant(request_id=found.pk, amount=data["amount"], reply=data["reply"], by=by)
    else:
        refund_requests.decline(request_id=found.pk, reply=data["reply"], by=by)


@never_cache
@require_safe
@needs(Power.SEE_EVENTS)
def event_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """To an event's own rules, or to an empty form for them."""
    event = own_event(request, pk)
    own = CancellationPolicy.objects.filter(event=event).first()
    if own:
        return redirect("admin:bookings_cancellationpolicy_change", own.pk)
    return redirect(f"{reverse('admin:bookings_cancellationpolicy_add')}?event={event.pk}")


def _own_booking(request: HttpRequest, pk: int) -> Booking:
    organization = request.user.workplace.organization  # type: ignore[union-attr]
    bookings = Booking.objects.filter(organization=organization)
    return get_object_or_404(bookings.select_related("event__venue", "event__organization", "organization"), pk=pk)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _done(request: HttpRequest, booking: Booking, said: str) -> HttpResponse:
    messages.success(request, said)
    return SeeOther(reverse("admin:bookings_booking_change", args=[booking.pk]))


def _page(request: HttpRequest, booking: Booking, form: forms.Form, title: str, **context: Any) -> HttpResponse:
    shown = {"booking": booking, "form": form, "title": title, **context}
    status = 422 if form.errors else 200
    return render(request, "backoffice/returns.html", admin.site.each_context(request) | shown, status=status)
