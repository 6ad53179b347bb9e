"""What pages load of a plan."""

import gzip

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.briefly import Kept
from venues import drawing
from venues.models import Seat, SeatingPlan

YEAR = 365 * 24 * 60 * 60


@require_safe
def plan_seats(request: HttpRequest, plan_id: int) -> HttpResponse:
    """All seats of a published plan, if they are few enough to be shown at once."""
    if not 0 < _seats((plan_id, None)) <= drawing.AT_ONCE:
        raise Http404
    return _for_ever(request, drawing.drawing((plan_id, None)))


@require_safe
def section_seats(request: HttpRequest, plan_id: int, section_id: int) -> HttpResponse:
    """The seats of one section of a published plan."""
    if not _seats((plan_id, section_id)):
        raise Http404
    return _for_ever(request, drawing.drawing((plan_id, section_id)))


def _count(key: tuple[int, int | None]) -> int:
    plan_id, section_id = key
    seats = Seat.objects.filter(section__plan=plan_id).exclude(section__plan__status=SeatingPlan.Status.DRAFT)
    return seats.filter(section=section_id).count() if section_id else seats.count()


_seats = Kept[tuple[int, int | None], int](_count)


def _for_ever(request: HttpRequest, packed: bytes) -> HttpResponse:
    """What is at this address never changes, and is packed: it holds nothing secret that its length could tell."""
    takes_packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if takes_packed else gzip.decompress(packed), content_type="image/svg+xml")
    if takes_packed:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response
