"""Stakes of places on segments: what a snapped case needs, many at a time and without searching the line again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from geo.carriageway import Calibration, Carriageway
from geo.stakeplaces import StakePlace, StakeReading
from geo.stakes import Stake

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def read_stakes_on(
    calibration: Calibration, segments: Sequence[int] | Ints, offsets_m: Sequence[float] | Floats
) -> tuple[StakeReading | None, ...]:
    """Read the stakes of places given as segment row and metres from its first point.

    Parameters
    ----------
    calibration
        Routes calibrated on the network whose rows are given.
    segments
        int64 (places,), segment rows.
    offsets_m
        float64 (places,), metres from the first point of each segment.

    Returns
    -------
    A reading for each place, None where its segment lies on no calibrated carriageway. A carriageway whose own stakes
    were surveyed is asked before one to which they were carried over; a line drawn without the map has no segments.
    """
    rows, offsets = np.asarray(segments, dtype=np.int64), np.asarray(offsets_m, dtype=np.float64)
    found: list[StakeReading | None] = [None] * len(rows)
    open_rows = np.ones(len(rows), dtype=bool)
    for way in sorted(calibration.carriageways, key=lambda w: w.is_carried_over):
        mine = np.flatnonzero(open_rows & np.isin(rows, way.line.segment[way.line.segment >= 0]))
        if len(mine) == 0:
            continue
        along = _along_of(way, rows[mine], offsets[mine])
        for k, reading in zip(mine.tolist(), _readings(way, rows[mine], offsets[mine], along), strict=True):
            found[k] = reading
        open_rows[mine] = False
    return tuple(found)


def _along_of(way: Carriageway, rows: Ints, offsets: Floats) -> Floats:
    """Return metres along the line of places on its segments."""
    line = way.line
    order = np.argsort(line.segment, kind="stable")
    keys = line.segment[order]
    result = np.zeros(len(rows))
    for segment in np.unique(rows).tolist():
        low, high = np.searchsorted(keys, [segment, segment + 1])
        edges = order[low:high]
        ends = np.concatenate((line.offset_from_m[edges], line.offset_to_m[edges]))
        along = np.concatenate((line.along_m[edges], line.along_m[edges + 1]))
        rising = np.argsort(ends, kind="stable")
        here = rows == segment
        result[here] = np.interp(offsets[here], ends[rising], along[rising])
    return result


def _readings(way: Carriageway, rows: Ints, offsets: Floats, along: Floats) -> list[StakeReading]:
    piece = way.piece_at(along)
    stake_m, error_m = np.zeros(len(along)), np.zeros(len(along))
    for number in np.unique(piece).tolist():
        here = piece == number
        stake_m[here] = way.pieces[number].stake_of(along[here])
        error_m[here] = way.errors.bound_stake(way.pieces[number], along[here])
    spots = way.line.places_at(along)
    return [
        StakeReading(
            Stake(max(0, round(float(stake_m[k])) * 1000), way.route, way.direction),
            way.travel,
            round(float(spots.lon[k]), 7),
            round(float(spots.lat[k]), 7),
            int(rows[k]),
            float(offsets[k]),
            0.0,
            float(error_m[k]),
        )
        for k in range(len(along))
    ]


def segments_within(calibration: Calibration, place: StakePlace, reach_m: float) -> tuple[int, ...]:
    """Return the segment rows of the carriageway of a place within a distance along it, in the order of the road.

    Parameters
    ----------
    calibration
        What the place was found with.
    place
        A place of a stake.
    reach_m
        Metres along the carriageway, either way.
    """
    for way in calibration.carriageways:
        if (way.route, way.direction, way.travel) != (place.stake.route, place.stake.direction, place.travel):
            continue
        line = way.line
        low, high = place.along_m - reach_m, place.along_m + reach_m
        edges = np.flatnonzero((line.along_m[:-1] <= high) & (line.along_m[1:] >= low))
        return tuple(dict.fromkeys(row for row in line.segment[edges].tolist() if row >= 0))
    return ()
