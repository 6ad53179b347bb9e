"""Posters for the demonstration: what they are, and that they say so."""

import pytest

from bookings import demo_art
from core import images
from events.models import Event


@pytest.fixture(autouse=True)
def _smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_art, "SIZE", (360, 225))
    monkeypatch.setattr(demo_art, "FINE", 0.45)


@pytest.mark.parametrize("kind", [*Event.Type.values, "venue"])
def test_there_are_posters_for_each_kind_and_they_say_what_they_are(kind: str) -> None:
    posters = [demo_art.poster("A title", kind, number) for number in range(3)]
    assert len({alt for _file, alt in posters}) == 3  # a gallery shows nothing twice
    for file, alt in posters:
        assert alt.startswith("Abstract poster: ")
        assert len(alt) <= 200
        image = images.decoded(file)
        assert image.size == (360, 225)
        dark, light = image.convert("L").getextrema()
        assert dark < 60  # a stage is dark …
        assert light > 120  # … and something on it is not


def test_a_title_has_the_same_poster_each_time_and_another_title_another() -> None:
    first, again, other = (demo_art.poster(title, "talk")[0].read() for title in ("Tides", "Tides", "Maps"))
    assert first == again
    assert first != other


def test_each_motif_is_used_and_each_palette_too() -> None:
    motifs = {motif for motifs, _palettes in demo_art.KINDS.values() for motif in motifs}
    palettes = {palette for _motifs, palettes in demo_art.KINDS.values() for palette in palettes}
    assert (motifs, palettes) == (set(demo_art.MOTIFS), set(demo_art.PALETTES))
