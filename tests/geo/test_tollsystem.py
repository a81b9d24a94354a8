from __future__ import annotations

import numpy as np
import pytest

from geo.classes import RoadClass
from geo.tollsystem import find_booth_free
from tests.builders import make_network

BOOTH = {"barrier": "toll_booth"}
RAMP = {"highway": "motorway_link", "oneway": "yes"}
MAIN = {"highway": "motorway"}
ROAD = {"highway": "primary"}


def free_ways(nodes, ways, *, booths=()):
    """Return the OSM ids of ways that booth-free reach covers, and the regions."""
    network = make_network(nodes, ways)
    road_class = network.segment_class
    inside = road_class <= RoadClass.MOTORWAY_LINK
    found = find_booth_free(
        network,
        inside=inside,
        ordinary=~inside,
        main_line=road_class == RoadClass.MOTORWAY,
        booth=np.isin(network.nodes.id, booths),
    )
    reached = network.segments.way[found.region >= 0]
    return sorted(set(network.ways.id[reached].tolist())), found


def places(count):
    """Return nodes 1 to count in a line, about 111 m apart."""
    return {k: (k * 0.001, 0.0) for k in range(1, count + 1)}


def test_booth_stops_reach():
    """A ramp is reached from the road up to its booth and no farther."""
    nodes = places(5)
    ways = [(10, [1, 2], ROAD), (11, [2, 3], RAMP), (12, [3, 4], RAMP), (13, [4, 5], MAIN)]
    assert free_ways(nodes, ways, booths=[3])[0] == [11]


def test_without_a_booth_reach_goes_on():
    """Without a booth the whole ramp and the main line behind it are reached."""
    nodes = places(5)
    ways = [(10, [1, 2], ROAD), (11, [2, 3], RAMP), (12, [3, 4], RAMP), (13, [4, 5], MAIN)]
    assert free_ways(nodes, ways)[0] == [11, 12, 13]


def test_reach_follows_the_direction_of_travel():
    """A ramp that merges before a booth does not flood the expressway it comes from."""
    nodes = {**places(6), 7: (0.003, 0.002), 8: (0.004, 0.002)}
    ways = [
        (10, [1, 2], ROAD),
        (11, [2, 3, 4], RAMP),
        (12, [4, 5, 6], MAIN),
        (13, [8, 7], MAIN),
        (14, [7, 3], RAMP),
    ]
    assert free_ways(nodes, ways, booths=[4])[0] == [11]


def test_what_leads_to_a_road_is_free_too():
    """An exit behind its booth leads to the road: it is reached backwards."""
    ways = [(10, [4, 5], ROAD), (11, [1, 2], MAIN), (12, [2, 3], RAMP), (13, [3, 4], RAMP)]
    assert free_ways(places(5), ways, booths=[3])[0] == [13]


def test_one_way_against_the_line_of_drawing():
    """A ramp drawn against its direction is followed as driven."""
    ways = [(10, [1, 2], ROAD), (11, [4, 3, 2], {**RAMP, "oneway": "-1"}), (12, [4, 5], MAIN)]
    assert free_ways(places(5), ways)[0] == [11, 12]


def test_regions_are_separate_and_measured():
    """Two pieces that hang together only at a booth are two regions, each with its own main line."""
    nodes = places(7)
    ways = [(10, [1, 2], ROAD), (11, [2, 3], MAIN), (12, [3, 4], MAIN), (13, [4, 5], MAIN), (14, [5, 6], ROAD)]
    ways_found, found = free_ways(nodes, ways, booths=[4])
    assert ways_found == [11, 12, 13]
    assert sorted(set(found.region.tolist())) == [-1, 0, 1]
    assert sorted(found.main_line_m.tolist()) == pytest.approx([111.3, 222.6], abs=1)


def test_booth_at_the_very_meeting_node():
    """A booth on the node where ramp and road meet leaves nothing booth-free."""
    ways = [(10, [1, 2], ROAD), (11, [2, 3], RAMP), (12, [3, 4], MAIN)]
    assert free_ways(places(4), ways, booths=[2])[0] == []


@pytest.mark.parametrize("ways", [[(10, [1, 2], ROAD)], [(10, [1, 2], MAIN)]])
def test_one_kind_of_road_alone(ways):
    """Ordinary roads alone, or an expressway alone, have no booth-free region."""
    found_ways, found = free_ways(places(2), ways)
    assert found_ways == []
    assert len(found.main_line_m) == 0
