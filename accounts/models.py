"""People, the organizations that sell, and who works for which."""

from functools import cached_property
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.roles import Role, Workplace
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
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: a customer, or staff by membership."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="an_email_has_no_capitals")
        ]

    def __str__(self) -> str:
        return self.email

    # Which organization this session chose to work for; `accounts.middleware.AtWork` sets it.
    organization_chosen: int | None = None

    @cached_property
    def workplaces(self) -> list[Workplace]:
        """Where this person works, in the order of names; a site administrator works everywhere."""
        if self.is_superuser:
            return [Workplace(each, None) for each in Organization.objects.order_by("name")]
        memberships = self.memberships.select_related("organization").order_by("organization__name")
        return [Workplace(each.organization, Role(each.role)) for each in memberships]

    @cached_property
    def workplace(self) -> Workplace | None:
        """Where this person works in this session: the one that was chosen, else the first. Asked once a request."""
        if not self.is_active:
            return None
        chosen = [each for each in self.workplaces if each.organization.pk == self.organization_chosen]
        return next(iter(chosen or self.workplaces), None)

    @property
    def is_staff(self) -> bool:
        """Whether this person works for anybody: it follows from memberships and is stored nowhere."""
        return self.is_active and (self.is_superuser or self.workplace is not None)


class Organization(models.Model):
    """A tenant: it sells under its own name, sets its service fee and owns everything below it."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("address"), unique=True)
    support_email = models.EmailField(_("support email"), blank=True)
    support_phone = models.CharField(_("support phone"), max_length=40, blank=True)
    entry_rules = models.TextField(
        _("entry rules"),
        blank=True,
        help_text=_("What visitors must know before they choose; an event may have its own. Markdown."),
    )
    refund_rules = models.TextField(
        _("refund rules"),
        blank=True,
        help_text=_("When money goes back, in words; an event may have its own. Markdown."),
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR", validators=[validate_currency])
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    fee_basis_points = models.PositiveIntegerField(
        _("service fee"), default=0, help_text=_("Service fee in hundredths of a percent of each price: 250 is 2.5 %.")
    )
    fee_per_ticket = models.PositiveIntegerField(
        _("fee per ticket"),
        default=0,
        help_text=_("Service fee for each ticket that isn't free, in the currency's smallest unit."),
    )
    fee_per_booking = models.PositiveIntegerField(
        _("fee per booking"),
        default=0,
        help_text=_("Service fee for each booking that isn't free, in the currency's smallest unit."),
    )
    tax_basis_points = models.PositiveIntegerField(
        _("tax contained"),
        default=0,
        help_text=_("Tax contained in prices and fees, in hundredths of a percent: 1900 is 19 %."),
    )
    postal_address = models.TextField(
        _("postal address"), blank=True, help_text=_("As it stands on receipts, with the full name of the business.")
    )
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True, help_text=_("As it stands on receipts."))
    account_holder = models.CharField(_("account holder"), max_length=120, blank=True)
    iban = models.CharField(_("IBAN"), max_length=34, blank=True, help_text=_("Where bank transfers go."))
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    second_factor_required = models.BooleanField(
        _("second factor required"),
        default=False,
        help_text=_("Staff must sign in with a passkey, or with a code from their authenticator app besides."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        constraints = [
            models.CheckConstraint(condition=models.Q(fee_basis_points__lte=10_000), name="a_fee_is_at_most_the_price"),
            models.CheckConstraint(condition=models.Q(tax_basis_points__lte=10_000), name="a_tax_is_at_most_the_price"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organization_id(self) -> int:
        """Its own: so its changes are in its audit trail, and powers over it are asked like over any object."""
        return self.pk


class Membership(models.Model):
    """A person's role in an organization."""

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_role_per_person_and_organization"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="a_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} of {self.organization}"


class Invitation(models.Model):
    """
    A role offered to an address by mail. The link's secret is in the mail alone: the row has its digest.

    Open until it is accepted, withdrawn or over; the link works for who has proved to own the address.
    """

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, verbose_name=_("invited by"), on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("invited"))
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="an_invitation_is_to_a_known_role"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="an_invited_email_has_no_capitals"),
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(withdrawn_at=None),
                name="an_invitation_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}, {self.get_role_display()} of {self.organization}"
