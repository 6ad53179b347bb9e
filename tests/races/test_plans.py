"""Several people who draw one plan at once."""

from functools import partial

import pytest

from tests.factories import VenueFactory
from tests.races.harness import Act, race, told, without_row_locks
from tests.venues.layouts import layout, row, section, small
from venues.models import SeatingPlan
from venues.queries.plans import layout_of
from venues.services import plans

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DRAWN = [layout(section(f"Drawn by {person}", row("A", *range(1, 6)))) for person in range(8)]


def saving() -> tuple[SeatingPlan, list[Act]]:
    """A draft, and eight who read it and save something else."""
    plan = plans.create(venue_id=VenueFactory().pk, name="Hall")
    return plan, [partial(plans.replace, plan_id=plan.pk, layout=drawn, revision=0) for drawn in DRAWN]


def test_one_of_those_who_save_at_once_is_the_first_and_the_others_are_told() -> None:
    plan, acts = saving()
    answers = race(acts)
    plan.refresh_from_db()
    assert told(answers) == {"SeatingPlan": 1, "Changed": 7}
    (first,) = (number for number, answer in enumerate(answers) if isinstance(answer, SeatingPlan))
    assert layout_of(plan) == DRAWN[first]


def test_those_who_do_not_wait_for_each_other_mix_what_they_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin that doesn't lock the plan."""
    plan, acts = saving()
    without_row_locks(monkeypatch)
    race(acts, meet_before='INSERT INTO "venues_section"')
    assert len(layout_of(plan).sections) > 1


def test_versions_that_are_begun_at_once_are_one() -> None:
    plan = plans.bring_in(venue_id=VenueFactory().pk, layout=small())
    plans.publish(plan_id=plan.pk)
    answers = race([partial(plans.new_version, plan_id=plan.pk)] * 8)
    assert told(answers) == {"SeatingPlan": 8}
    assert len({made.pk for made in answers}) == 1
    assert layout_of(answers[0]) == small()


def test_drafts_that_are_called_alike_at_once_are_one() -> None:
    venue = VenueFactory()
    drafts = [plans.create(venue_id=venue.pk, name=f"Hall {number}") for number in range(8)]
    answers = race([partial(plans.replace, plan_id=plan.pk, layout=small(), revision=0) for plan in drafts])
    assert told(answers) == {"SeatingPlan": 1, "NameTaken": 7}


def test_files_that_come_in_at_once_are_one_plan() -> None:
    venue = VenueFactory()
    answers = race([partial(plans.bring_in, venue_id=venue.pk, layout=small())] * 8)
    assert told(answers) == {"SeatingPlan": 8}
    assert layout_of(SeatingPlan.objects.get(venue=venue)) == small()
