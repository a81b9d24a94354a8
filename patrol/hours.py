"""Coverage hour by hour: closures and slow-downs hold during their window, cars leave on the hour.

The roads are taken as they are when the cars leave; a window that begins on the way does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from geo.closures import Closure, graph_at
from geo.errors import InputError
from geo.network import Network
from geo.snapping import build_snap_index
from geo.travel import Floats
from patrol.coverage import Coverage, cover
from patrol.tables import read_rows
from patrol.units import Unit

_DAY_H = 24
_HOUR_MIN = 60
_ANY_DAY = date(2026, 1, 5)
"""A Monday: the day of questions that name none."""


@dataclass(frozen=True)
class HourCover:
    """Coverage for cars that leave at an hour, 0 to 23, with the ids of what holds then."""

    hour: int
    active: tuple[str, ...]
    coverage: Coverage

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        whole = self.coverage.to_json()
        kept = {key: whole[key] for key in ("length_m", "unreachable_m", "response_s")}
        return {"hour": self.hour, "active": list(self.active), **kept}


def cover_by_hour(
    network: Network,
    units: Sequence[Unit],
    *,
    limit_s: float,
    closures: Sequence[Closure] = (),
    day: date = _ANY_DAY,
    hours: Iterable[int] = range(_DAY_H),
    on_duty: Mapping[str, tuple[int, int]] | None = None,
    owners: Sequence[str] | None = None,
    speeds: Floats | None = None,
) -> tuple[HourCover, ...]:
    """Compute the joint coverage for each hour; equal hours are computed once.

    Parameters
    ----------
    network
        The network.
    units
        Units of both sides.
    limit_s
        Seconds.
    closures
        Closures and slow-downs (``geo.closures``); of several on one road the slowest holds.
    day
        The day whose hours are meant, for closures of certain days; a Monday by default.
    hours
        Hours of the day, 0 to 23.
    on_duty
        Unit id to its duty, minutes since midnight from and to (past midnight where to is not after from); units
        not named are always on duty.
    owners
        Owner label of each segment, to break the lengths down.
    speeds
        float64 (segments,), km/h; read from the network by default.

    Raises
    ------
    InputError
        Where an hour is none of a day, duty names no unit, or no unit is on duty.
    """
    unknown = sorted(set(on_duty or {}) - {unit.id for unit in units})
    if unknown:
        raise InputError(
            f"值班表中的单元 {unknown[0]} 不存在。 / the duty table names no unit {unknown[0]}; check its id"
        )
    index = build_snap_index(network)
    known: dict[tuple[tuple[str, ...], tuple[str, ...]], Coverage] = {}
    found = []
    for hour in hours:
        if not 0 <= hour < _DAY_H:
            raise InputError(f"钟点 {hour} 应在 0 到 23 之间。 / {hour} is no hour of the day; give 0 to 23")
        minute = hour * _HOUR_MIN
        at = datetime.combine(day, time(hour))
        active = tuple(c.id for c in sorted(closures, key=lambda c: c.id) if c.holds_at(at))
        crews = [unit for unit in units if is_on_duty(unit, minute, on_duty or {})]
        key = (active, tuple(unit.id for unit in crews))
        if key not in known:
            graph = graph_at(network, closures, at=at, speeds=speeds)
            known[key] = cover(graph, crews, limit_s=limit_s, owners=owners, index=index)
        found.append(HourCover(hour, key[0], known[key]))
    return tuple(found)


def is_on_duty(unit: Unit, minute: int, on_duty: Mapping[str, tuple[int, int]]) -> bool:
    """Return whether a unit is on duty at a minute of the day; one that is not named always is."""
    if unit.id not in on_duty:
        return True
    start, end = on_duty[unit.id]
    return start <= minute < end if start < end else minute >= start or minute < end


def read_duty(file: Path) -> dict[str, tuple[int, int]]:
    """Read when units are on duty: the column ``duty`` (``HH:MM-HH:MM``) of a table of units, where it has one.

    Returns
    -------
    dict
        Unit id to minutes since midnight from and to; a duty that ends before it begins runs past midnight.

    Raises
    ------
    InputError
        Where a cell is no time window; the sentence names file, line and column.
    """
    found = {}
    for row in read_rows(file, required=("id",), repeated=[]):
        times = row.window("duty")
        if times is not None:
            found[row.text("id")] = (times[0] // _HOUR_MIN, times[1] // _HOUR_MIN % (_DAY_H * _HOUR_MIN))
    return found
