import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.snapping import snap_points
from geo.times import times_to_arcs
from geo.travel import build_travel_graph
from geo.turns import allowed_arcs
from patrol.coverage import Coverage, Reached, classify, cover, time_response
from patrol.envelope import weighted_quantiles
from patrol.places import snap_places
from patrol.units import Unit
from tests.builders import make_network
from tests.roadplay import length_of, play_network, stands_on

seeds = st.integers(0, 100_000)
PRIMARY = {"highway": "primary", "maxspeed": "36"}
NODES = {1: (116.0, 40.0), 2: (116.02, 40.0), 3: (116.04, 40.0)}


def play_units(seed, network, count=4):
    """Return units of both sides near random points of a network."""
    dice = np.random.default_rng(seed)
    agencies = ("local", "expressway", "G6-1")
    rows = dice.choice(np.unique(np.concatenate((network.segments.u, network.segments.v))), (count, 2))
    lon, lat = (x[rows].mean(axis=1) for x in (network.nodes.lon, network.nodes.lat))
    near = snap_points(network, lon, lat, max_m=1e6)
    return [
        Unit(f"U{k}", agencies[k % 3], float(near.lon[k]), float(near.lat[k]), int(dice.integers(1, 3)))
        for k in range(count)
    ]


def slow_arrival(graph, units, arc, at_mm):
    """Return the earliest arrival in seconds at a position of an arc, from the tails and from where units stand."""
    if not units:
        return np.inf
    places = snap_places(graph.network, units)
    pace = graph.arc_ms[arc] / length_of(graph, arc) / 1000
    best = times_to_arcs(graph, places).tail_s[arc] + at_mm * pace
    for k in range(len(units)):
        for own, start in stands_on(graph, places, k):
            if own == arc and start <= at_mm:
                best = min(best, (at_mm - start) * pace)
    return best


@given(seed=seeds, limit_s=st.sampled_from([1.0, 30.0, 90.0, 400.0]))
def test_every_point_has_the_colour_of_its_arrivals(seed, limit_s):
    """At sample points of every direction the state is what the arrivals of both sides say."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    units = play_units(seed, network)
    sides = ([u for u in units if u.agency == "local"], [u for u in units if u.agency != "local"])
    found = cover(graph, units, limit_s=limit_s).intervals
    for k in range(len(found.segment)):
        arc = 2 * int(found.segment[k]) + (found.direction[k] < 0)
        middle = (int(found.from_mm[k]) + int(found.to_mm[k])) / 2
        at = length_of(graph, arc) - middle if arc & 1 else middle
        local, other = (slow_arrival(graph, side, arc, at) for side in sides)
        slack = graph.arc_ms[arc] / length_of(graph, arc) / 1000 * 2
        for time, bit in ((local, Reached.LOCAL_ONLY), (other, Reached.EXPRESSWAY_ONLY)):
            if abs(time - limit_s) > slack:
                assert bool(found.state[k] & bit) == (time <= limit_s)


@given(seed=seeds, limit_s=st.floats(0.001, 2_000))
def test_lengths_add_up_to_the_millimetre(seed, limit_s):
    """Fault 68: the states tile every allowed direction of every segment: totals equal the network, to the mm."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    owners = ["a" if k % 3 else "b" for k in range(len(network.segments))]
    found = cover(graph, play_units(seed, network), limit_s=limit_s, owners=owners)
    directed = np.repeat(network.segments.length_mm, 2)[allowed_arcs(network)].sum()
    assert sum(found.length_mm.values()) == found.total_mm == directed
    for state in Reached:
        assert sum(states[state] for states in found.by_owner.values()) == found.length_mm[state]
    tiles = found.intervals
    arc = 2 * tiles.segment + (tiles.direction < 0)
    covered = np.bincount(arc, weights=tiles.to_mm - tiles.from_mm, minlength=2 * len(network.segments))
    assert np.array_equal(covered, np.where(allowed_arcs(network), np.repeat(network.segments.length_mm, 2), 0))
    same = arc[1:] == arc[:-1]
    assert (tiles.from_mm[1:] == tiles.to_mm[:-1])[same].all()
    assert (tiles.state[1:] != tiles.state[:-1])[same].all()


