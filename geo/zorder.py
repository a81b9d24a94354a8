"""Z-order: a number for a place so that places with near numbers lie near each other (Morton 1966)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_BITS = 16
_SPREAD = ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555))


def interleave_bits(x: npt.NDArray[np.uint32], y: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Return the Z-order number of cells, uint32: bits of ``x`` and ``y`` in turn, ``x`` lowest.

    Examples
    --------
    >>> interleave_bits(np.array([0, 1, 0, 1, 2], np.uint32), np.array([0, 0, 1, 1, 0], np.uint32)).tolist()
    [0, 1, 2, 3, 4]
    """
    spread = []
    for value in (x, y):
        wide = value.astype(np.uint32)
        for shift, mask in _SPREAD:
            wide = (wide | (wide << np.uint32(shift))) & np.uint32(mask)
        spread.append(wide)
    return spread[0] | (spread[1] << np.uint32(1))


def number_places(lon: Floats, lat: Floats, *, box: tuple[float, float, float, float]) -> npt.NDArray[np.uint32]:
    """Return the Z-order number of places within a box (west, south, east, north), on a grid of 65,536 by 65,536."""
    west, south, east, north = box
    top = 2**_BITS - 1
    cells = []
    for value, low, high in ((lon, west, east), (lat, south, north)):
        part = (value - low) / (high - low) if high > low else np.zeros(len(value))
        cells.append((np.clip(part, 0.0, 1.0) * top).astype(np.uint32))
    return interleave_bits(cells[0], cells[1])
