"""Outlines, and what lies in them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from venues.geometry import contains, hull, simplified, turn

spots = st.tuples(st.integers(0, 100), st.integers(0, 100))


@settings(deadline=None)
@given(st.lists(spots, min_size=1, max_size=30), st.integers(1, 20))
def test_an_outline_is_convex_and_around_all_points(points: list[tuple[int, int]], margin: int) -> None:
    outline = hull(points, margin=margin)
    corners = list(zip(outline, [*outline[1:], outline[0]], [*outline[2:], *outline[:2]], strict=True))
    assert all(turn(a, b, c) > 0 for a, b, c in corners)
    assert all(contains(outline, point) for point in points)
    xs, ys = zip(*points, strict=True)
    assert min(x for x, _y in outline) == max(min(xs) - margin, 0)
    assert max(y for _x, y in outline) == max(ys) + margin


def test_an_outline_ends_where_the_plan_does() -> None:
    assert set(hull([(5, 99_990)], margin=20)) == {(0, 99_970), (25, 99_970), (25, 100_000), (0, 100_000)}


U = ((0, 0), (30, 0), (30, 30), (20, 30), (20, 10), (10, 10), (10, 30), (0, 30))


def test_a_point_is_in_a_bent_outline_or_on_its_edge() -> None:
    inside = [(5, 5), (25, 29), (5, 30), (0, 0), (10, 20), (15, 10), (30, 15)]
    outside = [(15, 20), (15, 11), (31, 5), (-1, 0), (15, 30), (40, 10), (5, 31)]
    assert [contains(U, point) for point in inside] == [True] * 7
    assert [contains(U, point) for point in outside] == [False] * 7
    assert [contains(U[::-1], point) for point in (*inside, *outside)] == [True] * 7 + [False] * 7


def test_corners_that_are_none_are_left_out() -> None:
    assert simplified([(0, 0), (5, 0), (9, 0), (9, 0), (9, 9), (0, 0)]) == ((0, 0), (9, 0), (9, 9))


def test_a_way_and_its_way_back_are_kept() -> None:
    """The slit by which a ring's outline gets to its inner side."""
    slit = ((0, 0), (9, 0), (9, 9), (0, 9), (0, 5), (3, 5), (0, 5))
    assert simplified(slit)[-2:] == ((3, 5), (0, 5))
