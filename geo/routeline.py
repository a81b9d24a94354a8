"""The line of one carriageway: places by metres along it, and metres along it by place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.measure import EARTH_RADIUS_M, measure_steps, project_local

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STEP_M = 100.0
"""Longest edge; also how far beyond the nearest vertex the nearest edge may begin."""


@dataclass(frozen=True)
class LinePlaces:
    """Places on a line, shape (places,) each.

    Attributes
    ----------
    along_m
        float64, metres from the first point of the line.
    lon, lat
        float64, WGS-84 degrees.
    segment
        int64, segment row of the network, -1 where the line is drawn between table points.
    offset_m
        float64, metres from the first point of that segment, 0 where there is none.
    distance_m
        float64, metres from the place asked for to the line.
    """

    along_m: Floats
    lon: Floats
    lat: Floats
    segment: Ints
    offset_m: Floats
    distance_m: Floats


@dataclass(frozen=True)
class RouteLine:
    """A line in the direction of growing stakes.

    Attributes
    ----------
    lon, lat
        float64 (points,), WGS-84 degrees.
    along_m
        float64 (points,), geodesic metres from the first point, rising.
    segment
        int64 (points - 1,), segment row under each edge, or -1.
    offset_from_m, offset_to_m
        float64 (points - 1,), metres along that segment at both ends of the edge.
    """

    lon: Floats
    lat: Floats
    along_m: Floats
    segment: Ints
    offset_from_m: Floats
    offset_to_m: Floats

    @property
    def length_m(self) -> float:
        """Length of the line in metres."""
        return float(self.along_m[-1])

    @cached_property
    def _tree(self) -> cKDTree:
        from scipy.spatial import cKDTree

        return cKDTree(_to_sphere(self.lon, self.lat))

    def places_at(self, along_m: npt.ArrayLike) -> LinePlaces:
        """Return the places so many metres along the line; beyond its ends the end itself."""
        along = np.clip(np.atleast_1d(np.asarray(along_m, dtype=np.float64)), 0.0, self.length_m)
        edge = np.clip(np.searchsorted(self.along_m, along, side="right") - 1, 0, len(self.segment) - 1)
        step = self.along_m[edge + 1] - self.along_m[edge]
        share = np.where(step > 0, (along - self.along_m[edge]) / np.where(step > 0, step, 1.0), 0.0)
        return self._on_edges(edge, share, np.zeros(len(along)))

    def project(self, lon: npt.ArrayLike, lat: npt.ArrayLike) -> LinePlaces:
        """Return the nearest place of the line for each point; of equally near ones the first."""
        x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
        sphere = _to_sphere(x, y)
        near, _ = self._tree.query(sphere)
        around = self._tree.query_ball_point(sphere, np.asarray(near) + 1.1 * _STEP_M)
        edge, share, distance = np.zeros(len(x), dtype=np.int64), np.zeros(len(x)), np.zeros(len(x))
        for k, vertices in enumerate(around):
            edge[k], share[k], distance[k] = self._nearest_edge(vertices, (float(x[k]), float(y[k])))
        return self._on_edges(edge, share, distance)

    def _nearest_edge(self, vertices: list[int], place: tuple[float, float]) -> tuple[int, float, float]:
        rows = np.unique(np.concatenate((np.asarray(vertices), np.asarray(vertices) - 1)))
        rows = rows[(rows >= 0) & (rows < len(self.segment))]
        ax, ay = project_local(self.lon[rows], self.lat[rows], origin=place)
        bx, by = project_local(self.lon[rows + 1], self.lat[rows + 1], origin=place)
        dx, dy = bx - ax, by - ay
        square = dx * dx + dy * dy
        share = np.clip(-(ax * dx + ay * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        distance = np.hypot(ax + share * dx, ay + share * dy)
        best = int(np.argmin(distance))
        return int(rows[best]), float(share[best]), float(distance[best])

    def _on_edges(self, edge: Ints, share: Floats, distance_m: Floats) -> LinePlaces:
        def between(a: Floats, b: Floats) -> Floats:
            return np.asarray(a + share * (b - a), dtype=np.float64)

        return LinePlaces(
            between(self.along_m[edge], self.along_m[edge + 1]),
            between(self.lon[edge], self.lon[edge + 1]),
            between(self.lat[edge], self.lat[edge + 1]),
            self.segment[edge],
            between(self.offset_from_m[edge], self.offset_to_m[edge]),
            distance_m,
        )


def make_line(
    lon: Floats,
    lat: Floats,
    *,
    segment: Ints | None = None,
    offset_from_m: Floats | None = None,
    offset_to_m: Floats | None = None,
) -> RouteLine:
    """Build a line from its points, with edges of at most 100 m.

    Parameters
    ----------
    lon, lat
        float64 (points,), at least two, WGS-84 degrees, in the direction of growing stakes.
    segment, offset_from_m, offset_to_m
        (points - 1,), the network under each edge; none by default.

    Raises
    ------
    ValueError
        Fewer than two points.
    """
    if len(lon) < 2:  # noqa: PLR2004 - a line has two points
        msg = f"a line has at least two points, not {len(lon)}"
        raise ValueError(msg)
    edges = len(lon) - 1
    rows = np.full(edges, -1, dtype=np.int64) if segment is None else segment
    start = np.zeros(edges) if offset_from_m is None else offset_from_m
    end = np.zeros(edges) if offset_to_m is None else offset_to_m
    step = measure_steps(lon, lat)
    pieces = np.maximum(1, np.ceil(step / _STEP_M)).astype(np.int64)
    edge = np.repeat(np.arange(edges), pieces)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    low, high = number / pieces[edge], (number + 1) / pieces[edge]
    along = np.concatenate(([0.0], np.cumsum(step)))

    def cut(values: Floats) -> Floats:
        return np.append(values[edge] + low * (values[edge + 1] - values[edge]), values[-1])

    return RouteLine(
        cut(lon),
        cut(lat),
        cut(along),
        rows[edge],
        start[edge] + low * (end[edge] - start[edge]),
        start[edge] + high * (end[edge] - start[edge]),
    )


def _to_sphere(lon: Floats, lat: Floats) -> Floats:
    """Return metres on a sphere, (points, 3): straight distances there order places as distances on Earth do."""
    x, y = np.radians(lon), np.radians(lat)
    return EARTH_RADIUS_M * np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
