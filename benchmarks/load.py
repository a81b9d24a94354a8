"""How much a load costs: whole process and in process, against osmnx on the same roads and against libosmium.

    python benchmarks/load.py [MAP] [--copies N] [--no-peer] [--split]

Andorra of ``../shared/data`` by default; ``--copies 2`` tiles it to a million nodes (see ``tile.py``). CPU seconds are
user + system; both sides alternate. The map is filtered to drivable roads and written as XML for osmnx beforehand; that
is not counted. Both sides import compiled modules, as an installed program does, and ours has an empty cache.
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
PAIRS = 5
WHOLE = "import sys; from pathlib import Path; from geo.load import load_network; load_network(Path(sys.argv[1]))"
OSMNX = "import sys, osmnx; osmnx.graph_from_xml(sys.argv[1], simplify=False, retain_all=True)"
DECODE = """
import sys, time; from pathlib import Path; import osmium; from geo.load import load_network
name, path, nothing = sys.argv[1], Path(sys.argv[1]), osmium.filter.KeyFilter("no such key")
for _ in range(1 + int(sys.argv[2])):
    start = time.process_time(); sum(1 for _ in osmium.FileProcessor(name).with_filter(nothing))
    middle = time.process_time(); load_network(path)
    print(middle - start, time.process_time() - middle)
"""
SEGMENTS = """
import sys, time; from pathlib import Path; import osmnx
from geo.load import load_network; from geo.network import WAY_TAGS
path, xml = Path(sys.argv[1]), sys.argv[3]
osmnx.settings.useful_tags_way = list(WAY_TAGS)
def ours():
    network = load_network(path)
    _, rows = network.line_rows()
    lines = network.nodes.lon[rows], network.nodes.lat[rows]
    tags = {tag: column.take(network.segments.way) for tag, column in network.ways.text.items()}
    return lines, tags, network.segment_ids
ours()
for _ in range(int(sys.argv[2])):
    start = time.process_time(); ours()
    middle = time.process_time()
    osmnx.simplify_graph(osmnx.graph_from_xml(xml, simplify=False, retain_all=True))
    print(middle - start, time.process_time() - middle)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds and peak MiB of one process."""

    cpu_s: float
    peak_mib: float


def measure(command: list[str], env: dict[str, str]) -> Cost:
    """Run a command to its end and return what it cost."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def write_roads(source: Path, target: Path) -> int:
    """Write the drivable roads of a map, with their nodes, as XML; return how many."""
    import osmium

    sys.path[0] = str(ROOT)
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
    print(f"{name:<42} {cpu_s:8.2f} CPU s {max(cost.peak_mib for cost in costs):8.0f} MiB", flush=True)
    return cpu_s


def show_pairs(names: tuple[str, str], command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Run a script that prints pairs of CPU seconds; print and return the medians."""
    done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    pairs = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
    first, second = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{names[0]:<42} {first:8.3f} CPU s\n{names[1]:<42} {second:8.3f} CPU s", flush=True)
    return first, second


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = ROOT.parent / "shared/data/osm/ad-andorra-2026.osm.pbf"
    parser.add_argument("map", nargs="?", type=Path, default=default)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--no-peer", action="store_true", help="without osmnx, for ten million nodes")
    parser.add_argument("--split", action="store_true", help="load + split + ledger by the command line, too")
    told = parser.parse_args()
    source: Path = told.map.resolve()
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"ROADSEAM_CACHE": "off", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        if told.copies > 1:
            tiled = Path(folder) / "tiled.osm.pbf"
            command = [sys.executable, "benchmarks/tile.py", str(source), str(tiled), str(told.copies)]
            subprocess.run(command, cwd=ROOT, check=True)
            source = tiled
        roads = Path(folder) / "roads.osm"
        whole = [sys.executable, "-c", WHOLE, str(source)]
        peer = [sys.executable, "-c", OSMNX, str(roads)]
        measure(whole, env)
        if not told.no_peer:
            print(f"{source.name}: {write_roads(source, roads)} roads, XML of {roads.stat().st_size >> 20} MiB")
            measure(peer, env)
        ours, theirs = [], []
        for _ in range(PAIRS):
            ours.append(measure(whole, env))
            if not told.no_peer:
                theirs.append(measure(peer, env))
        mine = show("whole process, our load (whole map)", ours)
        if theirs:
            other = show("whole process, osmnx.graph_from_xml (roads)", theirs)
            print(f"{'':<42} {other / mine:8.1f} x")
        python = [sys.executable, "-c"]
        pair = ("in process, libosmium decodes everything", "in process, our load")
        floor, load = show_pairs(pair, [*python, DECODE, str(source), "9"], env)
        print(f"{'':<42} {load / floor:8.2f} x its cost", flush=True)
        if theirs:
            pair = ("in process, load + segments, tags, lines", "in process, osmnx + simplify_graph")
            mine, other = show_pairs(pair, [*python, SEGMENTS, str(source), "5", str(roads)], env)
            print(f"{'':<42} {other / mine:8.1f} x")
        if told.split:
            command = [sys.executable, "cli.py", "split", str(source), "--json"]
            show("load + split + ledger (cli)", [measure(command, env) for _ in range(PAIRS)])


if __name__ == "__main__":
    main()
