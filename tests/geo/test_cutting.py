import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cutting import Cut, cut_network
from geo.errors import InputError
from geo.measure import measure_steps
from tests.builders import make_network

NODES = {1: (118.0, 31.0), 2: (118.01, 31.0), 3: (118.02, 31.005), 4: (118.02, 31.02), 5: (118.01, 31.01)}
WAYS = [(10, [1, 2, 3, 4], {"highway": "primary"}), (11, [2, 5], {"highway": "residential"})]


@pytest.fixture(scope="module")
def network():
    return make_network(NODES, WAYS)


@given(st.lists(st.tuples(st.sampled_from(["w10/1-2", "w10/2-4", "w11/2-5"]), st.floats(0, 1)), max_size=6))
def test_cuts_keep_every_millimetre_and_follow_the_line(pairs):
    """However often segments are cut, lengths add up exactly and each piece lies where its nodes say."""
    network = make_network(NODES, WAYS)
    length = dict(zip(network.segment_ids, network.segments.length_m.tolist(), strict=True))
    cut = cut_network(network, [Cut(s, share * length[s]) for s, share in pairs])
    made = cut.network
    whole = np.zeros(len(network.segments), dtype=np.int64)
    np.add.at(whole, cut.base, made.segments.length_mm)
    assert (whole == network.segments.length_mm).all()
    assert len(set(made.segment_ids)) == len(made.segments)
    for row in range(len(made.segments)):
        line = made.points(row)
        steps = measure_steps(line[:, 0], line[:, 1]).sum()
        assert abs(steps - made.segments.length_mm[row] / 1000) < 0.05
        u, v = made.segments.u[row], made.segments.v[row]
        assert tuple(line[0]) == (made.nodes.lon[u], made.nodes.lat[u])
        assert tuple(line[-1]) == (made.nodes.lon[v], made.nodes.lat[v])


def test_no_cut_gives_the_network_itself(network):
    """Without cuts nothing is copied."""
    assert cut_network(network, []).network is network


def test_cut_at_an_end_is_that_node(network):
    """A cut within half a metre of an end adds no piece and names the junction."""
    length = network.segments.length_m[network.row_of_segment["w10/1-2"]]
    cut = cut_network(network, [Cut("w10/1-2", 0.4), Cut("w10/1-2", length - 0.2)])
    assert len(cut.network.segments) == len(network.segments)
    assert [int(network.nodes.id[node]) for node in cut.node_of_cut] == [1, 2]


def test_cut_just_inside_makes_a_piece(network):
    """A cut beyond half a metre of an end makes two pieces that begin where the other ends."""
    cut = cut_network(network, [Cut("w10/1-2", 0.6)])
    rows = np.flatnonzero(cut.base == network.row_of_segment["w10/1-2"])
    assert cut.from_mm[rows].tolist() == [0, 600]


def test_ids_of_cuts_do_not_depend_on_the_rest(network):
    """The same cut has the same node id, alone or among others."""
    alone = cut_network(network, [Cut("w10/2-4", 100.0)])
    among = cut_network(network, [Cut("w10/1-2", 50.0), Cut("w10/2-4", 100.0)])
    one = alone.network.nodes.id[alone.node_of_cut[0]]
    assert one == among.network.nodes.id[among.node_of_cut[1]]
    assert one < 0


@pytest.mark.parametrize(("segment", "offset"), [("w9/1-2", 1.0), ("w10/1-2", -3.0), ("w10/1-2", 99999.0)])
def test_a_place_off_the_map_is_refused(network, segment, offset):
    """A vanished road or an offset outside it is one sentence, never a cut somewhere else."""
    with pytest.raises(InputError, match="segment"):
        cut_network(network, [Cut(segment, offset)])
