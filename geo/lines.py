"""Lines of a layer as flat arrays: measured along, searched by place, and given new vertices without moving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.joining import TOLERANCE_M
from geo.measure import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_TIE_M = 0.05
_DEGREE_M = np.pi / 180 * EARTH_RADIUS_M


@dataclass(frozen=True)
class Lines:
    """Lines of a layer.

    Attributes
    ----------
    ptr
        int64 (lines + 1,); the vertices of line ``i`` are ``ptr[i]:ptr[i + 1]``, two or more.
    lon, lat
        float64 (vertices,), WGS-84 degrees.
    along_m
        float64 (vertices,), metres from the start of the line, in the measure of the layer.
    """

    ptr: Ints
    lon: Floats
    lat: Floats
    along_m: Floats

    def __len__(self) -> int:
        return len(self.ptr) - 1

    @property
    def line_of_vertex(self) -> Ints:
        """Line of each vertex, int64 (vertices,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.ptr))

    @property
    def is_end(self) -> npt.NDArray[np.bool_]:
        """Whether each vertex is the first or last of its line."""
        ends = np.zeros(len(self.lon), dtype=bool)
        ends[self.ptr[:-1]] = True
        ends[self.ptr[1:] - 1] = True
        return ends

    @property
    def length_m(self) -> Floats:
        """Length of each line in metres, float64 (lines,)."""
        return self.along_m[self.ptr[1:] - 1]

    def step_m(self) -> Floats:
        """Return the metres from each vertex to the next, in whole millimetres that add up along the line."""
        whole = np.rint(self.along_m * 1000)
        step = np.append(np.diff(whole), 0.0)
        step[self.ptr[1:] - 1] = 0.0
        return step / 1000

    def take(self, rows: Ints) -> Lines:
        """Return the lines of the given rows, in that order."""
        count = np.diff(self.ptr)[rows]
        ptr = np.concatenate(([0], np.cumsum(count)))
        pick = np.repeat(self.ptr[:-1][rows] - ptr[:-1], count) + np.arange(ptr[-1])
        return Lines(ptr, self.lon[pick], self.lat[pick], self.along_m[pick])


@dataclass(frozen=True, slots=True)
class Foot:
    """Where a place meets a line: the vertex before it, how far (0–1) to the next one, and metres away."""

    line: int
    vertex: int
    part: float
    distance_m: float
    lon: float
    lat: float


class LineIndex:
    """A search tree over lines, in degrees stretched to equal scale at the middle of each query."""

    def __init__(self, lines: Lines) -> None:
        import shapely

        self._lines = lines
        points = np.column_stack((lines.lon, lines.lat))
        made: Any = shapely.linestrings(points, indices=lines.line_of_vertex)
        self._tree = shapely.STRtree(made)

    def find_near(self, lon: Floats, lat: Floats, *, within_m: float, between_only: bool = False) -> list[list[Foot]]:
        """Return, for each place, its foot on every line within a distance, nearest first, ties by line.

        With ``between_only``, lines that have a vertex on the very place are passed over: most lines that meet do.
        """
        import shapely

        reach = within_m / _DEGREE_M
        wide = reach / np.maximum(np.cos(np.radians(lat)), 0.01)
        boxes = shapely.box(lon - wide, lat - reach, lon + wide, lat + reach)
        at, line = self._tree.query(boxes, predicate="intersects")
        if between_only:
            apart = ~self._has_vertex(lon, lat, at, line)
            at, line = at[apart], line[apart]
        feet: list[list[Foot]] = [[] for _ in range(len(lon))]
        for place, row in zip(at.tolist(), line.tolist(), strict=True):
            foot = _foot(self._lines, row, float(lon[place]), float(lat[place]))
            if foot.distance_m <= within_m:
                feet[place].append(foot)
        return [sorted(some, key=lambda f: (round(f.distance_m / _TIE_M), f.line)) for some in feet]

    def _has_vertex(self, lon: Floats, lat: Floats, at: Ints, line: Ints) -> npt.NDArray[np.bool_]:
        """Whether each line has a vertex on the very place it is paired with."""
        lines = self._lines
        places = np.concatenate((lines.lon + 1j * lines.lat, lon + 1j * lat))
        _, number = np.unique(places, return_inverse=True)
        count = len(lines.lon)
        vertices = number[:count] * len(lines) + lines.line_of_vertex
        return np.isin(number[count:][at] * len(lines) + line, vertices)


