"""Joint coverage of a large network against networkx: CPU seconds, one thread, and their ratio.

Run ``.venv/bin/python benchmarks/coverage.py [segments] [units]``. The first network is a made-up town of one-way and
two-way streets with expressways through it; the second, where ``../shared/data`` is there, is Andorra laid side by side
until it has the segments asked for. Both sides compute the same thing: for local and expressway units apart, the time
of the nearest unit to every node; then what is reached. Theirs and ours alternate, the medians are compared.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np

# In place of this folder: its coverage.py would hide the package of that name from numba.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from geo.network import Network, Nodes, Source
from geo.segmenting import RawWays, build_network
from geo.snapping import build_snap_index
from geo.times import ArcTimes, times_of_groups
from geo.travel import TravelGraph, build_travel_graph
from patrol.coverage import Coverage, cover
from patrol.places import snap_places
from patrol.units import Unit, is_local

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "osm" / "ad-andorra-2026.osm.pbf"
LIMIT_S = 900.0
STEP_DEG = 0.003
CLASSES = ("motorway", "primary", "secondary", "tertiary", "residential", "residential")


def make_town(segments: int, *, seed: int) -> Network:
    """Build a jittered grid of streets with about the given number of segments."""
    dice = random.Random(seed)
    side = math.isqrt(segments // 2) + 1
    row, column = np.divmod(np.arange(side * side), side)
    jitter = np.array([dice.uniform(-0.3, 0.3) for _ in range(2 * side * side)]).reshape(2, -1)
    nodes = Nodes(
        np.arange(1, side * side + 1, dtype=np.int64),
        115.0 + (column + jitter[0]) * STEP_DEG,
        39.0 + (row + jitter[1]) * STEP_DEG,
    )
    grid = np.arange(side * side, dtype=np.int32).reshape(side, side)
    lines = [line for k in range(side) for line in (grid[k, :], grid[:, k])]
    tags = []
    for _ in lines:
        highway = dice.choice(CLASSES)
        oneway = "yes" if highway != "motorway" and dice.random() < 0.1 else "no"
        tags.append({"highway": highway, "oneway": oneway})
    ptr = np.concatenate(([0], np.cumsum([len(line) for line in lines]))).astype(np.int32)
    raw = RawWays(np.arange(1, len(lines) + 1, dtype=np.int64), ptr, np.concatenate(lines), tags)
    return build_network(Source("town", "0" * 64, "made up"), nodes, raw)


def place_units(network: Network, count: int, *, seed: int) -> list[Unit]:
    """Put units of both sides on random nodes at which a segment ends."""
    dice = random.Random(seed)
    ends = np.union1d(network.segments.u, network.segments.v).tolist()
    rows = dice.sample(ends, count)
    lon, lat = network.nodes.lon, network.nodes.lat
    return [
        Unit(f"U{k:03}", "local" if k % 2 else "expressway", float(lon[row]), float(lat[row]))
        for k, row in enumerate(rows)
    ]


def to_networkx(graph: TravelGraph) -> nx.DiGraph:
    """Return the plain graph with milliseconds, the smaller one of parallel arcs."""
    plain = nx.DiGraph()
    plain.add_nodes_from(range(graph.vertices))
    for tail, head, ms in zip(
        graph.entry_vertex.tolist(), graph.indices.tolist(), graph.weight_ms.tolist(), strict=True
    ):
        if not plain.has_edge(tail, head) or plain[tail][head]["ms"] > ms:
            plain.add_edge(tail, head, ms=ms)
    return plain


def measure(job: Callable[[], object], repeats: int) -> float:
    """Return the median CPU seconds of a job."""
    spent = []
    for _ in range(repeats):
        begin = time.process_time()
        job()
        spent.append(time.process_time() - begin)
    return sorted(spent)[repeats // 2]


def measure_pair(mine: Callable[[], object], theirs: Callable[[], object], pairs: int) -> tuple[float, float]:
    """Return the median CPU seconds of two jobs done in turn."""
    spent: list[list[float]] = [[], []]
    for _ in range(pairs):
        for job, times in zip((mine, theirs), spent, strict=True):
            begin = time.process_time()
            job()
            times.append(time.process_time() - begin)
    return sorted(spent[0])[pairs // 2], sorted(spent[1])[pairs // 2]


def main(segments: int = 60_000, count: int = 40) -> int:
    """Print a table for each network; 1 if a bar is missed."""
    good = compare("made-up town", make_town(segments, seed=7), count)
    if REAL.exists():
        from benchmarks.tile import tile_network
        from geo.load import load_network

        andorra = load_network(REAL)
        copies = -(-segments // len(andorra.segments))
        good &= compare(f"Andorra, {copies} copies", tile_network(andorra, copies), count)
    return 0 if good else 1


def compare(name: str, network: Network, count: int) -> bool:
    """Print the table of one network and return whether the bars are met."""
    build_s = measure(lambda: build_travel_graph(network, turn_rules=False), 3)
    graph = build_travel_graph(network, turn_rules=False)
    units = place_units(network, count, seed=8)
    index = build_snap_index(network)
    plain = to_networkx(graph)
    places = snap_places(network, units, index=index)
    sides = [[k for k, unit in enumerate(units) if is_local(unit.agency) is side] for side in (True, False)]

    def search_ours() -> list[ArcTimes]:
        return times_of_groups(graph, [places.take(side) for side in sides])

    def search_networkx() -> list[dict[int, float]]:
        return [
            nx.multi_source_dijkstra_path_length(plain, {int(places.node[k]) for k in side}, weight="ms")
            for side in sides
        ]

    def cover_ours() -> Coverage:
        return cover(graph, units, limit_s=LIMIT_S, index=index)

    from scipy.sparse import csgraph

    assert csgraph  # its import is not part of the first search
    first_s = measure(search_ours, 1)
    for mine, theirs in zip(search_ours(), search_networkx(), strict=True):
        reached = np.array([theirs.get(node, math.inf) for node in graph.tail.tolist()])
        usable = graph.arc_ms >= 0
        tail_ms = mine.tail_ms.copy()
        tail_ms[mine.starts.arc] = 0.0
        assert np.array_equal(tail_ms[usable], reached[usable])
    search, peer = measure_pair(search_ours, search_networkx, 9)
    whole = measure(cover_ours, 5)
    ratio = peer / search
    print(f"{name}: {len(network.segments):,} segments, {len(graph.junctions):,} junctions, {count} units; CPU s")
    print(f"  travel graph (once)                    {build_s:8.4f}")
    print(f"  networkx multi_source_dijkstra, 2 sides {peer:7.4f}")
    print(f"  ours, the same search                   {search:7.4f}   {ratio:6.1f} x   bar 20 x")
    print(f"  ours, first time on this graph          {first_s:7.4f}   {peer / first_s:6.1f} x")
    print(f"  ours, whole coverage (snap, cut, sum)   {whole:7.4f}   {peer / whole:6.1f} x   bar 1 s")
    return ratio >= 20 and whole <= 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
