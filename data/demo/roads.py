"""The ordinary main roads drawn by hand: national, provincial and county roads, connectors, the urban fast road."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING, NamedTuple

from data.demo.curves import Curve, Point, bezier, distance, spline
from data.demo.expressways import MainLine
from data.demo.terrain import wind

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from data.demo.world import World

FAST_NAME = "环南快速路"


class Trunk(NamedTuple):
    """A hand-drawn road: class, number, name and control points in metres."""

    highway: str
    ref: str
    name: str
    control: tuple[Point, ...]


BACKBONE = (
    Trunk(
        "trunk",
        "G389",
        "澜岚线",
        (
            (-600, 10400),
            (1900, 11000),
            (3300, 9900),
            (4300, 9650),
            (6100, 9750),
            (7600, 9850),
            (9000, 9650),
            (10500, 9480),
            (11600, 9150),
            (12900, 9200),
            (14600, 9500),
            (15900, 9150),
            (17400, 10000),
            (19350, 11350),
            (20900, 11050),
            (22400, 10650),
            (24000, 11050),
            (25600, 12100),
            (27600, 12700),
        ),
    ),
    Trunk(
        "primary",
        "S261",
        "岚竹线",
        (
            (7700, -600),
            (8300, 1500),
            (8250, 3300),
            (8500, 4700),
            (8750, 5900),
            (8900, 7100),
            (8930, 8200),
            (9000, 9650),
            (9150, 11200),
            (9150, 12500),
            (8700, 14300),
            (8450, 16900),
            (9300, 18800),
            (9100, 20400),
            (9700, 22200),
        ),
    ),
    Trunk(
        "primary",
        "S278",
        "柳茶线",
        (
            (9100, 11600),
            (10800, 11500),
            (12400, 12300),
            (13900, 13000),
            (15600, 12700),
            (16900, 12900),
            (18400, 13560),
            (20000, 14200),
            (22200, 15450),
            (24600, 15100),
            (27600, 16000),
        ),
    ),
    Trunk(
        "secondary",
        "X106",
        "梅荻线",
        (
            (4300, 9650),
            (4700, 8600),
            (5900, 7700),
            (5950, 6700),
            (5000, 5400),
            (4800, 4300),
            (6500, 3500),
            (8250, 3300),
            (10200, 3900),
            (12400, 4300),
            (14700, 4500),
            (16400, 5200),
            (17900, 5600),
            (18400, 6500),
            (19100, 6950),
            (19900, 7200),
            (21500, 6600),
            (23300, 7000),
            (25100, 6500),
            (27600, 6600),
        ),
    ),
    Trunk(
        "secondary",
        "X121",
        "北柳线",
        (
            (16900, 12900),
            (16300, 14300),
            (16100, 15700),
            (17200, 16050),
            (18300, 16800),
            (18900, 17600),
            (17800, 18400),
            (16950, 19350),
            (16020, 20700),
        ),
    ),
    Trunk(
        "secondary",
        "X113",
        "松稻线",
        ((1900, 11000), (1700, 12900), (2700, 14700), (3900, 16700), (6300, 17300), (8450, 16900)),
    ),
    Trunk(
        "secondary",
        "X118",
        "砚白线",
        (
            (17900, 5600),
            (17700, 3700),
            (18300, 2500),
            (19950, 2250),
            (21300, 2300),
            (22600, 3600),
            (22900, 5400),
            (23300, 7000),
            (23000, 8500),
            (22600, 9350),
            (22400, 10650),
        ),
    ),
    Trunk(
        "tertiary", "Y215", "垣埠路", ((16020, 20700), (15500, 19600), (15250, 18300), (15700, 16900), (16100, 15700))
    ),
)
NATIONAL_NORTH = ((16020.0, 20700.0), (15800.0, 21500.0), (15500.0, 22300.0))


def build_backbone(world: World) -> None:
    """Add the hand-drawn roads, joined where they meet, with a new way every few kilometres."""
    rng = world.rng("backbone")
    for road in BACKBONE:
        path = [wind(p) for p in spline([wind_back(p) for p in road.control], 70.0)]
        add_long_road(world, [*path], _ordinary_tags(road), rng=rng)
    path = [wind(p) for p in spline([wind_back(p) for p in NATIONAL_NORTH], 80.0)]
    add_long_road(world, path, {"highway": "trunk", "ref": "G352", "name": "北岚线"}, rng=rng)


def wind_back(place: Point) -> Point:
    """Return the point that `wind` moves to about `place`, so that control points stay where they are."""
    guess = place
    for _ in range(4):
        moved = wind(guess)
        guess = (guess[0] + place[0] - moved[0], guess[1] + place[1] - moved[1])
    return guess


def _ordinary_tags(road: Trunk) -> dict[str, str]:
    return {"highway": road.highway, "ref": road.ref, "name": road.name}


def add_long_road(world: World, path: list[Point], tags: dict[str, str], *, rng: Random) -> None:
    """Add a road as ways of 1 to 3 km; the ends join a street within 60 m."""
    stops: list[int | Point] = list(path)
    for end in (0, -1):
        near = world.net.nearest(path[end], 60.0, ("street",))
        if near is not None:
            stops[end] = world.net.cut(near.edge, near.point)
    while stops:
        size = rng.randint(14, 40)
        rest = len(stops) - size
        piece = stops if rest < 12 else stops[: size + 1]
        line = world.net.add_street(piece, tags)
        stops = [] if rest < 12 else [line.nodes[-1], *stops[size + 1 :]]


def _connect(world: World, start: int, waypoints: list[Point], tags: dict[str, str]) -> None:
    """Add a road from a node through waypoints to the street nearest to the last of them."""
    goal = world.net.anchor(waypoints[-1], 250.0)
    places = [world.net.places[start], *waypoints[:-1], world.net.places[goal]]
    inner = spline(places, 55.0)[1:-1]
    world.net.add_street([start, *inner, goal], tags)


def build_fast_road(world: World) -> MainLine:
    """Add the urban fast road: two carriageways, grade separated, that begin and end on the national road."""
    west = world.net.anchor((6000.0, 9760.0), 200.0)
    east = world.net.anchor((12350.0, 9150.0), 300.0)
    places = world.net.places
    control = [
        places[west],
        (6250.0, 8700.0),
        (7300.0, 7650.0),
        (8900.0, 7250.0),
        (10400.0, 7250.0),
        (11600.0, 7900.0),
        places[east],
    ]
    main = MainLine(Curve(control), _fast_tags(world), half_m=9.0, group="fast", label="fast_road")
    end = round(main.curve.length_m, 1)
    main.end_u = end
    for direction in (1, -1):
        main.joints[direction] = {0.0: west, end: east}
    return main


def _fast_tags(world: World) -> Callable[[float], dict[str, str]]:
    rng = world.rng("fast")

    def tags(_u: float) -> dict[str, str]:
        result = {"highway": "trunk", "oneway": "yes", "name": FAST_NAME, "lanes": "3"}
        if rng.random() < 0.5:
            result["maxspeed"] = "80"
        return result

    return tags


def build_diamond(world: World, main: MainLine, cross: Point) -> None:
    """Add the four ramps between the fast road and the street that crosses it near `cross`."""
    u, _ = main.curve.project(cross)
    for direction in (1, -1):
        for leaving in (True, False):
            along = -1.0 if leaving else 1.0
            far = main.attach(world, direction, u + direction * along * 330.0)
            side = -direction
            foot = world.net.anchor(main.curve.point(u + direction * along * 12.0, side * 75.0), 90.0)
            inner = [
                main.curve.point(u + direction * along * a, side * v)
                for a, v in ((270.0, 17.0), (200.0, 25.0), (120.0, 33.0), (60.0, 43.0), (28.0, 58.0))
            ]
            nodes = [far, *(world.net.node(p) for p in inner), foot]
            tags = {"highway": "trunk_link", "oneway": "yes"}
            world.net.add(nodes if leaving else nodes[::-1], tags, "fastramp", label="fast_road_ramp")


def build_stub_ramps(world: World, main: MainLine, end_u: float) -> None:
    """Add the two ramps that join the last metres of an expressway beyond its booths to county roads."""
    for direction, back, goal, leaving in (
        (1, 255.0, (17000.0, 19280.0), True),
        (-1, 340.0, (15560.0, 19700.0), False),
    ):
        joint = main.attach(world, direction, end_u - back)
        foot = world.net.anchor(goal, 400.0)
        place = world.net.places[foot]
        turned = main.pose(direction, end_u - back).heading + (-0.06 if leaving else 0.06)
        sense = 1.0 if leaving else -1.0
        start = world.net.places[joint]
        far = distance(start, place)
        eased = (start[0] + sense * 0.6 * far * cos(turned), start[1] + sense * 0.6 * far * sin(turned))
        late = (place[0] + 0.35 * (eased[0] - place[0]), place[1] + 0.35 * (eased[1] - place[1]))
        path = bezier((start, eased, late, place), 40.0)
        nodes = [joint, *(world.net.node(p) for p in path[1:-1]), foot]
        tags = {"highway": "motorway_link", "oneway": "yes"}
        world.net.add(nodes if leaving else nodes[::-1], tags, "ramp", label="stub_ramp")


CONNECTORS = (
    ("meiwu_outer", "secondary", "梅坞连接线", ((3900.0, 8350.0), (4640.0, 8720.0))),
    ("donggang_outer", "primary", "东岗连接线", ((11750.0, 6900.0), (12500.0, 8000.0), (12900.0, 9200.0))),
    ("chenghu_outer", "secondary", "澄湖连接线", ((23900.0, 10550.0), (24000.0, 11050.0))),
)


def connect_stations(world: World) -> None:
    """Add the connectors between the plazas and the road network."""
    for mark, highway, name, waypoints in CONNECTORS:
        (outer,) = world.marks[mark]
        _connect(world, outer, list(waypoints), {"highway": highway, "name": name})
