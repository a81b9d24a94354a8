"""What the brigades do in the district: inspection targets, last year's cases, open disputes."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from data.demo.curves import distance
from data.demo.net import STREET
from data.demo.tables import CATEGORIES, Row, Table, degrees
from data.demo.terrain import to_lonlat

if TYPE_CHECKING:
    from random import Random

    from data.demo.curves import Point
    from data.demo.net import Line
    from data.demo.world import World

APART_M = 400.0
WINDOWS = ("", "", "", "09:00-11:30", "14:00-17:00", "08:30-12:00")
LOCAL_SPOTS = (
    ("control_zone", "G389稻香段建筑控制区", (2300.0, 10700.0)),
    ("control_zone", "G389东岗段建筑控制区", (13900.0, 9350.0)),
    ("control_zone", "G389澄湖段建筑控制区", (21800.0, 10800.0)),
    ("control_zone", "S261竹篁段建筑控制区", (8300.0, 2000.0)),
    ("control_zone", "S261石埠段建筑控制区", (8500.0, 16200.0)),
    ("control_zone", "S278沙洲段建筑控制区", (13900.0, 13000.0)),
    ("control_zone", "S278茶亭段建筑控制区", (23300.0, 15300.0)),
    ("control_zone", "X106鹤鸣段建筑控制区", (11500.0, 4200.0)),
    ("land", "X121柳汀北公路用地", (16200.0, 14800.0)),
    ("land", "X118砚塘公路用地", (22700.0, 4200.0)),
    ("land", "X113松涧公路用地", (3200.0, 15600.0)),
    ("land", "G389梅坞公路用地", (3500.0, 9850.0)),
    ("land", "S261北段公路用地", (9200.0, 19600.0)),
    ("land", "X106白蘋公路用地", (24800.0, 6600.0)),
    ("control_zone", "北岚线起点建筑控制区", (16020.0, 20700.0)),
    ("land", "环湖路公路用地", (21600.0, 13200.0)),
)


def targets(world: World) -> Table:
    """Return the inspection targets, each on a road."""
    head = ("id", "lon", "lat", "service_min", "kind", "window", "visits_per_week", "agency", "name")
    rng = world.rng("targets")
    found: list[tuple[str, str, Point, str]] = []
    for note in world.stations:
        if note.kind != "border":
            agency = "exp1" if note.route == "G98" else "exp2"
            found.append(("plaza", f"{note.name}收费广场", _on(world, note.centre, ("ramp", "main")), agency))
    for name in ("梅坞连接线", "东岗连接线", "澄湖连接线"):
        line = next(entry for entry in world.net.lines if entry.tags.get("name") == name)
        found.append(("connector", name, world.net.places[line.nodes[len(line.nodes) // 2]], "joint"))
    found += _under_bridges(world)
    found += [(kind, name, _on(world, p, (STREET,)), "local") for kind, name, p in LOCAL_SPOTS]
    found += _visible(world)
    gate = world.net.places[world.marks["back_gate"][0]]
    found.append(("land", "云栖服务区后门", gate, "joint"))
    found.append(("land", "岚西超限检测站", _on(world, world.spots["weigh_station"], (STREET, "yard")), ""))
    rows: list[Row] = []
    for kind, name, place, agency in found:
        minutes = {"plaza": 25, "connector": 20, "under_bridge": 15}.get(kind, 12) + rng.choice((0, 0, 5, 10))
        visits = {"plaza": 3, "connector": 2, "under_bridge": 2}.get(kind, 1)
        cells = (str(minutes), kind, rng.choice(WINDOWS), str(visits), agency, name)
        rows.append((f"T{len(rows) + 1:02d}", *degrees(place), *cells))
    return head, rows


def _on(world: World, place: Point, groups: tuple[str, ...]) -> Point:
    near = world.net.nearest(place, 600.0, groups)
    if near is None:
        raise ValueError(f"no road near {place}")
    return near.point


def _under_bridges(world: World) -> list[tuple[str, str, Point, str]]:
    """Return ordinary roads that pass under an expressway bridge, both expressways in turn."""
    found: dict[str, list[Point]] = {"G98": [], "S101": []}
    net = world.net
    for line in net.lines:
        passage = line.group == STREET and line.tags.get("layer") == "-1"
        if not passage and (line.label not in found or "bridge" not in line.tags):
            continue
        for a, b in pairwise(line.nodes):
            for hit in net.hits(net.places[a], net.places[b], ("main",) if passage else (STREET,)):
                route = net.lines[hit.edge.line].label if passage else line.label
                spots = found[route]
                if all(distance(hit.point, s) > APART_M for s in spots):
                    spots.append(hit.point)
    rows = []
    for route, agency in (("G98", "exp1"), ("S101", "exp2")):
        for i, place in enumerate(sorted(found[route])[:5]):
            rows.append(("under_bridge", f"{route}桥下空间{i + 1}", place, "joint" if i % 2 == 0 else agency))
    return rows


def _visible(world: World) -> list[tuple[str, str, Point, str]]:
    """Return places on ordinary roads from which the expressway is seen at 60 to 160 m."""
    rows: list[tuple[str, str, Point, str]] = []
    for route, us in (("G98", (7200.0, 13100.0, 19300.0, 25500.0)), ("S101", (4000.0, 11800.0, 16800.0))):
        curve = world.curves[route]
        for u in us:
            near = world.net.nearest(curve.point(u, 0.0), 900.0, (STREET,))
            if near is not None:
                rows.append(("visible_range", f"{route}可视范围{len(rows) + 1}", near.point, "joint"))
    return rows


def cases(world: World) -> Table:
    """Return last year's cases along the main roads; places carry the error of a hand-held receiver."""
    head = ("id", "date", "lon", "lat", "category", "route", "handled_by")
    rng = world.rng("cases")
    weights = {"motorway": 3.0, "trunk": 2.4, "primary": 2.0, "secondary": 1.4, "motorway_link": 1.6, "tertiary": 0.5}
    lines = [line for line in world.net.lines if line.tags.get("highway") in weights]
    share = [weights[line.tags["highway"]] * len(line.nodes) for line in lines]
    made = []
    for _ in range(150):
        line = rng.choices(lines, share)[0]
        made.append((date(2025, 1, 1) + timedelta(days=rng.randrange(365)), line, rng.random()))
    rows: list[Row] = []
    for day, line, _ in sorted(made, key=lambda m: (m[0], m[2])):
        node = world.net.places[rng.choice(line.nodes)]
        place = (node[0] + rng.gauss(0, 5.0), node[1] + rng.gauss(0, 5.0))
        route = line.tags.get("ref", line.tags.get("name", "匝道"))
        cells = (rng.choice(CATEGORIES), route, _handler(line, rng))
        rows.append((f"2025-{len(rows) + 1:03d}", day.isoformat(), *degrees(place), *cells))
    return head, rows


