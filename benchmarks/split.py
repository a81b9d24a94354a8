"""What a split costs: whole process on real maps, and the minimum cut against networkx on the same graph.

Run as ``python benchmarks/split.py [FOLDER OF THE EXTRACTS]``; the folder holds the files named in ``MAPS``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from subprocess import run
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

MAPS = {
    "Longgang": ("shenzhen-longgang-heao-2019.osm.bz2", 3.0, 300),
    "Andorra": ("ad-andorra-2026.osm.pbf", 6.0, 500),
}
"""Name to file, and to the bars: CPU seconds, MiB."""
TILED_SEGMENTS = 60_000
LEDGER = (
    "import sys; from pathlib import Path; from geo.load import load_network; from plan.model import Plan;"
    "print(Plan(load_network(Path(sys.argv[1]))).derived.ledger.total_mm)"
)


def measure_process(command: list[str]) -> tuple[float, float]:
    """Return CPU seconds and peak MiB of a whole process, measured by a process of its own."""
    code = (
        "import subprocess, sys, resource as r;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "u = r.getrusage(r.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)"
    )
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "roadseam-benchmark-cache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # a first start compiles Python, later ones do not: measure the later ones
    whole = [sys.executable, "-c", code, *command]
    done = run(whole, cwd=ROOT, capture_output=True, text=True, check=True, env=env)
    cpu_s, peak_mib = map(float, done.stdout.split())
    return cpu_s, peak_mib


def best_of(command: list[str], times: int = 3) -> tuple[float, float]:
    """Return the least CPU seconds and the largest peak of several runs after one that warms up."""
    measure_process(command)
    runs = [measure_process(command) for _ in range(times)]
    return min(cpu_s for cpu_s, _ in runs), max(peak for _, peak in runs)


def print_maps(folder: Path) -> None:
    """Print what load, split and ledger cost on each map."""
    print("| map | job | CPU s | peak MiB | bar |\n|---|---|---|---|---|")
    for name, (file, bar_s, bar_mib) in MAPS.items():
        path = str(folder / file)
        jobs = {
            "`split --json`": [sys.executable, "cli.py", "split", path, "--json"],
            "load + split + ledger": [sys.executable, "-c", LEDGER, path],
        }
        for job, command in jobs.items():
            cpu_s, peak_mib = best_of(command)
            print(f"| {name} | {job} | {cpu_s:.2f} | {peak_mib:.0f} | ≤ {bar_s:g} s, ≤ {bar_mib} MiB |")


def tiled_energy(path: Path) -> Any:
    """Return the energy of a map repeated side by side until it has the wanted number of segments."""
    from geo.load import load_network
    from jurisdiction.mincut import Energy
    from jurisdiction.splitting import split

    one = split(load_network(path)).energy
    copies = -(-TILED_SEGMENTS // len(one.u))
    shift = np.repeat(np.arange(copies, dtype=np.int32) * len(one.price), len(one.u))
    return Energy(
        np.tile(one.u, copies) + shift,
        np.tile(one.v, copies) + shift,
        np.tile(one.pay_if_ordinary, copies),
        np.tile(one.pay_if_expressway, copies),
        np.tile(one.price, copies),
    )


def timed(job: Callable[[], Any]) -> tuple[float, Any]:
    """Return CPU seconds and result of a job in this process."""
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def cut_with_networkx(graph: Any, count: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the labels of a minimum cut by networkx (Boykov and Kolmogorov 2004) on the same capacities."""
    import networkx as nx

    source, sink = graph.shape[0] - 2, graph.shape[0] - 1
    edges = graph.tocoo()
    rows = zip(edges.row.tolist(), edges.col.tolist(), edges.data.tolist(), strict=True)
    network = nx.DiGraph()
    network.add_nodes_from(range(graph.shape[0]))
    network.add_weighted_edges_from(rows, weight="capacity")
    residual = nx.algorithms.flow.boykov_kolmogorov(network, source, sink)
    left = nx.DiGraph((u, v) for u, v, d in residual.edges(data=True) if d["flow"] < d["capacity"])
    reached = nx.descendants(left, source) if source in left else set()
    return np.array([k in reached for k in range(count)])


def print_cut(folder: Path) -> None:
    """Print the minimum cut of a large network by our solver and by networkx."""
    from jurisdiction.mincut import capacity_graph, find_labels

    energy = tiled_energy(folder / MAPS["Longgang"][0])
    count = len(energy.u)
    ours_s, ours = timed(lambda: find_labels(energy))
    theirs_s, theirs = timed(lambda: cut_with_networkx(capacity_graph(energy), count))
    assert (ours == theirs).all(), "both cuts must have the same smallest source side"
    print(f"\n| minimum cut of {count:,} segments | CPU s |\n|---|---|")
    print(f"| scipy `maximum_flow` (ours) | {ours_s:.2f} |")
    print(f"| networkx `boykov_kolmogorov`, graph included | {theirs_s:.2f} |")
    print(f"| ratio | {theirs_s / ours_s:.0f} × |")


def main() -> None:
    """Print all tables."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data" / "osm"
    print_maps(folder)
    print_cut(folder)
    used = getrusage(RUSAGE_CHILDREN)
    print(f"\nmeasured with {used.ru_utime + used.ru_stime:.0f} CPU s in child processes")


if __name__ == "__main__":
    main()
