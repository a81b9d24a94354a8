"""Toll stations: clusters of booths on the network, with kind, lanes and every name they carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.findings import Finding, Severity
from geo.groups import group_pairs, near_pairs
from geo.measure import middle_of, project_local
from geo.network import Network
from geo.servicearea import find_service_roads
from geo.stationgroups import group_booths
from geo.tollsystem import BoothFree, find_booth_free

Mask = npt.NDArray[np.bool_]

JOIN_M = 150.0
"""Booths nearer than this belong to one station (the distance public toll data sets use)."""
_STUB_M = 2_500.0
_REMOVED_KEYS = ("disused:barrier", "removed:barrier", "abandoned:barrier", "was:barrier")
_ROADS_AROUND = (RoadClass.SERVICE, RoadClass.ORDINARY_LINK)


class StationKind(StrEnum):
    """What a station separates."""

    RAMP = "ramp"
    MAIN_LINE = "main_line"
    SERVICE_AREA = "service_area"
    BORDER = "border"
    GATE = "gate"


@dataclass(frozen=True, slots=True)
class Station:
    """A toll station.

    Attributes
    ----------
    id
        Stable id, from the smallest booth node or area id.
    name
        The name most booths carry, or ``""``.
    names
        Every name found, sorted.
    kind
        What it separates; ``gate`` is not a toll station of ours (a campus, a car park), ``border`` a removed one.
    lon, lat
        Mean place of its booths, WGS-84 degrees.
    booths
        Node rows of its booths, ascending; empty for a removed station.
    lanes
        Number of lanes known from the booths.
    areas
        Ids of booth outlines that belong to it.
    """

    id: str
    name: str
    names: tuple[str, ...]
    kind: StationKind
    lon: float
    lat: float
    booths: tuple[int, ...]
    lanes: int
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Surroundings:
    """What the kinds of stations are read off: masks over segments and the booth-free regions."""

    expressway: Mask
    main_line: Mask
    service_area: Mask
    near_expressway: Mask
    free: BoothFree

    def is_inside(self, rows: npt.NDArray[np.intp]) -> Mask:
        """Whether segments are main line inside the toll system, or of a long toll-free expressway."""
        long_region = np.append(self.free.main_line_m >= _STUB_M, [True])
        result: Mask = self.main_line[rows] & long_region[self.free.region[rows]]
        return result


def find_stations(network: Network) -> tuple[tuple[Station, ...], list[Finding]]:
    """Cluster the booths of a network into stations.

    Returns
    -------
    stations
        Sorted by longitude, latitude, id; gates and removed border stations included, by kind.
    findings
        Stations under two names, lanes without a booth, removed border stations, gates that are not ours.
    """
    booths = network.nodes.rows_with("barrier", "toll_booth")
    booths = booths[np.isin(booths, network.ways.refs)]
    stations: list[Station] = []
    if len(booths):
        around = _look_around(network, booths)
        names = [network.nodes.tags[int(row)].get("name", "") for row in booths]
        label = group_booths(network.nodes.lon[booths], network.nodes.lat[booths], names=names)
        stations += [_describe(network, booths[label == number], around) for number in range(label.max() + 1)]
    stations += _removed_stations(network)
    ordered = tuple(sorted(stations, key=lambda s: (s.lon, s.lat, s.id)))
    return ordered, station_findings(network, ordered)


def _look_around(network: Network, booths: npt.NDArray[np.integer]) -> _Surroundings:
    road_class = network.segment_class
    main = road_class == RoadClass.MOTORWAY
    expressway = main | (road_class == RoadClass.MOTORWAY_LINK)
    service = road_class == RoadClass.SERVICE
    ordinary = ~expressway & ~service & (road_class != RoadClass.FERRY)
    booth = np.zeros(len(network.nodes), dtype=bool)
    booth[booths] = True
    area = find_service_roads(network, service=service, expressway=expressway, ordinary=ordinary)
    free = find_booth_free(network, inside=expressway, ordinary=ordinary, main_line=main, booth=booth)
    near = np.zeros(len(network.nodes), dtype=bool)
    seg = network.segments
    near[seg.u[expressway]] = near[seg.v[expressway]] = True
    links = np.flatnonzero(np.isin(road_class, _ROADS_AROUND) & (seg.length_m < 4 * JOIN_M))
    for _ in range(3):
        touching = links[near[seg.u[links]] | near[seg.v[links]]]
        near[seg.u[touching]] = near[seg.v[touching]] = True
    return _Surroundings(expressway, main, area, near, free)


def _describe(network: Network, rows: npt.NDArray[np.integer], around: _Surroundings) -> Station:
    seg, nodes = network.segments, network.nodes
    tags = [nodes.tags[int(row)] for row in rows]
    names = Counter(t["name"] for t in tags if t.get("name"))
    touching = np.flatnonzero(np.isin(seg.u, rows) | np.isin(seg.v, rows))
    areas = {t["booth_area"] for t in tags if "booth_area" in t}
    return Station(
        f"n{min(nodes.id[rows].tolist(), key=abs)}",
        min(names, key=lambda name: (-names[name], name)) if names else "",
        tuple(sorted(names)),
        _kind(touching, rows, around),
        round(float(nodes.lon[rows].mean()), 7),
        round(float(nodes.lat[rows].mean()), 7),
        tuple(sorted(rows.tolist())),
        sum(lanes_of_booth(network, row) for row in rows.tolist()),
        tuple(sorted(areas)),
    )


def _kind(touching: npt.NDArray[np.intp], rows: npt.NDArray[np.integer], around: _Surroundings) -> StationKind:
    if around.service_area[touching].all():
        return StationKind.SERVICE_AREA
    if not around.near_expressway[rows].any():
        return StationKind.GATE
    return StationKind.MAIN_LINE if around.is_inside(touching).all() else StationKind.RAMP


def lanes_of_booth(network: Network, booth: int) -> int:
    """Return the lanes at a booth (node row): one where it stands on a way of its own, else the way's ``lanes``."""
    seg = network.segments
    ways = sorted({int(seg.way[k]) for k in np.flatnonzero((seg.u == booth) | (seg.v == booth))})
    told = [network.ways.text["lanes"][way] for way in ways]
    return max([int(text) for text in told if text.isdigit() and len(text) < 3] or [1])  # noqa: PLR2004


