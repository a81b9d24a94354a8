"""Agency layers drawn in metres and written in every format."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from geo.layers import read_line_layer

EAST, NORTH = 500_000, 2_500_000


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Return a line of metres from a corner in EPSG:4547."""
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def frame(lines, **columns) -> gpd.GeoDataFrame:
    """Return a layer of lines in EPSG:4547; columns not named are filled as an agency would."""
    n = len(lines)
    full = {"name": [""] * n, "ref": [""] * n, "highway": ["primary"] * n, "oneway": [""] * n, "maxspeed": [60] * n}
    return gpd.GeoDataFrame(full | columns, geometry=list(lines), crs=4547)


def save(data: gpd.GeoDataFrame, path: Path, **more) -> Path:
    """Write a frame as the suffix says."""
    if path.suffix == ".parquet":
        data.to_parquet(path)
    elif path.suffix == ".gdb":
        geodatabase(path, {"roads": data})
    elif path.suffix == ".geojson":
        data.to_crs(4326).to_file(path, COORDINATE_PRECISION=12, **more)
    else:
        data.to_file(path, **more)
    return path


def geodatabase(path: Path, layers) -> Path:
    """Write layers, name to frame, into a file geodatabase."""
    for name, data in layers.items():
        pyogrio.write_dataframe(
            data, path, layer=name, driver="OpenFileGDB", TARGET_ARCGIS_VERSION="ARCGIS_PRO_3_2_OR_LATER"
        )
    return path


def load(data: gpd.GeoDataFrame, tmp_path: Path, **more):
    """Write a frame as FlatGeobuf, the quickest to write, and read it."""
    return read_line_layer(save(data, tmp_path / "roads.fgb", SPATIAL_INDEX="NO"), **more)


def codes(network) -> dict[str, int]:
    """Return finding codes with counts."""
    return {f.code: f.count for f in network.findings}


def damage(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the geometry with one coordinate that is no number."""
    points = shapely.get_coordinates(geometry)
    points[-1] = np.nan
    with np.errstate(invalid="ignore"):
        return shapely.LineString(points)
