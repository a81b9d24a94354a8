import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.measure import measure_between
from geo.snapping import build_snap_index, snap_points
from tests.builders import make_network
from tests.roadplay import play_network

PRIMARY = {"highway": "primary"}
NODES = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.01, 40.01)}


def snap_one(network, lon, lat, **options):
    """Snap one point."""
    return snap_points(network, np.array([lon]), np.array([lat]), **options)


@given(seed=st.integers(0, 100_000))
def test_node_adds_no_distance_error(seed):
    """A point on a node is put exactly on that node: offset 0 or the whole length, whatever segment it is on."""
    network = play_network(seed)
    used = np.unique(np.concatenate((network.segments.u, network.segments.v)))
    places = snap_points(network, network.nodes.lon[used], network.nodes.lat[used])
    assert np.array_equal(places.node, used)
    length = network.segments.length_m[places.segment]
    assert ((places.offset_m == 0) | (places.offset_m == length)).all()
    assert np.array_equal(places.lon, network.nodes.lon[used])
    assert (places.distance_m < 0.01).all()


@given(seed=st.integers(0, 100_000))
def test_shuffled_ways_give_the_same_place(seed):
    """Fault 68: the order of the ways in the file does not change the segment, not even where segments meet."""
    dice = np.random.default_rng(seed)
    nodes = {k: (116 + dice.uniform(0, 0.02), 40 + dice.uniform(0, 0.02)) for k in range(1, 6)}
    ways = [(10 + k, [int(x) for x in dice.choice(5, 2, replace=False) + 1], PRIMARY) for k in range(6)]
    lon = np.array([nodes[k][0] for k in nodes] + [116.005, 116.015])
    lat = np.array([nodes[k][1] for k in nodes] + [40.005, 40.001])
    answers = []
    for order in (range(6), dice.permutation(6)):
        network = make_network(nodes, [ways[k] for k in order])
        places = snap_points(network, lon, lat)
        ids = [network.segment_ids[row] for row in places.segment]
        answers.append((ids, places.offset_m.round(6).tolist(), places.node.tolist()))
    assert answers[0] == answers[1]


def test_point_beside_a_road():
    """A point beside a road is put at its foot, with the metres along and the metres away."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    place = snap_one(network, 116.0025, 40.0005)
    assert place.node[0] == -1
    assert place.offset_m[0] == pytest.approx(float(network.segments.length_m[0]) / 4, abs=0.01)
    assert place.distance_m[0] == pytest.approx(measure_between((116, 40), (116, 40.0005)), rel=0.003)
    assert (place.lon[0], place.lat[0]) == pytest.approx((116.0025, 40.0), abs=1e-7)


def test_offset_follows_the_measured_length():
    """Where the length of a segment was measured elsewhere, the offset is a share of that length."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)], length_m={(1, 2): 1234.5})
    assert snap_one(network, 116.0025, 40.0).offset_m[0] == pytest.approx(1234.5 / 4, abs=0.01)


def test_far_point_is_not_on_the_network():
    """A point beyond the limit has no segment, its distance is told; a point within has one."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    far, near = (snap_one(network, 116.005, 40.01, max_m=limit) for limit in (1_000, 1_200))
    assert far.segment[0] == far.node[0] == -1
    assert far.distance_m[0] == pytest.approx(1_110, abs=10)
    assert near.segment[0] == 0


def test_ferry_is_no_place_to_stand():
    """A place lies on a road even where a ferry is nearer, unless the caller says otherwise."""
    ways = [(1, [1, 2], {"route": "ferry"}), (2, [2, 3], PRIMARY)]
    network = make_network(NODES, ways)
    assert snap_one(network, 116.008, 40.0001).segment[0] == 1
    index = build_snap_index(network, usable=np.array([True, True]))
    assert snap_one(network, 116.008, 40.0001, index=index).segment[0] == 0


def test_nearer_end_of_a_short_segment():
    """On a segment shorter than the tolerance the nearer end is taken."""
    nodes = {1: (116.0, 40.0), 2: (116.000005, 40.0)}
    network = make_network(nodes, [(1, [1, 2], PRIMARY)])
    assert snap_one(network, 116.0000045, 40.0).node[0] == 1
    assert snap_one(network, 116.0000005, 40.0).node[0] == 0


def test_zero_length_segment():
    """Fault 35: a segment without length can be snapped to."""
    network = make_network({1: (116.0, 40.0), 2: (116.0, 40.0)}, [(1, [1, 2], PRIMARY)])
    place = snap_one(network, 116.0, 40.0001)
    assert (place.segment[0], place.offset_m[0], place.node[0]) == (0, 0.0, 0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_coordinates(bad):
    """Fault 32: a coordinate that is not finite is refused with the number of the place."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    with pytest.raises(InputError, match="place 2"):
        snap_points(network, np.array([116.0, bad]), np.array([40.0, 40.0]))


def test_network_without_roads():
    """Fault 36: a network that holds only ferries has no place to stand on."""
    network = make_network(NODES, [(1, [1, 2], {"route": "ferry"})])
    with pytest.raises(InputError, match="no road"):
        snap_one(network, 116.0, 40.0)


def test_take_keeps_the_order():
    """Picking rows of places keeps the asked order."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY)])
    places = snap_points(network, np.array([116.0, 116.005, 116.01]), np.array([40.0] * 3))
    assert places.take([2, 0]).offset_m.tolist() == [places.offset_m[2], 0.0]
    assert len(places) == 3
