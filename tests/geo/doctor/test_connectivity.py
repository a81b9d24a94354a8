from __future__ import annotations

import pytest

from geo.doctor.connectivity import check_islands, check_one_way_ends, check_traps
from geo.findings import Severity
from tests.geo.doctor.drawing import codes, survey

ROAD = {"a": (0, 0), "b": (1000, 0), "c": (2000, 0)}
ONEWAY = {"oneway": "yes"}


def test_one_piece_has_no_island():
    """Roads that share nodes are one piece."""
    assert check_islands(survey(ROAD, [("a b", {}), ("b c", {})])) == []


def test_islands_are_counted_longest_first():
    """Fault 35: pieces apart from the longest one are reported with their metres, the longest first."""
    points = ROAD | {"d": (0, 500), "e": (100, 500), "f": (0, 900), "g": (300, 900)}
    found = check_islands(survey(points, [("d e", {}), ("a b c", {}), ("f g", {})]))
    assert codes(found) == {"island": 2}
    assert found[0].things == ("w103/6-7", "w101/4-5")
    assert found[0].length_m == pytest.approx(400, rel=1e-2)


def test_equal_islands_keep_the_first_as_main():
    """Of two pieces of equal length the one that comes first is the main network."""
    points = {"a": (0, 0), "b": (0, 100), "c": (500, 0), "d": (500, 100)}
    assert check_islands(survey(points, [("a b", {}), ("c d", {})]))[0].things == ("w102/3-4",)


def block(direction: str):
    """Return a two-way street of 100 m behind a one-way road off a long main road."""
    return survey(
        ROAD | {"d": (1000, 300), "e": (1000, 400)}, [("a b c", {}), ("b d", {"oneway": direction}), ("d e", {})]
    )


@pytest.mark.parametrize(("direction", "code"), [("yes", "one_way_trap"), ("-1", "no_way_in"), ("no", None)])
def test_traps(direction, code):
    """A street behind a one-way road can only be entered, or only be left; behind a two-way road neither."""
    found = check_traps(block(direction))
    assert codes(found) == ({code: 1} if code else {})
    if code:
        assert found[0].length_m == pytest.approx(100, rel=1e-2)
        assert found[0].things == ("w103/4-5",)


def test_an_island_is_no_trap():
    """A piece apart is an island and is judged by its own longest ring."""
    apart = ROAD | {"d": (0, 500), "e": (100, 500)}
    assert check_traps(survey(apart, [("a b c", {}), ("d e", {})])) == []


def test_dead_end_oneway_inside_the_map_is_a_warning():
    """A one-way road that ends with other roads ahead is a warning and stands first."""
    points = ROAD | {"d": (1000, 300), "e": (900, 400), "f": (1100, 400)}
    ways = [("a b c", {}), ("b d", ONEWAY), ("e f", {})]
    found = check_one_way_ends(survey(points, ways))
    assert codes(found) == {"dead_end_oneway": 1}
    assert found[0].severity is Severity.WARNING
    assert found[0].things == ("w102/2-4",)


def test_dead_end_oneway_at_the_edge_is_a_note():
    """A one-way road with nothing ahead is most likely clipped: a note."""
    found = check_one_way_ends(survey(ROAD | {"d": (1000, 300)}, [("a b c", {}), ("b d", {"oneway": "-1"})]))
    assert [finding.severity for finding in found] == [Severity.NOTE]


def test_two_way_dead_end_is_fine():
    """A street that ends may be left the way it was entered."""
    assert check_one_way_ends(survey(ROAD | {"d": (1000, 300)}, [("a b c", {}), ("b d", {})])) == []


@pytest.mark.parametrize(("second", "count"), [("-1", 1), ("yes", 0)])
def test_one_way_roads_run_into_each_other(second, count):
    """Two one-way roads head to head are a conflict; one after the other they are not."""
    points = {"a": (0, 0), "b": (1000, 0), "c": (2000, 0), "d": (2000, 500), "e": (0, 500)}
    ring = [("a b", ONEWAY), ("b c", {"oneway": second}), ("c d e a", {})]
    assert codes(check_one_way_ends(survey(points, ring))).get("oneway_conflict", 0) == count
