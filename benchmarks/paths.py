"""Isochrones and the nearest unit on large networks against networkx: CPU seconds, one thread, and their ratio.

    python benchmarks/paths.py [NODES] [MORE NODES]

The network is a made-up town (see ``coverage.py``). Both sides answer the same question on the same graph and give the
same times. The cost of compiling the search, paid once, stands on a line of its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np

# In place of this folder: its coverage.py would hide the package of that name from numba.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.coverage import make_town, measure, to_networkx
from geo.isochrones import Reach, find_reach
from geo.snapping import Snapped, build_snap_index, snap_points
from geo.times import times_to_arcs
from geo.travel import TravelGraph, build_travel_graph

LIMIT_S = 900.0
SOURCES = 200
SAMPLE = 20
"""Sources that networkx is asked for; one after the other they cost the same."""


def make(nodes: int) -> tuple[TravelGraph, Snapped]:
    """Return a travel graph of about so many nodes, and the sources on some of them."""
    network = make_town(2 * nodes, seed=7)
    graph = build_travel_graph(network, turn_rules=False)
    chosen = np.random.default_rng(5).choice(len(network.nodes), SOURCES, replace=False)
    index = build_snap_index(network)
    return graph, snap_points(network, network.nodes.lon[chosen], network.nodes.lat[chosen], index=index)


def spend_once(job: Callable[[], object]) -> float:
    """Return the CPU seconds of one run."""
    start = time.process_time()
    job()
    return time.process_time() - start


def show(what: str, value: str, bar: str, *, good: bool) -> bool:
    """Print one line and return whether the bar is reached."""
    print(f"{what:<58} {value:>24}   {bar:<10} {'ok' if good else 'MISSED'}")
    return good


def search_nearest(plain: nx.DiGraph, own: set[int]) -> dict[int, float]:
    """Return the time from the nearest source by networkx."""
    found: dict[int, float] = nx.multi_source_dijkstra_path_length(plain, own, cutoff=LIMIT_S * 1000, weight="ms")
    return found


def main(nodes: int = 344_000, more: int = 1_400_000) -> int:
    """Print the table; 1 if a bar is missed."""
    graph, places = make(nodes)
    plain = to_networkx(graph)
    own = places.node.tolist()

    def isochrones() -> Reach:
        return find_reach(graph, places, limit_s=LIMIT_S)

    def theirs(plain: nx.DiGraph) -> list[dict[int, float]]:
        return [
            nx.single_source_dijkstra_path_length(plain, node, cutoff=LIMIT_S * 1000, weight="ms")
            for node in own[:SAMPLE]
        ]

    print(f"first call, compiling counted: {spend_once(isochrones):.2f} CPU s")
    mine = isochrones()
    for number, other in enumerate(theirs(plain)):
        vertex, ms = mine.of(number)
        assert dict(zip(vertex.tolist(), ms.tolist(), strict=True)) == other
    spent = measure(isochrones, 5)
    peer = measure(lambda: theirs(plain), 3) * SOURCES / SAMPLE
    reached = len(mine.vertex) // SOURCES
    print(f"{graph.vertices:,} vertices, {SOURCES} sources, {reached:,} reached by each")
    ratio = peer / spent
    results = [show("200 isochrones against networkx", f"{spent:.3f} s, {ratio:.1f} x", ">= 12 x", good=ratio >= 12)]
    nearest = measure(lambda: times_to_arcs(graph, places, limit_s=LIMIT_S), 5)
    peer = measure(lambda: search_nearest(plain, set(own)), 3)
    ratio = peer / nearest
    value = f"{nearest:.3f} s, {ratio:.1f} x"
    results.append(show("nearest of 200 against networkx", value, ">= 20 x", good=ratio >= 20))
    plain.clear()
    graph, places = make(more)
    growth = measure(lambda: find_reach(graph, places, limit_s=LIMIT_S), 5) / spent
    what = f"200 isochrones, growth to {graph.vertices:,} vertices"
    results.append(show(what, f"{growth:.2f} x", "<= 1.3 x", good=growth <= 1.3))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
