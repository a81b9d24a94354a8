from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from geo.times import matrix
from geo.travel import build_travel_graph
from patrol.exits import Exit
from patrol.places import snap_places
from patrol.sealing import seal
from patrol.units import Unit
from tests.builders import make_network
from tests.roadplay import play_network

PRIMARY = {"highway": "primary", "maxspeed": "36"}
NODES = {k: (116 + 0.01 * k, 40.0) for k in range(7)}


def play(seed):
    """Return a network, five units and three exits at random nodes."""
    network = play_network(seed, nodes=9, ways=14, highways=("primary",))
    dice = np.random.default_rng(seed)
    used = np.unique(np.concatenate((network.segments.u, network.segments.v)))
    rows = dice.choice(used, 8)
    place = [(float(network.nodes.lon[r]), float(network.nodes.lat[r])) for r in rows]
    units = [Unit(f"U{k}", "local", *place[k]) for k in range(5)]
    return network, units, [Exit(f"X{k}", *place[5 + k]) for k in range(3)]


@given(seed=st.integers(0, 100_000))
def test_no_plan_is_better(seed):
    """Against all ways to send units: the slowest arrival is least, and among those the sum is least."""
    network, units, exits = play(seed)
    graph = build_travel_graph(network)
    times = np.rint(matrix(graph, snap_places(network, units), snap_places(network, exits)) * 1000)
    every = [[times[u, k] for k, u in enumerate(order)] for order in permutations(range(5), 3)]
    best = min((max(row), sum(row)) for row in every)
    if np.isinf(best[0]):
        with pytest.raises(InfeasibleError):
            seal(graph, units, exits)
        return
    plan = seal(graph, units, exits)
    assert (plan.slowest_s * 1000, plan.sum_s * 1000) == pytest.approx(best)
    assert len({item.unit for item in plan.assignment}) == 3
    assert [item.exit for item in plan.assignment] == ["X0", "X1", "X2"]
    for item in plan.assignment:
        assert item.time_s * 1000 == pytest.approx(times[int(item.unit[1]), int(item.exit[1])])


@given(seed=st.integers(0, 100_000))
def test_order_of_the_tables_does_not_matter(seed):
    """Fault 68: shuffled units and exits give the same unit for each exit."""
    network, units, exits = play(seed)
    graph = build_travel_graph(network)
    try:
        one = seal(graph, units, exits)
    except InfeasibleError:
        return
    two = seal(graph, units[::-1], exits[::-1])
    assert set(one.assignment) == set(two.assignment)
    assert (one.slowest_s, one.sum_s) == (two.slowest_s, two.sum_s)


def row_network(**options):
    """Return seven nodes in a row, 1,000 m and 100 s apart."""
    ways = [(k, [k, k + 1], {**PRIMARY, **options.get(f"way{k}", {})}) for k in range(6)]
    return make_network(NODES, ways, length_m={(k, k + 1): 1000.0 for k in range(6)})


def test_slowest_first_then_the_sum():
    """The nearest unit of an exit is sent elsewhere when that lets the slowest arrive earlier."""
    graph = build_travel_graph(row_network())
    units = [Unit("A", "local", 116.0, 40.0), Unit("B", "G6", 116.02, 40.0)]
    exits = [Exit("near", 116.02, 40.0), Exit("far", 116.05, 40.0)]
    plan = seal(graph, units, exits)
    assert [(s.exit, s.unit, s.agency, s.time_s) for s in plan.assignment] == [
        ("near", "A", "local", 200.0),
        ("far", "B", "G6", 300.0),
    ]
    assert plan.to_json()["slowest_s"] == 300.0
    assert plan.to_json()["sum_s"] == 500.0
    assert plan.to_json()["assignment"][0] == {"exit": "near", "unit": "A", "agency": "local", "time_s": 200.0}


def test_too_few_units():
    """Fewer ready units than exits is no feasible answer, and the sentence says how many are missing."""
    graph = build_travel_graph(row_network())
    units = [Unit("A", "local", 116.0, 40.0), Unit("B", "local", 116.02, 40.0, 0)]
    exits = [Exit("x", 116.02, 40.0), Exit("y", 116.05, 40.0)]
    with pytest.raises(InfeasibleError, match="1 ready units cannot seal 2 exits; add 1"):
        seal(graph, units, exits)


def test_unreachable_exit_is_named():
    """An exit behind a one-way road that no unit may drive is named."""
    graph = build_travel_graph(row_network(way4={"oneway": "-1"}))
    units = [Unit("A", "local", 116.0, 40.0), Unit("B", "local", 116.02, 40.0)]
    with pytest.raises(InfeasibleError, match="no unit can reach exit beyond"):
        seal(graph, units, [Exit("beyond", 116.06, 40.0)])


def test_exits_that_compete_for_one_unit():
    """Two exits that only one unit can reach are no feasible answer, and one of them is named."""
    graph = build_travel_graph(row_network(way2={"oneway": "-1"}))
    units = [Unit("A", "local", 116.0, 40.0), Unit("B", "local", 116.05, 40.0), Unit("C", "local", 116.01, 40.0)]
    with pytest.raises(InfeasibleError, match=r"exit (x|y) are all needed"):
        seal(graph, units, [Exit("x", 116.04, 40.0), Exit("y", 116.06, 40.0)])


def test_closure_changes_the_plan():
    """A closed road makes an exit out of reach that was in reach before."""
    network = row_network()
    units, exits = [Unit("A", "local", 116.0, 40.0)], [Exit("x", 116.06, 40.0)]
    assert seal(build_travel_graph(network), units, exits).slowest_s == 600.0
    with pytest.raises(InfeasibleError):
        seal(build_travel_graph(network, closed=[3]), units, exits)


def test_nothing_to_seal_and_places_off_the_map():
    """No exit at all, or a place far from every road, is bad input."""
    graph = build_travel_graph(row_network())
    units = [Unit("A", "local", 116.0, 40.0)]
    with pytest.raises(InputError, match="no exit"):
        seal(graph, units, [])
    with pytest.raises(InputError, match="exit x at"):
        seal(graph, units, [Exit("x", 110.0, 40.0)])
