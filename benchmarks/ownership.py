"""What a full cut costs at size: split with seams, margins and leaks, stretches, towns and ledger, on tiled demos.

Run as ``python benchmarks/ownership.py [SEGMENTS …]``; 60,000 and 1,000,000 by default. The demo district is laid
side by side until there are as many segments, each copy with its own stations and towns.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

STEP_LON, STEP_LAT, ACROSS = 0.35, 0.25, 10
FIRST_ID = 10**11
SEAMS = 60


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    """Return CPU seconds and result of a job."""
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def tile(network: Any, copies: int) -> Any:
    """Return a network laid side by side so many times."""
    from geo.columns import TextColumn
    from geo.network import Network, Nodes, Segments, Ways

    def stack(values: Any, step: float = 0) -> Any:
        return np.concatenate([values + k * step for k in range(copies)]).astype(values.dtype)

    nodes, ways, seg = network.nodes, network.ways, network.segments
    shift = [(STEP_LON * (k % ACROSS), STEP_LAT * (k // ACROSS)) for k in range(copies)]
    table = Nodes(
        stack(nodes.id, FIRST_ID),
        np.concatenate([nodes.lon + x for x, _ in shift]),
        np.concatenate([nodes.lat + y for _, y in shift]),
        {row + k * len(nodes): tags for k in range(copies) for row, tags in nodes.tags.items()},
    )
    many = Ways(
        stack(ways.id, FIRST_ID),
        np.append(np.int32(0), stack(ways.ptr[1:], len(ways.refs))),
        stack(ways.refs, len(nodes)),
        {tag: TextColumn(np.tile(column.codes, copies), column.pool) for tag, column in ways.text.items()},
        stack(ways.road_class),
        stack(ways.direction),
    )
    steps = {"way": len(ways), "u": len(nodes), "v": len(nodes), "start": len(ways.refs), "end": len(ways.refs)}
    names = ("way", "u", "v", "start", "end", "length_mm", "repeat")
    pieces = Segments(*(stack(getattr(seg, name), steps.get(name, 0)) for name in names))
    stations = tuple(
        replace(s, id=f"{s.id}_{k}", booths=tuple(b + k * len(nodes) for b in s.booths), lon=s.lon + x, lat=s.lat + y)
        for k, (x, y) in enumerate(shift)
        for s in network.stations
    )
    areas = tuple(
        replace(a, id=f"{a.id}_{k}", rings=tuple(ring + np.array(place) for ring in a.rings))
        for k, place in enumerate(shift)
        for a in network.areas
    )
    return Network(network.source, table, many, pieces, areas, stations, ())


def print_size(demo: Any, segments: int) -> None:
    """Print what a network of so many segments costs."""
    from jurisdiction.margins import measure_margins
    from jurisdiction.splitting import split
    from plan.agencies import claims_of
    from plan.model import Plan

    network = tile(demo.network, -(-segments // len(demo.network.segments)))
    cut_s, ownership = timed(lambda: split(network))
    rows = np.array(sorted(seam.node for seam in ownership.seams))[:SEAMS]
    margin_s, _ = timed(lambda: measure_margins(ownership.energy, ownership.expressway, rows))
    tables = tuple(d for d in demo.decisions if d.kind in {"set_agency", "set_stretch", "set_stakes"})
    plan = Plan(network, tables)
    claim_s, _ = timed(lambda: claims_of(plan))
    whole_s, derived = timed(lambda: plan.derived)
    assert sum(derived.ledger.of("state").values()) == network.length_mm
    size = f"{len(network.segments):,} segments"
    print(f"| {size}: split with {len(ownership.seams):,} seams, margins and leaks | {cut_s:.2f} |")
    print(f"| {size}: margins of {len(rows)} seams | {margin_s:.2f} |")
    print(f"| {size}: stretches resolved to metres (once a table) | {claim_s:.2f} |")
    print(f"| {size}: whole plan derived: split, agencies, towns, ledger | {whole_s:.2f} |")


def main() -> None:
    """Print the table."""
    from plan.demo import demo_plan

    demo = demo_plan()
    print("| what | CPU s |\n|---|---|")
    for segments in map(int, sys.argv[1:] or ("60000", "1000000")):
        print_size(demo, segments)


if __name__ == "__main__":
    main()
