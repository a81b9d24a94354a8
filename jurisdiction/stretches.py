"""Stretches resolved to metres: which part of which segment each brigade's table claims, and what is wrong with it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely

from geo.carriageway import Calibration
from geo.cutting import CUT_TOLERANCE_MM, Cut
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.network import Network
from jurisdiction.agencies import Stretch
from jurisdiction.routeaxis import Axis, make_axis, route_mask
from jurisdiction.stretchends import EndFinder, Located, Problem, Stakes

Ints = npt.NDArray[np.int64]

_SAME_M = 0.01


def _nothing() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Span:
    """A stretch on the axis of its route.

    Attributes
    ----------
    stretch
        As its table has it.
    travels
        Driving directions it holds for (1, -1, 0 both ways).
    low, high
        Its two ends, the one of smaller positions first; ``None`` where it could not be resolved.
    problems
        What is doubtful, or why it could not be resolved.
    start_is_low
        Whether the end that the table names first is ``low``.
    """

    stretch: Stretch
    travels: tuple[int, ...] = (-1, 0, 1)
    low: Located | None = None
    high: Located | None = None
    problems: tuple[Problem, ...] = ()
    start_is_low: bool = True

    @property
    def is_resolved(self) -> bool:
        """Whether it claims metres of the map."""
        return self.low is not None and self.high is not None


@dataclass(frozen=True)
class Claims:
    """What the tables claim of a network that is not cut yet.

    Attributes
    ----------
    spans
        One a stretch, in the order of the table.
    axes
        Route to its axis, stakes growing where they are known; routes claimed as a whole have none.
    row, from_mm, to_mm, span
        int64 (claims,): segment row, part of it in millimetres, and number of the span.
    cuts
        Where segments must be cut because claims change inside them.
    calibrations
        Route to its stakes, for routes with an axis that have any.
    """

    spans: tuple[Span, ...] = ()
    axes: Mapping[str, Axis] = field(default_factory=lambda: MappingProxyType({}))
    row: Ints = field(default_factory=_nothing)
    from_mm: Ints = field(default_factory=_nothing)
    to_mm: Ints = field(default_factory=_nothing)
    span: Ints = field(default_factory=_nothing)
    cuts: tuple[Cut, ...] = ()
    calibrations: Mapping[str, Calibration] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with stretches, one finding a code."""
        found: dict[str, list[tuple[Span, Problem]]] = {}
        for span in self.spans:
            for problem in span.problems:
                found.setdefault(problem.code, []).append((span, problem))
        result = []
        for code, rows in sorted(found.items()):
            zh = "；".join(f"{span.stretch.name}：{problem.zh.rstrip('。')}" for span, problem in rows[:3])
            en = "; ".join(f"{span.stretch.name}: {problem.en.rstrip('.')}" for span, problem in rows[:3])
            names = tuple(span.stretch.name for span, _ in rows[:50])
            result.append(
                Finding(
                    code,
                    rows[0][1].severity,
                    len(rows),
                    f"{len(rows)} 个管段需核对：{zh}。",
                    f"{len(rows)} stretches to check: {en}.",
                    things=names,
                )
            )
        return result


def resolve_stretches(
    network: Network,
    stretches: Sequence[Stretch],
    *,
    stakes: Stakes | None = None,
    outline: shapely.Geometry | None = None,
) -> Claims:
    """Resolve stretches to metres of carriageway.

    Parameters
    ----------
    network
        The network, not cut.
    stretches
        In the order of the table; the first of two that claim a metre wins later on.
    stakes
        Gives the calibration of a route; without it ends by stake are found by their name.
    outline
        The district, WGS-84 degrees: where borders lie. Without it a border is the end of the route on the map.
    """
    finders: dict[str, EndFinder | None] = {}
    spans, parts = [], []
    for stretch in stretches:
        if stretch.is_whole:
            rows = np.flatnonzero(route_mask(network, stretch.route)).astype(np.int64)
            spans.append(_whole(stretch, len(rows)))
            parts.append((rows, np.zeros(len(rows), dtype=np.int64), network.segments.length_mm[rows]))
            continue
        if stretch.route not in finders:
            finders[stretch.route] = find_route_ends(network, stretch.route, stakes=stakes, outline=outline)
        finder = finders[stretch.route]
        span = Span(stretch, problems=(_off_map(stretch),)) if finder is None else resolve_one(finder, stretch)
        spans.append(span)
        parts.append(_parts_of(network, None if finder is None else finder.axis, span))
    known = {route: finder for route, finder in finders.items() if finder is not None}
    bare = Claims(
        tuple(spans),
        {route: finder.axis for route, finder in known.items()},
        calibrations={route: f.calibration for route, f in known.items() if f.calibration is not None},
    )
    return _collect(network, bare, parts)


def find_route_ends(
    network: Network, route: str, *, stakes: Stakes | None, outline: shapely.Geometry | None = None
) -> EndFinder | None:
    """Return what finds ends on a route; ``None`` where the map does not have it."""
    axis = make_axis(network, route)
    if axis is None:
        return None
    calibration = stakes(route) if stakes is not None else None
    return EndFinder(network, axis, calibration=calibration, outline=outline)


