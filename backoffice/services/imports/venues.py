"""Venues: made by the form of the venue's page."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Power
from backoffice.services.imports.kinds import Kind, Lines, form_problems, natural, refuse
from backoffice.services.imports.lines import Says
from backoffice.services.imports.reading import Column, Line
from core import audit
from venues.models import Amenity, Venue

COLUMNS = (
    Column(
        "name",
        gettext_lazy("Name"),
        example="Old Mill",
        needed=True,
        called=("venue", "Ort", "Haus", "Spielstätte", "Nombre", "Recinto"),
    ),
    Column(
        "type", gettext_lazy("Type"), gettext_lazy("Theatre, concert hall, arena …"), "theatre", called=("Art", "Tipo")
    ),
    Column(
        "address",
        gettext_lazy("Address"),
        example="1 Mill Lane",
        needed=True,
        called=("street", "Straße", "Adresse", "Dirección", "Calle"),
    ),
    Column("city", gettext_lazy("City"), example="Berlin", needed=True, called=("Stadt", "Ciudad")),
    Column(
        "country",
        gettext_lazy("Country"),
        gettext_lazy("Two capital letters, as in DE."),
        "DE",
        needed=True,
        called=("Land", "País"),
    ),
    Column(
        "time_zone",
        gettext_lazy("Time zone"),
        gettext_lazy("Empty: that of the organization."),
        "Europe/Berlin",
        called=("Zeitzone", "zona horaria"),
    ),
    Column(
        "capacity",
        gettext_lazy("Capacity"),
        gettext_lazy("So many people at most."),
        "420",
        needed=True,
        called=("places", "Plätze", "Kapazität", "aforo", "capacidad"),
    ),
    Column(
        "description",
        gettext_lazy("Description"),
        example="A mill with a stage.",
        called=("Beschreibung", "Descripción"),
    ),
    Column(
        "amenities",
        gettext_lazy("Amenities"),
        gettext_lazy("Several with commas between them."),
        "bar, cloakroom",
        called=("Ausstattung", "Servicios"),
    ),
    Column(
        "access",
        gettext_lazy("Access"),
        gettext_lazy("For people with a disability."),
        called=("Barrierefreiheit", "Accesibilidad"),
    ),
    Column("directions", gettext_lazy("Directions"), called=("Anfahrt", "Cómo llegar")),
    Column("phone", gettext_lazy("Phone"), called=("Telefon", "Teléfono")),
    Column("email", gettext_lazy("E-mail"), called=("mail", "e-mail", "Correo")),
    Column("website", gettext_lazy("Website"), called=("web", "url", "Internetseite")),
    Column("latitude", gettext_lazy("Latitude"), example="52.52", called=("Breite", "Latitud")),
    Column("longitude", gettext_lazy("Longitude"), example="13.4", called=("Länge", "Longitud")),
)
PLAIN = ["name", "type", "address", "city", "country", "time_zone", "capacity", "description", "access", "directions"]
PLAIN += ["phone", "email", "website", "latitude", "longitude"]


class Venues(Kind):
    """One line, one venue, known by its name."""

    columns = COLUMNS
    power = Power.MANAGE_EVENTS

    def key(self, line: Line) -> list[str]:
        return natural(line.cells.get("name", ""))

    def check(self, lines: Lines) -> Venue | None:
        (line,) = lines
        if found := self._found(line):
            return found
        refuse(self._problems(line, self._form(line)))
        return None

    def bring_in(self, lines: Lines, *, by: Any, at: datetime) -> Model:
        (line,) = lines
        form = self._form(line)
        refuse(self._problems(line, form))
        venue = form.save()
        audit.record("venue.created", venue, at=at, by=by, called=str(venue), imported=True)
        return venue

    def known(self, found: Model) -> str:
        return _("There is a venue of this name already.")

    def _found(self, line: Line) -> Venue | None:
        """Names of venues are few; capitals and accents make no other."""
        wanted = self.key(line)
        own = Venue.objects.filter(organization=self.organization).order_by("pk")
        return next((venue for venue in own if wanted and natural(venue.name) == wanted), None)

    def _form(self, line: Line) -> Any:
        from backoffice.admin.venues import VenueForm  # noqa: PLC0415 - the admin is there once all apps are

        says = self.reader(line)
        data: dict[str, Any] = {name: line.cells[name] for name in PLAIN if name in line.cells}
        data["type"] = says.choice("type", Venue.Type.choices) or ("" if "type" in line.cells else Venue.Type.OTHER)
        data["amenities"] = _amenities(says)
        data["slug"] = _free_slug(f"{data.get('name', '')} {data.get('city', '')}")
        data.setdefault("time_zone", self.organization.time_zone)
        form = forms.modelform_factory(Venue, VenueForm, fields=[*PLAIN, "amenities", "slug"])
        made: Any = form(data | {"active": True}, instance=Venue(organization=self.organization))
        made.said = says
        return made

    def _problems(self, line: Line, form: Any) -> list[Any]:
        told = {problem.text.partition(":")[0] for problem in form.said.problems}
        others = form_problems(line, form, COLUMNS)
        return [*form.said.problems, *(each for each in others if each.text.partition(":")[0] not in told)]


def _amenities(says: Says) -> list[str]:
    asked = [part.strip() for part in says.line.cells.get("amenities", "").split(",")]
    parts = [Says(Line(says.line.number, {"amenities": part}), says.columns, says.problems) for part in asked if part]
    return list(dict.fromkeys(part.choice("amenities", Amenity.choices) for part in parts))


def _free_slug(name: str) -> str:
    """Return an address that no venue of any organization has."""
    base = slugify(name)[:120] or "venue"
    taken = set(Venue.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in [base, *numbered] if slug not in taken)
