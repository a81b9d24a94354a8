"""What a person names as SOURCE: a plan, a map file, the demo district, or a place."""

from __future__ import annotations

import re
from pathlib import Path

from geo.errors import InputError
from geo.load import LayerReading, complete, load_network
from geo.reading import Progress
from plan.model import Plan
from plan.planfile import is_plan, open_plan

_LOOKS_LIKE_FILE = re.compile(
    r"[/\\]|\.(osm|pbf|gz|bz2|gpkg|shp|gdb|geojson|json|fgb|parquet|xml|vrt|zip|csv|xlsx|txt|html?|png)$",
    re.IGNORECASE,
)
_LOOKS_LIKE_URL = re.compile(r"^([a-z][a-z0-9+.-]*:|/vsi)", re.IGNORECASE)


def open_source(source: str, *, reading: LayerReading | None = None, progress: Progress | None = None) -> Plan:
    """Open a source as a plan; a map file or a place makes a plan without decisions.

    Parameters
    ----------
    source
        A path of a plan or map file, ``demo``, or the name of a place.
    reading
        How to read an agency's line layer.
    progress
        Told what is read; may cancel.

    Raises
    ------
    InputError
        There is no such source, or it cannot be used.
    """
    if source == "demo":
        from plan.demo import demo_plan

        return demo_plan()
    path = Path(source)
    if not source.strip():
        msg = "没有给出数据来源，请给出地图文件、方案或地名。 / name a map file, a plan or a place."
        raise InputError(msg)
    if _is_file(path) and is_plan(path):
        return open_plan(path)
    if _LOOKS_LIKE_URL.match(source) or _LOOKS_LIKE_FILE.search(source) or _is_there(path):
        network = load_network(path, reading=reading, progress=progress)
        return Plan(network, (), network.source.name)
    from geo.place import read_place

    network = complete(read_place(source))
    return Plan(network, (), source)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
