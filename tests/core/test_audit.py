"""The audit trail."""

from datetime import datetime

import pytest

from core import audit
from core.models import AuditEntry
from tests.factories import UserFactory, VenueFactory

pytestmark = pytest.mark.django_db


def test_an_entry_says_when_what_about_which_by_whom_and_for_which_house(noon: datetime) -> None:
    """S51"""
    venue, user = VenueFactory(), UserFactory()
    audit.record("venue.closed", venue, at=noon, by=user, reason="flood", places=3)
    entry = AuditEntry.objects.get()
    assert (entry.at, entry.action, entry.object_type, entry.object_id) == (
        noon,
        "venue.closed",
        "venues.venue",
        venue.pk,
    )
    assert (entry.by, entry.organization) == (user, venue.organization)
    assert entry.facts == {"reason": "flood", "places": 3}
    assert str(entry) == f"2026-06-01 12:00:00 venue.closed venues.venue {venue.pk}"


def test_what_has_no_house_and_no_actor_is_recorded_too(noon: datetime) -> None:
    audit.record("person.met", UserFactory(), at=noon)
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.organization, entry.facts) == (None, None, {})
