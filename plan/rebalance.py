"""A new split of the expressway among brigades: what it would be, what it moves, and the decisions that make it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InfeasibleError, InputError
from geo.findings import Finding, Severity
from jurisdiction.agencies import EXPRESSWAY, Agency, Stretch
from jurisdiction.balance import TOLERANCE, Split, fill_gaps, match_names, refine, split_fresh
from jurisdiction.balanceunits import Units, make_units
from jurisdiction.brigades import border_limits
from jurisdiction.regions import count_borders, is_whole
from jurisdiction.stretches import Claims
from plan.agencies import agency_value, calibration_of, claims_of, stretch_value, stretches_of
from plan.decisions import Decision
from plan.rebalancedstretches import MovedRun, list_moves, make_stretches

if TYPE_CHECKING:
    from plan.model import Plan
    from plan.options import Case

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BY = ("length", "lane", "cases")
"""What counts as work: metres of carriageway, lane-metres, or cases."""
_PIECES_A_BRIGADE = 200
_SHORTEST_M, _LONGEST_M = 100.0, 2_000.0
_NEAR_NAMED_M = 3_000.0
_DEFAULT_LANES = 2


@dataclass(frozen=True)
class Wish:
    """How to split.

    Attributes
    ----------
    agencies
        Ids of the brigades that share the work.
    fresh
        Start anew; else from the present owners, moving as little as it takes.
    by
        One of ``BY``.
    seed
        Same seed, same split.
    tolerance
        Heaviest load over the mean that is good enough.
    """

    agencies: tuple[str, ...]
    fresh: bool = False
    by: str = "length"
    seed: int = 1
    tolerance: float = TOLERANCE


@dataclass(frozen=True)
class Proposal:
    """A split of the expressway among brigades.

    Attributes
    ----------
    wish
        What was asked for.
    units, split
        The pieces, and which brigade has each.
    present
        int64 (pieces,): number of the present brigade, -1 for none of those asked for.
    stretches
        The stretches that make it.
    moved
        What changes hands.
    findings
        What is doubtful about it.
    """

    wish: Wish
    units: Units
    split: Split
    present: Ints
    stretches: tuple[Stretch, ...]
    moved: tuple[MovedRun, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: loads, their greatest excess over the mean, and the runs that move."""
        names, neighbours = self.wish.agencies, self.units.neighbours
        return {
            "agencies": list(names),
            "by": self.wish.by,
            "seed": self.wish.seed,
            "start": "fresh" if self.wish.fresh else "present",
            "load": {name: round(float(load), 3) for name, load in zip(names, self.split.load, strict=True)},
            "mean": round(float(self.split.load.mean()), 3),
            "over_mean": round(self.split.over_mean, 6),
            "balanced": self.split.over_mean <= self.wish.tolerance + 1e-9,
            "contiguous": {name: is_whole(self.split.part, neighbours, k) for k, name in enumerate(names)},
            "pieces": len(self.units.pieces),
            "borders": count_borders(self.split.part, neighbours),
            "moved_m": sum(run.length_mm for run in self.moved) / 1000,
            "moved": [
                {
                    "route": run.route,
                    "from": run.before,
                    "to": run.after,
                    "from_stake": run.from_stake,
                    "to_stake": run.to_stake,
                    "from_m": round(run.from_m, 1),
                    "to_m": round(run.to_m, 1),
                    "length_m": run.length_mm / 1000,
                }
                for run in self.moved
            ],
        }


def expressway_agencies(plan: Plan, count: int) -> tuple[str, ...]:
    """Return so many brigade ids: those of the plan first, then new ones (``exp3``, …)."""
    names = [a.id for a in plan.agencies if a.kind == EXPRESSWAY][:count]
    number = 1
    while len(names) < count:
        if f"exp{number}" not in names:
            names.append(f"exp{number}")
        number += 1
    return tuple(names)


