"""What people say of themselves, and how they leave."""

from datetime import datetime
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Membership, Organization, User
from accounts.roles import Role
from accounts.services import team
from core import audit, clock
from core.refusals import Refusal
from core.transactions import outermost
from notifications import outbox


class LastAdmin(Refusal):
    """Without this person nobody could manage their organization any more."""

    def __init__(self, organizations: list[Organization]) -> None:
        self.organizations = organizations
        text = _("You are the only admin of %(names)s. Make somebody else admin there first, then delete your account.")
        super().__init__(text % {"names": ", ".join(each.name for each in organizations)})


@outermost
def change_profile(*, user_id: int, name: str, phone: str, language: str, by: Any = None) -> User:
    """Write down what somebody says of themselves; the trail names the fields that changed."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    said = {"name": name, "phone": phone, "language": language}
    changed = [field for field, value in said.items() if getattr(user, field) != value]
    for field, value in said.items():
        setattr(user, field, value)
    user.save(update_fields=list(said))
    if changed:
        audit.record("person.profile_changed", user, at=clock.now(), by=by, changed=changed)
    return user


def bring_in(*, email: str, name: str, phone: str, language: str, at: datetime, by: Any = None) -> User:
    """
    Return the account of an address, within the caller's transaction: one without a password if there is none, into
    which whoever has the address gets by a code. Nobody is written to; what an account says stays.
    """
    made = User(email=email.strip().lower(), name=name, phone=phone, language=language)
    made.set_unusable_password()
    User.objects.bulk_create([made], ignore_conflicts=True)  # another import may be at the same address
    user = User.objects.get_by_natural_key(email)
    if user.password == made.password:  # it is this one: no two are made unusable alike
        EmailAddress.objects.create(user=user, email=user.email, primary=True)
        audit.record("person.brought_in", user, at=at, by=by)
    return user


def remember(*, user_id: int, name: str, phone: str) -> None:
    """Fill in what the profile doesn't say yet, within the caller's transaction; what it says stays."""
    User.objects.filter(pk=user_id, name="").update(name=name)
    User.objects.filter(pk=user_id, phone="").update(phone=phone)


def only_admin_of(user: User) -> list[Organization]:
    """Return the organizations that have no other admin who can sign in."""
    others = Membership.objects.filter(role=Role.ADMIN, user__is_active=True).exclude(user=user)
    run = Organization.objects.filter(memberships__user=user, memberships__role=Role.ADMIN)
    return list(run.exclude(pk__in=others.values("organization")).order_by("name"))


def check_not_needed(user: User) -> None:
    """
    Raise LastAdmin if an organization would be left without one.

    Locks the organizations, so that of two admins who leave at once the second is refused; nothing else may
    be locked before.
    """
    own = Membership.objects.filter(user=user, role=Role.ADMIN).values("organization")
    list(Organization.objects.filter(pk__in=own).order_by("pk").select_for_update(no_key=True))
    if left_alone := only_admin_of(user):
        raise LastAdmin(left_alone)


def anonymise(user: User, *, at: datetime, by: Any = None) -> None:
    """
    Take from a locked person all that says who they are, and every way in: within the caller's transaction.

    The row stays, since the trail points to it. No organization may need them: see `check_not_needed`.
    """
    for membership in Membership.objects.filter(user=user).order_by("pk"):
        team.withdraw_sent(membership, at=at, by=by)
        audit.record("membership.ended", membership, at=at, by=by, role=membership.role)
    Membership.objects.filter(user=user).delete()
    Invitation.objects.filter(email=user.email).delete()
    _end_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    outbox.forget(user)
    user.email = f"deleted-{user.pk}@deleted.invalid"
    user.name = user.phone = ""
    user.is_active = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()


def _end_sessions(user: User) -> None:
    """A session that is listed nowhere ends as well: it is bound to the password."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for key in keys:
        store.delete(key)
    UserSession.objects.filter(user=user).delete()
