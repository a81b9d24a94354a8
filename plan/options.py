"""Options: what each place of a seam at a station would move, for both sides, without a single score."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.errors import InputError
from geo.network import Network
from geo.snapping import build_snap_index, snap_points
from geo.stations import Station, StationKind
from geo.times import times_to_arcs
from geo.travel import TravelGraph, build_travel_graph
from jurisdiction.choices import nearest_station
from patrol.places import snap_places
from patrol.units import Unit, is_local
from plan.decisions import Decision
from plan.model import Plan

CASE_REACH_M = 60.0
"""A case counts to the road it happened on up to this distance from its centre line."""
_SIDES = ("local", "expressway")
_DEFAULT_LANES = {RoadClass.MOTORWAY: 2, RoadClass.TRUNK: 2, RoadClass.PRIMARY: 2}


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
    ours = [s for s in plan.network.stations if s.kind not in {StationKind.GATE, StationKind.BORDER}]
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
    """

    def __init__(
        self, plan: Plan, units: Sequence[Unit] = (), cases: Sequence[Case] = (), *, graph: TravelGraph | None = None
    ) -> None:
        self._plan = plan
        self._units = tuple(u for u in units if u.available > 0)
        network = plan.network
        index = build_snap_index(network) if units or cases else None
        self._arrival = _arrivals(graph or build_travel_graph(network), self._units) if self._units else {}
        self._case_row = np.zeros(0, dtype=np.int64)
        if cases:
            places = (np.array([c.lon for c in cases]), np.array([c.lat for c in cases]))
            self._case_row = snap_points(network, *places, max_m=CASE_REACH_M, index=index).segment

    def price(self, station: Station) -> StationOptions:
        """Return every option of a station."""
        plan = self._plan
        present = plan.choices.of_station(station.id)
        near = self._around(station)
        today = _base_agency(plan)
        options = []
        for convention in self._conventions(present):
            value = {"convention": convention, "land": [ring.tolist() for ring in plan.choices.land]}
            choice = Decision("choose_convention", station.id, value)
            other = plan if convention == present else plan.decide(choice)
            options.append(self._price(other, station, (convention, convention == present), (today, near)))
        return StationOptions(station, tuple(_mark_pareto(options)))

    def _conventions(self, present: str) -> list[str]:
        names = [n for n in self._plan.derived.ownership.rules.names if n != "agreed"]
        if not self._plan.choices.land:
            names.remove("land_boundary")
        return names if present in names else [*names, present]

    def _around(self, station: Station) -> npt.NDArray[np.bool_]:
        network = self._plan.network
        rules = self._plan.derived.ownership.rules
        number = [s.id for s in network.stations].index(station.id)
        at = nearest_station(network, rules.station_reach_m) == number
        result: npt.NDArray[np.bool_] = at[network.segments.u] | at[network.segments.v]
        return result

    def _price(
        self, other: Plan, station: Station, named: tuple[str, bool], today: tuple[list[dict[str, int]], Any]
    ) -> Option:
        network, (before, near) = self._plan.network, today
        after = _base_agency(other)
        changed = [row for row in range(len(after)) if after[row] != before[row]]
        lanes = _lanes(network)
        moved: dict[str, int] = {}
        lane: dict[str, int] = {}
        for row in changed:
            for agency in before[row].keys() | after[row].keys():
                gain = after[row].get(agency, 0) - before[row].get(agency, 0)
                moved[agency] = moved.get(agency, 0) + gain
                lane[agency] = lane.get(agency, 0) + gain * int(lanes[row])
        at_booth = network.booth_mask()
        toll = [r for r in changed if at_booth[network.segments.u[r]] or at_booth[network.segments.v[r]]]
        return Option(
            named[0],
            _proposers(self._plan, station, named[0]),
            named[1],
            {a: mm for a, mm in moved.items() if mm},
            {a: mm for a, mm in lane.items() if mm},
            self._response(after, near),
            sum(bool(network.text("bridge", row)) for row in changed),
            len(toll),
            int(np.isin(self._case_row, changed).sum()) if changed else 0,
            self._balance(other),
        )

    def _response(self, agency: list[dict[str, int]], near: npt.NDArray[np.bool_]) -> dict[str, dict[str, float]]:
        local = {a.id for a in self._plan.agencies if a.kind == "local"}
        result = {}
        for side, arrival in self._arrival.items():
            length = np.array(
                [sum(mm for a, mm in row.items() if (a in local) == (side == "local")) for row in agency],
                dtype=np.float64,
            )
            rows = np.flatnonzero(near & (length > 0) & np.isfinite(arrival))
            if len(rows):
                p50, p90 = weighted_quantiles(arrival[rows], length[rows], (0.5, 0.9))
                result[side] = {"p50": round(p50, 1), "p90": round(p90, 1)}
        return result

    def _balance(self, other: Plan) -> dict[str, float]:
        cars: dict[str, int] = {}
        for unit in self._units:
            cars[unit.agency] = cars.get(unit.agency, 0) + unit.available
        owned = other.derived.ledger.of("agency")
        return {a: round(n / (owned[a] / 1e8), 2) for a, n in cars.items() if owned.get(a)}


