"""What a plan's decisions say about agencies: contacts, stretches, concurrencies, towns; and who then has each road."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.findings import Finding, Severity
from jurisdiction.agencies import LOCAL, NOBODY, Agency, Contact, End, Stretch, contact_findings
from jurisdiction.brigades import Assignment, Why, assign_brigades
from jurisdiction.concurrency import ConcurrencyRule, Ruling, read_key
from jurisdiction.ledger import CONTESTED, OWNED, PENDING
from jurisdiction.rules import seam_rules
from jurisdiction.stretches import Claims, resolve_stretches
from jurisdiction.towns import (
    Town,
    geometry_of,
    locate_in_towns,
    mended_finding,
    overlap_findings,
    refused_finding,
    town_from,
    towns_of_map,
)
from plan.decisions import Decision

if TYPE_CHECKING:
    import shapely

    from geo.carriageway import Calibration
    from geo.stakedesk import StakeDesk
    from jurisdiction.ownership import Ownership
    from plan.model import Plan

_KEPT = 8
"""How many resolved tables are kept: the plan, its options and its neighbours in the history."""


@dataclass(frozen=True)
class Settlement:
    """Who has each piece of a split network.

    Attributes
    ----------
    owner, agency
        Of each piece; ``none`` where nobody has it.
    assignment
        Why each expressway piece has its agency.
    town
        Name of the town of each piece, ``""`` outside every town.
    state
        ``owned``, ``none``, ``contested`` or ``pending_handover``.
    """

    owner: tuple[str, ...]
    agency: tuple[str, ...]
    assignment: Assignment
    town: tuple[str, ...]
    state: tuple[str, ...]


@dataclass(frozen=True)
class _Same:
    """Anything, equal only to itself: a key for what is worked out from a thing that never changes."""

    thing: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def agency_from(key: str, value: Mapping[str, Any]) -> Agency:
    """Make an agency of a ``set_agency`` decision."""
    contacts = tuple(Contact(*map(str, row)) for row in value.get("contacts", ()))
    office = str(value.get("office", ""))
    return Agency(key, str(value["name"]), str(value["kind"]), str(value["letter"]), office, contacts)


def agency_value(agency: Agency) -> dict[str, Any]:
    """Return the value of the ``set_agency`` decision that makes an agency."""
    return {
        "name": agency.name,
        "kind": agency.kind,
        "letter": agency.letter,
        "office": agency.office,
        "contacts": [[c.category, c.post, c.phone] for c in agency.contacts],
    }


def stretch_from(key: str, value: Mapping[str, Any]) -> Stretch:
    """Make a stretch of a ``set_stretch`` decision; one that names no route is the whole route of its key."""
    return Stretch(
        str(value.get("agency", "")),
        str(value.get("route", "") or key),
        _end_from(value.get("from")),
        _end_from(value.get("to")),
        str(value.get("direction", "") or ""),
        key,
        str(value.get("note", "") or ""),
    )


def _end_from(value: object) -> End:
    """Read an end: text (a stake or a name), or its parts ``stake``, ``name``, ``lon``, ``lat``."""
    if isinstance(value, Mapping):
        try:
            place = (float(value["lon"]), float(value["lat"])) if "lon" in value and "lat" in value else None
        except (TypeError, ValueError):
            place = (float("nan"), float("nan"))
        return End(str(value.get("stake", "") or ""), str(value.get("name", "") or ""), place)
    text = "" if value is None else str(value).strip()
    return End(text, "") if _looks_like_stake(text) else End("", text)


def _looks_like_stake(text: str) -> bool:
    from geo.stakes import parse_stake

    try:
        parse_stake(text)
    except InputError:
        return False
    return True


def stretch_value(stretch: Stretch) -> dict[str, Any]:
    """Return the value of the ``set_stretch`` decision that makes a stretch."""
    value: dict[str, Any] = {"agency": stretch.agency}
    if stretch.is_whole and stretch.name == stretch.route:
        return value
    value |= {"route": stretch.route, "from": _end_value(stretch.start), "to": _end_value(stretch.end)}
    value["direction"] = stretch.direction
    return value | ({"note": stretch.note} if stretch.note else {})


def _end_value(end: End) -> Any:
    if end.place is None and not (end.stake and end.name):
        return end.stake or end.name
    parts: dict[str, Any] = {"stake": end.stake, "name": end.name}
    parts = {name: text for name, text in parts.items() if text}
    return parts if end.place is None else parts | {"lon": end.place[0], "lat": end.place[1]}


def town_value(town: Town) -> dict[str, Any]:
    """Return the value of the ``set_town`` decision that makes an outline."""
    value: dict[str, Any] = {"name": town.name, "geometry": geometry_of(town)}
    return value | ({"agency": town.agency} if town.agency else {})


def stretches_of(plan: Plan) -> tuple[Stretch, ...]:
    """Return the brigades' stretches, in the order they were first decided; rulings on concurrencies are none."""
    found = plan.latest("set_stretch").items()
    return tuple(
        stretch_from(key, d.value) for key, d in found if read_key(key) is None and not d.value.get("withdrawn")
    )


