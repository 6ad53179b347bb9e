"""Accounts that end while something else happens to them."""

import pytest

from accounts.models import Membership, User
from bookings.models import Booking
from bookings.services import customers
from core.models import AuditEntry
from tests.factories import OrganizationFactory, customer, event_on_sale, member, paid
from tests.races.harness import Act, Halted, Started, race, told, until, waiting_for_a_lock, without_row_locks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TAKING_ROLES = 'DELETE FROM "accounts_membership"'
CLAIMING = 'UPDATE "bookings_booking"'


def leave(person: User) -> Act:
    """Somebody deletes their account."""
    return lambda: customers.delete_account(user_id=person.pk, by=person)


def test_of_two_admins_who_leave_at_once_one_stays() -> None:
    house = OrganizationFactory()
    admins = [member("admin", house) for _number in range(2)]
    assert told(race([leave(admin) for admin in admins])) == {"NoneType": 1, "LastAdmin": 1}
    assert Membership.objects.get().user.is_active
    assert AuditEntry.objects.filter(action="person.deleted").count() == 1


def test_without_row_locks_nobody_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    without_row_locks(monkeypatch)
    house = OrganizationFactory()
    admins = [member("admin", house) for _number in range(2)]
    assert told(race([leave(admin) for admin in admins], meet_before=TAKING_ROLES)) == {"NoneType": 2}
    assert not Membership.objects.exists()


def claimed_while_leaving(*, wait: bool) -> Booking:
    """A claim stands still right before it writes, and the account is deleted."""
    paid(event_on_sale())
    ada = customer(email="ada@example.com")
    claim = Halted(lambda: customers.claim(user_id=ada.pk), before=CLAIMING)
    leaving = Started(leave(ada))
    if wait:
        until(waiting_for_a_lock)
    else:
        leaving.end()
    assert claim.go_on() == 1
    assert leaving.end() is None
    return Booking.objects.get()


def test_what_is_claimed_while_the_account_ends_is_a_guests_again() -> None:
    """Else nobody could ever claim it."""
    assert claimed_while_leaving(wait=True).user is None


def test_without_row_locks_it_belongs_to_an_account_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    without_row_locks(monkeypatch)
    assert claimed_while_leaving(wait=False).user is not None
