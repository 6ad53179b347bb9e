"""A little plane geometry in whole centimetres: outlines around seats, and what lies inside of them."""

from collections.abc import Iterable, Sequence

from venues.models.plan import FARTHEST

type Point = tuple[int, int]


def hull(points: Iterable[Point], *, margin: int = 0) -> tuple[Point, ...]:
    """Return the corners of the smallest convex outline with a margin around all points, clipped to the plan."""
    corners = {clipped((x + dx, y + dy)) for x, y in points for dx in (-margin, margin) for dy in (-margin, margin)}
    ordered = sorted(corners)
    return (*_half(ordered), *_half(ordered[::-1]))


def _half(points: Sequence[Point]) -> list[Point]:
    """One side of Andrew's monotone chain, without its last corner, which begins the other side."""
    chain: list[Point] = []
    for point in points:
        while len(chain) > 1 and turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain[:-1]


def turn(a: Point, b: Point, c: Point) -> int:
    """Twice the area of the triangle: positive when the way from a over b to c turns clockwise on the page."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def contains(outline: Sequence[Point], point: Point) -> bool:
    """Whether a point lies inside of an outline or on its edge."""
    inside = False
    for a, b in zip(outline, [*outline[1:], outline[0]], strict=True):
        if turn(a, b, point) == 0 and _between(a, b, point):
            return True
        if (a[1] > point[1]) != (b[1] > point[1]):
            inside ^= (turn(a, b, point) > 0) == (b[1] > a[1])
    return inside


def distance_squared(a: Point, b: Point) -> int:
    """In whole numbers, so that a limit is met exactly."""
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def clipped(point: Point) -> Point:
    """Return the nearest point that lies on a plan."""
    return min(max(point[0], 0), FARTHEST), min(max(point[1], 0), FARTHEST)


def simplified(corners: Iterable[Point]) -> tuple[Point, ...]:
    """Return an outline without the corners that lie on a straight way or repeat the one before."""
    kept: list[Point] = []
    for corner in corners:
        while len(kept) > 1 and _straight(kept[-2], kept[-1], corner):
            kept.pop()
        kept.append(corner)
    while len(kept) > 2 and _straight(kept[-2], kept[-1], kept[0]):
        kept.pop()
    while len(kept) > 2 and _straight(kept[-1], kept[0], kept[1]):
        kept.pop(0)
    return tuple(kept)


def _straight(a: Point, b: Point, c: Point) -> bool:
    """Whether b lies on the straight way from a to c."""
    return turn(a, b, c) == 0 and _between(a, c, b)


def _between(a: Point, b: Point, point: Point) -> bool:
    return min(a[0], b[0]) <= point[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])
