"""What a plan costs at the size of a large district: saving, opening, and one seam moved, on 60,000 segments.

Run as ``python benchmarks/plan.py``. The demo district is laid side by side five times, stations included. CPU seconds
are user + system of this process; the least of three runs counts, after one that warms up. Derived results exist
before a plan is saved or a seam is moved, as on the screens.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.tile import tile_network
from geo.network import Network
from geo.stations import Station
from plan.model import Plan

COPIES = 5
SEAM = 20
"""Which of the seams is moved."""


def large_plan(copies: int = COPIES) -> Plan:
    """Return the demo district, its brigades and stretches, repeated side by side."""
    from plan.demo import demo_plan

    one = demo_plan()
    network = tile_network(one.network, copies)
    size = len(one.network.nodes)
    tags = {row + k * size: tag for k in range(copies) for row, tag in one.network.nodes.tags.items()}
    stations = tuple(_shift(s, network, k * size, name=k) for k in range(copies) for s in one.network.stations)
    network = replace(network, nodes=replace(network.nodes, tags=tags), stations=stations)
    kept = tuple(d for d in one.decisions if d.kind in {"set_agency", "set_stretch"})
    return Plan(network, kept, "five districts")


def _shift(station: Station, network: Network, by: int, *, name: int) -> Station:
    booths = tuple(row + by for row in station.booths)
    if not booths:
        return replace(station, id=f"{station.id}x{name}")
    lon, lat = (float(np.mean(column[list(booths)])) for column in (network.nodes.lon, network.nodes.lat))
    return replace(station, id=f"{station.id}x{name}", booths=booths, lon=lon, lat=lat)


def cpu_s(job: Callable[[], Any], times: int = 3) -> float:
    """Return the least CPU seconds of some runs after one that warms up."""
    job()
    best = float("inf")
    for _ in range(times):
        start = os.times()
        job()
        end = os.times()
        best = min(best, end.user + end.system - start.user - start.system)
    return best


def main() -> None:
    """Measure and print."""
    from patrol.units import Unit
    from plan.demo import demo_tables
    from plan.incremental import SeamMover
    from plan.options import OptionDesk
    from plan.planfile import open_plan, save_plan

    plan = large_plan()
    start = time.process_time()
    derived = plan.derived
    first_s = time.process_time() - start
    seams = derived.ownership.seams
    print(f"{len(plan.network.segments):,} segments, {len(seams)} seams; derived anew in {first_s:.2f} CPU s")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        saved = cpu_s(lambda: save_plan(path, plan))
        opened = cpu_s(lambda: open_plan(path))
        size = path.stat().st_size
    units: tuple[Unit, ...] = demo_tables().units
    desk, mover = OptionDesk(plan, units), SeamMover(plan, seams[SEAM].id)
    places = mover.tracks().places
    step = iter(range(10_000))

    def move() -> None:
        place = places[(next(step) * 7) % len(places)]
        desk.price_move(mover.move(place.segment, place.offset_m))

    move()  # the travel times of the units are looked up once a session
    moved = cpu_s(move, 9)
    picked = cpu_s(lambda: SeamMover(plan, seams[SEAM].id).tracks())
    print("| what | bar | measured |\n|---|---|---|")
    print(f"| save ({size / 1e6:.1f} MB) | ≤ 2 CPU s | {saved:.2f} |")
    print(f"| open | ≤ 1 CPU s | {opened:.2f} |")
    print(f"| one seam moved: owners, ledger, option with minutes and bridges | ≤ 0.5 CPU s | {moved:.2f} |")
    print(f"| a seam picked up: {len(places)} places it may lie | – | {picked:.2f} |")


if __name__ == "__main__":
    main()
