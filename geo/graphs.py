"""Plain graphs over the nodes of a network, for distances along the road."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network import Network

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def undirected_graph(network: Network, *, usable: npt.NDArray[np.bool_] | None = None) -> csr_array:
    """Return the node graph in which every road may be walked both ways.

    Parameters
    ----------
    network
        The network.
    usable
        bool (segments,): roads that count; all by default.

    Returns
    -------
    csr_array
        (nodes, nodes), weights in millimetres (at least 1), the shortest of parallel segments; upper triangle only,
        for searches with ``directed=False``.
    """
    from scipy.sparse import coo_array, csr_array

    seg = network.segments
    rows = np.arange(len(seg)) if usable is None else np.flatnonzero(usable)
    weight = np.maximum(seg.length_mm[rows], 1)
    low, high = np.minimum(seg.u[rows], seg.v[rows]), np.maximum(seg.u[rows], seg.v[rows])
    order = np.lexsort((weight, high, low))
    low, high, weight = low[order], high[order], weight[order]
    first = np.append(True, (np.diff(low) != 0) | (np.diff(high) != 0))[: len(low)]
    size = len(network.nodes)
    return csr_array(coo_array((weight[first], (low[first], high[first])), shape=(size, size)))
