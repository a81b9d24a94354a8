"""Sealing: one unit to every exit so that the slowest arrives as early as possible, then the sum is least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.snapping import SnapIndex
from geo.times import matrix
from geo.travel import Ints, TravelGraph
from patrol.exits import Exit
from patrol.places import require_on_network, snap_places
from patrol.units import Unit


@dataclass(frozen=True, slots=True)
class Seal:
    """One exit and the unit that seals it: ids, agency of the unit, seconds until it arrives."""

    exit: str
    unit: str
    agency: str
    time_s: float


@dataclass(frozen=True)
class Sealing:
    """A sealing plan.

    Attributes
    ----------
    slowest_s
        Arrival of the last unit, seconds: no plan does better.
    sum_s
        Sum of all arrivals, seconds: no plan with that slowest arrival does better.
    assignment
        One entry an exit, in the order the exits were given.
    """

    slowest_s: float
    sum_s: float
    assignment: tuple[Seal, ...]

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values, times in seconds."""
        return {
            "slowest_s": self.slowest_s,
            "sum_s": self.sum_s,
            "assignment": [
                {"exit": seal.exit, "unit": seal.unit, "agency": seal.agency, "time_s": seal.time_s}
                for seal in self.assignment
            ],
        }


def seal(
    graph: TravelGraph, units: Sequence[Unit], exits: Sequence[Exit], *, index: SnapIndex | None = None
) -> Sealing:
    """Send one unit to each exit.

    Bottleneck assignment (bisection on the distinct times, maximum matching at each step), then the least sum
    among the assignments with that bottleneck. A unit seals one exit, however many cars it has.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units; those without a car stay at home.
    exits
        Exits, each with an id of its own.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where there is no exit, or a place is far from every road.
    InfeasibleError
        Where the units are too few or cannot reach the exits.
    """
    ready = sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id)
    wanted = sorted(exits, key=lambda exit_: exit_.id)
    if not wanted:
        raise InputError("没有出口，请至少列出一处。 / no exit is given; list at least one place to seal")
    if len(ready) < len(wanted):
        raise InfeasibleError(
            f"{len(ready)} 个可用单元封不住 {len(wanted)} 个出口，请增派单元或减少出口。"
            f" / {len(ready)} ready units cannot seal {len(wanted)} exits; add {len(wanted) - len(ready)} units "
            f"or leave out exits such as {wanted[-1].id}"
        )
    unit_places = snap_places(graph.network, ready, index=index)
    exit_places = snap_places(graph.network, wanted, index=index)
    require_on_network(ready, unit_places, "unit")
    require_on_network(wanted, exit_places, "exit")
    time_ms = np.rint(np.nan_to_num(matrix(graph, unit_places, exit_places) * 1000.0, posinf=-1)).astype(np.int64)
    row = _assign(time_ms, [exit_.id for exit_ in wanted])
    chosen = {exit_.id: k for k, exit_ in enumerate(wanted)}
    seals = tuple(
        Seal(exit_.id, ready[row[k]].id, ready[row[k]].agency, int(time_ms[row[k], k]) / 1000.0)
        for exit_ in exits
        for k in (chosen[exit_.id],)
    )
    picked = [int(time_ms[row[k], k]) for k in range(len(wanted))]
    return Sealing(max(picked) / 1000.0, sum(picked) / 1000.0, seals)


def _assign(time_ms: Ints, names: list[str]) -> list[int]:
    """Return the unit row of each exit (column); -1 in the table marks "no way"."""
    from scipy.optimize import linear_sum_assignment

    possible = time_ms >= 0
    if not possible.any(axis=0).all():
        lost = names[int(np.flatnonzero(~possible.any(axis=0))[0])]
        raise InfeasibleError(
            f"没有单元能到达出口 {lost}，请检查封闭路段和单行道。"
            f" / no unit can reach exit {lost}; check closures and one-way roads around it"
        )
    limits = np.unique(time_ms[possible])
    if (column := _unmatched(time_ms, int(limits[-1]))) is not None:
        raise InfeasibleError(
            f"能到出口 {names[column]} 的单元都另有任务，请就近增派。"
            f" / the units that can reach exit {names[column]} are all needed at other exits; add a unit near it"
        )
    low, high = 0, len(limits) - 1
    while low < high:
        middle = (low + high) // 2
        if _unmatched(time_ms, int(limits[middle])) is None:
            high = middle
        else:
            low = middle + 1
    allowed = possible & (time_ms <= limits[low])
    cost = np.where(allowed, time_ms.astype(np.float64), np.inf)
    column_row = linear_sum_assignment(cost.T)
    return [int(row) for row in column_row[1]]


def _unmatched(time_ms: Ints, limit_ms: int) -> int | None:
    """Return an exit left without unit when none may take longer than the limit, ``None`` if none."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    open_ = csr_array(((time_ms >= 0) & (time_ms <= limit_ms)).T.astype(np.int8))
    match = maximum_bipartite_matching(open_, perm_type="column")
    free = np.flatnonzero(match < 0)
    return int(free[0]) if len(free) else None
