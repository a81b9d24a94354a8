"""The truth the generator knows about the district, as OSM ids, for tests that compare answers with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.demo.terrain import to_lonlat
from data.demo.writer import node_id, way_id

if TYPE_CHECKING:
    from data.demo.world import StationNote, World

REMARKS = {
    "meiwu": "one entry lane carries no booth, so the seams of the entry side are unclear",
    "donggang": "booths carry two names",
    "chenghu": "mapped as a building area only: no booth node, the seams are the lane nodes in the area",
    "yantang": "one booth node where the ramp meets the ordinary road",
    "liuting": "booths on the one-way ramps of a half cloverleaf",
    "beiyuan": "the expressway turns into a trunk road beyond the booths; two ramps join the stub",
    "landong": "motorway on both sides: no seam between expressway and ordinary road",
    "border": "removed provincial border station",
}


def collect_facts(world: World) -> dict[str, Any]:
    """Return the facts in JSON form, ids sorted."""
    return {
        "seed": world.seed,
        "district": "岚溪区",
        "stations": [_station(world, note) for note in world.stations],
        "service_area": {
            "name": "云栖服务区",
            "way_ids": _ways(world, "service_area"),
            "area_way_ids": _ways(world, "service_area_area"),
            "gate_node": _nodes(world, "back_gate")[0],
            "gate_road_way_ids": _ways(world, "back_gate_road"),
        },
        "removed_border_station_way_ids": _ways(world, "border-area"),
        "campus_gate_node": _nodes(world, "campus_gate")[0],
        "weigh_station_node": _nodes(world, "weigh_station")[0],
        "fast_road_way_ids": _ways(world, "fast_road"),
        "fast_road_ramp_way_ids": _ways(world, "fast_road_ramp"),
        "expressway_way_ids": {key: _ways(world, key) for key in ("G98", "S101")},
        "expressway_end_nodes": _nodes(world, "s101_end"),
        "stub_ramp_way_ids": _ways(world, "stub_ramp"),
        "trunk_beyond_way_ids": _ways(world, "trunk_beyond_s101"),
        "hub": _place(world.curves["G98"].point(world.spots["hub"][0], 0.0)),
        "gantry_nodes": _nodes(world, "gantries"),
        "milestone_nodes": _nodes(world, "milestones"),
        "connector_way_ids": [
            way_id(i) for i, line in enumerate(world.net.lines) if "连接线" in line.tags.get("name", "")
        ],
        "ferry_way_ids": _ways(world, "ferry"),
        "island_way_ids": _ways(world, "island"),
        "doubtful_way_ids": {key: _ways(world, key) for key in ("duplicate", "wrong_oneway", "zero_length")},
    }


def _station(world: World, note: StationNote) -> dict[str, Any]:
    lon, lat = to_lonlat(note.centre)
    return {
        "id": note.id,
        "name": note.name,
        "names": note.names,
        "kind": note.kind,
        "route": note.route,
        "lanes": note.lanes,
        "lon": lon,
        "lat": lat,
        "booth_nodes": sorted(node_id(n) for n in note.booths),
        "toll_island_seams": sorted(node_id(n) for n in note.seams),
        "unclear_booths": sorted(node_id(n) for n in set(note.booths) - set(note.seams) if note.kind == "ramp"),
        "lane_nodes_without_booth": sorted(node_id(n) for n in note.missing),
        "area_way_ids": _ways(world, f"{note.id}-area"),
        "remark": REMARKS[note.id],
    }


def _ways(world: World, label: str) -> list[int]:
    return [way_id(i) for i, line in enumerate(world.net.lines) if line.label == label]


def _nodes(world: World, mark: str) -> list[int]:
    return sorted(node_id(n) for n in world.marks[mark])


def _place(place: tuple[float, float]) -> list[float]:
    return list(to_lonlat(place))
