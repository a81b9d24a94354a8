"""What follows from road changing hands: minutes, bridges, toll lanes, zones, cases, cars for each 100 km."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.network import Network
from geo.snapping import Snapped
from geo.stations import StationKind
from geo.times import times_to_arcs
from geo.travel import TravelGraph, build_travel_graph
from patrol.places import snap_places
from patrol.units import Unit, is_local
from plan.changes import Change, Holding, sum_changes
from plan.model import Plan

SIDES = ("local", "expressway")
ZONE_KINDS = ("under_bridge", "plaza", "connector")
"""Zones that are counted when they change hands; strips along the road go with its metres."""
_DEFAULT_LANES = {RoadClass.MOTORWAY: 2, RoadClass.TRUNK: 2, RoadClass.PRIMARY: 2}
_MOST_LANES = 20

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Effect:
    """The numbers of an option; see ``plan.options.Option`` for what each one says."""

    moved_mm: Mapping[str, int]
    lane_mm: Mapping[str, int]
    response_s: Mapping[str, Mapping[str, float]]
    bridges: int
    plaza_lanes: int
    cases: int
    cars_per_100km: Mapping[str, float]
    plazas: int
    zones: Mapping[str, int]
    gained_mm: Mapping[str, int]
    lost_mm: Mapping[str, int]


class Weigher:
    """Weighs changes of one plan; travel times, places of cases and zones are computed once.

    Parameters
    ----------
    plan
        The plan as it stands.
    units
        Cars of both sides; may be empty.
    cases
        Where last year's cases lie on ``plan.network``.
    graph
        A travel graph of ``plan.network`` made before, if any.
    with_zones
        Whether zones are drawn and counted.
    """

    def __init__(
        self,
        plan: Plan,
        units: Sequence[Unit],
        cases: Snapped | None,
        *,
        graph: TravelGraph | None = None,
        with_zones: bool = False,
    ) -> None:
        self._plan, self._units, self._cases = plan, tuple(u for u in units if u.available > 0), cases
        self._graph, self._with_zones = graph, with_zones

    @cached_property
    def before(self) -> Holding:
        """Who holds what as the plan stands."""
        return Holding.of(self._plan)

    def weigh(self, changes: Sequence[Change], near: Mask) -> Effect:
        """Return the numbers of a set of changes.

        Parameters
        ----------
        changes
            What changes hands; only a change of agency counts, a dispute does not move a metre.
        near
            bool (segments,): where response is measured.
        """
        real = [c for c in changes if c.agency[0] != c.agency[1]]
        rows = sorted({c.row for c in real})
        network, lanes = self._plan.network, _lanes(self._plan.network)
        seg, booth = network.segments, self._plan.land.booth_mask()
        lane_mm: dict[str, int] = {}
        for change in real:
            for agency, sign in zip(change.agency, (-1, 1), strict=True):
                width = sign * change.length_mm * int(lanes[change.row])
                lane_mm[agency] = lane_mm.get(agency, 0) + width
        toll = [r for r in rows if booth[seg.u[r]] or booth[seg.v[r]]]
        ends = set(seg.u[toll].tolist()) | set(seg.v[toll].tolist())
        moved = sum_changes(real, "agency")
        return Effect(
            moved,
            {a: mm for a, mm in sorted(lane_mm.items()) if mm},
            self._response(real, near),
            sum(network.text("bridge", r) not in {"", "no"} for r in rows),
            len(toll),
            self._count_cases(real),
            self._balance(moved),
            sum(bool(ends & set(s.booths)) for s in self._plan.stations if s.kind is not StationKind.GATE),
            self._count_zones(real),
            _sum_side(real, 1),
            _sum_side(real, 0),
        )

    @cached_property
    def _arrivals(self) -> dict[str, Floats]:
        """A side to the seconds until its first car is half-way along each segment."""
        if not self._units:
            return {}
        graph = self._graph or build_travel_graph(self._plan.network)
        result = {}
        for side in SIDES:
            mine = [u for u in self._units if is_local(u.agency) == (side == "local")]
            if mine:
                times = times_to_arcs(graph, snap_places(graph.network, mine))
                half = np.where(graph.arc_ms >= 0, times.tail_ms + np.maximum(graph.arc_ms, 0) / 2, np.inf)
                result[side] = half.reshape(-1, 2).min(axis=1) / 1000
        return result

    @cached_property
    def _length(self) -> dict[str, Floats]:
        """A side to the millimetres of each segment that it holds as the plan stands."""
        held = self.before
        local = np.isin(held.agency, sorted(self._local))
        count = len(self._plan.network.segments)
        mine = {side: held.length_mm.astype(np.float64) * (local == (side == "local")) for side in SIDES}
        return {s: np.bincount(held.base, mm, minlength=count).astype(np.float64) for s, mm in mine.items()}

    @cached_property
    def _local(self) -> set[str]:
        return {a.id for a in self._plan.agencies if a.kind == "local"}

    def _response(self, changes: Sequence[Change], near: Mask) -> dict[str, dict[str, float]]:
        result = {}
        for side, arrival in self._arrivals.items():
            length = self._length[side].copy()
            for change in changes:
                for agency, sign in zip(change.agency, (-1, 1), strict=True):
                    if (agency in self._local) == (side == "local"):
                        length[change.row] += sign * change.length_mm
            rows = np.flatnonzero(near & (length > 0) & np.isfinite(arrival))
            if len(rows):
                p50, p90 = weighted_quantiles(arrival[rows], length[rows], (0.5, 0.9))
                result[side] = {"p50": round(p50, 1), "p90": round(p90, 1)}
        return result

    def _count_cases(self, changes: Iterable[Change]) -> int:
        if self._cases is None:
            return 0
        places: dict[int, list[float]] = {}
        for row, offset in zip(self._cases.segment.tolist(), self._cases.offset_m.tolist(), strict=True):
            places.setdefault(row, []).append(offset * 1000)
        last = self._plan.network.segments.length_mm
        return sum(
            c.from_mm <= at < c.to_mm or at >= c.to_mm == int(last[c.row])
            for c in changes
            for at in places.get(c.row, ())
        )

    def _balance(self, moved: Mapping[str, int]) -> dict[str, float]:
        cars: dict[str, int] = {}
        for unit in self._units:
            cars[unit.agency] = cars.get(unit.agency, 0) + unit.available
        present = self._plan.derived.ledger.of("agency")
        owned = {a: present.get(a, 0) + moved.get(a, 0) for a in cars}
        return {a: round(n / (owned[a] / 1e8), 2) for a, n in sorted(cars.items()) if owned[a] > 0}

    @cached_property
    def _zones(self) -> list[tuple[str, frozenset[tuple[int, int]]]]:
        """Kind of each zone, and the pieces (row and first millimetre) of the road it belongs to."""
        from patrol.zones import make_zones

        derived, cut = self._plan.derived, self._plan.derived.ownership.cut
        masks = derived.ownership.evidence
        zones = make_zones(derived.network, masks, agency=derived.agency, owner=derived.owner, kinds=ZONE_KINDS)
        pieces = list(zip(cut.base.tolist(), cut.from_mm.tolist(), strict=True))
        return [(d.kind, frozenset(pieces[row] for row in d.segments.tolist())) for d in zones.drafts]

    def _count_zones(self, changes: Sequence[Change]) -> dict[str, int]:
        """Return kind to the zones of which some road changes hands."""
        if not self._with_zones:
            return {}
        starts = {row: [begin for begin, *_ in self.before.pieces(row)] for row in {c.row for c in changes}}
        touched = {(c.row, max(begin for begin in starts[c.row] if begin <= c.from_mm)) for c in changes}
        found = dict.fromkeys(ZONE_KINDS, 0)
        for kind, pieces in self._zones if touched else ():
            found[kind] += not touched.isdisjoint(pieces)
        return found


def weighted_quantiles(values: Floats, weights: Floats, shares: Sequence[float]) -> list[float]:
    """Return the smallest value at or below which each share of the weight lies.

    Examples
    --------
    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), (0.5, 0.9))
    [2.0, 3.0]
    """
    order = np.argsort(values, kind="stable")
    part = np.cumsum(weights[order]) / weights.sum()
    return [float(values[order[min(int(np.searchsorted(part, s - 1e-12)), len(order) - 1)]]) for s in shares]


def _sum_side(changes: Iterable[Change], side: int) -> dict[str, int]:
    """Return agency to the millimetres that it had before (0) or has after (1), of what changes hands."""
    total: dict[str, int] = {}
    for change in changes:
        total[change.agency[side]] = total.get(change.agency[side], 0) + change.length_mm
    return dict(sorted(total.items()))


def _lanes(network: Network) -> npt.NDArray[np.int64]:
    """Return lanes a segment: the tag, else 2 on main roads and 1 elsewhere (assumption)."""
    column = network.ways.text["lanes"]
    told = np.array([int(t) if t.isdecimal() and 0 < int(t) < _MOST_LANES else 0 for t in column.pool])[column.codes]
    table = np.array([_DEFAULT_LANES.get(c, 1) for c in RoadClass], dtype=np.int64)
    result: npt.NDArray[np.int64] = np.where(told > 0, told, table[network.ways.road_class])[network.segments.way]
    return result
