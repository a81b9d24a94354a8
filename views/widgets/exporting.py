"""Downloads: what the command line writes to files, as bytes for a browser."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from plan.history import History
from plan.model import Plan
from plan.planfile import save_plan
from views.console.exports import write_geojson, write_map


def bytes_of(write: Callable[[Path, Plan], None], plan: Plan, suffix: str) -> bytes:
    """Return the bytes that a writer puts into a file."""
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / f"export{suffix}"
        write(path, plan)
        return path.read_bytes()


def plan_bytes(plan: Plan, history: History | None = None) -> bytes:
    """Return a plan file, with its branches and locks where they are given."""
    return bytes_of(lambda path, saved: save_plan(path, saved, history=history), plan, ".gpkg")


def map_bytes(plan: Plan) -> bytes:
    """Return the offline map, one HTML file."""
    return bytes_of(write_map, plan, ".html")


def geojson_bytes(plan: Plan) -> bytes:
    """Return owners, seams and stations as GeoJSON."""
    return bytes_of(write_geojson, plan, ".geojson")
