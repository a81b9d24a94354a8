"""How far off a stake may be: error bounds learnt from a table by leaving each of its rows out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.chains import Piece
from geo.measure import measure_between
from geo.routeline import RouteLine, make_line
from geo.stakecurve import draw_curve

Floats = npt.NDArray[np.float64]

COVERAGE = 0.95
"""Share of places whose true stake lies within the bound."""
_FEWEST = 19
"""With fewer rows left out no 95 % bound can be read off them (conformal prediction: n + 1 >= 1 / 0.05)."""
_CAREFUL, _CAREFUL_SWING = 2.0, 0.2
"""Least multiples where a table is too small to learn from."""
_ROUND_M, _SLOPE, _EXCESS_SHARE = 3.0, 1.0, 0.5
_NEIGHBOURS = 4


@dataclass(frozen=True)
class LeftOut:
    """What happens to each inner row when it is left out, shape (rows,) each.

    Attributes
    ----------
    row
        int64, row of the table.
    stake_m, place_m
        float64, error of the stake read at its place, and of the place found for its stake, metres.
    size_m, swing_m
        float64, the errors to be expected there along and across the road, metres; the bounds are multiples of them.
    """

    row: npt.NDArray[np.int64]
    stake_m: Floats
    place_m: Floats
    size_m: Floats
    swing_m: Floats


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """Error bounds of one carriageway.

    Attributes
    ----------
    source_m
        Error of a single stake by its source, metres.
    stake_scale
        Multiple of ``expect_size`` that covers 95 % of the stakes read at rows left out.
    swing_scale
        Multiple of ``expect_swing`` that, added to it, covers 95 % of the places found for rows left out; 0 where the
        line follows the map.
    left_out
        How many rows they were learnt from.
    """

    source_m: float
    stake_scale: float
    swing_scale: float
    left_out: int

    def bound_stake(self, piece: Piece, along_m: npt.ArrayLike) -> Floats:
        """Return the error bound in metres of stakes read at places along a piece."""
        return self.source_m + self.stake_scale * expect_size(piece, along_m)

    def bound_place(self, piece: Piece, along_m: npt.ArrayLike) -> Floats:
        """Return the error bound in metres of places found for stakes along a piece."""
        bound = self.bound_stake(piece, along_m)
        return bound + self.swing_scale * expect_swing(piece, along_m) if self.swing_scale else bound


def expect_size(piece: Piece, along_m: npt.ArrayLike) -> Floats:
    """Return the expected size of an error, metres, before scaling.

    Notes
    -----
    Between two anchors it grows as the spread of a Brownian bridge, sqrt(d1 d2 / (d1 + d2)), plus half of what an
    uneven interval may hide on either side; beyond the ends by a twentieth of the distance.
    """
    along = np.atleast_1d(np.asarray(along_m, dtype=np.float64))
    known = piece.along_m
    left = np.clip(np.searchsorted(known, along, side="right") - 1, 0, len(known) - 2)
    before, after = along - known[left], known[left + 1] - along
    inside = (before >= 0) & (after >= 0)
    whole = known[left + 1] - known[left]
    bridge = _SLOPE * np.sqrt(np.clip(before * after / whole, 0.0, None))
    hidden = _EXCESS_SHARE * np.abs(piece.excess_m[left]) * np.maximum(before, after) / whole
    beyond = np.maximum(np.maximum(-before, -after), 0.0)
    return np.asarray(_ROUND_M + np.where(inside, bridge + hidden, 0.05 * beyond), dtype=np.float64)


def expect_swing(piece: Piece, along_m: npt.ArrayLike) -> Floats:
    """Return how far a drawn line may swing beside the road, metres before scaling.

    It grows as the product of the distances to both anchors, as the sagitta of an arc does.
    """
    along = np.atleast_1d(np.asarray(along_m, dtype=np.float64))
    known = piece.along_m
    left = np.clip(np.searchsorted(known, along, side="right") - 1, 0, len(known) - 2)
    before, after = along - known[left], known[left + 1] - along
    return np.asarray(1.0 + np.clip(before * after, 0.0, None) / 1000.0, dtype=np.float64)


def learn_errors(pieces: Sequence[Piece], *, source_m: float, line: RouteLine, is_drawn: bool) -> ErrorModel:
    """Learn the bounds of a carriageway from its own table.

    Parameters
    ----------
    pieces
        Its anchors.
    source_m
        Error of a single stake.
    line
        Its line.
    is_drawn
        Whether the line was drawn through the anchors, so that it changes when one is left out.
    """
    tests = [leave_out(piece, line=line, is_drawn=is_drawn) for piece in pieces]
    stake, place, size, swing = (
        np.concatenate([getattr(t, name) for t in tests]) for name in ("stake_m", "place_m", "size_m", "swing_m")
    )
    stake_scale = _cover(stake / size, least=_CAREFUL)
    beside = np.maximum(place - stake_scale * size, 0.0) / swing
    swing_scale = _cover(beside, least=_CAREFUL_SWING) if is_drawn else 0.0
    return ErrorModel(source_m, stake_scale, swing_scale, len(size))


def leave_out(piece: Piece, *, line: RouteLine, is_drawn: bool) -> LeftOut:
    """Leave out each inner anchor of a piece and predict it from the others."""
    count = len(piece.row)
    real = [k for k in range(1, count - 1) if piece.row[k] >= 0]
    stake, place, size, swing = [], [], [], []
    for k in real:
        low, high = max(0, k - _NEIGHBOURS), min(count, k + _NEIGHBOURS + 1)
        others = np.array([j for j in range(low, high) if j != k])
        target = line.places_at(piece.along_m[k])
        if is_drawn:
            at = line.places_at(piece.along_m[others])
            lon, lat, knots = draw_curve(at.lon, at.lat)
            local = make_line(lon, lat)
            along = local.project(lon[knots], lat[knots]).along_m
        else:
            local, along = line, piece.along_m[others]
        rest = Piece(along, piece.stake_m[others], piece.row[others])
        seen = local.project(target.lon, target.lat).along_m if is_drawn else np.array([piece.along_m[k]])
        stake.append(float(np.abs(rest.stake_of(seen) - piece.stake_m[k])[0]))
        found = local.places_at(rest.along_of([piece.stake_m[k]]))
        place.append(_distance(found.lon, found.lat, (float(target.lon[0]), float(target.lat[0]))))
        size.append(float(expect_size(rest, seen)[0]))
        swing.append(float(expect_swing(rest, seen)[0]))
    return LeftOut(piece.row[real], np.array(stake), np.array(place), np.array(size), np.array(swing))


def _cover(ratio: Floats, *, least: float) -> float:
    """Return the multiple that covers 95 %, by split-conformal rank; careful where the sample is small."""
    if len(ratio) < _FEWEST:
        return max(least, float(ratio.max(initial=0.0)))
    rank = int(np.ceil((len(ratio) + 1) * COVERAGE))
    return float(np.sort(ratio)[min(rank, len(ratio)) - 1])


def _distance(lon: Floats, lat: Floats, place: tuple[float, float]) -> float:
    return measure_between((float(lon[0]), float(lat[0])), place)
