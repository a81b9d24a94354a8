"""The ledger: every carriageway metre counted once, in whole millimetres, so that totals agree exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.network import Network

OWNERS = ("expressway", "ordinary", "none", "contested")
OWNED, NOBODY, CONTESTED, PENDING = "owned", "none", "contested", "pending_handover"
STATES = (OWNED, NOBODY, CONTESTED, PENDING)
"""What a metre is: one owner's, nobody's, claimed twice, or about to be handed over."""
GROUPS = ("owner", "state", "agency", "class", "route", "town")

Keys = tuple[Sequence[str], npt.NDArray[np.integer]]
"""Names, and for each segment the number of its name."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the ledger.

    Attributes
    ----------
    group, key
        What is summed: one of ``GROUPS``, and which one.
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


@dataclass(frozen=True, slots=True)
class JumpRow:
    """A line of the ledger with its place, so that a figure on a screen can jump to its roads.

    Attributes
    ----------
    key, length_mm, segments
        As in ``LedgerRow``.
    bounds
        (west, south, east, north) of its roads, WGS-84 degrees; ``None`` where there are none.
    first
        Id of its first segment, or ``""``.
    place
        ``(lon, lat)`` of that segment's middle point, ``None`` where there is none.
    """

    key: str
    length_mm: int
    segments: int
    bounds: tuple[float, float, float, float] | None
    first: str
    place: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, lengths in metres."""
        return {
            "key": self.key,
            "length_m": self.length_mm / 1000,
            "segments": self.segments,
            "bounds": None if self.bounds is None else list(self.bounds),
            "first_segment": self.first,
            "place": None if self.place is None else list(self.place),
        }


def make_ledger(
    network: Network,
    owner: Sequence[str] | npt.NDArray[np.str_],
    agency: Sequence[str],
    *,
    state: Sequence[str] | None = None,
    town: Sequence[str] | None = None,
) -> Ledger:
    """Sum the network by owner, agency, class and route number, and by state and town where these are given.

    Parameters
    ----------
    network
        The network.
    owner
        Owner of each segment, one of ``OWNERS``.
    agency
        Agency id of each segment, ``""`` where none.
    state
        State of each segment, one of ``STATES``.
    town
        Name of the town of each segment, ``""`` outside every town.

    Returns
    -------
    Ledger

    Raises
    ------
    ValueError
        A group does not add up to the network's length.
    """
    texts: dict[str, Sequence[str]] = {"owner": list(owner), "agency": agency}
    texts |= {} if state is None else {"state": state}
    texts |= {} if town is None else {"town": town}
    always = {"owner": OWNERS, "state": STATES}
    rows: list[LedgerRow] = []
    for group in GROUPS:
        if group in texts:
            rows += _sum(network, group, number_keys(texts[group]), always.get(group, ()))
        elif group in {"class", "route"}:
            rows += _sum(network, group, keys_of(network, group), ())
    return Ledger(tuple(rows), network.length_mm)


def number_keys(texts: Sequence[str]) -> Keys:
    """Return the names in the order they first come, and the number of each."""
    number: dict[str, int] = {}
    index = [number.setdefault(str(text), len(number)) for text in texts]
    return tuple(number), np.array(index, dtype=np.int64)


def keys_of(network: Network, group: str) -> Keys:
    """Return the keys of the groups that the network itself has: ``class`` and ``route``."""
    if group == "class":
        return tuple(c.name.lower() for c in RoadClass), network.segment_class
    column = network.ways.text["ref"]
    return column.pool, column.codes[network.segments.way]


def _sum(network: Network, group: str, keys: Keys, always: Sequence[str]) -> list[LedgerRow]:
    names, index = keys
    length = np.zeros(len(names), dtype=np.int64)
    np.add.at(length, index, network.segments.length_mm)
    count = np.bincount(index, minlength=len(names))
    rows: dict[str, LedgerRow] = {}
    for name, mm, many in zip(names, length.tolist(), count.tolist(), strict=True):
        if many:
            rows[str(name)] = LedgerRow(group, str(name), mm, many)
    for name in always:
        rows.setdefault(name, LedgerRow(group, name, 0, 0))
    return [rows[name] for name in sorted(rows)]


def list_jumps(network: Network, keys: Keys, *, always: Sequence[str] = ()) -> tuple[JumpRow, ...]:
    """Return each key with its metres and its place, longest first.

    Parameters
    ----------
    network
        The network.
    keys
        Names, and the number of each segment's name.
    always
        Names to list although no road has them.
    """
    names, index = keys
    seg, nodes = network.segments, network.nodes
    size = len(names)
    length, count = np.zeros(size, dtype=np.int64), np.bincount(index, minlength=size)
    np.add.at(length, index, seg.length_mm)
    first = np.full(size, len(seg), dtype=np.int64)
    np.minimum.at(first, index, np.arange(len(seg)))
    sides = []
    for pick, start in ((np.minimum, np.inf), (np.maximum, -np.inf)):
        for column in (nodes.lon, nodes.lat):
            side = np.full(size, start)
            for end in (seg.u, seg.v):
                pick.at(side, index, column[end])
            sides.append(side)
    rows = []
    for k, name in enumerate(names):
        if not count[k]:
            continue
        row = int(first[k])
        line = network.points(row)
        west, south, east, north = (round(float(side[k]), 7) for side in sides)
        place = (round(float(line[len(line) // 2, 0]), 7), round(float(line[len(line) // 2, 1]), 7))
        made = JumpRow(str(name), int(length[k]), int(count[k]), (west, south, east, north), "", place)
        rows.append((made, row))
    ids = network.segment_ids
    listed = [JumpRow(r.key, r.length_mm, r.segments, r.bounds, ids[row], r.place) for r, row in rows]
    listed += [JumpRow(name, 0, 0, None, "", None) for name in always if name not in {r.key for r in listed}]
    return tuple(sorted(listed, key=lambda r: (-r.length_mm, r.key)))
