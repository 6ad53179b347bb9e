"""Health for machines, pictures, and the pages that say what went wrong."""

import logging
import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import pictures
from core.http import SeeOther, keep_language
from core.models import IdempotentCall
from core.refusals import Refusal

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else: a database that is away is no reason to restart us."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The process can serve: the database answers, takes writes and has every migration."""
    try:
        _write_nothing()
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "database does not answer"}, status=503)
    if missing:
        return JsonResponse({"status": "migrations are missing"}, status=503)
    return JsonResponse({"status": "ready"})


def _write_nothing() -> None:
    """A write that changes no row: a database that takes no writes refuses it all the same."""
    with transaction.atomic():
        IdempotentCall.objects.filter(scope="").update(scope="")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """
    Choose the language, and go on where the visitor came from.

    A page of its own, so that public pages hold no form and say the same to everybody.
    """
    if request.method != "POST":
        return render(request, "language.html", {"next": _came_from(request), "languages": settings.LANGUAGES})
    code, back = request.POST.get("language", ""), request.POST.get("next", "")
    if code not in dict(settings.LANGUAGES):
        raise SuspiciousOperation("unknown language")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = SeeOther(back if safe and back.startswith("/") else "/")
    keep_language(response, code)
    return response


def _came_from(request: HttpRequest) -> str:
    """Where on this site the visitor was; home, if that was elsewhere or no address at all."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    if came_from.netloc != request.get_host():
        return "/"
    path = came_from.path or "/"
    return f"{path}?{came_from.query}" if came_from.query else path


@require_safe
def picture(request: HttpRequest, key: str, file: str) -> FileResponse:
    """One file of a picture. What is at its address never changes, so nobody has to ask for it twice."""
    try:
        content = default_storage.open(pictures.path(key, file))
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=pictures.SHOWN[file])
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # who shows a link to us shows its picture
    return response


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal that no form could show beside the field."""
    response = _problem(request, refusal.status, _("That can't be done"), str(refusal))
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def busy(request: HttpRequest) -> HttpResponse:
    """The page for faults that pass by themselves."""
    message = _("We can't answer right now. Nothing was lost: please try again in a moment.")
    response = _problem(request, 503, _("One moment, please"), message)
    response["Retry-After"] = "5"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request can't be read."""
    return _problem(request, 400, _("That request can't be read"), _("Please go back and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: for somebody else."""
    return _problem(request, 403, _("Not allowed"), _("You may not do this. Sign in as somebody who may, or ask them."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for what belongs to somebody else."""
    message = _("There is nothing at this address. It may have moved, or the link is incomplete.")
    return _problem(request, 404, _("Not found"), message)


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    """405: the address of a form's button, opened by itself."""
    message = _("This address belongs to a button and can't be opened by itself. Please go back and press it again.")
    response = _problem(request, 405, _("Not here"), message)
    response["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault, with a reference that leads to the log line."""
    reference = secrets.token_hex(4)
    logger.error("The server error shown as reference %s is the one logged just now.", reference)
    message = _("This is our fault. If it happens again, please tell us this reference: %(reference)s.")
    return _problem(request, 500, _("Something went wrong"), message % {"reference": reference})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was sent from elsewhere, or cookies are off."""
    message = _("This form could not be checked. Please allow cookies for this site, reload the page and try again.")
    return _problem(request, 403, _("Please send the form again"), message)


def _problem(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """A whole page; for htmx its middle alone, shown over the page that asked, so that nothing there is lost."""
    context = {"title": title, "message": message, "status": status}
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        response = render(request, "problem.html#problem", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    else:
        response = render(request, "problem.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response