def _handler(line: Line, rng: Random) -> str:
    """Return who dealt with a case; on ramps practice has been mixed."""
    if line.group == "ramp":
        return rng.choice(("local", "exp1", "exp2"))
    if line.group == "main":
        return "exp2" if line.label == "S101" else "exp1"
    return "local"


def disputes(world: World) -> list[dict[str, Any]]:
    """Return the two open disputes with both positions."""
    note = next(s for s in world.stations if s.id == "donggang")
    (outer,) = world.marks["donggang_outer"]
    end = next(s for s in world.stations if s.id == "beiyuan")
    return [
        {
            "id": "D-2026-01",
            "title": "东岗收费站广场与连接线的管辖",
            "opened": "2026-09-14",
            "station": "donggang",
            "road": {"name": "东岗连接线", **_lonlat(world.net.places[outer])},
            "positions": {
                "local": {"text": "收费岛以外的广场及匝道由高速大队管到广场外缘。", "convention": "plaza_outer_edge"},
                "expressway": {
                    "text": "高速管辖止于收费岛，广场外侧与连接线属普通公路。",
                    "convention": "toll_island",
                    **_lonlat(note.centre),
                },
            },
            "law": "行政处罚法第二十五条",
            "next_authority": "共同的上一级交通运输主管部门",
        },
        {
            "id": "D-2026-02",
            "title": "岚东高速北垣收费站以北至北岚线起点路段的管辖",
            "opened": "2026-10-21",
            "station": "beiyuan",
            "road": {"name": "岚东高速", **_lonlat(world.net.places[world.marks["s101_end"][0]])},
            "positions": {
                "local": {
                    "text": "该段仍为高速公路标准，应由高速大队管到北岚线起点。",
                    "place": _lonlat(world.net.places[world.marks["s101_end"][0]]),
                },
                "expressway": {
                    "text": "该段在主线收费亭以外，不收费，可由普通公路直接驶入，应由区大队管辖。",
                    "convention": "toll_island",
                    "place": _lonlat(end.centre),
                },
            },
            "law": "行政处罚法第二十二条、第二十五条",
            "next_authority": "共同的上一级交通运输主管部门",
        },
    ]


def _lonlat(place: Point) -> dict[str, float]:
    lon, lat = to_lonlat(place)
    return {"lon": round(lon, 6), "lat": round(lat, 6)}
