"""Mutual aid: what each permission between the two sides buys, in metres reached and minutes saved.

Without permissions a unit may drive everywhere but its enforcement counts only where its agency owns the road.
Two kinds of permission change that: to *act* on a stretch of another agency, and to *pass* a station, where
passing is not free anyhow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.measure import project_local
from geo.snapping import SnapIndex
from geo.stations import Station, StationKind
from geo.times import ArcTimes, times_to_arcs
from geo.travel import Ints, TravelGraph
from geo.turns import allowed_arcs
from patrol.aidtable import ACT, PASS, AidTable, Bought, Gain, Permission, rank_gains
from patrol.arrivals import block_arcs, earliest_of, keep_arcs
from patrol.authority import NOBODY, may_work
from patrol.envelope import Pieces, build_pieces, weighted_quantiles
from patrol.places import require_on_network, snap_places
from patrol.units import JOINT, Unit

Mask = npt.NDArray[np.bool_]

Watch = Callable[[int, int], bool]
"""Told how many permissions of how many are priced; ``True`` stops with those priced so far."""

STANDS_AT_M = 300.0
"""A unit within this distance of a station stands at it and passes it freely (our assumption)."""


def rank_permissions(
    graph: TravelGraph,
    units: Sequence[Unit],
    *,
    owners: Sequence[str],
    limit_s: float,
    needs_pass: Collection[str] = (),
    by_unit: bool = False,
    kinds: Collection[str] = (ACT, PASS),
    index: SnapIndex | None = None,
    watch: Watch | None = None,
) -> AidTable:
    """Rank permissions by what they buy.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units of both sides; those without a car stay at home.
    owners
        Owner of each segment: agency ids, ``ordinary``, ``expressway`` or one of ``authority.NOBODY``.
    limit_s
        Seconds, positive.
    needs_pass
        Ids of stations nobody passes without permission; mixed crews pass everywhere, units that stand at a station
        pass that one. Empty: passing is free, and
        only permissions to act are ranked.
    by_unit
        Permissions for single units instead of agencies.
    kinds
        Which permissions to rank, ``act`` and ``pass``.
    index
        A search tree built before.
    watch
        See `Watch`; called before each permission.

    Raises
    ------
    InputError
        Where the limit is not positive, owners do not fit, a station is unknown, no unit can leave, or one is far
        from every road.
    """
    desk = _Desk(
        graph, units, owners, limit_s=limit_s, closed=_stations(graph, needs_pass), by_unit=by_unit, index=index
    )
    asked = [*(desk.list_acts() if ACT in kinds else ()), *(desk.list_passes() if PASS in kinds else ())]
    made: list[Gain] = []
    for done, question in enumerate(asked):
        if watch is not None and watch(done, len(asked)):
            break
        made.append(desk.price(question))
    gains = [gain for gain in made if gain.gained_m + gain.opened_m + gain.saved_s > 0]
    lawful, total = desk.sum_lawful()
    return AidTable(float(limit_s), lawful, total, tuple(rank_gains(gains)))


def _stations(graph: TravelGraph, wanted: Collection[str]) -> tuple[Station, ...]:
    by_id = {s.id: s for s in graph.network.stations if s.kind != StationKind.GATE}
    for name in sorted(wanted):
        if name not in by_id:
            raise InputError(
                f"收费站 {name} 不在图上，请核对编号。 / there is no station {name} on this map; check its id"
            )
    return tuple(by_id[name] for name in sorted(wanted))


class _Desk:
    """Arrival times of every group of units, and who may act where."""

    def __init__(
        self,
        graph: TravelGraph,
        units: Sequence[Unit],
        owners: Sequence[str],
        *,
        limit_s: float,
        closed: tuple[Station, ...],
        by_unit: bool,
        index: SnapIndex | None,
    ) -> None:
        if not (np.isfinite(limit_s) and limit_s > 0):
            raise InputError(
                f"时限应为正数（分钟）。 / the time limit is {limit_s:g} s; give a positive number of minutes"
            )
        if len(owners) != len(graph.network.segments):
            raise InputError("give one owner label for each segment of this network")
        ready = tuple(sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id))
        if not ready:
            raise InputError(
                "没有可出动的车辆，请至少把一个单元的 available 设为 1。"
                " / no unit has a car available; set available to 1 or more for at least one unit"
            )
        self.graph, self.limit_ms, self.closed = graph, limit_s * 1000.0, closed
        self.places = snap_places(graph.network, ready, index=index)
        require_on_network(ready, self.places, "unit")
        labels, code = np.unique(np.asarray(owners, dtype=np.str_), return_inverse=True)
        self.labels: list[str] = labels.tolist()
        self.owner_of_arc = np.repeat(code, 2)
        self.arcs = np.flatnonzero(allowed_arcs(graph.network)).astype(np.int64)
        self.groups: dict[str, list[int]] = {}
        for k, unit in enumerate(ready):
            self.groups.setdefault(unit.id if by_unit else unit.agency, []).append(k)
        self.agency = {name: ready[rows[0]].agency for name, rows in self.groups.items()}
        self.rights = {
            name: np.array([may_work(agency, label) for label in self.labels])[self.owner_of_arc]
            for name, agency in self.agency.items()
        }
        self.posted = _posted(ready, closed)
        self.times = {
            name: self._arrive(rows, () if self.agency[name] == JOINT else closed) for name, rows in self.groups.items()
        }
        self.lawful = earliest_of([keep_arcs(self.times[name], self.rights[name]) for name in self.groups])

    def _arrive(self, rows: list[int], stations: Collection[Station]) -> ArcTimes:
        """Return the arrivals of some units that may not pass some stations, other than those they stand at."""
        parts: dict[tuple[str, ...], list[int]] = {}
        for row in rows:
            shut = tuple(station.id for station in stations if station.id not in self.posted[row])
            parts.setdefault(shut, []).append(row)
        by_id = {station.id: station for station in stations}
        return earliest_of(
            [
                times_to_arcs(self._graph_without([by_id[k] for k in shut]), self.places.take(part))
                for shut, part in sorted(parts.items())
            ]
        )

    def _graph_without(self, stations: Collection[Station]) -> TravelGraph:
        """Return the graph on which nobody leaves the booths of some stations: one may drive up to them."""
        if not stations:
            return self.graph
        booths = [row for s in stations for row in s.booths]
        return block_arcs(self.graph, np.isin(self.graph.tail, booths))

    def sum_lawful(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return by owner the directed metres reached with authority within the limit, and all directed metres."""
        pieces = build_pieces(self.graph, self.arcs, (self.lawful, self.lawful))
        reached = pieces.reach_mm(self.limit_ms)[0] - pieces.from_mm
        owner = self.owner_of_arc[pieces.arc]
        size = len(self.labels)
        lawful = np.bincount(owner, weights=reached, minlength=size) / 1000.0
        total = np.bincount(owner, weights=pieces.to_mm - pieces.from_mm, minlength=size) / 1000.0
        return dict(zip(self.labels, lawful.tolist(), strict=True)), dict(zip(self.labels, total.tolist(), strict=True))

    def list_acts(self) -> list[tuple[Permission, Ints]]:
        """Return the permissions of each group to act on each stretch it has no right to, with the arcs concerned."""
        return [
            (Permission(ACT, name, road, road, owner), arcs)
            for (owner, road), arcs in self._stretches().items()
            for name in self.groups
            if not self.rights[name][arcs[0]]
        ]

    def list_passes(self) -> list[tuple[Permission, Ints]]:
        """Return the permissions of each group to pass each station it may not pass, with the arcs concerned."""
        return [
            (Permission(PASS, name, s.id, s.name or s.id), self.arcs[self.rights[name][self.arcs]])
            for s in self.closed
            for name in self.groups
            if self.agency[name] != JOINT
        ]

    def arrive_with(self, permission: Permission, arcs: Ints) -> ArcTimes:
        """Return the first arrivals with authority once a permission is given."""
        name = permission.holder
        if permission.kind == ACT:
            mask = np.zeros(len(self.owner_of_arc), dtype=bool)
            mask[arcs] = True
            return earliest_of([self.lawful, keep_arcs(self.times[name], mask)])
        others = [s for s in self.closed if s.id != permission.subject]
        times = keep_arcs(self._arrive(self.groups[name], others), self.rights[name])
        return earliest_of([self.lawful, times])

    def price(self, question: tuple[Permission, Ints]) -> Gain:
        """Return what a permission buys."""
        return self._gain(*question, self.arrive_with(*question))

    def _stretches(self) -> dict[tuple[str, str], Ints]:
        """Group the road by owner and number, else name; roads without either and without owner are left out."""
        network = self.graph.network
        ref, name = (network.ways.text[key].take(network.segments.way).tolist() for key in ("ref", "name"))
        found: dict[tuple[str, str], list[int]] = {}
        for arc in self.arcs.tolist():
            owner, road = self.labels[self.owner_of_arc[arc]], ref[arc >> 1] or name[arc >> 1]
            if road and owner not in NOBODY:
                found.setdefault((owner, road), []).append(arc)
        return {key: np.array(found[key], dtype=np.int64) for key in sorted(found)}

    def _gain(self, permission: Permission, arcs: Ints, after: ArcTimes) -> Gain:
        pieces = build_pieces(self.graph, arcs, (self.lawful, after))
        owner = self.owner_of_arc[pieces.arc]
        bought = {}
        for number in np.unique(owner).tolist():
            mine = owner == number
            part = _buy(pieces, mine, self.limit_ms)
            if part.gained_m or part.opened_m or part.saved_s:
                bought[self.labels[number]] = part
        return Gain(permission, bought, float((pieces.to_mm - pieces.from_mm).sum()) / 1000.0)


