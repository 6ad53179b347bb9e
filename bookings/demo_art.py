"""
Posters for the demonstration: plainly abstract, drawn with Pillow, and the same for a title each time.

A motif paints light from black to white; a palette gives the light its colours.
"""

import math
import random
from collections.abc import Callable, Iterable
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter

type Light = Image.Image
"""One byte of brightness for each pixel."""

type Point = tuple[float, float]

WIDTH, HEIGHT = 1600, 1000
"""In these units motifs are told."""

SIZE = (1200, 750)
"""In pixels. Shapes are drawn twice as large, since Pillow's edges have steps."""

SALT = 46_725
"""Chosen so that neighbours in the demonstration's season differ."""

FINE = 2 * SIZE[0] / WIDTH

PALETTES = {
    # each from shadow to light, and what the other side of the poster tends to
    "oxblood and gold": (["#12040a", "#4a0d1c", "#a8282b", "#f0a04b", "#fff0cf"], ["#0d0614", "#3a0f3c", "#8c1f4f"]),
    "midnight blue and amber": (["#050918", "#14265c", "#3c5fae", "#f2b44f", "#fff4d8"], ["#0b0620", "#3b1a63"]),
    "plum and rose": (["#10051a", "#431457", "#a12c7c", "#f58a7b", "#ffe9d2"], ["#050a20", "#1d2a72", "#6b3fa0"]),
    "deep green and brass": (["#03110f", "#0b3b38", "#1c7a69", "#e0b45a", "#fdf3d6"], ["#04101f", "#0d3a5c"]),
    "rust and cream": (["#160604", "#5c1a0e", "#c24a1b", "#f7b23b", "#fff3d9"], ["#180312", "#6b1230", "#c2284a"]),
    "slate and silver": (["#05080d", "#1a2a3c", "#4b6a83", "#c3d0d3", "#fffaf0"], ["#0d0618", "#33244f"]),
    "dusk violet and peach": (["#0c0824", "#3b1a63", "#b0386e", "#f9944e", "#ffedc2"], ["#06122e", "#123f73"]),
}


def poster(title: str, kind: str, number: int = 0) -> tuple[BytesIO, str]:
    """Return a JPEG file for something of this kind, the one of this number, and what it shows."""
    motifs, palettes = KINDS.get(kind, KINDS["other"])
    chance = random.Random(f"{title} {SALT}")  # noqa: S311 - the same picture each time
    palette, motifs = chance.choice(palettes), chance.sample(motifs, len(motifs))
    paint, what = MOTIFS[motifs[number % len(motifs)]]
    chance.seed(f"{title} {number}")
    out = BytesIO()
    _coloured(paint(chance), palette, chance).save(out, "JPEG", quality=92)
    out.seek(0)
    return out, f"Abstract poster: {what}, in {palette}."


# --- Colour -------------------------------------------------------------------------------------


def _coloured(light: Light, palette: str, chance: random.Random) -> Image.Image:
    colours, others = PALETTES[palette]
    light = ImageChops.multiply(light, _vignette())
    light = ImageChops.add(light, _grain(chance), offset=-128)  # hides the steps of the gradients, too
    slanted = Image.linear_gradient("L").rotate(chance.choice([45, 135, 225, 315]), Image.Resampling.BICUBIC)
    aside = slanted.resize(SIZE, box=(38, 38, 218, 218))  # beyond this the turned square has no corners
    return Image.composite(_tinted(light, others + colours[len(others) :]), _tinted(light, colours), aside)


def _tinted(light: Light, colours: list[str]) -> Image.Image:
    stops = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in colours]
    channels = []
    for channel in range(3):
        table = []
        for value in range(256):
            place = value / 255 * (len(stops) - 1)
            below = min(int(place), len(stops) - 2)
            start, end = stops[below][channel], stops[below + 1][channel]
            table.append(round(start + (end - start) * (place - below)))
        channels.append(light.point(table))
    return Image.merge("RGB", channels)


def _vignette() -> Light:
    return Image.radial_gradient("L").point(lambda value: 255 - value * 0.42).resize(SIZE, Image.Resampling.BILINEAR)


def _grain(chance: random.Random) -> Light:
    noise = Image.frombytes("L", SIZE, chance.randbytes(SIZE[0] * SIZE[1]))
    return noise.point(lambda value: 121 + value * 14 / 255)


# --- Light --------------------------------------------------------------------------------------


def _dusk(top: int, bottom: int) -> Light:
    column = Image.linear_gradient("L").point(lambda value: top + (bottom - top) * value / 255).resize((1, SIZE[1]))
    return column.resize(SIZE, Image.Resampling.NEAREST)


