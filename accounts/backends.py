"""The one permission backend: what somebody may do follows from their role where they work now."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import models

from accounts.models import User

PREFIX = "accounts."


class Roles(AuthenticationBackend):
    """Signs people in by e-mail and password, and answers `user.has_perm("accounts.<power>", object)`."""

    def has_perm(self, user_obj: Any, perm: str, obj: models.Model | None = None) -> bool:
        """
        Whether the role at the active organization has this power; over an object, only over its own.

        No other permission exists, so Django's tables of groups and permissions are never asked.
        """
        return perm in self.get_all_permissions(user_obj, obj)

    def get_all_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        """Return all powers, as Django calls them."""
        workplace = user_obj.workplace if isinstance(user_obj, User) and user_obj.is_active else None
        if workplace is None:
            return set()
        if obj is not None and getattr(obj, "organization_id", None) != workplace.organization.pk:
            return set()
        return {PREFIX + power for power in workplace.powers}

    def get_user_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        """Nobody has any in person."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: models.Model | None = None) -> set[str]:
        """Nobody is in a group."""
        return set()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether this person works anywhere."""
        return bool(self.get_all_permissions(user_obj))
