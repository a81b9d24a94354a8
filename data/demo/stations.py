"""Toll stations: plazas fanning out to lanes, main-line stations, the removed border station, gantries.

The frame of a plaza is that of its interchange: traffic leaving the expressway runs at u > 0, towards it at u < 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.demo.curves import Point
from data.demo.interchanges import COLUMN_M, FORK_V, link_tags

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.demo.expressways import MainLine
    from data.demo.interchanges import Site
    from data.demo.world import StationNote, World

LANE_M = 6.5
FAN_M, ISLAND_M, RUN_OFF_M = 75.0, 35.0, 85.0


def build_plaza(
    world: World,
    site: Site,
    columns: tuple[int, int],
    *,
    note: StationNote,
    lanes: tuple[int, int],
    bare: frozenset[int] = frozenset(),
    as_area: bool = False,
) -> int:
    """Add the plaza between the ramp columns and the connector.

    Parameters
    ----------
    columns
        Nodes of the trumpet: traffic leaving, traffic towards the expressway.
    lanes
        Number of lanes leaving and towards.
    bare
        Lanes (counted over both sides) whose booth nobody mapped.
    as_area
        Map the station as a building only, without booth nodes.

    Returns
    -------
    int
        The node where the connector begins.
    """
    v0 = FORK_V * site.scale + 70.0
    v1 = v0 + 2 * FAN_M + ISLAND_M + RUN_OFF_M
    net = world.net
    outer = net.node(site.place((0.0, v1 + 40.0)))
    booths: list[int] = []
    for sign, count, column in ((1, lanes[0], columns[0]), (-1, lanes[1], columns[1])):
        near = net.node(site.place((sign * COLUMN_M, v0)))
        far = net.node(site.place((sign * COLUMN_M, v1)))
        pair = [column, near] if sign > 0 else [near, column]
        net.add(pair, link_tags(world), "ramp", label=note.id)
        for lane in range(count):
            offset = sign * (4.0 + LANE_M * lane)
            booths.append(_lane(world, site, (near, far), (offset, v0, v1, sign), note.id))
        tail = [far, outer] if sign > 0 else [outer, far]
        net.add(tail, link_tags(world, lanes="2"), "ramp", label=note.id)
    _note_booths(world, note, booths, leaving=lanes[0], bare=bare, as_area=as_area)
    middle = v0 + FAN_M + ISLAND_M / 2
    right, left = 4.0 + LANE_M * lanes[0], -4.0 - LANE_M * lanes[1]
    corners = [(left, middle - 9), (right, middle - 9), (right, middle + 9), (left, middle + 9)]
    roof = {"building": "toll_booth", "name": note.name} if as_area else {"building": "roof"}
    if as_area:
        roof["barrier"] = "toll_booth"
    add_area(world, [site.place(c) for c in corners], roof, label=f"{note.id}-area")
    note.centre = site.place((0.0, middle))
    _yard(world, site, outer, (right + 14.0, v0 + FAN_M, v1))
    return outer


def _lane(world: World, site: Site, ends: tuple[int, int], run: tuple[float, float, float, int], label: str) -> int:
    offset, v0, v1, sign = run
    stops = (v0 + FAN_M * 0.8, v0 + FAN_M + ISLAND_M / 2, v1 - FAN_M * 0.8 - RUN_OFF_M * 0.5)
    inner = [world.net.node(site.place((offset, v))) for v in stops]
    nodes = [ends[0], *inner, ends[1]]
    tags = link_tags(world, lanes="1")
    tags.pop("maxspeed", None)
    world.net.add(nodes if sign > 0 else nodes[::-1], tags, "ramp", label=label)
    return inner[1]


def _note_booths(
    world: World,
    note: StationNote,
    lanes: list[int],
    *,
    leaving: int,
    bare: frozenset[int],
    as_area: bool,
) -> None:
    """Tag the booths and note the seams of every side whose lanes all carry one."""
    for index, node in enumerate(lanes):
        if as_area or index in bare:
            note.missing.append(node)
        else:
            tag_booth(world, note, node)
    if as_area:
        note.seams = list(note.missing)
    else:
        sides = (lanes[:leaving], lanes[leaving:])
        clear = [side for side in sides if not set(side) & set(note.missing)]
        note.seams = [n for side in clear for n in side]


def tag_booth(world: World, note: StationNote, node: int) -> None:
    """Make a node a toll booth of the station; the mappers' names alternate when there are two."""
    name = note.names[len(note.booths) % len(note.names)]
    world.net.tag(node, {"barrier": "toll_booth", "name": name})
    note.booths.append(node)


