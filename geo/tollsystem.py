"""The toll system: what can be reached without paying.

The decisive evidence of a seam is booth-free reach *in travel direction*: what can be entered from an ordinary
road, or leads to one, without passing a booth lies outside the toll system. An undirected cut at the booths does
not do: one ramp that merges before a booth would flood the whole expressway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.groups import join_at_nodes
from geo.network import Network

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BoothFree:
    """Booth-free regions of a network.

    Attributes
    ----------
    region
        int32 (segments,): number of the region, -1 outside every region.
    main_line_m
        float64 (regions,): metres of main line in each region (both carriageways added).
    """

    region: npt.NDArray[np.int32]
    main_line_m: npt.NDArray[np.float64]


def find_booth_free(network: Network, *, inside: Mask, ordinary: Mask, main_line: Mask, booth: Mask) -> BoothFree:
    """Find the regions of expressway-like roads that join ordinary roads without a booth between.

    Parameters
    ----------
    network
        The network.
    inside
        bool (segments,): expressway-like roads (main lines and ramps) through which reach spreads.
    ordinary
        bool (segments,): roads from which reach starts, and at which it ends.
    main_line
        bool (segments,): main lines, whose length is measured.
    booth
        bool (nodes,): booths, through which reach does not pass.

    Returns
    -------
    BoothFree
        Regions are the pieces, joined at nodes that are no booth, of what either direction reaches.
    """
    seg = network.segments
    starts = np.zeros(len(network.nodes), dtype=bool)
    starts[seg.u[ordinary]] = True
    starts[seg.v[ordinary]] = True
    starts &= ~booth
    ahead = _reach(network, inside, starts, booth, forward=True)
    behind = _reach(network, inside, starts, booth, forward=False)
    free = inside & (ahead | behind)
    rows = np.flatnonzero(free)
    joint_u, joint_v = (np.where(booth[end], -1, end) for end in (seg.u[rows], seg.v[rows]))
    numbers = join_at_nodes(joint_u, joint_v)
    region = np.full(len(seg), -1, dtype=np.int32)
    region[rows] = numbers
    count = int(numbers.max()) + 1 if len(rows) else 0
    length = np.where(main_line[rows], seg.length_m[rows], 0.0)
    return BoothFree(region, np.bincount(numbers, weights=length, minlength=count).astype(np.float64))


def _reach(network: Network, inside: Mask, starts: Mask, booth: Mask, *, forward: bool) -> Mask:
    """Return the inside segments that are driven on a booth-free way from (or, backward, to) the start nodes."""
    seg = network.segments
    along, against = (network.forward, network.backward) if forward else (network.backward, network.forward)
    tail = np.concatenate((seg.u[along & inside], seg.v[against & inside]))
    head = np.concatenate((seg.v[along & inside], seg.u[against & inside]))
    ahead: dict[int, list[int]] = {}
    for a, b in zip(tail.tolist(), head.tolist(), strict=True):
        ahead.setdefault(a, []).append(b)
    reached = starts.copy()
    front = [node for node in ahead if starts[node]]
    while front:
        node = front.pop()
        if booth[node]:
            continue
        new = [other for other in ahead.get(node, ()) if not reached[other]]
        reached[new] = True
        front += new
    at_u = reached[seg.u] & ~booth[seg.u] & along
    at_v = reached[seg.v] & ~booth[seg.v] & against
    result: Mask = inside & (at_u | at_v)
    return result
