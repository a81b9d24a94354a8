"""A small GeoPackage writer on plain SQLite, so that layers and decisions are saved in one transaction.

OGC 12-128r18 (GeoPackage 1.3): the three mandatory tables, feature tables with GP-header geometry. Written here
and not by GDAL because a plan must be saved as a whole or not at all, and because importing GDAL's bindings costs
more than a whole split. Coordinates are WGS-84 (EPSG:4326), longitude first.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10300
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
    'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT '1970-01-01T00:00:00.000Z',
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
  z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""
_SQL_TYPES = {int: "INTEGER", float: "REAL", str: "TEXT"}


@dataclass(frozen=True)
class Layer:
    """A feature table.

    Attributes
    ----------
    name
        Table name; our own, never from a map.
    geometry_type
        ``LINESTRING`` or ``POINT``.
    columns
        Column name to Python type.
    rows
        One tuple a feature, in column order.
    geometry
        shapely geometries, lon/lat WGS-84, one a feature.
    title
        Name for people; the table name where it is empty.
    """

    name: str
    geometry_type: str
    columns: Mapping[str, type]
    rows: Sequence[tuple[Any, ...]]
    geometry: npt.NDArray[np.object_]
    title: str = ""


def start_geopackage(connection: sqlite3.Connection) -> None:
    """Write the mandatory tables into an empty database."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")
    for statement in _SCHEMA.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.executemany(
        "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)",
        [
            ("Undefined cartesian SRS", -1, "NONE", -1, "undefined", None),
            ("Undefined geographic SRS", 0, "NONE", 0, "undefined", None),
            ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84, "longitude/latitude"),
        ],
    )


def add_layer(connection: sqlite3.Connection, layer: Layer) -> None:
    """Add a feature table with its rows, in the caller's transaction."""
    names = list(layer.columns)
    quoted = ", ".join(f'"{name}" {_SQL_TYPES[kind]}' for name, kind in layer.columns.items())
    connection.execute(
        f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, '
        f"geom {layer.geometry_type}, {quoted})"
    )
    bounds = shapely.total_bounds(layer.geometry).tolist() if len(layer.geometry) else [None] * 4
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, min_x, min_y, max_x, max_y, srs_id) "
        "VALUES (?, 'features', ?, ?, ?, ?, ?, 4326)",
        (layer.name, layer.title or layer.name, *bounds),
    )
    connection.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)",
        (layer.name, layer.geometry_type),
    )
    holes = ", ".join("?" * (len(names) + 1))
    listed = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{layer.name}" (geom, {listed}) VALUES ({holes})'  # noqa: S608 - our own names
    connection.executemany(
        statement,
        ((blob, *row) for blob, row in zip(encode_geometry(layer.geometry), layer.rows, strict=True)),
    )


def encode_geometry(geometry: npt.NDArray[np.object_]) -> list[bytes]:
    """Return GeoPackage blobs: header with envelope for lines, none for points, then little-endian WKB."""
    blobs = []
    for body, kind, box in zip(
        shapely.to_wkb(geometry, byte_order=1),
        shapely.get_type_id(geometry),
        shapely.bounds(geometry),
        strict=True,
    ):
        if kind == 0:
            blobs.append(struct.pack("<2sBBi", b"GP", 0, 0b0000_0001, 4326) + body)
        else:
            left, low, right, high = box
            head = struct.pack("<2sBBi4d", b"GP", 0, 0b0000_0011, 4326, left, right, low, high)
            blobs.append(head + body)
    return blobs
