"""Street webs that grow: branches leave a street sideways, stop at obstacles and join what they meet."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin
from typing import TYPE_CHECKING, NamedTuple

from data.demo.curves import Point
from data.demo.net import STREET

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from data.demo.net import Net

# Distance in metres that a new street keeps from lines of other groups.
CLEARANCE = {"main": 48.0, "ramp": 34.0, "yard": 26.0, "area": 22.0, "water": 52.0, "lake": 60.0, "fast": 34.0,
             "fastramp": 26.0}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How a web looks: spacing of branches, step, bending a step, lengths, and what its ways are."""

    spacing_m: float
    step_m: float
    bend_rad: float
    length_m: tuple[float, float]
    branch: float
    dead_end: float
    tags: tuple[dict[str, str], ...] = field(default=({"highway": "residential"},))


class Seed(NamedTuple):
    """A node and the direction a new street leaves it."""

    node: int
    heading: float
    depth: int


def grow(net: Net, seeds: list[Seed], style: Style, *, inside: Callable[[Point], bool], rng: Random, limit: int) -> int:
    """Grow streets from the seeds until `limit` ways are added; returns how many were."""
    queue = deque(seeds)
    added = 0
    while queue and added < limit:
        seed = queue.popleft()
        path, joined = _trace(net, seed, style, inside=inside, rng=rng)
        length = _length(net, path)
        if len(path) < 2 or length < (18.0 if joined else 38.0):
            continue
        if not joined and rng.random() > style.dead_end:
            continue
        line = net.add_street(path, rng.choice(style.tags))
        added += 1
        queue.extend(side_seeds(net, line.nodes, style, rng=rng, depth=seed.depth + 1))
    return added


def side_seeds(net: Net, nodes: list[int], style: Style, *, rng: Random, depth: int) -> list[Seed]:
    """Return seeds on both sides of a street at its vertices, about `spacing_m` apart."""
    seeds = []
    run, wait = 0.0, style.spacing_m * rng.uniform(0.35, 1.0)
    for a, b in pairwise(nodes):
        p, q = net.places[a], net.places[b]
        run += hypot(q[0] - p[0], q[1] - p[1])
        if run < wait:
            continue
        run, wait = 0.0, style.spacing_m * rng.uniform(0.8, 1.25)
        along = atan2(q[1] - p[1], q[0] - p[0])
        seeds += [
            Seed(b, along + side * pi / 2 + rng.gauss(0, style.bend_rad), depth)
            for side in (1, -1)
            if rng.random() < style.branch
        ]
    return seeds


def _trace(
    net: Net, seed: Seed, style: Style, *, inside: Callable[[Point], bool], rng: Random
) -> tuple[list[int | Point], bool]:
    """Return the path of a new street and whether it ends on another one."""
    here, heading = net.places[seed.node], seed.heading
    path: list[int | Point] = [seed.node]
    feel = (here[0] + 0.6 * style.spacing_m * cos(heading), here[1] + 0.6 * style.spacing_m * sin(heading))
    if not _is_free(net, feel, 0.42 * style.spacing_m, seed.node):
        return path, False
    left = rng.uniform(*style.length_m)
    while left > 0:
        step = style.step_m * rng.uniform(0.8, 1.2)
        heading += rng.gauss(0, style.bend_rad)
        ahead = (cos(heading), sin(heading))
        look = step + 0.42 * style.spacing_m
        probe = (here[0] + look * ahead[0], here[1] + look * ahead[1])
        hits = [h for h in net.hits(here, probe) if seed.node not in h.edge[1:] or len(path) > 1]
        hits = [h for h in hits if not isinstance(path[-1], int) or path[-1] not in h.edge[1:]]
        if hits:
            return _meet(net, path, min(hits).edge, min(hits).point, heading)
        here = (here[0] + step * ahead[0], here[1] + step * ahead[1])
        if not inside(here) or not _is_free(net, here, 0.3 * style.spacing_m, seed.node):
            break
        path.append(here)
        left -= step
    return path, False


def _meet(
    net: Net, path: list[int | Point], edge: tuple[int, int, int], place: Point, heading: float
) -> tuple[list[int | Point], bool]:
    """End a path on the street it meets, unless it meets something else or at a sharp angle."""
    line, a, b = edge
    p, q = net.places[a], net.places[b]
    across = abs(sin(heading - atan2(q[1] - p[1], q[0] - p[0])))
    if net.lines[line].group != STREET or across < 0.6:
        return path, False
    found = net.nearest(place, 1.0, (STREET,))
    if found is None:
        return path, False
    node = net.cut(found.edge, found.point)
    return ([*path, node], True) if node != path[0] else (path, False)


def _is_free(net: Net, place: Point, gap_m: float, start: int) -> bool:
    """Tell whether no line lies too near, apart from those that touch the start."""
    near = net.nearest(place, gap_m, (STREET,))
    if near is not None and start not in near.edge[1:]:
        return False
    return not net.is_crowded(place, CLEARANCE)


def _length(net: Net, path: list[int | Point]) -> float:
    places = [net.places[s] if isinstance(s, int) else s for s in path]
    return sum(hypot(q[0] - p[0], q[1] - p[1]) for p, q in pairwise(places))
