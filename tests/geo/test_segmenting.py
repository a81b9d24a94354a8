from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.classes import RoadClass
from geo.columns import TextColumn
from geo.segmenting import read_directions
from tests.builders import make_network

CROSS = {1: (0.0, 0.0), 2: (0.001, 0.0), 3: (0.002, 0.0), 4: (0.001, 0.001), 5: (0.001, -0.001)}
ROAD = {"highway": "primary"}


def test_ways_are_cut_where_they_share_a_node():
    """A crossing cuts both roads, and each piece is named by way, from-node and to-node."""
    network = make_network(CROSS, [(10, [1, 2, 3], ROAD), (11, [4, 2, 5], ROAD)])
    assert network.segment_ids == ("w10/1-2", "w10/2-3", "w11/4-2", "w11/2-5")


def test_bridge_without_shared_node_cuts_nothing():
    """Two roads that cross without a shared node stay whole."""
    nodes = {**CROSS, 6: (0.001, 0.0)}
    network = make_network(nodes, [(10, [1, 2, 3], ROAD), (11, [4, 6, 5], {**ROAD, "bridge": "yes"})])
    assert network.segment_ids == ("w10/1-3", "w11/4-5")


@pytest.mark.parametrize(
    ("barrier", "pieces"), [("toll_booth", 2), ("gate", 2), ("lift_gate", 2), ("bollard", 1), ("kerb", 1)]
)
def test_booths_and_gates_cut(barrier, pieces):
    """A booth or gate cuts its road, a bollard or kerb does not."""
    nodes = {**CROSS, 2: (0.001, 0.0, {"barrier": barrier})}
    assert len(make_network(nodes, [(10, [1, 2, 3], ROAD)]).segments) == pieces


def test_node_visited_twice_cuts_its_way():
    """A way that crosses itself is cut there, and a loop from a node to itself is a segment."""
    network = make_network(CROSS, [(10, [1, 2, 4, 5, 2, 3], ROAD)])
    assert network.segment_ids == ("w10/1-2", "w10/2-2", "w10/2-3")


def test_repeated_pieces_are_numbered():
    """Fault 30: pieces of one way between the same two nodes, parallels and loops, get different ids."""
    network = make_network(CROSS, [(10, [1, 4, 2, 5, 1, 3, 2], ROAD), (11, [1, 4], ROAD), (12, [4, 1], ROAD)])
    assert len(set(network.segment_ids)) == len(network.segments)
    twice = make_network(CROSS, [(10, [1, 2, 1, 2], ROAD)])
    assert twice.segment_ids == ("w10/1-2", "w10/2-1", "w10/1-2#1")


def test_given_steps_replace_the_ellipsoid():
    """An agency's own measured steps are the lengths."""
    network = make_network(CROSS, [(10, [1, 2, 3], ROAD)], length_m={(1, 2): 100.25, (2, 3): 50.0})
    assert network.segments.length_mm.tolist() == [150_250]
    assert network.length_mm == 150_250


def test_zero_length_is_reported():
    """Fault 35: a segment without length stays and is reported with its place."""
    network = make_network({1: (0.0, 0.0), 2: (0.0, 0.0), 3: (0.001, 0.0)}, [(10, [1, 2], ROAD), (11, [2, 3], ROAD)])
    found = {f.code: f for f in network.findings}
    assert found["zero_length"].count == 1
    assert found["zero_length"].places == ((0.0, 0.0),)
    assert len(network.segments) == 2


@pytest.mark.parametrize(
    ("tags", "direction", "is_odd"),
    [
        ({"highway": "motorway"}, 1, False),
        ({"highway": "motorway", "oneway": "no"}, 0, False),
        ({"highway": "motorway", "oneway": "-1"}, -1, False),
        ({"highway": "motorway_link"}, 0, False),
        ({"highway": "motorway_link", "oneway": "yes"}, 1, False),
        ({"highway": "primary"}, 0, False),
        ({"highway": "primary", "oneway": "1"}, 1, False),
        ({"highway": "primary", "oneway": "true"}, 1, False),
        ({"highway": "primary", "oneway": "reverse"}, -1, False),
        ({"highway": "primary", "junction": "roundabout"}, 1, False),
        ({"highway": "primary", "junction": "roundabout", "oneway": "no"}, 0, False),
        ({"highway": "primary", "oneway": "alternating"}, 0, True),
        ({"highway": "motorway", "oneway": "maybe"}, 0, True),
    ],
)
def test_direction(tags, direction, is_odd):
    """Fault 34: each oneway value is read as driven; an unknown one means both ways and is flagged."""
    text = {k: TextColumn.from_strings([tags.get(k, "")]) for k in ("highway", "oneway", "junction")}
    road_class = np.array([getattr(RoadClass, tags["highway"].upper())], dtype=np.uint8)
    found, odd = read_directions(text, road_class)
    assert (int(found[0]), bool(odd[0])) == (direction, is_odd)


def test_odd_oneway_is_reported():
    """Fault 34: an unknown oneway value is a finding that names way, value and place."""
    network = make_network(CROSS, [(10, [1, 2], {**ROAD, "oneway": "sometimes"})])
    (finding,) = network.findings
    assert (finding.code, finding.things, finding.places) == ("odd_oneway", ("w10",), ((0.0, 0.0),))
    assert "sometimes" in finding.message


coordinates = st.tuples(st.floats(113.9, 114.1), st.floats(22.6, 22.8))


@given(st.lists(coordinates, min_size=4, max_size=9, unique=True), st.integers(0, 10**6))
def test_length_does_not_depend_on_direction_or_place(line, before):
    """Fault 68: a segment is as long backwards as forwards, whatever roads stand before it in the file."""
    nodes = dict(enumerate(line, start=1))
    ids = list(nodes)
    alone = make_network(nodes, [(10, ids, ROAD)])
    turned = make_network(nodes, [(10, ids[::-1], ROAD)])
    behind = make_network(
        {**nodes, 90: (114.0, 22.0), 91: (114.0 + (before + 1) * 1e-7, 22.3)}, [(9, [90, 91], ROAD), (10, ids, ROAD)]
    )
    assert alone.length_mm == turned.length_mm == int(behind.segments.length_mm[1:].sum())


@given(st.lists(coordinates, min_size=3, max_size=8, unique=True), st.data())
def test_cutting_keeps_the_length(line, data):
    """Fault 68: cutting a road at any of its points moves its length by half a millimetre a cut at most."""
    nodes = dict(enumerate(line, start=1))
    ids = list(nodes)
    cut = data.draw(st.sampled_from(ids[1:-1]))
    whole = make_network(nodes, [(10, ids, ROAD)])
    x, y = nodes[cut]
    pieces = make_network({**nodes, 99: (x + 1, y)}, [(10, ids, ROAD), (11, [cut, 99], ROAD)])
    mine = pieces.segments.length_mm[pieces.segments.way == 0]
    assert len(mine) == 2
    assert abs(int(mine.sum()) - whole.length_mm) <= 1
