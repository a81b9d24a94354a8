"""Mixed days: places and stretches in one plan.

A task becomes one place a *mode* (a way to do it): it is entered where the mode begins and left where it ends, so
turn rules, one-way carriageways and turns at stations only live in the shortest ways between them. The modes of a
task exclude one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.errors import InputError
from geo.snapping import SnapIndex, Snapped
from geo.travel import TravelGraph
from patrol.authority import may_work
from patrol.day import DAY_START_S, DayPlan, write_plan
from patrol.matrices import TICKS, Day, measure_day, measure_travel
from patrol.reasons import LeftOut, find_impossible
from patrol.solver import Search, find_routes
from patrol.targets import DAY_S, Target
from patrol.tasks import Stretch, find_bad_checkpoints
from patrol.units import Unit

Mode = tuple[Target, tuple[int, ...]]


def plan_tasks(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    stretches: Sequence[Stretch] = (),
    shift_h: float,
    owner_of_segment: Sequence[str],
    start_s: float = DAY_START_S,
    search: Search | None = None,
    index: SnapIndex | None = None,
) -> DayPlan:
    """Plan one day of places and stretches; checkpoints where none may stand are left out with the reason.

    Parameters
    ----------
    graph, units, targets, shift_h, owner_of_segment, start_s, search, index
        As for ``patrol.day.plan_day``.
    stretches
        Stretches to be patrolled; driving along them is work.

    Raises
    ------
    InputError
        Where the inputs do not make a day.
    CancelledError
        Where the search was stopped before it had a plan.
    """
    search = Search() if search is None else search
    day = measure_tasks(
        graph,
        units,
        targets,
        stretches=stretches,
        shift_h=shift_h,
        owner_of_segment=owner_of_segment,
        start_s=start_s,
        index=index,
    )
    m = len(day.units)
    bad = find_bad_checkpoints(graph.network, day.targets, day.places.take(list(range(m, m + len(day.targets)))))
    known: dict[int, LeftOut] = dict(bad)
    impossible = find_impossible(day)
    wanted = [j for j in range(len(day.targets)) if j not in impossible and j not in bad]
    return write_plan(day, find_routes(day, wanted, search), search, known=known)


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
    """Return the numbers of a day of places and stretches, one place a mode; see ``plan_tasks``."""
    modes: list[Mode] = [(target, ()) for target in targets]
    for stretch in stretches:
        modes += [(_as_target(graph, stretch, arcs), arcs) for arcs in stretch.ways]
    modes.sort(key=lambda mode: mode[0].id)
    taken = {target.id for target in targets} & {stretch.id for stretch in stretches}
    twice = len({stretch.id for stretch in stretches}) < len(stretches)
    if taken or twice:
        raise InputError(
            f"任务编号重复：{'、'.join(sorted(taken)[:3])}，请给每个任务不同的编号。"
            f" / a task id is used twice ({', '.join(sorted(taken)[:3])}); give each task its own"
        )
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
    m = len(day.units)
    places = _at_ends(graph, day.places, arcs, units=m, last=False)
    leaving = _at_ends(graph, day.places, arcs, units=m, last=True)
    allowed, owners = day.allowed.copy(), list(day.owners)
    for j, way in enumerate(arcs):
        if way:
            labels = {day.targets[j].agency} if day.targets[j].agency else {owner_of_segment[arc >> 1] for arc in way}
            owners[j] = frozenset(labels)
            allowed[:, j] = [all(may_work(unit.agency, label) for label in labels) for unit in day.units]
    task = np.unique([target.id for target in day.targets], return_inverse=True)[1].astype(np.int64)
    return replace(
        day,
        places=places,
        leaving=leaving,
        owners=tuple(owners),
        allowed=allowed,
        travel=measure_travel(graph, leaving, places),
        task=task,
        arcs=arcs,
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
