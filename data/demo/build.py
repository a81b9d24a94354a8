"""Builds the district step by step; the order matters, since later streets respect what stands already."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING

from data.demo import boundaries, country, crossings, details, roads, tagging, towns
from data.demo.curves import Curve, spline
from data.demo.expressways import G98, NAME_G98, NAME_S101, S101, MainLine, motorway_tags
from data.demo.interchanges import Site, build_cloverleaf, build_half_cloverleaf, build_trumpet
from data.demo.service_area import build_service_area
from data.demo.stations import (
    add_gantries,
    build_border_remains,
    build_main_line_station,
    build_plaza,
    tag_booth,
)
from data.demo.terrain import lake_shore, river_curve
from data.demo.world import StationNote, World

if TYPE_CHECKING:
    from data.demo.boundaries import Relation

SEED = 20261125


def build_district(seed: int = SEED) -> tuple[World, list[Relation]]:
    """Return the finished district and its boundary relations."""
    world = World(seed)
    add_water(world)
    g98, s101 = main_lines(world)
    roads.build_backbone(world)
    build_junctions(world, g98, s101)
    fast = roads.build_fast_road(world)
    roads.build_diamond(world, fast, (8905.0, 7200.0))
    back = build_service_area(world, g98, world.spots["service_area"][0])
    trunk = finish_main_lines(world, g98, s101)
    fast.build(world)
    trunk.build(world)
    towns.build_town_streets(world)
    roads.connect_stations(world)
    world.net.add_street(towns.lakeside_loop(), {"highway": "tertiary", "name": "环湖路"})
    hamlets = towns.hamlet_places(world)
    pairs, tags = country.place_pairs(world, hamlets)
    country.link_places(world, pairs, tags)
    details.build_gate_road(world, back)
    towns.fill_town(world)
    towns.fill_settlements(world)
    towns.fill_hamlets(world, hamlets)
    for key in world.curves:
        country.add_underpasses(world, world.curves[key])
    details.add_islands(world)
    crossings.separate_levels(world)
    tagging.tag_streets(world)
    details.add_details(world)
    details.add_doubtful(world)
    relations = boundaries.build_boundaries(world)
    return world, relations


def add_water(world: World) -> None:
    """Add the river and the lake."""
    net = world.net
    river = river_curve()
    count = round(river.length_m / 120.0)
    nodes = [net.node(river.point(river.length_m * k / count, 0.0)) for k in range(count + 1)]
    net.add(nodes, {"waterway": "river", "name": "岚溪河"}, "water")
    shore = [net.node(p) for p in lake_shore()]
    net.add([*shore, shore[0]], {"natural": "water", "water": "lake", "name": "澄湖"}, "lake")


def main_lines(world: World) -> tuple[MainLine, MainLine]:
    """Return the two expressways, not yet built, and note where they cross."""
    curve_g, curve_s = Curve(G98), Curve(S101)
    world.curves = {"G98": curve_g, "S101": curve_s}
    hub = curve_g.meet(curve_s)
    g98 = MainLine(curve_g, motorway_tags(NAME_G98, lambda u: "G98;S17" if u > hub[0] else "G98", world), label="G98")
    s101 = MainLine(curve_s, motorway_tags(NAME_S101, lambda _u: "S101", world), label="S101")
    for direction in (1, -1):
        g98.attach(world, direction, hub[0])
    world.spots["hub"] = hub
    return g98, s101


def build_junctions(world: World, g98: MainLine, s101: MainLine) -> None:
    """Add every interchange and station of the expressways."""
    build_cloverleaf(world, (g98, s101), "云栖枢纽")
    _plaza_station(
        world,
        g98,
        ("meiwu", "梅坞收费站", ["梅坞收费站"]),
        near=(3700.0, 7300.0),
        lanes=(3, 3),
        mirrored=True,
        bare=frozenset({4}),
    )
    _plaza_station(
        world, g98, ("donggang", "东岗收费站", ["东岗收费站", "高速东岗收费站"]), near=(11600.0, 5500.0), lanes=(6, 4)
    )
    _plaza_station(
        world, g98, ("chenghu", "澄湖收费站", ["澄湖收费站"]), near=(24000.0, 9450.0), lanes=(3, 2), as_area=True
    )
    _bare_trumpet(world, s101)
    _ramp_booths(world, s101)
    u, _ = s101.curve.project((19030.0, 4700.0))
    main = _note(world, "landong", "岚东主线收费站", "main_line", 10, route="S101")
    build_main_line_station(world, s101, u, note=main, lanes=(5, 5))
    end = _note(world, "beiyuan", "北垣收费站", "ramp", 8, route="S101")
    build_main_line_station(world, s101, s101.curve.length_m - 560.0, note=end, lanes=(4, 4))
    end.seams = list(end.booths)
    roads.build_stub_ramps(world, s101, s101.curve.length_m)
    border = _note(world, "border", "岚西省界收费站", "border", 0, route="G98")
    border.names = []
    build_border_remains(world, g98, 1900.0, note=border)
    service, _ = g98.curve.project((16400.0, 7550.0))
    world.spots["service_area"] = (service, 0.0)
    add_gantries(world, g98, (6000.0, 14000.0, 18300.0, 22900.0))
    add_gantries(world, s101, (7300.0, 12200.0, 16600.0))


def _note(world: World, key: str, name: str, kind: str, lanes: int, *, route: str) -> StationNote:
    note = StationNote(key, name, kind, lanes, [name], route)
    world.stations.append(note)
    return note


def _plaza_station(
    world: World,
    main: MainLine,
    who: tuple[str, str, list[str]],
    *,
    near: tuple[float, float],
    lanes: tuple[int, int],
    mirrored: bool = False,
    bare: frozenset[int] = frozenset(),
    as_area: bool = False,
) -> None:
    u, _ = main.curve.project(near)
    site = Site(main, u, 1, mirrored)
    note = _note(world, who[0], who[1], "ramp", sum(lanes), route="G98")
    note.names = who[2]
    columns = build_trumpet(world, site, name=who[1].replace("收费站", "出口"))
    outer = build_plaza(world, site, columns, note=note, lanes=lanes, bare=bare, as_area=as_area)
    world.mark(f"{who[0]}_outer", outer)


def _bare_trumpet(world: World, s101: MainLine) -> None:
    """Add the station whose one booth is the node where its ramp meets the ordinary road."""
    u, _ = s101.curve.project((20100.0, 1300.0))
    site = Site(s101, u, -1, mirrored=False, scale=0.62)
    note = _note(world, "yantang", "砚塘收费站", "ramp", 2, route="S101")
    columns = build_trumpet(world, site, name="砚塘出口")
    net = world.net
    merge = net.node(site.place((0.0, 330.0 * 0.62 + 70.0)))
    net.add([columns[0], merge], {"highway": "motorway_link", "oneway": "yes"}, "ramp")
    net.add([merge, columns[1]], {"highway": "motorway_link", "oneway": "yes"}, "ramp")
    goal = net.anchor((21000.0, 2280.0), 400.0)
    places = [net.places[merge], site.place((0.0, 420.0)), net.places[goal]]
    inner = [net.node(p) for p in spline(places, 45.0)[1:-1]]
    net.add([merge, *inner, goal], {"highway": "motorway_link", "lanes": "2"}, "ramp")
    tag_booth(world, note, goal)
    note.seams = [goal]
    note.centre = net.places[goal]


def _ramp_booths(world: World, s101: MainLine) -> None:
    """Add the half cloverleaf whose booths stand on its one-way ramps."""
    u, _ = s101.curve.project((18480.0, 13590.0))
    note = _note(world, "liuting", "柳汀收费站", "ramp", 4, route="S101")

    def booth(_direction: int, leaving: bool) -> dict[str, str]:  # noqa: FBT001
        return {"barrier": "toll_booth", "name": "柳汀收费站", "at": "end" if leaving else "start"}

    note.booths = build_half_cloverleaf(world, s101, u, booth=booth)
    note.seams = list(note.booths)
    note.centre = s101.curve.point(u, 0.0)


def finish_main_lines(world: World, g98: MainLine, s101: MainLine) -> MainLine:
    """Add the main lines and return the trunk road that S101 turns into, not yet built."""
    end = s101.curve.length_m
    joints = {d: s101.attach(world, d, end) for d in (1, -1)}
    for node in joints.values():
        world.mark("s101_end", node)
    g98.build(world)
    s101.end_u = end
    s101.build(world)
    far = world.net.anchor((16020.0, 20700.0), 200.0)
    pose = s101.curve.pose(end)
    ahead = [(pose.x + d * cos(pose.heading), pose.y + d * sin(pose.heading)) for d in (0.0, 250.0, 700.0)]
    curve = Curve([*ahead, world.net.places[far]])

    def tags(_u: float) -> dict[str, str]:
        return {"highway": "trunk", "oneway": "yes", "ref": "G352", "name": "北岚线", "lanes": "2"}

    trunk = MainLine(curve, tags, group="fast", label="trunk_beyond_s101")
    last = round(curve.length_m, 1)
    trunk.end_u = last
    for direction in (1, -1):
        trunk.joints[direction] = {0.0: joints[direction], last: far}
    return trunk
