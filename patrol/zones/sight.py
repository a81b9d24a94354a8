"""Sight zones: curve insides and junctions, by stopping sight distance (公路安全保护条例 第十一条; JTG D20).

A curve: the driver at one point of the line must see the line one sight distance ahead. What lies between the line
and all these chords must be free; the part beyond highway land is the zone. A junction: the triangle between two
neighbouring legs, each one sight distance long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.speeds import read_speeds
from patrol.zones.drafts import Draft
from patrol.zones.groups import Layout
from patrol.zones.overlay import Taken
from patrol.zones.plane import Floats, Geometries, keep_polygons
from patrol.zones.roads import TECHNICAL, label_joined
from patrol.zones.rules import Row, ZoneRules

Rows = npt.NDArray[np.int64]

_STEPS = 10
"""Chords begin every tenth of the sight distance: what is missed between two is below 2 % of the offset."""
_TOUCH_M = 1.0


@dataclass(frozen=True)
class Sight:
    """Stopping sight distance of each segment: ``row`` is a position in ``rows``."""

    rows: tuple[Row, ...]
    row: Rows

    @property
    def distance_m(self) -> Floats:
        """Metres, float64 (segments,)."""
        return np.array([row.distance_m for row in self.rows], dtype=np.float64)[self.row]


def read_sight(layout: Layout, rules: ZoneRules) -> Sight:
    """Return the sight distance of each segment, by its posted limit or the design speed of its class."""
    speeds = read_speeds(layout.plane.network)
    of_class = np.array([rules.design_speed_kmh[name] for name in TECHNICAL], dtype=np.float64)
    kmh = np.where(speeds.posted, speeds.kmh, of_class[layout.roads.technical])
    distinct, which = np.unique(kmh, return_inverse=True)
    found = [rules.sight_row(v) for v in distinct.tolist()]
    rows = tuple(sorted(dict.fromkeys(found), key=lambda row: row.distance_m))
    return Sight(rows, np.array([rows.index(row) for row in found], dtype=np.int64)[which.ravel()])


def make_curves(layout: Layout, rules: ZoneRules, sight: Sight, *, land: Taken) -> list[Draft]:
    """Return what must be kept free on the inside of curves beyond highway land, one zone a curve."""
    found: list[tuple[Rows, Row, shapely.Geometry]] = []
    for rows in _chains(layout, sight):
        row = sight.rows[int(sight.row[rows[0]])]
        found.extend((rows, row, shape) for shape in _curves_of(layout, rows, row.distance_m))
    if not found:
        return []
    whole = np.array([shape for _, _, shape in found], dtype=np.object_)
    beyond = _drop_small(land.free(keep_polygons(whole)), rules.limits["smallest_m2"])
    drafts = []
    for (rows, row, shape), rest in zip(found, beyond, strict=True):
        if shapely.is_empty(rest):
            continue
        lines = layout.plane.lines[rows]
        near = rows[shapely.dwithin(lines, shape, _TOUCH_M)]
        group = layout.groups[int(layout.group_of[near[0]])]
        thing = layout.plane.network.segment_ids[int(near[0])]
        bend = shapely.intersection(lines, shapely.buffer(shape, _TOUCH_M))
        drafts.append(
            Draft(
                "sight_curve",
                thing,
                group,
                row,
                0.0,
                row.distance_m,
                near,
                rest,
                "弯道内侧，弦线法",
                road_m=float(shapely.length(bend).sum()),
            )
        )
    return drafts


def _drop_small(shapes: Geometries, smallest_m2: float) -> Geometries:
    return keep_polygons(shapes, smallest_m2=smallest_m2)


def _chains(layout: Layout, sight: Sight) -> list[Rows]:
    """Return the segments of each run of one road with one sight distance, in stable order."""
    roads = layout.roads
    columns = (roads.key, roads.admin, roads.technical, sight.row)
    codes = np.column_stack([np.unique(column, return_inverse=True)[1].ravel() for column in columns])
    _, kind = np.unique(codes, axis=0, return_inverse=True)
    label = label_joined(layout.plane.network, roads.has_zone, kind.ravel().astype(np.int64))
    mine = label[layout.rows]
    order = np.argsort(mine, kind="stable")
    parts = np.split(layout.rows[order], np.flatnonzero(np.diff(mine[order])) + 1) if len(mine) else []
    return sorted(parts, key=lambda rows: int(layout.plane.rank[rows[0]]))


def _curves_of(layout: Layout, rows: Rows, distance_m: float) -> list[shapely.Geometry]:
    """Return the areas between one run and its chords that reach beyond highway land."""
    merged = shapely.line_merge(shapely.multilinestrings(layout.plane.lines[rows]))
    free_m = float(layout.roads.edge_m[rows].min())
    shapes = []
    for line in shapely.get_parts(merged):
        length = shapely.length(line)
        if length <= 0:
            continue
        step = distance_m / _STEPS
        at = np.append(np.arange(0.0, length, step), length)
        points = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
        span = min(_STEPS, len(points) - 1)
        if span < 2:  # noqa: PLR2004 - a straight step has no inside
            continue
        windows = np.lib.stride_tricks.sliding_window_view(points, span + 1, axis=0).transpose(0, 2, 1)
        wide = _offsets(windows) > free_m
        if wide.any():
            lobes = shapely.make_valid(np.asarray(shapely.polygons(windows[wide]), dtype=np.object_))
            shapes.append(shapely.union_all(lobes))
    if not shapes:
        return []
    joined = keep_polygons(np.array([shapely.union_all(shapes)], dtype=np.object_))
    return list(shapely.get_parts(joined))


def _offsets(windows: Floats) -> Floats:
    """Return how far each window of points leaves its chord, metres."""
    start, chord = windows[:, :1], windows[:, -1] - windows[:, 0]
    size = np.hypot(chord[:, 0], chord[:, 1])
    away = windows - start
    cross = np.abs(away[:, :, 0] * chord[:, None, 1] - away[:, :, 1] * chord[:, None, 0]).max(axis=1)
    return np.asarray(np.where(size > 0, cross / np.where(size > 0, size, 1.0), 0.0), dtype=np.float64)
