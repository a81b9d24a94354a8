"""What is doubtful about a stake table, row by row and interval by interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.carriageway import Carriageway, name_carriageway
from geo.findings import Finding, Severity
from geo.stakefit import StakeFit
from geo.stakes import format_mm
from geo.staketable import SOURCE_ERROR_M, StakeTable

Floats = npt.NDArray[np.float64]

ODD_SIGMAS, ODD_LEAST_M = 4.5, 20.0
"""An interval is odd where road and stakes differ by more than 4.5 robust standard deviations of this table."""
UNEVEN_SHARE = 0.05
"""An interval is uneven where they differ by a twentieth: worth a look, no fault by itself."""
GAP_TIMES, GAP_LEAST_M = 3.0, 1_500.0
_SAME_PLACE_M = 1.0
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Interval:
    """Two successive stakes whose distance along the road differs from what the stakes say.

    Attributes
    ----------
    lines
        Lines of the table.
    stakes_mm
        The two stakes, millimetres.
    road_m, stake_m
        Metres along the road, and metres by the stakes.
    place
        Where it begins, ``(lon, lat)`` in WGS-84 degrees.
    """

    lines: tuple[int, int]
    stakes_mm: tuple[int, int]
    road_m: float
    stake_m: float
    place: tuple[float, float]

    @property
    def excess_m(self) -> float:
        """Metres of road beyond what the stakes say."""
        return self.road_m - self.stake_m

    def __str__(self) -> str:
        return f"{format_mm(self.stakes_mm[0])}—{format_mm(self.stakes_mm[1])} {self.excess_m:+.0f} m"


def find_intervals(way: Carriageway, table: StakeTable) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Return odd and uneven intervals of a carriageway, the largest difference first."""
    found: list[Interval] = []
    for piece in way.pieces:
        place = way.line.places_at(piece.along_m)
        for k in range(len(piece.row) - 1):
            a, b = int(piece.row[k]), int(piece.row[k + 1])
            if a < 0 or b < 0:
                continue
            found.append(
                Interval(
                    (int(table.line[a]), int(table.line[b])),
                    (int(table.mm[a]), int(table.mm[b])),
                    float(piece.along_m[k + 1] - piece.along_m[k]),
                    float(piece.stake_m[k + 1] - piece.stake_m[k]),
                    (round(float(place.lon[k]), 7), round(float(place.lat[k]), 7)),
                )
            )
    if not found:
        return (), ()
    excess = np.array([interval.excess_m for interval in found])
    spread = 1.4826 * float(np.median(np.abs(excess - np.median(excess))))
    limit = max(ODD_LEAST_M, 2 * SOURCE_ERROR_M[way.source], ODD_SIGMAS * spread)
    ranked = sorted(found, key=lambda i: (-abs(i.excess_m), i.lines))
    odd = tuple(i for i in ranked if abs(i.excess_m) > limit)
    least = max(ODD_LEAST_M, 2 * SOURCE_ERROR_M[way.source])
    rest = [i for i in ranked if abs(i.excess_m) <= limit]
    uneven = tuple(i for i in rest if abs(i.excess_m) > max(least, UNEVEN_SHARE * i.stake_m))
    return odd, uneven


def check_rows(table: StakeTable, fit: StakeFit, *, name: str) -> list[Finding]:
    """Return findings about single rows of one carriageway: duplicates, rows against the run, order, gaps."""
    if len(fit.kept) < 2:  # noqa: PLR2004 - a line needs two stakes
        rows = list(range(len(table)))
        return [_about(table, rows, name, code="stake_too_few", severity=Severity.WARNING, text=_TOO_FEW)]
    kept = set(fit.kept.tolist())
    out = [k for k in range(len(table)) if k not in kept]
    doubles = [k for k in out if _is_double(table, k, fit)]
    against = [k for k in out if k not in doubles]
    runs = [] if fit.was_reversed and not against else _against_order(table)
    everything = list(range(len(table))) if fit.was_sorted else []
    findings = [
        _about(table, rows, name, code=code, severity=severity, text=text)
        for rows, code, severity, text in (
            (doubles, "stake_duplicate", Severity.WARNING, _DUPLICATE),
            (against, "stake_contradicts", Severity.ERROR, _CONTRADICTS),
            (runs, "stake_decreasing", Severity.WARNING, _DECREASING),
            (everything, "stake_unsorted", Severity.NOTE, _UNSORTED),
        )
        if rows
    ]
    return findings + _gaps(table, fit, name) + _chains(table, fit, name)