def rule_of(plan: Plan) -> ConcurrencyRule:
    """Return how concurrencies are settled: the rule table, and what was decided (``concurrency:G6;G0611``)."""
    rulings = {}
    for key, decision in plan.latest("set_stretch").items():
        routes = read_key(key)
        if routes is not None:
            value = decision.value
            rulings[routes] = Ruling(str(value.get("route", "")), str(value.get("agency", "")), decision.why)
    return ConcurrencyRule(seam_rules().concurrency, rulings)


def _kept(decisions: Iterable[Decision]) -> tuple[_Same, ...]:
    return tuple(_Same(decision) for decision in decisions)


def _town_decisions(plan: Plan) -> list[Decision]:
    outlined = [d for d in plan.latest("set_agency").values() if d.value.get("rings") or d.value.get("geometry")]
    return [*plan.latest("set_town").values(), *outlined]


def claims_of(plan: Plan) -> Claims:
    """Return the plan's stretches, resolved on its network; kept, because no seam moves them."""
    stretches = stretches_of(plan)
    if not stretches:
        return Claims()
    stakes = [d for d in plan.decisions if d.kind in {"set_stakes", "correct_station"}]
    return _claims(_Same(plan.network), stretches, _kept(stakes), _kept(_town_decisions(plan)))


@lru_cache(maxsize=_KEPT)
def _claims(
    network: _Same, stretches: tuple[Stretch, ...], stakes: tuple[_Same, ...], towns: tuple[_Same, ...]
) -> Claims:
    from plan.model import Plan

    part = Plan(network.thing, tuple(kept.thing for kept in stakes))
    outline = _district(_read_towns(tuple(kept.thing for kept in towns))[0])
    return resolve_stretches(part.land, stretches, stakes=lambda route: calibration_of(part, route), outline=outline)


def calibration_of(plan: Plan, route: str) -> Calibration | None:
    """Return the stakes of a route on the plan's uncut network, ``None`` where it has none that can be used."""
    tables = [d for d in plan.decisions if d.kind == "set_stakes"]
    try:
        return _desk(_Same(plan.network), _kept(tables)).of(route).calibration
    except InputError:
        return None


@lru_cache(maxsize=_KEPT)
def _desk(network: _Same, tables: tuple[_Same, ...]) -> StakeDesk:
    from plan.stakes import make_desk

    return make_desk(network.thing, {kept.thing.key: kept.thing.value for kept in tables})


def _district(towns: Sequence[Town]) -> shapely.Geometry | None:
    import shapely

    return shapely.union_all([town.shape for town in towns]) if towns else None


def _read_towns(decisions: Sequence[Decision]) -> tuple[tuple[Town, ...], list[Finding]]:
    """Return the outlines of decisions, and what is wrong with them; one that encloses nothing is left out, named."""
    towns, mended, refused = [], [], []
    for decision in decisions:
        value = dict(decision.value)
        if decision.kind == "set_agency":
            value["agency"] = decision.key
        try:
            town, was_mended = town_from(decision.key, value)
        except InputError:
            refused.append(str(value.get("name", "") or decision.key))
            continue
        towns.append(town)
        mended += [town.name] if was_mended else []
    findings = [mended_finding(mended)] if mended else []
    findings += [refused_finding(refused)] if refused else []
    return tuple(towns), [*findings, *overlap_findings(towns)]


@dataclass(frozen=True)
class TownRows:
    """Towns of a network: outlines, the one of each uncut segment (-1 outside), and what is wrong with them.

    ``decided`` tells whether people set the outlines; else they are those of the map, which name towns only.
    """

    towns: tuple[Town, ...]
    row: npt.NDArray[np.int64]
    findings: tuple[Finding, ...]
    decided: bool


