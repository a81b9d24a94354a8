from __future__ import annotations

import pytest

from geo.doctor.overlaps import check_duplicates, check_overlaps
from tests.geo.doctor.drawing import codes, survey

LINE = {"a": (0, 0), "b": (50, 5), "c": (100, 0), "d": (50, -5)}


@pytest.mark.parametrize(("second", "count"), [("a b c", 1), ("c b a", 1), ("a d c", 0)])
def test_duplicate_ways(second, count):
    """Two ways through the same points, in either order, are one road too many; through other points they are not."""
    points = LINE | {"x": (0, 100), "y": (100, 100)}
    found = check_duplicates(survey(points, [("x a", {}), ("a b c", {}), (second, {}), ("c y", {})]))
    assert codes(found).get("duplicate_way", 0) == (2 if count else 0)
    if count:
        assert all(thing.startswith("w103/") for thing in found[0].things)


def beside(apart: float, *, turn: float = 0.0, **tags: str):
    """Return two roads of 200 m, the second so many metres beside the first."""
    points = {"a": (0, 0), "b": (200, 0), "c": (3, apart), "d": (203, apart + turn)}
    return survey(points, [("a b", {}), ("c d", tags)])


@pytest.mark.parametrize(("apart", "count"), [(0.9, 1), (1.1, 0)])
def test_overlaps(apart, count):
    """Roads nearer than a metre to each other are one road drawn twice, wider apart they are lanes."""
    found = check_overlaps(beside(apart))
    assert codes(found).get("overlapping_way", 0) == count
    if count:
        assert found[0].things == ("w102/3-4",)


def test_a_bridge_above_a_road_is_no_overlap():
    """An elevated road above another lies on another level."""
    assert check_overlaps(beside(0.5, bridge="yes")) == []


def test_roads_that_part_are_no_overlap():
    """Roads that touch and lead apart do not lie on each other."""
    assert check_overlaps(beside(0.5, turn=40.0)) == []