def _yard(world: World, site: Site, outer: int, reach: tuple[float, float, float]) -> None:
    """Add the station yard: a service road with parking beside the plaza, off the connector's head."""
    u, low, high = reach
    net = world.net
    corners = [(u + 20, high + 45), (u + 40, high - 10), (u + 45, low + 20), (u + 100, low + 20), (u + 100, high - 10)]
    nodes = [net.node(site.place(c)) for c in corners]
    net.add([outer, *nodes, nodes[1]], {"highway": "service"}, "yard")
    aisle = [net.node(site.place((u + 72, v))) for v in (low + 20, high - 10)]
    _insert(world, (nodes[2], nodes[3]), aisle[0])
    _insert(world, (nodes[4], nodes[1]), aisle[1])
    net.add(aisle, {"highway": "service", "service": "parking_aisle"}, "yard")


def _insert(world: World, ends: tuple[int, int], node: int) -> None:
    """Put a node between two neighbours of the newest yard line."""
    line = next(entry for entry in reversed(world.net.lines) if entry.group == "yard" and ends[0] in entry.nodes)
    at = next(i for i in range(len(line.nodes) - 1) if (line.nodes[i], line.nodes[i + 1]) == ends)
    line.nodes.insert(at + 1, node)


def add_area(world: World, corners: Sequence[Point], tags: dict[str, str], *, label: str = "") -> None:
    """Add a closed way."""
    nodes = [world.net.node(c) for c in corners]
    world.net.add([*nodes, nodes[0]], tags, "area", label=label)


def build_main_line_station(
    world: World,
    main: MainLine,
    u: float,
    *,
    note: StationNote,
    lanes: tuple[int, int],
) -> None:
    """Widen both carriageways at `u` to lanes with a booth each; `lanes` are those of direction +1 and -1."""
    low, high = u - 170.0, u + 170.0
    for direction, count in ((1, lanes[0]), (-1, lanes[1])):
        first, last = main.attach(world, direction, low), main.attach(world, direction, high)
        main.fans.append((direction, low, high))
        for lane in range(count):
            offset = -direction * (main.half_m - 7.0 + LANE_M * lane)
            stops = (u - 60.0, u, u + 60.0)
            inner = [world.net.node(main.curve.point(at, offset)) for at in stops]
            nodes = [first, *inner, last]
            tags = main.tags(u)
            tags.pop("maxspeed", None)
            tags["lanes"] = "1"
            world.net.add(nodes if direction > 0 else nodes[::-1], tags, main.group, label=note.id)
            tag_booth(world, note, inner[1])
    width = main.half_m + LANE_M * max(lanes)
    corners = [(u - 10, -width), (u + 10, -width), (u + 10, width), (u - 10, width)]
    add_area(world, [main.curve.point(*c) for c in corners], {"building": "roof", "name": note.name})
    note.centre = main.curve.point(u, 0.0)
    _side_yard(world, main, u, width)


def _side_yard(world: World, main: MainLine, u: float, width: float) -> None:
    """Add the office yard beside a main-line station, entered and left along the carriageway of direction +1."""
    net = world.net
    first, last = main.attach(world, 1, u + 170.0), main.attach(world, 1, u + 250.0)
    place = main.curve.point
    stops = [(u + 182, -30.0), (u + 190, -width - 25), (u + 232, -width - 25), (u + 240, -30.0)]
    inner = [net.node(place(a, v)) for a, v in stops]
    net.add([first, *inner, last], {"highway": "service", "oneway": "yes"}, "yard")
    aisle = [net.node(place(a, v)) for a, v in ((u + 190, -width - 60), (u + 232, -width - 60))]
    net.add([inner[1], *aisle, inner[2]], {"highway": "service", "service": "parking_aisle"}, "yard")


def build_border_remains(world: World, main: MainLine, u: float, *, note: StationNote) -> None:
    """Add the removed provincial border station: a building over the lanes and a widened main line."""
    width = main.half_m + 22.0
    corners = [(u - 11, -width), (u + 11, -width), (u + 11, width), (u - 11, width)]
    tags = {"building": "yes", "disused:barrier": "toll_booth", "old_name": note.name, "note": "省界站已撤除"}
    add_area(world, [main.curve.point(*c) for c in corners], tags, label=f"{note.id}-area")
    note.centre = main.curve.point(u, 0.0)
    for direction in (1, -1):
        first, last = main.attach(world, direction, u - 150.0), main.attach(world, direction, u + 150.0)
        offset = -direction * (main.half_m + 14.0)
        inner = [world.net.node(main.curve.point(a, offset)) for a in (u - 70.0, u + 70.0)]
        nodes = [first, *inner, last]
        tags = {"highway": "service", "oneway": "yes"}
        world.net.add(nodes if direction > 0 else nodes[::-1], tags, "yard")


def add_gantries(world: World, main: MainLine, us: Sequence[float]) -> None:
    """Put a toll gantry over both carriageways at each of `us`."""
    for u in us:
        for direction in (1, -1):
            node = main.attach(world, direction, u)
            world.net.tag(node, {"highway": "toll_gantry"})
            world.mark("gantries", node)
