"""Exact p-median: a bound at the root that settles most sites, then a tree of Lagrangian bounds, best bound first."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from patrol.posts.interchange import swap_median
from patrol.posts.lagrange import Bound, Mask, Steps, climb, fix_sites
from patrol.posts.question import PROVEN, Floats, Ints, never

ROOT_STEPS = Steps()
NODE_STEPS = Steps(most=120, patience=10, theta=0.4, least=0.02)
_SWAP_EVERY = 10


@dataclass(frozen=True)
class Median:
    """An answer.

    Attributes
    ----------
    sites
        int64 (p,), columns; those held in any case come first.
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
class Root:
    """What the bound of the whole problem tells.

    Attributes
    ----------
    median
        The best answer and the bound.
    held
        Columns that are open in any case.
    opened, free
        Columns that every answer below ``cut`` opens, and those it may open; all others it leaves closed.
    u
        Multipliers of the bound.
    cut
        Answers from here on are of no interest.
    """

    median: Median
    held: Ints
    opened: Ints
    free: Ints
    u: Floats
    cut: float

    @property
    def is_closed(self) -> bool:
        """Whether the bound alone is the proof."""
        return self.median.bound >= self.median.value


def cut_below(value: float, step: float) -> float:
    """Return the bound from which on no better answer can follow."""
    return value - (step * (1 - 1e-6) if step else PROVEN * abs(value))


def raise_to_step(bound: float, value: float, step: float) -> float:
    """Return the next possible value at or above a bound, no more than a value that is reached."""
    return min(value, float(np.ceil(bound / step - 1e-6) * step)) if step else min(value, bound)


def bound_root(cost: Floats, sites: Ints, *, held: int, step: float, seed: int = 1, rounds: int = 20) -> Root:
    """Bound the whole problem and settle sites.

    Parameters
    ----------
    cost
        float64 (demands, sites), finite, 0 or more.
    sites
        int64 (p,), a good answer; fewer than all columns, more than ``held``.
    held
        How many of them, from the front, are always chosen.
    step
        All sums are multiples of this, or 0.
    seed, rounds
        Of the random answers drawn from what the relaxation opened lately.
    """
    always = np.array(sites[:held], dtype=np.int64)
    free = np.setdiff1d(np.arange(cost.shape[1]), always)
    wanted = len(sites) - held
    best, value = np.array(sites, dtype=np.int64), float(cost[:, sites].min(axis=1).sum())
    fixed = cost[:, always].min(axis=1) if held else np.full(len(cost), np.inf)
    start = np.partition(cost, 1, axis=1)[:, 1]
    bound = climb(cost[:, free], fixed, wanted, upper=value, cut=cut_below(value, step), u=start, steps=ROOT_STEPS)
    dice = np.random.default_rng(seed)
    draws = [bound.best] + [_draw(bound, wanted, dice) for _ in range(rounds if bound.value < value else 0)]
    for draw in draws:
        if bound.value >= cut_below(value, step):
            break
        found, sum_ = swap_median(cost, np.concatenate((always, free[draw])), held=held)
        if sum_ < value:
            best, value = found, sum_
    cut = cut_below(value, step)
    low = raise_to_step(bound.value, value, step) if bound.value < cut else value
    closed, sure = fix_sites(bound, wanted, cut)
    opened, rest = np.concatenate((always, free[sure])), free[~closed & ~sure]
    if len(opened) > len(sites) or len(opened) + len(rest) < len(sites):
        low = value
    return Root(Median(best, value, low, 1), always, opened, rest, bound.u, cut)


def _draw(bound: Bound, wanted: int, dice: np.random.Generator) -> Ints:
    """Draw sites, those more likely that the relaxation opened more often lately."""
    key = bound.share + dice.normal(0.0, 0.2, len(bound.share)) * (bound.share > 0)
    key = key - 1e-6 * bound.reduced / (1.0 + np.abs(bound.reduced).max())
    return np.argsort(-key, kind="stable")[:wanted]


@dataclass(frozen=True)
class _Part:
    """A subproblem: columns always open, columns still free, multipliers to begin with, bound so far."""

    opened: Ints
    free: Ints
    u: Floats
    bound: float