def check_shared_places(table: StakeTable) -> list[Finding]:
    """Return a finding about places that both directions of a route share: carriageways cannot be told apart there."""
    seen: dict[tuple[str, float, float], set[str]] = {}
    keys = [(table.route[k], round(float(table.lon[k]), 6), round(float(table.lat[k]), 6)) for k in range(len(table))]
    for key, direction in zip(keys, table.direction, strict=True):
        seen.setdefault(key, set()).add(direction)
    rows = [k for k, key in enumerate(keys) if len(seen[key]) > 1]
    if not rows:
        return []
    name = "、".join(sorted({table.route[k] for k in rows}))
    return [_about(table, rows, name, code="stake_shared_place", severity=Severity.NOTE, text=_SHARED)]


def check_carriageway(
    way: Carriageway, table: StakeTable, *, gaps_m: Sequence[tuple[float, float]] = ()
) -> list[Finding]:
    """Return findings about a calibrated carriageway: odd and uneven intervals, gaps of the map, a rough source."""
    name = name_carriageway(way.route, way.direction)
    odd, uneven = find_intervals(way, table)
    findings: list[Finding] = []
    for code, severity, found, zh, en in (
        ("stake_odd_interval", Severity.WARNING, odd, _ODD_ZH, _ODD_EN),
        ("stake_uneven_interval", Severity.NOTE, uneven, _UNEVEN_ZH, _UNEVEN_EN),
    ):
        if found:
            listed = "；".join(str(i) for i in found[:_MOST_NAMED])
            findings.append(
                Finding(
                    code,
                    severity,
                    len(found),
                    f"{name}：{len(found)} {zh}（{listed}）。",
                    f"{name}: {len(found)} {en} ({listed.replace('；', '; ')}).",
                    length_m=sum(abs(i.excess_m) for i in found),
                    places=tuple(i.place for i in found[:50]),
                    things=tuple(f"line {i.lines[0]}-{i.lines[1]}" for i in found[:50]),
                )
            )
    if gaps_m:
        at = way.line.places_at([a for a, _ in gaps_m])
        findings.append(
            Finding(
                "route_gap",
                Severity.WARNING,
                len(gaps_m),
                f"{name}：地图上有 {len(gaps_m)} 处按路线编号走不通，其间桩号按表内坐标内插，请检查地图的编号。",
                f"{name}: the map has no way through by route number in {len(gaps_m)} places; stakes there are"
                " interpolated between table points: check the numbers on the map.",
                length_m=sum(b - a for a, b in gaps_m),
                places=_places(at.lon, at.lat),
            )
        )
    if SOURCE_ERROR_M[way.source] > SOURCE_ERROR_M[next(iter(SOURCE_ERROR_M))]:
        error = SOURCE_ERROR_M[way.source]
        findings.append(
            Finding(
                "stake_rough_source",
                Severity.NOTE,
                1,
                f"{name}：桩号取自{_SOURCE_ZH[way.source]}，误差至少 {error:.0f} 米，只作参考；请导入桩号表。",
                f"{name}: stakes are read off {way.source} numbers, good to {error:.0f} m at best:"
                " import a stake table.",
            )
        )
    return findings


_SOURCE_ZH = {"milestone": "地图里程碑", "interchange": "互通编号", "table": "桩号表"}
_ODD_ZH = "处间距异常：沿路距离与桩号之差明显偏离本表一般水平，可能是断链、桩号有误或坐标偏移，请核对"
_ODD_EN = (
    "odd intervals, road and stakes differ far more than elsewhere in the table: broken chain, wrong stake or place"
)
_UNEVEN_ZH = "处间距不匀，沿路距离与桩号相差 5% 以上，建议核对"
_UNEVEN_EN = "uneven intervals, road and stakes differ by more than 5 %"
_TOO_FEW = ("相符的桩号不足两个，无法定标", "has fewer than two stakes that agree and cannot be calibrated")
_DUPLICATE = ("行桩号重复，只用第一行", "rows repeat a stake or a place; the first is used")
_CONTRADICTS = (
    "行桩号与坐标和前后各行矛盾，未使用",
    "rows contradict the rows around them by stake or place; not used",
)
_DECREASING = ("行桩号逆减，与全表方向相反", "rows run against the direction of the table")
_SHARED = (
    "行与对向同一坐标，此处分不清上下行",
    "rows share their place with the other direction; the carriageways cannot be told apart there",
)
_UNSORTED = ("行未按路线顺序排列，已按桩号排序", "rows were not in the order of the road and have been sorted by stake")


