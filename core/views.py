"""Health for machines, and the pages that say what went wrong."""

import logging
import secrets

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

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
    response = render(request, "problem.html", {"title": title, "message": message}, status=status)
    response["Cache-Control"] = "no-store"
    return response
