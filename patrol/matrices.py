"""The numbers of one inspection day: crews, targets, authority, travel times in tenths of a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.snapping import SnapIndex, Snapped
from geo.times import matrix
from geo.travel import Ints, TravelGraph
from patrol.access import snap_targets
from patrol.authority import allow_targets, owners_of_places
from patrol.places import require_on_network, snap_places
from patrol.targets import DAY_S, Target
from patrol.units import Unit

TICKS = 10
"""Ticks a second; the solver counts whole ticks."""

NO_WAY = 2**40
"""Ticks between places without a way."""

LONGEST_SHIFT_H = 24.0


@dataclass(frozen=True)
class Day:
    """One inspection day as numbers; places are units first, then targets.

    Attributes
    ----------
    units
        Units with a car, sorted by id.
    targets
        Targets, sorted by id.
    places
        Snapped units, then targets: where each is entered; a unit's place is the post it comes home to.
    owners
        Owner labels at each target.
    allowed
        bool (units, targets), who may work where.
    travel
        int64 (units + targets,) squared, ticks, rounded up, ``NO_WAY`` where there is no way.
    service
        int64 (targets,), ticks of work.
    early, late
        int64 (targets,), ticks since midnight between which work must begin.
    begin, end
        Ticks since midnight between which every crew leaves its post and is back.
    ready
        int64 (units,), ticks from which each crew can leave; ``begin`` for all where ``None``.
    longest
        Ticks from leaving the post to being back, at most; the whole shift where ``None``.
    task
        int64 (targets,), the task each target is a way to do: of one task exactly one is chosen; each its own
        where ``None``.
    leaving
        Where each unit starts and each target is left, like ``places``; the same places where ``None``.
    arcs
        For each target the arcs that are driven as its work, in order; none anywhere where empty.
    load, capacity
        int64 (targets,) and (units,): what each target takes of a crew, and how much each car has of it (samples,
        forms, battery); no limit where ``None``.
    tables
        One travel table a kind of car, shaped like ``travel``, which is then the least of them; one table for all
        where empty.
    table_of
        For each unit its table; empty where there is one for all.
    """

    units: tuple[Unit, ...]
    targets: tuple[Target, ...]
    places: Snapped
    owners: tuple[frozenset[str], ...]
    allowed: npt.NDArray[np.bool_]
    travel: Ints
    service: Ints
    early: Ints
    late: Ints
    begin: int
    end: int
    ready: Ints | None = None
    longest: int | None = None
    task: Ints | None = None
    leaving: Snapped | None = None
    arcs: tuple[tuple[int, ...], ...] = ()
    load: Ints | None = None
    capacity: Ints | None = None
    tables: tuple[Ints, ...] = ()
    table_of: tuple[int, ...] = ()

    def table(self, i: int) -> Ints:
        """Return the travel times of one unit's cars, ticks."""
        return self.tables[self.table_of[i]] if self.tables else self.travel

    def ready_at(self, i: int) -> int:
        """Return the tick from which a crew can leave."""
        return self.begin if self.ready is None else int(self.ready[i])

    def task_of(self, j: int) -> int:
        """Return the task a target belongs to."""
        return j if self.task is None else int(self.task[j])

    @property
    def exits(self) -> Snapped:
        """Where each unit starts and each target is left."""
        return self.places if self.leaving is None else self.leaving

    @property
    def out(self) -> Ints:
        """Ticks from each unit to each target, int64 (units, targets)."""
        m = len(self.units)
        return np.stack([self.table(i)[i, m:] for i in range(m)])

    @property
    def back(self) -> Ints:
        """Ticks from each target back to each unit, int64 (units, targets)."""
        m = len(self.units)
        return np.stack([self.table(i)[m:, i] for i in range(m)])

    @property
    def between(self) -> Ints:
        """Ticks between targets with the quickest car, int64 (targets, targets)."""
        return self.travel[len(self.units) :, len(self.units) :]


def measure_day(
    graph: TravelGraph,
    units: Sequence[Unit],
    targets: Sequence[Target],
    *,
    shift_h: float,
    start_s: float,
    owner_of_segment: Sequence[str],
    index: SnapIndex | None = None,
) -> Day:
    """Put everything on the network and measure all travel times.

    Parameters
    ----------
    graph
        The travel graph.
    units, targets
        Crews and places; units without a car stay at home.
    shift_h
        Hours from leaving the post to being back.
    start_s
        Start of the shift, seconds since midnight.
    owner_of_segment
        Owner label of each segment.
    index
        A search tree built before.

    Raises
    ------
    InputError
        Where no unit can leave, the shift makes no sense, a unit is off the map, or the labels do not fit.
    """
    ready = tuple(sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id))
    wanted = tuple(sorted(targets, key=lambda target: target.id))
    if not ready:
        raise InputError(
            "没有可出动的车辆，请至少把一个单元的 available 设为 1。"
            " / no unit has a car available; set available to 1 or more for at least one unit"
        )
    if not wanted:
        raise InputError("没有检查目标，请至少列出一处。 / no target is given; list at least one place to inspect")
    if not 0 < shift_h <= LONGEST_SHIFT_H:
        raise InputError(
            "班次应大于 0 且不超过 24 小时。"
            f" / a shift of {shift_h:g} hours is not possible; give more than 0 and at most 24 hours"
        )
    if not 0 <= start_s < DAY_S:
        raise InputError(
            "班次应在 00:00 至 24:00 之间开始。"
            " / the shift must start between 00:00 and 24:00; give seconds since midnight"
        )
    if len(owner_of_segment) != len(graph.network.segments):
        raise InputError("give one owner label for each segment of this network")
    unit_places = snap_places(graph.network, ready, index=index)
    require_on_network(ready, unit_places, "unit")
    places = join_places(unit_places, snap_targets(graph.network, wanted, index=index))
    owners = owners_of_places(graph.network, places, owner_of_segment)[len(ready) :]
    begin = round(start_s * TICKS)
    return Day(
        ready,
        wanted,
        places,
        tuple(owners),
        allow_targets(ready, wanted, owners),
        measure_travel(graph, places, places),
        np.array([round(t.service_s * TICKS) for t in wanted], dtype=np.int64),
        np.array([t.window.from_s * TICKS if t.window else 0 for t in wanted], dtype=np.int64),
        np.array([t.window.to_s * TICKS if t.window else 2 * DAY_S * TICKS for t in wanted], dtype=np.int64),
        begin,
        begin + round(shift_h * 3600 * TICKS),
    )


def measure_travel(graph: TravelGraph, leaving: Snapped, places: Snapped) -> Ints:
    """Return ticks from where each thing is left to where each is entered, rounded up, ``NO_WAY`` without a way."""
    seconds = matrix(graph, leaving, places)
    finite = np.isfinite(seconds)
    ticks = np.where(finite, np.ceil(np.where(finite, seconds, 0.0) * TICKS - 1e-6), NO_WAY)
    return ticks.astype(np.int64)


def join_places(a: Snapped, b: Snapped) -> Snapped:
    """Return the places of two lists as one."""
    return Snapped(
        np.concatenate((a.segment, b.segment)),
        np.concatenate((a.offset_m, b.offset_m)),
        np.concatenate((a.distance_m, b.distance_m)),
        np.concatenate((a.lon, b.lon)),
        np.concatenate((a.lat, b.lat)),
        np.concatenate((a.node, b.node)),
    )
