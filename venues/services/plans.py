"""
From a draft to a plan that events use, and on to its next version.

A draft is saved as a whole; a published plan never changes, since tickets name its seats.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from venues import quality
from venues.layout import Faulty, Layout, SectionLayout, contradictions, problems
from venues.models import PlanQuerySet, Seat, SeatingPlan, Section, Venue
from venues.queries.plans import layout_of

BATCH = 5_000

type Key = tuple[int, str, str]
"""A section's key, a row and a number."""


class Changed(Refusal):
    """Somebody else saved the plan meanwhile."""


class NameTaken(Refusal):
    """The venue has another plan of this name."""


class NotADraft(Refusal):
    """What only drafts can go through."""


class IsADraft(Refusal):
    """What only published plans can go through."""


@outermost
def create(*, venue_id: int, name: str, by: Any = None) -> SeatingPlan:
    """Begin a plan: an empty draft, its first version. Raises NameTaken."""
    _lock_venue(venue_id)
    _refuse_taken(venue_id, name)
    return _create(venue_id, name, by)


@outermost
def replace(*, plan_id: int, layout: Layout, revision: int, by: Any = None) -> SeatingPlan:
    """
    Save a draft as a whole, also one that can't be published yet.

    `revision` is the one that was read before the change; saving once more what is there already is harmless.
    Raises Changed when somebody else saved meanwhile, NotADraft, NameTaken, and Faulty for what contradicts itself.
    """
    plan = _locked(plan_id)
    _refuse_unless_draft(plan)
    if plan.revision == revision:
        return _save(plan, layout, by)
    if layout_of(plan) == layout:
        return plan
    raise Changed(_("Somebody else has saved this plan meanwhile. Load it again, so that nothing of theirs is lost."))


@outermost
def bring_in(*, venue_id: int, layout: Layout, by: Any = None) -> SeatingPlan:
    """
    Save a plan from a file as the draft of its name: the one that there is, the next version's, or a new plan's.

    Raises Faulty for what contradicts itself.
    """
    _lock_venue(venue_id)
    versions = _versions(venue_id, layout.name)
    draft = _draft_of(versions) or _create(venue_id, layout.name, by, version=_next(versions))
    return _save(draft, layout, by)


@outermost
def publish(*, plan_id: int, by: Any = None) -> SeatingPlan:
    """Let events use a plan; it never changes again. Harmless when repeated. Raises Faulty, NotADraft."""
    plan = _locked(plan_id)
    if plan.status == SeatingPlan.Status.PUBLISHED:
        return plan
    _refuse_unless_draft(plan)
    if faults := problems(layout_of(plan), capacity=plan.venue.capacity):
        raise Faulty(faults)
    return _become(plan, SeatingPlan.Status.PUBLISHED, by)


@outermost
def retire(*, plan_id: int, by: Any = None) -> SeatingPlan:
    """Offer a plan to no new event; those that use it keep it. Harmless when repeated. Raises IsADraft."""
    plan = _locked(plan_id)
    if plan.status == SeatingPlan.Status.RETIRED:
        return plan
    if plan.status == SeatingPlan.Status.DRAFT:
        raise IsADraft(_("This plan is a draft, which no event uses: delete it instead."))
    return _become(plan, SeatingPlan.Status.RETIRED, by)


@outermost
def new_version(*, plan_id: int, by: Any = None) -> SeatingPlan:
    """Return the draft of the plan's next version: the one that there is, or a copy of the plan."""
    plan = _locked(plan_id)
    versions = _versions(plan.venue_id, plan.name)
    if draft := _draft_of(versions):
        return draft
    made = _create(plan.venue_id, plan.name, by, version=_next(versions), copied_from=plan.pk)
    _fill(made, layout_of(plan))
    made.save()
    return made


@outermost
def delete_draft(*, plan_id: int, by: Any = None) -> None:
    """Delete a draft with its sections and seats; harmless when it is gone. Raises NotADraft."""
    for venue in Venue.objects.filter(plans=plan_id):
        _lock_venue(venue.pk)
    for plan in SeatingPlan.objects.locked().filter(pk=plan_id):
        _refuse_unless_draft(plan)
        delete_rows(SeatingPlan.objects.filter(pk=plan.pk))
        audit.record("plan.deleted", plan, at=clock.now(), by=by, called=str(plan))


def delete_rows(plans: PlanQuerySet) -> None:
    """Delete plans with all that is in them, as a step of a larger change; the database refuses what events use."""
    list(plans.locked().values_list("pk"))
    _empty(plans)
    _delete_only(plans)


def _lock_venue(venue_id: int) -> None:
    """Who changes plans of a venue waits here for who does already, so that what is read next is how it is."""
    Venue.objects.select_for_update(no_key=True).get(pk=venue_id)


