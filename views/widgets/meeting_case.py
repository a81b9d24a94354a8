"""One dispute as a meeting sees it: what each position would mean on the map, and what can be agreed on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.network import Network
from geo.snapping import build_snap_index, snap_points
from geo.stations import Station
from jurisdiction.agencies import LOCAL
from jurisdiction.choices import nearest_station
from plan.decisions import Decision
from plan.disputes import SIDES, Dispute, list_disputes
from plan.model import Plan
from plan.replay import anchor
from views.pictures.points import NOT_OURS

Place = tuple[float, float]
SETTLES = frozenset({"choose_convention", "place_seam", "override_class"})
"""Kinds of decisions that an agreement on a dispute may write."""
_REACH_M = 250.0
"""A place that a position names lies on the disputed road up to this distance."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What one side says.

    Attributes
    ----------
    side
        ``local`` or ``expressway``.
    text
        In its own words.
    convention
        The convention it proposes, or ``""``.
    attachments
        References, no files.
    place
        Where it wants the seam (lon, lat), WGS-84 degrees, when no convention says it.
    gives
        The side that it says should own the disputed metres, when neither a convention nor a place says it.
    """

    side: str
    text: str
    convention: str = ""
    attachments: tuple[str, ...] = ()
    place: Place | None = None
    gives: str = ""


@dataclass(frozen=True)
class Outcome:
    """A plan as a position would have it, with the agency of each segment of its (cut) network."""

    plan: Plan
    agency: tuple[str, ...]


@dataclass(frozen=True)
class Hearing:
    """A dispute on the table.

    Attributes
    ----------
    dispute
        The dispute.
    plan
        The plan without what was settled in this dispute: what the sides argue about.
    station
        The toll station it is about, if any.
    stands, outcomes
        Side to position, and to what it would mean.
    """

    dispute: Dispute
    plan: Plan
    station: Station | None
    stands: Mapping[str, Stand]
    outcomes: Mapping[str, Outcome]

    def metres(self, side: str) -> dict[str, float]:
        """Return agency id to the disputed metres it would own under a side's position, most first."""
        outcome = self.outcomes[side]
        return _metres_by_agency(outcome, claimed_mask(outcome.plan, self.dispute))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the disputed metres, WGS-84 degrees."""
        return bounds_of(self.plan, self.dispute)


def hear(plan: Plan, number: str) -> Hearing:
    """Put a dispute on the table.

    Raises
    ------
    InputError
        There is no such dispute.
    """
    plan = without_settlement(plan, number)
    dispute = require_dispute(plan, number)
    stands = read_stands(plan, dispute)
    station = station_of(plan, dispute)
    return Hearing(dispute, plan, station, stands, _outcomes(plan, dispute, stands))


def require_dispute(plan: Plan, number: str) -> Dispute:
    """Return a dispute by its number.

    Raises
    ------
    InputError
        There is no such dispute.
    """
    for dispute in list_disputes(plan):
        if dispute.id == number:
            return dispute
    msg = f"没有编号为 {number[:40]} 的争议。 / there is no dispute with this number."
    raise InputError(msg)


def without_settlement(plan: Plan, number: str) -> Plan:
    """Return the plan without what a meeting wrote when it closed a dispute."""
    kept = tuple(d for d in plan.decisions if not is_settlement(d, number))
    return plan if len(kept) == len(plan.decisions) else replace(plan, decisions=kept)


def is_settlement(decision: Decision, number: str) -> bool:
    """Whether a meeting wrote a decision when it closed a dispute."""
    if decision.kind == "close_dispute":
        return decision.key == number
    return decision.kind in SETTLES and decision.value.get("dispute") == number


def read_stands(plan: Plan, dispute: Dispute) -> dict[str, Stand]:
    """Return side to what it says, with the place or the owner it names."""
    opened = plan.latest("open_dispute")[dispute.id].value.get("positions", {})
    stated = plan.latest("position")
    stands = {}
    for side, position in dispute.positions.items():
        later = stated.get(f"{dispute.id}/{side}")
        value: Mapping[str, Any] = later.value if later else opened.get(side, {})
        place = None if position.convention else position.place
        gives = str(value.get("gives", ""))
        stands[side] = Stand(
            side, position.text, position.convention, position.attachments, place, gives if gives in SIDES else ""
        )
    return stands


def claimed_mask(plan: Plan, dispute: Dispute) -> npt.NDArray[np.bool_]:
    """Return bool (segments of the cut network,): the metres that a dispute is about."""
    rows = _claimed_rows(plan.network, dispute)
    mask: npt.NDArray[np.bool_] = np.isin(plan.derived.ownership.cut.base, rows)
    return mask


def _claimed_rows(network: Network, dispute: Dispute) -> list[int]:
    return [network.row_of_segment[s] for s in dispute.segments if s in network.row_of_segment]


def bounds_of(plan: Plan, dispute: Dispute) -> tuple[float, float, float, float]:
    """Return west, south, east, north of the disputed metres, of the whole network where none is on the map."""
    network = plan.network
    rows = _claimed_rows(network, dispute) or list(range(len(network.segments)))
    points = np.concatenate([network.points(row) for row in rows])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)


def station_of(plan: Plan, dispute: Dispute) -> Station | None:
    """Return the station that a dispute names, else the one nearest by road to most of its metres."""
    network = plan.land
    ours = {s.id: s for s in network.stations if s.kind not in NOT_OURS}
    named = str(plan.latest("open_dispute")[dispute.id].value.get("station", ""))
    if named in ours:
        return ours[named]
    near = nearest_station(network, plan.derived.ownership.rules.station_reach_m)
    votes: Counter[str] = Counter()
    for row in _claimed_rows(network, dispute):
        for node in (int(network.segments.u[row]), int(network.segments.v[row])):
            if near[node] >= 0:
                votes[network.stations[near[node]].id] += int(network.segments.length_mm[row])
    found = [(-size, ident) for ident, size in votes.items() if ident in ours]
    return ours[min(found)[1]] if found else None


def agency_of_side(plan: Plan, dispute: Dispute, side: str) -> str:
    """Return the agency that speaks for a side: the district brigade, or the brigade of the nearest expressway."""
    if side == LOCAL:
        return next((a.id for a in plan.agencies if a.kind == LOCAL), LOCAL)
    derived, network = plan.derived, plan.derived.network
    others = {a.id for a in plan.agencies if a.kind != LOCAL}
    rows = [row for row, agency in enumerate(derived.agency) if agency in others]
    if not rows:
        return min(others, default="expressway")
    west, south, east, north = bounds_of(plan, dispute)
    nodes = network.segments.u[rows]
    gap = np.hypot(
        (network.nodes.lon[nodes] - (west + east) / 2) * np.cos(np.radians(south)),
        network.nodes.lat[nodes] - (south + north) / 2,
    )
    return derived.agency[rows[int(np.argmin(gap))]]


def place_on(plan: Plan, dispute: Dispute, place: Place, *, reach_m: float = _REACH_M) -> tuple[str, float]:
    """Return the disputed segment nearest to a place, and the metres from its first point.

    Raises
    ------
    InputError
        The place lies far from the disputed road.
    """
    usable = np.zeros(len(plan.network.segments), dtype=bool)
    usable[_claimed_rows(plan.network, dispute)] = True
    found = -1
    if usable.any():
        index = build_snap_index(plan.network, usable=usable)
        snapped = snap_points(plan.network, np.array([place[0]]), np.array([place[1]]), max_m=reach_m, index=index)
        found = int(snapped.segment[0])
    if found < 0:
        msg = "所选地点不在争议路段上，请在争议路段上点选。 / choose a place on the disputed road."
        raise InputError(msg)
    return plan.network.segment_ids[found], round(float(snapped.offset_m[0]), 3)


def choose_convention(plan: Plan, dispute: Dispute, station: Station, *, name: str) -> Decision:
    """Return the decision that lets a convention hold at the dispute's station."""
    land = [ring.tolist() for ring in plan.choices.land] if name == "land_boundary" else []
    value = {"convention": name, "dispute": dispute.id} | ({"land": land} if land else {})
    return anchor(plan, Decision("choose_convention", station.id, value))


