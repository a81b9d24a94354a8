"""Posts against public instances and a peer: objective, bound, proof and CPU seconds of one thread.

Run ``.venv/bin/python benchmarks/posts.py [mclp] [dsm] [sjc] [pmed] [--spopt PYTHON]``; without names
everything runs, about fifteen minutes. ``--spopt`` names an interpreter that has spopt (never one of our locks). The
table goes to stdout and to ``docs/results/posts.csv``. Public instances come from ``../shared/data/bench``.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from patrol.posts.bacop import solve_bacop
from patrol.posts.covers import merge_rows
from patrol.posts.dsm import solve_dsm
from patrol.posts.lscp import solve_lscp
from patrol.posts.mclp import solve_mclp
from patrol.posts.mexclp import solve_mexclp
from patrol.posts.pcenter import solve_pcenter
from patrol.posts.pmedian import solve_pmedian
from patrol.posts.question import Answer, Effort, Stock

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT.parent / "shared" / "data" / "bench"
COLUMNS = (
    "set", "instance", "demands", "sites", "p", "rows", "published", "greedy", "value", "bound", "gap", "proven",
    "nodes", "cpu_s", "note",
)  # fmt: skip
GRIDS = (
    (20_000, 300, 15, 600.0),
    (50_000, 500, 20, 600.0),
    (50_000, 500, 60, 600.0),
    (100_000, 1_000, 40, 450.0),
    (100_000, 1_000, 40, 600.0),
)
"""Edges, sites, posts and seconds; the fourth has the 245,721 pairs of the notes, the fifth is denser."""
DOUBLE = ((20, 0.4), (30, 0.5))
"""Posts and share of the double standard model at 20,000 x 300; 12 posts are the fewest that reach all."""

Row = dict[str, object]


def make_grid(
    edges: int, sites: int, radius_s: float, *, wide_s: float = 0.0
) -> tuple[csr_array, csr_array, np.ndarray]:
    """Return the made-up grid of the notes: near and wide cover tables, and demand."""
    dice = np.random.default_rng(0)
    side = int(np.sqrt(edges / 3.2))
    number = np.arange(side * side).reshape(side, side)
    pairs = np.vstack(
        [np.c_[number[:, :-1].ravel(), number[:, 1:].ravel()], np.c_[number[:-1].ravel(), number[1:].ravel()]]
    )
    pairs = pairs[dice.random(len(pairs)) < 0.85]
    arcs = np.vstack([pairs, pairs[:, ::-1]])
    arcs = arcs[dice.random(len(arcs)) < 0.97][:edges]
    seconds = dice.uniform(30, 120, len(arcs))
    graph = coo_array((seconds, (arcs[:, 0], arcs[:, 1])), shape=(side * side, side * side)).tocsr()
    chosen = dice.choice(side * side, sites, replace=False)
    demand = np.rint(seconds * dice.lognormal(0, 1, len(arcs))).astype(np.int64) + 1
    near, far = [], []
    for low in range(0, sites, 200):
        distance = dijkstra(graph, indices=chosen[low : low + 200], limit=max(wide_s, radius_s))[:, arcs[:, 1]]
        near.append(csr_array(distance <= radius_s))
        far.append(csr_array(distance <= wide_s))
    from scipy.sparse import vstack

    return csr_array(vstack(near).T), csr_array(vstack(far).T), demand


def plain_stock(sites: int, p: int) -> Stock:
    """Return a stock of ``p`` units anywhere."""
    return Stock(np.zeros(sites, dtype=np.int64), np.ones(sites, dtype=np.int64), p)


def clock(job: Callable[[], Answer]) -> tuple[Answer, float]:
    """Return the answer of a job and the CPU seconds it took."""
    begin = time.process_time()
    answer = job()
    return answer, time.process_time() - begin


def line(which: tuple[str, str], size: tuple[int, int, int, int], answer: Answer, cpu_s: float, **more: object) -> Row:
    """Return one row of the table."""
    numbers = dict(zip(("demands", "sites", "p", "rows"), size, strict=True))
    found = {
        "greedy": round(answer.greedy, 3),
        "value": round(answer.value, 3),
        "bound": round(answer.bound, 3),
        "gap": f"{answer.gap:.7f}",
        "proven": answer.proven,
        "nodes": answer.nodes,
        "cpu_s": round(cpu_s, 2),
    }
    return {"set": which[0], "instance": which[1]} | numbers | found | more


def run_mclp(spopt: str | None) -> Iterator[Row]:
    """Covering models on the made-up grids of the notes; merging counts."""
    for edges, sites, p, radius_s in GRIDS:
        near, _, demand = make_grid(edges, sites, radius_s)
        begin = time.process_time()
        cover = merge_rows(near, demand)
        merge_s = time.process_time() - begin
        size = (near.shape[0], sites, p, len(cover.weight))
        stock = plain_stock(sites, p)
        answer, cpu_s = clock(lambda cover=cover, stock=stock: solve_mclp(cover, stock))
        yield line(("mclp grid", f"{edges}x{sites} {radius_s:g} s"), size, answer, cpu_s + merge_s)
        if spopt and edges == GRIDS[0][0]:
            peer = ask_spopt(spopt, near, demand, p)
            assert round(peer["objective"]) == round(answer.value)
            ratio = f"{peer['cpu_s'] / (cpu_s + merge_s):.0f} x ours"
            yield {"set": "mclp grid", "instance": f"{edges}x{sites} spopt", "demands": size[0], "sites": sites, "p": p,
                   "value": round(peer["objective"]), "cpu_s": round(peer["cpu_s"], 2), "note": ratio}  # fmt: skip
    yield from run_other_models(spopt)


def run_other_models(spopt: str | None) -> Iterator[Row]:
    """Run the other covering models at 20,000 x 300."""
    edges, sites, p, radius_s = GRIDS[0]
    near, _, demand = make_grid(edges, sites, radius_s, wide_s=1_500.0)
    cover, stock = merge_rows(near, demand), plain_stock(sites, p)
    size = (near.shape[0], sites, p, len(cover.weight))
    name = f"{edges}x{sites}"
    yield line(("bacop grid", name), size, *clock(lambda: solve_bacop(cover, stock)))
    two = Stock(stock.least, 2 * stock.most, p)
    yield line(("mexclp grid", name), size, *clock(lambda: solve_mexclp(cover, two, busy=0.3)), note="q 0.3, room 2")
    many = (*size[:2], 0, size[3])
    yield line(
        ("lscp grid", name), many, *clock(lambda: solve_lscp(cover, stock.least, stock.most)), note="all coverable"
    )
    part = clock(lambda: solve_lscp(cover, stock.least, stock.most, share=0.8))
    yield line(("lscp grid", name), many, *part, note="80 % of coverable")
    if spopt:
        some = np.flatnonzero(np.diff(near.indptr) > 0)
        peer = ask_spopt(spopt, csr_array(near[some]), demand[some], 0)
        found = {"value": round(peer["objective"]), "cpu_s": round(peer["cpu_s"], 2), "note": "all coverable"}
        yield {"set": "lscp grid", "instance": f"{name} spopt", "demands": len(some), "sites": sites, "p": 0} | found


def run_dsm(_: str | None) -> Iterator[Row]:
    """Run the double standard model, which spopt does not have, small and at 20,000 x 300."""
    edges, sites, _p, radius_s = GRIDS[0]
    name = f"{edges}x{sites}"
    near, far, demand = make_grid(2_000, 40, radius_s, wide_s=2_500.0)
    both, few = merge_rows(near, demand, wide=far), plain_stock(40, 14)
    double = clock(lambda: solve_dsm(both, few, share=0.4))
    note = "2,500 s all, 600 s 40 %"
    yield line(("dsm grid", "2000x40"), (near.shape[0], 40, 14, len(both.weight)), *double, note=note)
    near, far, demand = make_grid(edges, sites, radius_s, wide_s=1_500.0)
    both = merge_rows(near, demand, wide=far)
    for p, share in DOUBLE:
        stock = plain_stock(sites, p)
        double = clock(lambda stock=stock, share=share: solve_dsm(both, stock, share=share, effort=Effort(nodes=400)))
        note = f"1,500 s all, 600 s {share:.0%}; at most 400 nodes"
        yield line(("dsm grid", name), (near.shape[0], sites, p, len(both.weight)), *double, note=note)


def ask_spopt(python: str, near: csr_array, demand: np.ndarray, p: int) -> dict[str, float]:
    """Let spopt solve the same instance with another interpreter."""
    row, col = near.nonzero()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "instance.npz"
        np.savez(file, row=row, col=col, demand=demand, p=p, shape=np.array(near.shape))
        command = [python, str(ROOT / "benchmarks" / "peers" / "posts_spopt.py"), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def run_sjc(_: str | None) -> Iterator[Row]:
    """Sao Jose dos Campos, radius 800, every node a site."""
    with (BENCH / "mclp_sjc" / "optimal_r800.csv").open(encoding="utf-8") as file:
        wanted = list(csv.DictReader(file))
    for entry in wanted:
        table, demand = read_sjc(entry["instance"])
        begin = time.process_time()
        cover = merge_rows(csr_array(table), demand)
        merge_s = time.process_time() - begin
        size = (len(demand), len(demand), int(entry["p"]), len(cover.weight))
        stock = plain_stock(len(demand), size[2])
        answer, cpu_s = clock(lambda cover=cover, stock=stock: solve_mclp(cover, stock))
        yield line(("sjc", entry["instance"]), size, answer, cpu_s + merge_s, published=int(entry["covered"]))


def read_sjc(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return who covers whom within 800, and the demand of each node."""
    folder = BENCH / "mclp_sjc"
    places = np.array((folder / f"{name}.txt").read_text().split(), dtype=np.int64)[1:].reshape(-1, 2).astype(float)
    demand = np.array((folder / f"demand-{name}.dat").read_text().split(), dtype=np.int64)
    return np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) <= 800, demand