def weighted_quantiles(
    values: npt.NDArray[np.float64], weights: npt.NDArray[np.float64], shares: Sequence[float]
) -> list[float]:
    """Return the smallest value at or below which each share of the weight lies.

    Examples
    --------
    >>> weighted_quantiles(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), (0.5, 0.9))
    [2.0, 3.0]
    """
    order = np.argsort(values, kind="stable")
    part = np.cumsum(weights[order]) / weights.sum()
    return [float(values[order[min(int(np.searchsorted(part, s - 1e-12)), len(order) - 1)]]) for s in shares]


def _arrivals(graph: TravelGraph, units: Sequence[Unit]) -> dict[str, npt.NDArray[np.float64]]:
    """Return, a side, the seconds until its first car is half-way along each segment."""
    result = {}
    for side in _SIDES:
        mine = [u for u in units if is_local(u.agency) == (side == "local")]
        if not mine:
            continue
        times = times_to_arcs(graph, snap_places(graph.network, mine))
        half = np.where(graph.arc_ms >= 0, times.tail_ms + np.maximum(graph.arc_ms, 0) / 2, np.inf)
        result[side] = half.reshape(-1, 2).min(axis=1) / 1000
    return result


def _base_agency(plan: Plan) -> list[dict[str, int]]:
    """Return, a segment of the uncut network, agency to millimetres; disputed metres keep their agency."""
    derived, cut = plan.derived, plan.derived.ownership.cut
    result: list[dict[str, int]] = [{} for _ in range(len(plan.network.segments))]
    rows = zip(cut.base.tolist(), derived.agency, derived.network.segments.length_mm.tolist(), strict=True)
    for base, agency, length in rows:
        result[base][agency] = result[base].get(agency, 0) + length
    return result


def _lanes(network: Network) -> npt.NDArray[np.int64]:
    """Return lanes a segment: the tag, else 2 on main roads and 1 elsewhere (assumption)."""
    column = network.ways.text["lanes"]
    told = np.array([int(t) if t.isdigit() and 0 < int(t) < 20 else 0 for t in column.pool])[column.codes]  # noqa: PLR2004
    table = np.array([_DEFAULT_LANES.get(c, 1) for c in RoadClass], dtype=np.int64)
    result: npt.NDArray[np.int64] = np.where(told > 0, told, table[network.ways.road_class])[network.segments.way]
    return result


def _proposers(plan: Plan, station: Station, convention: str) -> tuple[str, ...]:
    """Return the sides that propose a convention for a station in an open dispute."""
    sides = set()
    for dispute in plan.open_disputes:
        if dispute.value.get("station") != station.id:
            continue
        for side, position in dispute.value.get("positions", {}).items():
            if position.get("convention") == convention:
                sides.add(str(side))
    return tuple(sorted(sides))


def _mark_pareto(options: Sequence[Option]) -> list[Option]:
    """Mark the options that no other one beats in everything at once."""
    from dataclasses import replace

    def costs(option: Option) -> tuple[float, ...]:
        p90 = [option.response_s.get(side, {}).get("p90", 0.0) for side in _SIDES]
        moved = sum(abs(mm) for mm in option.moved_mm.values())
        return (*p90, float(option.cases), float(moved))

    table = [costs(option) for option in options]
    marked = []
    for mine, option in zip(table, options, strict=True):
        beaten = any(o != mine and all(a <= b for a, b in zip(o, mine, strict=True)) for o in table)
        marked.append(replace(option, is_pareto=not beaten))
    return marked
