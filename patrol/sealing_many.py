"""Sealing with several units an exit: bottleneck first, then the least sum, cars of one unit may part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from geo.errors import InfeasibleError, InputError
from geo.snapping import SnapIndex
from geo.times import matrix
from geo.travel import TravelGraph
from patrol.exits import Exit
from patrol.places import require_on_network, snap_places
from patrol.sealing import Seal, Sealing, _assign
from patrol.units import Unit


def seal_with_many(
    graph: TravelGraph,
    units: Sequence[Unit],
    exits: Sequence[Exit],
    *,
    need: Mapping[str, int] | int = 1,
    index: SnapIndex | None = None,
) -> Sealing:
    """Send as many cars to each exit as it needs.

    Every car of a unit counts for itself. Among all ways to send them the last arrival is as early as possible,
    and among those the sum of all arrivals is least.

    Parameters
    ----------
    graph
        The travel graph.
    units
        Units; ``available`` is their number of cars.
    exits
        Exits, each with an id of its own.
    need
        Cars an exit needs, for all or by id; exits not named need one.
    index
        A search tree built before.

    Returns
    -------
    Sealing
        One entry a car, exits in the order given, cars of an exit by arrival.

    Raises
    ------
    InputError
        Where there is no exit, a need is no positive whole number or names no exit, or a place is far from every road.
    InfeasibleError
        Where the cars are too few or cannot reach the exits.
    """
    if not exits:
        raise InputError("没有出口，请至少列出一处。 / no exit is given; list at least one place to seal")
    wanted = sorted(exits, key=lambda exit_: exit_.id)
    counts = _needs(wanted, need)
    ready = sorted((unit for unit in units if unit.available > 0), key=lambda unit: unit.id)
    cars = [k for k, unit in enumerate(ready) for _ in range(min(unit.available, sum(counts)))]
    if len(cars) < sum(counts):
        raise InfeasibleError(
            f"{len(cars)} 辆可用车封不住共需 {sum(counts)} 辆的出口，请增派车辆或减少每口车数。"
            f" / {len(cars)} ready cars cannot seal exits that need {sum(counts)}; add cars or ask for fewer an exit"
        )
    unit_places = snap_places(graph.network, ready, index=index)
    exit_places = snap_places(graph.network, wanted, index=index)
    require_on_network(ready, unit_places, "unit")
    require_on_network(wanted, exit_places, "exit")
    time_ms = np.rint(np.nan_to_num(matrix(graph, unit_places, exit_places) * 1000.0, posinf=-1)).astype(np.int64)
    slots = np.repeat(np.arange(len(wanted)), counts)
    table = time_ms[np.ix_(np.array(cars, dtype=np.int64), slots)]
    rows = _assign(table, [wanted[k].id for k in slots.tolist()])
    by_exit: dict[str, list[tuple[int, str, str]]] = {}
    for column, row in enumerate(rows):
        unit = ready[cars[row]]
        by_exit.setdefault(wanted[slots[column]].id, []).append((int(table[row, column]), unit.id, unit.agency))
    seals = tuple(
        Seal(exit_.id, name, agency, ms / 1000.0) for exit_ in exits for ms, name, agency in sorted(by_exit[exit_.id])
    )
    picked = [int(table[row, column]) for column, row in enumerate(rows)]
    return Sealing(max(picked) / 1000.0, sum(picked) / 1000.0, seals)


def _needs(exits: Sequence[Exit], need: Mapping[str, int] | int) -> list[int]:
    if isinstance(need, int):
        counts = [need] * len(exits)
    else:
        unknown = sorted(set(need) - {exit_.id for exit_ in exits})
        if unknown:
            raise InputError(f"出口 {unknown[0]} 不存在，请核对编号。 / there is no exit {unknown[0]}; check its id")
        counts = [int(need.get(exit_.id, 1)) for exit_ in exits]
    for exit_, count in zip(exits, counts, strict=True):
        if count < 1:
            raise InputError(
                f"出口 {exit_.id} 需要的车数应为 1 或更多。 / exit {exit_.id} needs {count} cars; give 1 or more"
            )
    return counts
