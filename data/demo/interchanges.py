"""Interchanges: trumpets, half cloverleafs and the free-flow cloverleaf, drawn as ramps of arcs and straights.

A trumpet is drawn in the frame of its expressway: `u` along it, `v` to the left. Its two connector columns run
at u = +-COLUMN_M, traffic away from the expressway at +u. Turning the picture round puts it on the right side;
mirroring it and reversing every ramp gives the trumpet whose loop is an entry.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, NamedTuple

from data.demo.curves import Point, Pose, polyline_length, ramp_path, widest_ramp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from data.demo.expressways import MainLine
    from data.demo.world import World

COLUMN_M = 8.0
FORK_V = 330.0
UP, DOWN, EAST, WEST = pi / 2, -pi / 2, 0.0, pi


class Site(NamedTuple):
    """Where a trumpet stands: the main line, metres along it, side (+1 left), mirrored or not, size factor."""

    main: MainLine
    u: float
    side: int
    mirrored: bool
    scale: float = 1.0

    def place(self, p: Point) -> Point:
        """Return the plane point of a frame point in metres."""
        return self.main.curve.point(self.u + self.side * p[0], self.side * p[1])


def link_tags(world: World, **extra: str) -> dict[str, str]:
    """Return the tags of an expressway ramp; about half carry a speed limit."""
    rng = world.rng(f"link-{len(world.net.lines)}")
    tags = {"highway": "motorway_link", "oneway": "yes"}
    if rng.random() < 0.5:
        tags["maxspeed"] = rng.choice(("40", "40", "60"))
    if rng.random() < 0.5:
        tags["lanes"] = "1"
    return tags | extra


def add_ramp(world: World, ends: tuple[int, int], path: Sequence[Point], **tags: str) -> None:
    """Add a one-way ramp between two nodes along `path` (metres; its first and last point are the nodes)."""
    inner = [world.net.node(p) for p in path[1:-1]]
    world.net.add([ends[0], *inner, ends[1]], link_tags(world, **tags), "ramp")


def build_trumpet(world: World, site: Site, *, name: str = "") -> tuple[int, int]:
    """Add the four ramps of a trumpet.

    Returns
    -------
    tuple
        Nodes where the columns begin: traffic leaving the expressway, traffic towards it.
    """
    k, half = site.scale, site.main.half_m
    loop, fork = 62.0 * k, FORK_V * k
    leaves = world.net.node(site.place((COLUMN_M, fork)))
    enters = world.net.node(site.place((-COLUMN_M, fork)))
    draw = _Trumpet(world, site, (leaves, enters))
    radii = tuple(r * k for r in (310.0, 280.0, 250.0, 220.0, 190.0))
    out_start, in_end = Pose(430 * k, half, WEST - 0.06), Pose(-430 * k, half, WEST + 0.06)
    right_out = widest_ramp(out_start, Pose(COLUMN_M, fork, UP), radii_m=radii, word="RR")
    right_in = widest_ramp(Pose(-COLUMN_M, fork, DOWN), in_end, radii_m=radii, word="RR")
    loop_top = Pose(COLUMN_M + 28, -half, EAST - 0.12)
    loop_path = ramp_path(loop_top, Pose(COLUMN_M, -half - loop, UP), radius_m=loop, word="RR")
    loop_path = [*loop_path, (COLUMN_M, -half - 8), (COLUMN_M, 60.0), (COLUMN_M, fork * 0.6), (COLUMN_M, fork)]
    bell_start = Pose(-COLUMN_M, -half - 45, DOWN)
    bell = ramp_path(bell_start, Pose(600 * k, -half, EAST + 0.07), radius_m=172 * k, word="LR")
    bell = [(-COLUMN_M, fork), (-COLUMN_M, fork * 0.6), (-COLUMN_M, 60.0), (-COLUMN_M, -half - 8), *bell]
    draw.ramp(right_out, direction=-1, leaving=True)
    draw.ramp(right_in, direction=-1, leaving=False)
    draw.ramp(loop_path, direction=1, leaving=True)
    draw.ramp(bell, direction=1, leaving=False)
    if name:
        draw.name_exits(name)
    return leaves, enters


class _Trumpet:
    """Places the ramps of one trumpet, mirrored and turned as its site wants."""

    def __init__(self, world: World, site: Site, columns: tuple[int, int]) -> None:
        self.world, self.site, self.columns = world, site, columns
        self.exits: list[int] = []

    def ramp(self, path: list[Point], *, direction: int, leaving: bool) -> None:
        """Add a ramp drawn for the unmirrored trumpet in frame coordinates."""
        site = self.site
        if site.mirrored:
            path = [(-u, v) for u, v in reversed(path)]
            leaving = not leaving
        u = path[0][0] if leaving else path[-1][0]
        joint = site.main.attach(self.world, direction * site.side, site.u + site.side * u)
        column = self.columns[0] if leaving else self.columns[1]
        ends = (joint, column) if leaving else (column, joint)
        add_ramp(self.world, ends, [site.place(p) for p in path])
        if leaving:
            self.exits.append(joint)

    def name_exits(self, name: str) -> None:
        """Tag the exits as motorway junctions whose number is the kilometre."""
        for node in self.exits:
            ref = str(max(1, round(self.site.u / 1000.0)) + 210)
            self.world.net.tag(node, {"highway": "motorway_junction", "name": name, "ref": ref})


def build_cloverleaf(world: World, mains: tuple[MainLine, MainLine], name: str) -> None:
    """Add the eight ramps of a full cloverleaf where two expressways cross; traffic never stops here."""
    us = mains[0].curve.meet(mains[1].curve)
    for i, j in ((0, 1), (1, 0)):
        for direction in (1, -1):
            for onto in (1, -1):
                _clover_ramp(world, ((mains[i], direction, us[i]), (mains[j], onto, us[j])), name)


Leg = tuple["MainLine", int, float]


def _clover_ramp(world: World, legs: tuple[Leg, Leg], name: str) -> None:
    (main, direction, u), (target, onto, w) = legs
    turn = (target.pose(onto, w).heading - main.pose(direction, u).heading + pi) % (2 * pi) - pi
    right = turn < 0
    reach_m = (560.0,) if right else (45.0, 60.0, 75.0, 90.0, 105.0, 120.0, 140.0)
    radii = (900.0, 700.0, 560.0, 450.0, 360.0, 280.0) if right else (72.0,)
    sign = -1.0 if right else 1.0
    found = []
    for before in reach_m:
        for after in reach_m:
            leave, reach = u + direction * sign * before, w - onto * sign * after
            start = main.pose(direction, leave, away_rad=0.05)
            path = widest_ramp(start, target.pose(onto, reach, away_rad=-0.05), radii_m=radii, word="RR")
            found.append((round(polyline_length(path)), leave, reach, path))
    _, leave, reach, path = min(found)
    ends = (main.attach(world, direction, leave), target.attach(world, onto, reach))
    add_ramp(world, ends, path)
    if right:
        world.net.tag(ends[0], {"highway": "motorway_junction", "name": name})


def build_half_cloverleaf(
    world: World, main: MainLine, u: float, *, booth: Callable[[int, bool], dict[str, str]]
) -> list[int]:
    """Add an exit and a loop entry for each carriageway that end at the ordinary road crossing at `u`.

    Parameters
    ----------
    booth
        Gives the tags of the booth node on a ramp from the direction and whether the ramp leaves.

    Returns
    -------
    list of int
        The booth nodes.
    """
    booths = []
    half = main.half_m
    for direction in (1, -1):

        def place(p: Point, side: int = direction) -> Point:
            return main.curve.point(u + side * p[0], side * p[1])

        exit_path = ramp_path(Pose(-520.0, -half, EAST - 0.07), Pose(-25.0, -270.0, -0.9), radius_m=190.0, word="RR")
        foot = world.net.anchor(place((0.0, -300.0)), 120.0)
        first = main.attach(world, direction, u + direction * -520.0)
        booths.append(_boothed_ramp(world, (first, foot), [place(p) for p in exit_path], booth(direction, True)))
        loop = ramp_path(Pose(-28.0, -190.0, WEST), Pose(-40.0, -half, EAST + 0.10), radius_m=66.0, word="RR")
        loop = [(0.0, -205.0), *loop]
        head = world.net.anchor(place((8.0, -205.0)), 120.0)
        last = main.attach(world, direction, u + direction * -40.0)
        booths.append(_boothed_ramp(world, (head, last), [place(p) for p in loop], booth(direction, False)))
        world.net.tag(first, {"highway": "motorway_junction", "name": "柳汀出口"})
    return booths


def _boothed_ramp(world: World, ends: tuple[int, int], path: list[Point], tags: dict[str, str]) -> int:
    inner = [world.net.node(p) for p in path[1:-1]]
    at = 1 if tags.pop("at", "") == "start" else len(inner) - 2
    booth = inner[at]
    world.net.tag(booth, tags)
    world.net.add([ends[0], *inner, ends[1]], link_tags(world), "ramp")
    return booth
