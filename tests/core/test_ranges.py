"""Many keys in few characters."""

import pytest

from core import ranges


@pytest.mark.parametrize(
    ("keys", "text"),
    [([], ""), ([7], "7"), ([3, 1, 2], "1-3"), ([51, 12, 13, 14, 12], "12-14,51"), ([1, 3, 5], "1,3,5")],
)
def test_keys_are_written_as_runs_and_read_back(keys: list[int], text: str) -> None:
    assert ranges.compact(keys) == text
    assert ranges.expanded(text) == sorted(set(keys))


@pytest.mark.parametrize(
    "text",
    ["x", "1-", "-1", "1,,2", "1.5", "٢", "3-1", "1-200001", "1" * 19, "1-2-3", "1-100000,1-100000,1", "NaN", "\0"],
)
def test_what_is_no_list_of_keys_or_far_too_long_is_refused(text: str) -> None:
    """R50"""
    with pytest.raises(ValueError, match=r"."):
        ranges.expanded(text)


def test_a_key_is_found_in_its_run() -> None:
    text = ranges.compact([12, 13, 14, 51])
    assert [key for key in range(60) if ranges.holds(text, key)] == [12, 13, 14, 51]
    assert not ranges.holds("", 1)
