"""Margins: how many metres of evidence must be contradicted before a seam moves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jurisdiction.mincut import FORCE, UNITS_PER_M, Energy, Mask, find_labels

NEIGHBOURHOOD_SEGMENTS = 400
"""The re-solve frees the nearest segments, as many as this; all others keep their owner."""


def measure_margins(energy: Energy, label: Mask, junctions: npt.NDArray[np.integer]) -> list[float]:
    """Return the margin of each seam in metres.

    A seam moves when all roads at its junction take one owner. Both ways of forcing that are solved exactly on the
    neighbourhood, outside which every label stays; the cheaper one, less today's energy, is the margin.

    Parameters
    ----------
    energy
        The energy that was minimised.
    label
        bool (segments,): the cheapest labelling.
    junctions
        Junctions where the label changes.
    """
    at = _incidence(energy)
    return [_margin(energy, label, int(junction), at) for junction in junctions]


Incidence = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _incidence(energy: Energy) -> Incidence:
    """Return (ptr, segments): the segments at junction j are ``segments[ptr[j]:ptr[j + 1]]``."""
    ends = np.concatenate((energy.u, energy.v))
    order = np.argsort(ends, kind="stable")
    ptr = np.searchsorted(ends[order], np.arange(len(energy.price) + 1))
    return ptr.astype(np.int64), (order % len(energy.u)).astype(np.int64)


def _margin(energy: Energy, label: Mask, junction: int, at: Incidence) -> float:
    ptr, touching = at
    rows = _grow(energy, junction, at)
    part, every = _cut_out(energy, label, rows, at)
    local_label = label[every]
    here = np.isin(every, touching[ptr[junction] : ptr[junction + 1]])
    today = part.cost(local_label)
    costs = []
    for expressway in (True, False):
        push = np.where(here, FORCE, 0)
        forced = Energy(
            part.u,
            part.v,
            part.pay_if_ordinary + (push if expressway else 0),
            part.pay_if_expressway + (0 if expressway else push),
            part.price,
        )
        costs.append(part.cost(find_labels(forced)))
    return (min(costs) - today) / UNITS_PER_M


def _grow(energy: Energy, junction: int, at: Incidence) -> npt.NDArray[np.int64]:
    """Return the segments nearest to a junction by number of steps, ascending."""
    ptr, touching = at
    taken: set[int] = set()
    seen = {junction}
    front = [junction]
    while front and len(taken) < NEIGHBOURHOOD_SEGMENTS:
        step = {int(s) for j in front for s in touching[ptr[j] : ptr[j + 1]]} - taken
        taken |= step
        front = sorted({int(j) for s in step for j in (energy.u[s], energy.v[s])} - seen)
        seen.update(front)
    return np.array(sorted(taken), dtype=np.int64)


def _cut_out(
    energy: Energy, label: Mask, rows: npt.NDArray[np.int64], at: Incidence
) -> tuple[Energy, npt.NDArray[np.int64]]:
    """Return the energy of some segments with all others frozen at their label.

    Frozen neighbours come along as segments that are forced to stay; the rows of all are returned beside it.
    """
    ptr, touching = at
    joints = np.unique(np.concatenate((energy.u[rows], energy.v[rows])))
    count = ptr[joints + 1] - ptr[joints]
    first = np.repeat(ptr[joints], count)
    around = touching[first + np.arange(len(first)) - np.repeat(np.cumsum(count) - count, count)]
    frozen = np.setdiff1d(around, rows)
    every = np.concatenate((rows, frozen))
    u, v = (_number(joints, ends[every]) for ends in (energy.u, energy.v))
    hold = np.concatenate((np.zeros(len(rows), dtype=np.int64), np.full(len(frozen), FORCE)))
    kept = label[every]
    base = np.concatenate((np.ones(len(rows), dtype=np.int64), np.zeros(len(frozen), dtype=np.int64)))
    part = Energy(
        u,
        v,
        energy.pay_if_ordinary[every] * base + np.where(kept, hold, 0),
        energy.pay_if_expressway[every] * base + np.where(kept, 0, hold),
        np.append(energy.price[joints], 0),
    )
    return part, every


def _number(joints: npt.NDArray[np.int32], ends: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the position of each end among the joints; one more than the last for an end that is none of them."""
    at = np.minimum(np.searchsorted(joints, ends), len(joints) - 1)
    return np.where(joints[at] == ends, at, len(joints)).astype(np.int32)