def _shape(draw: Callable[[ImageDraw.ImageDraw], object]) -> Light:
    """What is drawn, in whites on black, in fine units."""
    canvas = Image.new("L", (2 * SIZE[0], 2 * SIZE[1]))
    draw(ImageDraw.Draw(canvas))
    return canvas.reduce(2)


def _soft(shape: Light, radius: float) -> Light:
    """Blurred; a wide blur is made small, which nobody can see but the clock."""
    by = max(1, int(radius // 2))
    small = shape.reduce(by) if by > 1 else shape
    return small.filter(ImageFilter.GaussianBlur(radius / by)).resize(SIZE, Image.Resampling.BILINEAR)


def _dimmed(light: Light, by: float) -> Light:
    return light.point(lambda value: value * by)


def _laid(under: Light, shape: Light, over: Light, *, shadow: float = 0.75) -> Light:
    """Lay a sheet of this shape and brightness on what is there, as if cut from paper."""
    dark = _dimmed(_soft(ImageChops.offset(shape, 0, 8), 22), shadow)
    return Image.composite(over, ImageChops.multiply(under, ImageChops.invert(dark)), shape)


def _polygon(points: Iterable[Point], *, bright: int = 255) -> Light:
    return _shape(lambda canvas: canvas.polygon(_scaled(points), fill=bright))


def _ellipse(box: Iterable[Point], *, bright: int = 255) -> Light:
    return _shape(lambda canvas: canvas.ellipse(_scaled(box), fill=bright))


def _disc(x: float, y: float, radius: float) -> Light:
    return _ellipse([(x - radius, y - radius), (x + radius, y + radius)])


def _scaled(points: Iterable[Point]) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in points]


# --- Motifs -------------------------------------------------------------------------------------


def _cones(chance: random.Random) -> Light:
    light, fade = _dusk(6, 46), _dusk(225, 70)
    count = chance.choice([4, 5])
    aims = chance.sample(range(count), count)
    for number in range(count):
        top = WIDTH * (0.1 + 0.8 * (number + 0.5) / count) + chance.uniform(-40, 40)
        aim = WIDTH * (0.14 + 0.72 * (aims[number] + 0.5) / count) + chance.uniform(-30, 30)
        spread, floor = chance.uniform(120, 210), HEIGHT * chance.uniform(0.8, 0.88)
        cone = [(top - 14, -30), (top + 14, -30), (aim + spread, floor), (aim - spread, floor)]
        pool = [(aim - spread, floor - spread * 0.2), (aim + spread, floor + spread * 0.2)]
        light = ImageChops.screen(light, ImageChops.multiply(_soft(_polygon(cone, bright=190), 5), fade))
        light = ImageChops.screen(light, _soft(_ellipse(pool, bright=165), 6))
    return light


def _rings(chance: random.Random) -> Light:
    x, y = WIDTH * chance.choice([0.3, 0.5, 0.7]), HEIGHT * chance.uniform(0.42, 0.6)
    light = _dusk(20, 60)
    radius, bright = 980.0, False
    while radius > 60:
        shade = 250 - radius * 0.2 if bright else 70 - radius * 0.05
        light = _laid(light, _disc(x, y, radius), _dusk(int(shade), int(shade * 0.62)))
        radius -= chance.uniform(24, 70) if bright else chance.uniform(60, 130)
        bright = not bright
    return _laid(light, _disc(x, y, 40), _dusk(255, 255))


def _strings(chance: random.Random) -> Light:
    phase, turns = chance.uniform(0, 6), chance.uniform(1.2, 2.2)

    def draw(canvas: ImageDraw.ImageDraw) -> None:
        for number in range(34):
            part = number / 33
            line = []
            for x in range(-20, WIDTH + 20, 10):
                swing = math.sin(math.pi * x / WIDTH) ** 2
                wave = math.sin(turns * math.tau * x / WIDTH + phase + part * 2.6)
                line.append((x, HEIGHT * (0.16 + 0.68 * part) + swing * wave * 130 * (0.35 + part)))
            canvas.line(_scaled(line), fill=round(90 + 165 * math.sin(math.pi * part)), width=round(3 + 5 * part))

    lines = _shape(draw)
    light = ImageChops.screen(_dusk(6, 60), _dimmed(_soft(lines, 30), 0.9))
    return ImageChops.screen(light, lines)


def _ribbons(chance: random.Random) -> Light:
    light = _dusk(10, 40)
    for number in range(3):
        phase, turns = chance.uniform(0, 6), chance.uniform(0.5, 1.1)
        twist, height = chance.uniform(2, 4), HEIGHT * (0.28 + 0.22 * number)

        def thread(part: float, a: float = phase, b: float = turns, c: float = twist, y: float = height) -> list[Point]:
            """The ribbon's middle is at 0, its edges at -1 and 1."""
            along = [(x, x / WIDTH * math.tau) for x in range(-20, WIDTH + 21, 10)]
            return [(x, y + 190 * math.sin(t * b + a) + part * 150 * math.sin(t * b * 0.7 + c)) for x, t in along]

        def draw(canvas: ImageDraw.ImageDraw, thread: Callable[[float], list[Point]] = thread) -> None:
            for strip in range(-24, 24):
                outline = [*thread(strip / 24), *reversed(thread((strip + 1) / 24))]
                canvas.polygon(_scaled(outline), fill=round(30 + 205 * ((strip + 25) / 48) ** 2.2))

        light = ImageChops.screen(light, _shape(draw))
    return light


def _arches(chance: random.Random) -> Light:
    x, floor = WIDTH * chance.choice([0.42, 0.5, 0.58]), HEIGHT * 1.02
    light = _dusk(34, 12)
    count = chance.choice([6, 7])
    for number in range(count):
        part = number / (count - 1)
        half, top = 760 - 600 * part, HEIGHT * (-0.12 + 0.52 * part)

        def draw(canvas: ImageDraw.ImageDraw, half: float = half, top: float = top) -> None:
            canvas.ellipse(_scaled([(x - half, top), (x + half, top + 2 * half)]), fill=255)
            canvas.rectangle(_scaled([(x - half, top + half), (x + half, floor)]), fill=255)

        bright = 26 + 225 * part**1.5
        light = _laid(light, _shape(draw), _dusk(int(bright), int(bright * 0.55)))
    return light


def _dots(chance: random.Random) -> Light:
    x, y = WIDTH * chance.choice([0.34, 0.66]), HEIGHT * chance.uniform(0.4, 0.55)
    light = _dusk(50, 95)

    def halftone(canvas: ImageDraw.ImageDraw) -> None:
        step = 34
        for row in range(-1, HEIGHT // step + 2):
            for column in range(-1, WIDTH // step + 2):
                at = ((column + row % 2 / 2) * step, row * step)
                radius = 21 * max(0.0, 1 - math.dist(at, (WIDTH - x, HEIGHT - y)) / 1050)
                if radius > 1:
                    canvas.circle(_scaled([at])[0], radius * FINE, fill=255)

    light = Image.composite(_dusk(120, 165), light, _shape(halftone))
    return _laid(light, _disc(x, y, chance.uniform(270, 330)), _dusk(255, 140))


def _beam(chance: random.Random) -> Light:
    y = HEIGHT * chance.uniform(0.2, 0.34)
    screen = [(1010, 250), (1450, 170), (1450, 830), (1010, 750)]
    start = (-40, y)
    beam = _soft(_polygon([start, screen[0], screen[3]], bright=200), 7)
    fade = Image.linear_gradient("L").rotate(270).point(lambda value: 80 + value * 0.6).resize(SIZE)
    light = ImageChops.screen(_dusk(10, 34), ImageChops.multiply(beam, fade))
    sheet = _polygon(screen)
    light = _laid(ImageChops.screen(light, _dimmed(_soft(sheet, 60), 0.5)), sheet, _dusk(255, 240), shadow=0.2)

    def dust(canvas: ImageDraw.ImageDraw) -> None:
        for _number in range(160):
            far = chance.random() ** 0.7
            across = 250 + 500 * chance.random()
            at = (start[0] + (1010 - start[0]) * far, y + (across - y) * far)
            canvas.circle(_scaled([at])[0], chance.uniform(1, 4) * FINE, fill=chance.randint(120, 255))

    return ImageChops.screen(light, _shape(dust))


def _contours(chance: random.Random) -> Light:
    x, y = WIDTH * chance.uniform(0.35, 0.65), HEIGHT * chance.uniform(0.42, 0.58)
    bends = [(turns, chance.uniform(0.05, 0.28) / turns**0.5, chance.uniform(0, 6)) for turns in (2, 3, 5)]
    light = _dusk(22, 40)
    for number in range(11):
        radius = 1020 * (1 - number / 11.5) ** 1.15
        shift = number * 0.22
        outline = []
        for degree in range(0, 360, 2):
            angle = math.radians(degree)
            bend = 1 + sum(size * math.sin(turns * angle + phase + shift) for turns, size, phase in bends)
            outline.append((x + radius * bend * math.cos(angle), y + 0.72 * radius * bend * math.sin(angle)))
        bright = 30 + 215 * (number / 10) ** 1.2
        light = _laid(light, _polygon(outline), _dusk(int(bright), int(bright * 0.75)), shadow=0.6)
    return light


def _waves(chance: random.Random, *, highest: float = 0.36, moon: float = 150) -> Light:
    light = _dusk(25, 215)
    x, y = WIDTH * chance.choice([0.27, 0.7]), HEIGHT * chance.uniform(0.24, 0.34)
    disc = _disc(x, y, moon)
    light = ImageChops.screen(light, _dimmed(_soft(disc, 90), 0.7))
    light = Image.composite(_dusk(255, 235), light, disc)
    for number in range(6):
        part = number / 5
        phase, turns, size = chance.uniform(0, 6), chance.uniform(0.8, 1.8), chance.uniform(28, 62)
        line = [(-20.0, HEIGHT + 20.0)]
        for at in range(-20, WIDTH + 21, 10):
            along = at / WIDTH * math.tau
            swell = math.sin(along * turns + phase) + 0.4 * math.sin(along * turns * 2.3 + phase * 2)
            line.append((at, HEIGHT * (highest + (0.96 - highest) * part) + size * swell))
        line.append((WIDTH + 20.0, HEIGHT + 20.0))
        bright = 205 - 165 * part
        light = _laid(light, _polygon(line), _dusk(int(bright * 1.1), int(bright * 0.5)), shadow=0.8)
    return light


def _hills(chance: random.Random) -> Light:
    return _waves(chance, highest=0.5, moon=210)


def _skyline(chance: random.Random) -> Light:
    light = _dusk(20, 175)
    x, y = WIDTH * chance.choice([0.25, 0.5, 0.75]), HEIGHT * 0.4
    disc = _disc(x, y, 230)
    light = Image.composite(_dusk(255, 200), ImageChops.screen(light, _dimmed(_soft(disc, 90), 0.6)), disc)
    for number, bright in enumerate((120, 70, 26)):
        houses, left = [], -40.0
        while left < WIDTH:
            wide = chance.uniform(60, 150)
            houses.append((left, HEIGHT * (0.4 + 0.17 * number + chance.uniform(0, 0.2)), left + wide))
            left += wide + chance.choice([0, 0, 12, 30])

        def draw(canvas: ImageDraw.ImageDraw, houses: list[tuple[float, float, float]] = houses) -> None:
            for left, top, right in houses:
                canvas.rectangle(_scaled([(left, top), (right, HEIGHT)]), fill=255)

        def windows(canvas: ImageDraw.ImageDraw, houses: list[tuple[float, float, float]] = houses) -> None:
            for left, top, right in houses:
                for across in range(int(left) + 14, int(right) - 20, 24):
                    for down in range(int(top) + 20, HEIGHT, 34):
                        if chance.random() < 0.22:
                            canvas.rectangle(_scaled([(across, down), (across + 9, down + 14)]), fill=255)

        light = _laid(light, _shape(draw), _dusk(bright, int(bright * 1.5)), shadow=0.4)
        if number:
            light = Image.composite(_dusk(225, 225), light, _shape(windows))
    return light


MOTIFS: dict[str, tuple[Callable[[random.Random], Light], str]] = {
    "cones": (_cones, "cones of light cross above a dark stage"),
    "rings": (_rings, "rings within rings, like a record or a sound that spreads"),
    "strings": (_strings, "many strings, swinging"),
    "ribbons": (_ribbons, "three ribbons of silk turn through the dark"),
    "arches": (_arches, "arch behind arch, brighter towards the last"),
    "dots": (_dots, "a bright disc before a screen of dots"),
    "beam": (_beam, "a projector's beam with dust in it falls on a blank screen"),
    "contours": (_contours, "the contour lines of a mountain that isn't there"),
    "waves": (_waves, "waves of cut paper below a moon"),
    "hills": (_hills, "hills of cut paper before a large sun"),
    "skyline": (_skyline, "a skyline with lit windows before a low moon"),
}

KINDS = {
    "theatre": (["cones", "arches", "contours"], ["oxblood and gold", "plum and rose", "midnight blue and amber"]),
    "concert": (["strings", "rings", "waves"], ["midnight blue and amber", "deep green and brass", "rust and cream"]),
    "opera": (["arches", "cones", "ribbons"], ["plum and rose", "oxblood and gold"]),
    "dance": (["ribbons", "strings", "cones"], ["dusk violet and peach", "deep green and brass", "plum and rose"]),
    "comedy": (["dots", "cones", "rings"], ["rust and cream", "dusk violet and peach"]),
    "film": (["beam", "skyline", "rings"], ["slate and silver", "midnight blue and amber"]),
    "talk": (["contours", "rings", "dots"], ["deep green and brass", "slate and silver"]),
    "festival": (["hills", "waves", "ribbons"], ["dusk violet and peach", "rust and cream"]),
    "venue": (["skyline", "arches", "cones"], ["midnight blue and amber", "oxblood and gold", "slate and silver"]),
    "other": (["waves", "rings", "ribbons"], ["plum and rose", "deep green and brass"]),
}
