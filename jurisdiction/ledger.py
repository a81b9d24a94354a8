"""The ledger: every carriageway metre counted once, in whole millimetres, so that totals agree exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.network import Network

OWNERS = ("expressway", "ordinary", "none", "contested")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger.

    Attributes
    ----------
    group, key
        What is summed: ``owner``, ``agency``, ``class`` or ``route``, and which one.
    length_mm
        Whole millimetres of carriageway.
    segments
        How many segments.
    """

    group: str
    key: str
    length_mm: int
    segments: int


@dataclass(frozen=True)
class Ledger:
    """All lines, and the network's length they must add up to."""

    rows: tuple[LedgerRow, ...]
    total_mm: int

    def __post_init__(self) -> None:
        for group in {row.group for row in self.rows}:
            found = sum(row.length_mm for row in self.rows if row.group == group)
            if found != self.total_mm:
                msg = f"the ledger by {group} adds up to {found} mm, the network is {self.total_mm} mm"
                raise ValueError(msg)

    def of(self, group: str) -> dict[str, int]:
        """Return key to whole millimetres for one group."""
        return {row.key: row.length_mm for row in self.rows if row.group == group}


def make_ledger(network: Network, owner: Sequence[str] | npt.NDArray[np.str_], agency: Sequence[str]) -> Ledger:
    """Sum the network by owner, agency, class and route number.

    Parameters
    ----------
    network
        The network.
    owner
        Owner of each segment, one of ``OWNERS``.
    agency
        Agency id of each segment, ``""`` where none.

    Returns
    -------
    Ledger

    Raises
    ------
    ValueError
        A group does not add up to the network's length.
    """
    ref = network.ways.text["ref"].take(network.segments.way)
    classes = [RoadClass(int(c)).name.lower() for c in network.segment_class]
    rows: list[LedgerRow] = []
    for group, keys, always in (
        ("owner", list(owner), OWNERS),
        ("agency", list(agency), ()),
        ("class", classes, ()),
        ("route", ref.tolist(), ()),
    ):
        rows += _sum(network, group, (keys, always))
    return Ledger(tuple(rows), network.length_mm)


def _sum(network: Network, group: str, keyed: tuple[Sequence[str], Sequence[str]]) -> list[LedgerRow]:
    keys, always = keyed
    names, index = np.unique(np.asarray(keys, dtype=str), return_inverse=True)
    length = np.zeros(len(names), dtype=np.int64)
    np.add.at(length, index, network.segments.length_mm)
    count = np.bincount(index, minlength=len(names))
    rows = {str(n): LedgerRow(group, str(n), int(m), int(c)) for n, m, c in zip(names, length, count, strict=True)}
    for name in always:
        rows.setdefault(name, LedgerRow(group, name, 0, 0))
    return [rows[name] for name in sorted(rows)]
