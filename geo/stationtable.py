"""An agency's table of toll stations: its rows, read and checked one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.datum import Datum, convert
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.sheet import SheetRow, read_sheet
from geo.stakes import Stake, parse_stake

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "name": ("名称", "收费站", "收费站名称", "站名", "station", "nom", "osm_name"),
    "lon": ("经度", "lng", "long", "longitude", "x", "x坐标"),
    "lat": ("纬度", "latitude", "y", "y坐标"),
    "route": ("路线", "路线编号", "线路", "所属高速", "高速公路", "公路", "ref", "road"),
    "stake": ("桩号", "中心桩号", "里程桩号", "chainage"),
}
"""Our column names and the headings they are known by."""
_SAME_PLACE_M = 1.0
_LARGEST_LON, _LARGEST_LAT = 180.0, 90.0


@dataclass(frozen=True, slots=True)
class StationRow:
    """One row of a station table.

    Attributes
    ----------
    line
        Its line in the file.
    name
        Name of the station.
    lon, lat
        WGS-84 degrees, None where the table has no usable place.
    route
        Route number, ``""`` where none is given.
    stake
        Stake, None where none is given or it cannot be read.
    """

    line: int
    name: str
    lon: float | None
    lat: float | None
    route: str = ""
    stake: Stake | None = None

    @property
    def place(self) -> tuple[float, float] | None:
        """``(lon, lat)`` in WGS-84 degrees, None where there is none."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


@dataclass(frozen=True)
class StationTable:
    """A station table: file name without folder, rows in the order of the file, what is doubtful in them."""

    name: str
    rows: tuple[StationRow, ...]
    findings: tuple[Finding, ...] = ()


@dataclass
class _Faults:
    """Lines of the table with a fault, and a word about each."""

    by: dict[str, list[tuple[SheetRow, str]]]

    def add(self, code: str, row: SheetRow, words: str = "") -> None:
        self.by.setdefault(code, []).append((row, words or row.get("name")))


def read_station_table(
    path: str | Path, *, datum: Datum = Datum.WGS84, columns: Mapping[str, str] | None = None
) -> StationTable:
    """Read a station table from CSV or XLSX.

    Parameters
    ----------
    path
        The file: names, and as far as known coordinates, route and stake.
    datum
        What its coordinates are given in; they are converted to WGS-84.
    columns
        Our column name to the heading in this file, where it is none of ``HEADINGS``.

    Raises
    ------
    InputError
        The file is no table, has no column of names, or no row.
    """
    sheet = read_sheet(path, headings=HEADINGS, required=("name",), columns=columns)
    faults = _Faults({})
    rows = [_read_row(row, datum, faults) for row in sheet.rows]
    findings = [*_row_findings(sheet.name, faults), *_shared_places(sheet.name, rows)]
    return StationTable(sheet.name, tuple(rows), tuple(findings))


def _read_row(row: SheetRow, datum: Datum, faults: _Faults) -> StationRow:
    stake = None
    if row.get("stake"):
        try:
            stake = parse_stake(row.get("stake"), route=row.get("route"))
        except InputError:
            faults.add("station_stake_unreadable", row, f"{row.get('name')} {row.get('stake')[:20]}")
    if not row.get("name"):
        faults.add("station_no_name", row, "—")
    lon, lat = row.number("lon"), row.number("lat")
    route = row.get("route") or (stake.route if stake else "")
    if lon is None or lat is None or (lon == 0 and lat == 0):
        faults.add("station_no_place", row)
        return StationRow(row.line, row.get("name"), None, None, route, stake)
    if abs(lat) > _LARGEST_LAT >= abs(lon) and abs(lat) <= _LARGEST_LON:
        faults.add("station_swapped", row)
        lon, lat = lat, lon
    if abs(lon) > _LARGEST_LON or abs(lat) > _LARGEST_LAT:
        faults.add("station_no_degrees", row)
        return StationRow(row.line, row.get("name"), None, None, route, stake)
    x, y = convert([lon], [lat], source=datum)
    return StationRow(row.line, row.get("name"), round(float(x[0]), 7), round(float(y[0]), 7), route, stake)


_TEXTS: Mapping[str, tuple[Severity, str, str]] = {
    "station_no_name": (Severity.WARNING, "行没有站名", "rows have no name"),
    "station_no_place": (
        Severity.WARNING,
        "行没有坐标，只能按名称匹配",
        "rows have no coordinates and can be matched by name only",
    ),
    "station_no_degrees": (
        Severity.ERROR,
        "行坐标不是经纬度（可能是平面坐标，单位米），未使用",
        "rows have coordinates that are no degrees (metres?); not used",
    ),
    "station_swapped": (
        Severity.WARNING,
        "行经纬度颠倒，已按对调后的位置匹配",
        "rows have lon and lat exchanged; matched by the exchanged values",
    ),
    "station_stake_unreadable": (Severity.WARNING, "行桩号读不出来", "rows have a stake that cannot be read"),
}


def _row_findings(name: str, faults: _Faults) -> list[Finding]:
    findings = []
    for code, (severity, chinese, english) in _TEXTS.items():
        rows = faults.by.get(code, [])
        if rows:
            zh = "、".join(f"第 {row.line} 行 {words[:30]}" for row, words in rows[:10])
            en = ", ".join(f"line {row.line} {words[:30]}" for row, words in rows[:10])
            findings.append(
                Finding(
                    code,
                    severity,
                    len(rows),
                    f"{name}：{len(rows)} {chinese}（{zh}），请补正。",
                    f"{name}: {len(rows)} {english} ({en}): please correct.",
                    things=tuple(f"line {row.line}" for row, _ in rows[:50]),
                )
            )
    return findings


def _shared_places(name: str, rows: Sequence[StationRow]) -> list[Finding]:
    """Return a finding about rows of different names in one place."""
    from geo.groups import group_pairs, near_pairs
    from geo.measure import middle_of, project_local

    placed = [row for row in rows if row.place is not None]
    xy = np.array([row.place for row in placed], dtype=np.float64).reshape(-1, 2)
    plane = np.column_stack(project_local(xy[:, 0], xy[:, 1], origin=middle_of(xy[:, 0], xy[:, 1])))
    pairs = [(int(a), int(b)) for a, b in near_pairs(plane, _SAME_PLACE_M) if placed[a].name != placed[b].name]
    if not pairs:
        return []
    label = group_pairs(len(placed), pairs)
    shared = [[placed[k] for k in np.flatnonzero(label == number)] for number in range(int(label.max()) + 1)]
    shared = [group for group in shared if len(group) > 1]
    listed = "；".join("/".join(f"第 {r.line} 行 {r.name[:20]}" for r in group) for group in shared[:10])
    english = "; ".join("/".join(f"line {r.line} {r.name[:20]}" for r in group) for group in shared[:10])
    return [
        Finding(
            "station_shared_place",
            Severity.WARNING,
            sum(len(group) for group in shared),
            f"{name}：不同收费站坐标相同（{listed}），请核对。",
            f"{name}: different stations share one place ({english}): please check.",
            places=tuple(group[0].place for group in shared[:50] if group[0].place is not None),
            things=tuple("/".join(f"line {r.line}" for r in group) for group in shared[:50]),
        )
    ]