def propose_split(plan: Plan, wish: Wish, *, cases: Sequence[Case] = ()) -> Proposal:
    """Split the expressway of a plan among brigades.

    Parameters
    ----------
    plan
        The plan; its present owners are what moves are counted against.
    wish
        Who shares the work, and how it is measured.
    cases
        Last year's cases, for work by cases.

    Raises
    ------
    InputError
        A brigade is named twice or is the district's, work is measured in an unknown way or by cases without cases.
    InfeasibleError
        There are fewer pieces of road than brigades, or no expressway at all.
    """
    _check(plan, wish, cases)
    network, derived = plan.land, plan.derived
    expressway = np.zeros(len(network.segments), dtype=bool)
    cut = derived.ownership.cut
    expressway[cut.base[derived.ownership.expressway]] = True
    total_m = float(network.segments.length_m[expressway].sum())
    if total_m == 0:
        raise InfeasibleError("地图上没有高速公路，没有可划分的管段。 / the map has no expressway to split.")
    step_m = min(max(total_m / 2 / len(wish.agencies) / _PIECES_A_BRIGADE, _SHORTEST_M), _LONGEST_M)
    claims = claims_of(plan)
    units = make_units(
        network,
        expressway,
        step_m=step_m,
        stakes=lambda route: calibration_of(plan, route),
        borders=_borders(claims),
        limits={route: border_limits(claims, route) for route in claims.axes},
    )
    weight = units.weigh(_work(units, wish.by, cases))
    present = _present(plan, units, wish.agencies)
    split = _split(units, weight, present, wish)
    split = _prefer_named(units, weight, split, tolerance=wish.tolerance)
    moved = list_moves(units, split.part, present, agencies=wish.agencies)
    taken = plan.latest("set_stretch")
    stretches = make_stretches(units, split.part, agencies=wish.agencies, claims=claims, taken=taken)
    return Proposal(wish, units, split, present, stretches, moved, _findings(units, split, wish))


def _check(plan: Plan, wish: Wish, cases: Sequence[Case]) -> None:
    local = {a.id for a in plan.agencies if a.kind != EXPRESSWAY}
    if not wish.agencies:
        raise InputError("至少要有一个大队，请改正份数。 / at least one brigade is needed: correct the number.")
    wrong = next((name for name in wish.agencies if name in local or not name.strip()), None)
    if wrong is not None:
        raise InputError(
            f"“{wrong[:20]}”不是高速大队，不能参与高速管段划分。 / {wrong[:20]!r} is no expressway brigade."
        )
    if len(set(wish.agencies)) != len(wish.agencies):
        raise InputError("大队编号有重复，请改正。 / a brigade is named twice: correct the list.")
    if wish.by not in BY:
        known = "、".join(BY)
        raise InputError(f"工作量只能按 {known} 计。 / work is measured by one of {', '.join(BY)}.")
    if wish.by == "cases" and not cases:
        raise InputError("按案件计工作量须给出案件表（--cases）。 / work by cases needs a table of cases (--cases).")


def _borders(claims: Claims) -> Mapping[str, Sequence[float]]:
    found: dict[str, list[float]] = {}
    for span in claims.spans:
        for end in (span.low, span.high):
            if end is not None and np.isfinite(end.middle_m):
                found.setdefault(span.stretch.route, []).append(end.middle_m)
    return found


def _work(units: Units, by: str, cases: Sequence[Case]) -> Floats:
    """Return the work of each segment of the cut network."""
    network = units.cut.network
    length = network.segments.length_m
    if by == "length":
        return length
    if by == "lane":
        column = network.ways.text["lanes"]
        told = np.array([int(t) if t.isdigit() and 0 < int(t) < 20 else 0 for t in column.pool])  # noqa: PLR2004
        lanes = told[column.codes][network.segments.way]
        return np.asarray(length * np.where(lanes > 0, lanes, _DEFAULT_LANES), dtype=np.float64)
    from geo.snapping import build_snap_index, snap_points

    index = build_snap_index(network, usable=units.piece >= 0)
    lon, lat = np.array([c.lon for c in cases]), np.array([c.lat for c in cases])
    near = snap_points(network, lon, lat, max_m=100.0, index=index).segment
    return np.bincount(near[near >= 0], minlength=len(network.segments)).astype(np.float64)


def _present(plan: Plan, units: Units, agencies: Sequence[str]) -> Ints:
    """Return the brigade that has most of each piece today, -1 where it is none of those asked for."""
    derived, cut = plan.derived, units.cut
    theirs = derived.ownership.cut
    span = int(plan.network.segments.length_mm.max(initial=0)) + 1
    key = theirs.base.astype(np.int64) * span + theirs.from_mm
    wanted = cut.base.astype(np.int64) * span + cut.from_mm + cut.network.segments.length_mm // 2
    row = np.searchsorted(key, wanted, side="right") - 1
    number = {name: k for k, name in enumerate(agencies)}
    mine = np.array([number.get(name, -1) for name in derived.agency], dtype=np.int64)[row]
    table = np.zeros((len(units.pieces), len(agencies) + 1), dtype=np.int64)
    inside = units.piece >= 0
    np.add.at(table, (units.piece[inside], mine[inside]), cut.network.segments.length_mm[inside])
    best = table.argmax(axis=1)
    return np.where(best == len(agencies), -1, best).astype(np.int64)


