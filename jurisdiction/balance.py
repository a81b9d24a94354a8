"""Splitting the expressway network among brigades: balanced work, every brigade's part in one piece.

A fresh split grows one region a brigade from places far apart, the lightest region first, several times over, and
keeps the best. A split of what is there starts from the present owners and moves as little as it needs. Both are then
refined piece by piece along the borders: a piece goes over when that brings the two loads nearer and leaves the giver
in one piece. Graph partitioners do the same on millions of pieces; a network of expressways has a few hundred, and
the known one has no wheels for Windows, where most offices work. Nothing is claimed about optimality: loads and
borders are printed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from geo.errors import InfeasibleError, InputError
from jurisdiction.regions import (
    Floats,
    Ints,
    Neighbours,
    count_borders,
    find_end,
    grow_regions,
    leaving,
    pick_far_apart,
)

TOLERANCE = 0.01
"""Heaviest load over the mean that counts as balanced."""
_STARTS, _GOOD, _TRIED, _KICKS = 36, 3, 3, 24
"""Starts at most, good ones that are enough, the best that are worked on further, steps tried to leave a dead end."""
_EPSILON = 1e-9


@dataclass(frozen=True)
class Split:
    """A split of pieces among brigades.

    Attributes
    ----------
    part
        int64 (pieces,): number of the brigade.
    load
        float64 (brigades,): its work.
    moves
        How many pieces went over while it was refined.
    """

    part: Ints
    load: Floats
    moves: int

    @property
    def over_mean(self) -> float:
        """Heaviest load over the mean, as a share: 0.01 is one per cent."""
        mean = float(self.load.mean())
        return float(self.load.max()) / mean - 1 if mean > 0 else 0.0


def split_fresh(
    weight: Floats, neighbours: Neighbours, count: int, *, seed: int = 1, tolerance: float = TOLERANCE
) -> Split:
    """Split pieces anew.

    Parameters
    ----------
    weight
        float64 (pieces,), the work of each, at least 0.
    neighbours
        Which pieces touch; together they must be connected.
    count
        Number of brigades.
    seed
        Same seed, same split.
    tolerance
        Stop refining when the heaviest load is at most this much over the mean.

    Raises
    ------
    InputError
        Fewer than one brigade.
    InfeasibleError
        There are fewer pieces than brigades.
    """
    if count < 1:
        raise InputError("至少要有一个大队，请改正份数。 / at least one brigade is needed: correct the number.")
    if count > len(weight):
        raise InfeasibleError(
            f"高速路网只有 {len(weight)} 个可分的路段，不够分给 {count} 个大队，请减少份数。"
            f" / the expressway network has only {len(weight)} pieces, too few for {count} brigades: ask for fewer."
        )
    generator = np.random.default_rng(seed)
    found: list[Split] = []
    for number in range(_STARTS):
        if number % 3 < 2:  # noqa: PLR2004 - two of three starts lie far apart, the third anywhere
            first = find_end(neighbours) if number == 0 else int(generator.integers(len(weight)))
            seeds = pick_far_apart(neighbours, count, first)
        else:
            seeds = sorted(generator.choice(len(weight), size=count, replace=False).tolist())
        part = grow_regions(weight, neighbours, seeds)
        found.append(_descend(weight, neighbours, part, count=count, tolerance=tolerance))
        good = sum(split.over_mean <= tolerance + _EPSILON for split in found)
        if good >= _GOOD:
            break
    found.sort(key=lambda split: _rank(split, neighbours))
    if found[0].over_mean <= tolerance + _EPSILON:
        return found[0]
    better = [refine(weight, neighbours, s.part, count=count, tolerance=tolerance) for s in found[:_TRIED]]
    return min([found[0], *better], key=lambda split: _rank(split, neighbours))


def _rank(split: Split, neighbours: Neighbours) -> tuple[float, int]:
    return round(max(split.over_mean, TOLERANCE), 6), count_borders(split.part, neighbours)


def refine(weight: Floats, neighbours: Neighbours, part: Ints, *, count: int, tolerance: float = TOLERANCE) -> Split:
    """Move pieces over borders until the heaviest load is within the tolerance, or nothing helps.

    Parameters
    ----------
    weight, neighbours
        As for ``split_fresh``.
    part
        int64 (pieces,): the split to start from; not changed.
    count
        Number of brigades.
    tolerance
        Heaviest load over the mean that is good enough.
    """
    best = _descend(weight, neighbours, part, count=count, tolerance=tolerance)
    for _ in range(_KICKS):
        if best.over_mean <= tolerance + _EPSILON:
            break
        better = _kick(weight, neighbours, best, tolerance=tolerance)
        if better is None:
            break
        best = better
    return best


def _kick(weight: Floats, neighbours: Neighbours, split: Split, *, tolerance: float) -> Split | None:
    """Return the best split that follows from one step that does not help by itself, if it is better."""
    tried: set[tuple[tuple[int, ...], int]] = set()
    found: list[tuple[float, int, Split]] = []
    for piece, target in _border(split.part, neighbours):
        gone = leaving(split.part, neighbours, piece, weight=weight)
        if not gone or (gone, target) in tried or len(tried) >= _KICKS:
            continue
        tried.add((gone, target))
        part = split.part.copy()
        part[list(gone)] = target
        after = _descend(weight, neighbours, part, count=len(split.load), tolerance=tolerance)
        if after.over_mean < split.over_mean - _EPSILON:
            moves = split.moves + len(gone) + after.moves
            found.append((round(after.over_mean, 9), len(tried), Split(after.part, after.load, moves)))
    return min(found, key=lambda row: row[:2])[2] if found else None


def _descend(weight: Floats, neighbours: Neighbours, part: Ints, *, count: int, tolerance: float) -> Split:
    now = part.copy()
    load = np.bincount(now, weights=weight, minlength=count).astype(np.float64)
    limit = load.mean() * (1 + tolerance) + _EPSILON
    moves = 0
    for _ in range(20 * len(weight) + 20):
        if load.max() <= limit:
            break
        step = _best_move(weight, neighbours, now, load)
        steps = [step] if step is not None else _chain(weight, neighbours, now, load)
        if not steps:
            break
        for pieces, target in steps:
            _move(weight, now, load, pieces, target)
            moves += len(pieces)
    return Split(now, load, moves)


Step = tuple[tuple[int, ...], int]
"""Pieces of one brigade that go over together, and the brigade that takes them."""


def _move(weight: Floats, part: Ints, load: Floats, pieces: Sequence[int], target: int) -> None:
    rows = list(pieces)
    load[part[rows[0]]] -= weight[rows].sum()
    load[target] += weight[rows].sum()
    part[rows] = target


def _border(part: Ints, neighbours: Neighbours) -> list[tuple[int, int]]:
    """Return every piece on a border with each brigade on the other side."""
    return [
        (piece, int(other))
        for piece, found in enumerate(neighbours)
        for other in sorted({int(part[k]) for k in found} - {int(part[piece])})
    ]


def _best_move(weight: Floats, neighbours: Neighbours, part: Ints, load: Floats) -> Step | None:
    """Return the move that lowers the sum of squared loads most and leaves the giver whole.

    Moves of one piece come first; a piece that holds others together takes what it would cut off along with it.
    """
    border = _border(part, neighbours)
    single = []
    for piece, target in border:
        gain = float(weight[piece]) * float(load[part[piece]] - load[target] - weight[piece])
        if gain > _EPSILON:
            single.append((-gain, piece, target))
    for _, piece, target in sorted(single):
        if len(leaving(part, neighbours, piece, weight=weight)) == 1:
            return (piece,), target
    several = []
    for piece, target in border:
        gone = leaving(part, neighbours, piece, weight=weight)
        moved = float(weight[list(gone)].sum()) if gone else 0.0
        gain = moved * float(load[part[piece]] - load[target] - moved)
        if gain > _EPSILON:
            several.append((-gain, piece, target, gone))
    if not several:
        return None
    _, _, target, gone = min(several)
    return gone, target


def _chain(weight: Floats, neighbours: Neighbours, part: Ints, load: Floats) -> list[Step]:
    """Return moves that pass pieces on from brigade to brigade, from the heaviest to one below the mean.

    They are returned only where they lower the sum of squared loads.
    """
    mean, heavy = float(load.mean()), int(np.argmax(load))
    came: dict[int, int] = {heavy: -1}
    front = deque([heavy])
    pairs = sorted({(int(part[piece]), target) for piece, target in _border(part, neighbours)})
    goals = []
    while front:
        at = front.popleft()
        if load[at] < mean - _EPSILON:
            goals.append(at)
        for a, b in pairs:
            if a == at and b not in came:
                came[b] = at
                front.append(b)
    for goal in sorted(goals, key=lambda k: (load[k], k)):
        path = [goal]
        while came[path[-1]] >= 0:
            path.append(came[path[-1]])
        steps, loads = _pass_on(weight, neighbours, (part.copy(), load.copy()), path[::-1])
        if steps and float((loads**2).sum()) < float((load**2).sum()) - _EPSILON:
            return steps
    return []


def _pass_on(
    weight: Floats, neighbours: Neighbours, state: tuple[Ints, Floats], path: Sequence[int]
) -> tuple[list[Step], Floats]:
    """Pass the lightest movable pieces along a path of brigades; no steps where one of them has none."""
    trial, loads = state
    steps: list[Step] = []
    for giver, taker in pairwise(path):
        options = []
        for piece, target in _border(trial, neighbours):
            if trial[piece] == giver and target == taker:
                gone = leaving(trial, neighbours, piece, weight=weight)
                if gone:
                    options.append((round(float(weight[list(gone)].sum()), 6), piece, gone))
        if not options:
            return [], loads
        gone = min(options)[2]
        _move(weight, trial, loads, gone, taker)
        steps.append((gone, taker))
    return steps, loads


def fill_gaps(weight: Floats, neighbours: Neighbours, part: Ints, *, count: int) -> Ints:
    """Give pieces without a brigade (-1) to the lightest brigade that touches them, one by one."""
    now = part.copy()
    load = np.bincount(now[now >= 0], weights=weight[now >= 0], minlength=count).astype(np.float64)
    while (now < 0).any():
        options = [
            (float(load[now[other]]), int(now[other]), piece)
            for piece in np.flatnonzero(now < 0).tolist()
            for other in neighbours[piece]
            if now[other] >= 0
        ]
        if not options:
            break
        _, target, piece = min(options)
        now[piece] = target
        load[target] += weight[piece]
    return now


def match_names(part: Ints, present: Ints, weight: Floats, *, count: int) -> Ints:
    """Return the split with brigades numbered so that they keep as much of their present work as possible.

    Parameters
    ----------
    part
        int64 (pieces,): a split.
    present
        int64 (pieces,): the present brigade of each piece, -1 for none.
    weight
        float64 (pieces,).
    count
        Number of brigades.
    """
    from scipy.optimize import linear_sum_assignment

    kept = np.zeros((count, count))
    known = (present >= 0) & (present < count)
    np.add.at(kept, (part[known], present[known]), weight[known])
    rows, columns = linear_sum_assignment(-np.round(kept, 3))
    number = np.zeros(count, dtype=np.int64)
    number[rows] = columns
    result: Ints = number[part]
    return result
