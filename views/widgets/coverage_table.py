"""The table of units: what stands in it, and what a person has written into it, with each fault named by row."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.closuretable import read_clock
from geo.snapping import SnapIndex
from patrol.hours import read_duty
from patrol.places import snap_places
from patrol.rejects import read_units_or_say_why
from patrol.stranded import IdleUnit
from patrol.units import Unit
from plan.model import Plan
from views.crews import Shift, shifts_of, units_of
from views.i18n import say
from views.widgets.safe_text import one_line

COLUMNS = ("id", "agency", "cars", "skills", "shift", "lon", "lat", "road")
LONGEST_NAME = 40
_LONGEST_CELL = 400
_MOST_CARS = 1_000
_MOST_FAULTS = 12
_PARTS = re.compile(r"[;；、|/,，]")
_DASH = re.compile(r"\s*[-–—~～\u81f3]\s*")


@dataclass(frozen=True)
class UnitTable:
    """What was read of a table: units and shifts, or the faults that keep it from being used, one sentence each."""

    units: tuple[Unit, ...]
    shifts: Mapping[str, Shift]
    faults: tuple[str, ...]


def rows_of(plan: Plan, *, index: SnapIndex) -> list[list[object]]:
    """Return the rows of the table as the plan has them, in the order of ``COLUMNS``."""
    units, shifts = units_of(plan), shifts_of(plan)
    network = plan.derived.network
    places = snap_places(network, units, index=index) if units else None
    rows: list[list[object]] = []
    for k, unit in enumerate(units):
        row = int(places.segment[k]) if places is not None else -1
        words = [network.text(key, row) for key in ("ref", "name")] if row >= 0 else []
        road = one_line(" ".join(word for word in words if word), limit=40) if row >= 0 else say("远离道路")
        shift = "-".join(write_minute(minute) for minute in shifts[unit.id]) if unit.id in shifts else ""
        rows.append([unit.id, unit.agency, unit.available, "、".join(unit.skills), shift, unit.lon, unit.lat, road])
    return rows


def write_minute(minute: int) -> str:
    """Return minutes since midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def read_shift(text: str) -> Shift | None:
    """Return a shift such as ``08:00-20:00``, None for none.

    Raises
    ------
    ValueError
        The text is no shift.

    Examples
    --------
    >>> read_shift("22:00–6:00"), read_shift("")
    ((1320, 360), None)
    """
    if not text.strip():
        return None
    parts = _DASH.split(text.strip())
    minutes = [read_clock(part) for part in parts]
    if len(minutes) != 2 or None in minutes or minutes[0] == minutes[1]:  # noqa: PLR2004 - from and to
        msg = f"{text!r} is no shift"
        raise ValueError(msg)
    return int(minutes[0] or 0), int(minutes[1] or 0)


def read_table(records: Sequence[Mapping[Any, Any]], plan: Plan, *, index: SnapIndex) -> UnitTable:
    """Read what a person has written into the table; rows that are wholly empty count for nothing.

    Parameters
    ----------
    records
        Column to cell, one a row.
    plan
        The plan, for its roads.
    index
        The search tree of its network.
    """
    units: list[Unit] = []
    shifts: dict[str, Shift] = {}
    faults: list[str] = []
    rows: list[int] = []
    for number, record in enumerate(records, 1):
        if all(_is_empty(record.get(column)) for column in COLUMNS if column != "road"):
            continue
        found, wrong = _read_row(record)
        if found is not None and found[0].id in {unit.id for unit in units}:
            wrong = [say("名称 {name} 重复", name=one_line(found[0].id, limit=20))]
        if wrong or found is None:
            faults.append(say("第 {row} 行：{faults}。", row=number, faults=say("；").join(wrong)))
            continue
        unit, shift = found
        units.append(unit)
        rows.append(number)
        if shift is not None:
            shifts[unit.id] = shift
    faults += _far_rows(units, rows, plan, index=index)
    if len(faults) > _MOST_FAULTS:
        more = say("另有 {count} 行有误。", count=len(faults) - _MOST_FAULTS)
        faults = [*faults[:_MOST_FAULTS], more]
    return UnitTable(tuple(units), shifts, tuple(faults))


def _far_rows(units: Sequence[Unit], rows: Sequence[int], plan: Plan, *, index: SnapIndex) -> list[str]:
    """Return a sentence for each unit that was put far from every road; those the plan has there already may stay."""
    if not units:
        return []
    known = {(unit.id, unit.lon, unit.lat) for unit in units_of(plan)}
    places = snap_places(plan.derived.network, units, index=index)
    return [
        say(
            "第 {row} 行：{name} 距最近的道路 {km} 公里。",
            row=row,
            name=unit.id,
            km=f"{places.distance_m[k] / 1000:.1f}",
        )
        for k, (unit, row) in enumerate(zip(units, rows, strict=True))
        if places.segment[k] < 0 and (unit.id, unit.lon, unit.lat) not in known
    ]


def _read_row(record: Mapping[Any, Any]) -> tuple[tuple[Unit, Shift | None] | None, list[str]]:
    wrong: list[str] = []
    name, agency = (_text(record.get(key)) for key in ("id", "agency"))
    if not name or len(name) > LONGEST_NAME:
        wrong.append(say("缺名称") if not name else say("名称超过 {count} 字", count=LONGEST_NAME))
    if not agency:
        wrong.append(say("缺单位"))
    lon, lat, cars = (_number(record.get(key)) for key in ("lon", "lat", "cars"))
    if lon is None or lat is None:
        wrong.append(say("缺坐标"))
    elif not (-180 <= lon <= 180 and -90 <= lat <= 90):  # noqa: PLR2004 - degrees
        wrong.append(say("坐标超出范围"))
    if cars is None or cars != int(cars) or not 0 <= cars <= _MOST_CARS:
        wrong.append(say("车辆应为 0 或正整数"))
    shift = None
    try:
        shift = read_shift(_text(record.get("shift")))
    except ValueError:
        wrong.append(say("班次应如 08:00-20:00"))
    if wrong or lon is None or lat is None or cars is None:
        return None, wrong
    skills = tuple(sorted({part.strip() for part in _PARTS.split(_text(record.get("skills")))} - {""}))
    return (Unit(name, agency, lon, lat, int(cars), skills), shift), []


def _number(cell: object) -> float | None:
    """Return a cell as a number, None where it holds none."""
    try:
        value = float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _is_empty(cell: object) -> bool:
    return _number(cell) is None and not _text(cell)


def _text(cell: object) -> str:
    """Return a cell as a text on one line; what is none is empty."""
    return one_line(cell, limit=_LONGEST_CELL) if isinstance(cell, str) else ""


def read_units_file(data: bytes) -> tuple[tuple[Unit, ...], dict[str, Shift], tuple[IdleUnit, ...]]:
    """Return units and shifts of an uploaded CSV table, and the rows that are left out.

    Raises
    ------
    InputError
        The table cannot be used; the sentence names line and column.
    """
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        file = Path(folder) / "units.csv"
        file.write_bytes(data)
        units, idle = read_units_or_say_why(file)
        names = {unit.id for unit in units}
        return units, {name: shift for name, shift in read_duty(file).items() if name in names}, idle
