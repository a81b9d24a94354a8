"""Joining lines that meet: order does not matter, what is near is joined, crowds are no crash."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.joining import join_vertices, to_earth

points_strategy = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=2, max_size=40)


@given(points_strategy, st.randoms(use_true_random=False))
def test_joining_ignores_order_and_joins_what_is_near(cells, rng):
    """Lines on a grid of 0.2 m: their order does not matter, no line folds, and the nearest ends of two are joined."""
    cells = cells[: len(cells) // 2 * 2]
    lines = [(cells[k], cells[k + 1]) for k in range(0, len(cells), 2) if cells[k] != cells[k + 1]]
    if not lines:
        return

    def join(some):
        xy = np.array([p for one in some for p in one], dtype=float) * 0.2 / 111_320 + [114.0, 0.0]
        row = np.repeat(np.arange(len(some)), 2)
        ends = np.ones(len(row), dtype=bool)
        level = np.zeros(len(some), dtype=np.int64)
        length = np.array([np.hypot(a[0] - b[0], a[1] - b[1]) * 0.2 for a, b in some])
        return join_vertices(xy[:, 0], xy[:, 1], line=row, is_end=ends, level=level, line_m=length), xy

    first, xy = join(lines)
    order = list(range(len(lines)))
    rng.shuffle(order)
    second, _ = join([lines[k] for k in order])
    assert first.lon.tolist() == second.lon.tolist()
    pairs = first.node.reshape(-1, 2)
    assert second.node.reshape(-1, 2).tolist() == [pairs[k].tolist() for k in order]
    assert (pairs[:, 0] != pairs[:, 1]).all()
    if len(lines) == 2:
        places = to_earth(xy[:, 0], xy[:, 1])
        gaps = [(np.linalg.norm(places[i] - places[j]), i, j) for i in (0, 1) for j in (2, 3)]
        nearest = min(gaps)
        if nearest[0] < 0.499:
            assert first.node[nearest[1]] == first.node[nearest[2]]


def test_a_crowd_of_vertices_is_not_a_crash():
    """Ten thousand places within half a metre are looked at through their nearest eight, and this is told."""
    rng = np.random.default_rng(1)
    lon, lat = 114 + rng.uniform(0, 3e-6, 10_000), 22 + rng.uniform(0, 3e-6, 10_000)
    joined = join_vertices(
        lon, lat, line=np.repeat(np.arange(5000), 2), is_end=np.ones(10_000, dtype=bool),
        level=np.zeros(5000, dtype=np.int64), line_m=np.ones(5000),
    )  # fmt: skip
    assert joined.crowded
    assert len(joined.lon) < 10_000
