"""Outlines that enclose nothing sensible, and booths that lie on top of each other."""

from __future__ import annotations

import numpy as np

from geo.doctor.survey import Ints, Survey, Telling
from geo.findings import Finding, Severity
from geo.network import Area

SAME_BOOTH_M = 1.0
"""Two booth nodes nearer than this are one booth entered twice."""

_CROSSING = Telling(
    "self_crossing_area",
    Severity.WARNING,
    "{n} 个面（服务区、收费亭、行政区）的边界自相交，面积与归属都不可靠，请在地图上改正边界。",
    "{n} outlines (service areas, booths, districts) cross themselves, so what lies inside is uncertain: redraw them.",
)
_INVALID = Telling(
    "invalid_area",
    Severity.WARNING,
    "{n} 个面的边界无效（点太少、未闭合或没有面积），请在地图上改正。",
    "{n} outlines are invalid (too few points, not closed, or without any area): correct them.",
)
_BOOTHS = Telling(
    "overlapping_booths",
    Severity.NOTE,
    "{n} 个收费亭与另一个收费亭相距不足 1 米，可能重复录入，车道数会多算，请核对。",
    "{n} toll booths lie within 1 m of another one, perhaps entered twice, so lanes are counted twice: please check.",
)
_FEWEST_POINTS = 4


def check_areas(survey: Survey) -> list[Finding]:
    """Report outlines that cross themselves, and outlines that enclose nothing."""
    crossing: list[Area] = []
    invalid: list[Area] = []
    for area in survey.network.areas:
        kinds = {_judge_ring(ring) for ring in area.rings}
        if "invalid" in kinds:
            invalid.append(area)
        elif "crossing" in kinds:
            crossing.append(area)
    findings = []
    for areas, told in ((crossing, _CROSSING), (invalid, _INVALID)):
        if areas:
            places = np.array([_place_of(area) for area in areas])
            findings.append(told.at(len(areas), places, [area.id for area in areas]))
    return findings


def _judge_ring(ring: np.ndarray) -> str:
    import shapely

    if len(ring) < _FEWEST_POINTS or not np.isfinite(ring).all() or (ring[0] != ring[-1]).any():
        return "invalid"
    polygon = shapely.Polygon(ring)
    if polygon.is_valid:
        return "fine"
    # A ring whose points all lie on one line has no inside at all; any other invalid ring crosses itself.
    return "crossing" if polygon.convex_hull.area > 0 else "invalid"


def _place_of(area: Area) -> tuple[float, float]:
    points = np.concatenate([ring[np.isfinite(ring).all(axis=1)] for ring in area.rings])
    lon, lat = points.mean(axis=0) if len(points) else (0.0, 0.0)
    return float(lon), float(lat)


def check_booths(survey: Survey) -> list[Finding]:
    """Report booth nodes that lie within ``SAME_BOOTH_M`` of another booth node."""
    from scipy.spatial import cKDTree

    rows: Ints = survey.network.nodes.rows_with("barrier", "toll_booth").astype(np.int64)
    if len(rows) == 0:
        return []
    pairs = cKDTree(survey.xy[rows]).query_pairs(SAME_BOOTH_M, output_type="ndarray")
    again = np.unique(pairs)
    return [survey.at_nodes(rows[again], _BOOTHS)] if len(again) else []