def agree_place(plan: Plan, dispute: Dispute, place: Place) -> Decision:
    """Return the decision that fixes a seam at a place of the disputed road.

    Raises
    ------
    InputError
        The place lies far from the disputed road.
    """
    segment, offset_m = place_on(plan, dispute, place)
    value = {"segment": segment, "offset_m": offset_m, "dispute": dispute.id}
    return anchor(plan, Decision("place_seam", f"dispute/{dispute.id}", value))


def give_roads(plan: Plan, dispute: Dispute, side: str) -> tuple[Decision, ...]:
    """Return the decisions that judge every disputed way as a road of one side."""
    network = plan.network
    ways = sorted({int(network.ways.id[network.segments.way[row]]) for row in _claimed_rows(network, dispute)})
    value = {"class": "ordinary" if side == LOCAL else "expressway", "dispute": dispute.id}
    return tuple(anchor(plan, Decision("override_class", f"w{way}", value)) for way in ways)


def decide_all(plan: Plan, decisions: Iterable[Decision]) -> Plan:
    """Return the plan with more decisions."""
    for decision in decisions:
        plan = plan.decide(decision)
    return plan


def _outcomes(plan: Plan, dispute: Dispute, stands: Mapping[str, Stand]) -> dict[str, Outcome]:
    """Return what each position would mean; one that names nothing is the opposite of the other, else claims all."""
    outcomes: dict[str, Outcome] = {}
    for side, stand in stands.items():
        found = _outcome(plan, dispute, stand)
        if found is not None:
            outcomes[side] = found
    speakers = {side: agency_of_side(plan, dispute, side) for side in SIDES}
    for side in SIDES:
        if side in outcomes:
            continue
        other = outcomes.get(SIDES[1 - SIDES.index(side)])
        outcomes[side] = _opposite(other, dispute, speakers) if other else _given(plan, dispute, speakers[side])
    return {side: outcomes[side] for side in SIDES}


