"""People, the organizations that sell, and who works for which."""

from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import validate_currency


def validate_time_zone(name: str) -> None:
    """Refuse what the time zone database doesn't know."""
    if name not in available_timezones():
        raise ValidationError(_("%(name)s is no time zone. Use a name like Europe/Berlin."), params={"name": name})


class UserManager(BaseUserManager["User"]):
    """Finds and makes people by e-mail, whatever its capitals."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make somebody who can sign in; without a password, not with one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a site administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: a customer, or staff by membership."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="an_email_has_no_capitals")
        ]

    def __str__(self) -> str:
        return self.email


class Organization(models.Model):
    """A tenant: it sells under its own name, sets its service fee and owns everything below it."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(unique=True)
    support_email = models.EmailField(blank=True)
    support_phone = models.CharField(max_length=40, blank=True)
    entry_rules = models.TextField(
        blank=True, help_text=_("What visitors must know before they choose; an event may have its own. Markdown.")
    )
    refund_rules = models.TextField(
        blank=True, help_text=_("When money goes back, in words; an event may have its own. Markdown.")
    )
    currency = models.CharField(max_length=3, default="EUR", validators=[validate_currency])
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    fee_basis_points = models.PositiveIntegerField(
        default=0, help_text=_("Service fee in hundredths of a percent of each price: 250 is 2.5 %.")
    )
    fee_per_ticket = models.PositiveIntegerField(
        default=0, help_text=_("Service fee for each ticket that isn't free, in the currency's smallest unit.")
    )
    tax_basis_points = models.PositiveIntegerField(
        default=0, help_text=_("Tax contained in prices and fees, in hundredths of a percent: 1900 is 19 %.")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(fee_basis_points__lte=10_000), name="a_fee_is_at_most_the_price"),
            models.CheckConstraint(condition=models.Q(tax_basis_points__lte=10_000), name="a_tax_is_at_most_the_price"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in an organization."""

    class Role(models.TextChoices):
        """What somebody does there."""

        ORGANIZER = "organizer", _("organizer")
        ENTRY_MANAGER = "entry_manager", _("entry manager")
        SUPPORT = "support", _("support")
        ANALYST = "analyst", _("analyst")
        ADMIN = "admin", _("admin")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_role_per_person_and_organization"),
            models.CheckConstraint(
                condition=models.Q(role__in=["organizer", "entry_manager", "support", "analyst", "admin"]),
                name="a_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.organization}"
