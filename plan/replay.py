"""Replay: carry decisions over to a new map, and report what was kept, what moved and what no longer fits.

Ids change when a map is redrawn; places, names and station names change less. Every decision that names a road, a
seam or a station carries an anchor (place and name), written when it was made, and is looked up by id first and by
anchor second. Nothing is dropped: what is not found stays in the plan, marked stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from geo.measure import measure_between
from geo.network import Network
from geo.snapping import SnapIndex, build_snap_index, snap_points
from plan.decisions import Decision
from plan.model import EVERY_STATION, Plan

SNAP_M = 40.0
"""An anchor farther than this from every road of the new map is stale."""
STATION_M = 500.0
"""A station of the same name counts as the same up to this distance; without a name up to ``SNAP_M``."""
_PLACED = frozenset(
    {"override_class", "place_seam", "choose_convention", "correct_station", "open_dispute", "set_handover"}
)


class Fate(StrEnum):
    """What became of a decision on the new map."""

    KEPT = "kept"
    MOVED = "moved"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision after the replay; ``moved_m`` is how far its anchor moved, metres."""

    decision: Decision
    fate: Fate
    moved_m: float = 0.0


@dataclass(frozen=True)
class Replay:
    """The plan on the new map, and the fate of each of its decisions, in order."""

    plan: Plan
    rows: tuple[Replayed, ...]

    def count(self, fate: Fate) -> int:
        """Return how many decisions share a fate."""
        return sum(row.fate is fate for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            **{str(fate): self.count(fate) for fate in Fate},
            "decisions": [
                {"kind": r.decision.kind, "key": r.decision.key, "fate": str(r.fate), "moved_m": round(r.moved_m, 1)}
                for r in self.rows
            ],
        }


def anchor(plan: Plan, decision: Decision) -> Decision:
    """Return the decision with place and name of what it names written into its value."""
    network = plan.network
    if decision.kind not in _PLACED or "anchors" in decision.value:
        return decision
    anchors: list[list[Any]] = []
    if decision.kind == "override_class":
        rows = _rows_of_way(network, decision.key)
        anchors = [_anchor_of_segment(network, int(row)) for row in rows[:1]]
    elif decision.kind in {"open_dispute", "place_seam"}:
        named = decision.value.get("segments") or [decision.value.get("segment", "")]
        found = [network.row_of_segment[s] for s in named if s in network.row_of_segment]
        anchors = [_anchor_of_segment(network, row) for row in found]
        if decision.kind == "place_seam" and found:
            anchors = [_anchor_at(network, found[0], float(decision.value["offset_m"]))]
    elif decision.kind in {"choose_convention", "correct_station"}:
        anchors = [[s.lon, s.lat, s.name] for s in network.stations if s.id == decision.key]
    else:
        anchors = [[s.lon, s.lat, ""] for s in plan.derived.ownership.seams if s.id == decision.key]
    return replace(decision, value={**decision.value, "anchors": anchors})


def replay(plan: Plan, network: Network) -> Replay:
    """Carry a plan's decisions over to another network.

    Parameters
    ----------
    plan
        The plan on the old map.
    network
        The new map, with its stations.
    """
    index = build_snap_index(network)
    rows = tuple(_replay_one(decision, network, index) for decision in plan.decisions)
    return Replay(replace(plan, network=network, decisions=tuple(r.decision for r in rows)), rows)


def _replay_one(decision: Decision, network: Network, index: SnapIndex) -> Replayed:
    if decision.kind == "override_class":
        return _replay_way(decision, network, index)
    if decision.kind in {"open_dispute", "place_seam"}:
        return _replay_segments(decision, network, index)
    if decision.kind in {"choose_convention", "correct_station"} and decision.key != EVERY_STATION:
        return _replay_station(decision, network)
    return Replayed(decision, Fate.KEPT)


def _replay_way(decision: Decision, network: Network, index: SnapIndex) -> Replayed:
    if len(_rows_of_way(network, decision.key)):
        return Replayed(decision, Fate.KEPT)
    found = _snap_anchor(decision.value, 0, network, index)
    if found is None:
        return Replayed(decision, Fate.STALE)
    row, gap, _ = found
    key = f"w{network.ways.id[network.segments.way[row]]}"
    return Replayed(replace(decision, key=key), Fate.MOVED, gap)