def run_pmed(_: str | None) -> Iterator[Row]:
    """OR-Library p-median 1 to 40; the p-center on the first ten."""
    rows = [text.split() for text in (BENCH / "pmed" / "pmedopt.txt").read_text().splitlines()[1:] if text.strip()]
    for name, value in rows:
        cost, p = read_pmed(name)
        size = (len(cost), len(cost), p, len(cost))
        stock = plain_stock(len(cost), p)
        answer, cpu_s = clock(lambda cost=cost, stock=stock: solve_pmedian(cost, stock, step=1.0))
        yield line(("pmed", name), size, answer, cpu_s, published=int(value))
    for name, _value in rows[:10]:
        cost, p = read_pmed(name)
        stock = plain_stock(len(cost), p)
        answer, cpu_s = clock(lambda cost=cost, stock=stock: solve_pcenter(cost, stock))
        yield line(("pmed p-center", name), (len(cost), len(cost), p, len(cost)), answer, cpu_s)


def read_pmed(name: str) -> tuple[np.ndarray, int]:
    """Return the shortest paths between all nodes, and p; an edge listed twice takes its last cost."""
    numbers = list(map(int, (BENCH / "pmed" / f"{name}.txt").read_text().split()))
    nodes, edges, p = numbers[:3]
    cost: dict[tuple[int, int], int] = {}
    for k in range(edges):
        a, b, c = numbers[3 + 3 * k : 6 + 3 * k]
        cost[a - 1, b - 1] = cost[b - 1, a - 1] = c
    row, col = zip(*cost, strict=True)
    graph = csr_array((list(cost.values()), (row, col)), shape=(nodes, nodes))
    return np.rint(dijkstra(graph)), p


SETS: dict[str, Callable[[str | None], Iterator[Row]]] = {
    "mclp": run_mclp,
    "dsm": run_dsm,
    "sjc": run_sjc,
    "pmed": run_pmed,
}


def main(arguments: list[str]) -> None:
    """Run the sets and write the table."""
    spopt = arguments[arguments.index("--spopt") + 1] if "--spopt" in arguments else None
    names = [name for name in SETS if name in arguments] or list(SETS)
    rows = []
    print(",".join(COLUMNS))
    for name in names:
        for row in SETS[name](spopt):
            rows.append(row)
            print(",".join(str(row.get(column, "")) for column in COLUMNS), flush=True)
            if "published" in row:
                assert row["value"] == row["published"], row
    if names == list(SETS):
        target = ROOT / "docs" / "results" / "posts.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
