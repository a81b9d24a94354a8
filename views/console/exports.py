"""Files that leave the house: offline map, GeoPackage, GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import shapely

from plan.layers import make_layers
from plan.model import Plan
from plan.planfile import save_plan
from views.map.export import write_html
from views.map.store import write_bytes_atomic
from views.pictures.owners import describe, draw_owners


def write_map(path: Path, plan: Plan) -> None:
    """Write one HTML file that shows the split and opens without a network."""
    write_html(path, draw_owners(plan), meta=describe(plan))


def write_geojson(path: Path, plan: Plan) -> None:
    """Write owners, seams and stations as one GeoJSON feature collection (RFC 7946, WGS-84)."""
    features = []
    for layer in make_layers(plan):
        names = list(layer.columns)
        for geometry, row in zip(shapely.to_geojson(layer.geometry), layer.rows, strict=True):
            properties = {"layer": layer.name} | dict(zip(names, row, strict=True))
            features.append({"type": "Feature", "geometry": json.loads(geometry), "properties": properties})
    body = {
        "type": "FeatureCollection",
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
        "features": features,
    }
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    write_bytes_atomic(path, text.encode("utf-8", "backslashreplace"))


WRITERS: dict[str, Callable[[Path, Plan], None]] = {
    ".html": write_map,
    ".gpkg": save_plan,
    ".geojson": write_geojson,
}
"""Suffix to writer."""
