import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.travel import STATION_TURN, build_travel_graph
from tests.builders import make_network
from tests.roadplay import play_network

NODES = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0)}
PRIMARY = {"highway": "primary", "maxspeed": "36"}


def line(**steps):
    """Return three nodes in a row, each step 1,000 m at 36 km/h."""
    return make_network(NODES, [(1, [1, 2, 3], PRIMARY), (2, [2, 1], PRIMARY)], **steps)


def test_time_is_length_over_speed_in_whole_milliseconds():
    """A thousand metres at 36 km/h take 100,000 ms in both directions."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)], length_m={(1, 2): 1000.0})
    graph = build_travel_graph(network)
    assert graph.arc_ms.tolist() == [100_000, 100_000]
    assert (graph.arc_ms * 64 % 1 == 0).all()


def test_oneway_direction_cannot_be_driven():
    """Against a one-way street there is no time and no entry."""
    network = make_network(NODES, [(1, [1, 2], {**PRIMARY, "oneway": "yes"})])
    graph = build_travel_graph(network)
    assert graph.arc_ms[1] == -1
    assert graph.arc.tolist() == [0]


def test_closed_segment_and_closed_arc():
    """A closed segment closes both directions, a closed arc only one."""
    network = line()
    assert build_travel_graph(network, closed=[0]).arc_ms[:2].tolist() == [-1, -1]
    graph = build_travel_graph(network, closed_arcs=[1])
    assert graph.arc_ms[0] > 0
    assert graph.arc_ms[1] == -1


def test_slow_down_multiplies_the_time():
    """A factor of two doubles the time of its segment and of no other."""
    network = line()
    plain, slow = build_travel_graph(network), build_travel_graph(network, slow_down={0: 2.0})
    assert slow.arc_ms[0] == pytest.approx(2 * plain.arc_ms[0], abs=1)
    assert slow.arc_ms[2:].tolist() == plain.arc_ms[2:].tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"closed": [9]},
        {"closed": [-1]},
        {"closed_arcs": [99]},
        {"slow_down": {0: 0.0}},
        {"slow_down": {0: float("nan")}},
        {"slow_down": {7: 2.0}},
        {"speeds": np.ones(1)},
        {"speeds": np.zeros(3)},
    ],
)
def test_inputs_that_do_not_fit_are_refused(wrong):
    """Closures, factors and speeds that do not fit the network are refused in one sentence."""
    with pytest.raises(InputError):
        build_travel_graph(line(), **wrong)


def test_endless_segment_is_refused():
    """A segment that would take more than the clock can hold is refused and named."""
    with pytest.raises(InputError, match="w1/1-2"):
        build_travel_graph(line(), speeds=np.full(3, 1e-6))


def test_only_nodes_with_a_forbidden_turn_are_copied():
    """A junction without a forbidden turn stays one vertex; a ramp node becomes one vertex an arriving arc."""
    ways = [(1, [1, 2], {"highway": "motorway_link"}), (2, [2, 3], PRIMARY)]
    graph = build_travel_graph(make_network(NODES, ways))
    assert graph.vertices == 3 + 1 + 2
    assert build_travel_graph(make_network(NODES, ways), turn_rules=False).vertices == 3


def test_station_turn_is_an_entry_of_its_own():
    """Two booths of one station are joined in both directions by entries that are no arc."""
    tags = {"highway": "motorway_link", "oneway": "yes"}
    network = make_network(NODES, [(1, [1, 2], tags), (2, [3, 1], tags)], stations={"s": [2, 3]})
    graph = build_travel_graph(network)
    assert (graph.arc == STATION_TURN).sum() == 2
    assert (build_travel_graph(network, turn_rules=False).arc == STATION_TURN).sum() == 0


def test_zero_length_takes_no_time():
    """Fault 35: a segment without length takes no time and breaks nothing."""
    network = make_network({1: (116.0, 40.0), 2: (116.0, 40.0)}, [(1, [1, 2], PRIMARY)])
    assert build_travel_graph(network).arc_ms.tolist() == [0, 0]


@given(seed=st.integers(0, 10_000), rules=st.booleans())
def test_entries_are_consistent(seed, rules):
    """Every entry leaves a vertex of its arc's tail, ends in its arc's vertex and takes its arc's time."""
    graph = build_travel_graph(play_network(seed), turn_rules=rules)
    arc = graph.arc
    assert (arc >= 0).all()
    assert np.array_equal(graph.vertex_node[graph.entry_vertex], graph.tail[arc])
    assert np.array_equal(graph.indices, graph.head_vertex[arc])
    assert np.array_equal(graph.weight_ms, graph.arc_ms[arc])
    assert np.array_equal(graph.vertex_node[graph.head_vertex], graph.head)
    assert (np.diff(graph.entry_vertex) >= 0).all()


@given(seed=st.integers(0, 10_000))
def test_building_twice_gives_the_same_arrays(seed):
    """Promise P8: the same network gives the same graph, bit for bit."""
    one, two = (build_travel_graph(play_network(seed)) for _ in range(2))
    for name in ("indptr", "indices", "weight_ms", "arc", "head_vertex"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
