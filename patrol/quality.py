"""How good a patrol is: idleness, deadhead, duplication across agencies, when visits fall, balance of the crews."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo.paths import Leg
from geo.travel import TravelGraph
from patrol.day import DayPlan, Route, trace_route
from patrol.matrices import TICKS
from patrol.sheets import work_legs

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of one or several days.

    Attributes
    ----------
    visits
        Number of visits.
    idle_mean_s, idle_max_s
        Time a place waits between two visits (or from the begin to the first, from the last to the end): mean
        over all gaps of all places, and the longest, seconds.
    deadhead
        Driving without work over driving and work, 0 to 1.
    duplication
        Metres driven by two agencies or more, over metres driven by any, 0 to 1; a direction counts as a road.
    entropy
        Shannon entropy of the hours of day at which visits begin over its largest value, 0 (always the same
        hour) to 1 (evenly over all hours of the shift).
    longest_s
        Longest time out of a crew, seconds.
    balance
        Longest over mean time out, at least 1.
    gini
        Gini coefficient of the times out, 0 (all alike) to 1.
    """

    visits: int
    idle_mean_s: float
    idle_max_s: float
    deadhead: float
    duplication: float
    entropy: float
    longest_s: float
    balance: float
    gini: float

    def to_json(self) -> dict[str, float]:
        """Return plain JSON values, ratios to 6 digits."""
        return {name: round(getattr(self, name), 6) for name in self.__slots__}


def measure_quality(graph: TravelGraph, plans: Sequence[DayPlan], *, day_s: float | None = None) -> Quality:
    """Measure the quality of one day, or of several in a row.

    Parameters
    ----------
    graph
        The travel graph the plans were made on.
    plans
        One plan a day.
    day_s
        Seconds from one day to the next, 86,400 for days in a row; by default the shift, so that nights do not
        count as idle.
    """
    begin = min((plan.day.begin for plan in plans), default=0) / TICKS
    end = max((plan.day.end for plan in plans), default=0) / TICKS
    step = end - begin if day_s is None else day_s
    visits: dict[str, list[float]] = {t.id: [] for plan in plans for t in plan.day.targets}
    hours: list[float] = []
    driven: dict[int, dict[str, float]] = {}
    for number, plan in enumerate(plans):
        for route in plan.routes:
            _add_driven(driven, route.agency, driven_legs(graph, plan, route))
            for stop in route.stops:
                visits[stop.target].append(number * step + stop.start_s - begin)
                hours.append(stop.start_s)
    routes = [route for plan in plans for route in plan.routes]
    span = step * max(len(plans) - 1, 0) + end - begin
    gaps = [gap for times in visits.values() for gap in _gaps(times, span)]
    drive, work = sum(route.drive_s for route in routes), sum(route.work_s for route in routes)
    out = _time_out(plans)
    mean = sum(out) / len(out) if out else 0.0
    return Quality(
        len(hours),
        sum(gaps) / len(gaps) if gaps else 0.0,
        max(gaps, default=0.0),
        drive / (drive + work) if drive + work else 0.0,
        _duplication(driven),
        _entropy(hours, (begin, end)),
        max((route.return_s - route.leave_s for route in routes), default=0.0),
        max(out, default=0.0) / mean if mean else 1.0,
        gini(out),
    )


def gini(values: Sequence[float]) -> float:
    """Return the Gini coefficient of numbers that are not negative.

    Examples
    --------
    >>> gini([3, 3, 3]), gini([0, 0, 0, 4])
    (0.0, 0.75)
    """
    ordered = sorted(values)
    total, count = sum(ordered), len(ordered)
    if total <= 0:
        return 0.0
    weighted = sum((2 * rank - count - 1) * value for rank, value in enumerate(ordered, 1))
    return max(0.0, weighted / (count * total))


def driven_legs(graph: TravelGraph, plan: DayPlan, route: Route) -> list[Leg]:
    """Return everything a crew drives, on the way and as its work."""
    legs = [leg for way in trace_route(graph, plan, route) for leg in way]
    return legs + [leg for stop in route.stops for leg in work_legs(graph, plan.day, stop)]


def _add_driven(driven: dict[int, dict[str, float]], agency: str, legs: Iterable[Leg]) -> None:
    """Note the longest part of each arc an agency drives."""
    for leg in legs:
        if leg.segment >= 0:
            arc = 2 * leg.segment + (leg.direction < 0)
            by = driven.setdefault(arc, {})
            by[agency] = max(by.get(agency, 0.0), abs(leg.to_m - leg.from_m))


def _duplication(driven: Mapping[int, Mapping[str, float]]) -> float:
    any_m = sum(max(by.values()) for by in driven.values())
    twice_m = sum(sorted(by.values())[-2] for by in driven.values() if len(by) > 1)
    return twice_m / any_m if any_m else 0.0


def _gaps(times: Sequence[float], span: float) -> list[float]:
    edges = [0.0, *sorted(times), span]
    return [b - a for a, b in itertools.pairwise(edges)]


def _entropy(starts: Sequence[float], shift: tuple[float, float]) -> float:
    bins = max(1, math.ceil((shift[1] - shift[0]) / HOUR_S))
    if bins == 1 or not starts:
        return 0.0
    counts = [0] * bins
    for start in starts:
        counts[min(int((start - shift[0]) // HOUR_S), bins - 1)] += 1
    shares = [count / len(starts) for count in counts if count]
    return max(0.0, -sum(share * math.log(share) for share in shares) / math.log(bins))


def _time_out(plans: Sequence[DayPlan]) -> list[float]:
    """Return the time out of each crew over all days, idle crews with 0."""
    out: dict[tuple[str, int], float] = {}
    for plan in plans:
        for unit in plan.day.units:
            for car in range(1, unit.available + 1):
                out.setdefault((unit.id, car), 0.0)
        for route in plan.routes:
            out[route.unit, route.car] += route.return_s - route.leave_s
    return [out[key] for key in sorted(out)]