def _about(
    table: StakeTable, rows: Sequence[int], name: str, *, code: str, severity: Severity, text: tuple[str, str]
) -> Finding:
    picked = list(rows[:_MOST_NAMED])
    more = "…" if len(rows) > _MOST_NAMED else ""
    named = [(int(table.line[k]), format_mm(int(table.mm[k]))) for k in picked]
    zh = ", ".join(f"第 {line} 行 {stake}" for line, stake in named) + more
    en = ", ".join(f"line {line} {stake}" for line, stake in named) + more
    return Finding(
        code,
        severity,
        len(rows),
        f"{name}：{len(rows)} {text[0]}（{zh}）。",
        f"{name}: {len(rows)} {text[1]} ({en}).",
        places=_places(table.lon[list(rows[:50])], table.lat[list(rows[:50])]),
        things=tuple(f"line {table.line[k]}" for k in rows[:50]),
    )


def _is_double(table: StakeTable, row: int, fit: StakeFit) -> bool:
    kept = fit.kept
    near = np.hypot(table.lon[kept] - table.lon[row], table.lat[kept] - table.lat[row]) < _SAME_PLACE_M / 100_000.0
    return bool(((table.mm[kept] == table.mm[row]) | near).any())


def _against_order(table: StakeTable) -> list[int]:
    """Return the rows whose stake is below that of the row before, where the table rises, or the reverse."""
    step = np.diff(table.mm)
    rising = (step > 0).sum() >= (step < 0).sum()
    return (np.flatnonzero(step < 0 if rising else step > 0) + 1).tolist()


def _gaps(table: StakeTable, fit: StakeFit, name: str) -> list[Finding]:
    stake_m = table.mm[fit.kept] / 1000.0
    step = np.diff(stake_m)
    usual = float(np.median(step[step > 0])) if (step > 0).any() else 0.0
    rows = [k for k in np.flatnonzero(step > max(GAP_LEAST_M, GAP_TIMES * usual)).tolist() if k not in fit.breaks]
    if not rows:
        return []
    listed = [f"{format_mm(round(stake_m[k] * 1000))}—{format_mm(round(stake_m[k + 1] * 1000))}" for k in rows]
    at = fit.kept[rows]
    return [
        Finding(
            "stake_gap",
            Severity.NOTE,
            len(rows),
            f"{name}：{len(rows)} 处缺桩（{'；'.join(listed[:_MOST_NAMED])}），其间误差较大，请补充。",
            f"{name}: {len(rows)} stretches lack stakes ({'; '.join(listed[:_MOST_NAMED])}); errors are larger there.",
            length_m=float(step[rows].sum()),
            places=_places(table.lon[at[:50]], table.lat[at[:50]]),
            things=tuple(f"line {line}" for line in table.line[at[:50]]),
        )
    ]


def _chains(table: StakeTable, fit: StakeFit, name: str) -> list[Finding]:
    found = [(k, chain) for k, chain in sorted(fit.breaks.items()) if not chain.is_declared]
    if not found:
        return []
    listed = "；".join(str(chain) for _, chain in found[:_MOST_NAMED])
    at = fit.kept[[k for k, _ in found]]
    return [
        Finding(
            "stake_chain_found",
            Severity.WARNING,
            len(found),
            f"{name}：发现 {len(found)} 处可能的断链（{listed}），位置取两桩之间，请在桩号表中写明。",
            f"{name}: {len(found)} broken chains found ({listed.replace('；', '; ')}), placed between two stakes:"
            " declare them in the table.",
            places=_places(table.lon[at[:50]], table.lat[at[:50]]),
            things=tuple(f"line {line}" for line in table.line[at[:50]]),
        )
    ]


def _places(lon: Floats, lat: Floats) -> tuple[tuple[float, float], ...]:
    return tuple((round(float(x), 7), round(float(y), 7)) for x, y in zip(lon, lat, strict=True))[:50]
