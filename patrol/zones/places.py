"""Toll plazas 收费广场 and connectors 连接线."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geo.classes import RoadClass
from geo.stations import Station, StationKind
from patrol.units import is_local
from patrol.zones.drafts import Draft
from patrol.zones.groups import Group, Layout, group_of_rows
from patrol.zones.plane import keep_polygons
from patrol.zones.roads import RoadMasks, label_joined
from patrol.zones.rules import ZoneRules
from patrol.zones.strips import cover, join_lines

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_ON_PLAZA = (RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK, RoadClass.SERVICE, RoadClass.ORDINARY_LINK)


def make_plazas(layout: Layout, rules: ZoneRules, *, agency: Sequence[str], owner: Sequence[str]) -> list[Draft]:
    """Return the plaza of each toll station, one zone an agency: it is split where the owner changes."""
    drafts = []
    stations = [s for s in layout.plane.network.stations if s.booths and s.kind is not StationKind.GATE]
    for station in sorted(stations, key=lambda s: s.id):
        rows, around = _plaza_rows(layout, station, rules.need("plaza", "reach").distance_m)
        found: dict[tuple[str, str], list[int]] = {}
        for row in rows.tolist():
            found.setdefault((str(agency[row]), str(owner[row])), []).append(row)
        names = {key[0] for key in found}
        for key in sorted(found):
            mine = np.array(found[key], dtype=np.int64)
            lanes = shapely.intersection(layout.plane.lines[mine], around)
            strips = shapely.buffer(lanes, rules.limits["plaza_lane_half_m"], cap_style="flat")
            shape = keep_polygons(np.array([shapely.union_all(strips)], dtype=np.object_))[0]
            if not shapely.is_empty(shape):
                group = group_of_rows(mine, layout.roads, agency=agency, owner=owner)
                also = tuple(sorted(names - {key[0]}))
                plaza = _plaza(layout, rules, station, group=group, shape=shape, also=also)
                drafts.append(replace(plaza, road_m=float(shapely.length(lanes).sum())))
    return drafts


def _plaza(
    layout: Layout,
    rules: ZoneRules,
    station: Station,
    *,
    group: Group,
    shape: shapely.Geometry,
    also: tuple[str, ...],
) -> Draft:
    nodes, row = layout.plane.network.nodes, rules.need("plaza", "reach")
    booths = sorted(station.booths, key=lambda b: int(nodes.id[b]))
    away = np.hypot(nodes.lon[booths] - station.lon, nodes.lat[booths] - station.lat)
    booth = booths[int(np.argmin(away))]
    place = (float(nodes.lon[booth]), float(nodes.lat[booth]))
    note = station.name or "收费站"
    reach = row.distance_m
    return Draft("plaza", station.id, group, row, 0.0, reach, group.rows, shape, note, also, place=place)


def _plaza_rows(layout: Layout, station: Station, reach_m: float) -> tuple[Rows, shapely.Geometry]:
    """Return the lanes and ramps within reach of the booths by road, and the disc around the booths."""
    plane = layout.plane
    seg = plane.network.segments
    booths = np.array(station.booths, dtype=np.int64)
    around = shapely.union_all(shapely.buffer(shapely.points(plane.x[booths], plane.y[booths]), reach_m))
    inside = np.flatnonzero(shapely.intersects(plane.lines, around))
    touching = np.isin(seg.u[inside], booths) | np.isin(seg.v[inside], booths)
    inside = inside[touching | np.isin(plane.network.segment_class[inside], _ON_PLAZA)]
    ends, number = np.unique(np.concatenate((seg.u[inside], seg.v[inside], booths)), return_inverse=True)
    u, v = number[: len(inside)], number[len(inside) : 2 * len(inside)]
    weight = np.maximum(shapely.length(shapely.intersection(plane.lines[inside], around)), 0.001)
    # Parallel lanes between the same two ends: the sparse matrix would add their lengths.
    order = np.lexsort((weight, np.maximum(u, v), np.minimum(u, v)))
    a, b, w = np.minimum(u, v)[order], np.maximum(u, v)[order], weight[order]
    first = np.append(True, (np.diff(a) != 0) | (np.diff(b) != 0)) if len(a) else np.zeros(0, dtype=bool)
    graph = coo_array((w[first], (a[first], b[first])), shape=(len(ends), len(ends))).tocsr()
    starts = np.searchsorted(ends, np.unique(booths))
    away = dijkstra(graph, directed=False, indices=starts, min_only=True, limit=reach_m)
    rows = inside[np.isfinite(away[u]) | np.isfinite(away[v])]
    return rows[np.argsort(plane.rank[rows])].astype(np.int64), around


def find_connectors(layout: Layout, masks: RoadMasks, agency: Sequence[str]) -> Mask:
    """Return bool (segments,): named 连接线, or a main line or ramp beyond the last station, which is local."""
    network = layout.plane.network
    named = network.ways.text["name"].where(lambda text: "连接线" in text)[network.segments.way]
    local = np.array([is_local(a) for a in agency], dtype=bool)
    result: Mask = named | ((masks.main_line | masks.ramp) & local & layout.roads.is_expressway)
    return result


def make_connectors(
    layout: Layout, masks: RoadMasks, rules: ZoneRules, *, agency: Sequence[str], owner: Sequence[str]
) -> list[Draft]:
    """Return the highway land of each connector, one zone a connector and owner."""
    plane, roads = layout.plane, layout.roads
    mask = find_connectors(layout, masks, agency)
    names = np.array(plane.network.ways.text["name"].take(plane.network.segments.way).tolist(), dtype=np.str_)
    columns = (np.asarray(agency, dtype=np.str_), np.asarray(owner, dtype=np.str_), names)
    codes = np.column_stack([np.unique(c, return_inverse=True)[1].ravel() for c in columns])
    _, kind = np.unique(codes, axis=0, return_inverse=True)
    label = label_joined(plane.network, mask, kind.ravel().astype(np.int64))
    rows = np.flatnonzero(mask)
    rows = rows[np.lexsort((plane.rank[rows], label[rows]))].astype(np.int64)
    parts = np.split(rows, np.flatnonzero(np.diff(label[rows])) + 1) if len(rows) else []
    row = rules.need("connector", "land")
    drafts = []
    for part in sorted(parts, key=lambda part: int(plane.rank[part[0]])):
        strips = [
            cover(chains, np.full(len(chains), edge))
            for edge in np.unique(roads.edge_m[part]).tolist()
            for chains in (join_lines(plane.lines[part[roads.edge_m[part] == edge]]),)
        ]
        whole = np.array([shapely.union_all(np.concatenate(strips))], dtype=np.object_)
        group = group_of_rows(part, roads, agency=agency, owner=owner)
        thing = plane.network.segment_ids[int(part[0])]
        shape = keep_polygons(whole)[0]
        if not shapely.is_empty(shape):
            drafts.append(Draft("connector", thing, group, row, 0.0, group.edge_m, part, shape, row.note))
    return drafts
