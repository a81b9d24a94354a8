"""Big files: reload from the cache, the doctor, the road store and a district out of it, each against its bar.

    python benchmarks/bigfiles.py [FOLDER OF MAPS] [--directed N]

CPU seconds in one process, the median of some runs. The store is written from a network of tiled copies of the
Harrisburg map (see ``tile.py``); ids and places are as scattered as in a real province.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.tile import tile_network
from geo.doctor import examine
from geo.load import load_network
from geo.network import Network
from geo.store import RoadStore, open_store, read_district, write_store

MAPS = ("ad-andorra-2026.osm.pbf", "us-harrisburg-2015.osm.pbf", "de-north-bayreuth-2014.osm.gz")
LONGGANG = "shenzhen-longgang-heao-2019.osm.bz2"
HARRISBURG = MAPS[1]
DISTRICT_DEG = 0.25
"""Edge of the district read from the store."""


def spend(job: Callable[[], object], *, runs: int = 5) -> float:
    """Return the median CPU seconds of a job."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        job()
        times.append(time.process_time() - start)
    return median(times)


def show(what: str, value: str, bar: str, *, good: bool) -> bool:
    """Print one line and return whether the bar is reached."""
    print(f"{what:<58} {value:>22}   {bar:<16} {'ok' if good else 'MISSED'}")
    return good


def bench_cache(maps: Path) -> list[bool]:
    """Reload from the cache against the first load, in one process."""
    results = []
    for name in (*MAPS, LONGGANG):
        path = maps / name
        os.environ["ROADSEAM_CACHE"] = "off"
        first = spend(lambda path=path: load_network(path))
        with tempfile.TemporaryDirectory() as folder:
            os.environ["ROADSEAM_CACHE"] = folder
            network = load_network(path)
            again = spend(lambda path=path: load_network(path))
            assert load_network(path).length_mm == network.length_mm
        os.environ["ROADSEAM_CACHE"] = "off"
        share = again / first
        results.append(show(f"reload {name}", f"{again * 1e3:.1f} ms = {share:.1%}", "<= 10 %", good=share <= 0.1))
    return results


def bench_doctor(maps: Path) -> list[bool]:
    """Examine real maps."""
    results = []
    for name in (*MAPS, LONGGANG):
        network = load_network(maps / name)
        spent = spend(lambda network=network: examine(network, today=date(2026, 1, 1)), runs=3)
        results.append(show(f"doctor {name}", f"{spent:.2f} s", "<= 1 s", good=spent <= 1))
    return results


def bench_store(maps: Path, directed: int) -> list[bool]:
    """Write the store and read a district out of it."""
    small = load_network(maps / HARRISBURG)
    copies = -(-directed // int(small.forward.sum() + small.backward.sum()))
    network = tile_network(small, copies)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        store = write_store(network, Path(folder) / "store")
        spent = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform != "darwin" else 1e9)
        rows = sum(part.rows for part in store.partitions)
        assert store.length_mm == network.length_mm
        size = sum(file.stat().st_size for file in store.folder.rglob("*") if file.is_file()) / 1e6
        scale = directed / 5e6
        what = f"store of {rows:,} directed segments"
        results = [
            show(f"{what}: CPU", f"{spent:.1f} s", f"<= {180 * scale:.0f} s", good=spent <= 180 * scale),
            show(f"{what}: peak memory", f"{peak:.2f} GB", "<= 4.5 GB", good=peak <= 4.5),
            show(f"{what}: on disk", f"{size:.0f} MB", f"<= {200 * scale:.0f} MB", good=size <= 200 * scale),
        ]
        return [*results, *_bench_district(open_store(store.folder), network)]


def _bench_district(store: RoadStore, network: Network) -> list[bool]:
    lon, lat = float(np.median(network.nodes.lon)), float(np.median(network.nodes.lat))
    x, y = lon + DISTRICT_DEG, lat + DISTRICT_DEG
    outline = [np.array([(lon, lat), (x, lat), (x, y), (lon, y), (lon, lat)])]
    table = read_district(store, outline)
    spent = spend(lambda: read_district(store, outline))
    value = f"{spent:.2f} s, {table.num_rows:,} rows"
    return [show("a district by outline", value, "<= 0.5 s", good=spent <= 0.5)]


def main() -> int:
    """Run everything; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).resolve().parents[2] / "shared" / "data" / "osm"
    parser.add_argument("maps", type=Path, nargs="?", default=default)
    parser.add_argument("--directed", type=int, default=5_000_000)
    parser.add_argument("--no-store", action="store_true")
    told = parser.parse_args()
    os.environ["ROADSEAM_CACHE"] = "off"
    results = [*bench_cache(told.maps), *bench_doctor(told.maps)]
    if not told.no_store:
        results += bench_store(told.maps, told.directed)
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
