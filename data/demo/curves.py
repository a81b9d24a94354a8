"""Plane curves: splines through control points, arc-length frames and ramps of arcs and straights.

All coordinates are metres in the local plane (x east, y north), headings are radians counted from east to north.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import asin, atan2, ceil, cos, hypot, pi, sin, sqrt, tau
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]

# An arc this close to a full turn is a rounding of no turn at all.
FULL_TURN_SLACK = 0.5
# A quarter turn is 1.11 times as long as its chord; a ramp longer than this has gone round in a circle.
LONGEST_DETOUR = 1.25


class Pose(NamedTuple):
    """A place and the direction of travel there (metres, metres, radians)."""

    x: float
    y: float
    heading: float


def distance(p: Point, q: Point) -> float:
    """Return the distance of two points in metres."""
    return hypot(q[0] - p[0], q[1] - p[1])


def polyline_length(points: Sequence[Point]) -> float:
    """Return the length of a polyline in metres."""
    return sum(distance(p, q) for p, q in pairwise(points))


def resample(points: Sequence[Point], step_m: float) -> list[Point]:
    """Return the polyline with evenly spaced points about `step_m` apart, ends kept."""
    total = polyline_length(points)
    count = max(1, round(total / step_m))
    result = [points[0]]
    done, nxt = 0.0, total / count
    for p, q in pairwise(points):
        piece = distance(p, q)
        while len(result) < count and done + piece >= nxt and piece > 0:
            t = (nxt - done) / piece
            result.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
            nxt += total / count
        done += piece
    result.append(points[-1])
    return result


def _between(quad: tuple[Point, Point, Point, Point], t: float) -> Point:
    """Return the centripetal Catmull-Rom point at fraction `t` between the middle two of four points."""
    knots = [0.0]
    for p, q in pairwise(quad):
        knots.append(knots[-1] + max(1e-6, sqrt(distance(p, q))))
    at = knots[1] + t * (knots[2] - knots[1])

    def _mix(p: Point, q: Point, low: float, high: float) -> Point:
        f = (at - low) / (high - low)
        return (p[0] + f * (q[0] - p[0]), p[1] + f * (q[1] - p[1]))

    first = [_mix(quad[i], quad[i + 1], knots[i], knots[i + 1]) for i in range(3)]
    second = [_mix(first[i], first[i + 1], knots[i], knots[i + 2]) for i in range(2)]
    return _mix(second[0], second[1], knots[1], knots[2])


def spline(control: Sequence[Point], step_m: float, *, closed: bool = False) -> list[Point]:
    """Return a smooth polyline through the control points, sampled about every `step_m` metres."""
    if closed:
        padded = [control[-1], *control, control[0], control[1]]
    else:
        first, last = control[0], control[-1]
        head = (2 * first[0] - control[1][0], 2 * first[1] - control[1][1])
        tail = (2 * last[0] - control[-2][0], 2 * last[1] - control[-2][1])
        padded = [head, *control, tail]
    dense: list[Point] = []
    for i in range(1, len(padded) - 2):
        quad = (padded[i - 1], padded[i], padded[i + 1], padded[i + 2])
        pieces = max(4, ceil(distance(quad[1], quad[2]) / 20))
        dense += [_between(quad, k / pieces) for k in range(pieces)]
    dense.append(padded[-2])
    return resample(dense, step_m)


class Curve:
    """A centreline with a frame: `u` metres along it, `v` metres to the left of it.

    Parameters
    ----------
    control
        Control points in metres.
    """

    def __init__(self, control: Sequence[Point]) -> None:
        self._points = spline(control, 10.0)
        self._along = [0.0]
        for p, q in pairwise(self._points):
            self._along.append(self._along[-1] + distance(p, q))
        self.length_m = self._along[-1]

    def pose(self, u: float) -> Pose:
        """Return place and heading `u` metres along; beyond the ends the line runs on straight."""
        i = min(max(bisect_right(self._along, u) - 1, 0), len(self._points) - 2)
        p, q = self._points[i], self._points[i + 1]
        t = (u - self._along[i]) / (self._along[i + 1] - self._along[i])
        heading = self._heading(i + t)
        return Pose(p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), heading)

    def _heading(self, position: float) -> float:
        i = min(max(int(position), 1), len(self._points) - 2)
        p, q = self._points[i - 1], self._points[i + 1]
        return atan2(q[1] - p[1], q[0] - p[0])

    def point(self, u: float, v: float) -> Point:
        """Return the plane point `u` metres along and `v` metres to the left."""
        x, y, h = self.pose(u)
        return (x - v * sin(h), y + v * cos(h))

    def project(self, p: Point) -> tuple[float, float]:
        """Return `(u, distance)` of the nearest vertex of the centreline."""
        gap, i = min((distance(p, q), i) for i, q in enumerate(self._points))
        return self._along[i], gap

    def meet(self, other: Curve) -> tuple[float, float]:
        """Return the `u` of this curve and of `other` where the two come closest."""
        pairs = [(i, j) for i in range(0, len(self._points), 12) for j in range(0, len(other._points), 12)]
        i, j = min(pairs, key=lambda ij: distance(self._points[ij[0]], other._points[ij[1]]))
        near = [
            (distance(self._points[a], other._points[b]), a, b)
            for a in range(max(0, i - 14), min(len(self._points), i + 15))
            for b in range(max(0, j - 14), min(len(other._points), j + 15))
        ]
        _, i, j = min(near)
        return self._along[i], other._along[j]


def _turn(angle: float) -> float:
    angle %= tau
    return angle if angle < tau - FULL_TURN_SLACK else 0.0


def ramp_path(start: Pose, end: Pose, *, radius_m: float, word: str, step_m: float = 18.0) -> list[Point]:
    """Return a path of arc, straight, arc from `start` to `end` (Dubins 1957).

    Parameters
    ----------
    start, end
        Poses in metres and radians.
    radius_m
        Radius of both arcs in metres.
    word
        Turning sides, two of `L` and `R`, such as `RR` for a right-hand loop.
    step_m
        Longest distance of points on the arcs; straights carry a point every 90 m.

    Raises
    ------
    ValueError
        When opposite turns of this radius do not fit between the poses.
    """
    s1, s2 = (1 if side == "L" else -1 for side in word)
    c1 = (start.x - s1 * radius_m * sin(start.heading), start.y + s1 * radius_m * cos(start.heading))
    c2 = (end.x - s2 * radius_m * sin(end.heading), end.y + s2 * radius_m * cos(end.heading))
    gap, theta = distance(c1, c2), atan2(c2[1] - c1[1], c2[0] - c1[0])
    straight = gap
    if s1 != s2:
        if gap < 2 * radius_m:
            msg = f"no {word} ramp of radius {radius_m} m fits between {start} and {end}"
            raise ValueError(msg)
        theta += s1 * asin(2 * radius_m / gap)
        straight = sqrt(gap * gap - 4 * radius_m * radius_m)
    points: list[Point] = [(start.x, start.y)]
    points += _arc(c1, (s1, radius_m, start.heading), _turn(s1 * (theta - start.heading)), step_m)
    last = points[-1]
    pieces = max(1, ceil(straight / 90.0))
    run = [straight * k / pieces for k in range(1, pieces + 1)]
    points += [(last[0] + r * cos(theta), last[1] + r * sin(theta)) for r in run]
    points += _arc(c2, (s2, radius_m, theta), _turn(s2 * (end.heading - theta)), step_m)
    return _thin([*points[:-1], (end.x, end.y)])


def widest_ramp(start: Pose, end: Pose, *, radii_m: Sequence[float], word: str) -> list[Point]:
    """Return the ramp of the first radius that fits; a turn that does not fit costs a whole circle."""
    found = [ramp_path(start, end, radius_m=r, word=word) for r in radii_m]
    chord = distance((start.x, start.y), (end.x, end.y))
    fitting = [path for path in found if polyline_length(path) < LONGEST_DETOUR * chord]
    return fitting[0] if fitting else min(found, key=polyline_length)


def bezier(control: tuple[Point, Point, Point, Point], step_m: float) -> list[Point]:
    """Return the cubic curve of four control points, sampled about every `step_m` metres."""
    dense = []
    for k in range(41):
        t = k / 40
        share = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        x, y = (sum(s * p[i] for s, p in zip(share, control, strict=True)) for i in (0, 1))
        dense.append((x, y))
    return resample(dense, step_m)


def _arc(centre: Point, shape: tuple[int, float, float], angle: float, step_m: float) -> list[Point]:
    side, radius, heading = shape
    pieces = max(1, ceil(angle * radius / step_m))
    turned = [heading + side * angle * k / pieces for k in range(1, pieces + 1)] if angle > 0 else []
    return [(centre[0] + side * radius * sin(h), centre[1] - side * radius * cos(h)) for h in turned]


def _thin(points: list[Point]) -> list[Point]:
    """Drop points closer than 6 m to their neighbour, ends kept."""
    kept = [points[0]]
    for p in points[1:-1]:
        if distance(kept[-1], p) >= 6.0 and distance(p, points[-1]) >= 6.0:
            kept.append(p)
    return [*kept, points[-1]]


def opposite(heading: float) -> float:
    """Return the heading of the other direction."""
    return heading + pi
