"""What the agencies' own tables leave open or claim twice: gaps, overlaps, concurrencies, roads nobody lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.cutting import CutNetwork
from geo.findings import Finding, Severity
from jurisdiction.agencies import EXPRESSWAY, Agency
from jurisdiction.brigades import Assignment, Why
from jurisdiction.routeaxis import Axis, split_routes
from jurisdiction.stretchends import stake_at
from jurisdiction.stretches import Claims

Mask = npt.NDArray[np.bool_]

_JOIN_M = 1.0
_APART = (RoadClass.MOTORWAY_LINK, RoadClass.ORDINARY_LINK, RoadClass.SERVICE, RoadClass.FERRY)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of carriageway on one route.

    Attributes
    ----------
    route
        Its number.
    travel
        Driving direction on the route's axis (1 towards higher stakes, -1 towards lower ones, 0 both or unknown).
    from_m, to_m
        Positions on the axis, -1 where the route has none.
    from_stake, to_stake
        Stakes there, ``""`` where the route has none.
    length_mm
        Whole millimetres of carriageway.
    pieces
        Rows of the cut network.
    agencies
        Who claims it, in the order of the table; empty for a gap.
    place
        ``(lon, lat)`` of its first point.
    """

    route: str
    travel: int
    from_m: float
    to_m: float
    from_stake: str
    to_stake: str
    length_mm: int
    pieces: tuple[int, ...]
    agencies: tuple[str, ...]
    place: tuple[float, float]

    def to_json(self, segment_ids: Sequence[str]) -> dict[str, object]:
        """Return plain JSON values, lengths in metres; ``segment_ids`` are those of the cut network."""
        known = self.from_m >= 0
        return {
            "route": self.route,
            "travel": self.travel,
            "from_m": round(self.from_m, 1) if known else None,
            "to_m": round(self.to_m, 1) if known else None,
            "from_stake": self.from_stake,
            "to_stake": self.to_stake,
            "length_m": self.length_mm / 1000,
            "agencies": list(self.agencies),
            "lon": self.place[0],
            "lat": self.place[1],
            "first_segment": segment_ids[self.pieces[0]],
            "segments": len(self.pieces),
        }


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Roads that carry several route numbers.

    Attributes
    ----------
    routes
        The numbers as the map writes them.
    length_mm, pieces
        Whole millimetres of carriageway, and rows of the cut network.
    agencies
        Who claims it by one of the numbers, in the order of the table.
    chosen
        Who has it.
    how
        ``stretch`` (only one brigade claims it), ``concurrency`` (by rule), ``ruling`` (by decision), ``nearest``, …
    reason
        The rule, or why it was decided so.
    place
        ``(lon, lat)`` of its first point.
    """

    routes: tuple[str, ...]
    length_mm: int
    pieces: tuple[int, ...]
    agencies: tuple[str, ...]
    chosen: tuple[str, ...]
    how: str
    reason: str
    place: tuple[float, float]

    def to_json(self, segment_ids: Sequence[str]) -> dict[str, object]:
        """Return plain JSON values, lengths in metres; ``segment_ids`` are those of the cut network."""
        return {
            "routes": list(self.routes),
            "key": f"concurrency:{';'.join(self.routes)}",
            "length_m": self.length_mm / 1000,
            "agencies": list(self.agencies),
            "agency": self.chosen[0] if len(self.chosen) == 1 else "",
            "by_agency": list(self.chosen),
            "how": self.how,
            "reason": self.reason,
            "lon": self.place[0],
            "lat": self.place[1],
            "first_segment": segment_ids[self.pieces[0]],
            "segments": len(self.pieces),
        }


def list_gaps(cut: CutNetwork, assignment: Assignment, *, why: Why = Why.GAP) -> tuple[Run, ...]:
    """Return the runs of main line that no stretch of their tabled route claims (or that lie beyond its border)."""
    claims = assignment.claims
    open_pieces = np.flatnonzero(assignment.why == why)
    runs: list[Run] = []
    seen: set[int] = set()
    for route, axis in claims.axes.items():
        mine = [piece for piece in _on_axis(axis, cut, open_pieces) if piece not in seen]
        seen.update(mine)
        runs += _join_runs(cut, claims, route, rows=[(piece, ()) for piece in mine])
    return tuple(runs)


def list_overlaps(cut: CutNetwork, assignment: Assignment) -> tuple[Run, ...]:
    """Return the runs that several brigades claim by one route number."""
    claims = assignment.claims
    found: dict[tuple[int, str], list[str]] = {}
    order = np.lexsort((assignment.pair_span, assignment.pair_piece))
    for k in order.tolist():
        stretch = claims.spans[int(assignment.pair_span[k])].stretch
        found.setdefault((int(assignment.pair_piece[k]), stretch.route), []).append(stretch.agency)
    rows: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for (piece, route), agencies in found.items():
        several = tuple(dict.fromkeys(agencies))
        if len(several) > 1:
            rows.setdefault(route, []).append((piece, several))
    return tuple(run for route in rows for run in _join_runs(cut, claims, route, rows=rows[route]))


def list_concurrencies(cut: CutNetwork, expressway: Mask, assignment: Assignment) -> tuple[Concurrency, ...]:
    """Return the expressway main lines that carry several numbers, grouped by their numbers and by what decided."""
    network, claims = cut.network, assignment.claims
    column = network.ways.text["ref"]
    several = np.array([len(split_routes(text)) > 1 for text in column.pool], dtype=bool)[column.codes]
    main = ~np.isin(network.segment_class, _APART)
    rows = np.flatnonzero(expressway & main & several[network.segments.way])
    groups: dict[tuple[tuple[str, ...], tuple[str, ...], str], list[int]] = {}
    for row in rows.tolist():
        low, high = np.searchsorted(assignment.pair_piece, (row, row + 1))
        numbers = sorted(assignment.pair_span[low:high].tolist())
        agencies = tuple(dict.fromkeys(claims.spans[k].stretch.agency for k in numbers))
        how = Why(int(assignment.why[row])).label
        groups.setdefault((split_routes(network.text("ref", row)), agencies, how), []).append(row)
    found = []
    for (routes, agencies, how), pieces in groups.items():
        chosen = tuple(sorted({str(assignment.agency[k]) for k in pieces}))
        told = assignment.reason(pieces[0])
        reason = str(told.get("reason", "") or told.get("rule", "") or told.get("stretch", ""))
        length = int(network.segments.length_mm[pieces].sum())
        place = network.points(pieces[0])[0]
        spot = (round(float(place[0]), 7), round(float(place[1]), 7))
        found.append(Concurrency(routes, length, tuple(pieces), agencies, chosen, how, reason, spot))
    return tuple(found)


def _on_axis(axis: Axis, cut: CutNetwork, pieces: npt.NDArray[np.integer]) -> list[int]:
    at = np.searchsorted(axis.rows, cut.base[pieces])
    ok = at < len(axis.rows)
    ok[ok] = axis.rows[at[ok]] == cut.base[pieces][ok]
    return [int(piece) for piece in pieces[ok].tolist()]


def _join_runs(
    cut: CutNetwork, claims: Claims, route: str, *, rows: Sequence[tuple[int, tuple[str, ...]]]
) -> list[Run]:
    """Join pieces that follow each other on the axis, each driving direction by itself."""
    axis = claims.axes.get(route)
    keyed = sorted((*_span_of(cut, axis, piece), piece, agencies) for piece, agencies in rows)
    runs: list[list[tuple[int, float, float, int, tuple[str, ...]]]] = []
    for row in keyed:
        last = runs[-1] if runs else None
        same = last is not None and last[-1][0] == row[0] and last[-1][4] == row[4]
        if same and last is not None and not row[1] > max(r[2] for r in last) + _JOIN_M:
            last.append(row)
        else:
            runs.append([row])
    made = []
    for run in runs:
        pieces = tuple(row[3] for row in run)
        low, high = min(row[1] for row in run), max(row[2] for row in run)
        stakes = ("", "")
        if axis is not None:
            stakes = (
                stake_at(claims.calibrations.get(route), axis, low),
                stake_at(claims.calibrations.get(route), axis, high),
            )
        point = cut.network.points(pieces[0])[0]
        length = int(cut.network.segments.length_mm[list(pieces)].sum())
        place = (round(float(point[0]), 7), round(float(point[1]), 7))
        made.append(Run(route, run[0][0], low, high, *stakes, length, pieces, run[0][4], place))
    return made


def _span_of(cut: CutNetwork, axis: Axis | None, piece: int) -> tuple[int, float, float]:
    """Return driving direction and positions of a piece; a route without axis has none."""
    if axis is None:
        return 0, -1.0, -1.0
    k = int(np.searchsorted(axis.rows, cut.base[piece]))
    start = float(cut.from_mm[piece]) / 1000
    end = start + float(cut.network.segments.length_mm[piece]) / 1000
    a, b = axis.position_at(k, start), axis.position_at(k, end)
    return int(axis.travel[k]), min(a, b), max(a, b)


def table_findings(
    cut: CutNetwork, expressway: Mask, assignment: Assignment, *, agencies: Sequence[Agency]
) -> list[Finding]:
    """Return the findings about the agencies' tables.

    Parameters
    ----------
    cut, expressway
        The pieces and their labels.
    assignment
        Who has them, and why.
    agencies
        The brigades.
    """
    found = [*assignment.claims.findings]
    found += _run_finding(cut, list_gaps(cut, assignment), "stretch_gap")
    found += _run_finding(cut, list_overlaps(cut, assignment), "stretch_overlap")
    found += _concurrency_findings(cut, list_concurrencies(cut, expressway, assignment))
    found += _outside_findings(cut, assignment)
    if sum(a.kind == EXPRESSWAY for a in agencies) > 1 and assignment.claims.spans:
        found += _unlisted_findings(cut, assignment)
    return found


_RUN_TEXT = {
    "stretch_gap": (
        "高速路段不在任何大队的管段内，暂列无主",
        "expressway runs are in no brigade's stretch and have no owner yet",
    ),
    "stretch_overlap": (
        "高速路段有两个以上大队的管段重叠，暂归先列者",
        "expressway runs are in several brigades' stretches; the first listed has them for now",
    ),
}


def _run_finding(cut: CutNetwork, runs: Sequence[Run], code: str) -> list[Finding]:
    if not runs:
        return []
    zh, en = _RUN_TEXT[code]
    ids = cut.network.segment_ids
    total = sum(run.length_mm for run in runs) / 1000
    listed = "；".join(_name_run(run) for run in runs[:4])
    return [
        Finding(
            code,
            Severity.WARNING,
            len(runs),
            f"{len(runs)} 处{zh}（{listed}），请核对管段表。",
            f"{len(runs)} {en} ({listed}): check the table of stretches.",
            length_m=total,
            places=tuple(run.place for run in runs[:50]),
            things=tuple(ids[run.pieces[0]] for run in runs[:50]),
        )
    ]


def _name_run(run: Run) -> str:
    ends = f" {run.from_stake}—{run.to_stake}" if run.from_stake and run.to_stake else ""
    who = f" {'/'.join(run.agencies)}" if run.agencies else ""
    return f"{run.route}{ends} {run.length_mm / 1000:.1f} m{who}"


def _concurrency_findings(cut: CutNetwork, rows: Sequence[Concurrency]) -> list[Finding]:
    open_rows = [row for row in rows if len(row.agencies) > 1]
    if not open_rows:
        return []
    ids = cut.network.segment_ids
    listed = "；".join(
        f"{'+'.join(row.routes)} {row.length_mm / 1000:.1f} m {'/'.join(row.agencies)}→{'/'.join(row.chosen)}"
        for row in open_rows[:4]
    )
    return [
        Finding(
            "concurrency",
            Severity.NOTE,
            len(open_rows),
            f"{len(open_rows)} 处共线由两个以上大队的路线共用（{listed}），已按规则或决定归属，请确认。",
            f"{len(open_rows)} concurrencies carry routes of several brigades ({listed}); settled by rule or decision.",
            length_m=sum(row.length_mm for row in open_rows) / 1000,
            places=tuple(row.place for row in open_rows[:50]),
            things=tuple(ids[row.pieces[0]] for row in open_rows[:50]),
        )
    ]


def _outside_findings(cut: CutNetwork, assignment: Assignment) -> list[Finding]:
    rows = np.flatnonzero(np.isin(assignment.why, (Why.BEYOND, Why.OUTSIDE)))
    if len(rows) == 0:
        return []
    length = float(cut.network.segments.length_m[rows].sum())
    return [
        Finding(
            "outside_district",
            Severity.NOTE,
            len(rows),
            f"{len(rows)} 个路段（{length / 1000:.1f} km）在辖区边界以外，没有管辖单位。",
            f"{len(rows)} segments ({length / 1000:.1f} km) lie outside the district and have no agency.",
            length_m=length,
            places=_places(cut, rows),
            things=tuple(cut.network.segment_ids[row] for row in rows[:50].tolist()),
        )
    ]


def _unlisted_findings(cut: CutNetwork, assignment: Assignment) -> list[Finding]:
    network = cut.network
    listed = {span.stretch.route for span in assignment.claims.spans}
    main = (assignment.why == Why.NEAREST) & ~np.isin(network.segment_class, _APART)
    column = network.ways.text["ref"]
    lost = np.array([bool(split_routes(t)) and not listed & {*split_routes(t)} for t in column.pool], dtype=bool)
    rows = np.flatnonzero(main & lost[column.codes][network.segments.way])
    if len(rows) == 0:
        return []
    names = sorted({route for row in rows.tolist() for route in split_routes(network.text("ref", row))})
    length = float(network.segments.length_m[rows].sum())
    return [
        Finding(
            "route_without_stretch",
            Severity.WARNING,
            len(names),
            f"{len(names)} 条高速路线不在管段表中（{'、'.join(names[:6])}，{length / 1000:.1f} km），"
            "暂归相邻大队，请补充。",
            f"{len(names)} expressway routes are in no table of stretches ({', '.join(names[:6])}, "
            f"{length / 1000:.1f} km); given to the nearest brigade for now: add them.",
            length_m=length,
            places=_places(cut, rows),
            things=tuple(names[:50]),
        )
    ]


def _places(cut: CutNetwork, rows: Iterable[int] | npt.NDArray[np.integer]) -> tuple[tuple[float, float], ...]:
    points = [cut.network.points(int(row))[0] for row in list(rows)[:50]]
    return tuple((float(x), float(y)) for x, y in points)
