from __future__ import annotations

import pytest

from geo.doctor.shifts import check_shifts
from tests.geo.doctor.drawing import codes, survey


def shifted(dx: float, dy: float, *, wobble: float = 0.0):
    """Return a road of which the middle 2 km lie off by a vector, with a crossroad that makes the west the main part."""
    points = {
        "a": (-5000, 0), "b": (0, 0),
        "c": (0 + dx, 0 + dy), "d": (2000 + dx + wobble, 0 + dy + wobble),
        "e": (2000, 0), "f": (4000, 0),
    }  # fmt: skip
    return survey(points, [("a b", {}), ("c d", {}), ("e f", {})])


@pytest.mark.parametrize(("offset", "count"), [((480, -250), 1), ((200, -100), 0), ((700, -400), 0), ((0, 0), 0)])
def test_offset(offset, count):
    """Fault 33: a piece off by 300 to 700 m at both ends is reported; smaller and larger offsets are not."""
    found = check_shifts(survey_of(offset))
    assert codes(found).get("shifted_way", 0) == count
    if count:
        assert found[0].things == ("w102/3-4",)
        assert found[0].length_m == pytest.approx(2000, rel=1e-2)


def survey_of(offset):
    """Return the road for an offset."""
    return shifted(*offset)


@pytest.mark.parametrize(("wobble", "count"), [(20, 1), (40, 0)])
def test_both_ends_agree(wobble, count):
    """Both ends must be off by one vector, within 30 m."""
    assert codes(check_shifts(shifted(480, -250, wobble=wobble))).get("shifted_way", 0) == count


def test_parallel_roads_cut_by_the_map_edge():
    """Two parallel roads that both end at the edge of the map look away from each other's ends: no shift."""
    points = {"a": (0, 0), "b": (9000, 0), "c": (0, 450), "d": (8000, 450)}
    assert check_shifts(survey(points, [("a b", {}), ("c d", {})])) == []
