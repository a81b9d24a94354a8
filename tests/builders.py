"""Small networks written down by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from geo.network import Network, Nodes, Source
from geo.segmenting import RawWays, build_network
from geo.stations import Station, StationKind

Point = tuple[float, float] | tuple[float, float, Mapping[str, str]]


def make_network(
    nodes: Mapping[int, Point],
    ways: Sequence[tuple[int, Sequence[int], Mapping[str, str]]],
    *,
    stations: Mapping[str, Sequence[int]] | None = None,
    kind: StationKind = StationKind.RAMP,
    length_m: Mapping[tuple[int, int], float] | None = None,
) -> Network:
    """Build a network from plain Python.

    Parameters
    ----------
    nodes
        Node id to ``(lon, lat)`` or ``(lon, lat, tags)``.
    ways
        ``(way id, node ids, tags)``.
    stations
        Station id to the node ids of its booths.
    kind
        Kind of all stations.
    length_m
        ``(from node id, to node id)`` to the length of that step; geodesic where missing.
    """
    ids = sorted(nodes)
    row = {node: k for k, node in enumerate(ids)}
    tags = {row[n]: dict(nodes[n][2]) for n in ids if len(nodes[n]) == 3}
    table = Nodes(
        np.array(ids, dtype=np.int64),
        np.array([nodes[n][0] for n in ids], dtype=np.float64),
        np.array([nodes[n][1] for n in ids], dtype=np.float64),
        tags,
    )
    refs = [row[n] for _, points, _ in ways for n in points]
    ptr = np.concatenate(([0], np.cumsum([len(points) for _, points, _ in ways])))
    raw = RawWays(
        np.array([way for way, _, _ in ways], dtype=np.int64),
        ptr.astype(np.int32),
        np.array(refs, dtype=np.int32),
        [dict(way_tags) for _, _, way_tags in ways],
        _steps(ways, length_m),
    )
    network = build_network(Source("by-hand", "0" * 64, "test"), table, raw)
    made = tuple(_station(network, row, name, booths, kind) for name, booths in (stations or {}).items())
    return network.with_stations(made, network.findings)


def _steps(ways, length_m):
    if length_m is None:
        return None
    pairs = [(a, b) for _, points, _ in ways for a, b in zip(points, [*points[1:], points[-1]], strict=True)]
    return np.array([length_m.get(pair, 0.0) for pair in pairs], dtype=np.float64)


def _station(network, row, name, booths, kind):
    rows = tuple(sorted(row[b] for b in booths))
    lon, lat = network.nodes.lon[list(rows)], network.nodes.lat[list(rows)]
    return Station(name, name, (name,), kind, float(lon.mean()), float(lat.mean()), rows, len(rows))
