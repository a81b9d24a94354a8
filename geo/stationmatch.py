"""A station table against the stations of the map: who is who, and every misfit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import numpy as np
import numpy.typing as npt

from geo.carriageway import Calibration
from geo.classes import RoadClass
from geo.errors import InputError
from geo.findings import Finding, Severity, sort_findings
from geo.measure import measure_between
from geo.network import Network
from geo.routetrace import find_route
from geo.snapping import build_snap_index, snap_points
from geo.stakeplaces import locate_stake, read_stake
from geo.stationgroups import is_one_name, plain_name
from geo.stations import Station, StationKind
from geo.stationtable import StationRow, StationTable

Floats = npt.NDArray[np.float64]

NEAR_M = 300.0
"""A row this near to a station is that station, whatever its name."""
NAMED_M = 2_000.0
"""A row of the same name may lie so far from its station."""
OFF_ROUTE_M = 1_500.0
"""Farther than this from the main line of its route a station is on another road."""
_ALIKE = 0.85
_STAKE_SLACK_M = 1_000.0
_MARGIN_DEGREES = 0.02


@dataclass(frozen=True, slots=True)
class StationPair:
    """One row and the station it was matched to.

    Attributes
    ----------
    row
        The row.
    station
        Id of the station.
    distance_m
        Metres between both places, None where the row has no place.
    likeness
        Likeness of both names, 0 to 1.
    """

    row: StationRow
    station: str
    distance_m: float | None
    likeness: float


@dataclass(frozen=True)
class StationMatch:
    """The outcome: pairs by line, rows and stations left over, and what is doubtful."""

    pairs: tuple[StationPair, ...]
    rows_left: tuple[StationRow, ...]
    stations_left: tuple[str, ...]
    findings: tuple[Finding, ...]


def match_stations(table: StationTable, network: Network, *, calibration: Calibration | None = None) -> StationMatch:
    """Match a table with the map.

    Parameters
    ----------
    table
        The table.
    network
        The map with its stations; gates and removed border stations are left out.
    calibration
        Stakes of the routes: places rows that have no coordinates, and checks stakes.

    Notes
    -----
    One row to one station so that the sum of likeness of names and nearness is largest (Hungarian method); a pair
    counts if both are near, or have the same name and are not far. Rows and stations are sorted first, so equal
    sums fall the same way every time.
    """
    stations = sorted(
        (s for s in network.stations if s.kind not in {StationKind.GATE, StationKind.BORDER}), key=lambda s: s.id
    )
    rows, swapped = _turn_swapped(sorted(table.rows, key=lambda r: r.line), _box_of(network))
    spots = [row.place or _place_by_stake(row, calibration) for row in rows]
    pairs = _assign(rows, spots, stations)
    taken = {pair.station for pair in pairs}
    lines = {pair.row.line for pair in pairs}
    rows_left = tuple(row for row in rows if row.line not in lines)
    stations_left = [s for s in stations if s.id not in taken]
    findings = [
        *table.findings,
        *_find(
            "station_swapped",
            Severity.WARNING,
            [(row, row.name[:20]) for row in swapped],
            name=table.name,
            zh="行经纬度颠倒（对调后才在地图范围内），已按对调后的位置匹配，请补正",
            en="rows lie on the map only with lon and lat exchanged; matched so",
        ),
        *_pair_findings(table.name, pairs, {s.id: s for s in stations}),
        *_left_findings(table.name, rows_left, stations_left, network),
        *_route_findings(table.name, rows, network),
        *_stake_findings(table.name, rows, calibration),
    ]
    return StationMatch(tuple(pairs), rows_left, tuple(s.id for s in stations_left), sort_findings(findings))


def _box_of(network: Network) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a network with a margin, WGS-84 degrees."""
    lon, lat = network.nodes.lon, network.nodes.lat
    return (
        float(lon.min()) - _MARGIN_DEGREES,
        float(lat.min()) - _MARGIN_DEGREES,
        float(lon.max()) + _MARGIN_DEGREES,
        float(lat.max()) + _MARGIN_DEGREES,
    )


def _is_within(box: tuple[float, float, float, float], lon: float, lat: float) -> bool:
    return box[0] <= lon <= box[2] and box[1] <= lat <= box[3]


def _turn_swapped(
    rows: Sequence[StationRow], box: tuple[float, float, float, float]
) -> tuple[list[StationRow], list[StationRow]]:
    """Return the rows with exchanged places put right, and those rows: off the map as written, on it the other way."""
    turned, swapped = [], []
    for row in rows:
        place = row.place
        is_swapped = place is not None and not _is_within(box, *place) and _is_within(box, place[1], place[0])
        right = replace(row, lon=row.lat, lat=row.lon) if is_swapped else row
        turned.append(right)
        swapped += [right] if is_swapped else []
    return turned, swapped


