"""How much a load costs: whole process, against osmnx on the same roads, and load + split + ledger by the command line.

Run as ``python benchmarks/load.py [MAP]`` (Andorra of ``../shared/data`` by default). CPU seconds are user + system
of the whole child process, imports included; both sides alternate, three pairs. The map is filtered to drivable
roads and written as XML for osmnx beforehand; that is not counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 3
OURS = "import sys; from pathlib import Path; from geo.load import load_network; load_network(Path(sys.argv[1]))"
THEIRS = "import sys, osmnx; osmnx.graph_from_xml(sys.argv[1], simplify=False, retain_all=True)"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and peak MiB of one process."""

    cpu_s: float
    peak_mib: float


def measure(command: list[str]) -> Cost:
    """Run a command to its end and return what it cost."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def write_roads(source: Path, target: Path) -> int:
    """Write the drivable roads of a map, with their nodes, as XML; return how many."""
    import osmium

    sys.path.insert(0, str(ROOT))
    from geo.classes import CLASS_OF_HIGHWAY

    ways = []
    wanted: set[int] = set()
    for way in osmium.FileProcessor(str(source), osmium.osm.WAY):
        if way.is_way() and way.tags.get("highway") in CLASS_OF_HIGHWAY:
            ways.append(way.id)
            wanted.update(node.ref for node in way.nodes)
    chosen = set(ways)
    writer = osmium.SimpleWriter(str(target))
    for thing in osmium.FileProcessor(str(source), osmium.osm.NODE | osmium.osm.WAY):
        if (thing.is_node() and thing.id in wanted) or (thing.is_way() and thing.id in chosen):
            writer.add(thing)
    writer.close()
    return len(ways)


def show(name: str, costs: list[Cost]) -> float:
    """Print a line of the table; return the median CPU seconds."""
    cpu_s = statistics.median(cost.cpu_s for cost in costs)
    print(f"{name:<34} {cpu_s:8.2f} CPU s {max(cost.peak_mib for cost in costs):8.0f} MiB")
    return cpu_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = ROOT.parent / "shared/data/osm/ad-andorra-2026.osm.pbf"
    parser.add_argument("map", nargs="?", type=Path, default=default)
    source: Path = parser.parse_args().map.resolve()
    with tempfile.TemporaryDirectory() as folder:
        roads = Path(folder) / "roads.osm"
        count = write_roads(source, roads)
        print(f"{source.name}: {count} roads, XML of {roads.stat().st_size >> 20} MiB, {PAIRS} pairs")
        ours, theirs = [], []
        for _ in range(PAIRS):
            ours.append(measure([sys.executable, "-c", OURS, str(source)]))
            theirs.append(measure([sys.executable, "-c", THEIRS, str(roads)]))
        mine, other = show("our load (whole map)", ours), show("osmnx.graph_from_xml (roads only)", theirs)
        print(f"{'osmnx / ours, CPU':<34} {other / mine:8.1f} x")
        split = [measure([sys.executable, "cli.py", "split", str(source), "--json"]) for _ in range(PAIRS)]
        show("load + split + ledger (cli)", split)


if __name__ == "__main__":
    main()
