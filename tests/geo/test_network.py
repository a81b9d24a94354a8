from __future__ import annotations

import numpy as np
import pytest

from geo.stations import StationKind
from tests.builders import make_network

NODES = {
    1: (0.0, 0.0),
    2: (0.001, 0.0, {"barrier": "toll_booth"}),
    3: (0.002, 0.0),
    4: (0.001, 0.001, {"barrier": "gate"}),
}
WAYS = [
    (10, [1, 2, 3], {"highway": "motorway", "name": "沿江高速", "ref": "G98"}),
    (11, [2, 4], {"highway": "service", "oneway": "-1"}),
]


@pytest.fixture
def network():
    """Return a road with a booth and a one-way side road with a gate."""
    return make_network(NODES, WAYS, stations={"n2": [2]})


def test_line_of_a_segment(network):
    """A segment's points run in way direction, alone and in the table of all lines."""
    assert network.points(1).tolist() == [[0.001, 0.0], [0.002, 0.0]]
    ptr, rows = network.line_rows()
    assert ptr.tolist() == [0, 2, 4, 6]
    assert network.nodes.id[rows].tolist() == [1, 2, 2, 3, 2, 4]


def test_ways_of_a_car(network):
    """Forward and backward say in which directions a car may drive."""
    assert network.forward.tolist() == [True, True, False]
    assert network.backward.tolist() == [False, False, True]


def test_text_of_a_segment(network):
    """Tags of the way are read per segment, empty where missing."""
    assert network.text("name", 1) == "沿江高速"
    assert network.text("ref", 2) == ""


def test_ids_find_their_rows(network):
    """Every segment id leads back to its row."""
    assert [network.row_of_segment[i] for i in network.segment_ids] == [0, 1, 2]


def test_booths_are_those_of_stations(network):
    """A booth of a toll station is a booth, one of a gate is not."""
    assert np.flatnonzero(network.booth_mask()).tolist() == [1]
    gate = make_network(NODES, WAYS, stations={"n2": [2]}, kind=StationKind.GATE)
    assert not gate.booth_mask().any()


def test_rows_with_a_tag(network):
    """Nodes are found by a tag, ascending; none gives an empty array."""
    assert network.nodes.rows_with("barrier", "gate").tolist() == [3]
    assert network.nodes.rows_with("barrier", "lift_gate").tolist() == []


def test_total_is_the_sum(network):
    """The network's length is the sum of its segments, in whole millimetres."""
    assert network.length_mm == sum(network.segments.length_mm.tolist())
    assert network.segments.length_m.sum() * 1000 == pytest.approx(network.length_mm)
