"""Exits: places to be sealed in an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from patrol.tables import read_rows

COLUMNS = ("id", "lon", "lat")


@dataclass(frozen=True, slots=True)
class Exit:
    """A place to be sealed: ``id`` unique in a table; ``lon``, ``lat`` in WGS-84 degrees."""

    id: str
    lon: float
    lat: float


def read_exits(file: Path) -> tuple[Exit, ...]:
    """Read exits from a CSV table ``id,lon,lat``, in file order.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    return tuple(Exit(row.text("id"), *row.place()) for row in read_rows(file, required=COLUMNS))
