"""Country roads between places: cheapest paths over hills and water that merge into roads already there."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from math import ceil, hypot
from typing import TYPE_CHECKING

from data.demo.curves import Curve, Point, distance, spline
from data.demo.net import STREET
from data.demo.roads import add_long_road
from data.demo.terrain import HEIGHT_M, SETTLEMENTS, WIDTH_M, height_m, lake_shore, noise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from data.demo.world import World

CELL_M = 120.0
COLUMNS, ROWS = int(WIDTH_M / CELL_M), int(HEIGHT_M / CELL_M)
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1), (2, 1), (1, 2), (-2, 1), (-1, 2),
         (2, -1), (1, -2), (-2, -1), (-1, -2))  # fmt: skip
FORBIDDEN = 1e9
# Cost of entering a cell that holds such a line, in metres of plain ground.
PRICES = {"main": 230.0, "water": 700.0, "ramp": FORBIDDEN, "yard": FORBIDDEN, "area": FORBIDDEN, "fast": 500.0,
          "fastramp": FORBIDDEN, "lake": FORBIDDEN}  # fmt: skip

Cell = tuple[int, int]


class CostMap:
    """Cost of crossing the ground, one number a cell, kept up to date as roads appear."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ground = [[self._ground((i, j)) for j in range(ROWS)] for i in range(COLUMNS)]
        self.price: dict[Cell, float] = {}
        self.road: set[Cell] = set()
        self._seen = 0
        for cell in (c for p in lake_shore() for c in _around(cell_of(p))):
            self.price[cell] = FORBIDDEN
        self.refresh()

    @staticmethod
    def _ground(cell: Cell) -> float:
        place = middle(cell)
        low = height_m((place[0] - 80, place[1] - 80))
        steep = abs(height_m((place[0] + 80, place[1] + 80)) - low) / 226.0
        return 1.0 + 7.0 * steep + 0.5 * noise(place, 420.0, 21)

    def refresh(self) -> None:
        """Take in the lines added since the last call."""
        net = self.world.net
        for line in net.lines[self._seen :]:
            for cell in _cells_of(net.points(line)):
                if line.group == STREET:
                    self.road.add(cell)
                elif line.group in PRICES:
                    price = PRICES[line.group]
                    for near in _around(cell) if price == FORBIDDEN else (cell,):
                        self.price[near] = max(self.price.get(near, 0.0), price)
        self._seen = len(net.lines)

    def path(self, start: Cell, goal: Cell) -> list[Cell]:
        """Return the cheapest cells from `start` to `goal`, or nothing when no way leads there."""
        best = {start: 0.0}
        came: dict[Cell, Cell] = {}
        heap = [(0.0, 0.0, start)]
        while heap:
            _, cost, cell = heappop(heap)
            if cell == goal:
                break
            if cost > best[cell]:
                continue
            for step in STEPS:
                nxt = (cell[0] + step[0], cell[1] + step[1])
                if not (0 <= nxt[0] < COLUMNS and 0 <= nxt[1] < ROWS):
                    continue
                total = cost + self._step(cell, nxt)
                if total < best.get(nxt, FORBIDDEN):
                    best[nxt], came[nxt] = total, cell
                    ahead = 0.45 * CELL_M * hypot(nxt[0] - goal[0], nxt[1] - goal[1])
                    heappush(heap, (total + ahead, total, nxt))
        if goal not in came:
            return []
        cells = [goal]
        while cells[-1] != start:
            cells.append(came[cells[-1]])
        return cells[::-1]

    def _step(self, cell: Cell, nxt: Cell) -> float:
        length = CELL_M * hypot(nxt[0] - cell[0], nxt[1] - cell[1])
        if nxt in self.road and cell in self.road:
            return 0.45 * length
        extra = self.price.get(nxt, 0.0)
        if abs(nxt[0] - cell[0]) == 2 or abs(nxt[1] - cell[1]) == 2:
            between = ((nxt[0] + cell[0]) // 2, (nxt[1] + cell[1]) // 2)
            extra = max(extra, self.price.get(between, 0.0))
        return length * self.ground[nxt[0]][nxt[1]] + extra


def cell_of(place: Point) -> Cell:
    """Return the cell of a plane point."""
    i, j = int(place[0] // CELL_M), int(place[1] // CELL_M)
    return min(max(i, 0), COLUMNS - 1), min(max(j, 0), ROWS - 1)


def middle(cell: Cell) -> Point:
    """Return the middle of a cell in metres."""
    return ((cell[0] + 0.5) * CELL_M, (cell[1] + 0.5) * CELL_M)


def _around(cell: Cell) -> Iterator[Cell]:
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            yield cell[0] + i, cell[1] + j


def _cells_of(points: list[Point]) -> Iterator[Cell]:
    for p, q in pairwise(points):
        pieces = max(1, ceil(distance(p, q) / 40.0))
        for k in range(pieces + 1):
            yield cell_of((p[0] + k / pieces * (q[0] - p[0]), p[1] + k / pieces * (q[1] - p[1])))


def link_places(world: World, pairs: list[tuple[Point, Point]], tags: list[dict[str, str]]) -> None:
    """Add a road for each pair of points where none leads already."""
    costs = CostMap(world)
    rng = world.rng("country")
    for (start, goal), tag in zip(pairs, tags, strict=True):
        cells = costs.path(cell_of(start), cell_of(goal))
        for run in _new_runs(costs, cells):
            _draw(world, run, (start, goal) if len(run) == len(cells) else None, tag, rng)
        costs.refresh()


def _new_runs(costs: CostMap, cells: list[Cell]) -> Iterator[list[Cell]]:
    """Return the parts of a path that are not on roads yet, with one road cell at each end."""
    run: list[Cell] = []
    for cell in cells:
        run.append(cell)
        if cell in costs.road:
            if len(run) > 2:
                yield run
            run = [cell]
    if len(run) > 1:
        yield run


def _draw(world: World, run: list[Cell], ends: tuple[Point, Point] | None, tags: dict[str, str], rng: Random) -> None:
    places = [middle(c) for c in run]
    if ends is not None:
        places = [ends[0], *places[1:-1], ends[1]]
    keep = [places[0], *[p for i, p in enumerate(places[1:-1]) if i % 2 == 1], places[-1]]
    rough = [(p[0] + rng.uniform(-32, 32), p[1] + rng.uniform(-32, 32)) for p in keep[1:-1]]
    control = [_joined(world, keep[0]), *rough, _joined(world, keep[-1])]
    control = [p for i, p in enumerate(control) if i == 0 or distance(p, control[i - 1]) > 30.0]
    if len(control) > 1:
        add_long_road(world, spline(control, 45.0), dict(tags), rng=rng)


def _joined(world: World, place: Point) -> Point:
    """Return the point of a street near `place`, or the place itself in open country."""
    near = world.net.nearest(place, 170.0, (STREET,))
    return place if near is None else near.point


def place_pairs(world: World, hamlets: list[Point]) -> tuple[list[tuple[Point, Point]], list[dict[str, str]]]:
    """Return which places are to be linked, nearest first, and the road's class and number."""
    towns = [(s.x, s.y) for s in SETTLEMENTS]
    rng = world.rng("pairs")
    pairs: list[tuple[Point, Point]] = []
    tags: list[dict[str, str]] = []
    for i, p in enumerate(towns):
        order = sorted((distance(p, q), k) for k, q in enumerate(towns) if k != i)
        for _, k in order[:3]:
            if (towns[k], p) in pairs:
                continue
            pairs.append((p, towns[k]))
            number = len(tags) + 301
            tags.append(
                {
                    "highway": "tertiary",
                    "ref": f"Y{number}",
                    "name": f"{SETTLEMENTS[i].name[0]}{SETTLEMENTS[k].name[0]}路",
                }
            )
    for p in hamlets:
        order = sorted((distance(p, q), k) for k, q in enumerate(towns))
        for _, k in order[: rng.choice((1, 1, 2))]:
            pairs.append((p, towns[k]))
            tag = {"highway": "unclassified"}
            if rng.random() < 0.6:
                tag["ref"] = f"C{len(tags) + 101:03d}"
            tags.append(tag)
        near = sorted((distance(p, q), q) for q in hamlets if q != p)
        for _, q in near[: rng.choice((1, 2, 2))]:
            pairs.append((p, q))
            tags.append({"highway": "unclassified"})
    return pairs, tags


def add_underpasses(world: World, curve: Curve) -> None:
    """Add farm roads across an expressway where streets lie near on both sides and none crosses yet."""
    net = world.net
    for u in range(1300, round(curve.length_m) - 800, 550):
        here = curve.point(u, 0.0)
        near = [net.nearest(curve.point(float(u + d), 0.0), 40.0, (STREET,)) for d in range(-450, 451, 50)]
        if any(near) or net.nearest(here, 250.0, ("ramp", "yard", "area", "water")) is not None:
            continue
        ends = [net.nearest(curve.point(u, side * 330.0), 420.0, (STREET,)) for side in (1, -1)]
        places = [end.point for end in ends if end is not None]
        if len(places) < 2:
            continue
        path = [places[0], curve.point(u, 90.0), curve.point(u, -90.0), places[1]]
        if any(net.hits(p, q, ("ramp", "yard", "water", "fast")) for p, q in pairwise(path)):
            continue
        inner = spline(path, 45.0)[1:-1]
        first, last = (net.anchor(p, 20.0) for p in places)
        net.add_street([first, *inner, last], {"highway": "unclassified"})
