"""Lanes of a station by direction of travel."""

from __future__ import annotations

import pytest

from geo.load import complete
from geo.stationlanes import count_lanes
from geo.stations import StationKind
from tests.builders import make_network

BOOTH = {"barrier": "toll_booth"}


@pytest.mark.parametrize(
    ("step", "bound"), [((0.01, 0), "east"), ((0, 0.01), "north"), ((-0.01, 0), "west"), ((0, -0.01), "south")]
)
def test_where_both_sides_are_alike_the_compass_tells(step, bound):
    """On a main line, as at a gate, lanes are counted by the heading of travel."""
    nodes = {k: (114 + step[0] * k, 30 + step[1] * k) for k in (0, 2)} | {1: (114 + step[0], 30 + step[1], BOOTH)}
    network = make_network(nodes, [(1, [0, 1, 2], {"highway": "motorway", "lanes": "3"})], stations={"n1": [1]})
    assert count_lanes(network) == {"n1": {bound: 3}}


def test_a_booth_on_a_two_way_road_serves_both():
    """A booth passed both ways shares its lanes between both directions, rounded up."""
    nodes = {0: (114.0, 30.0), 1: (114.01, 30.0, BOOTH), 2: (114.02, 30.0)}
    network = make_network(nodes, [(1, [0, 1, 2], {"highway": "service", "lanes": "3"})], stations={"n1": [1]})
    assert count_lanes(network) == {"n1": {"east": 2, "west": 2}}


def test_removed_stations_have_no_lanes():
    """A removed border station stands in no list of lanes."""
    nodes = {0: (114.0, 30.0), 1: (114.01, 30.0), 2: (114.005, 30.0, {"removed:barrier": "toll_booth"})}
    network = complete(make_network(nodes, [(1, [0, 2, 1], {"highway": "motorway"})]))
    assert [s.kind for s in network.stations] == [StationKind.BORDER]
    assert count_lanes(network) == {}
