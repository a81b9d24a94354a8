from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pyogrio
import pytest
import shapely

from plan.geopackage import Layer, add_layer, encode_geometry, start_geopackage

ROWS = [(1, "甲", 2.5), (2**53, 'a "quoted" name; DROP TABLE lines', -0.25)]


def lines() -> Layer:
    """Return a layer of two lines."""
    geometry = np.array(
        [shapely.LineString([(118, 31), (118.5, 31.5)]), shapely.LineString([(-1, 2), (3, -4), (5, 6)])], dtype=object
    )
    return Layer("lines", "LINESTRING", {"way": int, "name": str, "length_m": float}, ROWS, geometry)


def points(count: int) -> Layer:
    """Return a layer of points."""
    geometry = shapely.points(np.array([(118.0 + k, 31.0) for k in range(count)]).reshape(-1, 2))
    return Layer("points", "POINT", {"id": str}, [(f"p{k}",) for k in range(count)], np.asarray(geometry, dtype=object))


@pytest.fixture
def path(tmp_path):
    """Return a GeoPackage with a layer of lines, one of points and one that is empty."""
    file = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(file)) as connection, connection:
        start_geopackage(connection)
        for layer in (lines(), points(2), Layer("nothing", "POINT", {"id": str}, [], np.zeros(0, dtype=object))):
            add_layer(connection, layer)
    return file


def test_gdal_reads_every_layer(path):
    """GDAL, as QGIS uses it, reads names, types, geometry and WGS-84 of every layer without a warning."""
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == ["lines", "nothing", "points"]
    frame = pyogrio.read_dataframe(path, layer="lines")
    assert frame.crs.to_epsg() == 4326
    assert list(frame[["way", "name", "length_m"]].itertuples(index=False, name=None)) == ROWS
    assert shapely.equals_exact(np.asarray(frame.geometry), lines().geometry, 0).all()
    assert len(pyogrio.read_dataframe(path, layer="points")) == 2
    assert len(pyogrio.read_dataframe(path, layer="nothing")) == 0


def test_extent_is_recorded(path):
    """The contents table holds each layer's extent, and none for an empty layer."""
    with closing(sqlite3.connect(path)) as connection:
        rows = {
            name: tuple(box)
            for name, *box in connection.execute("SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents")
        }
    assert rows == {
        "lines": (-1.0, -4.0, 118.5, 31.5),
        "points": (118.0, 31.0, 119.0, 31.0),
        "nothing": (None, None, None, None),
    }


def test_header_says_geopackage(path):
    """The file carries the application id and version of GeoPackage 1.3."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone()[0].to_bytes(4, "big") == b"GPKG"
        assert connection.execute("PRAGMA user_version").fetchone() == (10300,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_blobs():
    """A line's blob has an envelope, a point's has none; both end in its WKB."""
    line, point = lines().geometry[0], points(1).geometry[0]
    first, second = encode_geometry(np.array([line, point], dtype=object))
    assert first[:4] == b"GP\x00\x03"
    assert np.frombuffer(first[8:40], dtype="<f8").tolist() == [118.0, 118.5, 31.0, 31.5]
    assert shapely.from_wkb(first[40:]) == line
    assert second[:4] == b"GP\x00\x01"
    assert shapely.from_wkb(second[8:]) == point


def test_rows_and_geometry_must_match():
    """A layer with more rows than geometries is refused, and nothing half-written is kept."""
    with closing(sqlite3.connect(":memory:")) as connection:
        start_geopackage(connection)
        broken = Layer("lines", "POINT", {"id": str}, [("a",), ("b",)], points(1).geometry)
        with pytest.raises(ValueError, match="zip"):
            add_layer(connection, broken)
