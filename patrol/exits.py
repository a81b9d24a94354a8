"""Exits: places to be sealed in an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol.tables import Row, read_rows

COLUMNS = ("id", "lon", "lat")
_MOST_CARS = 100


@dataclass(frozen=True, slots=True)
class Exit:
    """A place to be sealed.

    Attributes
    ----------
    id
        Unique in a table.
    lon, lat
        WGS-84 degrees.
    need
        Cars it takes to seal it, 1 or more.
    name
        For people, or ``""``.
    kind
        ``station``, ``border`` or ``given``.
    """

    id: str
    lon: float
    lat: float
    need: int = 1
    name: str = ""
    kind: str = "given"


def read_exits(file: Path) -> tuple[Exit, ...]:
    """Read exits from a CSV table ``id,lon,lat``, in file order; ``need`` (cars, 1 by default) and ``name`` may follow.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    return tuple(
        Exit(row.text("id"), *row.place(), _read_need(row), row.text("name", default=""))
        for row in read_rows(file, required=COLUMNS)
    )


def _read_need(row: Row) -> int:
    need = row.number("need", low=1, high=_MOST_CARS, default=1.0)
    if need != int(need):
        raise row.fail("need", f"{need:g} is not a whole number of cars", "write 1, 2, …")
    return int(need)