@given(seed=seeds)
def test_more_time_never_covers_less(seed):
    """With a longer limit no side loses a metre, and one response serves all limits."""
    network = play_network(seed)
    response = time_response(build_travel_graph(network), play_units(seed, network))
    lengths = [classify(response, limit_s=limit).length_mm for limit in (10.0, 60.0, 300.0, 1e6)]
    for side in (Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY):
        reached = [length[side] + length[Reached.BOTH] for length in lengths]
        assert reached == sorted(reached)


@given(seed=seeds)
def test_order_of_units_and_ways_does_not_matter(seed):
    """Fault 68: shuffled units and shuffled ways give the same lengths, shares and response."""
    dice = np.random.default_rng(seed)
    nodes = {k: (116 + dice.uniform(0, 0.05), 40 + dice.uniform(0, 0.05)) for k in range(1, 7)}
    ways = [(10 + k, [int(x) for x in dice.choice(6, 2, replace=False) + 1], PRIMARY) for k in range(8)]
    units = play_units(seed, make_network(nodes, ways))
    one, two = (
        cover(build_travel_graph(make_network(nodes, ways_)), units_, limit_s=100).to_json()
        for ways_, units_ in (
            (ways, units),
            ([ways[k] for k in dice.permutation(8)], [units[k] for k in dice.permutation(4)]),
        )
    )
    assert one == two


@given(seed=seeds)
def test_shares_of_units_add_up_to_what_is_reached(seed):
    """Each reached metre belongs to exactly one unit, the first to arrive."""
    network = play_network(seed)
    found = cover(build_travel_graph(network), play_units(seed, network), limit_s=90)
    reached = found.total_mm - found.length_mm[Reached.NONE]
    assert round(sum(unit.nearest_m for unit in found.units) * 1000) == reached


@given(seed=seeds)
def test_response_quantiles_by_sampling(seed):
    """The quantiles of the response equal those of the arrival at many points spread evenly over the road."""
    network = play_network(seed)
    response = time_response(build_travel_graph(network), play_units(seed, network))
    found = classify(response, limit_s=60)
    pieces = response.pieces
    samples, weights = [], []
    for k in np.flatnonzero(np.isfinite(pieces.base_ms.min(axis=0))):
        spots = np.linspace(int(pieces.from_mm[k]), int(pieces.to_mm[k]), 401)
        spots = (spots[1:] + spots[:-1]) / 2
        samples.append(pieces.base_ms[:, k].min() + spots * pieces.pace[k])
        weights.append(np.full(400, (pieces.to_mm[k] - pieces.from_mm[k]) / 400))
    if not samples:
        assert np.isnan(found.response_s["max"])
        return
    order = np.argsort(np.concatenate(samples))
    times, grown = np.concatenate(samples)[order] / 1000, np.concatenate(weights)[order].cumsum()
    step = float(max(pieces.pace * (pieces.to_mm - pieces.from_mm))) / 400 / 1000
    for name, share in (("p50", 0.5), ("p90", 0.9), ("max", 1.0)):
        near = times[min(np.searchsorted(grown, share * grown[-1]), len(times) - 1)]
        lower = times[max(np.searchsorted(grown, share * grown[-1] * 0.999) - 1, 0)]
        upper = times[min(np.searchsorted(grown, share * grown[-1] * 1.001) + 1, len(times) - 1)]
        assert lower - step - 1e-6 <= found.response_s[name] <= max(upper, near) + step + 1e-6


