"""Calibrating routes: a line for each carriageway, and where on it each stake lies.

The line comes from network segments that carry the route's number; where there is no network it is drawn through the
table's own points. Lengths are geodesic metres, places WGS-84 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.chains import BrokenChain, Piece
from geo.errors import InputError
from geo.findings import Finding, sort_findings
from geo.network import Network
from geo.routeline import RouteLine, make_line
from geo.routetrace import Trace, find_route, rising_arcs, trace_route
from geo.stakecurve import draw_curve
from geo.stakeerror import ErrorModel, learn_errors
from geo.stakefit import FitLimits, StakeFit, fit_stakes
from geo.stakes import Direction
from geo.staketable import SOURCE_ERROR_M, StakeSource, StakeTable

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

OTHER_SIDE_M = 15.0
"""Added error where stakes of one carriageway are carried over to the other."""
_OPPOSITE: Mapping[Direction, Direction] = {
    Direction.UP: Direction.DOWN,
    Direction.DOWN: Direction.UP,
    Direction.LEFT: Direction.RIGHT,
    Direction.RIGHT: Direction.LEFT,
    Direction.NORTH: Direction.SOUTH,
    Direction.SOUTH: Direction.NORTH,
    Direction.EAST: Direction.WEST,
    Direction.WEST: Direction.EAST,
    Direction.NONE: Direction.NONE,
}
_LIMITS: Mapping[StakeSource, FitLimits] = {
    StakeSource.TABLE: FitLimits(),
    StakeSource.MILESTONE: FitLimits(slack_m=150.0),
    StakeSource.INTERCHANGE: FitLimits(slack_m=1_500.0, slack_share=0.15, winding=2.0),
}


@dataclass(frozen=True)
class Carriageway:
    """One calibrated carriageway.

    Attributes
    ----------
    route, direction
        As the table names them.
    travel
        1 where traffic drives towards higher stakes, -1 towards lower ones, 0 unknown (line drawn, or a road without
        separate carriageways).
    line
        Its line in the direction of growing stakes.
    pieces
        Its anchors between broken chains, in order.
    chains
        The broken chain after each piece but the last.
    errors
        Its error bounds.
    source
        What the stakes were read off.
    is_drawn
        Whether the line was drawn through table points instead of following the map.
    is_carried_over
        Whether the stakes were given for the other carriageway.
    """

    route: str
    direction: Direction
    travel: int
    line: RouteLine
    pieces: tuple[Piece, ...]
    chains: tuple[BrokenChain, ...]
    errors: ErrorModel
    source: StakeSource
    is_drawn: bool
    is_carried_over: bool = False

    def piece_at(self, along_m: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Return the piece that holds each place along the line, int64 (places,)."""
        starts = np.array([piece.along_m[0] for piece in self.pieces[1:]])
        return np.searchsorted(starts, np.atleast_1d(np.asarray(along_m, dtype=np.float64)), side="right").astype(
            np.int64
        )


@dataclass(frozen=True)
class Calibration:
    """Calibrated carriageways, sorted by route, direction and travel, and what is doubtful about the table."""

    carriageways: tuple[Carriageway, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def routes(self) -> tuple[str, ...]:
        """Routes that have stakes, sorted."""
        return tuple(sorted({c.route for c in self.carriageways}))


@dataclass
class _Job:
    """One carriageway of the table while it is worked on."""

    table: StakeTable
    route: str
    direction: Direction
    fit: StakeFit
    chains: tuple[BrokenChain, ...]
    found: list[Carriageway] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)