def towns_of(plan: Plan) -> TownRows:
    """Return the towns of a plan: those people set, else the administrative outlines of the map."""
    return _town_rows(_Same(plan.network), _kept(_town_decisions(plan)))


@lru_cache(maxsize=_KEPT)
def _town_rows(network: _Same, decisions: tuple[_Same, ...]) -> TownRows:
    if not decisions:
        towns = towns_of_map(network.thing)
        return TownRows(towns, locate_in_towns(network.thing, towns), (), decided=False)
    towns, findings = _read_towns(tuple(kept.thing for kept in decisions))
    return TownRows(towns, locate_in_towns(network.thing, towns), tuple(findings), decided=True)


def settle(plan: Plan, ownership: Ownership, *, disputed: Iterable[str] = ()) -> Settlement:
    """Say who has each piece of a split of a plan's network.

    Parameters
    ----------
    plan, ownership
        The plan, and a split of its network.
    disputed
        Ids of segments (of the uncut network) that an open dispute claims.
    """
    from plan.disputeparts import contested_pieces
    from plan.handover import find_pending

    cut, network = ownership.cut, ownership.network
    assignment = assign_brigades(cut, ownership.expressway, plan.agencies, claims=claims_of(plan), rule=rule_of(plan))
    owner, agency = ownership.owner.astype(object), assignment.agency
    towns = towns_of(plan)
    at = towns.row[cut.base]
    _give_to_towns(plan, towns, at, ownership=ownership, assignment=assignment)
    owner[assignment.why == Why.GAP] = NOBODY
    rows = [row for row in map(plan.network.row_of_segment.get, disputed) if row is not None]
    contested = contested_pieces(plan, cut) if rows else np.zeros(len(cut.base), dtype=bool)
    owner[contested] = CONTESTED
    state = np.where(agency == NOBODY, NOBODY, OWNED).astype(object)
    state[find_pending(plan, ownership, assignment)[0]] = PENDING
    state[contested] = CONTESTED
    names = np.array([*(town.name for town in towns.towns), ""], dtype=object)[at]
    del network
    return Settlement(
        tuple(owner.tolist()), tuple(agency.tolist()), assignment, tuple(names.tolist()), tuple(state.tolist())
    )


def _give_to_towns(
    plan: Plan, towns: TownRows, at: npt.NDArray[np.int64], *, ownership: Ownership, assignment: Assignment
) -> None:
    """Give ordinary roads to the agency of their outline, where outlines name agencies."""
    if not any(town.agency for town in towns.towns):
        return
    local = next((a.id for a in plan.agencies if a.kind == LOCAL), LOCAL)
    names = np.array([*(town.agency or local for town in towns.towns), NOBODY], dtype=object)
    ordinary = ~ownership.expressway
    assignment.agency[ordinary] = names[at][ordinary]
    assignment.why[ordinary] = np.where(at[ordinary] >= 0, Why.TOWN, Why.OUTSIDE)


def agency_findings(plan: Plan, ownership: Ownership, settlement: Settlement) -> list[Finding]:
    """Return what is doubtful about agencies, stretches, towns and handovers."""
    from jurisdiction.tabledoubts import table_findings
    from plan.handover import find_pending

    towns = towns_of(plan)
    known = {a.id for a in plan.agencies}
    named = {s.agency: s.name for s in stretches_of(plan)} | {t.agency: t.name for t in towns.towns if t.agency}
    unknown = {agency: name for agency, name in named.items() if agency not in known and agency != LOCAL}
    return [
        *contact_findings(plan.agencies),
        *(_unknown_findings(unknown)),
        *table_findings(ownership.cut, ownership.expressway, settlement.assignment, agencies=plan.agencies),
        *towns.findings,
        *find_pending(plan, ownership, settlement.assignment)[1],
    ]


def _unknown_findings(unknown: Mapping[str, str]) -> list[Finding]:
    if not unknown:
        return []
    listed = "、".join(f"{name}→{agency or '（空）'}" for agency, name in sorted(unknown.items())[:5])
    return [
        Finding(
            "unknown_agency",
            Severity.ERROR,
            len(unknown),
            f"{len(unknown)} 个单位编号不在单位表中（{listed}），请补充单位或改正编号。",
            f"{len(unknown)} agency ids are not in the table of agencies ({listed}): add them or correct the id.",
            things=tuple(sorted(unknown.values()))[:50],
        )
    ]
