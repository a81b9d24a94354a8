"""Public instances of routing as days of ours: nodes, edges and arcs, windows, loads, depots.

What the files mean and what is odd in them stands in the README beside them. A task is a list of modes (begin, end,
cost); an edge has two, an arc and a node one. Costs of serving are counted apart from driving, as the listed values
want it.
"""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.snapping import Snapped
from patrol.check import drive_ticks
from patrol.matrices import NO_WAY, Day
from patrol.solver import Routes
from patrol.targets import Target
from patrol.units import Unit

HOMBERGER_200 = {
    "c1_2_1": 2704.57,
    "c2_2_1": 1931.44,
    "r1_2_1": 4784.11,
    "r2_2_1": 4483.16,
    "rc1_2_1": 3602.80,
    "rc2_2_1": 3099.53,
}
"""Distances listed beside the fewest vehicles; a plan by distance alone may use more of them and come lower."""

SPARE_CARS = 3
"""Cars beyond the fewest that can carry everything, where the fleet is free."""

CORRECTED = {"mggdb_0.35_19": 51}
"""Listed values that are wrong, with the value that a dynamic programme proves."""


@dataclass(frozen=True)
class Instance:
    """An instance as a day of ours.

    Attributes
    ----------
    name
        Its name.
    day
        Its numbers; a tick is ``1 / scale`` of its unit of cost.
    fixed
        Cost of serving all tasks, which every plan pays.
    best_known
        Listed value, or ``None``.
    price
        Cost of routes in the unit and precision of the listed value.
    """

    name: str
    day: Day
    fixed: float
    best_known: float | None
    price: Callable[[Routes], float]


def make_day(
    travel: npt.NDArray[np.int64],
    units: list[Unit],
    *,
    service: npt.NDArray[np.int64],
    load: npt.NDArray[np.int64],
    capacity: int | None,
    span: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int],
    task: npt.NDArray[np.int64] | None = None,
    longest: int | None = None,
) -> Day:
    """Return a day without a map: every crew may serve every target."""
    count = len(travel)
    nowhere = np.zeros(count)
    places = Snapped(np.zeros(count, dtype=np.int64), nowhere, nowhere, nowhere, nowhere, np.full(count, -1))
    early, late, end = span
    n = count - len(units)
    names = np.arange(n) if task is None else task
    return Day(
        tuple(units),
        tuple(Target(f"t{k}", 0.0, 0.0) for k in names.tolist()),
        places,
        tuple(frozenset[str]() for _ in range(n)),
        np.ones((len(units), n), dtype=bool),
        travel,
        service,
        early,
        late,
        0,
        end,
        longest=longest,
        task=task,
        load=load,
        capacity=None if capacity is None else np.full(len(units), capacity, dtype=np.int64),
    )


def _add_up(
    matrix: npt.NDArray[np.float64] | npt.NDArray[np.int64], cars: int, fixed: float
) -> Callable[[Routes], float]:
    def price(routes: Routes) -> float:
        total = fixed
        for i, stops in routes:
            chain = [i, *(cars + j for j in stops), i]
            total += sum(float(matrix[a, b]) for a, b in itertools.pairwise(chain))
        return total

    return price


