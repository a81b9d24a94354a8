"""Stakes for papers: of seams, of places on the way, and the ticks of maps; blank where the plan knows none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from geo.stakeplaces import Tick, make_ticks
from geo.stakes import format_stake
from geo.staketable import StakeSource

if TYPE_CHECKING:
    from patrol.roadlegs import StakeOf
    from plan.model import Plan

_SOURCES = (StakeSource.TABLE, StakeSource.MILESTONE)
"""Interchange numbers are too rough to stand on a paper that is signed."""


def has_stakes(plan: Plan) -> bool:
    """Whether any route of the plan has a stake table or milestones."""
    desk = plan.derived.stakes
    return any(desk.of(route).source in _SOURCES for route in desk.routes)


def read_places(plan: Plan, places: Sequence[tuple[int, float]]) -> list[str]:
    """Return the stake of each place (segment row of the plan's derived network, metres from its first point)."""
    if not places:
        return []
    desk = plan.derived.stakes
    found = desk.read_on([row for row, _ in places], [offset for _, offset in places])
    return ["" if reading is None else _write(desk, reading) for reading in found]


def _write(desk: Any, reading: Any) -> str:
    source = desk.of(reading.stake.route).source
    if source not in _SOURCES:
        return ""
    about = "约" if source is StakeSource.MILESTONE else ""
    return f"{about}{format_stake(reading.stake)}"


def stake_reader(plan: Plan) -> StakeOf:
    """Return a function that reads the stake of one place, for crew sheets."""

    def read(segment: int, offset_m: float) -> str:
        return read_places(plan, [(segment, offset_m)])[0]

    return read


def ticks_of(plan: Plan, *, step_m: int = 1000) -> tuple[Tick, ...]:
    """Return the stake ticks of every route that has a table or milestones, one carriageway a route."""
    desk = plan.derived.stakes
    found: list[Tick] = []
    for route in desk.routes:
        stakes = desk.of(route)
        if stakes.calibration is None or stakes.source not in _SOURCES:
            continue
        try:
            ticks = make_ticks(stakes.calibration, step_m=step_m)
        except InputError:
            continue
        first = next((tick.direction for tick in ticks), None)
        found += [tick for tick in ticks if tick.direction == first]
    return tuple(found)
