"""Replay: carry decisions over to a new map, and report what was kept, what moved and what no longer fits.

Ids change when a map is redrawn; places, names, stakes and station names change less. Every decision that names a
road, a seam or a station carries an anchor (place, name of the road, stake where the plan has a stake table), written
when it was made. It is looked up by id first, then by place (farther away on a road of the same name), last by stake.
Nothing is dropped: what is not found stays in the plan, marked stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import InputError
from geo.measure import measure_between
from geo.network import Network
from geo.snapping import build_snap_index, snap_points
from geo.stakes import parse_stake
from plan.decisions import Decision
from plan.model import EVERY_STATION, Plan

if TYPE_CHECKING:
    from geo.stakedesk import StakeDesk

SNAP_M = 40.0
"""An anchor farther than this from every road of the new map is stale."""
NAMED_M = 150.0
"""On a road of the same name an anchor counts up to this distance."""
STAKE_M = 2_000.0
"""A place with the stake of an anchor counts up to this distance from it."""
STATION_M = 500.0
"""A station of the same name counts as the same up to this distance; without a name up to ``SNAP_M``."""
_PLACED = frozenset(
    {"override_class", "place_seam", "choose_convention", "correct_station", "open_dispute", "set_handover", "comment"}
)

_ON_SEGMENTS = frozenset({"open_dispute", "place_seam", "comment"})


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
    places = _Places(plan)
    anchors: list[list[Any]] = []
    if decision.kind == "override_class":
        rows = _rows_of_way(network, decision.key)
        anchors = [places.middle(int(row)) for row in rows[:1]]
    elif decision.kind in _ON_SEGMENTS:
        named = decision.value.get("segments") or [decision.value.get("segment", "")]
        found = [network.row_of_segment[s] for s in named if s in network.row_of_segment]
        anchors = [places.middle(row) for row in found]
        if "segments" not in decision.value and found:
            anchors = [places.at(found[0], float(decision.value.get("offset_m") or 0.0))]
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
    land = _NewMap(network, plan)
    rows = tuple(_replay_one(decision, land) for decision in plan.decisions)
    return Replay(replace(plan, network=network, decisions=tuple(r.decision for r in rows)), rows)


class _NewMap:
    """The new map, and how anchors are found on it."""

    def __init__(self, network: Network, plan: Plan) -> None:
        self.network = network
        self._index = build_snap_index(network)
        self._tables = {route: d.value for route, d in plan.latest("set_stakes").items()}

    @cached_property
    def _stakes(self) -> StakeDesk:
        from plan.stakes import make_desk

        return make_desk(self.network, self._tables)

    def find(self, value: Mapping[str, Any], number: int) -> tuple[int, float, float] | None:
        """Return segment row, metres from the anchor, and offset on the segment; ``None`` when the anchor is lost.

        Among roads within reach one of the same name or number is preferred, so that an anchor does not jump to the
        road on the bridge above.
        """
        anchors = value.get("anchors") or []
        if number >= len(anchors):
            return None
        lon, lat, name, *stake = anchors[number]
        network, place = self.network, (np.array([lon]), np.array([lat]))
        if name:
            tags = network.ways.text
            same = (tags["name"].where({name}) | tags["ref"].where({name}))[network.segments.way]
            if same.any():
                named = build_snap_index(network, usable=same)
                close = snap_points(network, *place, max_m=NAMED_M, index=named)
                if close.segment[0] >= 0:
                    return int(close.segment[0]), float(close.distance_m[0]), float(close.offset_m[0])
        close = snap_points(network, *place, max_m=SNAP_M, index=self._index)
        if close.segment[0] >= 0:
            return int(close.segment[0]), float(close.distance_m[0]), float(close.offset_m[0])
        return self._find_stake(str(stake[0]), (lon, lat)) if stake and self._tables else None

    def _find_stake(self, text: str, place: tuple[float, float]) -> tuple[int, float, float] | None:
        try:
            found = self._stakes.locate(parse_stake(text))
        except InputError:
            return None
        near = [(measure_between(place, (p.lon, p.lat)), p.segment, p.offset_m) for p in found if p.segment >= 0]
        if not near or min(near)[0] > STAKE_M:
            return None
        gap, row, offset = min(near)
        return row, gap, offset


def _replay_one(decision: Decision, land: _NewMap) -> Replayed:
    network = land.network
    if decision.kind == "override_class":
        return _replay_way(decision, land)
    if decision.value.get("withdrawn"):
        return Replayed(decision, Fate.KEPT)
    if decision.kind in _ON_SEGMENTS and (decision.kind != "comment" or decision.value.get("segment")):
        return _replay_segments(decision, land)
    if decision.kind in {"choose_convention", "correct_station"} and decision.key != EVERY_STATION:
        return _replay_station(decision, network)
    return Replayed(decision, Fate.KEPT)


def _replay_way(decision: Decision, land: _NewMap) -> Replayed:
    network = land.network
    if len(_rows_of_way(network, decision.key)):
        return Replayed(decision, Fate.KEPT)
    found = land.find(decision.value, 0)
    if found is None:
        return Replayed(decision, Fate.STALE)
    row, gap, _ = found
    key = f"w{network.ways.id[network.segments.way[row]]}"
    return Replayed(replace(decision, key=key), Fate.MOVED, gap)


def _replay_segments(decision: Decision, land: _NewMap) -> Replayed:
    network = land.network
    many = "segments" in decision.value
    named = list(decision.value["segments"]) if many else [decision.value.get("segment", "")]
    changed, gaps, lost = list(named), [0.0], 0
    value: dict[str, Any] = dict(decision.value)
    for k, segment in enumerate(named):
        if segment in network.row_of_segment:
            continue
        found = land.find(decision.value, k)
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
    if value.get("parts"):
        names = dict(zip(named, changed, strict=True))
        value["parts"] = {names.get(segment, segment): part for segment, part in value["parts"].items()}
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


def _rows_of_way(network: Network, key: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    ident = int(key.removeprefix("w")) if key.removeprefix("w").lstrip("-").isdigit() else 0
    return np.flatnonzero(network.ways.id[network.segments.way] == ident)


class _Places:
    """Makes anchors of places on a plan's network."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._network = plan.network
        self._has_stakes = bool(plan.latest("set_stakes"))

    def middle(self, row: int) -> list[Any]:
        """Return the anchor of a segment's middle."""
        return self.at(row, float(self._network.segments.length_mm[row]) / 2000)

    def at(self, row: int, offset_m: float) -> list[Any]:
        """Return ``[lon, lat, name]``, and the stake where there is a table of it, of a place on a segment."""
        network = self._network
        line = network.points(row)
        steps = np.hypot(np.diff(line[:, 0]) * np.cos(np.radians(line[0, 1])), np.diff(line[:, 1]))
        along = np.concatenate(([0.0], np.cumsum(steps)))
        length = float(network.segments.length_mm[row]) / 1000
        target = along[-1] * min(max(offset_m / length, 0.0), 1.0) if length else 0.0
        lon, lat = (float(np.interp(target, along, line[:, k])) for k in (0, 1))
        found: list[Any] = [round(lon, 7), round(lat, 7), network.text("name", row) or network.text("ref", row)]
        stake = self._stake(row, offset_m) if self._has_stakes else ""
        return [*found, stake] if stake else found

    def _stake(self, row: int, offset_m: float) -> str:
        """Return the stake of a place, with route and direction, ``""`` where no table of the plan has it."""
        derived = self._plan.derived
        cut, desk = derived.ownership.cut, derived.stakes
        first, last = np.searchsorted(cut.base, (row, row + 1)).tolist()
        starts = cut.from_mm[first:last]
        piece = first + max(int(np.searchsorted(starts, offset_m * 1000, side="right")) - 1, 0)
        reading = desk.read_on([piece], [offset_m - int(cut.from_mm[piece]) / 1000])[0]
        if reading is None or reading.stake.route not in desk.tables:
            return ""
        return str(reading.stake)
