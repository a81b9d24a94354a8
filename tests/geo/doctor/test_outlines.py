from __future__ import annotations

import pytest

from geo.doctor.outlines import check_areas, check_booths
from tests.geo.doctor.drawing import codes, draw, survey, with_areas

ROAD = draw({"a": (0, 0), "b": (100, 0)}, [("a b", {})])
SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
BOW_TIE = [(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]


def test_sound_outline():
    """A plain square is fine."""
    assert check_areas(with_areas(ROAD, SQUARE)) == []


def test_bow_tie():
    """Fault 37: an outline that crosses itself is reported by its id."""
    found = check_areas(with_areas(ROAD, SQUARE, BOW_TIE))
    assert codes(found) == {"self_crossing_area": 1}
    assert found[0].things == ("w901",)


@pytest.mark.parametrize(
    "ring", [[(0, 0), (10, 0), (0, 0)], SQUARE[:-1], [(0, 0), (5, 0), (10, 0), (0, 0)], [(0, 0), (float("nan"), 0)] * 3]
)
def test_invalid_outlines(ring):
    """Fault 37: too few points, an open ring, a ring without area and one without coordinates are reported."""
    assert codes(check_areas(with_areas(ROAD, ring))) == {"invalid_area": 1}


@pytest.mark.parametrize(("apart", "count"), [(0.9, 2), (1.1, 0)])
def test_booths_on_each_other(apart, count):
    """Two booths nearer than a metre are reported, a little farther not."""
    points = {"a": (0, 0), "b": (50, 0), "c": (100, 0), "d": (0, 20), "e": (50, apart), "f": (100, 20)}
    found = check_booths(survey(points, [("a b c", {}), ("d e f", {})], booths={"b": "n1", "e": "n1"}))
    assert codes(found).get("overlapping_booths", 0) == count


def test_no_booths():
    """A map without booths has none that overlap."""
    assert check_booths(survey({"a": (0, 0), "b": (1, 0)}, [("a b", {})])) == []