def _replay_segments(decision: Decision, network: Network, index: SnapIndex) -> Replayed:
    many = "segments" in decision.value
    named = list(decision.value["segments"]) if many else [decision.value.get("segment", "")]
    changed, gaps, lost = list(named), [0.0], 0
    value: dict[str, Any] = dict(decision.value)
    for k, segment in enumerate(named):
        if segment in network.row_of_segment:
            continue
        found = _snap_anchor(decision.value, k, network, index)
        if found is None:
            lost += 1
            continue
        row, gap, offset = found
        changed[k] = network.segment_ids[row]
        gaps.append(gap)
        if not many:
            value["offset_m"] = round(offset, 3)
    if changed == named:
        return Replayed(decision, Fate.STALE if lost else Fate.KEPT)
    value |= {"segments": list(dict.fromkeys(changed))} if many else {"segment": changed[0]}
    return Replayed(replace(decision, value=value), Fate.STALE if lost else Fate.MOVED, max(gaps))


def _replay_station(decision: Decision, network: Network) -> Replayed:
    if any(s.id == decision.key for s in network.stations):
        return Replayed(decision, Fate.KEPT)
    anchors = decision.value.get("anchors") or []
    if not anchors:
        return Replayed(decision, Fate.STALE)
    lon, lat, name = anchors[0]
    near = [(measure_between((lon, lat), (s.lon, s.lat)), s) for s in network.stations]
    fits = [(gap, s.id) for gap, s in near if gap <= (STATION_M if name and name in s.names else SNAP_M)]
    if not fits:
        return Replayed(decision, Fate.STALE)
    gap, station = min(fits)
    return Replayed(replace(decision, key=station), Fate.MOVED, gap)


def _snap_anchor(
    value: Mapping[str, Any], number: int, network: Network, index: SnapIndex
) -> tuple[int, float, float] | None:
    """Return segment row, metres from the anchor, and offset on the segment; ``None`` when the anchor is lost.

    Among roads within reach one of the same name or number is preferred, so that an anchor does not jump to the
    road on the bridge above.
    """
    anchors = value.get("anchors") or []
    if number >= len(anchors):
        return None
    lon, lat, name = anchors[number]
    place = (np.array([lon]), np.array([lat]))
    if name:
        tags = network.ways.text
        same = (tags["name"].where({name}) | tags["ref"].where({name}))[network.segments.way]
        if same.any():
            named = build_snap_index(network, usable=same)
            close = snap_points(network, *place, max_m=SNAP_M, index=named)
            if close.segment[0] >= 0:
                return int(close.segment[0]), float(close.distance_m[0]), float(close.offset_m[0])
    close = snap_points(network, *place, max_m=SNAP_M, index=index)
    if close.segment[0] < 0:
        return None
    return int(close.segment[0]), float(close.distance_m[0]), float(close.offset_m[0])


def _rows_of_way(network: Network, key: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    ident = int(key.removeprefix("w")) if key.removeprefix("w").lstrip("-").isdigit() else 0
    return np.flatnonzero(network.ways.id[network.segments.way] == ident)


def _anchor_of_segment(network: Network, row: int) -> list[Any]:
    return _anchor_at(network, row, float(network.segments.length_mm[row]) / 2000)


def _anchor_at(network: Network, row: int, offset_m: float) -> list[Any]:
    """Return ``[lon, lat, name]`` of a place on a segment, by share of its length."""
    line = network.points(row)
    steps = np.hypot(np.diff(line[:, 0]) * np.cos(np.radians(line[0, 1])), np.diff(line[:, 1]))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    length = float(network.segments.length_mm[row]) / 1000
    target = along[-1] * min(max(offset_m / length, 0.0), 1.0) if length else 0.0
    lon, lat = (float(np.interp(target, along, line[:, k])) for k in (0, 1))
    return [round(lon, 7), round(lat, 7), network.text("name", row) or network.text("ref", row)]