def _locked(plan_id: int) -> SeatingPlan:
    _lock_venue(SeatingPlan.objects.values_list("venue", flat=True).get(pk=plan_id))
    return SeatingPlan.objects.locked().select_related("venue").get(pk=plan_id)


def _versions(venue_id: int, name: str) -> list[SeatingPlan]:
    return list(SeatingPlan.objects.locked().filter(venue=venue_id, name=name))


def _draft_of(versions: list[SeatingPlan]) -> SeatingPlan | None:
    return next((plan for plan in versions if plan.status == SeatingPlan.Status.DRAFT), None)


def _next(versions: list[SeatingPlan]) -> int:
    return max((plan.version for plan in versions), default=0) + 1


def _create(venue_id: int, name: str, by: Any, *, version: int = 1, **facts: Any) -> SeatingPlan:
    plan = SeatingPlan.objects.create(venue_id=venue_id, name=name, version=version)
    audit.record("plan.created", plan, at=clock.now(), by=by, called=str(plan), **facts)
    return plan


def _save(plan: SeatingPlan, layout: Layout, by: Any) -> SeatingPlan:
    if faults := contradictions(layout):
        raise Faulty(faults)
    if layout.name != plan.name:
        _refuse_taken(plan.venue_id, layout.name)
        plan.name, plan.version = layout.name, 1
    _empty(SeatingPlan.objects.filter(pk=plan.pk))
    _fill(plan, layout)
    plan.revision += 1
    plan.save()
    facts = {"called": str(plan), "revision": plan.revision, "places": layout.places}
    audit.record("plan.saved", plan, at=clock.now(), by=by, **facts)
    return plan


def _refuse_unless_draft(plan: SeatingPlan) -> None:
    if plan.status != SeatingPlan.Status.DRAFT:
        raise NotADraft(_("This plan was published, so it never changes. Make a new version of it instead."))


def _refuse_taken(venue_id: int, name: str) -> None:
    if SeatingPlan.objects.filter(venue=venue_id, name=name).exists():
        raise NameTaken(_("This venue has a plan called %(name)s already.") % {"name": name})


def _become(plan: SeatingPlan, status: SeatingPlan.Status, by: Any) -> SeatingPlan:
    plan.status = status
    plan.save(update_fields=["status", "changed_at"])
    audit.record(f"plan.{status}", plan, at=clock.now(), by=by, called=str(plan))
    return plan


def _empty(plans: QuerySet[SeatingPlan]) -> None:
    seats = Seat.objects.filter(section__plan__in=plans)
    _delete_only(seats.filter(companion_of__isnull=False))  # before those whom they accompany
    _delete_only(seats)
    _delete_only(Section.objects.filter(plan__in=plans))


def _fill(plan: SeatingPlan, layout: Layout) -> None:
    """Write an empty plan's focal point, sections and seats; the caller saves the plan itself."""
    plan.focal_x, plan.focal_y = layout.focal
    sections = Section.objects.bulk_create(
        Section(
            plan=plan,
            name=section.name,
            tier=section.tier,
            order=order,
            kind=section.kind,
            shape=[list(corner) for corner in section.shape],
            capacity=section.capacity,
        )
        for order, section in enumerate(layout.sections)
    )
    house = quality.house_of(layout)
    pairs = list(zip(sections, layout.sections, strict=True))
    places: dict[Key, Seat] = {}
    for accompanying in (False, True):  # companions last, since they name the keys of those whom they accompany
        seats = [seat for pair in pairs for seat in _seats(*pair, house, accompanying, places)]
        made = Seat.objects.bulk_create(seats, batch_size=BATCH)
        places = {(seat.section_id, seat.row, seat.number): seat for seat in made}


def _seats(
    section: Section, told: SectionLayout, house: quality.House, accompanying: bool, places: dict[Key, Seat]
) -> Iterator[Seat]:
    """Return those of a section that accompany somebody among `places`, or those that don't."""
    for row_order, row in enumerate(row for row in told.rows if row.seats):
        for seat in row.seats:
            if bool(seat.companion_of) == accompanying:
                yield Seat(
                    section=section,
                    row=row.name,
                    number=seat.number,
                    row_order=row_order,
                    position=seat.position,
                    x=seat.x,
                    y=seat.y,
                    type=seat.type,
                    quality=quality.quality(seat, row_order, house),
                    companion_of=places[section.pk, *seat.companion_of] if seat.companion_of else None,
                )


def _delete_only(rows: QuerySet) -> None:
    """One DELETE. Django's own would first load every row to look for what PROTECTs it."""
    rows._raw_delete(connection.alias)