def _distances(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


def read_solomon(path: Path, values: dict[str, float]) -> Instance:
    """Read a Solomon file; distance is counted in double precision."""
    scale = 1000
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    cars, load = next((int(a[0]), int(a[1])) for a in lines if len(a) == 2 and a[0].isdigit())
    rows = np.array([[float(x) for x in a] for a in lines if len(a) == 7 and a[0].isdigit()])
    exact = _distances(rows[:, 1:3])
    ticks = np.rint(exact * scale).astype(np.int64)
    unit = [Unit("depot", "local", 0.0, 0.0, cars)]
    early, late, service = ((rows[1:, k] * scale).astype(np.int64) for k in (4, 5, 6))
    day = make_day(
        ticks,
        unit,
        service=service,
        load=rows[1:, 3].astype(np.int64),
        capacity=load,
        span=(early, late, int(rows[0, 5] * scale)),
    )
    return Instance(path.stem, day, 0.0, values.get(path.stem), _add_up(exact, 1, 0.0))


def read_mdvrp(path: Path, values: dict[str, float]) -> Instance:
    """Read a file of Cordeau's multi-depot set."""
    scale = 100
    rows = [[float(x) for x in line.split()] for line in path.read_text(encoding="utf-8").splitlines() if line.split()]
    cars, customers, depots = (int(x) for x in rows[0][1:4])
    limit, load = rows[1][0], int(rows[1][1])
    body = rows[1 + depots :]
    stops, posts = body[:customers], body[customers : customers + depots]
    xy = np.array([[r[1], r[2]] for r in [*posts, *stops]])
    exact = _distances(xy)
    units = [Unit(f"D{k}", "local", 0.0, 0.0, cars) for k in range(depots)]
    end = 10**7
    day = make_day(
        np.rint(exact * scale).astype(np.int64),
        units,
        service=np.array([int(r[3] * scale) for r in stops], dtype=np.int64),
        load=np.array([int(r[4]) for r in stops], dtype=np.int64),
        capacity=load,
        span=(np.zeros(customers, dtype=np.int64), np.full(customers, end), end),
        longest=int(limit * scale) if limit else None,
    )
    return Instance(path.name, day, 0.0, values.get(path.name), _add_up(exact, depots, 0.0))


def read_mdvrptw(path: Path) -> Instance:
    """Read a VRPLIB file of Vidal's multi-depot set with windows; the listed value stands in the ``.sol`` beside it.

    Distances are whole thousandths, as the listed values count them.
    """
    scale = 1000
    head: dict[str, str] = {}
    table: dict[str, list[list[float]]] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = line.split()
        if line.startswith("EOF") or not cells:
            continue
        if cells[0].endswith("_SECTION"):
            name = cells[0]
        elif ":" in line:
            key, value = (part.strip() for part in line.split(":", 1))
            head[key] = value
        else:
            table.setdefault(name, []).append([float(x) for x in cells])
    xy = np.array([row[1:3] for row in table["NODE_COORD_SECTION"]])
    ticks = np.rint(_distances(xy) * scale).astype(np.int64)
    depots = [int(row[0]) for row in table["DEPOT_SECTION"] if row[0] > 0]
    cars = [int(row[1]) for row in table["VEHICLES_DEPOT_SECTION"]]
    m = len(depots)
    load, service = (
        np.array([row[1] for row in table[f"{part}_SECTION"][m:]]).astype(np.int64)
        for part in ("DEMAND", "SERVICE_TIME")
    )
    window = (np.array([row[1:3] for row in table["TIME_WINDOW_SECTION"]]) * scale).astype(np.int64)
    units = [Unit(f"D{k}", "local", 0.0, 0.0, cars.count(depot)) for k, depot in enumerate(depots)]
    day = make_day(
        ticks,
        units,
        service=service * scale,
        load=load,
        capacity=int(head["CAPACITY"]),
        span=(window[m:, 0], window[m:, 1], int(window[0, 1])),
        longest=int(head["VEHICLES_MAX_DURATION"]) * scale if "VEHICLES_MAX_DURATION" in head else None,
    )
    listed = re.search(r"Cost:\s*(\d+)", path.with_suffix(".sol").read_text(encoding="utf-8"))
    price = _add_up(ticks / scale, m, 0.0)
    return Instance(path.stem, day, 0.0, int(listed[1]) / scale if listed else None, price)


def read_carp(path: Path, values: dict[str, float]) -> Instance:
    """Read a CARPLIB file (gdb, val, egl); the fleet is free."""
    text = path.read_text(encoding="utf-8", errors="replace")
    head = dict(re.findall(r"^\s*([A-Z_]+)\s*:\s*(.*?)\s*$", text, re.MULTILINE))
    links: list[tuple[int, int, int]] = []
    tasks: list[tuple[int, list[tuple[int, int, int]]]] = []
    pattern = r"\(\s*(\d+)\s*,\s*(\d+)\s*\)\s+coste\s+(\d+)(?:\s+demanda\s+(\d+))?"
    for a, b, c, q in re.findall(pattern, text):
        u, v, cost = int(a) - 1, int(b) - 1, int(c)
        links += [(u, v, cost), (v, u, cost)]
        if q:
            tasks.append((int(q), [(u, v, cost), (v, u, cost)]))
    depot = int(re.findall(r"DEPOSITO\s*:\s*(\d+)", text)[0]) - 1
    capacity = int(head["CAPACIDAD"])
    cars = math.ceil(sum(q for q, _ in tasks) / capacity) + SPARE_CARS
    size = int(head["VERTICES"])
    return _mixed(path.stem, (size, depot, capacity, cars), links, tasks=tasks, best=values.get(path.stem))


def read_mcgrp(path: Path, values: dict[str, float]) -> Instance:
    """Read a mixed file (mggdb, mgval); the number of vehicles is a hard limit; a second copy is passed over."""
    head: dict[str, str] = {}
    links: list[tuple[int, int, int]] = []
    tasks: list[tuple[int, list[tuple[int, int, int]]]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if re.match(r"^[#A-Za-z ]+[A-Za-z]\s*:", line):
            key, value = (part.strip() for part in line.split(":", 1))
            if key.lower() in head:
                break
            head[key.lower()] = value
            continue
        cells = line.split()
        kind = re.match(r"^(NrE|NrA|N|E|A)\d+$", cells[0]) if cells else None
        if kind is None:
            continue
        if kind[1] == "N":
            node = int(cells[0][1:]) - 1
            tasks.append((int(cells[1]), [(node, node, 0)]))
            continue
        u, v, cost = int(cells[1]) - 1, int(cells[2]) - 1, int(cells[3])
        links += [(u, v, cost)] + ([(v, u, cost)] if kind[1] in {"E", "NrE"} else [])
        if kind[1] == "E":
            tasks.append((int(cells[4]), [(u, v, cost), (v, u, cost)]))
        elif kind[1] == "A":
            tasks.append((int(cells[4]), [(u, v, cost)]))
    depot = int(re.findall(r"\d+", head.get("depot node", head.get("depot", "1")))[0]) - 1
    capacity, cars = int(head["capacity"]), int(head.get("#vehicles", "-1"))
    if cars < 0:
        cars = math.ceil(sum(q for q, _ in tasks) / capacity) + SPARE_CARS
    listed = float(head.get("optimal value", "-1"))
    best = CORRECTED.get(path.stem, listed if listed >= 0 else values.get(path.stem))
    return _mixed(path.stem, (int(head["#nodes"]), depot, capacity, cars), links, tasks=tasks, best=best)


def _mixed(
    name: str,
    frame: tuple[int, int, int, int],
    links: list[tuple[int, int, int]],
    *,
    tasks: list[tuple[int, list[tuple[int, int, int]]]],
    best: float | None,
) -> Instance:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    size, depot, capacity, cars = frame
    cheapest: dict[tuple[int, int], int] = {}
    for u, v, cost in links:
        cheapest[u, v] = min(cost, cheapest.get((u, v), cost))
    ends = np.array(list(cheapest), dtype=np.int64)
    weight = np.array([cost or 1e-9 for cost in cheapest.values()], dtype=np.float64)
    apart = dijkstra(coo_array((weight, (ends[:, 0], ends[:, 1])), shape=(size, size)).tocsr())
    whole = np.where(np.isfinite(apart), np.rint(np.where(np.isfinite(apart), apart, 0)), NO_WAY).astype(np.int64)
    modes = [(number, mode) for number, (_, ways) in enumerate(tasks) for mode in ways]
    begin = [depot, *(mode[0] for _, mode in modes)]
    finish = [depot, *(mode[1] for _, mode in modes)]
    travel = whole[np.ix_(finish, begin)]
    nothing = np.zeros(len(modes), dtype=np.int64)
    end = 10**6
    fixed = float(sum(ways[0][2] for _, ways in tasks))
    day = make_day(
        travel,
        [Unit("depot", "local", 0.0, 0.0, cars)],
        service=nothing,
        load=np.array([tasks[number][0] for number, _ in modes], dtype=np.int64),
        capacity=capacity,
        span=(nothing, np.full(len(modes), end), end),
        task=np.array([number for number, _ in modes], dtype=np.int64),
    )
    return Instance(name, day, fixed, best, _add_up(travel, 1, fixed))


def read_values(file: Path, key: str, value: str, *, of: str = "") -> dict[str, float]:
    """Read listed values from a CSV table.

    Parameters
    ----------
    file
        The table.
    key, value
        Columns of the instance and of its value; a key ``SET/name`` gives ``name``.
    of
        The set, or the objective, whose rows count; all by default.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if not of or of in {row.get("objective"), row[key].split("/")[0]}]
    return {row[key].rpartition("/")[2]: float(row[value]) for row in rows}


def make_patrol_day(targets: int = 300, *, seed: int = 0) -> Instance:
    """Return the made-up patrol day of the founders' prototype: 17 crews, 5 posts, 4 skills, 30 % with windows.

    Ordinary and expressway cars have tables of their own; the second is not symmetric. Seconds are ticks here.
    """
    dice = np.random.default_rng(seed)
    posts = 5
    centre = dice.uniform(0, 60, (30, 2))
    xy = np.vstack(
        [dice.uniform(10, 50, (posts, 2)), centre[dice.integers(0, 30, targets)] + dice.normal(0, 3, (targets, 2))]
    )
    base = _distances(xy) * 1.3 / 50 * 3600
    slow = np.rint(base).astype(np.int64)
    fast = np.rint(base * dice.uniform(0.7, 1.4, base.shape)).astype(np.int64)
    need = dice.choice(3, targets, p=[0.5, 0.25, 0.25])
    need = np.where(dice.random(targets) < 0.05, 3, need)
    early, late = np.zeros(targets, dtype=np.int64), np.full(targets, 8 * 3600, dtype=np.int64)
    tight, begin = dice.random(targets) < 0.3, dice.integers(0, 6 * 3600, targets)
    early[tight], late[tight] = begin[tight], begin[tight] + 2 * 3600
    service = (dice.integers(5, 16, targets) * 60).astype(np.int64)
    skills = [(0, {0})] * 7 + [(1, {1})] * 4 + [(1, {2})] * 4 + [(1, {0, 1, 2, 3}), (0, {0, 3})]
    units = [Unit(f"U{k:02}", "local", 0.0, 0.0) for k in range(len(skills))]
    rows = [*(k % posts for k in range(len(skills))), *range(posts, posts + targets)]
    tables = tuple(table[np.ix_(rows, rows)] for table in (slow, fast))
    nothing = np.zeros(targets, dtype=np.int64)
    day = make_day(
        np.minimum(*tables), units, service=service, load=nothing, capacity=None, span=(early, late, 8 * 3600)
    )
    allowed = np.array([[int(n) in can for n in need] for _, can in skills])
    day = replace(day, allowed=allowed, tables=tables, table_of=tuple(kind for kind, _ in skills), load=None)
    return Instance(
        f"patrol{targets}", day, 0.0, None, lambda routes: float(sum(drive_ticks(day, i, stops) for i, stops in routes))
    )
