"""CPU seconds to make all zones of a district of 60,000 segments: the demo district laid side by side.

Run ``python benchmarks/zones.py [segments]`` from the root of the repository. Owners and evidence are found before
the clock starts; the bar is 20 CPU s on one thread.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from data.demo import district_path
from geo.load import complete, load_network
from geo.network import Area, Network, Nodes, Source
from geo.segmenting import RawWays, build_network
from jurisdiction.brigades import assign_agencies
from jurisdiction.splitting import split
from patrol.zones import Zones, make_zones

APART_LON, APART_LAT = 0.32, 0.22
ACROSS = 3
BAR_S = 20.0


def lay_out(base: Network, tiles: int) -> Network:
    """Return copies of a network side by side, every road with its own number and name in each copy."""
    ways = base.ways
    tags = [{tag: column[row] for tag, column in ways.text.items() if column[row]} for row in range(len(ways))]
    lon, lat, ids, way_ids, refs, all_tags, areas, node_tags = [], [], [], [], [], [], [], {}
    for k in range(tiles):
        dx, dy = (k % ACROSS) * APART_LON, (k // ACROSS) * APART_LAT
        lon.append(base.nodes.lon + dx)
        lat.append(base.nodes.lat + dy)
        ids.append(base.nodes.id + k * 10**11)
        way_ids.append(ways.id + k * 10**11)
        refs.append(ways.refs + k * len(base.nodes))
        all_tags += [t | ({"name": f"{t['name']}{k}"} if "name" in t else {}) for t in tags]
        node_tags |= {row + k * len(base.nodes): t for row, t in base.nodes.tags.items()}
        areas += [
            Area(f"{a.id}{k}", a.kind, a.name, tuple(r + np.array((dx, dy)) for r in a.rings), a.tags)
            for a in base.areas
        ]
    nodes = Nodes(*(np.concatenate(c) for c in (ids, lon, lat)), node_tags)
    ends = np.cumsum(np.tile(np.diff(ways.ptr), tiles))
    raw = RawWays(
        np.concatenate(way_ids),
        np.concatenate(([0], ends)).astype(np.int32),
        np.concatenate(refs).astype(np.int32),
        all_tags,
    )
    made = build_network(Source("tiled", "0" * 64, "made up"), nodes, raw, areas=tuple(areas))
    return complete(replace(made, findings=()))


def check(zones: Zones) -> None:
    """Every zone is valid and lies off the land."""
    assert shapely.is_valid(zones.shape).all()
    land = shapely.union_all(zones.shape[zones.kind == "land"])
    control = shapely.union_all(zones.shape[zones.kind == "control_zone"])
    assert shapely.area(shapely.intersection(land, control)) < 1.0


def main(segments: int = 60_000) -> None:
    """Print the table."""
    base = load_network(district_path())
    network = lay_out(base, -(-segments // len(base.segments)))
    ownership = split(network)
    network = ownership.network
    agency = assign_agencies(network, ownership.expressway)
    owner = [str(o) for o in ownership.owner]
    spent = []
    for _ in range(3):
        begin = time.process_time()
        zones = make_zones(network, ownership.evidence, agency=agency, owner=owner)
        spent.append(time.process_time() - begin)
    begin = time.process_time()
    shapely.total_bounds(zones.degrees)
    degrees_s = time.process_time() - begin
    check(zones)
    print(f"{len(network.segments):,} segments, {network.length_mm / 1e6:,.0f} km; CPU s, median of 3")
    print(f"all zones                       {sorted(spent)[1]:7.2f}   bar {BAR_S:.0f}")
    print(f"their geometry in WGS-84        {degrees_s:7.2f}")
    print(f"load of the machine             {os.getloadavg()[0]:7.2f}   CPU s grow with it where cores are shared")
    print(f"{len(zones):,} zones: " + ", ".join(f"{kind} {n}" for kind, n in Counter(zones.kind.tolist()).items()))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