def is_in_toll_system(network: Network) -> Mask:
    """Return bool (segments,): the segment is expressway that cannot be reached without a booth, or a long free one."""
    around = _look_around(network, np.flatnonzero(network.booth_mask()))
    long_region = np.append(around.free.main_line_m >= _STUB_M, [True])
    inside: Mask = around.expressway & long_region[around.free.region]
    return inside


def _removed_stations(network: Network) -> list[Station]:
    places: list[tuple[float, float, str, Mapping[str, str]]] = []
    for row, tags in network.nodes.tags.items():
        if any(tags.get(key) == "toll_booth" for key in _REMOVED_KEYS):
            ident = f"n{network.nodes.id[row]}"
            places.append((float(network.nodes.lon[row]), float(network.nodes.lat[row]), ident, tags))
    for area in network.areas:
        if area.kind == "removed_toll_booth":
            lon, lat = area.rings[0].mean(axis=0)
            places.append((float(lon), float(lat), area.id, area.tags))
    if not places:
        return []
    places.sort(key=lambda p: p[:3])
    xy = np.array([p[:2] for p in places])
    plane = np.column_stack(project_local(xy[:, 0], xy[:, 1], origin=middle_of(xy[:, 0], xy[:, 1])))
    label = group_pairs(len(places), map(tuple, near_pairs(plane, 2 * JOIN_M).tolist()))
    result = []
    for number in range(label.max() + 1):
        members = [p for p, k in zip(places, label, strict=True) if k == number]
        names = sorted({text for p in members for text in (p[3].get("name"), p[3].get("old_name")) if text})
        lon, lat = np.mean([p[:2] for p in members], axis=0)
        result.append(
            Station(
                min(p[2] for p in members),
                names[0] if names else "",
                tuple(names),
                StationKind.BORDER,
                round(float(lon), 7),
                round(float(lat), 7),
                (),
                0,
                tuple(p[2] for p in members if p[2][0] == "w"),
            )
        )
    return result


