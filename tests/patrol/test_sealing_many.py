from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from geo.snapping import snap_points
from geo.times import matrix
from geo.travel import build_travel_graph
from patrol.exits import Exit
from patrol.places import snap_places
from patrol.pursuit import Flight, race_to_exits
from patrol.sealing import seal
from patrol.sealing_many import seal_with_many
from patrol.units import Unit
from tests.builders import make_network
from tests.roadplay import play_network

PRIMARY = {"highway": "primary", "maxspeed": "36"}
NODES = {k: (116 + 0.01 * k, 40.0) for k in range(7)}


def row_graph():
    """Return seven nodes in a row, 1,000 m and 100 s apart."""
    ways = [(k, [k, k + 1], PRIMARY) for k in range(6)]
    return build_travel_graph(make_network(NODES, ways, length_m={(k, k + 1): 1000.0 for k in range(6)}))


def play(seed):
    """Return a graph, three units and three exits at random nodes."""
    network = play_network(seed, nodes=9, ways=14, highways=("primary",))
    dice = np.random.default_rng(seed)
    used = np.unique(np.concatenate((network.segments.u, network.segments.v)))
    place = [(float(network.nodes.lon[r]), float(network.nodes.lat[r])) for r in dice.choice(used, 7)]
    units = [Unit(f"U{k}", "local", *place[k], int(dice.integers(1, 3))) for k in range(3)]
    return build_travel_graph(network), units, [Exit(f"X{k}", *place[3 + k]) for k in range(3)], place[6]


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000), need=st.sampled_from([{}, {"X0": 2}]))
def test_no_plan_is_better(seed, need):
    """Against all ways to send cars: the last arrival is earliest, and among those the sum is least."""
    graph, units, exits, _ = play(seed)
    cars = [k for k, unit in enumerate(units) for _ in range(unit.available)]
    slots = [k for k, exit_ in enumerate(exits) for _ in range(need.get(exit_.id, 1))]
    times = np.rint(matrix(graph, snap_places(graph.network, units), snap_places(graph.network, exits)) * 1000)
    every = [
        [times[cars[c], k] for c, k in zip(order, slots, strict=True)]
        for order in permutations(range(len(cars)), len(slots))
    ]
    if not every or np.isinf(min(max(row) for row in every)):
        with pytest.raises(InfeasibleError):
            seal_with_many(graph, units, exits, need=need)
        return
    best = min((max(row), sum(row)) for row in every)
    plan = seal_with_many(graph, units, exits, need=need)
    assert (plan.slowest_s * 1000, plan.sum_s * 1000) == pytest.approx(best)
    assert sorted(s.exit for s in plan.assignment) == sorted(exits[k].id for k in slots)
    for unit in units:
        assert sum(s.unit == unit.id for s in plan.assignment) <= unit.available


@settings(max_examples=20)
@given(seed=st.integers(0, 100_000))
def test_one_car_an_exit_is_plain_sealing(seed):
    """With one car a unit and an exit the plan is that of plain sealing; shuffled tables change nothing."""
    graph, units, exits, _ = play(seed)
    single = [Unit(u.id, u.agency, u.lon, u.lat) for u in units]
    try:
        plain = seal(graph, single, exits)
    except InfeasibleError:
        return
    many = seal_with_many(graph, single[::-1], exits)
    assert (plain.slowest_s, plain.sum_s, set(plain.assignment)) == (many.slowest_s, many.sum_s, set(many.assignment))


def test_two_cars_to_one_exit():
    """Both cars of the near unit go to the exit that needs two, before a far one is called."""
    units = [Unit("near", "local", *NODES[1], 2), Unit("far", "G6", *NODES[6], 2)]
    plan = seal_with_many(row_graph(), units, [Exit("x", *NODES[0])], need=2)
    assert [(s.unit, s.time_s) for s in plan.assignment] == [("near", 100.0), ("near", 100.0)]


@pytest.mark.parametrize(
    ("exits", "need", "error", "problem"),
    [
        ([], 1, InputError, "no exit"),
        ([Exit("x", *NODES[0])], {"y": 2}, InputError, "no exit y"),
        ([Exit("x", *NODES[0])], 0, InputError, "needs 0 cars"),
        ([Exit("x", *NODES[0])], 5, InfeasibleError, "1 ready cars cannot seal exits that need 5"),
    ],
)
def test_needs_that_cannot_be_met(exits, need, error, problem):
    """Needs without exits, without cars or below one are refused in one sentence."""
    with pytest.raises(error, match=problem):
        seal_with_many(row_graph(), [Unit("A", "local", *NODES[1])], exits, need=need)


def seen_at(graph, lon, lat):
    """Return a place on the network."""
    return snap_points(graph.network, np.array([lon]), np.array([lat]))


@settings(max_examples=40)
@given(seed=st.integers(0, 100_000), head=st.sampled_from([0.0, 60.0, 200.0]))
def test_as_many_exits_as_possible_are_closed(seed, head):
    """Against all ways to send units: no way closes more exits in time, and none as many with a smaller sum."""
    graph, units, exits, spot = play(seed)
    seen = seen_at(graph, *spot)
    left = matrix(graph, seen, snap_places(graph.network, exits))[0] - head
    times = matrix(graph, snap_places(graph.network, units), snap_places(graph.network, exits))
    best = (0, 0.0)
    for order in permutations(range(3)):
        hits = [times[u, k] for k, u in enumerate(order) if times[u, k] <= left[k] and np.isfinite(left[k])]
        best = max(best, (len(hits), -sum(hits)))
    clocks = race_to_exits(graph, units, exits, seen=seen, flight=Flight(head))
    closed = [clock for clock in clocks if clock.closed]
    assert (len(closed), -sum(c.unit_s for c in closed)) == pytest.approx(best)
    assert all(c.margin_s >= 0 and c.closable for c in closed)
    for k, clock in enumerate(clocks):
        assert clock.closable == bool((times[:, k] <= left[k]).any() and np.isfinite(times[:, k].min()))


def test_head_start_and_speed_by_hand():
    """A fugitive in the middle needs 300 s to either end; a head start or more speed lets it through one."""
    graph = row_graph()
    exits = [Exit("west", *NODES[0]), Exit("east", *NODES[6])]
    units = [Unit("A", "local", *NODES[1]), Unit("B", "G6", *NODES[4])]
    seen = seen_at(graph, *NODES[3])
    easy = race_to_exits(graph, units, exits, seen=seen, flight=Flight())
    assert [(c.exit, c.unit, c.fugitive_s, c.unit_s) for c in easy] == [
        ("west", "A", 300.0, 100.0),
        ("east", "B", 300.0, 200.0),
    ]
    late = race_to_exits(graph, units, exits, seen=seen, flight=Flight(60.0, 1.5))
    assert [(c.closed, c.closable) for c in late] == [(True, True), (False, False)]
    assert late[1].margin_s == pytest.approx(140 - 200)
    nobody = race_to_exits(graph, [], exits, seen=seen, flight=Flight())
    assert [c.to_json()["unit_s"] for c in nobody] == [None, None]
    assert easy[0].to_json()["margin_s"] == 200.0


def test_race_without_exits_or_sense():
    """No exit, or an impossible head start, is bad input."""
    graph = row_graph()
    with pytest.raises(InputError, match="no exit"):
        race_to_exits(graph, [], [], seen=seen_at(graph, *NODES[3]), flight=Flight())
    for bad in ((-1.0, 1.0), (0.0, 0.0), (np.nan, 1.0)):
        with pytest.raises(InputError, match="head start"):
            Flight(*bad)
