"""Solve a split again near one place, with everything else held."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.cutting import CutNetwork
from geo.graphs import undirected_graph
from jurisdiction.choices import spread_conventions
from jurisdiction.evidence import Evidence
from jurisdiction.mincut import FORCE, Energy, Mask, find_labels
from jurisdiction.ownership import Ownership
from jurisdiction.prices import JunctionKind, Prices, price_junctions
from jurisdiction.shifts import Held, Road, hold_agreed
from jurisdiction.splitting import energy_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LEAST_SEGMENTS = 1_500
"""The neighbourhood that is solved again has at least so many segments, where there are."""
_FIRST_REACH_M = 1_000.0
_ALL_M = 1e9


@dataclass(frozen=True)
class _Window:
    """Segments near a place, with the ring of segments around them that keep their owner.

    Attributes
    ----------
    rows
        Segment rows of the cut network, ascending.
    ring
        bool (rows,): only touches the neighbourhood.
    reached
        bool (nodes,): within the neighbourhood.
    is_whole
        Whether it cannot grow.
    """

    rows: npt.NDArray[np.int64]
    ring: Mask
    reached: Mask
    is_whole: bool


class NearSolver:
    """Adds one agreed seam to a split; what does not depend on its place is computed once.

    Parameters
    ----------
    own
        The split without that seam.
    """

    def __init__(self, own: Ownership) -> None:
        self._own = own

    @cached_property
    def _graph(self) -> csr_array:
        return undirected_graph(self._own.network)

    @cached_property
    def first(self) -> tuple[Mask, npt.NDArray[np.int64]]:
        """The labelling before anything was held, and the nodes where it changes owner."""
        own = self._own
        label = own.expressway
        if (own.prices.kind > JunctionKind.ELSEWHERE).any() or self._is_forced.any():
            field = spread_conventions(own.network, own.choices, own.rules)
            prices = price_junctions(own.network, own.evidence, field, rules=own.rules)
            label = find_labels(energy_of(own.network, own.evidence, prices))
        return label, meetings(own.network.segments.u, own.network.segments.v, label)

    @cached_property
    def _is_forced(self) -> Mask:
        energy = self._own.energy
        result: Mask = (energy.pay_if_ordinary == FORCE) | (energy.pay_if_expressway == FORCE)
        return result

    @cached_property
    def _has_others(self) -> bool:
        """Whether other seams are placed by decision: two placements may claim one road."""
        return bool(self._own.choices.agreed)

    def _window(self, cut: CutNetwork, node: int, reach_m: float) -> _Window:
        seg, size = cut.network.segments, len(self._own.network.nodes)
        near = np.full(len(cut.network.nodes), np.inf)
        if node < size:
            near[:size] = _reach(self._graph, node, reach_m)
        else:
            for row in np.flatnonzero((seg.u == node) | (seg.v == node)).tolist():
                end = int(seg.v[row] if seg.u[row] == node else seg.u[row])
                far = _reach(self._graph, end, reach_m)
                near[:size] = np.minimum(near[:size], far)
            near[node] = 0.0
        reached = np.isfinite(near)
        both, one = reached[seg.u] & reached[seg.v], reached[seg.u] ^ reached[seg.v]
        rows = np.flatnonzero(both | one)
        return _Window(rows, one[rows], reached, not one.any())

    def solve(self, cut: CutNetwork, node: int) -> Ownership | None:
        """Return the split with the road held up to a node; it names no seams, leaks or findings.

        Parameters
        ----------
        cut
            The split's network, cut where the seam shall lie.
        node
            Node row of that place on the cut network.

        Returns
        -------
        Ownership or None
            None where another agreed seam claims the same road: then only a fresh derivation can tell.
        """
        own = self._own
        first, seams = self.first[0][cut.base], self.first[1]
        energy, prices = self._spread(cut)
        reach_m = _FIRST_REACH_M
        while True:
            window = self._window(cut, node, reach_m)
            rows = window.rows
            part = replace(cut.network, segments=_take(cut.network.segments, rows))
            seg = part.segments
            near = seams[window.reached[seams]]
            settled = window.is_whole or (len(near) > 0 and len(rows) >= LEAST_SEGMENTS)
            if settled:
                road = Road(part, first[rows], own.evidence.plain_ordinary[cut.base[rows]])
                held = hold_agreed(road, [node], near)
                path = sorted(held.expressway | held.ordinary)
                if self._has_others and self._is_forced[cut.base[rows[path]]].any():
                    return None
                label = self._solve_window(cut, energy, window, held=held)
                moved = label != own.expressway[cut.base[rows]]
                edge = np.isin(seg.u, seg.u[window.ring]) | np.isin(seg.v, seg.v[window.ring])
                edge |= np.isin(seg.u, seg.v[window.ring]) | np.isin(seg.v, seg.u[window.ring])
                touching = np.zeros(len(rows), dtype=bool)
                touching[path] = True
                if window.is_whole or not (edge & (moved | touching)).any():
                    break
            reach_m = reach_m * 2 if reach_m < _ALL_M / 4 else _ALL_M
        expressway = own.expressway[cut.base].copy()
        expressway[rows] = label
        prices.kind[node], prices.price[node] = JunctionKind.AGREED, 0
        whole = CutNetwork(cut.network, own.cut.base[cut.base], own.cut.from_mm[cut.base] + cut.from_mm, (node,))
        evidence = _spread_evidence(own.evidence, cut)
        return Ownership(whole, own.rules, own.choices, evidence, prices, energy, expressway, (), (), ())

    def _spread(self, cut: CutNetwork) -> tuple[Energy, Prices]:
        """Return the energy and prices of the ground over the pieces of a cut of it."""
        own, seg = self._own, cut.network.segments
        added = len(cut.network.nodes) - len(own.network.nodes)
        price = np.append(own.prices.price, np.zeros(added, dtype=np.int64))
        kind = np.append(own.prices.kind, np.full(added, JunctionKind.AGREED, dtype=np.uint8))
        pay = [side[cut.base] for side in (own.energy.pay_if_ordinary, own.energy.pay_if_expressway)]
        for row in np.flatnonzero(np.bincount(cut.base, minlength=len(own.expressway))[cut.base] > 1).tolist():
            base = int(cut.base[row])
            if not self._is_forced[base]:
                vote = own.rules.votes[own.evidence.rule_names[int(own.evidence.rule[base])]]
                decimetres = (int(np.rint(vote.weight * int(seg.length_mm[row]))) + 50) // 100
                pay[0][row], pay[1][row] = (decimetres, 0) if vote.for_expressway else (0, decimetres)
        return Energy(seg.u, seg.v, pay[0], pay[1], price), Prices(kind, price)

    def _solve_window(self, cut: CutNetwork, energy: Energy, window: _Window, *, held: Held) -> Mask:
        """Return the labels of a window's rows with the ring kept and the road to the new seam held."""
        rows = window.rows
        kept = self._own.expressway[cut.base[rows]]
        pay = [side[rows].copy() for side in (energy.pay_if_ordinary, energy.pay_if_expressway)]
        pay[0][window.ring] = np.where(kept, FORCE, 0)[window.ring]
        pay[1][window.ring] = np.where(kept, 0, FORCE)[window.ring]
        for part, wins, loses in ((held.expressway, pay[0], pay[1]), (held.ordinary, pay[1], pay[0])):
            wins[sorted(part)], loses[sorted(part)] = FORCE, 0
        joints, number = np.unique(np.concatenate((energy.u[rows], energy.v[rows])), return_inverse=True)
        price = energy.price[joints].copy()
        price[np.isin(joints, sorted(held.free))] = 0
        u, v = number[: len(rows)].astype(np.int32), number[len(rows) :].astype(np.int32)
        return find_labels(Energy(u, v, pay[0], pay[1], price))