def station_findings(network: Network, stations: tuple[Station, ...]) -> list[Finding]:
    """Return what is doubtful about stations: two names, missing booths, removed ones, gates, none at all."""
    findings = []
    two = [s for s in stations if len(s.names) > 1 and s.kind is not StationKind.BORDER]
    gates = [s for s in stations if s.kind is StationKind.GATE]
    removed = [s for s in stations if s.kind is StationKind.BORDER]
    if two:
        listed = "；".join(" / ".join(s.names) for s in two[:5])
        findings.append(
            _about(
                "station_two_names",
                Severity.NOTE,
                two,
                f"{len(two)} 个收费站有两个名称（{listed}），已合并并保留全部名称，请核对。",
                f"{len(two)} stations carry two names ({listed}); joined, both kept: please check.",
            )
        )
    if gates:
        findings.append(
            _about(
                "gate_not_station",
                Severity.NOTE,
                gates,
                f"{len(gates)} 处收费亭不在高速公路上（校园、停车场等），不作为收费站。",
                f"{len(gates)} toll booths touch no expressway (campus, car park) and are not toll stations.",
            )
        )
    if removed:
        findings.append(
            _about(
                "removed_border_station",
                Severity.NOTE,
                removed,
                f"{len(removed)} 个省界收费站已撤除（2020 年前），不作为界点。",
                f"{len(removed)} border stations were removed (before 2020) and are no seam.",
            )
        )
    main_line = network.segment_class == RoadClass.MOTORWAY
    if main_line.any() and not any(s.booths and s.kind is not StationKind.GATE for s in stations):
        findings.append(
            Finding(
                "no_station",
                Severity.ERROR,
                1,
                "路网中有高速公路但没有收费站，界点只能放在匝道终点；请导入收费站表或补充收费亭。",
                "there is an expressway but no toll station: seams can only lie at ramp ends; import a station table.",
                length_m=float(network.segments.length_m[main_line].sum()),
            )
        )
    return findings + _missing_booths(network, stations)


def _about(code: str, severity: Severity, stations: list[Station], zh: str, en: str) -> Finding:
    return Finding(
        code,
        severity,
        len(stations),
        zh,
        en,
        places=tuple((s.lon, s.lat) for s in stations[:50]),
        things=tuple(s.id for s in stations[:50]),
    )


def find_open_lanes(network: Network, stations: tuple[Station, ...]) -> list[int]:
    """Return the segments, ascending, that join the same two plaza ends as lanes with a booth, but carry none."""
    seg = network.segments
    neighbours: dict[int, list[int]] = {}
    booths = {row for s in stations if s.kind is not StationKind.GATE for row in s.booths}
    for u, v in zip(seg.u.tolist(), seg.v.tolist(), strict=True):
        if u in booths:
            neighbours.setdefault(u, []).append(v)
        if v in booths:
            neighbours.setdefault(v, []).append(u)
    plaza_ends = {frozenset(pair) for pair in neighbours.values() if len(set(pair)) == 2}  # noqa: PLR2004
    return [
        k for k, ends in enumerate(zip(seg.u.tolist(), seg.v.tolist(), strict=True)) if frozenset(ends) in plaza_ends
    ]


def _missing_booths(network: Network, stations: tuple[Station, ...]) -> list[Finding]:
    seg, rows = network.segments, find_open_lanes(network, stations)
    if not rows:
        return []
    middles = [network.points(k).mean(axis=0) for k in rows[:50]]
    return [
        Finding(
            "missing_booth",
            Severity.WARNING,
            len(rows),
            f"{len(rows)} 条收费车道没有标注收费亭，高速与普通公路在此直接相通，请在地图上补上。",
            f"{len(rows)} toll lanes carry no booth, so expressway and ordinary road join there: add them on the map.",
            length_m=float(seg.length_m[rows].sum()),
            places=tuple((round(float(x), 7), round(float(y), 7)) for x, y in middles),
            things=tuple(network.segment_ids[k] for k in rows[:50]),
        )
    ]