def measure_likeness(name: str, names: Sequence[str]) -> float:
    """Return how alike a name is to the nearest of a station's names, 0 to 1; 0.3 at most where they contradict."""
    plain = plain_name(name)
    best = 0.0
    for other in map(plain_name, names):
        if not plain or not other:
            continue
        if plain == other:
            return 1.0
        if is_one_name(plain, other):
            best = max(best, 0.9)
        else:
            first, second = sorted((plain, other))
            best = max(best, min(0.3, SequenceMatcher(None, first, second, autojunk=False).ratio()))
    return best


def _assign(
    rows: Sequence[StationRow], spots: Sequence[tuple[float, float] | None], stations: Sequence[Station]
) -> list[StationPair]:
    from scipy.optimize import linear_sum_assignment

    worth = np.zeros((len(rows), len(stations) + len(rows)))
    likeness = np.zeros((len(rows), len(stations)))
    distance = np.full((len(rows), len(stations)), np.nan)
    for i, (row, spot) in enumerate(zip(rows, spots, strict=True)):
        for j, station in enumerate(stations):
            like = likeness[i, j] = measure_likeness(row.name, station.names or (station.name,))
            if spot is None:
                worth[i, j] = 1.0 + like if like >= _ALIKE else 0.0
                continue
            metres = measure_between(spot, (station.lon, station.lat))
            distance[i, j] = metres
            if metres <= NEAR_M or (metres <= NAMED_M and like >= _ALIKE):
                worth[i, j] = 2.0 * like + 1.0 + (1.0 - metres / NAMED_M)
    pairs = []
    for at, to in np.column_stack(linear_sum_assignment(worth, maximize=True)).tolist():
        if to < len(stations) and worth[at, to] > 0:
            apart = None if np.isnan(distance[at, to]) else round(float(distance[at, to]), 1)
            pairs.append(StationPair(rows[at], stations[to].id, apart, round(float(likeness[at, to]), 3)))
    return sorted(pairs, key=lambda p: p.row.line)


def _place_by_stake(row: StationRow, calibration: Calibration | None) -> tuple[float, float] | None:
    if calibration is None or row.stake is None:
        return None
    try:
        found = locate_stake(calibration, row.stake)[0]
    except InputError:
        return None
    return found.lon, found.lat


def _pair_findings(name: str, pairs: Sequence[StationPair], stations: dict[str, Station]) -> list[Finding]:
    differs = [p for p in pairs if p.likeness < _ALIKE]
    far = [p for p in pairs if p.distance_m is not None and p.distance_m > NEAR_M]

    def written(pair: StationPair) -> str:
        return f"{pair.row.name[:20]}≠{(stations[pair.station].name or '—')[:20]}"

    return [
        *_find(
            "station_name_differs",
            Severity.WARNING,
            [(p.row, written(p)) for p in differs],
            name=name,
            zh="个收费站与地图位置相符但名称不同，请核对",
            en="stations lie where the map has one of another name",
        ),
        *_find(
            "station_far_from_map",
            Severity.WARNING,
            [(p.row, f"{p.row.name[:20]} {p.distance_m:.0f} m") for p in far],
            name=name,
            zh=f"个收费站与地图上同名站相距超过 {NEAR_M:.0f} 米，请核对坐标",
            en=f"stations lie more than {NEAR_M:.0f} m from the one of that name on the map",
        ),
    ]


def _left_findings(
    name: str, rows: Sequence[StationRow], stations: Sequence[Station], network: Network
) -> list[Finding]:
    box = _box_of(network)
    outside = [r for r in rows if r.place and not _is_within(box, *r.place)]
    missing = [r for r in rows if r not in outside]
    findings = [
        *_find(
            "station_outside_map",
            Severity.NOTE,
            [(r, r.name[:20]) for r in outside],
            name=name,
            zh="个收费站在地图范围之外",
            en="stations lie outside the map",
        ),
        *_find(
            "station_not_on_map",
            Severity.WARNING,
            [(r, r.name[:20]) for r in missing],
            name=name,
            zh="个收费站在表内而地图上没有，请在地图或订正层补收费亭",
            en="stations are in the table but not on the map: add a booth to the map or to the corrections",
        ),
    ]
    if stations:
        listed = "、".join((s.name or s.id)[:20] for s in stations[:10])
        findings.append(
            Finding(
                "station_not_in_table",
                Severity.NOTE,
                len(stations),
                f"{name}：地图上 {len(stations)} 个收费站不在表内（{listed}），请核对。",
                f"{name}: {len(stations)} stations of the map are not in the table ({listed}): please check.",
                places=tuple((s.lon, s.lat) for s in stations[:50]),
                things=tuple(s.id for s in stations[:50]),
            )
        )
    return findings


