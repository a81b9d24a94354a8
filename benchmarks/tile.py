"""Province-size input from a small map: shifted copies side by side, as a file or in memory.

    python benchmarks/tile.py SOURCE OUT.osm.pbf COPIES [--roads]

Ids stay sorted and are spread over the range of real ones, since packed ids would make a file easier to read than it
is. ``--roads`` leaves out what is no road (buildings, landuse), as an extract of roads does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from geo.columns import TextColumn
from geo.network import Network, Nodes, Segments, Ways

TOP_ID = {"n": 12e9, "w": 14e8, "r": 18e6}
"""About the highest ids of OSM."""
SEED = 1


@dataclass
class Contents:
    """What a map file holds."""

    nodes: list[tuple[int, dict[str, str], float, float]] = field(default_factory=list)
    ways: list[tuple[int, dict[str, str], list[int]]] = field(default_factory=list)
    relations: list[tuple[int, dict[str, str], list[tuple[str, int, str]]]] = field(default_factory=list)


def read_contents(source: Path, *, roads: bool) -> Contents:
    """Read a map file; ``roads`` keeps ways with a ``highway`` and the nodes they use."""
    found = Contents()
    for thing in osmium.FileProcessor(str(source)):
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            found.nodes.append((thing.id, tags, thing.lon, thing.lat))
        elif thing.is_way() and ("highway" in tags or not roads):
            found.ways.append((thing.id, tags, [node.ref for node in thing.nodes]))
        elif thing.is_relation() and not roads:
            found.relations.append((thing.id, tags, [(m.type, m.ref, m.role) for m in thing.members]))
    if roads:
        used = {ref for _, _, refs in found.ways for ref in refs}
        found.nodes = [node for node in found.nodes if node[0] in used]
    return found


def tile_file(source: Path, target: Path, copies: int, *, roads: bool = False) -> None:
    """Write shifted copies of a map as one PBF."""
    contents = read_contents(source, roads=roads)
    kinds = {"n": contents.nodes, "w": contents.ways, "r": contents.relations}
    new_ids = {kind: _spread_ids([row[0] for row in rows], copies, TOP_ID[kind]) for kind, rows in kinds.items()}
    places = np.array([row[2:] for row in contents.nodes])
    shifts = list(_shifts(places, copies))
    writer = osmium.SimpleWriter(str(target), overwrite=True)
    for ids, (dx, dy) in zip(new_ids["n"], shifts, strict=True):
        for ident, tags, lon, lat in contents.nodes:
            writer.add_node(mutable.Node(id=ids[ident], version=1, location=(lon + dx, lat + dy), tags=tags))
    for ids, nodes in zip(new_ids["w"], new_ids["n"], strict=True):
        for ident, tags, refs in contents.ways:
            writer.add_way(mutable.Way(id=ids[ident], version=1, nodes=[nodes.get(r, r) for r in refs], tags=tags))
    for copy in range(copies):
        for ident, tags, members in contents.relations:
            kept = [(k, new_ids[k][copy][ref], role) for k, ref, role in members if ref in new_ids[k][copy]]
            writer.add_relation(mutable.Relation(id=new_ids["r"][copy][ident], version=1, tags=tags, members=kept))
    writer.close()


def tile_network(network: Network, copies: int) -> Network:
    """Return a network of shifted copies, without stations and areas: the columns of a province without its file."""
    nodes, ways, seg = network.nodes, network.ways, network.segments
    shifts = np.array(list(_shifts(np.column_stack((nodes.lon, nodes.lat)), copies)))
    rng = np.random.default_rng(SEED)

    def many(column: np.ndarray, step: int) -> np.ndarray:
        return (np.tile(column.astype(np.int64), copies) + np.repeat(np.arange(copies) * step, len(column))).astype(
            column.dtype
        )

    def fresh(size: int, top: float) -> np.ndarray:
        return np.cumsum(rng.integers(1, max(2, int(2 * top / size)), size)).astype(np.int64)

    return Network(
        network.source,
        Nodes(
            fresh(len(nodes) * copies, TOP_ID["n"]),
            (nodes.lon[None, :] + shifts[:, :1]).ravel().round(7),
            (nodes.lat[None, :] + shifts[:, 1:]).ravel().round(7),
        ),
        Ways(
            fresh(len(ways) * copies, TOP_ID["w"]),
            np.append(many(ways.ptr[:-1], len(ways.refs)), np.int32(len(ways.refs) * copies)),
            many(ways.refs, len(nodes)),
            {tag: TextColumn(np.tile(column.codes, copies), column.pool) for tag, column in ways.text.items()},
            np.tile(ways.road_class, copies),
            np.tile(ways.direction, copies),
        ),
        Segments(
            many(seg.way, len(ways)),
            many(seg.u, len(nodes)),
            many(seg.v, len(nodes)),
            many(seg.start, len(ways.refs)),
            many(seg.end, len(ways.refs)),
            np.tile(seg.length_mm, copies),
            np.tile(seg.repeat, copies),
        ),
    )


def _spread_ids(ids: list[int], copies: int, top: float) -> list[dict[int, int]]:
    rng = np.random.default_rng(SEED)
    gap = max(2, int(top / (copies * max(len(ids), 1))))
    new = np.cumsum(rng.integers(1, 2 * gap, len(ids) * copies)).reshape(copies, len(ids))
    return [dict(zip(ids, row.tolist(), strict=True)) for row in new]


def _shifts(places: np.ndarray, copies: int) -> Iterator[tuple[float, float]]:
    """Yield offsets in degrees that put the copies side by side in a square around the first place."""
    side = int(np.ceil(np.sqrt(copies)))
    width, height = np.ptp(places, axis=0).tolist()
    # Stretched no farther than the latitudes allow.
    height = min(height, 100 / side)
    for copy in range(copies):
        yield (copy % side - side // 2) * width, (copy // side - side // 2) * height


def main() -> None:
    """Write the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("copies", type=int)
    parser.add_argument("--roads", action="store_true")
    told = parser.parse_args()
    tile_file(told.source, told.target, told.copies, roads=told.roads)
    print(f"{told.target.name}: {told.target.stat().st_size / 1e6:.1f} MB, {told.copies} copies")


if __name__ == "__main__":
    main()
