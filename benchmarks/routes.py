"""How close our routes come to the best known: public sets through the solver and the check of a patrol day.

Run ``.venv/bin/python benchmarks/routes.py [--sets solomon gdb …] [--out FILE] [--scale 1.0]``. Iterations, not
clocks, end each search (or the listed value is met); the same command gives the same costs. Each plan is added up
again apart from the solver. CPU seconds are those of this process, one thread.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.instances import (
    HOMBERGER_200,
    Instance,
    make_patrol_day,
    read_carp,
    read_mcgrp,
    read_mdvrp,
    read_mdvrptw,
    read_solomon,
    read_values,
)
from benchmarks.periodic import read_pvrp, solve_week
from patrol.bound import bound_driving
from patrol.check import check_routes
from patrol.matrices import TICKS
from patrol.solver import Search, find_routes

BENCH = ROOT.parent / "shared" / "data" / "bench"
NOT_RUN = {"cbmix": "no listed value"}
COLUMNS = [
    "instance",
    "tasks",
    "cost",
    "best_known",
    "gap_percent",
    "bound",
    "left_out",
    "routes",
    "iterations",
    "seed",
    "cpu_s",
]


@dataclass(frozen=True)
class Result:
    """One run: cost and gap to the listed value, bound, iterations done, CPU seconds, tasks left out."""

    name: str
    tasks: int
    cost: float
    best_known: float | None
    bound: float
    left_out: int
    routes: int
    iterations: int
    cpu_s: float

    @property
    def gap(self) -> float | None:
        """Cost above the listed value, percent."""
        return None if not self.best_known else 100 * (self.cost - self.best_known) / self.best_known


def solve(instance: Instance, iterations: int, *, seed: int = 1, to_target: bool = False) -> Result:
    """Solve an instance with the solver of a patrol day and check the plan."""
    day = instance.day
    met: list[bool] = []
    goal = -1.0
    if to_target and instance.best_known is not None:
        goal = (instance.best_known - instance.fixed) / TICKS

    def watch(_done: int, _total: int, best: float | None) -> None:
        if best is not None and best <= goal + 1e-9:
            met.append(True)

    begin = time.process_time()
    everyone = list(range(len(day.targets)))
    found = find_routes(day, everyone, Search(iterations, seed, progress=watch, cancel=lambda: bool(met)))
    cpu_s = time.process_time() - begin
    served = [j for _, stops in found.routes for j in stops]
    done = {day.task_of(j) for j in served}
    left_out = [j for j in everyone if day.task_of(j) not in done]
    first = {day.task_of(j): j for j in reversed(left_out)}
    assert check_routes(day, found.routes, sorted(first.values())) == []
    cost = instance.price(found.routes)
    scale = day_scale(instance, found.routes, cost)
    bound = bound_driving(day, served) / scale + instance.fixed
    tasks = len({day.task_of(j) for j in everyone})
    return Result(
        instance.name, tasks, cost, instance.best_known, bound, len(first), len(found.routes), found.iterations, cpu_s
    )


def day_scale(instance: Instance, routes: list[tuple[int, list[int]]], cost: float) -> float:
    """Return the ticks of one unit of cost, read off a plan."""
    from patrol.check import drive_ticks

    ticks = sum(drive_ticks(instance.day, i, stops) for i, stops in routes)
    return max(1.0, float(round(ticks / (cost - instance.fixed)))) if cost > instance.fixed else 1.0


def sets() -> dict[str, tuple[list[Path], Callable[[Path], Instance], int, bool]]:
    """Return each set: files, reader, iterations, whether to stop at the listed value."""
    carp = read_values(BENCH / "carp" / "best_known.csv", "instance", "best_known")
    vrptw = read_values(BENCH / "vrptw" / "bks.csv", "instance", "best_known", of="distance")
    cordeau = read_values(BENCH / "pvrp" / "bks.csv", "Instance Name", "BKS", of="MDVRP")

    def files(folder: str, pattern: str) -> list[Path]:
        return sorted((BENCH / folder).glob(pattern))

    return {
        "solomon": (files("vrptw/solomon", "*.txt"), lambda p: read_solomon(p, vrptw), 6_000, False),
        "gdb": (files("carp", "gdb*.dat"), lambda p: read_carp(p, carp), 60_000, True),
        "val": (files("carp", "val*.dat"), lambda p: read_carp(p, carp), 48_000, True),
        "egl": (files("carp", "egl*.dat"), lambda p: read_carp(p, carp), 40_000, True),
        "mggdb": (files("mcgrp", "mggdb*"), lambda p: read_mcgrp(p, {}), 40_000, True),
        "mgval": (files("mcgrp", "mgval*"), lambda p: read_mcgrp(p, {}), 40_000, True),
        "patrol": ([Path("patrol300")], lambda _: make_patrol_day(), 8_000, False),
        "homberger_200": (
            files("vrptw/homberger_200", "*.txt"),
            lambda p: read_solomon(p, HOMBERGER_200),
            6_000,
            False,
        ),
        "mdvrptw": (files("mdvrptw", "*.vrp"), read_mdvrptw, 20_000, True),
        "mdvrp": (files("mdvrp", "p*"), lambda p: read_mdvrp(p, cordeau), 3_000, True),
    }


def solve_row(file: Path, read: Callable[[Path], Instance], limit: int, *, to_target: bool) -> dict[str, object]:
    """Solve one instance; return a row of the table of results."""
    r = solve(read(file), limit, to_target=to_target)
    cost = f"{r.cost:g}" if r.cost < 1e5 else r.cost
    gap = "" if r.gap is None else f"{r.gap:.3f}"
    row = [r.name, r.tasks, cost, r.best_known, gap, f"{r.bound:.1f}", r.left_out, r.routes, r.iterations, 1]
    return dict(zip(COLUMNS, [*row, f"{r.cpu_s:.1f}"], strict=True))


def solve_period(file: Path, values: dict[str, float], scale: float) -> dict[str, object]:
    """Solve one periodic instance; return a row of the table of results."""
    return solve_week(read_pvrp(file, values), scale=scale)


def jobs(scale: float) -> dict[str, list[tuple[str, Callable[[], dict[str, object]]]]]:
    """Return for each set its instances by name, each with what solves it."""
    made: dict[str, list[tuple[str, Callable[[], dict[str, object]]]]] = {}
    for name, (files, read, limit, to_target) in sets().items():
        most = max(1, int(limit * scale))
        made[name] = [(file.stem, partial(solve_row, file, read, most, to_target=to_target)) for file in files]
    values = read_values(BENCH / "pvrp" / "bks.csv", "Instance Name", "BKS", of="PVRP")
    periods = sorted((BENCH / "pvrp").glob("p*"))
    made["pvrp"] = [(file.name, partial(solve_period, file, values, scale)) for file in periods]
    return made


def main() -> None:
    """Run the sets and write the table of results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="*", default=None)
    parser.add_argument("--only", nargs="*", default=None, help="names of instances")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results" / "routes.csv")
    parser.add_argument("--scale", type=float, default=1.0, help="times the iterations")
    wanted = parser.parse_args()
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    with wanted.out.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, ["set", *COLUMNS], lineterminator="\n")
        table.writeheader()
        for name, some in jobs(wanted.scale).items():
            chosen = [job for job in some if wanted.only is None or job[0] in wanted.only]
            if not chosen or (wanted.sets is not None and name not in wanted.sets):
                continue
            gaps = []
            for _, run in chosen:
                row = run()
                table.writerow({"set": name, **row})
                lines.flush()
                gaps += [float(str(row["gap_percent"]))] if row["gap_percent"] else []
            at_best = sum(gap <= 1e-6 for gap in gaps)
            print(f"{name}: {len(chosen)} instances, {at_best} at or below the listed value, ", end="")
            print(f"mean gap {sum(gaps) / max(len(gaps), 1):.3f} %, worst {max(gaps, default=0):.2f} %", flush=True)
    for name, why in NOT_RUN.items():
        print(f"{name}: not run, {why}")


if __name__ == "__main__":
    main()
