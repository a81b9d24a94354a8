"""Arrival times of one group of cars, cut to some arcs, combined with others, or with arcs closed to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from geo.times import ArcTimes, Starts
from geo.travel import Floats, TravelGraph

Mask = npt.NDArray[np.bool_]


def keep_arcs(times: ArcTimes, mask: Mask) -> ArcTimes:
    """Return the times on some arcs only, nobody on the others."""
    starts = times.starts
    kept = mask[starts.arc]
    fewer = Starts(
        starts.source[kept], starts.arc[kept], starts.offset_mm[kept], starts.offset_ms[kept], starts.rest_ms[kept]
    )
    return ArcTimes(np.where(mask, times.tail_ms, np.inf), np.where(mask, times.source, -1), fewer)


def earliest_of(parts: Sequence[ArcTimes]) -> ArcTimes:
    """Return the earliest of several times, with every place where a car starts."""
    tail: Floats = np.min([part.tail_ms for part in parts], axis=0)
    starts = [part.starts for part in parts]
    joined = Starts(
        np.concatenate([one.source for one in starts]),
        np.concatenate([one.arc for one in starts]),
        np.concatenate([one.offset_mm for one in starts]),
        np.concatenate([one.offset_ms for one in starts]),
        np.concatenate([one.rest_ms for one in starts]),
    )
    source = np.where(np.isfinite(tail), 0, -1).astype(np.int64)
    return ArcTimes(tail, source, joined)


def block_arcs(graph: TravelGraph, blocked: Mask) -> TravelGraph:
    """Return the same travel graph without some arcs; speeds, turn rules and other closures stay.

    Parameters
    ----------
    graph
        The travel graph.
    blocked
        bool (2 * segments,).
    """
    keep = (graph.arc < 0) | ~blocked[np.maximum(graph.arc, 0)]
    indptr = np.concatenate(([0], np.cumsum(keep)))[graph.indptr]
    return replace(
        graph,
        arc_ms=np.where(blocked, -1.0, graph.arc_ms),
        indptr=indptr.astype(np.int32),
        indices=graph.indices[keep],
        weight_ms=graph.weight_ms[keep],
        arc=graph.arc[keep],
    )