def calibrate(
    table: StakeTable, *, network: Network | None = None, findings: tuple[Finding, ...] = ()
) -> Calibration:
    """Calibrate every route of a stake table.

    Parameters
    ----------
    table
        Stakes with places.
    network
        The map; a route that it does not carry is drawn through the table's own points.
    findings
        Findings of reading the table, to be kept.

    Returns
    -------
    Calibration
        With one carriageway for each direction of the table, and one more for a driving direction that the map has
        and the table lacks.

    Raises
    ------
    InputError
        No carriageway has two stakes that agree.
    """
    from geo.stakefindings import check_carriageway, check_rows

    notes = list(findings)
    ways: list[Carriageway] = []
    for route, direction in table.groups():
        rows = np.array(
            [k for k, key in enumerate(zip(table.route, table.direction, strict=True)) if key == (route, direction)]
        )
        job = _fit_group(table.take(rows), route, direction)
        notes += check_rows(job.table, job.fit, name=name_carriageway(route, direction))
        if len(job.fit.kept) < 2:  # noqa: PLR2004 - a line needs two stakes
            continue
        others = {d for r, d in table.groups() if r == route}
        _build(job, network, wants_other=_OPPOSITE[direction] not in others or direction is Direction.NONE)
        for way in job.found:
            if not way.is_carried_over:
                notes += check_carriageway(way, job.table, gaps_m=job.gaps)
        ways += job.found
    if not ways:
        raise InputError(
            "桩号表中没有一条路线有两个以上相符的桩号，无法定标；请核对桩号与坐标。"
            " / no route of the stake table has two stakes that agree; check stakes and coordinates."
        )
    ways.sort(key=lambda c: (c.route, c.direction, -c.travel))
    return Calibration(tuple(ways), sort_findings(notes))


def name_carriageway(route: str, direction: Direction) -> str:
    """Return how a carriageway is named in sentences."""
    return f"{route} {direction}".strip() or "未注明路线 / unnamed route"


def _fit_group(table: StakeTable, route: str, direction: Direction) -> _Job:
    chains = table.chains_of(route, direction)
    places = np.column_stack((table.lon, table.lat))
    fit = fit_stakes(table.mm / 1000.0, places, chains=chains, limits=_LIMITS[table.source])
    return _Job(table, route, direction, fit, chains)


def _build(job: _Job, network: Network | None, *, wants_other: bool) -> None:
    kept = job.table.take(job.fit.kept)
    lon, lat, knots = draw_curve(kept.lon, kept.lat)
    guide = make_line(lon, lat)
    knots_m = guide.along_m[np.searchsorted(guide.along_m, _along_of(lon, lat)[knots] - 1e-6)]
    traces = _traces(job, network, guide, knots_m)
    if not traces:
        job.found.append(_carriageway(job, guide, knots_m, job.fit.kept, travel=0))
        return
    best = min(traces, key=lambda travel: (traces[travel].snap_m - 0.01 * len(traces[travel].rows), -travel))
    for travel in sorted(traces, key=lambda t: t != best):
        if travel != best and not wants_other:
            continue
        trace = traces[travel]
        way = _carriageway(
            job,
            trace.line,
            trace.along_m,
            job.fit.kept[trace.rows],
            travel=travel if len(traces) > 1 or _is_divided(trace, network) else 0,
            is_drawn=False,
            carried=travel != best and bool(job.direction),
        )
        if way is None:
            continue
        job.found.append(way)
        if travel == best:
            job.gaps += [(float(trace.along_m[a]), float(trace.along_m[b])) for a, b in trace.gaps]


def _along_of(lon: Floats, lat: Floats) -> Floats:
    from geo.measure import measure_steps

    return np.concatenate(([0.0], np.cumsum(measure_steps(lon, lat))))


def _traces(job: _Job, network: Network | None, guide: RouteLine, knots_m: Floats) -> dict[int, Trace]:
    if network is None:
        return {}
    mask = find_route(network, job.route)
    kept = job.table.take(job.fit.kept)
    traces: dict[int, Trace] = {}
    for travel in (1, -1):
        arcs = rising_arcs(network, mask, guide=guide, travel=travel)
        trace = trace_route(arcs, kept.lon, kept.lat, guide=guide, knots_m=knots_m)
        if trace is not None:
            traces[travel] = trace
    if len(traces) == 2 and _is_same(traces[1], traces[-1]):  # noqa: PLR2004 - both driving directions
        return {1: traces[1]}
    return traces


def _is_same(a: Trace, b: Trace) -> bool:
    """Whether both driving directions use the same segments: a road without separate carriageways."""
    return set(a.line.segment.tolist()) == set(b.line.segment.tolist())


def _is_divided(trace: Trace, network: Network | None) -> bool:
    if network is None:
        return False
    rows = np.unique(trace.line.segment[trace.line.segment >= 0])
    return bool((network.forward[rows] != network.backward[rows]).any())
