"""Coverage hour by hour: closures and slow-downs hold during their window, cars leave on the hour.

The roads are taken as they are when the cars leave; a window that begins on the way does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.errors import InputError
from geo.network import Network
from geo.snapping import build_snap_index
from geo.travel import Floats, build_travel_graph
from patrol.coverage import Coverage, cover
from patrol.tables import Row, read_rows
from patrol.units import Unit

COLUMNS = ("id", "road", "from", "to")
CLOSED = float("inf")
"""Factor of a closed road."""

_DAY_H = 24
_HOUR_MIN = 60


@dataclass(frozen=True, slots=True)
class Disturbance:
    """A closure or slow-down during part of every day.

    Attributes
    ----------
    id
        Unique in a table.
    segments
        Segment rows.
    from_min, to_min
        Minutes since midnight, 0 to 1440; a window whose end is not after its begin runs past midnight.
    factor
        How many times longer the road takes; ``CLOSED`` for a closed road.
    """

    id: str
    segments: tuple[int, ...]
    from_min: int
    to_min: int
    factor: float = CLOSED

    def holds_at(self, minute: int) -> bool:
        """Return whether it holds at a minute since midnight."""
        if self.from_min < self.to_min:
            return self.from_min <= minute < self.to_min
        return minute >= self.from_min or minute < self.to_min


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
    disturbances: Sequence[Disturbance] = (),
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
    disturbances
        Closures and slow-downs; of several on one road the slowest holds.
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
        active = [d for d in sorted(disturbances, key=lambda d: d.id) if d.holds_at(minute)]
        crews = [unit for unit in units if _is_on_duty(unit, minute, on_duty or {})]
        key = (tuple(d.id for d in active), tuple(unit.id for unit in crews))
        if key not in known:
            closed, slow = _states(active)
            graph = build_travel_graph(network, speeds=speeds, closed=closed, slow_down=slow)
            known[key] = cover(graph, crews, limit_s=limit_s, owners=owners, index=index)
        found.append(HourCover(hour, key[0], known[key]))
    return tuple(found)


def _is_on_duty(unit: Unit, minute: int, on_duty: Mapping[str, tuple[int, int]]) -> bool:
    duty = on_duty.get(unit.id)
    return duty is None or Disturbance(unit.id, (), *duty).holds_at(minute)


def _states(active: Sequence[Disturbance]) -> tuple[list[int], dict[int, float]]:
    factor: dict[int, float] = {}
    for disturbance in active:
        for row in disturbance.segments:
            factor[row] = max(factor.get(row, 0.0), disturbance.factor)
    closed = sorted(row for row, value in factor.items() if value == CLOSED)
    return closed, {row: value for row, value in factor.items() if value != CLOSED}


def read_disturbances(file: Path, network: Network) -> tuple[Disturbance, ...]:
    """Read a CSV table ``id,road,from,to,factor``.

    ``road`` is a segment id, a way ``w<id>``, or the number or name of a road (all its segments); ``from`` and
    ``to`` are ``HH:MM``; ``factor`` is a number of at least 1, or empty or ``closed`` for a closure.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    found = []
    for row in read_rows(file, required=COLUMNS):
        text = row.text("factor", default="closed").lower()
        closed = text in {"closed", "封闭", "关闭"}
        factor = CLOSED if closed else row.number("factor", low=1.0, high=1000.0)
        segments = _segments(row, network)
        found.append(Disturbance(row.text("id"), segments, _minutes(row, "from"), _minutes(row, "to"), factor))
    return tuple(found)


def _segments(row: Row, network: Network) -> tuple[int, ...]:
    name = row.text("road")
    if name in network.row_of_segment:
        return (network.row_of_segment[name],)
    ways = network.ways
    wanted = ways.text["ref"].where(lambda ref: name in ref.split(";")) | ways.text["name"].where({name})
    if name[:1] == "w" and name[1:].isdigit():
        wanted |= ways.id == int(name[1:])
    rows = tuple(int(k) for k in wanted[network.segments.way].nonzero()[0])
    if not rows:
        raise row.fail("road", f"{name[:60]!r} is no road of this map", "give a segment id, a number or a name")
    return rows


def _minutes(row: Row, column: str) -> int:
    hours, _, minutes = row.text(column).replace("：", ":").partition(":")
    if not (hours.isdigit() and (minutes or "0").isdigit()):
        raise row.fail(column, "this is no time of day", "write HH:MM")
    value = int(hours) * _HOUR_MIN + int(minutes or 0)
    if int(minutes or 0) >= _HOUR_MIN or value > _DAY_H * _HOUR_MIN:
        raise row.fail(column, "this is no time of day", "write 00:00 to 24:00")
    return value
