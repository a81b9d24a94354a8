"""Ownership: the labelling of least contradiction, its seams, leaks, reasons and findings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.cutting import CutNetwork
from geo.findings import Finding
from geo.network import Network
from jurisdiction.choices import Choices
from jurisdiction.evidence import Evidence, Mask, class_votes
from jurisdiction.rules import SeamRules

if TYPE_CHECKING:
    from jurisdiction.leaks import Leak
    from jurisdiction.mincut import Energy
    from jurisdiction.prices import Prices

EXPRESSWAY, ORDINARY = "expressway", "ordinary"


@dataclass(frozen=True, slots=True)
class Seam:
    """A junction where the owner changes.

    Attributes
    ----------
    id
        ``s<node id>``.
    node
        Node row.
    kind
        ``booth``, ``plaza``, ``gate``, ``ramp_end``, ``junction``, ``plaza_edge``, ``land`` or ``agreed``.
    station
        Id of the station it belongs to, or ``""``.
    lon, lat
        WGS-84 degrees.
    margin_m
        Metres of evidence that must be contradicted before the seam moves.
    price_m
        What the junction cost.
    expressway, ordinary
        Segment rows on either side.
    """

    id: str
    node: int
    kind: str
    station: str
    lon: float
    lat: float
    margin_m: float
    price_m: float
    expressway: tuple[int, ...]
    ordinary: tuple[int, ...]


@dataclass(frozen=True)
class Ownership:
    """Who owns what, and why; a pure function of network, choices and rules.

    Attributes
    ----------
    cut
        The network, cut where a seam lies inside a segment; all columns here are over its pieces.
    rules, choices
        What it was derived from.
    evidence, prices, energy
        Votes, junction prices and their sum, kept so that every seam can be explained.
    expressway
        bool (segments,): ``True`` is the expressway side.
    seams, leaks, findings
        Results; findings include those of the network.
    """

    cut: CutNetwork
    rules: SeamRules
    choices: Choices
    evidence: Evidence
    prices: Prices
    energy: Energy
    expressway: Mask
    seams: tuple[Seam, ...]
    leaks: tuple[Leak, ...]
    findings: tuple[Finding, ...]

    @property
    def network(self) -> Network:
        """The network of pieces."""
        return self.cut.network

    @property
    def convention(self) -> str:
        """The convention of every station without its own."""
        return self.choices.convention

    @cached_property
    def owner(self) -> npt.NDArray[np.str_]:
        """Owner of each segment: ``expressway`` or ``ordinary``."""
        return np.where(self.expressway, EXPRESSWAY, ORDINARY)

    def reasons(self, segment: int) -> tuple[dict[str, object], ...]:
        """Return the votes on a segment and on its class, as plain values for a card or JSON."""
        evidence = self.evidence
        rule = self.rules.votes[evidence.rule_names[int(evidence.rule[segment])]]
        region = int(evidence.free.region[segment])
        votes: list[dict[str, object]] = [
            {
                "vote": rule.name,
                "for": EXPRESSWAY if rule.for_expressway else ORDINARY,
                "evidence_m": round(float(evidence.weight_mm[segment]) / 1000, 1),
                "source": rule.source,
            },
            {
                "vote": "class_points",
                "for": EXPRESSWAY if evidence.points[segment] > 0 else ORDINARY,
                "points": int(evidence.points[segment]),
                "votes": self._class_votes_on(segment),
                "source": "highway, name, ref, toll, lanes",
            },
        ]
        if region >= 0:
            votes.append(
                {
                    "vote": "booth_free_reach",
                    "for": ORDINARY,
                    "main_line_m": round(float(evidence.free.main_line_m[region]), 1),
                    "source": "travel direction",
                }
            )
        way = int(self.network.ways.id[self.network.segments.way[segment]])
        if way in self.choices.overrides:
            said = EXPRESSWAY if self.choices.overrides[way] else ORDINARY
            why = self.choices.override_reasons.get(way, "")
            votes.append({"vote": "override", "for": said, "reason": why, "source": "override_class"})
        return tuple(votes)

    @cached_property
    def _class_votes(self) -> dict[str, Mask]:
        return class_votes(self.network)

    def _class_votes_on(self, segment: int) -> list[dict[str, object]]:
        """Return every vote on the class of a segment's way, with points and source."""
        way = int(self.network.segments.way[segment])
        rules = self.rules
        return [
            {"vote": name, "points": rules.class_points.get(name, 0), "source": rules.class_sources.get(name, "")}
            for name, mask in self._class_votes.items()
            if mask[way] and rules.class_points.get(name, 0)
        ]
