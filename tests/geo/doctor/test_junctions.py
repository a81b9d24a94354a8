from __future__ import annotations

import pytest

from geo.doctor.junctions import check_crossings, check_near_misses
from tests.geo.doctor.drawing import codes, survey

MAIN = {"a": (0, 0), "b": (100, 0), "c": (200, 0)}


@pytest.mark.parametrize(("gap", "count"), [(2.9, 1), (3.1, 0)])
def test_near_miss(gap, count):
    """An end 2.9 m from a road it is not joined to is reported, 3.1 m is not."""
    found = check_near_misses(survey(MAIN | {"d": (60, 80), "e": (60, gap)}, [("a b c", {}), ("d e", {})]))
    assert codes(found).get("near_miss", 0) == count
    if count:
        assert found[0].things == ("n5",)


def test_an_end_joined_round_the_corner_is_no_miss():
    """A stub that starts at the road it lies close to is joined to it."""
    assert check_near_misses(survey(MAIN | {"d": (102, 2.5)}, [("a b c", {}), ("b d", {})])) == []


def test_near_miss_on_another_level():
    """An end below a bridge has missed nothing."""
    points = MAIN | {"d": (60, 80), "e": (60, 1)}
    assert check_near_misses(survey(points, [("a b c", {"bridge": "yes"}), ("d e", {})])) == []


CROSS = MAIN | {"n": (60, 50), "s": (60, -50)}


@pytest.mark.parametrize(
    ("tags", "count"),
    [
        ({}, 1),
        ({"bridge": "yes"}, 0),
        ({"tunnel": "yes"}, 0),
        ({"layer": "1"}, 0),
        ({"layer": "0"}, 1),
        ({"bridge": "no"}, 1),
    ],
)
def test_crossings(tags, count):
    """Roads that cross on one level without a shared point are reported with the place; on two levels they are not."""
    found = check_crossings(survey(CROSS, [("a b c", {}), ("n s", tags)]))
    assert codes(found).get("crossing_without_node", 0) == count
    if count:
        lon, lat = found[0].places[0]
        assert (lon - 114.2) * 102_700 == pytest.approx(60, abs=1)
        assert lat == pytest.approx(22.7, abs=1e-6)
        assert found[0].things == ("w101/1-3 × w102/4-5",)


def test_crossing_with_a_shared_point():
    """A junction is no crossing."""
    points = MAIN | {"n": (100, 50), "s": (100, -50)}
    assert check_crossings(survey(points, [("a b c", {}), ("n b s", {})])) == []


def test_roads_that_meet_again_after_their_junction():
    """Two roads from one junction that cross once more are reported at the second place."""
    points = MAIN | {"n": (30, 40), "s": (150, -40)}
    found = check_crossings(survey(points, [("a b c", {}), ("a n s", {})]))
    assert codes(found) == {"crossing_without_node": 1}
    assert (found[0].places[0][0] - 114.2) * 102_700 == pytest.approx(90, abs=1)


def test_a_road_that_crosses_itself():
    """A loop without a shared point is reported as a note, a plain bend is not."""
    loop = {"a": (0, 0), "b": (100, 0), "c": (100, 50), "d": (50, 50), "e": (50, -50)}
    assert codes(check_crossings(survey(loop, [("a b c d e", {})]))) == {"self_crossing_way": 1}
    assert check_crossings(survey(loop, [("a b c d", {})])) == []
