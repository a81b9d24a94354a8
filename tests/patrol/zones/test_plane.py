from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS

from patrol.zones.plane import Plane, keep_polygons, metric_epsg
from tests.builders import make_network


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [(75, 39, 4534), (118.6, 31.3, 4549), (118.4, 31.3, 4548), (135, 48, 4554), (2.1, 49, 32631), (-71, -33, 32719)],
)
def test_plane_by_place(lon, lat, epsg):
    """Inside China the 3-degree zone of the longitude, elsewhere UTM of the hemisphere."""
    assert metric_epsg(lon, lat) == epsg


@pytest.mark.parametrize("lon", [75, 87.4, 114.2, 118.6, 134.9])
def test_plane_has_its_meridian_near(lon):
    """The central meridian of the plane lies within one and a half degrees of the place."""
    parameters = CRS.from_epsg(metric_epsg(lon, 30)).coordinate_operation.params
    (meridian,) = [p.value for p in parameters if p.name == "Longitude of natural origin"]
    assert abs(meridian - lon) <= 1.5


def test_degrees_and_back():
    """A place keeps its coordinates to a hundredth of a millimetre on its way to the plane and back."""
    network = make_network({1: (114.2, 22.7), 2: (114.21, 22.71)}, [(1, [1, 2], {"highway": "primary"})])
    plane = Plane.of(network)
    back = shapely.get_coordinates(plane.to_degrees(plane.lines))
    assert np.allclose(back, [(114.2, 22.7), (114.21, 22.71)], atol=1e-10)
    assert shapely.length(plane.lines[0]) == pytest.approx(network.segments.length_m[0], rel=2e-4)


def test_keep_polygons_drops_lines_and_points():
    """An overlay's lines, points and dust fall away; what is empty or None becomes an empty multipolygon."""
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 2, 2), shapely.box(5, 5, 5.01, 5.01)])
    nested = shapely.GeometryCollection([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), shapely.Point(3, 3)])
    kept = keep_polygons(
        np.array([mixed, None, shapely.LineString([(0, 0), (1, 1)]), nested], dtype=object), smallest_m2=0.01
    )
    assert shapely.area(kept).tolist() == [4.0, 0.0, 0.0, 1.0]
    assert set(shapely.get_type_id(kept).tolist()) == {6}


def test_no_geometry():
    """Nothing moves to nothing."""
    network = make_network({1: (114.2, 22.7), 2: (114.21, 22.71)}, [(1, [1, 2], {"highway": "primary"})])
    assert len(Plane.of(network).to_degrees(np.zeros(0, dtype=object))) == 0
