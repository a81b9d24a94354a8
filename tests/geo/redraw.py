"""Change a real network as a mapper would: drop, retag, split, turn ways, move nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geo.load import load_network
from geo.network import WAY_TAGS, Network, Nodes
from geo.segmenting import RawWays, build_network

LONGGANG = "shenzhen-longgang-heao-2019.osm.bz2"

Line = tuple[int, list[int], dict[str, str]]


def read_lines(network: Network) -> list[Line]:
    """Return the ways of a network as (id, node rows, tags)."""
    ways = network.ways
    columns = {tag: ways.text[tag].tolist() for tag in WAY_TAGS}
    return [
        (
            int(ways.id[k]),
            ways.refs[ways.ptr[k] : ways.ptr[k + 1]].tolist(),
            {tag: column[k] for tag, column in columns.items() if column[k]},
        )
        for k in range(len(ways))
    ]


def redraw(
    network: Network,
    *,
    change: Callable[[Line], Sequence[Line]] = lambda line: [line],
    move_m: Mapping[int, tuple[float, float]] | None = None,
) -> Network:
    """Return the network with every way replaced by what ``change`` makes of it, and nodes (by row) moved in metres."""
    lines = [new for line in read_lines(network) for new in change(line)]
    lon, lat = network.nodes.lon.copy(), network.nodes.lat.copy()
    for row, (east, north) in (move_m or {}).items():
        lat[row] += north / 111_195
        lon[row] += east / (111_195 * np.cos(np.radians(lat[row])))
    nodes = Nodes(network.nodes.id, lon, lat, network.nodes.tags)
    ptr = np.concatenate(([0], np.cumsum([len(refs) for _, refs, _ in lines]))).astype(np.int32)
    raw = RawWays(
        np.array([ident for ident, _, _ in lines], dtype=np.int64),
        ptr,
        np.array([row for _, refs, _ in lines for row in refs], dtype=np.int32),
        [tags for _, _, tags in lines],
    )
    made = build_network(network.source, nodes, raw, areas=network.areas)
    return replace(made, stations=network.stations)


def segments_of(network: Network, *ways: int) -> np.ndarray:
    """Return the rows of the segments of some ways."""
    return np.flatnonzero(np.isin(network.ways.id[network.segments.way], ways))


def load_shared(shared_data: Path, name: str) -> Network:
    """Load one of the founders' maps."""
    return load_network(shared_data / "osm" / name)


@pytest.fixture(scope="session")
def longgang(shared_data) -> Network:
    """Return the Longgang network."""
    return load_shared(shared_data, LONGGANG)
