"""One seam moved: who owns what then, re-solved near the seam with the rest held.

Dragging a seam must answer while the hand moves, so nothing is derived anew: the road is cut at the new place, the
minimum cut is solved on the neighbourhood of old and new seam, and every other segment keeps its owner. The
neighbourhood grows until what changes lies well inside it. The answer equals ``plan.decide(move.decision).derived``
in every owner, agency and millimetre; what a hand does not need (margins, leaks, findings) is left to that.

    mover = SeamMover(plan, "s1234")              # once, when the seam is picked up
    tracks = mover.tracks()                       # where it may lie, with polylines to snap to
    place = tracks.nearest(lon, lat)              # while it is dragged
    move = mover.move(place.segment, place.offset_m)
    move.changes, move.owner_mm, move.agency_gain_mm, move.decision
    OptionDesk(plan, units, cases).price_move(move)   # minutes, cases, bridges, zones of the moved seam
    plan = plan.decide(move.decision)             # when it is let go
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.cutting import CUT_TOLERANCE_MM, Cut, CutNetwork, cut_network
from geo.errors import InputError
from jurisdiction.ownership import Ownership, Seam
from plan.changes import Change, Holding, add_up, find_changes, slice_line, sum_changes
from plan.decisions import Decision
from plan.model import Plan
from plan.nearby import NearSolver, meetings
from plan.replay import anchor
from plan.seamtracks import REACH_M, STEP_M, Tracks, find_tracks

LEAST_SEGMENTS = 1_500
"""The neighbourhood that is solved again has at least so many segments, where there are."""
_FIRST_REACH_M = 1_000.0
_ALL_M = 1e9


@dataclass(frozen=True)
class Move:
    """A seam at another place, and what follows.

    Attributes
    ----------
    decision
        The ``place_seam`` decision that puts it there.
    plan
        The plan as it stood before.
    lon, lat
        The place, WGS-84 degrees.
    changes
        Pieces of road that change hands, against the plan as it stood.
    ownership
        The split with the seam moved: owners of every piece. It names no seams, leaks or findings.
    seams
        Places (lon, lat) where owners meet now and by convention alone would not.
    """

    decision: Decision
    plan: Plan
    lon: float
    lat: float
    changes: tuple[Change, ...]
    ownership: Ownership
    seams: tuple[tuple[float, float], ...]

    @cached_property
    def owner_gain_mm(self) -> dict[str, int]:
        """Owner to millimetres gained."""
        return sum_changes(self.changes, "owner")

    @cached_property
    def agency_gain_mm(self) -> dict[str, int]:
        """Agency to millimetres gained."""
        return sum_changes(self.changes, "agency")

    @property
    def owner_mm(self) -> dict[str, int]:
        """The ledger by owner after the move, millimetres."""
        return add_up(self.plan.derived.ledger.of("owner"), self.owner_gain_mm)

    @property
    def agency_mm(self) -> dict[str, int]:
        """The ledger by agency after the move, millimetres."""
        return add_up(self.plan.derived.ledger.of("agency"), self.agency_gain_mm)

    def lines(self) -> list[npt.NDArray[np.float64]]:
        """Return the line of each change, float64 (points, 2), lon/lat WGS-84 degrees."""
        return [slice_line(self.plan.network, c.row, from_mm=c.from_mm, to_mm=c.to_mm) for c in self.changes]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, lengths in metres."""
        return {
            "key": self.decision.key,
            "segment": self.decision.value["segment"],
            "offset_m": self.decision.value["offset_m"],
            "lon": self.lon,
            "lat": self.lat,
            "owner_gain_m": _metres(self.owner_gain_mm),
            "agency_gain_m": _metres(self.agency_gain_mm),
            "owner_m": _metres(self.owner_mm),
            "agency_m": _metres(self.agency_mm),
            "changes": [
                {
                    "segment": c.segment,
                    "from_m": c.from_mm / 1000,
                    "to_m": c.to_mm / 1000,
                    "owner": list(c.owner),
                    "agency": list(c.agency),
                }
                for c in self.changes
            ],
        }


def _metres(table: Mapping[str, int]) -> dict[str, float]:
    return {name: mm / 1000 for name, mm in table.items()}


def move_seam(plan: Plan, seam: str, segment: str, *, offset_m: float) -> Move:
    """Return what follows when one seam is moved; for many places of one seam make a ``SeamMover``.

    Parameters
    ----------
    plan
        The plan; its derived results are used, and computed if they are not yet.
    seam
        Id of a seam of the plan, as derived or as the decision that placed it names it.
    segment, offset_m
        Segment id on the plan's network, and metres from its first point.

    Raises
    ------
    InputError
        No such seam or segment, or the offset lies outside it.
    """
    return SeamMover(plan, seam).move(segment, offset_m)


