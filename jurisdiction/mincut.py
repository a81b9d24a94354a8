"""Labelling of least contradiction: minimum s-t cut over segments and junctions.

Every segment and every junction is a binary variable (expressway or ordinary). A segment pays its evidence when
its label contradicts it; a junction pays its price once for every incident segment whose label differs from the
junction's own, which is the price times the number of segments on the smaller side. The energy is submodular, so
its minimum is a minimum cut (Greig, Porteous, Seheult 1989; Kolmogorov and Zabih 2004). Capacities are whole
decimetres. Expressway is the source side, and the smallest source side is taken, so that the answer is unique.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

UNITS_PER_M = 10
"""Capacities are in decimetres, fine enough for evidence and safe in 32 bits."""
FORCE = 2**29
"""Decimetres that no evidence outweighs: what is held or forced pays this for the other label."""
_LIMIT = 2**30


@dataclass(frozen=True)
class Energy:
    """The energy of a labelling.

    Attributes
    ----------
    u, v
        int32 (segments,): junction numbers of both ends, 0 … junctions - 1.
    pay_if_ordinary, pay_if_expressway
        int64 (segments,): decimetres paid for that label.
    price
        int64 (junctions,): decimetres per segment on the smaller side.
    """

    u: npt.NDArray[np.int32]
    v: npt.NDArray[np.int32]
    pay_if_ordinary: Ints
    pay_if_expressway: Ints
    price: Ints

    def cost(self, expressway: Mask) -> int:
        """Return the energy, in decimetres, of a labelling (bool, segments) with the best label at each junction."""
        paid = np.where(expressway, self.pay_if_expressway, self.pay_if_ordinary).sum()
        ends = np.concatenate((self.u, self.v))
        both = np.concatenate((expressway, expressway))
        ours = np.bincount(ends[both], minlength=len(self.price))
        theirs = np.bincount(ends[~both], minlength=len(self.price))
        return int(paid + (self.price * np.minimum(ours, theirs)).sum())


def find_labels(energy: Energy) -> Mask:
    """Return the cheapest labelling, bool (segments,): ``True`` is expressway; ties go to ordinary.

    Dinic's algorithm of scipy; the source side is what the residual network reaches.
    """
    count = len(energy.u)
    if count == 0:
        return np.zeros(0, dtype=bool)
    graph = capacity_graph(energy)
    source, sink = graph.shape[0] - 2, graph.shape[0] - 1
    flow = maximum_flow(graph, source, sink, method="dinic").flow
    residual = csr_array(graph - flow)
    residual.data[residual.data < 0] = 0
    residual.eliminate_zeros()
    reached = breadth_first_order(residual, source, directed=True, return_predecessors=False)
    label = np.zeros(graph.shape[0], dtype=bool)
    label[reached] = True
    return label[:count]


def capacity_graph(energy: Energy) -> csr_array:
    """Return the capacity matrix: segments, then junctions, then source and sink; int32."""
    count, junctions = len(energy.u), len(energy.price)
    source, sink = count + junctions, count + junctions + 1
    segment = np.arange(count)
    at_u, at_v = count + energy.u, count + energy.v
    price_u, price_v = energy.price[energy.u], energy.price[energy.v]
    tail = np.concatenate((np.full(count, source), segment, segment, at_u, segment, at_v))
    head = np.concatenate((segment, np.full(count, sink), at_u, segment, at_v, segment))
    capacity = np.concatenate((energy.pay_if_ordinary, energy.pay_if_expressway, price_u, price_u, price_v, price_v))
    capacity = np.minimum(capacity, _LIMIT).astype(np.int32)
    keep = capacity > 0
    shape = (sink + 1, sink + 1)
    graph: csr_array[np.int32, tuple[int, int]]
    graph = csr_array(coo_array((capacity[keep], (tail[keep], head[keep])), shape=shape))
    return graph
