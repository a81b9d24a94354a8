import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.snapping import snap_points
from geo.times import find_starts, matrix, times_to_arcs
from geo.travel import build_travel_graph
from tests.builders import make_network
from tests.roadplay import length_of, play_network, play_places, slow_time, slow_times, stands_on

seeds = st.integers(0, 100_000)
PRIMARY = {"highway": "primary", "maxspeed": "36"}


def on(network, segment, offset_m):
    """Return one place inside a segment."""
    places = play_places(network, 0, 1)
    return type(places)(
        np.array([segment]), np.array([float(offset_m)]), *(np.zeros(1),) * 3, np.array([-1], dtype=np.int64)
    )


def plain_graph(graph, a, b):
    """Return the network as a networkx graph with milliseconds, the two places as nodes ``a`` and ``b``."""
    plain = nx.MultiDiGraph()
    plain.add_nodes_from(["a", "b"])
    for arc in np.flatnonzero(graph.arc_ms >= 0).tolist():
        plain.add_edge(int(graph.tail[arc]), int(graph.head[arc]), ms=float(graph.arc_ms[arc]))
    for arc, offset in stands_on(graph, a, 0):
        pace = graph.arc_ms[arc] / length_of(graph, arc)
        plain.add_edge("a", int(graph.head[arc]), ms=(length_of(graph, arc) - offset) * pace)
    if b.node[0] >= 0:
        plain.add_edge(int(b.node[0]), "b", ms=0.0)
        if a.node[0] == b.node[0]:
            plain.add_edge("a", "b", ms=0.0)
        return plain
    for arc, offset in stands_on(graph, b, 0):
        pace = graph.arc_ms[arc] / length_of(graph, arc)
        plain.add_edge(int(graph.tail[arc]), "b", ms=offset * pace)
        for own, start in stands_on(graph, a, 0):
            if own == arc and start <= offset:
                plain.add_edge("a", "b", ms=(offset - start) * pace)
    return plain


@given(seed=seeds)
def test_matrix_equals_networkx_without_turn_rules(seed):
    """Without turn rules every time equals Dijkstra of networkx on the plain graph with the places put in."""
    network = play_network(seed)
    graph = build_travel_graph(network, turn_rules=False)
    places = play_places(network, seed, 4)
    times = matrix(graph, places, places)
    for i in range(4):
        for j in range(4):
            a, b = places.take([i]), places.take([j])
            if i == j:
                assert times[i, j] == 0
                continue
            reached = nx.single_source_dijkstra_path_length(plain_graph(graph, a, b), "a", weight="ms")
            assert times[i, j] * 1000 == pytest.approx(reached.get("b", np.inf), abs=1e-6)


@given(seed=seeds)
def test_matrix_equals_a_search_over_arcs_with_turn_rules(seed):
    """With turn rules every time equals a plain search over arcs that asks for each turn whether it is allowed."""
    network = play_network(seed, highways=("motorway", "motorway_link", "motorway_link", "primary"))
    graph = build_travel_graph(network)
    places = play_places(network, seed, 3)
    times = matrix(graph, places, places)
    for i in range(3):
        for j in range(3):
            if i != j:
                slow = slow_time(graph, places.take([i]), places.take([j]), rules=True)
                assert times[i, j] == pytest.approx(slow, abs=1e-6)


@given(seed=seeds)
def test_turn_rules_never_shorten_a_way(seed):
    """Where no station offers a turn, forbidding turns never makes a way quicker."""
    network = play_network(seed)
    places = play_places(network, seed, 4)
    free = matrix(build_travel_graph(network, turn_rules=False), places, places)
    ruled = matrix(build_travel_graph(network), places, places)
    assert (ruled >= free - 1e-9).all()


@given(seed=seeds)
def test_closures_and_slow_downs_never_shorten_a_way(seed):
    """Closing a segment or slowing one down makes no way quicker."""
    network = play_network(seed)
    places = play_places(network, seed, 4)
    free = matrix(build_travel_graph(network), places, places)
    for harder in (build_travel_graph(network, closed=[0]), build_travel_graph(network, slow_down={0: 3.0})):
        assert (matrix(harder, places, places) >= free - 1e-9).all()


@given(seed=seeds, rules=st.booleans())
def test_nearest_source_of_every_arc(seed, rules):
    """The time at each arc's tail is that of the nearest source, and among equals the lowest number owns it."""
    network = play_network(seed)
    graph = build_travel_graph(network, turn_rules=rules)
    sources = play_places(network, seed, 3)
    found = times_to_arcs(graph, sources)
    each = [slow_times(graph, sources, k, rules=rules) for k in range(3)]
    for arc in range(len(graph.arc_ms)):
        times = [times.get(arc, np.inf) for times in each]
        assert found.tail_s[arc] == pytest.approx(min(times), abs=1e-6)
        owner = times.index(min(times)) if min(times) < np.inf else -1
        assert found.source[arc] == owner or times[found.source[arc]] == pytest.approx(min(times), abs=1e-6)


@given(seed=seeds)
def test_limit_cuts_off_and_changes_nothing_below(seed):
    """A limit leaves times within it as they are and makes all others infinite."""
    network = play_network(seed)
    graph = build_travel_graph(network)
    sources = play_places(network, seed, 2)
    whole, cut = times_to_arcs(graph, sources), times_to_arcs(graph, sources, limit_s=120)
    near = whole.tail_s <= 120
    assert np.array_equal(cut.tail_s[near], whole.tail_s[near])
    assert np.isinf(cut.tail_s[~near]).all()
    assert (cut.source[~near] == -1).all()


