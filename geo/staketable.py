"""Stake tables: rows of route, direction, stake and place, with what is wrong in single rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.chains import BrokenChain, parse_chain
from geo.datum import Datum, convert
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.sheet import Sheet, SheetRow, read_sheet
from geo.stakes import Direction, StakeRange, format_mm, parse_range, parse_stake, read_direction

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "route": ("路线", "路线编号", "路线代码", "线路", "公路", "公路编号", "道路", "ref", "road"),
    "direction": ("方向", "行车方向", "行驶方向", "上下行", "行别", "dir"),
    "stake": ("桩号", "里程桩号", "里程桩", "桩", "中心桩号", "里程", "chainage", "kilometre", "km"),
    "lon": ("经度", "lng", "long", "longitude", "x", "x坐标"),
    "lat": ("纬度", "latitude", "y", "y坐标"),
    "section_start": ("起点桩号", "区间起点", "路段起点桩号", "start_stake", "from_stake"),
    "section_end": ("终点桩号", "区间终点", "路段终点桩号", "end_stake", "to_stake"),
    "section": ("区间", "路段", "管段", "桩号范围"),
    "chain": ("断链", "断链桩号", "断链等式", "chain_equation"),
}
"""Our column names and the headings they are known by."""


class StakeSource(StrEnum):
    """What a stake was read off, from exact to rough."""

    TABLE = "table"
    MILESTONE = "milestone"
    INTERCHANGE = "interchange"


SOURCE_ERROR_M: Mapping[StakeSource, float] = {
    StakeSource.TABLE: 5.0,
    StakeSource.MILESTONE: 30.0,
    StakeSource.INTERCHANGE: 500.0,
}
"""Error of one stake by its source, metres: an interchange number is a whole kilometre of a place 1 km long."""


@dataclass(frozen=True)
class StakeTable:
    """Stakes with places, shape (rows,) each.

    Attributes
    ----------
    route
        Route of each row, as written.
    direction
        Direction of each row.
    mm
        int64, the stake in millimetres.
    lon, lat
        float64, WGS-84 degrees.
    line
        int64, line of the file (or a running number) by which a person finds the row.
    source
        What the stakes were read off.
    chains
        Declared broken chains, by route and direction.
    """

    route: tuple[str, ...]
    direction: tuple[Direction, ...]
    mm: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    line: npt.NDArray[np.int64]
    source: StakeSource = StakeSource.TABLE
    chains: Mapping[tuple[str, Direction], tuple[BrokenChain, ...]] | None = None

    def __len__(self) -> int:
        return len(self.mm)

    def groups(self) -> tuple[tuple[str, Direction], ...]:
        """Return the carriageways in the table, sorted."""
        return tuple(sorted(set(zip(self.route, self.direction, strict=True))))

    def chains_of(self, route: str, direction: Direction) -> tuple[BrokenChain, ...]:
        """Return the chains declared for a carriageway, those for both directions included."""
        chains = self.chains or {}
        both = chains.get((route, Direction.NONE), ()) if direction else ()
        return (*chains.get((route, direction), ()), *both)

    def take(self, rows: npt.NDArray[np.integer] | Sequence[int]) -> StakeTable:
        """Return the given rows."""
        pick = np.asarray(rows, dtype=np.int64)
        return StakeTable(
            tuple(self.route[k] for k in pick),
            tuple(self.direction[k] for k in pick),
            self.mm[pick],
            self.lon[pick],
            self.lat[pick],
            self.line[pick],
            self.source,
            self.chains,
        )


def make_stake_table(
    rows: Sequence[tuple[str, Direction, int, float, float]],
    *,
    lines: Sequence[int] | None = None,
    source: StakeSource = StakeSource.TABLE,
    chains: Mapping[tuple[str, Direction], tuple[BrokenChain, ...]] | None = None,
) -> StakeTable:
    """Build a table from ``(route, direction, mm, lon, lat)`` rows in WGS-84 degrees."""
    return StakeTable(
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([row[3] for row in rows], dtype=np.float64),
        np.array([row[4] for row in rows], dtype=np.float64),
        np.array(range(1, len(rows) + 1) if lines is None else lines, dtype=np.int64),
        source,
        chains,
    )


def read_stake_table(
    path: str | Path, *, datum: Datum = Datum.WGS84, columns: Mapping[str, str] | None = None, route: str = ""
) -> tuple[StakeTable, tuple[Finding, ...]]:
    """Read a stake table from CSV or XLSX.

    Parameters
    ----------
    path
        The file.
    datum
        What its coordinates are given in; they are converted to WGS-84.
    columns
        Our column name to the heading in this file, where it is none of ``HEADINGS``.
    route
        Route of rows that name none.

    Returns
    -------
    table
        Rows with a stake and a place, in the order of the file.
    findings
        Rows left out and why, and rows whose stake lies outside its own section.

    Raises
    ------
    InputError
        The file is no table, lacks the columns stake, lon or lat, or has no usable row.
    """
    sheet = read_sheet(path, headings=HEADINGS, required=("stake", "lon", "lat"), columns=columns)
    faults: list[tuple[str, int, str, str]] = []
    rows: list[tuple[str, Direction, int, float, float]] = []
    lines: list[int] = []
    chains: dict[tuple[str, Direction], list[BrokenChain]] = {}
    for row in sheet.rows:
        try:
            found = _read_row(row, route, chains, faults)
        except InputError as error:
            chinese, _, english = str(error).partition(" / ")
            faults.append(("stake_row_unreadable", row.line, chinese.rstrip("。"), english.rstrip(".")))
            continue
        if found is not None:
            rows.append(found)
            lines.append(row.line)
    if not rows:
        why = f"第 {faults[0][1]} 行：{faults[0][2]}" if faults else ""
        raise InputError(
            f"{sheet.name}：没有一行可用（{why}），请检查桩号和坐标列。"
            f" / {sheet.name}: no row can be used; check the columns of stakes and coordinates."
        )
    table = make_stake_table(rows, lines=lines, chains={key: tuple(found) for key, found in chains.items()})
    lon, lat = convert(table.lon, table.lat, source=datum)
    table = StakeTable(table.route, table.direction, table.mm, lon, lat, table.line, table.source, table.chains)
    return table, _row_findings(sheet, faults, datum)


def _read_row(
    row: SheetRow,
    route: str,
    chains: dict[tuple[str, Direction], list[BrokenChain]],
    faults: list[tuple[str, int, str, str]],
) -> tuple[str, Direction, int, float, float] | None:
    stated = read_direction(row.get("direction"))
    if stated is None:
        faults.append(
            (
                "stake_direction_unknown",
                row.line,
                f"方向“{row.get('direction')[:20]}”不认识",
                f"direction {row.get('direction')[:20]!r} is unknown",
            )
        )
    written = row.get("route") or route
    if row.get("chain"):
        chains.setdefault((written, stated or Direction.NONE), []).append(parse_chain(row.get("chain")))
        if not row.get("stake"):
            return None
    stake = parse_stake(row.get("stake"), route=written)
    direction = stated or stake.direction
    lon, lat = row.number("lon"), row.number("lat")
    if lon is None or lat is None or (lon == 0 and lat == 0):
        raise InputError("没有坐标 / there are no coordinates")
    if abs(lat) > 90 >= abs(lon):  # noqa: PLR2004 - degrees
        raise InputError("经纬度颠倒 / lon and lat are exchanged")
    if abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004 - degrees
        raise InputError("坐标不是经纬度 / the coordinates are no degrees")
    section = _read_section(row)
    if section is not None and not section.low_mm <= stake.mm <= section.high_mm:
        span = f"{format_mm(section.low_mm)}—{format_mm(section.high_mm)}"
        faults.append(
            (
                "stake_outside_section",
                row.line,
                f"{format_mm(stake.mm)} 不在区间 {span} 内",
                f"{format_mm(stake.mm)} lies outside its section {span}",
            )
        )
    return stake.route or written, direction, stake.mm, lon, lat


def _read_section(row: SheetRow) -> StakeRange | None:
    """Return the section a row states, None where it states none or names places instead of stakes."""
    try:
        if row.get("section_start") and row.get("section_end"):
            return StakeRange(parse_stake(row.get("section_start")), parse_stake(row.get("section_end")))
        return parse_range(row.get("section")) if row.get("section") else None
    except InputError:
        return None


_TEXTS: Mapping[str, tuple[Severity, str, str]] = {
    "stake_row_unreadable": (Severity.ERROR, "行桩号表读不出来，未使用", "rows of the stake table cannot be used"),
    "stake_direction_unknown": (Severity.WARNING, "行方向不认识，按未注明处理", "rows name an unknown direction"),
    "stake_outside_section": (Severity.WARNING, "行桩号不在所列区间内", "rows have a stake outside their section"),
}


def _row_findings(sheet: Sheet, faults: Sequence[tuple[str, int, str, str]], datum: Datum) -> tuple[Finding, ...]:
    findings = []
    by_line = {row.line: row for row in sheet.rows}
    for code, (severity, chinese, english) in _TEXTS.items():
        rows = [fault for fault in faults if fault[0] == code]
        if rows:
            zh = "；".join(f"第 {line} 行 {text}" for _, line, text, _ in rows[:10])
            en = "; ".join(f"line {line}: {text}" for _, line, _, text in rows[:10])
            findings.append(
                Finding(
                    code,
                    severity,
                    len(rows),
                    f"{sheet.name}：{len(rows)} {chinese}：{zh}。请核对。",
                    f"{sheet.name}: {len(rows)} {english}: {en}. Please check.",
                    places=_places_of([by_line[line] for _, line, _, _ in rows[:50] if line in by_line], datum),
                    things=tuple(f"line {line}" for _, line, _, _ in rows[:50]),
                )
            )
    return tuple(findings)


def _places_of(rows: Sequence[SheetRow], datum: Datum) -> tuple[tuple[float, float], ...]:
    """Return where the rows lie, WGS-84 degrees; rows without a place have none."""
    given = [(row.number("lon"), row.number("lat")) for row in rows]
    good = [(x, y) for x, y in given if x is not None and y is not None and abs(x) <= 180 and abs(y) <= 90]  # noqa: PLR2004
    if not good:
        return ()
    lon, lat = convert([x for x, _ in good], [y for _, y in good], source=datum)
    return tuple((round(float(x), 7), round(float(y), 7)) for x, y in zip(lon, lat, strict=True))
