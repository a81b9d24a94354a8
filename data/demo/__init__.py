"""The demo district: a made-up Chinese district (岚溪区), its road map, tables and the truth about them.

`district_path` and `table_path` say where the files lie. The map is written by `python -m data.demo` from a seed,
the same bytes every time; README.md tells what the district holds.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["TABLES", "district_path", "table_path"]

_FOLDER = Path(__file__).parent
TABLES = (
    "agencies.csv",
    "stretches.csv",
    "units.csv",
    "targets.csv",
    "exits.csv",
    "cases.csv",
    "stakes.csv",
    "disputes.json",
    "facts.json",
)


def district_path() -> Path:
    """Return the path of the map, an OSM PBF file (WGS-84)."""
    return _FOLDER / "district.osm.pbf"


def table_path(name: str) -> Path:
    """Return the path of a table.

    Parameters
    ----------
    name
        A name of `TABLES`, with or without its suffix.

    Raises
    ------
    KeyError
        When the demo has no such table.

    Examples
    --------
    >>> table_path("units").name
    'units.csv'
    """
    for known in TABLES:
        if name in {known, known.partition(".")[0]}:
            return _FOLDER / known
    raise KeyError(f"the demo district has no table {name!r}; it has {', '.join(TABLES)}")
