"""The stretches that make a split of pieces among brigades, and the runs of road that change hands."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jurisdiction.agencies import End, Stretch
from jurisdiction.balanceunits import Units
from jurisdiction.brigades import border_limits
from jurisdiction.regions import Ints
from jurisdiction.stretchends import is_border, stake_at
from jurisdiction.stretches import Claims, Span


@dataclass(frozen=True, slots=True)
class MovedRun:
    """A run of pieces of one route that changes hands; positions on the axis, stakes where they are known."""

    route: str
    before: str
    after: str
    from_m: float
    to_m: float
    from_stake: str
    to_stake: str
    length_mm: int


def _runs(units: Units, key: Sequence[Any]) -> list[list[int]]:
    """Return runs of pieces that follow each other on one route and share a key."""
    runs: list[list[int]] = []
    for k, piece in enumerate(units.pieces):
        last = runs[-1][-1] if runs else -1
        if last >= 0 and units.pieces[last].route == piece.route and key[last] == key[k]:
            runs[-1].append(k)
        else:
            runs.append([k])
    return runs


def list_moves(units: Units, part: Ints, present: Ints, *, agencies: Sequence[str]) -> tuple[MovedRun, ...]:
    """Return the runs of pieces whose brigade changes; ``present`` is -1 where none of those asked for has them."""
    names = (*agencies, "")
    length = np.zeros(len(units.pieces), dtype=np.int64)
    inside = units.piece >= 0
    np.add.at(length, units.piece[inside], units.cut.network.segments.length_mm[inside])
    keys = list(zip(present.tolist(), part.tolist(), strict=True))
    moved = []
    for run in _runs(units, keys):
        before, after = keys[run[0]]
        if before == after:
            continue
        first, last = units.pieces[run[0]], units.pieces[run[-1]]
        stakes = ("", "")
        if first.route in units.finders:
            finder = units.finders[first.route]
            stakes = (
                stake_at(finder.calibration, finder.axis, first.from_m),
                stake_at(finder.calibration, finder.axis, last.to_m),
            )
        total = int(length[run].sum())
        moved.append(MovedRun(first.route, names[before], names[after], first.from_m, last.to_m, *stakes, total))
    return tuple(moved)


def make_stretches(
    units: Units, part: Ints, *, agencies: Sequence[str], claims: Claims, taken: Collection[str]
) -> tuple[Stretch, ...]:
    """Return one stretch for each run of pieces of one brigade on one route, with ids that are not taken.

    Parameters
    ----------
    units, part
        The pieces, and the number of each one's brigade.
    agencies
        Ids of the brigades.
    claims
        The present stretches: borders of the district they name stay the outer ends.
    taken
        Ids of stretches that are in use.
    """
    made: list[Stretch] = []
    used = set(taken)
    outer = _outer_ends(claims)
    runs = _runs(units, part.tolist())
    for number, run in enumerate(runs):
        route = units.pieces[run[0]].route
        if not route:
            continue
        before = number > 0 and units.pieces[runs[number - 1][-1]].route == route
        after = number + 1 < len(runs) and units.pieces[runs[number + 1][0]].route == route
        low, high = outer.get(route, (End(), End()))
        start = _end_at(units, route, units.pieces[run[0]].from_m) if before else low
        end = _end_at(units, route, units.pieces[run[-1]].to_m) if after else high
        count = 1
        while f"{route}#{count}" in used:
            count += 1
        used.add(f"{route}#{count}")
        made.append(Stretch(agencies[int(part[run[0]])], route, start, end, "", f"{route}#{count}"))
    return tuple(made)


def _outer_ends(claims: Claims) -> dict[str, tuple[End, End]]:
    """Return the borders of the district that present stretches name, for routes that have any."""
    found: dict[str, tuple[End, End]] = {}
    for route in claims.axes:
        low, high = border_limits(claims, route)
        ends = [End(), End()]
        for span in claims.spans:
            if span.stretch.route != route or span.low is None or span.high is None:
                continue
            for named in (span.stretch.start, span.stretch.end):
                for side, limit, mine in ((0, low, span.low), (1, high, span.high)):
                    if mine.kind == "border" and mine.middle_m == limit and is_border(named.name):
                        nearer = _names_side(span, named, side)
                        ends[side] = named if nearer else ends[side]
        found[route] = (ends[0], ends[1])
    return found


def _names_side(span: Span, named: End, side: int) -> bool:
    """Whether an end of a stretch is the one that lies on a side of it (0 the lower positions, 1 the higher)."""
    ends = (span.low, span.high) if span.start_is_low else (span.high, span.low)
    return (ends[0] if named is span.stretch.start else ends[1]) is (span.low, span.high)[side]


def _end_at(units: Units, route: str, position_m: float) -> End:
    finder = units.finders[route]
    stake = stake_at(finder.calibration, finder.axis, position_m)
    return End(stake) if stake else End(place=finder.axis.place_at(position_m))