class SeamMover:
    """Answers for every place of one seam; what does not depend on the place is computed once.

    Parameters
    ----------
    plan
        The plan as it stands.
    seam
        Id of a seam of the plan, as derived or as the decision that placed it names it.

    Raises
    ------
    InputError
        There is no such seam.
    """

    def __init__(self, plan: Plan, seam: str) -> None:
        self.plan = plan
        self.key, self.seam = _find_seam(plan, seam)
        kept = tuple(d for d in plan.decisions if d.subject != ("place_seam", self.key))
        self._ground = plan if len(kept) == len(plan.decisions) else replace(plan, decisions=kept)
        self._own = self._ground.derived.ownership
        self._near = NearSolver(self._own)

    def tracks(self, *, reach_m: float = REACH_M, step_m: float = STEP_M) -> Tracks:
        """Return where the seam may lie along its road: see ``plan.seamtracks.find_tracks``."""
        return find_tracks(self.plan, self.seam, reach_m=reach_m, step_m=step_m)

    def move(self, segment: str, offset_m: float) -> Move:
        """Return what follows when the seam lies on a segment, metres from its first point.

        Raises
        ------
        InputError
            No such segment, or the offset lies outside it.
        """
        at = self._cut_at(segment, offset_m)
        value = {"segment": segment, "offset_m": round(float(offset_m), 3)}
        decision = anchor(self.plan, Decision("place_seam", self.key, value))
        solved = None if at is None else self._near.solve(at, at.node_of_cut[0])
        if solved is None:
            return self._afresh(decision)
        owner, agency = self._ground.holders_of(solved)
        cut, length = solved.cut, solved.network.segments.length_mm
        after = Holding(cut.base.astype(np.int64), cut.from_mm, length, np.array(owner), np.array(agency))
        return self._report(decision, solved, after=after, node=cut.node_of_cut[0])

    @cached_property
    def _before(self) -> Holding:
        return Holding.of(self.plan)

    def _cut_at(self, segment: str, offset_m: float) -> CutNetwork | None:
        """Return the ground cut at the place; None where another cut is too near for that."""
        own = self._own
        row = self.plan.network.row_of_segment.get(segment)
        if row is None:
            msg = f"路段 {segment[:60]} 不在地图上，请重新选点。 / not on the map: choose the place anew."
            raise InputError(msg)
        first, last = np.searchsorted(own.cut.base, (row, row + 1)).tolist()
        if last - first == 1:
            return cut_network(own.network, [Cut(own.network.segment_ids[first], offset_m)])
        offset = round(offset_m * 1000)
        starts = own.cut.from_mm[first:last]
        piece = first + int(np.clip(np.searchsorted(starts, offset, side="right") - 1, 0, last - first - 1))
        inner = starts[1:]
        if len(inner) and np.abs(inner - offset).min() <= CUT_TOLERANCE_MM:
            return None
        on_piece = (offset - int(own.cut.from_mm[piece])) / 1000
        return cut_network(own.network, [Cut(own.network.segment_ids[piece], on_piece)])

    def _afresh(self, decision: Decision) -> Move:
        plan = self.plan.decide(decision)
        own = plan.derived.ownership
        node = next((s.node for s in own.seams if _places(plan, decision.value, s)), -1)
        return self._report(decision, own, after=Holding.of(plan), node=node)

    def _report(self, decision: Decision, own: Ownership, *, after: Holding, node: int) -> Move:
        changes = find_changes(self.plan.network, self._before, after)
        nodes, seg = own.network.nodes, own.network.segments
        old = set(self._near.first[1].tolist()) - {node}
        rows = [row for row in meetings(seg.u, seg.v, own.expressway).tolist() if row not in old]
        places = tuple((float(nodes.lon[row]), float(nodes.lat[row])) for row in rows)
        lon, lat = (float(nodes.lon[node]), float(nodes.lat[node])) if node >= 0 else decision.value["anchors"][0][:2]
        return Move(decision, self.plan, lon, lat, changes, own, places)


def _find_seam(plan: Plan, ident: str) -> tuple[str, Seam]:
    """Return the key under which a seam is placed, and the seam as it stands."""
    placed = plan.latest("place_seam")
    for seam in plan.derived.ownership.seams:
        keys = [key for key, d in placed.items() if _places(plan, d.value, seam)]
        if ident == seam.id or ident in keys:
            return (keys[-1] if keys else seam.id), seam
    msg = f"没有界点 {ident[:40]}，请在图上重新选取。 / there is no such seam: choose one on the map."
    raise InputError(msg)


def placed_seams(plan: Plan) -> dict[str, str]:
    """Return the id of each seam that a decision placed, and the key of that decision."""
    placed = plan.latest("place_seam")
    seams = plan.derived.ownership.seams if placed else ()
    return {seam.id: key for seam in seams for key, d in placed.items() if _places(plan, d.value, seam)}


def _places(plan: Plan, value: Mapping[str, Any], seam: Seam) -> bool:
    """Whether a ``place_seam`` decision put a seam where it lies."""
    row = plan.network.row_of_segment.get(str(value.get("segment", "")))
    if row is None:
        return False
    cut = plan.derived.ownership.cut
    length = int(plan.network.segments.length_mm[row])
    offset = round(float(value["offset_m"]) * 1000)
    offset = 0 if offset <= CUT_TOLERANCE_MM else length if offset >= length - CUT_TOLERANCE_MM else offset
    seg = cut.network.segments
    for piece in range(*np.searchsorted(cut.base, (row, row + 1)).tolist()):
        start = int(cut.from_mm[piece])
        ends = {start: int(seg.u[piece]), start + int(seg.length_mm[piece]): int(seg.v[piece])}
        if ends.get(offset) == seam.node:
            return True
    return False
