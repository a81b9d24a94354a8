"""Units: cars of a brigade that stand ready at a place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from patrol.tables import Row, read_rows

COLUMNS = ("id", "agency", "lon", "lat", "available")

LOCAL = "local"
"""Agency of the district brigade."""

JOINT = "joint"
"""Agency of a mixed crew, which may work everywhere; as a target's agency: a mixed crew must come."""

_WORDS = {"true": "1", "yes": "1", "y": "1", "是": "1", "false": "0", "no": "0", "n": "0", "否": "0"}
_MOST_CARS = 1_000


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit at its post.

    Attributes
    ----------
    id
        Its name, unique in a table.
    agency
        ``local``, ``expressway``, ``joint`` or the id of an agency.
    lon, lat
        Post, WGS-84 degrees.
    available
        Cars with a crew that can leave now, 0 or more.
    skills
        What the crew can do besides (dangerous goods, drone, weighing …), sorted.
    """

    id: str
    agency: str
    lon: float
    lat: float
    available: int = 1
    skills: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id or not self.agency or self.available < 0:
            msg = f"a unit has an id, an agency and 0 or more cars, got {self}"
            raise ValueError(msg)


def is_local(agency: str) -> bool:
    """Return whether an agency works the ordinary roads; every other one works an expressway."""
    return agency in {LOCAL, "ordinary"}


def read_units(file: Path) -> tuple[Unit, ...]:
    """Read units from a CSV table ``id,agency,lon,lat,available``, in file order; ``skills`` may follow.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    return tuple(read_unit(row) for row in read_rows(file, required=COLUMNS))


def read_unit(row: Row) -> Unit:
    """Return the unit of one row.

    Raises
    ------
    InputError
        Where a cell cannot be used; the sentence names file, line and column.
    """
    lon, lat = row.place()
    cell = row.text("available").lower()
    row.cells["available"] = _WORDS.get(cell, cell)
    available = row.number("available", low=0, high=_MOST_CARS)
    if available != int(available):
        raise row.fail("available", f"{cell} is not a whole number of cars", "write 0, 1, 2, …")
    return Unit(row.text("id"), row.text("agency"), lon, lat, int(available), _read_skills(row))


def _read_skills(row: Row) -> tuple[str, ...]:
    """Return the skills of a cell, which are parted by semicolons, strokes or 、."""
    parts = re.split(r"[;；、|/]", row.text("skills", default=""))
    return tuple(sorted({part.strip() for part in parts} - {""}))
