"""Where a seam may be put along its road: the junctions and metres on either side of where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.measure import measure_steps

if TYPE_CHECKING:
    from jurisdiction.ownership import Seam
    from plan.model import Plan

REACH_M = 800.0
STEP_M = 10.0
_JUNCTION_PULL_M = 8.0
"""A junction this much farther from the hand than a metre between junctions is taken instead."""
_OTHER_CLASS_DEG = 40.0
_SERVICE_DEG = 60.0
_MOST_SEGMENTS = 400


@dataclass(frozen=True, slots=True)
class SeamPlace:
    """A place where a seam may lie.

    Attributes
    ----------
    segment, offset_m
        Segment id on the plan's network, and metres from its first point: what ``place_seam`` stores.
    lon, lat
        WGS-84 degrees.
    along_m
        Metres along the road from where the seam lies; above 0 on the ordinary side, below 0 on the expressway side.
    kind
        ``junction`` or ``metre``.
    """

    segment: str
    offset_m: float
    lon: float
    lat: float
    along_m: float
    kind: str


@dataclass(frozen=True)
class SeamTrack:
    """The road on one side of a seam.

    Attributes
    ----------
    side
        ``expressway`` or ``ordinary``: whose road it is today.
    line
        float64 (points, 2), lon/lat WGS-84 degrees, from the seam outwards.
    along_m
        float64 (points,): metres from the seam at each point.
    places
        Where the seam may lie, from the seam outwards.
    """

    side: str
    line: npt.NDArray[np.float64]
    along_m: npt.NDArray[np.float64]
    places: tuple[SeamPlace, ...]


@dataclass(frozen=True)
class Tracks:
    """All tracks of a seam."""

    seam: str
    tracks: tuple[SeamTrack, ...]

    @property
    def places(self) -> tuple[SeamPlace, ...]:
        """All places, track after track."""
        return tuple(place for track in self.tracks for place in track.places)

    def nearest(self, lon: float, lat: float) -> SeamPlace:
        """Return the place nearest to a point; a junction is preferred to a metre almost as near.

        Raises
        ------
        ValueError
            There is no place at all.
        """
        places = self.places
        if not places:
            msg = "this seam has no road to lie on"
            raise ValueError(msg)
        x = (np.array([p.lon for p in places]) - lon) * 111_320.0 * np.cos(np.radians(lat))
        y = (np.array([p.lat for p in places]) - lat) * 110_574.0
        pull = np.array([_JUNCTION_PULL_M if p.kind == "junction" else 0.0 for p in places])
        return places[int(np.argmin(np.hypot(x, y) - pull))]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: what a map needs to let a hand drag the seam."""
        return {
            "seam": self.seam,
            "tracks": [
                {
                    "side": t.side,
                    "line": t.line.round(7).tolist(),
                    "along_m": t.along_m.round(2).tolist(),
                    "places": [
                        {
                            "segment": p.segment,
                            "offset_m": round(p.offset_m, 3),
                            "lon": round(p.lon, 7),
                            "lat": round(p.lat, 7),
                            "along_m": round(p.along_m, 2),
                            "kind": p.kind,
                        }
                        for p in t.places
                    ],
                }
                for t in self.tracks
            ],
        }


def find_tracks(plan: Plan, seam: Seam, *, reach_m: float = REACH_M, step_m: float = STEP_M) -> Tracks:
    """Return where a seam may lie along the roads that meet at it.

    From the seam each road is followed outwards, straight on where it forks and with the traffic (or all the way
    against it), until ``reach_m``, the end of the road, or a road of the other owner.

    Parameters
    ----------
    plan, seam
        The plan, and one of its derived seams.
    reach_m
        How far to go on each road, metres.
    step_m
        Distance of the places between junctions, metres.
    """
    walker = _Walker(plan, reach_m, step_m)
    sides = (("expressway", seam.expressway), ("ordinary", seam.ordinary))
    return Tracks(seam.id, tuple(walker.follow(seam.node, row, side) for side, rows in sides for row in rows))


