"""The county town, the townships and the hamlets."""

from __future__ import annotations

from itertools import pairwise
from math import copysign, cos, hypot, sin, tau
from typing import TYPE_CHECKING

from data.demo.curves import Point, distance, spline
from data.demo.growth import Style, grow, side_seeds
from data.demo.net import STREET
from data.demo.terrain import (
    HEIGHT_M,
    LAKE_CENTRE,
    SETTLEMENTS,
    TOWN_CENTRE,
    WIDTH_M,
    lake_shore,
    noise,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.demo.world import World

TURN_RAD = 0.14
COLUMNS = (-2250.0, -1640.0, -1090.0, -520.0, 560.0, 1120.0, 1690.0, 2280.0)
ROWS = (-2050.0, -1420.0, -800.0, 420.0, 980.0, 1500.0, 2060.0)
FINE = 70.0
MISSING_SHARE, BRIDGED_SHARE = 0.012, 0.6

COMPOUND = Style(62.0, 24.0, 0.02, (60.0, 260.0), 0.8, 0.45, ({"highway": "service"}, {"highway": "service"},
                 {"highway": "service", "service": "driveway"}, {"highway": "living_street"}))  # fmt: skip
BLOCK = Style(135.0, 30.0, 0.015, (200.0, 620.0), 0.85, 0.3)
VILLAGE = Style(66.0, 20.0, 0.075, (60.0, 330.0), 0.72, 0.62, ({"highway": "residential"}, {"highway": "residential"},
                {"highway": "unclassified"}, {"highway": "service"}))  # fmt: skip
HAMLET = Style(58.0, 22.0, 0.11, (50.0, 240.0), 0.6, 0.85, ({"highway": "residential"}, {"highway": "unclassified"},
               {"highway": "service"}))  # fmt: skip
FIELD = Style(330.0, 45.0, 0.09, (160.0, 900.0), 0.5, 0.45, ({"highway": "unclassified"}, {"highway": "residential"}))


def town_point(a: float, b: float) -> Point:
    """Return the plane point of town coordinates: metres along the turned and gently bent town grid."""
    bend = 70 * noise((a, b), 1500.0, 31), 70 * noise((a, b), 1500.0, 32)
    x, y = a + bend[0], b + bend[1]
    return (
        TOWN_CENTRE[0] + x * cos(TURN_RAD) - y * sin(TURN_RAD),
        TOWN_CENTRE[1] + x * sin(TURN_RAD) + y * cos(TURN_RAD),
    )


def _in_town(a: float, b: float, slack: float = 1.0) -> bool:
    wobble = 1 + 0.16 * noise((a, b), 1300.0, 33)
    return hypot(a / 2450.0, b / 2250.0) < wobble * slack


VOIDS = (
    (-1350.0, -1100.0, 210.0),
    (1400.0, -1150.0, 240.0),
    (-300.0, 650.0, 170.0),
    (820.0, 150.0, 150.0),
    (-1900.0, 150.0, 240.0),
    (250.0, -1750.0, 190.0),
    (-800.0, 1300.0, 200.0),
    (1750.0, 700.0, 210.0),
)


def inside_blocks(place: Point) -> bool:
    """Tell whether compounds may stand at a plane point: not in parks and works, thinner towards the edge."""
    x, y = place[0] - TOWN_CENTRE[0], place[1] - TOWN_CENTRE[1]
    a, b = x * cos(TURN_RAD) + y * sin(TURN_RAD), y * cos(TURN_RAD) - x * sin(TURN_RAD)
    open_ground = any(hypot(a - u, b - v) < r for u, v, r in VOIDS)
    dense = noise((a, b), 330.0, 35) > 0.9 * hypot(a / 2450.0, b / 2250.0) - 0.85
    return _in_town(a, b, 0.95) and dense and not open_ground


def inside_town(place: Point) -> bool:
    """Tell whether a plane point lies in the built-up county town."""
    x, y = place[0] - TOWN_CENTRE[0], place[1] - TOWN_CENTRE[1]
    return _in_town(x * cos(TURN_RAD) + y * sin(TURN_RAD), y * cos(TURN_RAD) - x * sin(TURN_RAD))


def build_town_streets(world: World) -> None:
    """Add the town's main streets with missing pieces, then the ring."""
    rng = world.rng("town")
    for index, a in enumerate(COLUMNS):
        tags = {"highway": "secondary" if index in {1, 4, 6} else "tertiary"}
        _town_line(world, [(a, b) for b in _fine(ROWS)], tags, rng.random)
    for index, b in enumerate(ROWS):
        tags = {"highway": "secondary" if index in {2, 4} else "tertiary"}
        _town_line(world, [(a, b) for a in _fine(COLUMNS)], tags, rng.random)
    ring = [_ring_point(tau * k / 200) for k in range(201)]
    for low, high in ((4, 62), (62, 128), (128, 196)):
        tags = {"highway": "secondary", "name": "环城路"}
        _town_line(world, ring[low : high + 1], tags, lambda: 0.3, limit=1.6)


def _ring_point(angle: float) -> Point:
    """Return a point of the ring road in town coordinates: an ellipse with flattened sides."""
    c, s = cos(angle), sin(angle)
    a, b = 2230.0 * copysign(abs(c) ** 0.72, c), 2040.0 * copysign(abs(s) ** 0.72, s)
    swell = 1 + 0.13 * noise((a, b), 1300.0, 33)
    return a * swell, b * swell


def _fine(stops: tuple[float, ...]) -> list[float]:
    low, high = stops[0] - 350.0, stops[-1] + 350.0
    count = round((high - low) / FINE)
    return [low + (high - low) * k / count for k in range(count + 1)]


def _town_line(
    world: World, line: list[Point], tags: dict[str, str], draw: Callable[[], float], *, limit: float = 0.95
) -> None:
    """Add one main street, with pieces left out at random and most ends at the water."""
    run: list[Point] = []
    for (p, q), keep in zip(pairwise(line), _kept(world, line, draw, limit), strict=True):
        if keep:
            run = run or [town_point(*p)]
            run.append(town_point(*q))
        else:
            _flush(world, run, tags)
            run = []
    _flush(world, run, tags)


def _kept(world: World, line: list[Point], draw: Callable[[], float], limit: float) -> list[bool]:
    """Return which pieces of a main street exist; a bridge is built whole or not at all."""
    skip = 0
    keep, bridge = [], {}
    for i, (p, q) in enumerate(pairwise(line)):
        here, there = town_point(*p), town_point(*q)
        blocked = bool(world.net.hits(here, there, ("fastramp", "ramp", "lake")))
        if skip == 0 and draw() < MISSING_SHARE:
            skip = round(4 + 5 * draw())
        if world.net.hits(here, there, ("water",)):
            bridge[i] = draw() < BRIDGED_SHARE
        keep.append(_in_town(*p, limit) and not blocked and skip == 0)
        skip = max(0, skip - 1)
    for i, built in bridge.items():
        whole = built and all(keep[k] for k in range(max(0, i - 2), min(len(keep), i + 3)))
        for k in range(max(0, i - 1), min(len(keep), i + 2)):
            keep[k] = whole
    return keep


def _flush(world: World, run: list[Point], tags: dict[str, str]) -> None:
    if len(run) > 4:
        world.net.add_street(list(run), dict(tags))


def fill_town(world: World) -> None:
    """Grow residential streets into the blocks, then the ways of the compounds."""
    net = world.net
    for name, style, limit in (("blocks", BLOCK, 420), ("compounds", COMPOUND, 1250)):
        rng = world.rng(name)
        seeds = []
        for line in list(net.lines):
            if line.group == STREET:
                nodes = [n for n in line.nodes if inside_town(net.places[n])]
                seeds += side_seeds(net, nodes, style, rng=rng, depth=0)
        rng.shuffle(seeds)
        inside = inside_town if style is BLOCK else inside_blocks
        grow(net, seeds, style, inside=inside, rng=rng, limit=limit)


def fill_settlements(world: World) -> None:
    """Grow the webs of the townships and villages."""
    for s in SETTLEMENTS:
        limit = round(s.radius_m * s.radius_m / (2500.0 if s.seat else 2300.0))
        fill_web(world, (s.x, s.y), radius_m=s.radius_m, style=VILLAGE, limit=limit)


def fill_web(world: World, centre: Point, *, radius_m: float, style: Style, limit: int) -> None:
    """Grow a web of streets around a point from the roads that pass there."""
    net = world.net
    rng = world.rng(f"web-{centre[0]:.0f}-{centre[1]:.0f}")

    def inside(p: Point) -> bool:
        gap = distance(p, centre)
        return gap < 1.35 * radius_m and gap < radius_m * (1 + 0.35 * noise(p, radius_m * 0.8, 41))

    seeds = []
    for line in list(net.lines):
        if line.group == STREET and line.tags["highway"] not in {"trunk", "service"}:
            nodes = [n for n in line.nodes if inside(net.places[n])]
            seeds += side_seeds(net, nodes, style, rng=rng, depth=0)
    seeds.sort(key=lambda s: (round(distance(net.places[s.node], centre), 2), s))
    grow(net, seeds, style, inside=inside, rng=rng, limit=limit)


def hamlet_places(world: World) -> list[Point]:
    """Return about ninety open places for hamlets, away from towns, main lines and water."""
    rng = world.rng("hamlets")
    found: list[Point] = []
    while len(found) < 88:
        p = (rng.uniform(900, WIDTH_M - 900), rng.uniform(900, HEIGHT_M - 900))
        far = all(distance(p, (s.x, s.y)) > s.radius_m + 520 for s in SETTLEMENTS)
        clear = world.net.nearest(p, 330.0, ("main", "ramp", "water", "lake", "fast")) is None
        open_ground = distance(p, TOWN_CENTRE) > 3100 and distance(p, LAKE_CENTRE) > 1700
        if far and clear and open_ground and all(distance(p, q) > 880 for q in found):
            found.append((round(p[0], 1), round(p[1], 1)))
    return found


def fill_hamlets(world: World, places: list[Point]) -> None:
    """Grow the hamlets, then field roads in open country."""
    rng = world.rng("hamlet-sizes")
    for p in places:
        fill_web(world, p, radius_m=rng.uniform(120.0, 300.0), style=HAMLET, limit=rng.randint(12, 46))
    seeds = []
    net = world.net
    for line in list(net.lines):
        if line.group == STREET and line.tags["highway"] in {"tertiary", "unclassified", "secondary"}:
            seeds += side_seeds(net, line.nodes, FIELD, rng=rng, depth=0)
    rng.shuffle(seeds)
    grow(net, seeds, FIELD, inside=_in_open_country, rng=rng, limit=620)


def _in_open_country(p: Point) -> bool:
    return 600 < p[0] < WIDTH_M - 600 and 600 < p[1] < HEIGHT_M - 600 and not inside_town(p)


def lakeside_loop() -> list[Point]:
    """Return a closed path around the lake for its shore road."""
    ring = []
    for x, y in lake_shore()[::3]:
        d = distance((x, y), LAKE_CENTRE)
        ring.append(
            (
                LAKE_CENTRE[0] + (x - LAKE_CENTRE[0]) * (d + 130) / d,
                LAKE_CENTRE[1] + (y - LAKE_CENTRE[1]) * (d + 130) / d,
            )
        )
    return spline(ring, 60.0, closed=True)
