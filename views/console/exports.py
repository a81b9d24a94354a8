"""Files that leave the house: offline map, GeoPackage, GeoJSON, and what `views.papers` writes, by suffix."""

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


def write_kml(path: Path, plan: Plan) -> None:
    """Write owners, seams and stations as KML 2.2."""
    from views.papers.kml import plan_kml

    write_bytes_atomic(path, plan_kml(plan))


def write_gpx(path: Path, plan: Plan) -> None:
    """Write seams and stations as way points, contested roads as tracks: GPX 1.1."""
    from views.papers.gpxplan import plan_gpx

    write_bytes_atomic(path, plan_gpx(plan))


def write_shapes(path: Path, plan: Plan) -> None:
    """Write a zip with one Shapefile a layer."""
    from views.papers.shapezip import shape_zip

    write_bytes_atomic(path, shape_zip(plan))


def write_annex(path: Path, plan: Plan) -> None:
    """Write the annex as an Excel workbook."""
    from views.papers.annex import annex_xlsx

    write_bytes_atomic(path, annex_xlsx(plan))


def write_agreement(path: Path, plan: Plan) -> None:
    """Write the agreement signed last as a Word file, a draft where none is signed."""
    from views.papers.agreement import agreement_docx

    write_bytes_atomic(path, agreement_docx(plan, next(reversed(plan.latest("sign")), "")))


def write_sheet(path: Path, plan: Plan) -> None:
    """Write the map of the whole plan on one A3 sheet, vector PDF."""
    from views.papers.atlas import atlas_pdf

    write_bytes_atomic(path, atlas_pdf(plan))


WRITERS: dict[str, Callable[[Path, Plan], None]] = {
    ".html": write_map,
    ".gpkg": save_plan,
    ".geojson": write_geojson,
    ".kml": write_kml,
    ".gpx": write_gpx,
    ".zip": write_shapes,
    ".xlsx": write_annex,
    ".docx": write_agreement,
    ".pdf": write_sheet,
}
"""Suffix to writer; ``.zip`` is a zipped Shapefile."""
