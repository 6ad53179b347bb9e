"""Bank statements: imported after a look, and matched with bookings where the text didn't say enough."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organization
from accounts.roles import Power
from backoffice.access import needs
from bookings import statement_files
from bookings.models import Booking, StatementLine
from bookings.services import statements as services
from bookings.statement_files import Line
from core.http import SeeOther
from core.refusals import Refusal

SHOWN = 200
HOUR = 3_600


class StatementForm(forms.Form):
    """A statement's file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, up to 1 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> Any:
        """Nothing too large to be a statement."""
        if self.cleaned_data["file"].size > statement_files.MOST_BYTES:
            raise ValidationError(_("The file is larger than 1 MB."))
        return self.cleaned_data["file"]


@never_cache
@require_safe
@needs(Power.MANAGE_BOOKINGS)
def statements(request: HttpRequest) -> HttpResponse:
    """Show what waits to be matched, and what was dealt with lately."""
    return _list(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Power.MANAGE_BOOKINGS)
def import_statement(request: HttpRequest) -> HttpResponse:
    """Read a file and show what it would do; do it when that was confirmed."""
    if "looked_at" in request.POST:
        return _write(request)
    form = StatementForm(request.POST, request.FILES) if request.method == "POST" else StatementForm()
    if not form.is_valid():
        return _import_page(request, form, status=422 if form.is_bound else 200)
    try:
        read = statement_files.read(form.cleaned_data["file"].read(), _organization(request).currency)
    except statement_files.Unreadable as fault:
        form.add_error("file", str(fault))
        return _import_page(request, form, status=422)
    told = {
        "read": read,
        "rows": services.outlook(_organization(request), read.lines),
        "looked_at": signing.dumps([_packed(line) for line in read.lines], salt=_salt(request), compress=True),
    }
    return _import_page(request, StatementForm(), told)


@never_cache
@require_POST
@needs(Power.MANAGE_BOOKINGS)
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a line as the money for the booking whose code was typed."""
    line = _line(request, pk)
    code = request.POST.get("code", "").strip().upper()[:20]
    booking = Booking.objects.filter(organization=_organization(request), code=code).first()
    if booking is None:
        return _list(request, turned={"pk": pk, "code": code, "text": _("There is no such booking.")}, status=422)
    try:
        matched = services.match(line_id=line.pk, booking_id=booking.pk, by=request.user)
    except Refusal as refusal:
        return _list(request, turned={"pk": pk, "code": code, "text": str(refusal)}, status=refusal.status)
    if matched.payment and matched.payment.kept_aside:
        messages.warning(request, _("It isn't what %(code)s costs, so it is kept aside there.") % {"code": code})
    else:
        messages.success(request, _("Matched with %(code)s.") % {"code": code})
    return SeeOther(reverse("admin:statements"))


@never_cache
@require_POST
@needs(Power.MANAGE_BOOKINGS)
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a line pays for no booking."""
    line = _line(request, pk)
    try:
        services.set_aside(line_id=line.pk, by=request.user)
    except Refusal as refusal:
        return _list(request, turned={"pk": pk, "code": "", "text": str(refusal)}, status=refusal.status)
    messages.success(request, _("Set aside."))
    return SeeOther(reverse("admin:statements"))


def _write(request: HttpRequest) -> HttpResponse:
    """Import what was looked at."""
    try:
        packed = signing.loads(request.POST["looked_at"], salt=_salt(request), max_age=HOUR)
    except signing.SignatureExpired:
        form = StatementForm({})
        form.add_error(None, _("That was a while ago: please choose the file again."))
        return _import_page(request, form, status=422)
    except signing.BadSignature as error:
        raise SuspiciousOperation("not what was looked at") from error
    lines = [Line(date.fromisoformat(day), *rest) for day, *rest in packed]
    new = services.import_lines(organization=_organization(request), lines=lines, by=request.user)
    messages.success(request, _("%(new)s of %(count)s lines are new.") % {"new": new, "count": len(lines)})
    return SeeOther(reverse("admin:statements"))


def _packed(line: Line) -> list[Any]:
    return [line.booked_on.isoformat(), line.amount, line.currency, line.text, line.payer, line.fingerprint]


def _list(request: HttpRequest, *, turned: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    own = _organization(request).statement_lines.select_related("payment__booking").order_by("-booked_on", "-pk")
    context = {
        "title": _("Bank statements"),
        "open": own.filter(status=StatementLine.Status.OPEN)[:SHOWN],
        "done": own.exclude(status=StatementLine.Status.OPEN)[:SHOWN],
        "turned": turned,
    }
    return _page(request, "backoffice/statements.html", context, status=status)


def _import_page(
    request: HttpRequest, form: forms.Form, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"title": _("Import a bank statement"), "form": form, "columns": statement_files.COLUMNS}
    return _page(request, "backoffice/statement_import.html", context | (more or {}), status=status)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    return render(request, template, admin.site.each_context(request) | context, status=status)


def _line(request: HttpRequest, pk: int) -> StatementLine:
    return get_object_or_404(_organization(request).statement_lines, pk=pk)


def _organization(request: HttpRequest) -> Organization:
    return request.user.workplace.organization  # type: ignore[union-attr]


def _salt(request: HttpRequest) -> str:
    """What was looked at for one organization goes into no other."""
    return f"statement-{_organization(request).pk}"
