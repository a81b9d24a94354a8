"""Calibrating routes: a line for each carriageway, and where on it each stake lies.

The line comes from network segments that carry the route's number; where there is no network it is drawn through the
table's own points. Lengths are geodesic metres, places WGS-84 degrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.carriageway import Calibration, Carriageway, name_carriageway
from geo.chains import BrokenChain, Piece, find_paired_rows
from geo.errors import InputError
from geo.findings import Finding, sort_findings
from geo.measure import measure_steps
from geo.network import Network
from geo.routeline import RouteLine, make_line
from geo.routetrace import Trace, find_route, rising_arcs, trace_route
from geo.stakecurve import draw_curve
from geo.stakeerror import learn_errors
from geo.stakefindings import check_carriageway, check_rows, check_shared_places
from geo.stakefit import FitLimits, StakeFit, fit_stakes
from geo.stakes import Direction
from geo.staketable import SOURCE_ERROR_M, StakeSource, StakeTable

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OTHER_SIDE_M = 15.0
"""Added error where stakes of one carriageway are carried over to the other."""
_TIE_M, _FAR_M = 0.5, 1e6
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


@dataclass
class _Job:
    """One carriageway of the table while it is worked on."""

    table: StakeTable
    route: str
    direction: Direction
    fit: StakeFit
    guide: RouteLine | None = None
    knots_m: Floats = field(default_factory=lambda: np.zeros(0))
    traces: dict[int, Trace] = field(default_factory=dict)
    is_divided: bool = False
    found: list[Carriageway] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)


def calibrate(table: StakeTable, *, network: Network | None = None, findings: tuple[Finding, ...] = ()) -> Calibration:
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
    notes = [*findings, *check_shared_places(table)]
    jobs: list[_Job] = []
    for route, direction in table.groups():
        keys = enumerate(zip(table.route, table.direction, strict=True))
        job = _fit_group(table.take([k for k, key in keys if key == (route, direction)]), route, direction)
        notes += check_rows(job.table, job.fit, name=name_carriageway(route, direction))
        if len(job.fit.kept) >= 2:  # noqa: PLR2004 - a line needs two stakes
            jobs.append(job)
    ways: list[Carriageway] = []
    for route in sorted({job.route for job in jobs}):
        mine = [job for job in jobs if job.route == route]
        for job in mine:
            _trace_job(job, network)
        travel = _assign_travel(mine)
        for job in mine:
            _build(job, travel.get(job.direction, 1), has_other=_OPPOSITE[job.direction] in travel)
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


def _fit_group(table: StakeTable, route: str, direction: Direction) -> _Job:
    stated = table.chains_of(route, direction)
    paired = [(c, row) for c, row in find_paired_rows(table.mm / 1000.0, table.lon, table.lat) if c not in stated]
    chains = (*stated, *(chain for chain, _ in paired))
    if paired:
        table = table.take(np.delete(np.arange(len(table)), [row for _, row in paired]))
    places = np.column_stack((table.lon, table.lat))
    fit = fit_stakes(table.mm / 1000.0, places, chains=chains, limits=_LIMITS[table.source])
    return _Job(table, route, direction, fit)


def _trace_job(job: _Job, network: Network | None) -> None:
    """Draw a guide through the stakes and follow the map along it, once for each driving direction."""
    kept = job.table.take(job.fit.kept)
    lon, lat, knots = draw_curve(kept.lon, kept.lat)
    job.guide = make_line(lon, lat)
    job.knots_m = np.concatenate(([0.0], np.cumsum(measure_steps(lon, lat))))[knots]
    if network is None:
        return
    mask = find_route(network, job.route)
    for travel in (1, -1):
        arcs = rising_arcs(network, mask, guide=job.guide, travel=travel)
        trace = trace_route(arcs, kept.lon, kept.lat, guide=job.guide, knots_m=job.knots_m)
        if trace is not None:
            job.traces[travel] = trace
    sides = [frozenset(trace.line.segment.tolist()) for trace in job.traces.values()]
    if len(sides) == 2 and sides[0] == sides[1]:  # noqa: PLR2004 - both driving directions on the same segments
        del job.traces[-1]
        return
    rows = np.array(sorted(set().union(*sides) - {-1}), dtype=np.int64)
    job.is_divided = bool((network.forward[rows] != network.backward[rows]).any())


def _assign_travel(jobs: Sequence[_Job]) -> dict[Direction, int]:
    """Say which driving direction each direction of the table is: the one whose carriageway its stakes lie on."""
    by = {job.direction: job for job in jobs}
    travel: dict[Direction, int] = {}
    for direction, job in by.items():
        if direction in travel:
            continue
        other = by.get(_OPPOSITE[direction]) if direction else None
        # The right half looks along growing stakes by definition; the words 上行 and 下行 fix nothing.
        fixed = {Direction.RIGHT: 1, Direction.LEFT: -1}.get(direction)
        misfit = {t: _misfit(job, t) + (_misfit(other, -t) if other else 0.0) for t in (1, -1)}
        travel[direction] = fixed or (1 if misfit[1] <= misfit[-1] + _TIE_M else -1)
        if other is not None:
            travel[other.direction] = -travel[direction]
    return travel


def _misfit(job: _Job, travel: int) -> float:
    """Return the median distance of the stakes to a carriageway, far where there is none."""
    return job.traces[travel].snap_m if travel in job.traces else _FAR_M


def _build(job: _Job, travel: int, *, has_other: bool) -> None:
    """Make the carriageways of a job: its own, and the other one where the table does not have it."""
    if not job.traces:
        if job.guide is not None:
            _add(job, job.guide, job.knots_m, np.arange(len(job.fit.kept)))
        return
    own = travel if travel in job.traces else -travel
    job.gaps = [(float(job.traces[own].along_m[a]), float(job.traces[own].along_m[b])) for a, b in job.traces[own].gaps]
    for side in sorted(job.traces, key=lambda t: t != own):
        if side == own or not has_other or not job.direction:
            trace = job.traces[side]
            _add(job, trace.line, trace.along_m, trace.rows, travel=side if job.is_divided else 0, carried=side != own)


def _add(
    job: _Job, line: RouteLine, along_m: Floats, positions: Ints, *, travel: int | None = None, carried: bool = False
) -> None:
    """Add a carriageway; ``positions`` are those of its stakes among the kept rows."""
    pieces, chains = _cut_pieces(job, along_m, positions)
    if not pieces:
        return
    source_m = SOURCE_ERROR_M[job.table.source] + (OTHER_SIDE_M if carried else 0.0)
    is_drawn = travel is None
    errors = learn_errors(pieces, source_m=source_m, line=line, is_drawn=is_drawn)
    direction = _OPPOSITE[job.direction] if carried else job.direction
    job.found.append(
        Carriageway(
            job.route,
            direction,
            travel or 0,
            line,
            tuple(pieces),
            tuple(chains),
            errors,
            job.table.source,
            is_drawn,
            carried,
        )
    )


def _cut_pieces(job: _Job, along_m: Floats, positions: Ints) -> tuple[list[Piece], list[BrokenChain]]:
    """Cut the anchors at broken chains; each chain adds an anchor to both of its pieces."""
    rows = job.fit.kept[positions]
    stake_m = job.table.mm[rows] / 1000.0
    parts: list[list[tuple[float, float, int]]] = [[]]
    chains: list[BrokenChain] = []
    for k in range(len(rows)):
        parts[-1].append((float(along_m[k]), float(stake_m[k]), int(rows[k])))
        if k + 1 == len(rows):
            break
        inside = range(int(positions[k]), int(positions[k + 1]))
        chain = next((job.fit.breaks[at] for at in inside if at in job.fit.breaks), None)
        if chain is not None:
            before, after = chain.before_mm / 1000.0, chain.after_mm / 1000.0
            lead, rest = max(before - stake_m[k], 0.0), max(stake_m[k + 1] - after, 0.0)
            share = lead / (lead + rest) if lead + rest > 0 else 0.5
            at = float(along_m[k] + share * (along_m[k + 1] - along_m[k]))
            parts[-1] += [(at, before, -1)] if lead > 0 and share > 0 else []
            parts.append([(at, after, -1)] if rest > 0 and share < 1 else [])
            chains.append(chain)
    pieces: list[Piece] = []
    kept_chains: list[BrokenChain] = []
    for number, part in enumerate(parts):
        if len(part) >= 2:  # noqa: PLR2004 - two anchors span a piece
            if pieces:
                kept_chains.append(chains[number - 1])
            columns = tuple(np.array(column) for column in zip(*part, strict=True))
            pieces.append(Piece(columns[0], columns[1], columns[2].astype(np.int64)))
    return pieces, kept_chains