def _foot(lines: Lines, row: int, lon: float, lat: float) -> Foot:
    """Return the foot of a place on one line; a vertex within the tolerance is the foot itself."""
    first, last = int(lines.ptr[row]), int(lines.ptr[row + 1])
    east = _DEGREE_M * np.cos(np.radians(lat))
    x, y = (lines.lon[first:last] - lon) * east, (lines.lat[first:last] - lat) * _DEGREE_M
    dx, dy = np.diff(x), np.diff(y)
    square = dx * dx + dy * dy
    part = np.clip(-(x[:-1] * dx + y[:-1] * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    away = np.hypot(x[:-1] + part * dx, y[:-1] + part * dy)
    k = int(np.argmin(away))
    t, gap = float(part[k]), float(np.sqrt(square[k]))
    if t * gap <= TOLERANCE_M or (1 - t) * gap <= TOLERANCE_M:
        t = 0.0 if t * gap <= (1 - t) * gap else 1.0
    at = first + k
    k_lon = float(lines.lon[at] + t * (lines.lon[at + 1] - lines.lon[at]))
    k_lat = float(lines.lat[at] + t * (lines.lat[at + 1] - lines.lat[at]))
    if t == 1.0:
        at, t = at + 1, 0.0
    return Foot(row, at, t, float(away[k]), k_lon, k_lat)


@dataclass(frozen=True, slots=True)
class NewVertex:
    """A vertex to put between two others: after which one, how far (0–1) to the next, and where it lies."""

    vertex: int
    part: float
    lon: float
    lat: float


def insert_vertices(lines: Lines, wanted: Sequence[NewVertex]) -> Lines:
    """Return the lines with new vertices; each line keeps its length."""
    if not wanted:
        return lines
    order = sorted(set(wanted), key=lambda v: (v.vertex, v.part, v.lon, v.lat))
    at = np.array([v.vertex for v in order], dtype=np.int64)
    part = np.array([v.part for v in order])
    along = lines.along_m[at] + part * (lines.along_m[at + 1] - lines.along_m[at])
    ptr = lines.ptr + np.searchsorted(at, lines.ptr, side="left")
    return Lines(
        ptr,
        np.insert(lines.lon, at + 1, [v.lon for v in order]),
        np.insert(lines.lat, at + 1, [v.lat for v in order]),
        np.insert(lines.along_m, at + 1, along),
    )


def find_tees(lines: Lines, index: LineIndex) -> list[NewVertex]:
    """Return the vertices that lines lack where another line ends on them, between two of their own."""
    ends = np.unique(np.concatenate((lines.ptr[:-1], lines.ptr[1:] - 1)))
    own = lines.line_of_vertex[ends]
    near = index.find_near(lines.lon[ends], lines.lat[ends], within_m=TOLERANCE_M, between_only=True)
    found = []
    for vertex, line, feet in zip(ends.tolist(), own.tolist(), near, strict=True):
        found += [
            NewVertex(foot.vertex, foot.part, float(lines.lon[vertex]), float(lines.lat[vertex]))
            for foot in feet
            if foot.part > 0 and foot.line != line
        ]
    return found


def place_points(
    lines: Lines, index: LineIndex, *, lon: Floats, lat: Floats, within_m: float
) -> tuple[list[NewVertex], list[tuple[float, float] | None]]:
    """Put points on the nearest line.

    Returns
    -------
    new
        Vertices that must be inserted for it.
    places
        For each point the place of its vertex, lon/lat, or None where no line is near enough.
    """
    new: list[NewVertex] = []
    places: list[tuple[float, float] | None] = []
    by_line: dict[int, list[NewVertex]] = {}
    for feet in index.find_near(lon, lat, within_m=within_m):
        if not feet:
            places.append(None)
            continue
        foot = feet[0]
        if foot.part == 0:
            places.append((float(lines.lon[foot.vertex]), float(lines.lat[foot.vertex])))
            continue
        made = NewVertex(foot.vertex, foot.part, foot.lon, foot.lat)
        along = _along(lines, made)
        close = [v for v in by_line.get(foot.line, []) if abs(_along(lines, v) - along) <= TOLERANCE_M]
        if close:
            made = close[0]
        else:
            by_line.setdefault(foot.line, []).append(made)
            new.append(made)
        places.append((made.lon, made.lat))
    return new, places


def _along(lines: Lines, vertex: NewVertex) -> float:
    a, b = float(lines.along_m[vertex.vertex]), float(lines.along_m[vertex.vertex + 1])
    return a + vertex.part * (b - a)
