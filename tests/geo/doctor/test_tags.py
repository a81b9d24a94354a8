from __future__ import annotations

import pytest

from geo.doctor.tags import check_lanes, check_two_way_motorways
from tests.geo.doctor.drawing import codes, survey

LINE = {"a": (0, 0), "b": (100, 0)}


@pytest.mark.parametrize(("lanes", "odd"), [("14", 0), ("15", 1), ("1", 0), ("0", 1), ("2;3", 1), ("{n}", 1), ("", 0)])
def test_lanes(lanes, odd):
    """Fault 34: 1 to 14 lanes are fine, anything else is reported, also text that looks like a format field."""
    assert codes(check_lanes(survey(LINE, [("a b", {"lanes": lanes})]))).get("odd_lanes", 0) == odd


@pytest.mark.parametrize(
    ("highway", "oneway", "odd"), [("motorway", "no", 1), ("motorway", "yes", 0), ("trunk", "no", 0)]
)
def test_two_way_motorways(highway, oneway, odd):
    """A main line tagged two-way is reported; a one-way main line and a two-way trunk road are not."""
    found = check_two_way_motorways(survey(LINE, [("a b", {"highway": highway, "oneway": oneway})]))
    assert codes(found).get("two_way_motorway", 0) == odd


def test_untagged_motorway_is_one_way():
    """A main line without ``oneway`` is one-way by rule and fine."""
    assert check_two_way_motorways(survey(LINE, [("a b", {"highway": "motorway"})])) == []
