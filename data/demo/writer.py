"""Writes the district as an OSM PBF file: sorted objects, fixed header, no compression, hence the same bytes always."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from data.demo.terrain import to_lonlat

if TYPE_CHECKING:
    from data.demo.boundaries import Relation
    from data.demo.world import World

NODE_BASE, WAY_BASE, RELATION_BASE = 7_600_000_001, 812_000_001, 9_700_001
# Uncompressed blobs, so that another zlib writes the same file; no versions or times of objects.
FORMAT = "pbf,pbf_compression=none,add_metadata=none"


def node_id(index: int) -> int:
    """Return the OSM id of a node of the net."""
    return NODE_BASE + index


def way_id(index: int) -> int:
    """Return the OSM id of a line of the net."""
    return WAY_BASE + index


def write_district(world: World, relations: list[Relation], path: Path) -> None:
    """Write nodes, ways and relations, each sorted by id, replacing the file."""
    import osmium

    net = world.net
    used = {n for line in net.lines for n in line.nodes} | set(net.node_tags)
    header = osmium.io.Header()
    header.set("generator", "roadseam demo district")
    header.add_box(osmium.osm.Box(*to_lonlat((-700.0, -1000.0)), *to_lonlat((27700.0, 22600.0))))
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(osmium.io.File(str(path), FORMAT), header=header) as writer:
        for index in sorted(used):
            tags = dict(sorted(net.node_tags.get(index, {}).items()))
            place = to_lonlat(net.places[index])
            writer.add_node(osmium.osm.mutable.Node(id=node_id(index), location=place, tags=tags))
        for index, line in enumerate(net.lines):
            refs = [node_id(n) for n in line.nodes]
            tags = dict(sorted(line.tags.items()))
            writer.add_way(osmium.osm.mutable.Way(id=way_id(index), nodes=refs, tags=tags))
        for index, relation in enumerate(relations):
            members = [("w", way_id(i), role) for i, role in relation.members]
            tags = dict(sorted(relation.tags.items()))
            writer.add_relation(osmium.osm.mutable.Relation(id=RELATION_BASE + index, members=members, tags=tags))
