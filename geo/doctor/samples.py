"""Places along segments at even distances, with the heading of the road there, for checks by nearness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.doctor.survey import Floats, Ints, Survey, unit


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


def sample_segments(survey: Survey, rows: Ints, *, spacing_m: float) -> Samples:
    """Return places ``spacing_m`` apart on each segment, at least one, from half a spacing behind its start on."""
    net = survey.network
    ptr, nodes = net.line_rows()
    count = np.diff(ptr)[rows] - 1
    step_ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    first = np.repeat(ptr[:-1][rows] - step_ptr[:-1], count) + np.arange(step_ptr[-1])
    a, b = survey.xy[nodes[first]], survey.xy[nodes[first + 1]]
    length = np.hypot(*(b - a).T)
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
    place = a[step] + np.clip(share, 0.0, 1.0)[:, None] * (b[step] - a[step])
    return Samples(rows[owner], place, unit(b[step] - a[step]), along)
