"""Whose road: the owner of a place, why, how far the seam is, and when a person must be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse.csgraph import dijkstra

from geo.graphs import undirected_graph
from geo.measure import project_local
from geo.snapping import SnapIndex, build_snap_index
from jurisdiction.ownership import Ownership

OUTSIDE_M = 200.0
"""A place farther than this from every road lies outside the network."""
RIVAL_M = 15.0
"""A road of another owner counts as a candidate when it is at most this much farther away than the nearest road:
the error of a hand-held receiver beside a road, on either side (assumption)."""
_MAX_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A road the place may be meant to lie on.

    Attributes
    ----------
    segment
        Segment id.
    owner, agency
        Who owns it.
    distance_m
        From the place to the road.
    road, highway, layer, direction
        Name or number, OSM class, layer (``0`` on the ground), heading in degrees of the carriageway (-1 two-way).
    """

    segment: str
    owner: str
    agency: str
    distance_m: float
    road: str
    highway: str
    layer: str
    direction: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Whose road a place is.

    Attributes
    ----------
    owner
        ``expressway``, ``ordinary``, ``contested``, ``none``, ``ask`` (inside the band of uncertainty) or
        ``outside``.
    agency, segment
        Agency id and segment id of the nearest road, ``""`` outside.
    distance_m
        From the place to the nearest road.
    distance_to_seam_m
        Along the roads to the nearest seam; infinite where none can be reached.
    seam
        Id of that seam, or ``""``.
    candidates
        The nearest road and rivals, nearest first.
    reason
        Why, as plain values.
    """

    owner: str
    agency: str
    segment: str
    distance_m: float
    distance_to_seam_m: float
    seam: str
    candidates: tuple[Candidate, ...]
    reason: tuple[dict[str, object], ...]

    def to_json(self) -> dict[str, object]:
        """Return the answer as plain JSON values; an infinite distance is ``null``."""
        far = not np.isfinite(self.distance_to_seam_m)
        return {
            "owner": self.owner,
            "agency": self.agency,
            "segment": self.segment,
            "distance_m": round(self.distance_m, 2),
            "distance_to_seam_m": None if far else round(self.distance_to_seam_m, 1),
            "seam": self.seam,
            "candidates": [
                {
                    "segment": c.segment,
                    "owner": c.owner,
                    "agency": c.agency,
                    "distance_m": round(c.distance_m, 2),
                    "road": c.road,
                    "highway": c.highway,
                    "layer": c.layer,
                    "direction": c.direction,
                }
                for c in self.candidates
            ],
            "reason": list(self.reason),
        }


class WhoseRoad:
    """Answers many questions about one ownership.

    Parameters
    ----------
    ownership
        The split.
    owner, agency
        Owner and agency id of each segment, as the plan sees them (disputes included).
    """

    def __init__(self, ownership: Ownership, owner: Sequence[str], agency: Sequence[str]) -> None:
        self._ownership = ownership
        self._owner = owner
        self._agency = agency
        self._network = ownership.network

    @cached_property
    def _index(self) -> SnapIndex:
        return build_snap_index(self._network)

    @cached_property
    def _seam_distance(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Metres by road, in either direction, from each node to the nearest seam, and which seam."""
        seams = self._ownership.seams
        size = len(self._network.nodes)
        if not seams:
            return np.full(size, np.inf), np.full(size, -1)
        graph = undirected_graph(self._network)
        rows = [seam.node for seam in seams]
        distance, _, source = dijkstra(graph, directed=False, indices=rows, min_only=True, return_predecessors=True)
        number = {row: k for k, row in enumerate(rows)}
        which = np.array([number.get(int(row), -1) for row in source])
        return distance / 1000, which

    def ask(self, lon: float, lat: float) -> Answer:
        """Return whose road the place ``(lon, lat)``, WGS-84 degrees, is."""
        index = self._index
        point = shapely.Point(
            *(float(v[0]) for v in project_local(np.array([lon]), np.array([lat]), origin=index.origin))
        )
        nearest = float(shapely.distance(index.lines[index.tree.nearest(point)], point))
        if nearest > OUTSIDE_M:
            return Answer("outside", "", "", nearest, np.inf, "", (), ())
        near = index.tree.query(point, predicate="dwithin", distance=nearest + RIVAL_M)
        gaps = shapely.distance(index.lines[near], point)
        ids = self._network.segment_ids
        rows = index.rows[near]
        order = sorted(range(len(rows)), key=lambda k: (round(float(gaps[k]), 2), ids[rows[k]]))
        best = order[0]
        row = int(rows[best])
        along = float(shapely.line_locate_point(index.lines[near[best]], point, normalized=True))
        seam_m, seam = self._to_seam(row, along)
        candidates = tuple(self._candidate(int(rows[k]), float(gaps[k])) for k in order[:_MAX_CANDIDATES])
        rivals = {(self._owner[int(rows[k])], self._agency[int(rows[k])]) for k in order}
        band = self._ownership.rules.uncertainty_m
        owner = "ask" if seam_m <= band or len(rivals) > 1 else str(self._owner[row])
        reason = self._reason(row, seam_m, doubtful=owner == "ask")
        return Answer(owner, self._agency[row], ids[row], nearest, seam_m, seam, candidates, reason)

    def _to_seam(self, row: int, along: float) -> tuple[float, str]:
        distance, which = self._seam_distance
        seg = self._network.segments
        length = float(seg.length_mm[row]) / 1000
        ways = ((along * length, int(seg.u[row])), ((1 - along) * length, int(seg.v[row])))
        metres, node = min((extra + float(distance[node]), node) for extra, node in ways)
        if not np.isfinite(metres):
            return metres, ""
        return metres, self._ownership.seams[int(which[node])].id

    def _candidate(self, row: int, gap: float) -> Candidate:
        text, network = self._network.text, self._network
        line = network.points(row)
        x, y = project_local(line[:, 0], line[:, 1], origin=(float(line[0, 0]), float(line[0, 1])))
        heading = round(float(np.degrees(np.arctan2(x[-1] - x[0], y[-1] - y[0])))) % 360
        if network.forward[row] and network.backward[row]:
            heading = -1
        elif network.backward[row]:
            heading = (heading + 180) % 360
        road = text("name", row) or text("ref", row)
        return Candidate(
            network.segment_ids[row],
            str(self._owner[row]),
            self._agency[row],
            gap,
            road,
            text("highway", row),
            text("layer", row) or "0",
            heading,
        )

    def _reason(self, row: int, seam_m: float, *, doubtful: bool) -> tuple[dict[str, object], ...]:
        votes = self._ownership.reasons(row)
        if not doubtful:
            return votes
        why = "near_seam" if seam_m <= self._ownership.rules.uncertainty_m else "rival_road"
        return ({"vote": "uncertain", "why": why, "band_m": self._ownership.rules.uncertainty_m}, *votes)