def _route_findings(name: str, rows: Sequence[StationRow], network: Network) -> list[Finding]:
    """Return rows far from the main line of the route they name, and rows on no route at all.

    On no route is a row whose route the map does not have, and one without a route that lies far from every expressway.
    """
    far, nowhere = [], []
    box = _box_of(network)
    expressway = network.segment_class <= RoadClass.MOTORWAY_LINK
    routes = {row.route for row in rows if row.route}
    known = {route for route in routes if find_route(network, route).any()}
    astray = [
        (row, row.route or "—")
        for row in rows
        if row.route not in known and row.place is not None and _is_within(box, *row.place)
    ]
    if astray and expressway.any():
        places = np.array([row.place for row, _ in astray], dtype=np.float64)
        index = build_snap_index(network, usable=expressway)
        metres = snap_points(network, places[:, 0], places[:, 1], index=index).distance_m
        nowhere = [
            (row, f"{row.name[:20]} {route[:20]} {m:.0f} m")
            for (row, route), m in zip(astray, metres, strict=True)
            if row.route or m > OFF_ROUTE_M
        ]
    for route in sorted({row.route for row in rows if row.route}):
        mask = find_route(network, route)
        mine = [row for row in rows if row.route == route and row.place is not None]
        if not mask.any() or not mine:
            continue
        places = np.array([row.place for row in mine], dtype=np.float64)
        index = build_snap_index(network, usable=mask)
        metres = snap_points(network, places[:, 0], places[:, 1], index=index).distance_m
        far += [
            (row, f"{row.name[:20]} {route} {m:.0f} m") for row, m in zip(mine, metres, strict=True) if m > OFF_ROUTE_M
        ]
    return [
        *_find(
            "station_off_route",
            Severity.WARNING,
            sorted(far, key=lambda item: item[0].line),
            name=name,
            zh=f"个收费站离所列路线超过 {OFF_ROUTE_M:.0f} 米，请核对坐标或路线",
            en=f"stations lie more than {OFF_ROUTE_M:.0f} m from the route they name",
        ),
        *_find(
            "station_on_no_route",
            Severity.WARNING,
            sorted(nowhere, key=lambda item: item[0].line),
            name=name,
            zh=f"个收费站不在任何路线上（地图没有所列路线，或离高速超过 {OFF_ROUTE_M:.0f} 米），请核对路线和坐标",
            en=f"stations are on no route (the map lacks the one named, or no expressway within {OFF_ROUTE_M:.0f} m)",
        ),
    ]


def _stake_findings(name: str, rows: Sequence[StationRow], calibration: Calibration | None) -> list[Finding]:
    """Return rows whose stake is not that of their place."""
    wrong = []
    for row in rows:
        if calibration is None or row.stake is None or row.place is None:
            continue
        try:
            seen = read_stake(calibration, row.place, route=row.route, max_m=OFF_ROUTE_M)
        except InputError:
            continue
        gap_m = abs(seen.stake.mm - row.stake.mm) / 1000.0
        if gap_m > _STAKE_SLACK_M + seen.error_m:
            wrong.append((row, f"{row.name[:20]} {row.stake} ≠ {seen.stake}"))
    return _find(
        "station_stake_differs",
        Severity.WARNING,
        wrong,
        name=name,
        zh="个收费站的桩号与所在位置的桩号不符，请核对",
        en="stations have a stake that is not that of their place",
    )


def _find(
    code: str, severity: Severity, rows: Sequence[tuple[StationRow, str]], *, name: str, zh: str, en: str
) -> list[Finding]:
    if not rows:
        return []
    placed = [row.place for row, _ in rows[:50]]
    chinese = "、".join(f"第 {row.line} 行 {words}" for row, words in rows[:10])
    english = ", ".join(f"line {row.line} {words}" for row, words in rows[:10])
    return [
        Finding(
            code,
            severity,
            len(rows),
            f"{name}：{len(rows)} {zh}（{chinese}）。",
            f"{name}: {len(rows)} {en} ({english}).",
            places=tuple(place for place in placed if place is not None),
            things=tuple(f"line {row.line}" for row, _ in rows[:50]),
        )
    ]
