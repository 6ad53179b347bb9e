"""`manage.py add_picture`: a picture for an event or a venue, from a file."""

from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import pictures
from core.pictures import Picture
from events.models import Event, EventPicture
from venues.models import Venue, VenuePicture


class Command(BaseCommand):
    """The first picture is the cover, the others are the gallery."""

    help = "Add a picture to an event or a venue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["event", "venue"])
        parser.add_argument("slug", help="as in the address of its page")
        parser.add_argument("file", type=Path, help="JPEG, PNG or WebP")
        parser.add_argument("--alt", required=True, help="what it shows, in one sentence, for those who can't see it")
        parser.add_argument(
            "--focus",
            nargs=2,
            type=int,
            default=(50, 50),
            metavar=("X", "Y"),
            help="what must not be cut off, in percent from the left and from the top",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        picture = _blank(options["kind"], options["slug"])
        picture.alt = options["alt"]
        picture.focus_x, picture.focus_y = options["focus"]
        with _opened(options["file"]) as upload:
            try:
                pictures.add(picture=picture, upload=upload)
            except ValidationError as error:
                raise CommandError(_sentences(error)) from error
        self.stdout.write(picture.whole)


def _blank(kind: str, slug: str) -> Picture:
    try:
        if kind == "event":
            return EventPicture(event=Event.objects.get(slug=slug))
        return VenuePicture(venue=Venue.objects.get(slug=slug))
    except (Event.DoesNotExist, Venue.DoesNotExist) as error:
        raise CommandError(f"There is no {kind} with the address {slug}.") from error


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise CommandError(f"{file} can't be opened: {error.strerror}.") from error


def _sentences(error: ValidationError) -> str:
    """Say which option is wrong, where one is."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
