"""Targets: places to be inspected, with time on site, window and the agency that must come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol.tables import Row, read_rows

COLUMNS = ("id", "lon", "lat", "service_min", "kind", "window", "visits_per_week", "agency")

DAY_S = 86_400
_MOST_VISITS = 100


@dataclass(frozen=True, slots=True)
class Window:
    """When work may begin, seconds since midnight, both ends included."""

    from_s: int
    to_s: int

    def __post_init__(self) -> None:
        if not 0 <= self.from_s <= self.to_s <= DAY_S:
            msg = f"a window lies within one day and ends after it begins, got {self}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Target:
    """A place to be inspected.

    Attributes
    ----------
    id
        Unique in a table.
    lon, lat
        WGS-84 degrees.
    service_s
        Seconds of work on site.
    kind
        What is inspected; free text.
    window
        When work must begin, or ``None`` for any time of the shift.
    visits_per_week
        How often; a single day serves each target once.
    agency
        Who must come; ``""`` whoever owns the place, ``joint`` a mixed crew.
    name
        A name for people, or ``""``.
    skill
        What a crew must be able to do, or ``""``.
    """

    id: str
    lon: float
    lat: float
    service_s: float = 0.0
    kind: str = ""
    window: Window | None = None
    visits_per_week: float = 1.0
    agency: str = ""
    name: str = ""
    skill: str = ""

    def __post_init__(self) -> None:
        if not self.id or not 0 <= self.service_s <= DAY_S:
            msg = f"a target has an id and 0 to 24 hours of work, got {self}"
            raise ValueError(msg)


def read_targets(file: Path) -> tuple[Target, ...]:
    """Read targets from a CSV table, in file order.

    The columns are ``id,lon,lat,service_min,kind,window,visits_per_week,agency``; ``name`` and ``skill`` may follow.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    return tuple(read_target(row) for row in read_rows(file, required=COLUMNS))


def read_target(row: Row) -> Target:
    """Return the target of one row.

    Raises
    ------
    InputError
        Where a cell cannot be used; the sentence names file, line and column.
    """
    lon, lat = row.place()
    return Target(
        row.text("id"),
        lon,
        lat,
        row.number("service_min", low=0, high=DAY_S / 60) * 60,
        row.text("kind", default=""),
        _read_window(row),
        row.number("visits_per_week", low=0, high=_MOST_VISITS, default=1.0),
        row.text("agency", default=""),
        row.text("name", default=""),
        row.text("skill", default=""),
    )


def _read_window(row: Row) -> Window | None:
    times = row.window("window")
    if times is None:
        return None
    if times[1] < times[0]:
        text = row.text("window")
        raise row.fail("window", f"{text[:40]!r} ends before it begins", "split a window that passes midnight")
    return Window(*times)
