"""Mixed days: places and stretches in one plan.

A task becomes one place a *mode* (a way to do it): it is entered where the mode begins and left where it ends, so
turn rules, one-way carriageways and turns at stations only live in the shortest ways between them. The modes of a
task exclude one another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.errors import InputError
from geo.snapping import SnapIndex, Snapped
from geo.travel import TravelGraph
from patrol.authority import can_do, may_work
from patrol.day import DAY_START_S
from patrol.matrices import TICKS, Day, measure_day, measure_travel
from patrol.pairs import split_visits
from patrol.targets import DAY_S, Target
from patrol.tasks import Stretch
from patrol.units import JOINT, Unit

Mode = tuple[Target, tuple[int, ...]]


def measure_tasks(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    stretches: Sequence[Stretch],
    shift_h: float,
    owner_of_segment: Sequence[str],
    start_s: float = DAY_START_S,
    index: SnapIndex | None = None,
) -> Day:
    """Return the numbers of a day of places and stretches, one place a mode; joint visits become two.

    Parameters
    ----------
    graph, units, targets, shift_h, owner_of_segment, start_s, index
        As for ``patrol.day.plan_day``.
    stretches
        Stretches to be patrolled; driving along them is work.

    Raises
    ------
    InputError
        Where the inputs do not make a day, or a task id is used twice.
    """
    _refuse_twice([*(target.id for target in targets), *(stretch.id for stretch in stretches)])
    modes: list[Mode] = [(target, ()) for target in split_visits(targets, units)]
    for stretch in stretches:
        modes += [(_as_target(graph, stretch, arcs), arcs) for arcs in stretch.ways]
    modes.sort(key=lambda mode: mode[0].id)
    day = measure_day(
        graph,
        units,
        [target for target, _ in modes],
        shift_h=shift_h,
        start_s=start_s,
        owner_of_segment=owner_of_segment,
        index=index,
    )
    arcs = tuple(way for _, way in modes)
    allowed, owners = day.allowed.copy(), list(day.owners)
    for j, way in enumerate(arcs):
        if way:
            target = day.targets[j]
            labels = {target.agency} if target.agency else {owner_of_segment[arc >> 1] for arc in way}
            owners[j] = frozenset(labels)
            allowed[:, j] = [
                can_do(unit, target) and all(may_work(unit.agency, label) for label in labels) for unit in day.units
            ]
    twins = [j for pair in _twins(day.targets, arcs) for j in pair]
    mixed = [i for i, unit in enumerate(day.units) if unit.agency == JOINT]
    allowed[np.ix_(mixed, twins)] = False
    day = replace(day, owners=tuple(owners), allowed=allowed)
    if not any(arcs):
        return day
    m = len(day.units)
    places = _at_ends(graph, day.places, arcs, units=m, last=False)
    leaving = _at_ends(graph, day.places, arcs, units=m, last=True)
    second = np.zeros(len(arcs), dtype=np.int64)
    second[[b for _, b in _twins(day.targets, arcs)]] = 1
    keys = [f"{target.id}\n{k}" for target, k in zip(day.targets, second.tolist(), strict=True)]
    return replace(
        day,
        places=places,
        leaving=leaving,
        travel=measure_travel(graph, leaving, places),
        task=np.unique(keys, return_inverse=True)[1].astype(np.int64),
        arcs=arcs,
    )


def _twins(targets: Sequence[Target], arcs: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    """Return the visits of two agencies to one place: neighbours of one id that are no ways to drive a stretch."""
    ids = [target.id for target in targets]
    return [(j, j + 1) for j in range(len(ids) - 1) if ids[j] == ids[j + 1] and not arcs[j]]


def _refuse_twice(ids: Sequence[str]) -> None:
    taken = sorted(name for name, count in Counter(ids).items() if count > 1)
    if taken:
        raise InputError(
            f"任务编号重复：{'、'.join(taken[:3])}，请给每个任务不同的编号。"
            f" / a task id is used twice ({', '.join(taken[:3])}); give each task its own"
        )


def _as_target(graph: TravelGraph, stretch: Stretch, arcs: tuple[int, ...]) -> Target:
    """Return one way to drive a stretch as a target at its beginning."""
    drive_ms = float(sum(graph.arc_ms[arc] for arc in arcs)) * stretch.pace
    service_s = np.ceil(drive_ms / 1000 * TICKS - 1e-6) / TICKS + stretch.stop_s
    if service_s > DAY_S:
        raise InputError(
            f"管段 {stretch.id} 巡查需 24 小时以上，请分段。"
            f" / patrolling stretch {stretch.id} takes more than 24 hours; split it"
        )
    node = int(graph.tail[arcs[0]])
    lon, lat = float(graph.network.nodes.lon[node]), float(graph.network.nodes.lat[node])
    return Target(
        stretch.id,
        lon,
        lat,
        float(service_s),
        stretch.kind,
        stretch.window,
        agency=stretch.agency,
        name=stretch.name,
        skill=stretch.skill,
    )


def _at_ends(
    graph: TravelGraph, places: Snapped, arcs: Sequence[tuple[int, ...]], *, units: int, last: bool
) -> Snapped:
    """Put each stretch on the first or last point of its way, inside the segment: a car there cannot turn round."""
    segment, offset, distance = places.segment.copy(), places.offset_m.copy(), places.distance_m.copy()
    lon, lat, node = places.lon.copy(), places.lat.copy(), places.node.copy()
    length = graph.network.segments.length_m
    for j, way in enumerate(arcs):
        if not way:
            continue
        arc, row = way[-1 if last else 0], units + j
        at_end = last != bool(arc & 1)
        end = int(graph.head[arc] if last else graph.tail[arc])
        segment[row], offset[row], distance[row] = arc >> 1, length[arc >> 1] if at_end else 0.0, 0.0
        lon[row], lat[row], node[row] = graph.network.nodes.lon[end], graph.network.nodes.lat[end], -1
    return Snapped(segment, offset, distance, lon, lat, node)