def test_a_segment_is_cut_where_the_clock_runs_out():
    """At 36 km/h a car in the middle of a road reaches 600 m each way in a minute, exactly."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)], length_m={(1, 2): 2000.0})
    graph = build_travel_graph(network)
    found = cover(graph, [Unit("A", "local", 116.01, 40.0)], limit_s=60)
    tiles = found.intervals
    reached = tiles.state == Reached.LOCAL_ONLY
    assert tiles.direction[reached].tolist() == [1, -1]
    start = int(tiles.from_mm[reached][0])
    assert start == pytest.approx(1_000_000, abs=20)
    assert tiles.to_mm[reached].tolist() == pytest.approx([start + 600_000, start], abs=1)
    assert tiles.from_mm[reached].tolist() == pytest.approx([start, start - 600_000], abs=1)
    assert found.length_mm[Reached.LOCAL_ONLY] == pytest.approx(1_200_000, abs=2)


def test_four_states_side_by_side():
    """Two cars that start at the ends of a road make all four states, in this order."""
    ways = [(k, [k, k + 1], {**PRIMARY, "oneway": "yes"}) for k in (1, 2)]
    network = make_network(NODES, ways, length_m={(1, 2): 1000.0, (2, 3): 1000.0})
    units = [Unit("A", "local", 116.0, 40.0), Unit("B", "G6", 116.02, 40.0)]
    found = cover(build_travel_graph(network), units, limit_s=150)
    assert found.intervals.state.tolist() == [Reached.LOCAL_ONLY, Reached.BOTH, Reached.EXPRESSWAY_ONLY]
    assert found.intervals.segment.tolist() == [0, 1, 1]
    assert found.to_json()["length_m"] == {
        "both": 500.0,
        "local_only": 1000.0,
        "expressway_only": 500.0,
        "none": 0.0,
    }
    assert cover(build_travel_graph(network), units, limit_s=50).to_json()["length_m"] == {
        "both": 0.0,
        "local_only": 500.0,
        "expressway_only": 500.0,
        "none": 1000.0,
    }


def test_json_form():
    """The JSON form holds the keys of the contract and survives a JSON writer."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY), (2, [2, 3], PRIMARY)])
    found = cover(build_travel_graph(network), [Unit("A", "local", 116.0, 40.0, 3)], limit_s=60, owners=["x", "y"])
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert set(document["length_m"]) == {"both", "local_only", "expressway_only", "none"}
    assert set(document["response_s"]) == {"p50", "p90", "max"}
    assert document["units"][0]["id"] == "A"
    assert set(document["by_owner"]) == {"x", "y"}


def test_island_is_counted_as_unreachable():
    """Fault 35: road that no unit reaches in any time is in state none and counted apart."""
    nodes = {**NODES, 8: (116.0, 40.5), 9: (116.01, 40.5)}
    network = make_network(nodes, [(1, [1, 2], PRIMARY), (2, [8, 9], PRIMARY)])
    found = cover(build_travel_graph(network), [Unit("A", "local", 116.0, 40.0)], limit_s=1e6)
    assert found.unreachable_mm == 2 * network.segments.length_mm[1] == found.length_mm[Reached.NONE]


def test_closed_road_is_not_reached():
    """A closed road counts as road and is reached by nobody, not even by the unit that stands on it."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    found = cover(build_travel_graph(network, closed=[0]), [Unit("A", "local", 116.01, 40.0)], limit_s=600)
    assert found.length_mm[Reached.NONE] == found.total_mm == found.unreachable_mm > 0
    assert found.to_json()["response_s"] == {"p50": None, "p90": None, "max": None}


@pytest.mark.parametrize(
    ("units", "options", "problem"),
    [
        ([], {}, "no unit has a car"),
        ([Unit("A", "local", 116.0, 40.0, 0)], {}, "no unit has a car"),
        ([Unit("A", "local", 117.0, 40.0)], {}, r"unit A at \(117\.00000, 40\.00000\) lies .* km"),
        ([Unit("A", "local", 116.0, 40.0)], {"limit_s": 0}, "positive"),
        ([Unit("A", "local", 116.0, 40.0)], {"limit_s": float("nan")}, "positive"),
        ([Unit("A", "local", 116.0, 40.0)], {"owners": ["x", "y"]}, "owner label"),
    ],
)
def test_inputs_that_make_no_coverage(units, options, problem):
    """What makes no coverage is refused in one sentence that says what to do."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    with pytest.raises(InputError, match=problem):
        cover(build_travel_graph(network), units, **{"limit_s": 60, **options})


def test_coverage_that_does_not_add_up_is_refused():
    """A coverage whose states do not add up to the network cannot be made."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    found = cover(build_travel_graph(network), [Unit("A", "local", 116.0, 40.0)], limit_s=60)
    fields = {name: getattr(found, name) for name in Coverage.__dataclass_fields__}
    with pytest.raises(ValueError, match="add up"):
        Coverage(**{**fields, "total_mm": found.total_mm + 1})


def test_quantiles_of_nothing_and_of_a_moment():
    """Without length there is no quantile; a piece reached all at once is its own quantile."""
    assert np.isnan(weighted_quantiles(np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64), shares=[0.5])).all()
    same = weighted_quantiles(np.array([5.0]), np.array([5.0]), np.array([10]), shares=[0.1, 1.0])
    assert same == pytest.approx([5.0, 5.0], abs=1e-5)
    half = weighted_quantiles(np.array([0.0, 100.0]), np.array([10.0, 110.0]), np.array([1, 1]), shares=[0.25, 0.75])
    assert half == pytest.approx([5.0, 105.0])
