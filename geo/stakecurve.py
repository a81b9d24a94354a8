"""A smooth line through table points, for a route that has no network under it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.measure import measure_steps

Floats = npt.NDArray[np.float64]

_STEP_M, _MOST_STEPS = 25.0, 60
_LONGEST_DETOUR = 1.5


def draw_curve(lon: Floats, lat: Floats) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Draw a line through points in the order of the road.

    Parameters
    ----------
    lon, lat
        float64 (points,), at least two, WGS-84 degrees, no two successive ones in one place.

    Returns
    -------
    lon, lat
        float64 (vertices,), every 25 m, at most 60 between two points.
    knots
        int64 (points,), the vertex at each point.

    Notes
    -----
    Cubic spline over the straight distance between points. On a real table (G15, points left out one by one) it beat
    straight lines, Catmull-Rom (centripetal and chordal), PCHIP and Akima. Where it swings out it is not believed: a
    piece longer than 1.5 times its chord is drawn straight.
    """
    from scipy.interpolate import CubicSpline

    chord = measure_steps(lon, lat)
    at = np.concatenate(([0.0], np.cumsum(chord)))
    points = np.column_stack((lon, lat))
    pieces = np.clip(np.ceil(chord / _STEP_M), 1, _MOST_STEPS).astype(np.int64)
    knots = np.concatenate(([0], np.cumsum(pieces))).astype(np.int64)
    edge = np.repeat(np.arange(len(chord)), pieces)
    share = (np.arange(len(edge)) - knots[edge]) / pieces[edge]
    straight = points[edge] + share[:, None] * (points[edge + 1] - points[edge])
    if len(lon) > 2:  # noqa: PLR2004 - two points are joined by a straight line
        curve = CubicSpline(at, points)(at[edge] + share * chord[edge])
        closed = np.vstack((curve, points[-1:]))
        length = np.add.reduceat(measure_steps(closed[:, 0], closed[:, 1]), knots[:-1])
        swings = length > _LONGEST_DETOUR * chord
        straight = np.where(swings[edge][:, None], straight, curve)
    vertices = np.vstack((straight, points[-1:]))
    return vertices[:, 0].copy(), vertices[:, 1].copy(), knots
