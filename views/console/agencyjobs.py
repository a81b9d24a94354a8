"""Jobs on agencies: their tables, stretches resolved to metres, a new split among brigades, the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from geo.errors import InputError
from geo.findings import Finding, sort_findings
from jurisdiction.agencies import CATEGORIES, NOBODY, End
from jurisdiction.brigades import Why
from jurisdiction.ledger import GROUPS, OWNERS, STATES, Keys, keys_of, list_jumps, number_keys
from jurisdiction.stretchends import stake_at
from jurisdiction.tabledoubts import list_concurrencies, list_gaps, list_overlaps
from plan.agencies import agency_value, claims_of, stretch_value, stretches_of, town_value, towns_of
from plan.decisions import Decision
from plan.model import Derived, Plan
from plan.planfile import save_plan
from plan.results import findings_json
from views.console.jobs import Tell, open_for


@dataclass(frozen=True, slots=True)
class AgencyTables:
    """Tables to read into the plan first: agencies, stretches, towns, stakes."""

    agencies: Path | None = None
    stretches: Path | None = None
    towns: Path | None = None
    stakes: Path | None = None
    convention: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceWish:
    """What balance is asked for: a number of brigades or their ids, what counts as work, and the table of cases."""

    count: int | None = None
    agencies: tuple[str, ...] = field(default=())
    by: str = "length"
    cases: Path | None = None
    seed: int = 1

    @property
    def is_asked(self) -> bool:
        """Whether a new split is wanted at all."""
        return self.count is not None or bool(self.agencies)


def with_tables(plan: Plan, tables: AgencyTables) -> tuple[Plan, list[Finding]]:
    """Return the plan with tables read into it as decisions, and what is wrong with the tables.

    A table replaces what it is about: stretches that a new table of stretches does not list are withdrawn.
    """
    from jurisdiction.agencytables import read_agencies, read_stretches
    from jurisdiction.towns import read_towns

    findings: list[Finding] = []
    if tables.agencies is not None:
        for agency in read_agencies(tables.agencies):
            plan = plan.decide(Decision("set_agency", agency.id, agency_value(agency)))
    if tables.stakes is not None:
        from plan.stakes import make_stake_decisions

        for decision in make_stake_decisions(tables.stakes, plan.network):
            plan = plan.decide(decision)
    if tables.stretches is not None:
        listed = read_stretches(tables.stretches)
        for old in stretches_of(plan):
            if old.name not in {s.name for s in listed}:
                gone = {"agency": old.agency, "route": old.route, "withdrawn": True}
                plan = plan.decide(Decision("set_stretch", old.name, gone))
        for stretch in listed:
            plan = plan.decide(Decision("set_stretch", stretch.name, stretch_value(stretch)))
    if tables.towns is not None:
        towns, told = read_towns(tables.towns)
        findings += [f for f in told if f.code != "towns_overlap"]
        for town in towns:
            plan = plan.decide(Decision("set_town", town.id, town_value(town)))
    return plan, findings


def stretches(source: str, tables: AgencyTables, wish: BalanceWish, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """List stretches with their metres, gaps, overlaps and concurrencies; propose a balanced split when asked."""
    plan, told = with_tables(open_for(source, tables.convention, tell=tell), tables)
    tell("定位管段 … / resolving stretches")
    document: dict[str, Any] = {}
    if wish.is_asked:
        plan, document = _rebalance(plan, wish, source=source, tell=tell)
    document = stretches_json(plan, told) | document
    if out is not None:
        save_plan(out, plan)
        tell(f"已保存 {out.name} / saved")
    return document


def _rebalance(plan: Plan, wish: BalanceWish, *, source: str, tell: Tell) -> tuple[Plan, dict[str, Any]]:
    from plan.rebalance import Wish, decide_split, expressway_agencies, propose_split

    if wish.count is not None and wish.agencies:
        msg = "--balance 与 --balance-agencies 只能给出一个。 / give either --balance or --balance-agencies."
        raise InputError(msg)
    names = wish.agencies or expressway_agencies(plan, wish.count or 0)
    asked = Wish(names, fresh=not wish.agencies, by=wish.by, seed=wish.seed)
    cases = _cases(wish, source)
    tell("均衡划分 … / balancing")
    proposal = propose_split(plan, asked, cases=cases)
    decided = decide_split(plan, proposal, why=f"balance --by {wish.by}")
    return decided, {"balance": proposal.to_json() | {"findings": findings_json(proposal.findings)}}


def _cases(wish: BalanceWish, source: str) -> Sequence[Any]:
    from plan.options import read_cases

    if wish.cases is not None:
        return read_cases(wish.cases)
    if source == "demo" and wish.by == "cases":
        from data.demo import table_path

        return read_cases(table_path("cases.csv"))
    return ()


def stretches_json(plan: Plan, told: Sequence[Finding] = ()) -> dict[str, Any]:
    """Return the document of ``roadseam stretches``: lengths in metres, coordinates WGS-84."""
    derived = plan.derived
    cut, assignment = derived.ownership.cut, derived.settlement.assignment
    ids = cut.network.segment_ids
    codes = {"contact_missing", "unknown_agency", "outside_district", "concurrency", "route_without_stretch"}
    mine = [f for f in derived.findings if f.code in codes or f.code.startswith(("stretch_", "stake_", "border_"))]
    mine += [f for f in derived.findings if f.code.startswith(("outline_", "towns_", "handover_"))]
    return {
        "agencies": [_agency_json(plan, k) for k in range(len(plan.agencies))],
        "stretches": [_stretch_json(derived, plan, k) for k in range(len(assignment.claims.spans))],
        "gaps": [run.to_json(ids) for run in list_gaps(cut, assignment)],
        "overlaps": [run.to_json(ids) for run in list_overlaps(cut, assignment)],
        "outside": [run.to_json(ids) for run in list_gaps(cut, assignment, why=Why.BEYOND)],
        "concurrencies": [
            row.to_json(ids) for row in list_concurrencies(cut, derived.ownership.expressway, assignment)
        ],
        "agency_length_m": {name: mm / 1000 for name, mm in derived.ledger.of("agency").items()},
        "findings": findings_json(sort_findings([*told, *mine])),
    }


def _agency_json(plan: Plan, number: int) -> dict[str, Any]:
    agency = plan.agencies[number]
    has = {c.category for c in agency.contacts if c.post or c.phone}
    return {
        "id": agency.id,
        "name": agency.name,
        "kind": agency.kind,
        "letter": agency.letter,
        "office": agency.office,
        "contacts": [{"category": c.category, "post": c.post, "phone": c.phone} for c in agency.contacts],
        "missing": [category for category in CATEGORIES if category not in has],
        "length_m": plan.derived.ledger.of("agency").get(agency.id, 0) / 1000,
    }


def _stretch_json(derived: Derived, plan: Plan, number: int) -> dict[str, Any]:
    claims = claims_of(plan)
    span, assignment = claims.spans[number], derived.settlement.assignment
    stretch = span.stretch
    length = derived.network.segments.length_mm
    won = assignment.stretch == number
    claimed = assignment.pair_piece[assignment.pair_span == number]
    rows = [row for row in claimed.tolist() if won[row]]
    axis, calibration = claims.axes.get(stretch.route), claims.calibrations.get(stretch.route)
    ends: dict[str, Any] = {}
    for side, end in (("from", span.low), ("to", span.high)):
        if end is None or axis is None:
            ends |= {f"{side}_stake": "", f"{side}_m": None, f"{side}_place": None, f"{side}_kind": end and end.kind}
            continue
        at = min(max(end.middle_m, 0.0), axis.length_m)
        ends |= {
            f"{side}_stake": stake_at(calibration, axis, at),
            f"{side}_m": round(at, 1),
            f"{side}_place": list(axis.place_at(at)),
            f"{side}_kind": end.kind,
        }
    return {
        "id": stretch.name,
        "agency": stretch.agency,
        "route": stretch.route,
        "from": _end_json(stretch.start),
        "to": _end_json(stretch.end),
        "direction": stretch.direction,
        **ends,
        "length_m": int(length[rows].sum()) / 1000,
        "claimed_m": int(length[claimed].sum()) / 1000,
        "segments": len(rows),
        "first_segment": derived.network.segment_ids[rows[0]] if rows else "",
        "resolved": span.is_resolved,
        "problems": [{"code": p.code, "message": p.zh, "message_en": p.en} for p in span.problems],
    }


def _end_json(end: End) -> dict[str, Any]:
    place = None if end.place is None else list(end.place)
    return {"stake": end.stake, "name": end.name, "place": place}


def ledger(source: str, by: Sequence[str], tables: AgencyTables, *, out: Path | None, tell: Tell) -> dict[str, Any]:
    """Sum the network by owner, state, agency, class, route or town, each line with its place."""
    unknown = next((group for group in by if group not in GROUPS), None)
    if unknown is not None:
        known = "、".join(GROUPS)
        raise InputError(f"账目不能按“{unknown[:20]}”汇总，可选：{known}。 / group by one of {', '.join(GROUPS)}.")
    plan, told = with_tables(open_for(source, tables.convention, tell=tell), tables)
    tell("汇总账目 … / adding up")
    document = ledger_json(plan, by or GROUPS)
    document["findings"] = findings_json(sort_findings([*told, *_open_findings(plan.derived)]))
    if out is not None:
        save_plan(out, replace(plan))
        tell(f"已保存 {out.name} / saved")
    return document


def _open_findings(derived: Derived) -> list[Finding]:
    codes = {"stretch_gap", "outside_district", "handover_off_map", "contact_missing", "unknown_agency"}
    return [f for f in derived.findings if f.code in codes or f.code.startswith(("outline_", "towns_"))]


def ledger_keys(derived: Derived, group: str) -> Keys:
    """Return the keys of one group of the ledger over the derived network."""
    texts = {
        "owner": derived.owner,
        "state": derived.settlement.state,
        "agency": derived.agency,
        "town": derived.settlement.town,
    }
    return number_keys(texts[group]) if group in texts else keys_of(derived.network, group)


def ledger_json(plan: Plan, by: Sequence[str]) -> dict[str, Any]:
    """Return the document of ``roadseam ledger``: metres by group, equal to the network to the millimetre."""
    derived = plan.derived
    always = {"owner": OWNERS, "state": STATES}
    state = derived.ledger.of("state")
    groups = {
        group: [
            row.to_json()
            for row in list_jumps(derived.network, ledger_keys(derived, group), always=always.get(group, ()))
        ]
        for group in by
    }
    sums = {group: sum(mm for mm in derived.ledger.of(group).values()) for group in by}
    return {
        "total_m": derived.ledger.total_mm / 1000,
        "total_mm": derived.ledger.total_mm,
        "network_mm": plan.network.length_mm,
        "balanced": all(mm == plan.network.length_mm for mm in sums.values()),
        "state_m": {name: mm / 1000 for name, mm in state.items()},
        "town_rule": "longer_part",
        "towns_decided": towns_of(plan).decided,
        "by": groups,
        "outside_agency": NOBODY,
    }
