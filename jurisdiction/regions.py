"""Regions of a graph of pieces: parts that hang together, what may leave them, and how they grow."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.errors import InfeasibleError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Neighbours = Sequence[Sequence[int]]


def count_borders(part: Ints, neighbours: Neighbours) -> int:
    """Return how many pairs of touching pieces belong to different brigades."""
    return sum(1 for a, found in enumerate(neighbours) for b in found if a < b and part[a] != part[b])


def count_steps(neighbours: Neighbours, starts: Sequence[int]) -> Ints:
    """Return the steps from each piece to the nearest start."""
    steps = np.full(len(neighbours), -1, dtype=np.int64)
    steps[list(starts)] = 0
    front = deque(starts)
    while front:
        at = front.popleft()
        for other in neighbours[at]:
            if steps[other] < 0:
                steps[other] = steps[at] + 1
                front.append(other)
    return steps


def find_end(neighbours: Neighbours) -> int:
    """Return an end of the network: the piece farthest from the first one."""
    return int(np.argmax(count_steps(neighbours, [0])))


def pick_far_apart(neighbours: Neighbours, count: int, first: int) -> list[int]:
    """Return pieces far from each other: the first one, then each time the piece farthest from all before."""
    seeds = [first]
    while len(seeds) < count:
        steps = count_steps(neighbours, seeds)
        steps[seeds] = -1
        seeds.append(int(np.argmax(steps)))
    return seeds


def grow_regions(weight: Floats, neighbours: Neighbours, seeds: Sequence[int]) -> Ints:
    """Grow a region from each seed; the lightest one takes the next piece, the one that was reached first."""
    part = np.full(len(weight), -1, dtype=np.int64)
    load = np.zeros(len(seeds))
    fronts: list[deque[int]] = [deque() for _ in seeds]
    for k, seed in enumerate(seeds):
        part[seed] = k
        load[k] = weight[seed]
        fronts[k].extend(neighbours[seed])
    left = len(weight) - len(seeds)
    while left:
        for k in np.lexsort((np.arange(len(seeds)), load)).tolist():
            while fronts[k] and part[fronts[k][0]] >= 0:
                fronts[k].popleft()
            if fronts[k]:
                piece = fronts[k].popleft()
                part[piece] = k
                load[k] += weight[piece]
                fronts[k].extend(neighbours[piece])
                left -= 1
                break
        else:
            raise InfeasibleError(
                "高速路网不连通，无法分成连续的管段。"
                " / the expressway network does not hang together: it cannot be split."
            )
    return part


def is_whole(part: Ints, neighbours: Neighbours, number: int) -> bool:
    """Whether the pieces of a brigade hang together."""
    mine = np.flatnonzero(part == number)
    return len(mine) > 0 and len(reach_within(part, neighbours, int(mine[0]))) == len(mine)


def reach_within(part: Ints, neighbours: Neighbours, start: int, *, without: int = -1) -> set[int]:
    """Return the pieces of a part that hang together with one of them, when another one is taken out."""
    seen = {start}
    front = [start]
    while front:
        at = front.pop()
        for other in neighbours[at]:
            if other not in seen and other != without and part[other] == part[at]:
                seen.add(other)
                front.append(other)
    return seen


def leaving(part: Ints, neighbours: Neighbours, piece: int, *, weight: Floats) -> tuple[int, ...]:
    """Return what must leave a brigade with a piece so that the rest stays whole: the piece and all it would cut off.

    Empty where nothing would be left. Of the parts that the piece holds together the heaviest stays.
    """
    same = [other for other in neighbours[piece] if part[other] == part[piece]]
    if not same:
        return ()
    parts: list[set[int]] = []
    for other in same:
        if not any(other in found for found in parts):
            parts.append(reach_within(part, neighbours, other, without=piece))
    if len(parts) == 1:
        return (piece,)
    stays = max(parts, key=lambda found: (round(float(weight[list(found)].sum()), 6), -min(found)))
    gone = {piece}.union(*(found for found in parts if found is not stays))
    return tuple(sorted(gone))