def prove_median(
    cost: Floats, root: Root, *, step: float = 0.0, nodes: int = 20_000, cancel: Callable[[], bool] = never
) -> Median:
    """Improve an answer until it is proven, the nodes are used up or somebody cancels.

    Parameters
    ----------
    cost
        float64 (demands, sites), finite, 0 or more.
    root
        The bounded problem.
    step
        All sums are multiples of this; 0 where that is not known (then the proof is to one part in a million).
    nodes
        At most so many subproblems.
    cancel
        Asked before each subproblem.
    """
    return _Tree(cost, root, step).search(nodes, cancel)


class _Tree:
    """The search: best answer so far, subproblems not yet looked at."""

    def __init__(self, cost: Floats, root: Root, step: float) -> None:
        self.cost, self.root, self.step = cost, root, step
        self.best, self.value = root.median.sites, root.median.value
        self.p, self.held = len(self.best), root.held
        self.queue: list[tuple[float, int, _Part]] = []
        self.pushed = self.done = 0

    @property
    def cut(self) -> float:
        """A bound from here on cannot lead to a better answer."""
        return cut_below(self.value, self.step)

    def search(self, nodes: int, cancel: Callable[[], bool]) -> Median:
        root = self.root
        self._push(_Part(root.opened, root.free, root.u, root.median.bound))
        while self.queue and self.queue[0][0] < self.cut and self.done < nodes and not cancel():
            _, _, part = heapq.heappop(self.queue)
            self.done += 1
            self._divide(part)
        low = min(self.queue[0][0] if self.queue else np.inf, root.cut)
        bound = self.value if low >= self.cut else raise_to_step(low, self.value, self.step)
        return Median(self.best, self.value, bound, self.done + 1)

    def _push(self, part: _Part) -> None:
        self.pushed += 1
        heapq.heappush(self.queue, (part.bound, self.pushed, part))

    def _divide(self, part: _Part) -> None:
        """Bound a subproblem, drop the sites it settles, and split it in two where it stays open."""
        opened, free = part.opened, part.free
        if self._settle(opened, free):
            return
        wanted = self.p - len(opened)
        fixed = self.cost[:, opened].min(axis=1) if len(opened) else np.full(len(self.cost), np.inf)
        bound = climb(self.cost[:, free], fixed, wanted, upper=self.value, cut=self.cut, u=part.u, steps=NODE_STEPS)
        if bound.best_value < self.value or self.done % _SWAP_EVERY == 0:
            self._improve(np.concatenate((opened, free[bound.best])))
        value = max(bound.value, part.bound)
        if value >= self.cut:
            return
        closed, sure = fix_sites(bound, wanted, self.cut)
        rest = ~closed & ~sure
        opened, left = np.concatenate((opened, free[sure])), free[rest]
        if self._settle(opened, left):
            return
        branch = int(left[np.argmax(_doubt(bound, rest))])
        others = left[left != branch]
        self._push(_Part(np.append(opened, branch), others, bound.u, value))
        self._push(_Part(opened, others, bound.u, value))

    def _settle(self, opened: Ints, free: Ints) -> bool:
        """Settle a subproblem that leaves no choice; ``False`` where it does."""
        wanted = self.p - len(opened)
        if 0 < wanted < len(free):
            return False
        if wanted == 0 or wanted == len(free):
            self._improve(np.concatenate((opened, free)) if wanted else opened)
        return True

    def _improve(self, sites: Ints) -> None:
        """Swap an answer and keep it if it is the best."""
        front = np.concatenate((self.held, np.setdiff1d(sites, self.held)))
        found, value = swap_median(self.cost, front, held=len(self.held))
        if value < self.value:
            self.best, self.value = found, value


def _doubt(bound: Bound, rest: Mask) -> Floats:
    """Return how undecided each remaining site is: opened about half the time lately."""
    share, reduced = bound.share[rest], bound.reduced[rest]
    doubt: Floats = np.minimum(share, 1.0 - share) - 1e-9 * reduced / (1.0 + np.abs(bound.reduced).max())
    return doubt
