"""The county town, the townships and the hamlets."""

from __future__ import annotations

from math import cos, hypot, sin
from typing import TYPE_CHECKING

from data.demo.curves import Point, distance, spline
from data.demo.growth import Style, grow, side_seeds
from data.demo.net import STREET
from data.demo.terrain import HEIGHT_M, SETTLEMENTS, TOWN_CENTRE, WIDTH_M, noise

if TYPE_CHECKING:
    from collections.abc import Callable

    from data.demo.world import World

TURN_RAD = 0.14
COLUMNS = (-2250.0, -1640.0, -1090.0, -520.0, 560.0, 1120.0, 1690.0, 2280.0)
ROWS = (-2050.0, -1420.0, -800.0, 420.0, 980.0, 1500.0, 2060.0)
FINE = 70.0

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


def _fine(stops: tuple[float, ...]) -> list[float]:
    low, high = stops[0] - 350.0, stops[-1] + 350.0
    count = round((high - low) / FINE)
    return [low + (high - low) * k / count for k in range(count + 1)]


def _town_line(world: World, line: list[Point], tags: dict[str, str], draw: Callable[[], float]) -> None:
    """Add one main street, with pieces left out at random and most ends at the water."""
    run: list[Point] = []
    skip = 0
    for p, q in zip(line, line[1:], strict=False):
        here, there = town_point(*p), town_point(*q)
        wet = bool(world.net.hits(here, there, ("water",)))
        blocked = bool(world.net.hits(here, there, ("fastramp", "ramp", "lake")))
        if skip == 0 and draw() < 0.022:  # noqa: PLR2004 - share of missing links
            skip = round(4 + 5 * draw())
        keep = _in_town(*p, 0.97) and not blocked and skip == 0 and (not wet or draw() < 0.5)  # noqa: PLR2004
        skip = max(0, skip - 1)
        if keep:
            run = run or [here]
            run.append(there)
        else:
            _flush(world, run, tags)
            run = []
    _flush(world, run, tags)


def _flush(world: World, run: list[Point], tags: dict[str, str]) -> None:
    if len(run) > 4:  # noqa: PLR2004 - shorter pieces look torn
        world.net.add_street(list(run), dict(tags))


def fill_town(world: World) -> None:
    """Grow residential streets into the blocks, then the ways of the compounds."""
    net = world.net
    for name, style, limit in (("blocks", BLOCK, 420), ("compounds", COMPOUND, 1650)):
        rng = world.rng(name)
        seeds = []
        for line in list(net.lines):
            if line.group == STREET:
                nodes = [n for n in line.nodes if inside_town(net.places[n])]
                seeds += side_seeds(net, nodes, style, rng=rng, depth=0)
        rng.shuffle(seeds)
        grow(net, seeds, style, inside=inside_town, rng=rng, limit=limit)


def fill_settlements(world: World) -> None:
    """Grow the webs of the townships and villages."""
    for s in SETTLEMENTS:
        limit = round(s.radius_m * s.radius_m / (2500.0 if s.seat else 2300.0))
        fill_web(world, (s.x, s.y), s.radius_m, VILLAGE, limit)


def fill_web(world: World, centre: Point, radius_m: float, style: Style, limit: int) -> None:
    """Grow a web of streets around a point from the roads that pass there."""
    net = world.net
    rng = world.rng(f"web-{centre[0]:.0f}-{centre[1]:.0f}")

    def inside(p: Point) -> bool:
        reach = radius_m * (1 + 0.35 * noise(p, radius_m * 0.8, 41))
        return distance(p, centre) < reach

    seeds = []
    for line in list(net.lines):
        if line.group == STREET and line.tags["highway"] not in {"trunk", "service"}:
            nodes = [n for n in line.nodes if inside(net.places[n])]
            seeds += side_seeds(net, nodes, style, rng=rng, depth=0)
    seeds.sort(key=lambda s: (round(distance(net.places[s.node], centre), 2), s))
    grow(net, seeds, style, inside=inside, rng=rng, limit=limit)


def hamlet_places(world: World) -> list[Point]:
    """Return about sixty open places for hamlets, away from towns, main lines and water."""
    rng = world.rng("hamlets")
    found: list[Point] = []
    while len(found) < 66:  # noqa: PLR2004
        p = (rng.uniform(900, WIDTH_M - 900), rng.uniform(900, HEIGHT_M - 900))
        far = all(distance(p, (s.x, s.y)) > s.radius_m + 520 for s in SETTLEMENTS)
        clear = world.net.nearest(p, 330.0, ("main", "ramp", "water", "lake", "fast")) is None
        open_ground = distance(p, TOWN_CENTRE) > 3100 and distance(p, (22600.0, 12300.0)) > 1700  # noqa: PLR2004
        if far and clear and open_ground and all(distance(p, q) > 950 for q in found):  # noqa: PLR2004
            found.append((round(p[0], 1), round(p[1], 1)))
    return found


def fill_hamlets(world: World, places: list[Point]) -> None:
    """Grow the hamlets, then field roads in open country."""
    rng = world.rng("hamlet-sizes")
    for p in places:
        fill_web(world, p, rng.uniform(120.0, 300.0), HAMLET, rng.randint(12, 46))
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
    from data.demo.terrain import LAKE_CENTRE, lake_shore

    ring = []
    for x, y in lake_shore()[::3]:
        d = distance((x, y), LAKE_CENTRE)
        ring.append((LAKE_CENTRE[0] + (x - LAKE_CENTRE[0]) * (d + 130) / d, LAKE_CENTRE[1] + (y - LAKE_CENTRE[1]) * (d + 130) / d))
    return spline(ring, 60.0, closed=True)
