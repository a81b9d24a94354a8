"""Integers as byte planes: the numeric codec of the map file.

A column of integers is written as differences or as it is, zig-zagged to unsigned, in the smallest whole number of
bytes a value, and transposed: first the low byte of every value, then the next byte, and so on. Neighbouring values
of a road network are alike in their high bytes, so the planes shrink well under gzip.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

Ints = npt.NDArray[np.int64]


def _differences(values: Ints) -> npt.NDArray[np.uint64]:
    unsigned = values.astype(np.int64).view(np.uint64)
    return np.concatenate((unsigned[:1], unsigned[1:] - unsigned[:-1]))


def pack_ints(values: npt.ArrayLike, *, delta: bool) -> tuple[bytes, int]:
    """Return the planes of a column and the number of bytes a value.

    Parameters
    ----------
    values
        Integers that fit int64, shape (n,).
    delta
        Whether differences to the value before are written (modulo 2**64) instead of the values.
    """
    column = np.ascontiguousarray(values, dtype=np.int64)
    if not len(column):
        return b"", 0
    raw = _differences(column) if delta else column.view(np.uint64)
    sign = np.uint64(0) - (raw >> np.uint64(63))
    zigzag = (raw << np.uint64(1)) ^ sign
    width = (int(zigzag.max()).bit_length() + 7) // 8
    planes = zigzag.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width]
    return np.ascontiguousarray(planes.T).tobytes(), width


def unpack_ints(data: bytes, count: int, *, width: int, delta: bool) -> Ints:
    """Return the column, int64 of shape (count,), that `pack_ints` wrote.

    Raises
    ------
    InputError
        When the planes are shorter or longer than said.
    """
    if not 0 <= width <= 8 or len(data) != count * width:  # noqa: PLR2004
        raise InputError(f"map file: a column of {count} values has {len(data)} bytes; write the file again")
    wide = np.zeros((count, 8), dtype=np.uint8)
    wide[:, :width] = np.frombuffer(data, dtype=np.uint8).reshape(width, count).T
    zigzag = wide.reshape(-1).view("<u8").astype(np.uint64)
    raw = (zigzag >> np.uint64(1)) ^ (np.uint64(0) - (zigzag & np.uint64(1)))
    return np.cumsum(raw, dtype=np.uint64).view(np.int64) if delta else raw.view(np.int64)
