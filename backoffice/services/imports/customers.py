"""Customers: accounts that nobody has a password for; who has the address signs in by a code."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from accounts.services import people
from backoffice.services.imports.kinds import Kind, Lines
from backoffice.services.imports.lines import Says
from backoffice.services.imports.reading import Column, Line

COLUMNS = (
    Column(
        "email",
        gettext_lazy("E-mail"),
        example="ada@example.com",
        needed=True,
        called=("mail", "e-mail", "Mailadresse", "Correo", "correo electrónico"),
    ),
    Column("name", gettext_lazy("Name"), example="Ada Example", called=("customer", "Kunde", "Nombre", "Cliente")),
    Column("phone", gettext_lazy("Phone"), example="+49 30 123456", called=("Telefon", "Teléfono")),
    Column(
        "language",
        gettext_lazy("Language"),
        gettext_lazy("en, de or es. Empty: yours."),
        "en",
        called=("Sprache", "Idioma"),
    ),
)


_LONGEST = {"name": 150, "phone": 40}
"""As bookings and accounts have room for them."""


class Customers(Kind):
    """
    One line, one person, known by their address.

    Whether somebody has an account already is for that person to know, and not for every house that has the address:
    the answer is the same, and what the account says stays.
    """

    columns = COLUMNS
    power = Power.MANAGE_BOOKINGS

    def key(self, line: Line) -> list[str]:
        return address_key(line.cells.get("email", ""))

    def check(self, lines: Lines) -> None:
        (line,) = lines
        self._read(line)

    def bring_in(self, lines: Lines, *, by: Any, at: datetime) -> Model:
        (line,) = lines
        return people.bring_in(**self._read(line), at=at, by=by)

    def said(self, made: Model) -> str:
        return _("There is an account for this address.")

    def _read(self, line: Line) -> dict[str, str]:
        says = self.reader(line)
        says.needed()
        said = person(says) | {"language": language(says, self.language)}
        says.refuse()
        return said


def address_key(email: str) -> list[str]:
    """Return an address as it is one person's, if there is one: capitals make no other, accents do."""
    return [email.strip().lower()] if email else []


def person(says: Says) -> dict[str, str]:
    """Read who somebody is."""
    return {"email": says.email("email")} | {name: says.text(name, most) for name, most in _LONGEST.items()}


def language(says: Says, usual: str) -> str:
    """Read in which language somebody is written to."""
    return says.choice("language", [(code, code) for code, _name in settings.LANGUAGES]) or usual