def test_equal_distance_goes_to_the_lower_number():
    """Fault 68: two sources equally far from a road, through whatever junctions: the lower number owns it."""
    nodes = {1: (116.0, 40.0), 2: (116.02, 40.0), 3: (116.01, 40.0), 4: (116.01, 40.01), 5: (116.01, 40.02)}
    ways = [(1, [1, 3], PRIMARY), (2, [2, 3], PRIMARY), (3, [3, 4], PRIMARY), (4, [4, 5], PRIMARY)]
    length_m = {(1, 3): 500.0, (2, 3): 500.0, (3, 4): 100.0, (4, 5): 100.0}
    network = make_network(nodes, ways, length_m=length_m)
    graph = build_travel_graph(network)
    for order in ([116.0, 116.02], [116.02, 116.0]):
        sources = snap_points(network, np.array(order), np.array([40.0, 40.0]))
        found = times_to_arcs(graph, sources)
        assert found.source[[4, 6]].tolist() == [0, 0]
        assert found.tail_s[[4, 6]].tolist() == [50, 60]


def test_two_places_on_one_segment():
    """On one two-way segment the time between two places is the way between them, in both directions."""
    network = make_network({1: (116.0, 40.0), 2: (116.01, 40.0)}, [(1, [1, 2], PRIMARY)], length_m={(1, 2): 1000.0})
    graph = build_travel_graph(network)
    assert matrix(graph, on(network, 0, 200), on(network, 0, 700))[0, 0] == pytest.approx(50)
    assert matrix(graph, on(network, 0, 700), on(network, 0, 200))[0, 0] == pytest.approx(50)


def test_place_behind_on_a_one_way_road_is_reached_round_the_block():
    """A place behind the car on a one-way road is reached only by driving all the way round."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.005, 40.005)}
    ways = [(1, [1, 2], {**PRIMARY, "oneway": "yes"}), (2, [2, 3, 1], {**PRIMARY, "oneway": "yes"})]
    network = make_network(nodes, ways, length_m={(1, 2): 1000.0, (2, 3): 500.0, (3, 1): 500.0})
    graph = build_travel_graph(network)
    assert matrix(graph, on(network, 0, 700), on(network, 0, 200))[0, 0] == pytest.approx(30 + 100 + 20)


def test_start_on_a_carriageway_is_no_free_u_turn():
    """On a one-way carriageway a route starts forward only; without a way round, behind is out of reach."""
    network = make_network({1: (116.0, 40.0), 2: (116.01, 40.0)}, [(1, [1, 2], {"highway": "motorway"})])
    graph = build_travel_graph(network)
    starts = find_starts(graph, on(network, 0, 300))
    assert starts.arc.tolist() == [0]
    assert matrix(graph, on(network, 0, 300), on(network, 0, 200))[0, 0] == np.inf


def test_place_on_a_node_leaves_by_every_road():
    """A post on a junction may leave by each road there, however the place was put on one of them."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0)}
    ways = [(1, [1, 2], {**PRIMARY, "oneway": "yes"}), (2, [2, 3], {**PRIMARY, "oneway": "yes"})]
    network = make_network(nodes, ways)
    graph = build_travel_graph(network)
    starts = find_starts(graph, snap_points(network, np.array([116.01]), np.array([40.0])))
    assert starts.arc.tolist() == [2]


def test_expressway_crew_turns_at_the_toll_station():
    """A crew on one carriageway reaches the other by leaving through the exit booth and coming in again."""
    nodes = {
        1: (116.00, 40.0),
        2: (116.02, 40.0),
        3: (116.04, 40.0),
        4: (116.04, 40.0005),
        5: (116.02, 40.0005),
        6: (116.00, 40.0005),
        7: (116.025, 39.999),
        8: (116.025, 40.0015),
    }
    motorway, ramp = {"highway": "motorway"}, {"highway": "motorway_link", "oneway": "yes"}
    ways = [(1, [1, 2, 3], motorway), (2, [4, 5, 6], motorway), (3, [2, 7], ramp), (4, [8, 5], ramp)]
    places = [116.01, 116.01], [40.0, 40.0005]
    outcome = []
    for stations in ({}, {"s": [7, 8]}):
        network = make_network(nodes, ways, stations=stations)
        snapped = snap_points(network, *(np.array(x) for x in places))
        outcome.append(matrix(build_travel_graph(network), snapped, snapped)[0, 1])
    assert outcome[0] == np.inf
    assert 60 < outcome[1] < 600


def test_no_way_and_no_place():
    """Fault 35: to an island, and from a place off the network, the time is infinite and nothing breaks."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (117.0, 41.0), 4: (117.01, 41.0)}
    network = make_network(nodes, [(1, [1, 2], PRIMARY), (2, [3, 4], PRIMARY)])
    graph = build_travel_graph(network)
    places = snap_points(network, np.array([116.005, 117.005, 120.0]), np.array([40.0, 41.0, 45.0]))
    times = matrix(graph, places, places)
    assert np.isinf(times[0, 1:]).all()
    assert np.isinf(times[2]).all()
    assert times[0, 0] == 0
    assert (times_to_arcs(graph, places.take([2])).source == -1).all()


def test_many_sources_in_chunks(monkeypatch):
    """A table worked out in small chunks equals the table worked out at once."""
    network = play_network(5)
    graph = build_travel_graph(network)
    places = play_places(network, 5, 6)
    whole = matrix(graph, places, places)
    monkeypatch.setattr("geo.times._DENSE_CELLS", 1)
    assert np.array_equal(matrix(graph, places, places), whole)
