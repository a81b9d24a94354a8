from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import heapsearch, nearest
from geo.isochrones import find_reach
from geo.snapping import snap_points
from geo.times import matrix, times_to_arcs
from geo.travel import build_travel_graph
from tests.sketch import METRES_PER_DEGREE, Sketch

SIDE = 5


@cache
def streets():
    """Return a network of 5 by 5 streets 200 m apart, every third one-way."""
    sketch = Sketch()
    for x in range(SIDE):
        for y in range(SIDE):
            sketch.point(f"p{x}_{y}", 200.0 * x, 200.0 * y)
    for k in range(SIDE):
        more = {"oneway": "yes"} if k % 3 == 1 else {}
        sketch.way(" ".join(f"p{k}_{y}" for y in range(SIDE)), "primary", **more)
        sketch.way(" ".join(f"p{x}_{k}" for x in range(SIDE)), "residential", **more)
    with TemporaryDirectory() as folder:
        return sketch.load(Path(folder))


def town(closed: frozenset[int] = frozenset()):
    """Return the travel graph of the streets."""
    return build_travel_graph(streets(), closed=closed)


def put(graph, places):
    """Snap places given in metres."""
    lon0, lat0 = Sketch().origin
    x, y = np.array(places, dtype=float).reshape(-1, 2).T
    lon = lon0 + x / METRES_PER_DEGREE / np.cos(np.radians(lat0))
    return snap_points(graph.network, lon, lat0 + y / METRES_PER_DEGREE)


def as_dicts(reach):
    """Return vertex to time for each place."""
    rows = [reach.of(k) for k in range(len(reach.ptr) - 1)]
    return [dict(zip(v.tolist(), t.tolist(), strict=True)) for v, t in rows]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(-50, 850), st.integers(-50, 850)), max_size=4),
    st.sampled_from([0.0, 10.0, 40.0, 1000.0]),
    st.frozensets(st.integers(0, 39), max_size=8),
)
def test_engines_agree(places, limit_s, closed):
    """Our heap search and scipy give the same vertices and the same times to the last bit, closures and all."""
    graph = town(closed)
    snapped = put(graph, places)
    ours = find_reach(graph, snapped, limit_s=limit_s, engine="plain")
    other = find_reach(graph, snapped, limit_s=limit_s, engine="scipy")
    assert as_dicts(ours) == as_dicts(other)
    assert ours.vertex.dtype == other.vertex.dtype == ours.ptr.dtype == other.ptr.dtype == np.int64


def test_reach_is_the_matrix_under_the_limit():
    """What is reached within the limit is what the matrix of travel times puts under it."""
    graph = town()
    corners = [(200 * x, 200 * y) for x in range(SIDE) for y in range(SIDE)]
    snapped = put(graph, corners)
    table = matrix(graph, snapped, snapped)
    for place, found in enumerate(as_dicts(find_reach(graph, snapped, limit_s=45.0))):
        near = {int(snapped.node[k]): table[place, k] for k in np.flatnonzero(table[place] <= 45.0)}
        nodes: dict[int, float] = {}
        for vertex, ms in found.items():
            node = int(graph.vertex_node[vertex])
            nodes[node] = min(nodes.get(node, np.inf), ms / 1000)
        assert nodes == pytest.approx(near)


def test_a_place_off_the_network_reaches_nothing():
    """A place farther than the snapping distance reaches nothing, and places beside it are not disturbed."""
    graph = town()
    reach = find_reach(graph, put(graph, [(90_000, 0), (0, 0)]), limit_s=30.0)
    assert len(reach.of(0)[0]) == 0
    assert len(reach.of(1)[0]) > 1


def test_the_compiled_search_gives_the_same(monkeypatch):
    """With numba the answers are those without it: reach, nearest source and the lowest number among equals."""
    pytest.importorskip("numba")
    graph = town()
    snapped = put(graph, [(0, 0), (800, 800), (400, 400), (400, 400)])
    reach, near = find_reach(graph, snapped, limit_s=60.0), times_to_arcs(graph, snapped, limit_s=60.0)
    monkeypatch.setattr(heapsearch, "_WORTH_VERTICES", 0)
    again, nearer = find_reach(graph, snapped, limit_s=60.0), times_to_arcs(graph, snapped, limit_s=60.0)
    assert as_dicts(again) == as_dicts(reach)
    assert np.array_equal(nearer.tail_ms, near.tail_ms)
    assert np.array_equal(nearer.source, near.source)
    heapsearch._compile.cache_clear()


def test_the_nearest_source_by_our_search(monkeypatch):
    """The uncompiled search finds the same nearest sources as scipy."""
    graph = town()
    snapped = put(graph, [(0, 0), (800, 0), (300, 700)])
    near = times_to_arcs(graph, snapped)
    monkeypatch.setattr(nearest, "compiled_search", lambda _vertices: heapsearch.search)
    again = times_to_arcs(graph, snapped)
    assert np.array_equal(again.tail_ms, near.tail_ms)
    assert np.array_equal(again.source, near.source)


@pytest.mark.parametrize("broken", ["missing", "read-only"])
def test_without_numba_or_a_place_for_its_code(monkeypatch, broken):
    """Where numba is missing scipy answers; where its code cannot be kept it is compiled for this run only."""

    class Refusing:
        """numba on a disk that cannot be written."""

        @staticmethod
        def njit(**options):
            """Refuse to keep code."""
            if options.get("cache"):
                raise RuntimeError
            return lambda function: function

    heapsearch._compile.cache_clear()
    monkeypatch.setitem(sys.modules, "numba", None if broken == "missing" else Refusing)
    monkeypatch.setattr(heapsearch, "_WORTH_VERTICES", 0)
    found = heapsearch.compiled_search(1)
    assert found is (None if broken == "missing" else heapsearch.search)
    heapsearch._compile.cache_clear()
