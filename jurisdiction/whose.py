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
from jurisdiction.askanswer import Answer, Candidate, answer_outside
from jurisdiction.ownership import Ownership

OUTSIDE_M = 200.0
"""A place farther than this from every road lies outside the network."""
RIVAL_M = 15.0
"""A road of another owner counts as a candidate when it is at most this much farther away than the nearest road:
the error of a hand-held receiver beside a road, on either side (assumption)."""
_MAX_CANDIDATES = 6
__all__ = ["OUTSIDE_M", "RIVAL_M", "Answer", "Candidate", "WhoseRoad"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Spot:
    """One place while it is answered: the roads near it with their distances, nearest first, and how sure it is."""

    row: int
    offset_m: float
    distance_m: float
    near: tuple[tuple[int, float], ...]
    point: shapely.Point
    error_m: float
    is_named: bool = False
    others: tuple[int, ...] = ()


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
        self._drawn: dict[int, tuple[str, str, str, int]] = {}

    @cached_property
    def index(self) -> SnapIndex:
        """The search tree over the roads that are asked about."""
        return build_snap_index(self._network)

    @cached_property
    def _seam_distance(self) -> tuple[Floats, Ints]:
        """Metres by road, in either direction, from each node to the nearest seam, and which seam."""
        return self._distance_from([seam.node for seam in self._ownership.seams])

    @cached_property
    def _border_distance(self) -> tuple[Floats, Ints]:
        """The same to the nearest node where owner or agency changes; the second array holds its node row."""
        seg, size = self._network.segments, len(self._network.nodes)
        names: dict[tuple[str, str], int] = {}
        pairs = zip(self._owner, self._agency, strict=True)
        code = np.array([names.setdefault(pair, len(names)) for pair in pairs], dtype=np.int64)
        low, high = np.full(size, len(names)), np.full(size, -1)
        for ends in (seg.u, seg.v):
            np.minimum.at(low, ends, code)
            np.maximum.at(high, ends, code)
        nodes = np.flatnonzero((high >= 0) & (low != high))
        distance, which = self._distance_from(nodes.tolist())
        return distance, np.where(which >= 0, nodes[which] if len(nodes) else -1, -1)

    def _distance_from(self, rows: list[int]) -> tuple[Floats, Ints]:
        size = len(self._network.nodes)
        if not rows:
            return np.full(size, np.inf), np.full(size, -1)
        graph = undirected_graph(self._network)
        distance, _, source = dijkstra(graph, directed=False, indices=rows, min_only=True, return_predecessors=True)
        number = np.full(size + 1, -1)
        number[rows] = np.arange(len(rows))
        return distance / 1000, number[np.where(source >= 0, source, size)]

    def ask(self, lon: float, lat: float, *, error_m: float = RIVAL_M) -> Answer:
        """Return whose road the place ``(lon, lat)``, WGS-84 degrees, is; ``error_m`` is the error of the place."""
        return self.ask_many([lon], [lat], error_m=[error_m])[0]

    def ask_many(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike, *, error_m: npt.ArrayLike = RIVAL_M
    ) -> tuple[Answer, ...]:
        """Return whose road each place is.

        Parameters
        ----------
        lon, lat
            float64 (places,), WGS-84 degrees.
        error_m
            float64 (places,) or one number, how far the true place may be away, metres.
        """
        index, count = self.index, len(np.atleast_1d(np.asarray(lon)))
        if count == 0 or len(index.rows) == 0:
            return tuple(answer_outside(np.inf) for _ in range(count))
        x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
        errors = np.maximum(np.broadcast_to(np.asarray(error_m, dtype=np.float64), (count,)), RIVAL_M)
        points = np.asarray(shapely.points(*project_local(x, y, origin=index.origin)), dtype=np.object_)
        nearest = shapely.distance(index.lines[index.tree.nearest(points)], points)
        reached = np.flatnonzero(nearest <= OUTSIDE_M)
        at, line = index.tree.query(points[reached], predicate="dwithin", distance=nearest[reached] + errors[reached])
        gaps = shapely.distance(index.lines[line], points[reached][at])
        rounded, ids = np.round(gaps, 2), self._network.segment_ids
        groups: list[list[tuple[float, str, int, float]]] = [[] for _ in range(count)]
        for k, row, gap, rough in zip(
            reached[at].tolist(), index.rows[line].tolist(), gaps.tolist(), rounded.tolist(), strict=True
        ):
            groups[k].append((rough, ids[row], row, gap))
        answers = [answer_outside(float(far)) for far in nearest]
        for k in reached.tolist():
            group = sorted(groups[k])
            row, gap = group[0][2], group[0][3]
            offset = self._offset(row, points[k])
            near = tuple((item[2], item[3]) for item in group)
            answers[k] = self._answer(_Spot(row, offset, gap, near, points[k], float(errors[k])))
        return tuple(answers)

    def ask_on(self, row: int, offset_m: float, *, reach: Sequence[int] = (), error_m: float = 0.0) -> Answer:
        """Return whose road a place on a named road is: what lies beside, above or below does not count.

        Parameters
        ----------
        row, offset_m
            Segment row and metres from its first point.
        reach
            Segment rows of the same carriageway on which the place may lie as well.
        error_m
            How far along the road the true place may be away, metres. The place is doubtful where ``reach`` holds
            another owner, or a seam lies within the band of the rule table; ramps beside the road do not count.
        """
        length = self._length_m(row)
        line = self._line_of(row)
        share = min(1.0, max(0.0, offset_m / length)) if length > 0 else 0.0
        point = shapely.line_interpolate_point(line, share, normalized=True)
        others = tuple(int(k) for k in reach if self._holder(int(k)) != self._holder(row))
        return self._answer(_Spot(row, offset_m, 0.0, ((row, 0.0),), point, error_m, is_named=True, others=others))

    def other_carriageways(self, answer: Answer, *, within_m: float = 60.0) -> tuple[tuple[int, Candidate], ...]:
        """Return, besides the candidates, the nearest roads of the same name or number within ``within_m``.

        One for each heading that differs from the answer's road by more than a right angle: the other carriageway.
        """
        if answer.row < 0:
            return ()
        index, row = self.index, answer.row
        line = self._line_of(row)
        length = self._length_m(row)
        share = min(1.0, answer.offset_m / length) if length > 0 else 0.0
        point = shapely.line_interpolate_point(line, share, normalized=True)
        known = {c.segment for c in answer.candidates}
        mine = self._static(row)
        tags = {self._network.text(tag, row) for tag in ("name", "ref")} - {""}
        near = index.tree.query(point, predicate="dwithin", distance=within_m)
        gaps = shapely.distance(index.lines[near], point)
        for k in np.lexsort((index.rows[near], np.round(gaps, 2))).tolist():
            other = int(index.rows[near[k]])
            there = self._static(other)
            if self._network.segment_ids[other] in known or there[3] < 0 or mine[3] < 0 or there[1] != mine[1]:
                continue
            turned = abs((there[3] - mine[3] + 180) % 360 - 180)
            if turned > 90 and tags & {self._network.text(tag, other) for tag in ("name", "ref")}:  # noqa: PLR2004
                return ((other, self._candidate(other, float(gaps[k]))),)
        return ()

    def row_of(self, segment: str) -> int:
        """Return the row of a segment id."""
        return self._network.row_of_segment[segment]

    def _holder(self, row: int) -> tuple[str, str]:
        return str(self._owner[row]), self._agency[row]

    def _line_of(self, row: int) -> shapely.LineString:
        """Return the line of a segment on the plane of the index."""
        index = self.index
        place = int(np.searchsorted(index.rows, row))
        if place < len(index.rows) and index.rows[place] == row:
            found: shapely.LineString = index.lines[place]
            return found
        xy = self._network.points(row)
        return shapely.LineString(np.column_stack(project_local(xy[:, 0], xy[:, 1], origin=index.origin)))

    def _offset(self, row: int, point: shapely.Point) -> float:
        share = float(shapely.line_locate_point(self._line_of(row), point, normalized=True))
        return share * self._length_m(row)

    def _length_m(self, row: int) -> float:
        return float(self._network.segments.length_mm[row]) / 1000

    def _answer(self, spot: _Spot) -> Answer:
        row = spot.row
        seam_m, seam = self._to_seam(row, spot.offset_m)
        border_m, node = self._to(row, spot.offset_m, self._border_distance)
        sure_m = self._ownership.rules.uncertainty_m
        band = max(sure_m, spot.error_m)
        # A stake may be off along its own road only: the ramps and seams beside that road do not come nearer by it.
        near_m = sure_m if spot.is_named else band
        doubt = self._doubt(spot, near_seam=seam_m <= near_m, near_border=border_m <= near_m)
        rows, known = list(spot.near), {k for k, _ in spot.near}
        beyond = self._meeting(node) if border_m <= near_m else ()
        others = [k for k in dict.fromkeys((*beyond, *spot.others)) if self._holder(k) != self._holder(row)]
        rows += [(k, float(shapely.distance(self._line_of(k), spot.point))) for k in others if k not in known]
        candidates = tuple(self._candidate(k, gap) for k, gap in self._choose(rows))
        return Answer(
            "ask" if doubt else str(self._owner[row]),
            self._agency[row],
            self._network.segment_ids[row],
            spot.distance_m,
            seam_m,
            seam,
            candidates,
            self._reason(row, doubt, band),
            band,
            border_m,
            row,
            spot.offset_m,
        )

    def _doubt(self, spot: _Spot, *, near_seam: bool, near_border: bool) -> str:
        """Return why a person must be asked, ``""`` where nobody must."""
        if near_seam:
            return "near_seam"
        if near_border:
            return "near_border"
        if len({self._holder(k) for k, _ in spot.near}) > 1:
            return "rival_road"
        return "stake_error" if spot.others else ""

    def _choose(self, rows: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Return the nearest roads, at least one for each owner among them."""
        first: dict[tuple[str, str], int] = {}
        for place, (k, _) in enumerate(rows):
            first.setdefault(self._holder(k), place)
        must = set(first.values())
        rest = [place for place in range(len(rows)) if place not in must]
        return [rows[place] for place in sorted([*must, *rest[: max(0, _MAX_CANDIDATES - len(must))]])]

    def _meeting(self, node: int) -> list[int]:
        """Return the segments that meet at a node, ascending."""
        seg = self._network.segments
        return np.flatnonzero((seg.u == node) | (seg.v == node)).tolist()

    def _to_seam(self, row: int, offset_m: float) -> tuple[float, str]:
        metres, which = self._to(row, offset_m, self._seam_distance)
        return metres, self._ownership.seams[which].id if which >= 0 else ""

    def _to(self, row: int, offset_m: float, field: tuple[Floats, Ints]) -> tuple[float, int]:
        """Return metres along the roads to the nearest source of a field, and which one; infinity and -1 for none."""
        distance, which = field
        seg = self._network.segments
        length = self._length_m(row)
        ways = ((offset_m, int(seg.u[row])), (length - offset_m, int(seg.v[row])))
        metres, node = min((extra + float(distance[node]), node) for extra, node in ways)
        return (metres, int(which[node])) if np.isfinite(metres) else (metres, -1)

    def _static(self, row: int) -> tuple[str, str, str, int]:
        """Return name or number, class, layer and heading of a segment."""
        found = self._drawn.get(row)
        if found is None:
            text, network = self._network.text, self._network
            line = network.points(row)
            x, y = project_local(line[:, 0], line[:, 1], origin=(float(line[0, 0]), float(line[0, 1])))
            heading = round(float(np.degrees(np.arctan2(x[-1] - x[0], y[-1] - y[0])))) % 360
            if network.forward[row] and network.backward[row]:
                heading = -1
            elif network.backward[row]:
                heading = (heading + 180) % 360
            road = text("name", row) or text("ref", row)
            found = (road, text("highway", row), text("layer", row) or "0", heading)
            self._drawn[row] = found
        return found

    def _candidate(self, row: int, gap: float) -> Candidate:
        road, highway, layer, heading = self._static(row)
        return Candidate(
            self._network.segment_ids[row],
            str(self._owner[row]),
            self._agency[row],
            gap,
            road,
            highway,
            layer,
            heading,
        )

    def _reason(self, row: int, doubt: str, band_m: float) -> tuple[dict[str, object], ...]:
        votes = self._ownership.reasons(row)
        if not doubt:
            return votes
        return ({"vote": "uncertain", "why": doubt, "band_m": round(band_m, 1)}, *votes)