def _buy(pieces: Pieces, mine: Mask, limit_ms: float) -> Bought:
    reach = pieces.reach_mm(limit_ms)[:, mine]
    before, after = pieces.base_ms[:, mine]
    length = (pieces.to_mm - pieces.from_mm)[mine]
    known = np.isfinite(before)
    opened = ~known & np.isfinite(after)
    gained = np.maximum(reach[1] - reach[0], 0).sum()
    sooner = before[known] - np.minimum(after[known], before[known])
    saved = float(sooner @ length[known])
    return Bought(
        float(gained) / 1000.0,
        float(length[opened].sum()) / 1000.0,
        saved / max(float(length[known].sum()), 1.0) / 1000.0,
        _save_p90(pieces, mine, known) if saved else 0.0,
    )


def _save_p90(pieces: Pieces, mine: Mask, known: Mask) -> float:
    """Return how many seconds sooner nine tenths of the metres reached before are reached."""
    base, pace = pieces.base_ms[:, mine][:, known], pieces.pace[mine][known]
    low, high = pieces.from_mm[mine][known], pieces.to_mm[mine][known]
    after = base.min(axis=0)
    found = [
        weighted_quantiles(b + low * pace, b + high * pace, high - low, shares=(0.9,))[0] for b in (base[0], after)
    ]
    return float(max(found[0] - found[1], 0.0)) / 1000.0


def _posted(units: Sequence[Unit], stations: Sequence[Station]) -> list[frozenset[str]]:
    """Return for each unit the stations it stands at."""
    lon, lat = (np.array([getattr(unit, axis) for unit in units]) for axis in ("lon", "lat"))
    found: list[set[str]] = [set() for _ in units]
    for station in stations:
        x, y = project_local(lon, lat, origin=(station.lon, station.lat))
        for k in np.flatnonzero(np.hypot(x, y) <= STANDS_AT_M).tolist():
            found[k].add(station.id)
    return [frozenset(ids) for ids in found]