class _Walker:
    """Follows roads over the pieces of a split."""

    def __init__(self, plan: Plan, reach_m: float, step_m: float) -> None:
        self._own, self._net = plan.derived.ownership, plan.derived.network
        self._ids = plan.network.segment_ids
        self._whole = plan.network.segments.length_mm
        self._reach_m, self._step_m = reach_m, max(step_m, 0.5)
        seg = self._net.segments
        ends = np.concatenate((seg.u, seg.v))
        self._order = np.argsort(ends, kind="stable")
        self._ptr = np.searchsorted(ends[self._order], np.arange(len(self._net.nodes) + 1))

    def follow(self, node: int, row: int, side: str) -> SeamTrack:
        """Follow the road that leaves a node by a segment."""
        sign = 1.0 if side == "ordinary" else -1.0
        lines: list[npt.NDArray[np.float64]] = []
        along: list[npt.NDArray[np.float64]] = []
        places: list[SeamPlace] = []
        at_m, seen = 0.0, {row}
        while at_m < self._reach_m and len(seen) < _MOST_SEGMENTS:
            forward = int(self._net.segments.u[row]) == node
            points, metres = self._line(row, forward=forward)
            length = float(metres[-1])
            stop = min(length, self._reach_m - at_m)
            kept = metres < stop
            ends = [float(np.interp(stop, metres, points[:, k])) for k in (0, 1)]
            lines.append(np.vstack((points[kept], [ends])))
            along.append(np.append(metres[kept], stop) + at_m)
            first = (np.floor(at_m / self._step_m) + 1) * self._step_m
            for far in np.arange(first, at_m + stop - 0.5, self._step_m).tolist():
                lon, lat = (float(np.interp(far - at_m, metres, points[:, k])) for k in (0, 1))
                places.append(self._place(row, far - at_m, (lon, lat), kind="metre", forward=forward, far=sign * far))
            at_m += stop
            if stop < length:
                break
            node = int(self._net.segments.v[row] if forward else self._net.segments.u[row])
            places.append(
                self._place(row, length, (ends[0], ends[1]), kind="junction", forward=forward, far=sign * at_m)
            )
            following = self._straight_on(node, row, arrives=forward)
            if following is None or following in seen:
                break
            row = following
            seen.add(row)
        return SeamTrack(side, np.vstack(lines), np.concatenate(along), tuple(places))

    def _line(self, row: int, *, forward: bool) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        points = self._net.points(row)
        steps = measure_steps(points[:, 0], points[:, 1])
        length = float(self._net.segments.length_mm[row]) / 1000
        if not forward:
            points, steps = points[::-1], steps[::-1]
        metres = np.concatenate(([0.0], np.cumsum(steps)))
        return points, metres * (length / metres[-1]) if metres[-1] > 0 else metres

    def _place(
        self, row: int, metres: float, at: tuple[float, float], *, kind: str, forward: bool, far: float
    ) -> SeamPlace:
        base = int(self._own.cut.base[row])
        start, length = int(self._own.cut.from_mm[row]), int(self._net.segments.length_mm[row])
        offset = start / 1000 + (metres if forward else length / 1000 - metres)
        return SeamPlace(self._ids[base], min(max(offset, 0.0), float(self._whole[base]) / 1000), *at, far, kind)

    def _straight_on(self, node: int, row: int, *, arrives: bool) -> int | None:
        """Return the segment that goes on straight from one that came to a node, with or against its traffic."""
        net, owner = self._net, self._own.expressway
        ahead, back = bool(net.forward[row]), bool(net.backward[row])
        with_traffic = ahead if arrives else back
        against = back if arrives else ahead
        came = self._bearing(row, node, outwards=False)
        best: tuple[float, int] | None = None
        for other in sorted((self._order[self._ptr[node] : self._ptr[node + 1]] % len(owner)).tolist()):
            if other == row or owner[other] != owner[row]:
                continue
            leaves = int(net.segments.u[other]) == node
            away = bool(net.forward[other] if leaves else net.backward[other])
            towards = bool(net.backward[other] if leaves else net.forward[other])
            if not ((with_traffic and away) or (against and towards)):
                continue
            turn = abs((self._bearing(other, node, outwards=True) - came + 180.0) % 360.0 - 180.0)
            kind = net.segment_class[other]
            turn += _OTHER_CLASS_DEG * (kind != net.segment_class[row]) + _SERVICE_DEG * (kind == RoadClass.SERVICE)
            if best is None or turn < best[0]:
                best = (float(turn), int(other))
        return best[1] if best else None

    def _bearing(self, row: int, node: int, *, outwards: bool) -> float:
        """Return the direction, degrees, in which a segment leaves a node (or comes to it)."""
        points = self._net.points(row)
        if int(self._net.segments.u[row]) != node:
            points = points[::-1]
        step = (points[1] - points[0]) * (1.0 if outwards else -1.0)
        return float(np.degrees(np.arctan2(step[0] * np.cos(np.radians(points[0, 1])), step[1])))
