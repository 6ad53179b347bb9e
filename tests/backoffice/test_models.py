"""What the database refuses of imports, whoever asks."""

from datetime import datetime
from typing import Any

import pytest

from backoffice.models import Import, ImportRow
from core import clock
from tests.constraints import refused_by
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db

THEN = datetime.fromisoformat("2026-06-01T12:00Z")


@pytest.fixture
def found(noon: datetime) -> Import:
    """One that was checked, with a line that is fine."""
    house = OrganizationFactory()
    made = Import.objects.create(
        organization=house, kind="customers", file_name="x", created_at=clock.now(), checked_at=clock.now()
    )
    ImportRow.objects.create(part_of=made, number=2, status="fine")
    return made


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("an_import_kind_is_known", {"kind": "secrets"}),
        (
            "an_import_is_checked_before_it_starts",
            {"started_at": datetime(2026, 6, 1).astimezone(), "checked_at": None},
        ),
        ("only_a_finished_import_is_forgotten", {"erased_at": datetime(2026, 6, 1).astimezone()}),
    ],
)
def test_an_import_that_makes_no_sense_is_refused(found: Import, constraint: str, fields: dict[str, Any]) -> None:
    with refused_by(constraint):
        Import.objects.update(**fields)


def test_there_is_one_open_import_of_a_kind_and_one_row_of_a_line(found: Import) -> None:
    with refused_by("one_open_import_per_kind", "organization_id", "kind"):
        Import.objects.create(organization=found.organization, kind="customers", file_name="x", created_at=clock.now())
    with refused_by("one_row_per_line", "part_of_id", "number"):
        ImportRow.objects.create(part_of=found, number=2)
    with refused_by("a_line_status_is_known"):
        ImportRow.objects.update(status="lost")
    with refused_by("only_what_was_imported_became_something"):
        ImportRow.objects.update(became_type="accounts.user", became_id=1)
