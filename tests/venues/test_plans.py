"""From a draft to a published plan and its next version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import audit
from core.models import AuditEntry
from core.refusals import Refusal
from tests.factories import UserFactory, VenueFactory, seated_event
from tests.venues.layouts import layout, moved, row, seat, section, small, standing
from venues.demo_plans import stadium
from venues.layout import Faulty, Layout
from venues.models import Seat, SeatingPlan, Section
from venues.quality import house_of, quality
from venues.queries.plans import capacity_of, layout_of, plans_of
from venues.services import plans

pytestmark = pytest.mark.django_db


def draft(content: Layout | None = None, **venue: Any) -> SeatingPlan:
    """A draft with this in it."""
    made = plans.create(venue_id=VenueFactory(**venue).pk, name="Hall")
    return plans.replace(plan_id=made.pk, layout=content or small(), revision=0)


def published(content: Layout | None = None) -> SeatingPlan:
    return plans.publish(plan_id=draft(content).pk)


def everything() -> list[Any]:
    """What is stored of plans, with keys, and what was recorded."""
    models = (SeatingPlan, Section, Seat, AuditEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def refused(refusal: type[Refusal], act: Callable[..., object], **how: Any) -> str:
    """Let an act be refused, and see that it changed nothing."""
    before = everything()
    with pytest.raises(refusal) as caught:
        act(**how)
    assert everything() == before
    return str(caught.value)


def recorded(plan: SeatingPlan) -> list[tuple[str, dict[str, Any]]]:
    return [(entry.action, entry.facts) for entry in audit.about(plan)]


def test_a_plan_begins_as_an_empty_draft() -> None:
    venue, user = VenueFactory(), UserFactory()
    plan = SeatingPlan.objects.get(pk=plans.create(venue_id=venue.pk, name="Hall", by=user).pk)
    assert (plan.venue, plan.name, plan.version, plan.status, plan.revision) == (venue, "Hall", 1, "draft", 0)
    assert layout_of(plan) == Layout("Hall", (0, 0), ())
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.organization_id) == ("plan.created", user, venue.organization_id)
    assert entry.facts == {"called": "Hall (1)"}


def test_a_venue_has_one_plan_of_a_name() -> None:
    plan = draft()
    assert "Hall" in refused(plans.NameTaken, plans.create, venue_id=plan.venue_id, name="Hall")
    plans.publish(plan_id=plan.pk)
    refused(plans.NameTaken, plans.create, venue_id=plan.venue_id, name="Hall")
    plans.create(venue_id=VenueFactory().pk, name="Hall")


def test_a_draft_is_saved_as_a_whole() -> None:
    user = UserFactory()
    plan = plans.create(venue_id=VenueFactory().pk, name="Hall")
    saved = plans.replace(plan_id=plan.pk, layout=small(), revision=0, by=user)
    plan.refresh_from_db()
    assert (saved.revision, plan.revision, plan.status, layout_of(plan)) == (1, 1, "draft", small())
    assert (plan.focal_x, plan.focal_y) == (500, 0)
    assert recorded(plan)[1:] == [("plan.saved", {"called": "Hall (1)", "revision": 1, "places": 207})]
    other = layout(section("New", row("Z", 1)))
    plans.replace(plan_id=plan.pk, layout=other, revision=1)
    assert (layout_of(plan), Section.objects.count(), Seat.objects.count()) == (other, 1, 1)


def test_what_the_layout_does_not_say_is_worked_out() -> None:
    plan = draft()
    companion = Seat.objects.get(type="companion")
    assert companion.companion_of == Seat.objects.get(row="B", number="4")
    assert list(Section.objects.values_list("name", "order", "capacity")) == [("Stalls", 0, 0), ("Floor", 1, 200)]
    orders = Seat.objects.order_by("row_order").values_list("row", "row_order").distinct()
    assert list(orders) == [("A", 0), ("B", 1)]
    house = house_of(layout_of(plan))
    for stored in Seat.objects.all():
        assert stored.quality == quality(stored, stored.row_order, house) > 0


def test_rows_without_seats_are_left_out() -> None:
    plan = draft(layout(section("S", row("A"), row("B", 1))))
    assert layout_of(plan) == layout(section("S", row("B", 1)))
    assert Seat.objects.get().row_order == 0


def test_who_saves_second_is_told_so_and_overwrites_nothing() -> None:
    plan = draft()
    plans.replace(plan_id=plan.pk, layout=layout(section("Theirs", row("A", 1))), revision=1)
    mine = layout(section("Mine", row("A", 1)))
    for revision in (0, 1, 3):
        refused(plans.Changed, plans.replace, plan_id=plan.pk, layout=mine, revision=revision)


def test_saving_once_more_what_is_there_is_harmless() -> None:
    plan = draft()
    before = everything()
    assert plans.replace(plan_id=plan.pk, layout=small(), revision=0).revision == 1
    assert everything() == before


def test_a_draft_may_be_saved_with_problems_but_not_with_contradictions() -> None:
    plan = draft(capacity=1)
    overlapping = layout(section("S", row("A", 1, seat(2, x=60))))
    plans.replace(plan_id=plan.pk, layout=overlapping, revision=1)
    assert layout_of(plan) == overlapping
    twice = layout(section("S", row("A", 1, seat(2, number="1"))))
    how = {"plan_id": plan.pk, "layout": twice, "revision": 2}
    assert refused(Faulty, plans.replace, **how) == "S, row A, seat 1: Two seats of this row have this number."


def test_a_draft_may_be_given_another_name_that_is_free() -> None:
    plan = published()
    version = plans.new_version(plan_id=plan.pk)
    taken = plans.create(venue_id=plan.venue_id, name="Other")
    how = {"plan_id": version.pk, "revision": 0}
    refused(plans.NameTaken, plans.replace, layout=replace(small(), name="Other"), **how)
    renamed = plans.replace(layout=replace(small(), name="New"), **how)
    assert (renamed.name, renamed.version) == ("New", 1)
    assert {str(each) for each in SeatingPlan.objects.all()} == {"Hall (1)", "New (1)", str(taken)}


def test_a_published_plan_never_changes() -> None:
    plan = published()
    mine = layout(section("Mine", row("A", 1)))
    for _status in ("published", "retired"):
        refused(plans.NotADraft, plans.replace, plan_id=plan.pk, layout=mine, revision=1)
        refused(plans.NotADraft, plans.replace, plan_id=plan.pk, layout=small(), revision=1)
        refused(plans.NotADraft, plans.delete_draft, plan_id=plan.pk)
        plans.retire(plan_id=plan.pk)
    refused(plans.NotADraft, plans.publish, plan_id=plan.pk)


def test_publishing_is_recorded_once() -> None:
    plan, user = draft(), UserFactory()
    for _time in range(2):
        assert plans.publish(plan_id=plan.pk, by=user).status == "published"
    plan.refresh_from_db()
    assert (plan.status, layout_of(plan)) == ("published", small())
    assert recorded(plan)[2:] == [("plan.published", {"called": "Hall (1)"})]
    assert audit.about(plan).last().by == user


@pytest.mark.parametrize(
    ("content", "capacity", "sentence"),
    [
        (layout(), 1_000, "The plan: It has no places yet."),
        (small(), 206, "The plan: It has 207 places, and the venue holds 206 people."),
        (
            layout(section("S", row("A", 1, seat(2, x=60)))),
            2,
            "S, row A, seat 2: It is closer than 35 cm to another seat: S, row A, seat 1.",
        ),
    ],
)
def test_a_plan_with_problems_is_not_published(content: Layout, capacity: int, sentence: str) -> None:
    plan = draft(content, capacity=capacity)
    assert refused(Faulty, plans.publish, plan_id=plan.pk) == sentence


def test_retiring_is_for_published_plans_and_harmless_when_repeated() -> None:
    plan = draft()
    refused(plans.IsADraft, plans.retire, plan_id=plan.pk)
    plans.publish(plan_id=plan.pk)
    for _time in range(2):
        assert plans.retire(plan_id=plan.pk).status == "retired"
    assert recorded(plan)[3:] == [("plan.retired", {"called": "Hall (1)"})]
    assert (layout_of(plan), list(SeatingPlan.objects.published())) == (small(), [])


def test_a_new_version_is_a_copy_that_can_be_changed() -> None:
    plan, user = published(), UserFactory()
    qualities = list(Seat.objects.order_by("pk").values_list("row", "number", "quality"))
    made = plans.new_version(plan_id=plan.pk, by=user)
    assert (made.version, made.status, made.venue, made.revision) == (2, "draft", plan.venue, 0)
    assert layout_of(SeatingPlan.objects.get(pk=made.pk)) == small()
    copied = Seat.objects.filter(section__plan=made)
    assert sorted(copied.values_list("row", "number", "quality")) == sorted(qualities)
    assert copied.get(type="companion").companion_of.section.plan == made
    assert recorded(made) == [("plan.created", {"called": "Hall (2)", "copied_from": plan.pk})]
    plans.replace(plan_id=made.pk, layout=layout(section("New", row("A", 1))), revision=0)
    assert layout_of(plan) == small()


def test_there_is_one_draft_of_a_plan() -> None:
    first = published()
    second = plans.new_version(plan_id=first.pk)
    before = everything()
    assert [plans.new_version(plan_id=plan.pk) for plan in (first, second)] == [second, second]
    assert everything() == before
    plans.publish(plan_id=second.pk)
    plans.retire(plan_id=first.pk)
    assert plans.new_version(plan_id=first.pk).version == 3


def test_a_draft_goes_with_all_that_is_in_it_and_only_once() -> None:
    plan, user = draft(), UserFactory()
    other = published()
    kept = everything()
    going = plans.new_version(plan_id=other.pk)
    for _time in range(2):
        plans.delete_draft(plan_id=going.pk, by=user)
    assert everything()[:3] == kept[:3]
    assert AuditEntry.objects.filter(action="plan.deleted").values_list("facts", flat=True).get() == {
        "called": "Hall (2)"
    }
    plans.delete_draft(plan_id=plan.pk)
    assert set(SeatingPlan.objects.all()) == {other}


def test_a_file_becomes_the_draft_of_its_name() -> None:
    venue = VenueFactory()
    first = plans.bring_in(venue_id=venue.pk, layout=small())
    again = plans.bring_in(venue_id=venue.pk, layout=layout(standing()))
    assert (again, again.version, again.revision, layout_of(again)) == (first, 1, 2, layout(standing()))
    plans.publish(plan_id=first.pk)
    second = plans.bring_in(venue_id=venue.pk, layout=small())
    assert (second.version, second.status, layout_of(second), layout_of(first)) == (
        2,
        "draft",
        small(),
        layout(standing()),
    )
    twice = layout(section("S", row("A", 1)), section("S", row("A", 1)), name="New")
    refused(Faulty, plans.bring_in, venue_id=venue.pk, layout=twice)


def test_what_events_use_stays(noon: datetime) -> None:
    """Foreign keys are checked at the commit, and here at the end of a savepoint."""
    event = seated_event()
    before = everything()
    refused(plans.NotADraft, plans.delete_draft, plan_id=event.plan_id)
    assert everything() == before


def questions(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        act()
    return len(caught)


def test_a_plan_is_read_with_two_questions_however_large() -> None:
    small_one, large = (
        draft(),
        draft(layout(*(moved(section(f"S{n}", row("A", *range(20))), n * 900) for n in range(9)))),
    )
    assert [questions(lambda plan=plan: layout_of(plan)) for plan in (small_one, large)] == [2, 2]


def test_plans_of_a_venue_are_listed_with_their_counts_in_one_question() -> None:
    first = published()
    second = plans.new_version(plan_id=first.pk)
    plans.replace(plan_id=second.pk, layout=layout(section("S", row("A", 1, 2)), section("T")), revision=0)
    plans.create(venue_id=first.venue_id, name="Empty")
    draft()
    listed = plans_of(first.venue)
    assert questions(lambda: list(listed)) == 1
    counts = ("section_count", "seat_count", "standing_count", "places")
    assert [(str(plan), *(getattr(plan, count) for count in counts)) for plan in listed] == [
        ("Empty (1)", 0, 0, 0, 0),
        ("Hall (2)", 2, 2, 0, 2),
        ("Hall (1)", 2, 7, 200, 207),
    ]
    assert [capacity_of(plan) for plan in listed] == [0, 2, 207]


def test_a_stadium_is_saved_in_few_statements() -> None:
    plan = plans.create(venue_id=VenueFactory(capacity=70_000).pk, name="Football")
    assert questions(lambda: plans.replace(plan_id=plan.pk, layout=stadium(), revision=0)) < 60
    plan.refresh_from_db()
    assert layout_of(plan) == stadium()
    assert plans.publish(plan_id=plan.pk).status == "published"