def _reach(graph: csr_array, node: int, limit_m: float) -> npt.NDArray[np.float64]:
    """Return float64 (nodes,): millimetres by road from a node, infinite beyond a limit."""
    from scipy.sparse.csgraph import dijkstra

    return dijkstra(graph, directed=False, indices=[node], min_only=True, limit=limit_m * 1000)


def meetings(u: npt.NDArray[np.int32], v: npt.NDArray[np.int32], expressway: Mask) -> npt.NDArray[np.int64]:
    """Return the node rows, ascending, where both owners meet."""
    ours = np.unique(np.concatenate((u[expressway], v[expressway])))
    theirs = np.unique(np.concatenate((u[~expressway], v[~expressway])))
    return np.intersect1d(ours, theirs, assume_unique=True).astype(np.int64)


def _take(table: Any, rows: npt.NDArray[np.int64]) -> Any:
    return type(table)(*(getattr(table, f.name)[rows] for f in fields(table)))


def _spread_evidence(evidence: Evidence, cut: CutNetwork) -> Evidence:
    """Return the evidence over the pieces of a cut; metres of evidence go with the metres of road."""
    count = len(evidence.rule)
    columns = {
        f.name: getattr(evidence, f.name)[cut.base]
        for f in fields(evidence)
        if isinstance(getattr(evidence, f.name), np.ndarray) and len(getattr(evidence, f.name)) == count
    }
    free = replace(evidence.free, region=evidence.free.region[cut.base])
    return replace(evidence, **columns, free=free)
