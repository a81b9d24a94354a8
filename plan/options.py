"""Options: what each place of a seam at a station would move, for both sides, without a single score."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.snapping import build_snap_index, snap_points
from geo.stations import Station, StationKind
from geo.travel import TravelGraph
from jurisdiction.choices import nearest_station
from patrol.units import Unit
from plan.changes import Change, Holding, find_changes
from plan.decisions import Decision
from plan.disputes import Dispute, list_disputes
from plan.effects import SIDES, Weigher
from plan.model import EVERY_STATION, Plan

if TYPE_CHECKING:
    from plan.incremental import Move

CASE_REACH_M = 60.0
"""A case counts to the road it happened on up to this distance from its centre line."""
AGREED = "agreed"
"""Name of the option that puts the seam at a place instead of following a convention."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of last year: id, place (WGS-84 degrees) and category; no persons, no plates."""

    id: str
    lon: float
    lat: float
    category: str


@dataclass(frozen=True)
class Option:
    """One place of the seam.

    Attributes
    ----------
    convention
        Convention that puts it there.
    proposed_by
        Sides of an open dispute that propose it.
    is_present
        Whether it is today's.
    moved_mm, lane_mm
        Agency to millimetres of road, and of lanes, that it gains (negative: loses) against today.
    response_s
        Side to ``p50`` and ``p90``: seconds until its first car reaches what it would own around the station;
        empty without units.
    bridges, plaza_lanes, cases
        How many bridges, toll lanes and last year's cases change hands.
    cars_per_100km
        Agency to cars for each 100 km it would own; empty without units.
    is_pareto
        No other option is at least as good in both sides' p90, cases and metres moved, and better in one.
    plazas
        How many stations have a toll lane that changes hands.
    zones
        Kind of zone (under a bridge, plaza, connector) to how many change hands, wholly or in part.
    gained_mm, lost_mm
        Agency to the millimetres it gains, and loses, apart.
    place
        Segment id and metres where the seam lies, of the option ``agreed``.
    """

    convention: str
    proposed_by: tuple[str, ...]
    is_present: bool
    moved_mm: Mapping[str, int]
    lane_mm: Mapping[str, int]
    response_s: Mapping[str, Mapping[str, float]]
    bridges: int
    plaza_lanes: int
    cases: int
    cars_per_100km: Mapping[str, float]
    is_pareto: bool = True
    plazas: int = 0
    zones: Mapping[str, int] = field(default_factory=dict)
    gained_mm: Mapping[str, int] = field(default_factory=dict)
    lost_mm: Mapping[str, int] = field(default_factory=dict)
    place: tuple[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: metres, seconds."""
        return {
            "convention": self.convention,
            "proposed_by": list(self.proposed_by),
            "present": self.is_present,
            "moved_m": {agency: mm / 1000 for agency, mm in sorted(self.moved_mm.items())},
            "lane_m": {agency: mm / 1000 for agency, mm in sorted(self.lane_mm.items())},
            "response_s": {side: dict(times) for side, times in self.response_s.items()},
            "bridges": self.bridges,
            "plaza_lanes": self.plaza_lanes,
            "cases": self.cases,
            "cars_per_100km": dict(sorted(self.cars_per_100km.items())),
            "pareto": self.is_pareto,
            "plazas": self.plazas,
            "zones": dict(self.zones),
            "gained_m": {agency: mm / 1000 for agency, mm in self.gained_mm.items()},
            "lost_m": {agency: mm / 1000 for agency, mm in self.lost_mm.items()},
            "place": {"segment": self.place[0], "offset_m": self.place[1]} if self.place else None,
        }


@dataclass(frozen=True)
class StationOptions:
    """All options of one station, in the order of the rule table."""

    station: Station
    options: tuple[Option, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "station": {"id": self.station.id, "name": self.station.name, "names": list(self.station.names)},
            "options": [option.to_json() for option in self.options],
        }


def find_station(plan: Plan, text: str) -> Station:
    """Return a station by id or by one of its names.

    Raises
    ------
    InputError
        No station, or more than one, is meant.
    """
    ours = [s for s in plan.stations if s.kind not in {StationKind.GATE, StationKind.BORDER}]
    found = [s for s in ours if text in {s.id, *s.names}] or [s for s in ours if any(text in n for n in s.names)]
    if len(found) != 1:
        known = "、".join(s.name or s.id for s in ours[:8])
        msg = f"收费站“{text[:40]}”找到 {len(found)} 个，请写全名或编号（如 {known}）。 / name one station or its id."
        raise InputError(msg)
    return found[0]


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read last year's cases (id, lon, lat, category), WGS-84 degrees.

    Raises
    ------
    InputError
        A column is missing or a coordinate is no number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return tuple(Case(r["id"], float(r["lon"]), float(r["lat"]), r.get("category") or "") for r in rows)
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        msg = (
            f"{path.name}: 案件表需要 id、lon、lat、category 列，坐标为数字，请检查。 / check the columns id, lon, lat."
        )
        raise InputError(msg) from error


class OptionDesk:
    """Prices options on one plan; the travel times and the places of cases are computed once.

    Parameters
    ----------
    plan
        The plan as it stands today.
    units, cases
        Cars of both sides and last year's cases; either may be empty.
    graph
        A travel graph of the plan's network made before, if any.
    with_zones
        Whether zones that change hands are counted; drawing them costs half a second on a district.
    """

    def __init__(
        self,
        plan: Plan,
        units: Sequence[Unit] = (),
        cases: Sequence[Case] = (),
        *,
        graph: TravelGraph | None = None,
        with_zones: bool = False,
    ) -> None:
        self._plan = plan
        at = None
        if cases:
            network = plan.network
            places = (np.array([c.lon for c in cases]), np.array([c.lat for c in cases]))
            at = snap_points(network, *places, max_m=CASE_REACH_M, index=build_snap_index(network))
        self._weigher = Weigher(plan, units, at, graph=graph, with_zones=with_zones)

    def price(self, station: Station, *, others: Mapping[str, Plan] | None = None) -> StationOptions:
        """Return every option of a station, and after them other plans of the same network by name (an agreed seam).

        The options are the conventions, then ``agreed``: the place where a decision put the seam (if one did), and
        every place that a side names in an open dispute about the station. Whoever gives ``others`` names the places.
        """
        plan, near = self._plan, self._around(station)
        placed = {d.subject for d in plan.latest("place_seam").values() if self._is_at(d, station)}
        bare = replace(plan, decisions=tuple(d for d in plan.decisions if d.subject not in placed)) if placed else plan
        present = AGREED if placed else plan.choices.of_station(station.id)
        disputes = [d for d in list_disputes(plan) if d.is_claimed and self._is_about(d, station)]
        options = []
        for convention in self._conventions(plan.choices.of_station(station.id)):
            value = {"convention": convention, "land": [ring.tolist() for ring in plan.choices.land]}
            choice = Decision("choose_convention", station.id, value)
            other = plan if convention == present else bare.decide(choice)
            by, now = _proposers(disputes, convention), convention == present
            named = Option(convention, by, now, moved_mm={}, lane_mm={}, response_s={}, **_NOTHING)
            options.append(self._weigh(named, self._changes(other), near))
        if placed and others is None:
            last = next(d for d in plan.latest("place_seam").values() if d.subject in placed)
            where = (str(last.value["segment"]), float(last.value["offset_m"]))
            options.append(self._weigh(_agreed(where, is_present=True), (), near))
        for dispute in disputes if others is None else ():
            options += self._places(dispute, near)
        for name, other in (others or {}).items():
            named = Option(name, (), is_present=False, moved_mm={}, lane_mm={}, response_s={}, **_NOTHING)
            options.append(self._weigh(named, self._changes(other), near))
        return StationOptions(station, tuple(_mark_pareto(options)))

    def price_everywhere(self) -> tuple[Option, ...]:
        """Return every convention as chosen for all stations at once; response is measured over the whole network.

        Stations with a convention of their own keep it, as do seams that were placed.
        """
        plan, options = self._plan, []
        everywhere = np.ones(len(plan.network.segments), dtype=bool)
        for convention in self._conventions(plan.convention):
            value = {"convention": convention, "land": [ring.tolist() for ring in plan.choices.land]}
            now = convention == plan.convention
            other = plan if now else plan.decide(Decision("choose_convention", EVERY_STATION, value))
            named = Option(convention, (), now, moved_mm={}, lane_mm={}, response_s={}, **_NOTHING)
            options.append(self._weigh(named, self._changes(other), everywhere))
        return tuple(_mark_pareto(options))

    def price_move(self, move: Move, *, station: Station | None = None) -> Option:
        """Return the numbers of a seam at another place: what a hand that drags it reads.

        Parameters
        ----------
        move
            What ``plan.incremental.SeamMover.move`` returned for this desk's plan.
        station
            Where response is measured; the station nearest to the seam by road if not given.
        """
        if station is None:
            number = self._station_of_row(self._plan.network.row_of_segment[str(move.decision.value["segment"])])
            station = self._plan.land.stations[number] if number >= 0 else None
        near = self._around(station) if station is not None else np.ones(len(self._plan.network.segments), dtype=bool)
        place = (str(move.decision.value["segment"]), float(move.decision.value["offset_m"]))
        return self._weigh(_agreed(place), move.changes, near)

    def _weigh(self, named: Option, changes: Sequence[Change], near: npt.NDArray[np.bool_]) -> Option:
        effect = self._weigher.weigh(changes, near)
        return replace(named, **{name: getattr(effect, name) for name in effect.__dataclass_fields__})

    def _changes(self, other: Plan) -> tuple[Change, ...]:
        if other is self._plan:
            return ()
        return find_changes(self._plan.network, self._weigher.before, Holding.of(other))

    def _places(self, dispute: Dispute, near: npt.NDArray[np.bool_]) -> list[Option]:
        """Return the places that both sides of a dispute name, each as an option."""
        from plan.incremental import SeamMover

        network, found = self._plan.network, []
        seams = self._plan.derived.ownership.seams
        for side, position in dispute.positions.items():
            if position.place is None or not seams:
                continue
            lon, lat = position.place
            at = snap_points(network, np.array([lon]), np.array([lat]), max_m=CASE_REACH_M)
            if at.segment[0] < 0:
                continue
            seam = min(seams, key=lambda s: ((s.lon - lon) ** 2 + (s.lat - lat) ** 2, s.id))
            where = (network.segment_ids[int(at.segment[0])], round(float(at.offset_m[0]), 3))
            move = SeamMover(self._plan, seam.id).move(*where)
            found.append(self._weigh(_agreed(where, proposed_by=(side,)), move.changes, near))
        return found

    def _conventions(self, present: str) -> list[str]:
        names = [n for n in self._plan.derived.ownership.rules.names if n != AGREED]
        if not self._plan.choices.land:
            names.remove("land_boundary")
        return names if present in names else [*names, present]

    @cached_property
    def _nearest(self) -> npt.NDArray[np.int32]:
        return nearest_station(self._plan.land, self._plan.derived.ownership.rules.station_reach_m)

    def _around(self, station: Station) -> npt.NDArray[np.bool_]:
        network = self._plan.land
        number = [s.id for s in network.stations].index(station.id)
        result: npt.NDArray[np.bool_] = (self._nearest[network.segments.u] == number) | (
            self._nearest[network.segments.v] == number
        )
        return result

    def _station_of_row(self, row: int) -> int:
        seg = self._plan.network.segments
        return int(max(self._nearest[seg.u[row]], self._nearest[seg.v[row]]))

    def _is_at(self, decision: Decision, station: Station) -> bool:
        """Whether a ``place_seam`` decision puts a seam at a station."""
        row = self._plan.network.row_of_segment.get(str(decision.value.get("segment", "")))
        return row is not None and bool(self._around(station)[row])

    def _is_about(self, dispute: Dispute, station: Station) -> bool:
        return station in stations_of(self._plan, dispute, nearest=self._nearest)


def stations_of(plan: Plan, dispute: Dispute, *, nearest: npt.NDArray[np.int32] | None = None) -> tuple[Station, ...]:
    """Return the stations a dispute is about: by its word, else those nearest by road to the metres it claims.

    Parameters
    ----------
    plan, dispute
        The plan and one of its disputes.
    nearest
        ``jurisdiction.choices.nearest_station`` of ``plan.land``, if it was computed before.
    """
    if dispute.station:
        return tuple(s for s in plan.stations if s.id == dispute.station)
    if nearest is None:
        nearest = nearest_station(plan.land, plan.derived.ownership.rules.station_reach_m)
    rows = [r for s in dispute.segments if (r := plan.network.row_of_segment.get(s)) is not None]
    seg = plan.network.segments
    found = {int(k) for k in (*nearest[seg.u[rows]], *nearest[seg.v[rows]]) if k >= 0}
    return tuple(plan.land.stations[k] for k in sorted(found))


_NOTHING: dict[str, Any] = {"bridges": 0, "plaza_lanes": 0, "cases": 0, "cars_per_100km": {}}


def _agreed(place: tuple[str, float], *, proposed_by: tuple[str, ...] = (), is_present: bool = False) -> Option:
    return Option(AGREED, proposed_by, is_present, moved_mm={}, lane_mm={}, response_s={}, **_NOTHING, place=place)


def _proposers(disputes: Sequence[Dispute], convention: str) -> tuple[str, ...]:
    """Return the sides that propose a convention in open disputes about a station."""
    sides = {side for d in disputes for side, stand in d.positions.items() if stand.convention == convention}
    return tuple(sorted(sides))


def _mark_pareto(options: Sequence[Option]) -> list[Option]:
    """Mark the options that no other one beats in everything at once."""

    def costs(option: Option) -> tuple[float, ...]:
        p90 = [option.response_s.get(side, {}).get("p90", 0.0) for side in SIDES]
        moved = sum(abs(mm) for mm in option.moved_mm.values())
        return (*p90, float(option.cases), float(moved))

    table = [costs(option) for option in options]
    marked = []
    for mine, option in zip(table, options, strict=True):
        beaten = any(o != mine and all(a <= b for a, b in zip(o, mine, strict=True)) for o in table)
        marked.append(replace(option, is_pareto=not beaten))
    return marked
