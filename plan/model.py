"""A plan is a network plus decisions; all else is derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from geo.findings import Finding, Severity, sort_findings
from geo.network import Network
from jurisdiction.agencies import DEFAULT_AGENCIES, Agency, Contact, Stretch, assign_agencies
from jurisdiction.ledger import Ledger, make_ledger
from jurisdiction.ownership import DEFAULT_CONVENTION, Ownership, split
from jurisdiction.whose import WhoseRoad
from plan.decisions import Decision

EVERY_STATION = "*"


@dataclass(frozen=True)
class Derived:
    """What follows from a plan.

    Attributes
    ----------
    ownership
        The split with its seams, leaks and findings.
    owner
        Owner of each segment: ``expressway``, ``ordinary`` or ``contested`` (an open dispute).
    agency
        Agency id of each segment.
    ledger
        Totals that add up to the network.
    findings
        Findings of network, split and decisions.
    """

    ownership: Ownership
    owner: tuple[str, ...]
    agency: tuple[str, ...]
    ledger: Ledger
    findings: tuple[Finding, ...]

    @cached_property
    def whose(self) -> WhoseRoad:
        """The desk that answers whose road a place is."""
        return WhoseRoad(self.ownership, self.owner, self.agency)


@dataclass(frozen=True)
class Plan:
    """A network and the decisions made on it; never changed, only followed by the next version.

    Attributes
    ----------
    network
        The road network.
    decisions
        In the order they were made.
    title
        A name for people.
    """

    network: Network
    decisions: tuple[Decision, ...] = ()
    title: str = ""

    def decide(self, decision: Decision) -> Plan:
        """Return the plan with one more decision."""
        return replace(self, decisions=(*self.decisions, decision))

    def undo(self) -> Plan:
        """Return the plan without its last decision; a plan without decisions stays as it is."""
        return replace(self, decisions=self.decisions[:-1])

    def latest(self, kind: str) -> dict[str, Decision]:
        """Return key to the last decision of one kind, in the order the keys first came."""
        found: dict[str, Decision] = {}
        for decision in self.decisions:
            if decision.kind == kind:
                found[decision.key] = decision
        return found

    @property
    def convention(self) -> str:
        """The convention chosen for every station."""
        chosen = self.latest("choose_convention").get(EVERY_STATION)
        return str(chosen.value["convention"]) if chosen else DEFAULT_CONVENTION

    @property
    def agencies(self) -> tuple[Agency, ...]:
        """The brigades, or the two default ones."""
        found = [agency_from(d.key, d.value) for d in self.latest("set_agency").values()]
        return tuple(found) or DEFAULT_AGENCIES

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The brigades' routes."""
        return tuple(Stretch(str(d.value["agency"]), d.key) for d in self.latest("set_stretch").values())

    @property
    def open_disputes(self) -> tuple[Decision, ...]:
        """Disputes that were opened and not closed."""
        closed = self.latest("close_dispute")
        return tuple(d for key, d in self.latest("open_dispute").items() if key not in closed)

    @cached_property
    def derived(self) -> Derived:
        """Owners, seams, ledger and findings of this plan."""
        overrides, stale = _overrides(self)
        ownership = split(self.network, self.convention, overrides=overrides)
        owner = ownership.owner.astype(object)
        row_of = self.network.row_of_segment
        for dispute in self.open_disputes:
            for segment in dispute.value.get("segments", ()):
                if segment in row_of:
                    owner[row_of[segment]] = "contested"
                else:
                    stale.append(str(segment))
        agency = assign_agencies(self.network, ownership.expressway, self.agencies, stretches=self.stretches)
        owners = tuple(str(text) for text in owner)
        ledger = make_ledger(self.network, owners, agency)
        findings = sort_findings([*ownership.findings, *_stale_finding(stale)])
        return Derived(ownership, owners, agency, ledger, findings)


def _overrides(plan: Plan) -> tuple[dict[int, bool], list[str]]:
    """Return way row to main line or not, and the keys of ways that are no longer on the map."""
    found: dict[int, bool] = {}
    stale = []
    for key, decision in plan.latest("override_class").items():
        rows = np.flatnonzero(plan.network.ways.id == int(key.removeprefix("w")))
        if len(rows) == 0:
            stale.append(key)
        found.update(dict.fromkeys(rows.tolist(), decision.value["class"] == "expressway"))
    return found, stale


def _stale_finding(stale: Sequence[str]) -> list[Finding]:
    if not stale:
        return []
    names = "、".join(stale[:5])
    return [
        Finding(
            "stale_decision",
            Severity.ERROR,
            len(stale),
            f"{len(stale)} 条决定所指的道路已不在地图上（{names}），决定仍保留，请重新指定。",
            f"{len(stale)} decisions name roads that are no longer on the map ({names}); they are kept: name them anew.",
            things=tuple(stale[:50]),
        )
    ]


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
