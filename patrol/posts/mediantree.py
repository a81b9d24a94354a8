"""Exact p-median: a tree of Lagrangian bounds, the most promising subproblem first."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patrol.posts.interchange import swap_median
from patrol.posts.lagrange import Bound, Floats, Ints, Steps, climb, fix_sites

ROOT_STEPS = Steps()
NODE_STEPS = Steps(most=120, patience=10, theta=0.4, least=0.02)


@dataclass(frozen=True)
class Median:
    """An answer.

    Attributes
    ----------
    sites
        int64 (p,), columns, ascending.
    value
        Sum of the cheapest.
    bound
        No choice has a smaller sum.
    nodes
        Subproblems looked at.
    """

    sites: Ints
    value: float
    bound: float
    nodes: int


@dataclass(frozen=True)
class _Part:
    """A subproblem: columns always open, columns still free, multipliers to begin with, bound so far."""

    opened: Ints
    free: Ints
    u: Floats
    bound: float


def prove_median(
    cost: Floats,
    sites: Ints,
    *,
    held: int = 0,
    step: float = 0.0,
    nodes: int = 20_000,
    cancel: Callable[[], bool] = lambda: False,
) -> Median:
    """Improve an answer until it is proven, the nodes are used up or somebody cancels.

    Parameters
    ----------
    cost
        float64 (demands, sites), finite, 0 or more.
    sites
        int64 (p,), a good answer.
    held
        How many of them, from the front, are always chosen.
    step
        All sums are multiples of this; 0 where that is not known (then the proof is to one part in a million).
    nodes
        At most so many subproblems.
    cancel
        Asked before each subproblem.
    """
    return _Tree(cost, sites, held=held, step=step).search(nodes, cancel)


class _Tree:
    """The search: best answer so far, subproblems not yet looked at."""

    def __init__(self, cost: Floats, sites: Ints, *, held: int, step: float) -> None:
        self.cost, self.p, self.step = cost, len(sites), step
        self.best, self.value = np.array(sites), float(cost[:, sites].min(axis=1).sum())
        self.held = np.array(sites[:held])
        self.queue: list[tuple[float, int, _Part]] = []
        self.count = 0

    @property
    def cut(self) -> float:
        """A bound from here on cannot lead to a better answer."""
        return self.value - (self.step * (1 - 1e-6) if self.step else 1e-6 * abs(self.value))

    def search(self, nodes: int, cancel: Callable[[], bool]) -> Median:
        free = np.setdiff1d(np.arange(self.cost.shape[1]), self.held)
        second = np.partition(self.cost, 1, axis=1)[:, 1] if self.cost.shape[1] > 1 else self.cost[:, 0]
        self._push(_Part(self.held, free, second, 0.0))
        done = 0
        while self.queue and self.queue[0][0] < self.cut and done < nodes and not cancel():
            _, _, part = heapq.heappop(self.queue)
            self._divide(part, ROOT_STEPS if done == 0 else NODE_STEPS)
            done += 1
        open_ = self.queue[0][0] if self.queue else np.inf
        bound = self.value if open_ >= self.cut else min(open_, self.value)
        if self.step and bound < self.value:
            bound = min(self.value, float(np.ceil(bound / self.step - 1e-6) * self.step))
        return Median(np.sort(self.best), self.value, bound, done)

    def _push(self, part: _Part) -> None:
        self.count += 1
        heapq.heappush(self.queue, (part.bound, self.count, part))

    def _divide(self, part: _Part, steps: Steps) -> None:
        """Bound a subproblem, drop the sites it settles, and split it in two where it stays open."""
        opened, free = part.opened, part.free
        if self._settle(opened, free):
            return
        wanted = self.p - len(opened)
        fixed = self.cost[:, opened].min(axis=1) if len(opened) else np.full(len(self.cost), np.inf)
        bound = climb(self.cost[:, free], fixed, wanted, upper=self.value, cut=self.cut, u=part.u, steps=steps)
        self._improve(opened, free, bound, thorough=part.bound == 0.0)
        value = max(bound.value, part.bound)
        if value >= self.cut:
            return
        closed, sure = fix_sites(bound, wanted, self.cut)
        opened, free = np.concatenate((opened, free[sure])), free[~closed & ~sure]
        rest = ~closed & ~sure
        if self._settle(opened, free):
            return
        branch = int(free[np.argmax(_weigh(bound, rest))])
        others = free[free != branch]
        self._push(_Part(np.append(opened, branch), others, bound.u, value))
        self._push(_Part(opened, others, bound.u, value))

    def _settle(self, opened: Ints, free: Ints) -> bool:
        """Settle a subproblem that leaves no choice; ``False`` where it does."""
        wanted = self.p - len(opened)
        if wanted < 0 or wanted > len(free):
            return True
        if wanted == 0 or wanted == len(free):
            self._offer(opened if wanted == 0 else np.concatenate((opened, free)))
            return True
        return False

    def _offer(self, sites: Ints) -> None:
        value = float(self.cost[:, sites].min(axis=1).sum())
        if value < self.value:
            self.best, self.value = sites, value

    def _improve(self, opened: Ints, free: Ints, bound: Bound, *, thorough: bool) -> None:
        if not (thorough or bound.best_value < self.value):
            return
        rest = np.concatenate((opened, free[bound.best]))
        rest = np.concatenate((self.held, np.setdiff1d(rest, self.held)))
        sites, value = swap_median(self.cost, rest, held=len(self.held))
        if value < self.value:
            self.best, self.value = sites, value


def _weigh(bound: Bound, rest: np.ndarray) -> Floats:
    """Return how undecided each remaining site is: opened about half the time lately."""
    share = bound.share[rest]
    return np.asarray(np.minimum(share, 1.0 - share) - 1e-9 * bound.reduced[rest] / (1 + np.abs(bound.reduced).max()))
