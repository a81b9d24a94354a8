"""Small roads drawn in exact metres of the plane, so that areas can be told beforehand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from pyproj import Transformer

from geo.classes import RoadClass
from tests.builders import make_network

EPSG = 4547
ORIGIN = (500_000.0, 2_510_000.0)
_TO_DEGREES = Transformer.from_crs(EPSG, 4490, always_xy=True)


def draw(points, ways, **more):
    """Build a network from node ids to metres around the origin (with optional tags), as ``make_network``."""
    places = {}
    for node, (x, y, *tags) in points.items():
        lon, lat = _TO_DEGREES.transform(ORIGIN[0] + x, ORIGIN[1] + y)
        places[node] = (lon, lat, *tags)
    return make_network(places, ways, **more)


def degrees(x, y):
    """Return lon/lat of metres around the origin."""
    return _TO_DEGREES.transform(ORIGIN[0] + x, ORIGIN[1] + y)


def masks_of(network, *, service=(), urban=()):
    """Return masks read off the map class alone; ``service`` and ``urban`` name OSM way ids."""
    road_class = network.segment_class
    way = network.ways.id[network.segments.way]
    is_urban = np.isin(way, list(urban))
    return SimpleNamespace(
        main_line=(road_class == RoadClass.MOTORWAY) & ~is_urban,
        ramp=road_class == RoadClass.MOTORWAY_LINK,
        service_area=np.isin(way, list(service)),
        urban=is_urban,
    )


def owners_of(network):
    """Return owner labels: motorways and ramps to the expressway, all else ordinary."""
    express = np.isin(network.segment_class, (RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK))
    return np.where(express, "expressway", "ordinary").tolist()


def agencies_of(network):
    """Return agency ids that fit ``owners_of``."""
    return ["exp1" if owner == "expressway" else "local" for owner in owners_of(network)]


def straight(tags, *, length_m=1000.0, parts=1):
    """Return a straight road along x, in as many ways of equal length."""
    points = {k + 1: (length_m * k / parts, 0.0) for k in range(parts + 1)}
    return draw(points, [(k + 1, [k + 1, k + 2], tags) for k in range(parts)])


def shape_at(zones, kind, **more):
    """Return the polygons of one kind, moved to the origin of the drawing."""
    import shapely

    mine = zones.where(kinds={kind}, **more)
    return shapely.transform(shapely.union_all(mine.shape), lambda xy: xy - np.array(ORIGIN))
