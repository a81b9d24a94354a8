"""Comparing two placements, and what is lost when one unit is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.snapping import SnapIndex
from geo.travel import TravelGraph
from patrol.posts.covers import Cover
from patrol.posts.matrix import PIECE_M, Demand, Reach, reach_from
from patrol.posts.place import posts_of_units
from patrol.posts.places import Site
from patrol.posts.question import Floats, Ints
from patrol.units import Unit


@dataclass(frozen=True, slots=True)
class Standing:
    """How a set of posts stands.

    Attributes
    ----------
    units
        Units in all.
    covered_m, twice_m
        Directed metres reached within the limit, and by two units.
    mean_s, longest_s
        Mean and longest time until the first unit has reached a place, over the road both placements can reach;
        nan where there is none.
    lost_m
        Directed metres that no unit reaches in any time.
    """

    units: int
    covered_m: float
    twice_m: float
    mean_s: float
    longest_s: float
    lost_m: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values; ``None`` for a time that does not exist."""
        return {
            "units": self.units,
            "covered_m": self.covered_m,
            "twice_m": self.twice_m,
            "mean_s": _time(self.mean_s),
            "longest_s": _time(self.longest_s),
            "unreachable_m": self.lost_m,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two placements side by side: how each stands, and the directed metres won and lost by changing to the second."""

    first: Standing
    second: Standing
    won_m: float
    given_up_m: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "first": self.first.to_json(),
            "second": self.second.to_json(),
            "won_m": self.won_m,
            "given_up_m": self.given_up_m,
        }


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost while one unit's post is empty.

    Attributes
    ----------
    unit, agency
        Of the unit.
    lost_m
        Directed metres no other unit reaches within the limit.
    single_m
        Directed metres that two units reached and now only one.
    delay_s
        How much later the first unit arrives on average over all road that is still reached.
    unreachable_m
        Directed metres no other unit reaches in any time.
    """

    unit: str
    agency: str
    lost_m: float
    single_m: float
    delay_s: float
    unreachable_m: float

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "unit": self.unit,
            "agency": self.agency,
            "lost_m": self.lost_m,
            "single_m": self.single_m,
            "delay_s": round(self.delay_s, 3),
            "unreachable_m": self.unreachable_m,
        }


def compare_posts(
    graph: TravelGraph,
    first: Sequence[Site],
    second: Sequence[Site],
    *,
    limit_s: float,
    piece_m: float = PIECE_M,
    index: SnapIndex | None = None,
) -> Comparison:
    """Compare two placements on the same road.

    Parameters
    ----------
    graph
        The travel graph.
    first, second
        Posts, each with its units; ids may occur in both.
    limit_s
        Time limit, seconds.
    piece_m
        Longest piece of road that counts as one.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where a placement is empty, or a post is far from every road.
    """
    halves = (_sides("a", first), _sides("b", second))
    reach = reach_from(graph, halves[0] + halves[1], index=index)
    demand = reach.demand(piece_m=piece_m)
    cover = reach.cover(demand, limit_s)
    base = reach.bases(demand)
    count = len(halves[0])
    members = (np.arange(count), np.arange(count, len(reach.sites)))
    units = np.array([site.units for site in reach.sites], dtype=np.int64)
    alone = [np.where(np.isin(np.arange(len(units)), side), units, 0) for side in members]
    near = [base[:, side[units[side] > 0]].min(axis=1, initial=np.inf) for side in members]
    shared = np.isfinite(near[0]) & np.isfinite(near[1])
    reached = [cover.counts(one) > 0 for one in alone]
    standings = [
        Standing(
            int(one.sum()),
            cover.at_least(one, 1) / 1000.0,
            cover.at_least(one, 2) / 1000.0,
            *_times(demand, times, shared),
            float(demand.weight[~np.isfinite(times)].sum()),
        )
        for one, times in zip(alone, near, strict=True)
    ]
    won = float(cover.weight[reached[1] & ~reached[0]].sum()) / 1000.0
    given_up = float(cover.weight[reached[0] & ~reached[1]].sum()) / 1000.0
    return Comparison(standings[0], standings[1], won, given_up)


def lose_units(
    graph: TravelGraph,
    units: Sequence[Unit],
    *,
    limit_s: float,
    piece_m: float = PIECE_M,
    index: SnapIndex | None = None,
) -> tuple[Loss, ...]:
    """Return what is lost while each unit in turn is away with all its cars, the heaviest loss first.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units; those without a car do not count.
    limit_s
        Time limit, seconds.
    piece_m
        Longest piece of road that counts as one.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where no unit is ready, or one is far from every road.
    """
    reach = reach_from(graph, posts_of_units(units), index=index)
    agency = {unit.id: unit.agency for unit in units}
    demand = reach.demand(piece_m=piece_m)
    cover = reach.cover(demand, limit_s)
    present = np.array([site.units for site in reach.sites], dtype=np.int64)
    base = reach.bases(demand)
    before = base.min(axis=1)
    losses = [
        _lose(reach, k, demand, agency=agency, at_least=_lengths(cover, present, k), times=(base, before))
        for k in range(len(present))
    ]
    return tuple(sorted(losses, key=lambda loss: (-loss.lost_m, -loss.delay_s, loss.unit)))


def _lose(
    reach: Reach,
    away: int,
    demand: Demand,
    *,
    agency: dict[str, str],
    at_least: tuple[float, float],
    times: tuple[Floats, Floats],
) -> Loss:
    base, before = times
    rest = np.delete(base, away, axis=1)
    after = rest.min(axis=1, initial=np.inf)
    still = np.isfinite(after)
    weight = demand.weight[still]
    delay = float((after[still] - before[still]) @ weight) / max(float(weight.sum()), 1e-12) / 1000.0
    gone = float(demand.weight[np.isfinite(before) & ~still].sum())
    name = reach.sites[away].id
    return Loss(name, agency[name], *at_least, delay, gone)


def _lengths(cover: Cover, present: Ints, away: int) -> tuple[float, float]:
    rest = present.copy()
    rest[away] = 0
    before, after = cover.counts(present), cover.counts(rest)
    lost = float(cover.weight[(before > 0) & (after == 0)].sum()) / 1000.0
    single = float(cover.weight[(before > 1) & (after == 1)].sum()) / 1000.0
    return lost, single


def _sides(mark: str, sites: Sequence[Site]) -> tuple[Site, ...]:
    return tuple(replace(site, id=f"{mark}:{site.id}") for site in sites)


def _times(demand: Demand, base: Floats, shared: np.ndarray) -> tuple[float, float]:
    if not shared.any():
        return float("nan"), float("nan")
    pace, weight = demand.pace[shared], demand.weight[shared]
    middle = (demand.from_mm[shared] + demand.to_mm[shared]) / 2.0
    mean = float((base[shared] + middle * pace) @ weight) / float(weight.sum()) / 1000.0
    return mean, float((base[shared] + demand.to_mm[shared] * pace).max()) / 1000.0


def _time(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 3)
