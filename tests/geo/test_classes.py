from __future__ import annotations

import pytest

from geo.classes import CLASS_OF_HIGHWAY, RoadClass, classify_ways
from geo.columns import TextColumn


@pytest.mark.parametrize(("highway", "expected"), CLASS_OF_HIGHWAY.items())
def test_each_highway_value_has_its_class(highway, expected):
    """Each highway value of the table is read as its class."""
    found = classify_ways(TextColumn.from_strings([highway]), TextColumn.from_strings([""]))
    assert found.tolist() == [expected]


def test_ferry_needs_no_highway():
    """A way without highway is a ferry, and a road that also carries route=ferry stays a road."""
    highway = TextColumn.from_strings(["", "primary", ""])
    route = TextColumn.from_strings(["ferry", "ferry", ""])
    assert classify_ways(highway, route).tolist() == [RoadClass.FERRY, RoadClass.PRIMARY, RoadClass.FERRY]


def test_more_important_classes_have_smaller_numbers():
    """Classes are ordered from motorway to ferry, which comparisons rely on."""
    assert RoadClass.MOTORWAY < RoadClass.MOTORWAY_LINK < RoadClass.TRUNK < RoadClass.MINOR < RoadClass.SERVICE
