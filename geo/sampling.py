"""Places along segments at even distances, with the heading of the road there, for everything that goes by nearness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.network import Network

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """Places on segments.

    Attributes
    ----------
    segment
        int64 (samples,), segment row.
    xy
        float64 (samples, 2), local plane, metres.
    heading
        float64 (samples, 2), unit vector in way direction, (0, 0) on a step without length.
    along_m
        float64 (samples,), metres from the start of the segment in the local plane.
    """

    segment: Ints
    xy: Floats
    heading: Floats
    along_m: Floats

    def __len__(self) -> int:
        return len(self.segment)


@dataclass(frozen=True)
class Steps:
    """Straight steps of segments: segment row int64 (steps,), first and last point (steps, 2) in a plane, metres."""

    segment: Ints
    a: Floats
    b: Floats


def list_steps(network: Network, rows: Ints, *, xy: Floats) -> Steps:
    """Return the steps of some segments, in their order.

    Parameters
    ----------
    network
        The network.
    rows
        int64, segment rows.
    xy
        float64 (nodes, 2), the nodes in a local plane, metres.
    """
    seg = network.segments
    count = (seg.end - seg.start)[rows].astype(np.int64)
    first = np.repeat(seg.start[rows] - (np.cumsum(count) - count), count) + np.arange(count.sum())
    refs = network.ways.refs
    return Steps(np.repeat(rows, count), xy[refs[first]], xy[refs[first + 1]])


def sample_segments(network: Network, rows: Ints, *, xy: Floats, spacing_m: float) -> Samples:
    """Return places about ``spacing_m`` apart on some segments, the first half a spacing behind the start.

    Parameters
    ----------
    network
        The network.
    rows
        int64, segment rows.
    xy
        float64 (nodes, 2), the nodes in a local plane, metres.
    spacing_m
        Distance wanted; each segment is divided evenly and has one place at least.
    """
    seg = network.segments
    steps = list_steps(network, rows, xy=xy)
    count = (seg.end - seg.start)[rows].astype(np.int64)
    step_ptr = np.concatenate(([0], np.cumsum(count)))
    length = np.hypot(*(steps.b - steps.a).T)
    end = np.cumsum(length)
    before = np.concatenate(([0.0], end))
    start_m, total_m = before[step_ptr[:-1]], before[step_ptr[1:]] - before[step_ptr[:-1]]
    number = np.maximum(np.rint(total_m / spacing_m), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(rows)), number)
    k = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    along = (k + 0.5) * (total_m / number)[owner]
    step = np.searchsorted(end, start_m[owner] + along, side="right")
    step = np.clip(step, step_ptr[:-1][owner], step_ptr[1:][owner] - 1)
    share = (start_m[owner] + along - before[step]) / np.where(length[step] > 0, length[step], 1.0)
    a, ahead = steps.a[step], (steps.b - steps.a)[step]
    return Samples(rows[owner], a + np.clip(share, 0.0, 1.0)[:, None] * ahead, unit(ahead), along)


def unit(vector: Floats) -> Floats:
    """Return vectors (n, 2) scaled to length 1; (0, 0) stays."""
    size = np.hypot(vector[:, 0], vector[:, 1])
    return np.asarray(vector / np.where(size > 0, size, 1.0)[:, None])
