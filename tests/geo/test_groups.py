import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.groups import group_pairs, join_at_nodes, near_pairs

PAIRS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=20)


@given(PAIRS)
def test_groups_are_connected_components(pairs):
    """Union-find finds the components that a graph library finds, in whatever order the pairs come."""
    label = group_pairs(12, pairs)
    a, b = (np.array([p[k] for p in pairs], dtype=int) for k in (0, 1))
    _, expected = connected_components(coo_array((np.ones(len(pairs)), (a, b)), shape=(12, 12)), directed=False)
    assert len(set(zip(label.tolist(), expected.tolist(), strict=True))) == len(set(expected.tolist()))
    assert label.tolist() == group_pairs(12, pairs[::-1]).tolist()


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 50)), max_size=12), st.floats(1, 30))
def test_near_pairs_are_all_pairs_within_the_limit(points, limit):
    """The sweep finds exactly the pairs that comparing all with all finds."""
    plane = np.array(points, dtype=float).reshape(-1, 2)
    every = [
        (a, b) for a in range(len(plane)) for b in range(a + 1, len(plane)) if np.hypot(*(plane[a] - plane[b])) <= limit
    ]
    assert sorted(map(tuple, near_pairs(plane, limit).tolist())) == every


def test_edges_join_at_shared_nodes_but_not_through_closed_ones():
    """Two edges that share a node are one group; a node below zero joins nothing."""
    u, v = np.array([1, 2, -1, 7]), np.array([2, 3, 5, -1])
    assert join_at_nodes(u, v).tolist() == [0, 0, 1, 2]
