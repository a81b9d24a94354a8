"""Which rows of a stake table hold together: order, broken chains, and rows that contradict all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.chains import SAME_PLACE_M, BrokenChain
from geo.measure import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WINDOW = 60
"""How many rows in a row may be wrong and still be bridged."""
BREAK_COST = 2.5
"""A broken chain must explain at least so many rows; fewer are taken as wrong rows."""


@dataclass(frozen=True, slots=True)
class FitLimits:
    """How far a stake table may stray before a row counts as wrong.

    Attributes
    ----------
    slack_m, slack_share
        A straight distance may exceed the difference of stakes by so many metres plus this share of it.
    winding
        A road is at most so many times longer than the straight distance.
    """

    slack_m: float = 60.0
    slack_share: float = 0.12
    winding: float = 2.0


@dataclass(frozen=True)
class StakeFit:
    """What holds together.

    Attributes
    ----------
    kept
        int64, rows of the table in the order of the road.
    breaks
        Position in ``kept`` to the chain between it and the next kept row.
    was_reversed, was_sorted
        Whether the rows ran against the stakes, or had to be put in order of their stakes.
    """

    kept: Ints
    breaks: dict[int, BrokenChain]
    was_reversed: bool
    was_sorted: bool


def fit_stakes(
    stake_m: Floats, places: Floats, *, chains: Sequence[BrokenChain] = (), limits: FitLimits | None = None
) -> StakeFit:
    """Find the longest run of rows that one road can explain.

    Parameters
    ----------
    stake_m
        float64 (rows,), stakes in metres in the order of the table.
    places
        float64 (rows, 2), lon and lat in WGS-84 degrees.
    chains
        Declared broken chains.
    limits
        How strict to be.

    Notes
    -----
    Dynamic programming over pairs of rows: each kept row counts one, each undeclared jump of the stakes costs
    ``BREAK_COST``. So single wrong rows are left out, while a lasting jump is found as a broken chain.
    """
    limits = limits or FitLimits()
    rising = int((np.diff(stake_m) > 0).sum()) >= int((np.diff(stake_m) < 0).sum())
    order = np.arange(len(stake_m)) if rising else np.arange(len(stake_m))[::-1]
    kept, breaks = _longest(stake_m[order], places[order], chains, limits)
    was_sorted = False
    if len(kept) < 0.6 * len(stake_m):
        by_stake = np.argsort(stake_m, kind="stable")
        other, other_breaks = _longest(stake_m[by_stake], places[by_stake], chains, limits)
        if len(other) - BREAK_COST * len(other_breaks) > len(kept) - BREAK_COST * len(breaks):
            order, kept, breaks, was_sorted = by_stake, other, other_breaks, True
    return StakeFit(order[kept].astype(np.int64), breaks, not rising and not was_sorted, was_sorted)


def _longest(
    stake_m: Floats, places: Floats, chains: Sequence[BrokenChain], limits: FitLimits
) -> tuple[Ints, dict[int, BrokenChain]]:
    count = len(stake_m)
    worth, previous = np.ones(count), np.full(count, -1)
    jumped = np.zeros(count, dtype=bool)
    for j in range(1, count):
        i = np.arange(max(0, j - WINDOW), j)
        chord = _chords(places[i], places[j])
        holds = _explains(stake_m[i], float(stake_m[j]), chord, chains, limits)
        # Nearer rows first among equals, so that nothing is skipped without need.
        value = worth[i] + np.where(holds, 0.0, -BREAK_COST) + 1e-6 * (i - j)
        best = int(np.argmax(value))
        if value[best] > 0:
            worth[j], previous[j], jumped[j] = 1.0 + value[best], i[best], not holds[best]
    row = int(np.argmax(worth))
    kept: list[int] = []
    jumps: list[int] = []
    while row >= 0:
        if jumped[row]:
            jumps.append(len(kept))
        kept.append(row)
        row = int(previous[row])
    kept.reverse()
    rows = np.array(kept, dtype=np.int64)
    at = [len(rows) - 1 - k for k in jumps]
    found = {k - 1: _chain_between(stake_m, places, (int(rows[k - 1]), int(rows[k]))) for k in at}
    for chain in chains:
        at_pair = _crossing(stake_m[rows], places[rows], chain)
        if at_pair is not None:
            found[at_pair] = chain
    return rows, found


def _crossing(stake_m: Floats, places: Floats, chain: BrokenChain) -> int | None:
    """Return between which two successive rows a declared chain lies: where it explains the distance best."""
    low, high = stake_m[:-1], stake_m[1:]
    crosses = np.flatnonzero((low <= chain.before_mm / 1000.0) & (high >= chain.after_mm / 1000.0))
    if len(crosses) == 0:
        return None
    chord = np.array([_chords(places[[k]], places[k + 1])[0] for k in crosses])
    step = high[crosses] - low[crosses]
    gain = np.abs(chord - step) - np.abs(chord - step - chain.extra_m)
    return int(crosses[int(np.argmax(gain))])


def _explains(
    low_m: Floats, high_m: float, chord_m: Floats, chains: Sequence[BrokenChain], limits: FitLimits
) -> npt.NDArray[np.bool_]:
    """Whether one road can lead from each lower stake to the higher one."""
    step = high_m - low_m
    fine = (step > 0) & _is_consistent(step, chord_m, limits)
    for chain in chains:
        rim = sorted((chain.before_mm / 1000.0, chain.after_mm / 1000.0))
        longer = step + chain.extra_m
        crosses = (low_m <= chain.before_mm / 1000.0) & (high_m >= chain.after_mm / 1000.0)
        fits = crosses & (longer > 0) & _is_consistent(longer, chord_m, limits)
        surely = (low_m <= rim[0]) & (high_m >= rim[1])
        fine = np.where(surely, fits, fine | fits)
    return fine


def _is_consistent(road_m: Floats, chord_m: Floats, limits: FitLimits) -> npt.NDArray[np.bool_]:
    slack = limits.slack_m + limits.slack_share * road_m
    result: npt.NDArray[np.bool_] = (chord_m <= road_m + slack) & (road_m <= limits.winding * chord_m + 5.0 * slack)
    # Two stakes at one place are no piece of road: one of them is kept.
    return result & (chord_m >= SAME_PLACE_M)


def _chain_between(stake_m: Floats, places: Floats, rows: tuple[int, int]) -> BrokenChain:
    """Return the chain that makes the straight distance right; the jump lies in the middle of the gap."""
    low, high = (float(stake_m[k]) for k in rows)
    half = float(_chords(places[[rows[0]]], places[rows[1]])[0]) / 2.0
    return BrokenChain(round((low + half) * 1000), max(0, round((high - half) * 1000)), is_declared=False)


def _chords(places: Floats, place: Floats) -> Floats:
    """Return straight distances in metres on a sphere, good to 0.3 %."""
    lat, other = np.radians(places[:, 1]), np.radians(place[1])
    dlon, dlat = np.radians(places[:, 0] - place[0]), lat - other
    h = np.sin(dlat / 2) ** 2 + np.cos(lat) * np.cos(other) * np.sin(dlon / 2) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0))), dtype=np.float64)