def _split(units: Units, weight: Floats, present: Ints, wish: Wish) -> Split:
    count = len(wish.agencies)
    some = set(present[present >= 0].tolist())
    if wish.fresh or len(some) < count:
        found = split_fresh(weight, units.neighbours, count, seed=wish.seed, tolerance=wish.tolerance)
        part = match_names(found.part, present, weight, count=count)
        return Split(part, _sum(part, weight, count), found.moves)
    start = fill_gaps(weight, units.neighbours, present, count=count)
    return refine(weight, units.neighbours, start, count=count, tolerance=wish.tolerance)


def _sum(part: Ints, weight: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(part, weights=weight, minlength=count), dtype=np.float64)


def _prefer_named(units: Units, weight: Floats, split: Split, *, tolerance: float) -> Split:
    """Shift borders from the middle of nowhere to the next interchange, where the loads allow it."""
    part, load = split.part.copy(), split.load.copy()
    limit = max(split.over_mean, tolerance)
    for k in range(len(units.pieces) - 1):
        for run, taker in _shifts(units, part, k):
            giver = int(part[run[0]])
            trial = part.copy()
            trial[list(run)] = taker
            loads = _sum(trial, weight, len(load))
            whole = is_whole(trial, units.neighbours, giver) or not is_whole(part, units.neighbours, giver)
            if whole and loads.max() <= loads.mean() * (1 + limit) + 1e-9:
                part, load = trial, loads
                break
    return Split(part, load, split.moves)


def _shifts(units: Units, part: Ints, k: int) -> list[tuple[list[int], int]]:
    """Return the runs of pieces that would bring the border between pieces k and k + 1 to a named place."""
    pieces = units.pieces
    here, there = pieces[k], pieces[k + 1]
    if here.route != there.route or part[k] == part[k + 1] or here.named[1] or abs(here.to_m - there.from_m) > 1:
        return []
    found = []
    for step, first in ((1, k + 1), (-1, k)):
        run, at, metres = [], first, 0.0
        while 0 <= at < len(pieces) and pieces[at].route == here.route and part[at] == part[first]:
            run.append(at)
            metres += pieces[at].to_m - pieces[at].from_m
            if metres > _NEAR_NAMED_M:
                break
            if pieces[at].named[1 if step > 0 else 0]:
                found.append((metres, run, int(part[k] if step > 0 else part[k + 1])))
                break
            at += step
    return [(run, taker) for _, run, taker in sorted(found)]


def _findings(units: Units, split: Split, wish: Wish) -> tuple[Finding, ...]:
    found = []
    if split.over_mean > wish.tolerance + 1e-9:
        over = split.over_mean * 100
        found.append(
            Finding(
                "split_not_balanced",
                Severity.WARNING,
                len(wish.agencies),
                f"最重的大队比平均多 {over:.1f} %，没有找到更均衡而各自相连的划分，请人工调整。",
                f"the heaviest brigade has {over:.1f} % more than the mean; no better split in which every part hangs"
                " together was found: adjust it by hand.",
            )
        )
    if units.bridged:
        found.append(
            Finding(
                "network_in_parts",
                Severity.NOTE,
                len(units.bridged) + 1,
                f"高速路网在图上分为 {len(units.bridged) + 1} 块互不相连，划分时按最近处视为相邻。",
                f"the expressway network is {len(units.bridged) + 1} parts on this map; the nearest count as touching.",
            )
        )
    return tuple(found)


def decide_split(plan: Plan, proposal: Proposal, *, who: str = "", when: str = "", why: str = "") -> Plan:
    """Return the plan with the proposal decided: new stretches, brigades that are new, old stretches withdrawn."""
    known = {a.id for a in plan.agencies} if plan.latest("set_agency") else set()
    result = plan
    if not known:
        for agency in plan.agencies:
            if agency.kind != EXPRESSWAY or agency.id in proposal.wish.agencies:
                result = result.decide(Decision("set_agency", agency.id, agency_value(agency), who, when, why))
                known.add(agency.id)
    for number, name in enumerate(proposal.wish.agencies, start=1):
        if name not in known:
            made = Agency(name, f"高速大队 {name}", EXPRESSWAY, f"高{number}")
            result = result.decide(Decision("set_agency", name, agency_value(made), who, when, why))
    routes = {s.route for s in proposal.stretches}
    for stretch in stretches_of(plan):
        if stretch.route in routes:
            gone = {"agency": stretch.agency, "route": stretch.route, "withdrawn": True}
            result = result.decide(Decision("set_stretch", stretch.name, gone, who, when, why))
    for stretch in proposal.stretches:
        result = result.decide(Decision("set_stretch", stretch.name, stretch_value(stretch), who, when, why))
    return result
