"""The lines of all segments as shapely geometry, made when a place on them is asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from geo.network import Network


def segment_lines(network: Network) -> npt.NDArray[np.object_]:
    """Return the line of every segment, object (segments,), lon/lat WGS-84 degrees."""
    ptr, rows = network.line_rows()
    points = np.column_stack((network.nodes.lon[rows], network.nodes.lat[rows]))
    index = np.repeat(np.arange(len(network.segments)), np.diff(ptr))
    return np.asarray(shapely.linestrings(points, indices=index), dtype=np.object_)
