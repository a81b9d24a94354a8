from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InfeasibleError
from geo.paths import path
from geo.snapping import snap_points
from geo.times import matrix
from geo.travel import build_travel_graph
from tests.builders import make_network
from tests.roadplay import play_network, play_places, turn_is_forbidden

PRIMARY = {"highway": "primary", "maxspeed": "36"}


def arc_of(leg):
    """Return the arc of a leg."""
    return 2 * leg.segment + (leg.direction < 0)


@given(seed=st.integers(0, 100_000), rules=st.booleans())
def test_path_adds_up_and_holds_together(seed, rules):
    """A path takes the time of the matrix, its legs join, it starts and ends at the places and makes no bad turn."""
    network = play_network(seed)
    graph = build_travel_graph(network, turn_rules=rules)
    a, b = (play_places(network, seed + k, 1) for k in range(2))
    time_s = float(matrix(graph, a, b)[0, 0])
    if np.isinf(time_s):
        with pytest.raises(InfeasibleError):
            path(graph, a, b)
        return
    legs = path(graph, a, b)
    assert sum(leg.time_s for leg in legs) == pytest.approx(time_s, abs=1e-6)
    for before, after in pairwise(legs):
        assert after.start_s == pytest.approx(before.start_s + before.time_s, abs=1e-6)
        assert graph.head[arc_of(before)] == graph.tail[arc_of(after)] == before.node
        assert not (rules and turn_is_forbidden(network, arc_of(before), arc_of(after)))
    for leg in legs:
        assert graph.arc_ms[arc_of(leg)] >= 0
        assert (leg.to_m - leg.from_m) * leg.direction > 0
    if legs:
        for place, segment, offset in ((a, legs[0].segment, legs[0].from_m), (b, legs[-1].segment, legs[-1].to_m)):
            if place.node[0] < 0:
                assert segment == place.segment[0]
                assert offset == pytest.approx(float(place.offset_m[0]), abs=1e-6)


def test_same_place_needs_no_legs():
    """From a place to itself there is nothing to drive."""
    network = play_network(3)
    place = play_places(network, 3, 1)
    assert path(build_travel_graph(network), place, place) == ()


def test_parallel_roads_of_equal_time_choose_the_smaller_id():
    """Fault 68: of two parallel roads of one time the path takes the one with the smaller segment id."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0)}
    steps = {(1, 2): 1000.0, (2, 3): 500.0}
    for first, second in ((7, 8), (8, 7)):
        ways = [(first, [1, 2], PRIMARY), (second, [1, 2], PRIMARY), (9, [2, 3], PRIMARY), (6, [3, 2], PRIMARY)]
        network = make_network(nodes, ways, length_m={**steps, (3, 2): 600.0})
        graph = build_travel_graph(network)
        ends = snap_points(network, np.array([116.0, 116.02]), np.array([40.0, 40.0]))
        legs = path(graph, ends.take([0]), ends.take([1]))
        assert [network.segment_ids[leg.segment] for leg in legs] == ["w7/1-2", "w9/2-3"]


def test_turn_in_a_station_is_a_leg_of_its_own():
    """The turn inside a toll station appears as a leg without segment that takes its minute."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.01, 40.0005), 4: (116.0, 40.0005)}
    ramp = {"highway": "motorway_link", "oneway": "yes"}
    network = make_network(nodes, [(1, [1, 2], ramp), (2, [3, 4], ramp)], stations={"s": [2, 3]})
    graph = build_travel_graph(network)
    ends = snap_points(network, np.array([116.005, 116.005]), np.array([40.0, 40.0005]))
    legs = path(graph, ends.take([0]), ends.take([1]))
    assert [leg.segment for leg in legs] == [0, -1, 1]
    assert legs[1].time_s > 60
    assert legs[1].node == 2
