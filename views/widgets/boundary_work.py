"""What the Boundary page does to a plan: decisions made in one stroke, what a lock holds, where a thing lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import RoadseamError
from geo.snapping import build_snap_index, snap_points
from geo.stations import Station
from jurisdiction.ownership import Seam
from plan.decisions import Decision
from plan.history import History, Subject
from plan.incremental import placed_seams
from plan.model import EVERY_STATION, Plan
from plan.replay import anchor
from views.state import Desk, Selection

_REACH_M = 200.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the plan's network: segment id and metres from its first point."""

    segment: str
    offset_m: float


def act(desk: Desk, *decisions: Decision) -> bool:
    """Make decisions in one stroke and return whether they stand.

    All of them stand or none: what is locked, or cannot be derived, is refused with one sentence.
    """
    before, version, plan = desk.history, desk.newest, desk.plan
    try:
        for decision in decisions:
            one = decision if decision.key == EVERY_STATION else anchor(plan, decision)
            desk.decide(one.kind, one.key, dict(one.value), why=one.why)
        _ = desk.plan
    except RoadseamError as error:
        desk.history, desk.message = before, str(error)
        return False
    return version is None and desk.history is not before


def change_locks(desk: Desk, history: History) -> None:
    """Take over a history whose locks have changed; an older version is only looked at."""
    if desk.newest is None:
        desk.history = history
        desk.is_moved = True


def seam_named(plan: Plan, ident: str) -> Seam | None:
    """Return a seam by its id."""
    return next((s for s in plan.derived.ownership.seams if s.id == ident), None)


def seams_at(plan: Plan, station: str) -> tuple[Seam, ...]:
    """Return the seams of a station."""
    return tuple(s for s in plan.derived.ownership.seams if s.station == station)


def way_key(plan: Plan, row: int) -> str:
    """Return the key under which a road of the derived network is judged anew."""
    network = plan.derived.network
    return f"w{int(network.ways.id[network.segments.way[row]])}"


def lock_of(plan: Plan, chosen: Selection) -> tuple[tuple[Decision, ...], frozenset[Subject]]:
    """Return what a lock on a thing holds, and the decisions that pin it down first.

    A station's convention is written down as its own before it is locked, so that a choice for all stations cannot move
    it; a seam that no decision placed is held by its station. A road is held in its class.
    """
    if chosen.kind == "segment":
        row = plan.derived.network.row_of_segment.get(chosen.id)
        return (), frozenset() if row is None else frozenset({("override_class", way_key(plan, row))})
    placed = placed_seams(plan)
    seam = seam_named(plan, chosen.id) if chosen.kind == "seam" else None
    if seam is not None and (seam.id in placed or not seam.station):
        return (), frozenset({("place_seam", placed.get(seam.id, seam.id))})
    station = seam.station if seam is not None else chosen.id if chosen.kind == "station" else ""
    if not station:
        return (), frozenset()
    keys = {("place_seam", placed.get(s.id, s.id)) for s in seams_at(plan, station)}
    held = frozenset({("choose_convention", station), *keys})
    if station in plan.latest("choose_convention"):
        return (), held
    return (Decision("choose_convention", station, {"convention": plan.choices.of_station(station)}),), held


def is_locked(desk: Desk, chosen: Selection) -> bool:
    """Whether everything that a lock on a thing would hold is held."""
    held = lock_of(desk.plan, chosen)[1]
    return bool(held) and held <= desk.history.locks


def lock(desk: Desk, chosen: Selection) -> bool:
    """Lock a thing; return whether it is locked now."""
    pins, held = lock_of(desk.plan, chosen)
    if not held or (pins and not act(desk, *pins)):
        return False
    change_locks(desk, desk.history.lock(held))
    return desk.newest is None


def unlock(desk: Desk, chosen: Selection) -> None:
    """Unlock a thing."""
    change_locks(desk, desk.history.unlock(lock_of(desk.plan, chosen)[1]))


def spot_at(plan: Plan, node: int, rows: Iterable[int]) -> Spot | None:
    """Return the end at a node of the first of some rows of the derived network, as a place of the plan's network."""
    network, cut = plan.derived.network, plan.derived.ownership.cut
    seg = network.segments
    for row in rows:
        along = 0 if int(seg.u[row]) == node else int(seg.length_mm[row])
        return Spot(plan.network.segment_ids[int(cut.base[row])], (int(cut.from_mm[row]) + along) / 1000)
    return None


def spot_of(plan: Plan, chosen: Selection) -> Spot | None:
    """Return where a selected thing lies on the plan's network, ``None`` where it lies on no road."""
    network, cut = plan.derived.network, plan.derived.ownership.cut
    if chosen.kind == "segment":
        row = network.row_of_segment.get(chosen.id)
        return None if row is None else _on_segment(plan, int(cut.base[row]), chosen)
    seam = seam_named(plan, chosen.id) if chosen.kind == "seam" else None
    if seam is None and chosen.kind == "station":
        seam = next(iter(seams_at(plan, chosen.id)), None)
        if seam is None:
            return _nearest(plan, next((s for s in plan.stations if s.id == chosen.id), None))
    return None if seam is None else spot_at(plan, seam.node, (*seam.ordinary, *seam.expressway))


def _on_segment(plan: Plan, base: int, chosen: Selection) -> Spot:
    whole = float(plan.network.segments.length_mm[base]) / 1000
    if chosen.place is None:
        return Spot(plan.network.segment_ids[base], round(whole / 2, 3))
    only = np.zeros(len(plan.network.segments), dtype=bool)
    only[base] = True
    lon, lat = (np.array([value]) for value in chosen.place)
    near = snap_points(plan.network, lon, lat, max_m=_REACH_M, index=build_snap_index(plan.network, usable=only))
    offset = float(near.offset_m[0]) if int(near.segment[0]) == base else whole / 2
    return Spot(plan.network.segment_ids[base], round(min(max(offset, 0.0), whole), 3))


def _nearest(plan: Plan, station: Station | None) -> Spot | None:
    if station is None:
        return None
    place = (np.array([station.lon]), np.array([station.lat]))
    near = snap_points(plan.network, *place, max_m=_REACH_M)
    if int(near.segment[0]) < 0:
        return None
    return Spot(plan.network.segment_ids[int(near.segment[0])], round(float(near.offset_m[0]), 3))


def segments_about(plan: Plan, chosen: Selection) -> frozenset[str]:
    """Return the segments of the plan's network that a selected thing is about: what is said there concerns it."""
    cut, rows = plan.derived.ownership.cut, list[int]()
    if chosen.kind == "segment":
        row = plan.derived.network.row_of_segment.get(chosen.id)
        rows += [] if row is None else [row]
    seams: Sequence[Seam] = seams_at(plan, chosen.id) if chosen.kind == "station" else ()
    if chosen.kind == "seam":
        seams = [s for s in plan.derived.ownership.seams if s.id == chosen.id]
    for seam in seams:
        rows += [*seam.ordinary, *seam.expressway]
    spot = spot_of(plan, chosen)
    named = {plan.network.segment_ids[int(cut.base[row])] for row in rows}
    return frozenset(named | ({spot.segment} if spot is not None else set()))