def _whole(stretch: Stretch, segments: int) -> Span:
    if segments == 0:
        return Span(stretch, problems=(_off_map(stretch),))
    every = (-1, 0, 1)
    low, high = (Located(dict.fromkeys(every, edge), "open") for edge in (-np.inf, np.inf))
    return Span(stretch, every, low, high)


def _off_map(stretch: Stretch) -> Problem:
    zh = f"地图上没有路线 {stretch.route[:20]}，请核对编号或更新地图"
    en = f"the map has no route {stretch.route[:20]}: check the number or update the map"
    return Problem("stretch_off_map", Severity.WARNING, zh, en)


def resolve_one(finder: EndFinder, stretch: Stretch) -> Span:
    """Resolve one stretch on its route; an end that is not found leaves it unresolved, with the sentence."""
    travels, problems = finder.travels(stretch.direction)
    ends: list[Located] = []
    for end, is_start in ((stretch.start, True), (stretch.end, False)):
        try:
            found = finder.find(end, is_start=is_start)
        except InputError as error:
            zh, _, en = str(error).partition(" / ")
            lost = Problem("stretch_end_unknown", Severity.ERROR, zh, en)
            return Span(stretch, travels, problems=(*problems, lost))
        ends.append(found)
        problems = (*problems, *found.problems)
    low, high = _in_order(*ends)
    if not high.middle_m - low.middle_m >= _SAME_M:
        zh, en = "两端是同一处，没有里程", "both ends are one place, so it has no metres"
        return Span(stretch, travels, problems=(*problems, Problem("stretch_empty", Severity.ERROR, zh, en)))
    return Span(stretch, travels, low, high, problems, low is ends[0])


def _in_order(start: Located, end: Located) -> tuple[Located, Located]:
    """Return the ends by position; an open end lies beyond the other one."""
    if "open" in {start.kind, end.kind} or start.middle_m <= end.middle_m:
        return start, end
    if np.isinf(start.middle_m) and np.isinf(end.middle_m):
        return end, start
    return end, start


def _parts_of(network: Network, axis: Axis | None, span: Span) -> tuple[Ints, Ints, Ints]:
    """Return segment rows and the parts of them, millimetres, that lie inside a span."""
    if axis is None or span.low is None or span.high is None:
        return _nothing(), _nothing(), _nothing()
    rows, starts, ends = [], [], []
    for travel in (-1, 0, 1):
        if travel not in span.travels:
            continue
        low, high = span.low.at_m[travel], span.high.at_m[travel]
        mine = np.flatnonzero((axis.travel == travel) & (axis.high_m >= low) & (axis.low_m <= high))
        for k in mine.tolist():
            row = int(axis.rows[k])
            length = int(network.segments.length_mm[row])
            for start, end in _inside(axis, k, (low, high), (span.low.snap_m, span.high.snap_m), length):
                rows.append(row)
                starts.append(start)
                ends.append(end)
    return np.array(rows, dtype=np.int64), np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)


def _inside(
    axis: Axis, k: int, span: tuple[float, float], snap_m: tuple[float, float], length_mm: int
) -> list[tuple[int, int]]:
    """Return the parts of a segment, millimetres, whose middle lies between two positions."""
    at = {0, length_mm}
    for position, snap in zip(span, snap_m, strict=True):
        if not np.isfinite(position):
            continue
        for offset in axis.crossings(k, position):
            mm = round(offset * 1000)
            near = max(round(snap * 1000), CUT_TOLERANCE_MM)
            if near < mm < length_mm - near:
                at.add(mm)
    parts: list[tuple[int, int]] = []
    stops = sorted(at)
    for start, end in itertools.pairwise(stops):
        middle = axis.position_at(k, (start + end) / 2000)
        if span[0] <= middle <= span[1]:
            if parts and parts[-1][1] == start:
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((start, end))
    return parts


def _collect(network: Network, bare: Claims, parts: Sequence[tuple[Ints, Ints, Ints]]) -> Claims:
    if not bare.spans:
        return bare
    row, from_mm, to_mm = (np.concatenate([part[k] for part in parts]).astype(np.int64) for k in range(3))
    number = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts]).astype(np.int64)
    order = np.lexsort((number, from_mm, row))
    whole = replace(bare, row=row[order], from_mm=from_mm[order], to_mm=to_mm[order], span=number[order])
    return replace(whole, cuts=tuple(_find_cuts(network, whole)))


def _find_cuts(network: Network, claims: Claims) -> Iterable[Cut]:
    """Yield the places inside segments where the brigades that claim it change."""
    inner = (claims.from_mm > 0) | (claims.to_mm < network.segments.length_mm[claims.row])
    for row in np.unique(claims.row[inner]).tolist():
        mine = np.flatnonzero(claims.row == row)
        length = int(network.segments.length_mm[row])
        stops = sorted({0, length, *claims.from_mm[mine].tolist(), *claims.to_mm[mine].tolist()})
        before: frozenset[str] | None = None
        for start, end in itertools.pairwise(stops):
            here = frozenset(
                claims.spans[int(claims.span[k])].stretch.agency
                for k in mine.tolist()
                if claims.from_mm[k] <= start and claims.to_mm[k] >= end
            )
            if before is not None and here != before:
                yield Cut(network.segment_ids[row], start / 1000)
            before = here
