"""A plan is a network plus decisions; all else is derived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.findings import Finding, Severity, sort_findings
from geo.network import Network
from jurisdiction.agencies import DEFAULT_AGENCIES, Agency, Stretch
from jurisdiction.choices import DEFAULT_CONVENTION, AgreedSeam, Choices
from jurisdiction.ledger import Ledger, make_ledger
from plan.agencies import Settlement, agency_findings, agency_from, claims_of, settle, stretches_of
from plan.decisions import Decision
from plan.disputeparts import dispute_cuts

if TYPE_CHECKING:
    from geo.stakedesk import StakeDesk
    from geo.stations import Station
    from jurisdiction.ownership import Ownership
    from jurisdiction.whose import WhoseRoad

EVERY_STATION = "*"
OPEN = frozenset({"contested", "none"})
"""Owners that are no one's yet."""


@dataclass(frozen=True)
class Derived:
    """What follows from a plan.

    Attributes
    ----------
    ownership
        The split with its seams, leaks and findings.
    settlement
        Who has each segment of ``network``, and why: owner, agency, town, state.
    ledger
        Totals that add up to the network.
    findings
        Findings of network, split and decisions.
    stake_values
        Route to the stake table that the plan sets.
    """

    ownership: Ownership
    settlement: Settlement
    ledger: Ledger
    findings: tuple[Finding, ...]
    stake_values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        """The network all these rows are over: cut where a seam lies inside a segment."""
        return self.ownership.network

    @property
    def owner(self) -> tuple[str, ...]:
        """Owner of each segment: ``expressway``, ``ordinary``, ``contested`` (an open dispute) or ``none`` (a gap)."""
        return self.settlement.owner

    @property
    def agency(self) -> tuple[str, ...]:
        """Agency id of each segment, ``none`` where nobody has it."""
        return self.settlement.agency

    def reasons(self, row: int) -> tuple[dict[str, object], ...]:
        """Return why a segment is whose it is: the votes of the split, then why its agency has it."""
        return (*self.ownership.reasons(row), self.settlement.assignment.reason(row))

    @cached_property
    def holder(self) -> tuple[str, ...]:
        """Who may work on each segment: its agency, or ``contested`` or ``none`` where that is open."""
        return tuple(o if o in OPEN else a for o, a in zip(self.owner, self.agency, strict=True))

    @cached_property
    def whose(self) -> WhoseRoad:
        """The desk that answers whose road a place is."""
        from jurisdiction.whose import WhoseRoad

        return WhoseRoad(self.ownership, self.owner, self.agency)

    @cached_property
    def stakes(self) -> StakeDesk:
        """The desk that answers which stake a place has, and where a stake is; its rows are those of ``network``."""
        from plan.stakes import make_desk

        return make_desk(self.network, self.stake_values)


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

    @cached_property
    def land(self) -> Network:
        """The network with its stations as persons corrected them (``correct_station``)."""
        from plan.stationfixes import correct_stations

        return correct_stations(self.network, self.decisions)

    @property
    def stations(self) -> tuple[Station, ...]:
        """The stations of this plan: those of the map with the corrections applied."""
        return self.land.stations

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
        """The brigades' stretches, in the order they were decided."""
        return stretches_of(self)

    @property
    def open_disputes(self) -> tuple[Decision, ...]:
        """Disputes whose metres are still claimed twice: reserved and referred ones are."""
        settled = {k for k, d in self.latest("close_dispute").items() if d.value.get("outcome", "agreed") == "agreed"}
        return tuple(d for key, d in self.latest("open_dispute").items() if key not in settled)

    @property
    def choices(self) -> Choices:
        """What was decided about where seams lie."""
        chosen = self.latest("choose_convention")
        rings = [np.array(ring, dtype=np.float64) for d in chosen.values() for ring in d.value.get("land", ())]
        judged = self.latest("override_class")
        known = {f"w{way}" for way in self.network.ways.id.tolist()} if judged else set()
        on_map = self.network.row_of_segment
        return Choices(
            self.convention,
            {key: str(d.value["convention"]) for key, d in chosen.items() if key != EVERY_STATION},
            {int(key.removeprefix("w")): d.value["class"] == "expressway" for key, d in judged.items() if key in known},
            tuple(
                AgreedSeam(str(d.value["segment"]), float(d.value["offset_m"]))
                for d in self.latest("place_seam").values()
                if d.value.get("segment") in on_map
            ),
            rings,
            (*claims_of(self).cuts, *dispute_cuts(self)),
            {int(k.removeprefix("w")): d.why for k, d in self.latest("override_class").items() if k in known},
        )

    @cached_property
    def derived(self) -> Derived:
        """Owners, seams, ledger and findings of this plan."""
        from jurisdiction.splitting import split

        ownership = split(self.land, choices=self.choices)
        found = settle(self, ownership, disputed=self._disputed)
        ledger = make_ledger(ownership.network, found.owner, found.agency, state=found.state, town=found.town)
        more = [*agency_findings(self, ownership, found), *_stale_finding(self._off_the_map(self._disputed))]
        findings = sort_findings([*ownership.findings, *more])
        stakes = {route: decision.value for route, decision in self.latest("set_stakes").items()}
        return Derived(ownership, found, ledger, findings, stakes)

    @property
    def _disputed(self) -> set[str]:
        return {s for d in self.open_disputes for s in d.value.get("segments", ())}

    def holders_of(self, ownership: Ownership) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return owner and agency of each segment of a split of this plan's network."""
        found = settle(self, ownership, disputed=self._disputed)
        return found.owner, found.agency

    def _off_the_map(self, disputed: Iterable[str]) -> list[str]:
        """Return what decisions name that is not on this map."""
        judged = self.latest("override_class")
        known = {f"w{way}" for way in self.network.ways.id.tolist()} if judged else set()
        stations = {s.id for s in self.network.stations} | {EVERY_STATION}
        on_map = self.network.row_of_segment
        seams = [d for d in self.latest("place_seam").values() if not d.value.get("withdrawn")]
        placed = [str(d.value.get("segment", "")) for d in seams]
        return sorted(
            [
                *(key for key in self.latest("override_class") if key not in known),
                *(key for key in self.latest("choose_convention") if key not in stations),
                *(segment for segment in (*placed, *disputed) if segment not in on_map),
            ]
        )


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
            f"{len(stale)} decisions name roads that are no longer on the map ({names}); kept, name them anew.",
            things=tuple(stale[:50]),
        )
    ]
