"""What a booking's customer can download, and the mail with it once more."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Booking, Document
from bookings.papers import money as money_papers
from bookings.papers import tickets as ticket_papers
from bookings.services import customers, documents, ticket_keys
from bookings.views.pages import asker, find_booking, over
from core import throttles
from core.http import SeeOther


@never_cache
@require_safe
def tickets(request: HttpRequest, secret: str) -> HttpResponse:
    """All tickets of the booking, a page each."""
    found = find_booking(request, secret)
    printed = ticket_papers.printable(found) if found.status == Booking.Status.CONFIRMED else []
    if not printed:
        raise Http404
    return pdf_response(ticket_papers.pdf(printed, key=ticket_keys.signing()), f"{found.code}.pdf")


@never_cache
@require_safe
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """The receipt, which gets its number when it is first asked for."""
    found = find_booking(request, secret)
    try:
        made = documents.receipt(booking_id=found.pk)
    except documents.NoReceipt as refusal:
        raise Http404 from refusal
    return _money_paper(made)


@never_cache
@require_safe
def credit_note(request: HttpRequest, secret: str, pk: int) -> HttpResponse:
    """A credit note of this booking."""
    found = find_booking(request, secret)
    made = found.documents.filter(kind=Document.Kind.CREDIT_NOTE, pk=pk).first()
    if made is None:
        raise Http404
    return _money_paper(made if made.number else documents.number(document_id=made.pk))


def _money_paper(document: Document) -> HttpResponse:
    printed = money_papers.printable().get(pk=document.pk)
    return pdf_response(money_papers.pdf(printed), f"{printed.label}.pdf")


def pdf_response(content: bytes, filename: str) -> HttpResponse:
    """A document that the browser shows, and saves under this name."""
    disposition = content_disposition_header(as_attachment=False, filename=filename)
    return HttpResponse(
        content, content_type="application/pdf", headers={"Content-Disposition": disposition or "inline"}
    )


@never_cache
@require_POST
def send_again(request: HttpRequest, secret: str) -> HttpResponse:
    """Mail the tickets once more, to the address of the booking and to no other."""
    found = find_booking(request, secret)
    try:
        throttles.hit("send-again", found.code, limit=5, per=timedelta(hours=1))
        customers.resend(booking_id=found.pk, by=asker(request))
    except (customers.NotSent, throttles.TooMany) as refusal:
        return over(request, found, refusal=refusal)
    return SeeOther(reverse("bookings:booking", args=[found.secret]) + "?sent")