def _outcome(plan: Plan, dispute: Dispute, stand: Stand) -> Outcome | None:
    station = station_of(plan, dispute)
    if stand.gives:
        return _given(plan, dispute, agency_of_side(plan, dispute, stand.gives))
    try:
        if stand.convention and station is not None:
            after = plan.decide(choose_convention(plan, dispute, station, name=stand.convention))
        elif stand.place is not None:
            after = plan.decide(agree_place(plan, dispute, stand.place))
        else:
            return None
        return Outcome(after, _named(plan, after, dispute))
    except InputError:
        # A convention or place that this map does not know says nothing about the metres; the words remain.
        return None


def _named(plan: Plan, after: Plan, dispute: Dispute) -> tuple[str, ...]:
    """Return the agencies of ``after``; disputed metres that no stretch covers go to the brigade that speaks."""
    derived, known = after.derived, {a.id for a in plan.agencies}
    speakers = {side: agency_of_side(plan, dispute, side) for side in SIDES}
    agency = list(derived.agency)
    for row in np.flatnonzero(claimed_mask(after, dispute)).tolist():
        if agency[row] not in known:
            agency[row] = speakers["expressway" if derived.ownership.expressway[row] else LOCAL]
    return tuple(agency)


def _given(plan: Plan, dispute: Dispute, agency: str) -> Outcome:
    claimed = claimed_mask(plan, dispute).tolist()
    return Outcome(plan, tuple(agency if c else a for c, a in zip(claimed, plan.derived.agency, strict=True)))


def _opposite(other: Outcome, dispute: Dispute, speakers: Mapping[str, str]) -> Outcome:
    local = {a.id for a in other.plan.agencies if a.kind == LOCAL}
    claimed = claimed_mask(other.plan, dispute).tolist()
    turned = tuple(
        (speakers["expressway"] if a in local else speakers[LOCAL]) if c else a
        for c, a in zip(claimed, other.agency, strict=True)
    )
    return Outcome(other.plan, turned)


def _metres_by_agency(outcome: Outcome, mask: npt.NDArray[np.bool_]) -> dict[str, float]:
    length = outcome.plan.derived.network.segments.length_m
    metres: defaultdict[str, float] = defaultdict(float)
    for row in np.flatnonzero(mask).tolist():
        metres[outcome.agency[row]] += float(length[row])
    return dict(sorted(metres.items(), key=lambda pair: (-pair[1], pair[0])))
