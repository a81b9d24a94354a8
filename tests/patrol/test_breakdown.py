"""Coverage by label, why metres are out of reach, and how often cars overlap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.breakdown import OutOfReach, break_down, class_labels, count_overlap, explain_unreached
from patrol.coverage import classify, time_response
from patrol.units import Unit
from tests.builders import make_network
from tests.patrol.town import EXPRESSWAY, GRAPH, LOCAL, OWNERS


@settings(max_examples=15, deadline=None)
@given(limit_s=st.floats(10, 900), seed=st.integers(0, 50))
def test_the_parts_add_up_to_the_whole(limit_s, seed):
    """Whatever the labels, the parts' states add up to the states of the coverage, millimetre by millimetre."""
    labels = np.random.default_rng(seed).choice(list("abc"), len(OWNERS)).tolist()
    response = time_response(GRAPH, [LOCAL, EXPRESSWAY])
    parts, whole = break_down(response, labels, limit_s=limit_s), classify(response, limit_s=limit_s)
    for state, mm in whole.length_mm.items():
        assert sum(part.length_mm[state] for part in parts.values()) == mm
    assert list(parts) == sorted(set(labels))
    longest = max(part.response_s["max"] for part in parts.values())
    assert longest == pytest.approx(whole.response_s["max"])


def test_labels_must_fit():
    """One label a segment is asked for."""
    with pytest.raises(InputError, match="one label"):
        break_down(time_response(GRAPH, [LOCAL]), ["a"], limit_s=60)


def test_classes_are_words():
    """The town has trunk and secondary roads."""
    assert set(class_labels(GRAPH.network)) == {"trunk", "secondary"}


def made_up():
    """Return a network with an island, a one-way road from the edge, a one-way loop nobody may enter, and a spur."""
    nodes = {k: (116 + 0.01 * x, 40 + 0.01 * y) for k, (x, y) in enumerate(
        [(0, 0), (1, 0), (2, 0), (3, 0), (0, 5), (1, 5), (1, 1), (1, 2), (2, 2), (2, 1)], start=1)}  # fmt: skip
    ways = [
        (1, [1, 2, 3], {"highway": "primary"}),
        (2, [3, 4], {"highway": "primary"}),
        (3, [5, 6], {"highway": "primary"}),
        (4, [7, 2], {"highway": "primary", "oneway": "yes"}),
        (5, [8, 9, 10], {"highway": "primary", "oneway": "yes"}),
        (6, [10, 3], {"highway": "primary", "oneway": "yes"}),
        (7, [10, 8], {"highway": "primary", "oneway": "yes"}),
    ]
    return make_network(nodes, ways)


def test_each_reason_is_named():
    """An island, a road that enters from outside, a loop nobody may enter, a closed road and what lies behind it."""
    network = made_up()
    row = {way: [k for k, i in enumerate(network.segment_ids) if i.startswith(f"w{way}/")] for way in range(1, 8)}
    unit = Unit("L", "local", 116.001, 40.0)
    found = explain_unreached(time_response(build_travel_graph(network), [unit]))
    assert set(found) == {OutOfReach.ISLAND, OutOfReach.MAP_EDGE, OutOfReach.NO_WAY}
    length = network.segments.length_mm
    assert found[OutOfReach.ISLAND] == 2 * length[row[3]].sum()
    assert found[OutOfReach.MAP_EDGE] == length[row[4]].sum()
    shut = build_travel_graph(network, closed=[k for k in row[1] if "2-3" in network.segment_ids[k]])
    found = explain_unreached(time_response(shut, [unit]))
    assert {OutOfReach.CLOSED, OutOfReach.CUT_OFF} <= set(found)
    response = time_response(shut, [unit])
    assert sum(found.values()) == classify(response, limit_s=60).unreachable_mm


def test_overlap_counts_units():
    """Two units at one post double all they reach; far apart within a short time they share nothing."""
    twin = Unit("L2", "local", LOCAL.lon, LOCAL.lat)
    both = count_overlap(time_response(GRAPH, [LOCAL, twin]), limit_s=300)
    assert both.duplication == 1.0
    assert both.by_units_m["1"] == 0
    assert both.both_m == 0
    apart = count_overlap(time_response(GRAPH, [LOCAL, Unit("M", "local", 116.06, 40.045)]), limit_s=60)
    assert apart.duplication == 0.0
    sides = count_overlap(time_response(GRAPH, [LOCAL, Unit("E", "expressway", LOCAL.lon, LOCAL.lat)]), limit_s=300)
    assert sides.both_m >= sides.twice_m > 0
    assert set(sides.to_json()) == {"both_m", "twice_m", "by_units_m", "duplication"}
