"""Ownership: the labelling of least contradiction, its seams, leaks, reasons and findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.findings import Finding, Severity, sort_findings
from geo.network import Network
from geo.stations import StationKind
from jurisdiction.evidence import Evidence, collect_evidence
from jurisdiction.leaks import Leak, find_leaks
from jurisdiction.margins import measure_margins
from jurisdiction.mincut import Energy, Mask, find_labels
from jurisdiction.prices import JunctionKind, Prices, price_junctions
from jurisdiction.rules import SeamRules, seam_rules

DEFAULT_CONVENTION = "toll_island"
EXPRESSWAY, ORDINARY = "expressway", "ordinary"
_STATION_KINDS = {
    "toll_island": {JunctionKind.BOOTH, JunctionKind.PLAZA, JunctionKind.GATE},
    "ramp_end": {JunctionKind.BOOTH, JunctionKind.PLAZA, JunctionKind.GATE, JunctionKind.RAMP_END},
}


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
        ``booth``, ``plaza``, ``gate``, ``ramp_end`` or ``junction``.
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
    """Who owns what, and why; a pure function of network, convention, overrides and rules.

    Attributes
    ----------
    network, rules, convention
        What it was derived from.
    evidence, prices, energy
        Votes, junction prices and their sum, kept so that every seam can be explained.
    expressway
        bool (segments,): ``True`` is the expressway side.
    seams, leaks, findings
        Results; findings include those of the network.
    overrides
        Way row to main line (``True``) or ordinary (``False``), as decided by a person.
    """

    network: Network
    rules: SeamRules
    convention: str
    evidence: Evidence
    prices: Prices
    energy: Energy
    expressway: Mask
    seams: tuple[Seam, ...]
    leaks: tuple[Leak, ...]
    findings: tuple[Finding, ...]
    overrides: Mapping[int, bool]

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
                "source": "highway, name, ref, toll",
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
        return tuple(votes)


def split(
    network: Network,
    convention: str = DEFAULT_CONVENTION,
    *,
    overrides: Mapping[int, bool] | None = None,
    rules: SeamRules | None = None,
) -> Ownership:
    """Split a network between expressway and ordinary roads.

    Parameters
    ----------
    network
        A network with its stations.
    convention
        Name of a row of the price table: ``toll_island`` or ``ramp_end``.
    overrides
        Way row to ``True`` (expressway main line) or ``False`` (ordinary road).
    rules
        The rule table; the shipped one by default.

    Returns
    -------
    Ownership

    Raises
    ------
    InputError
        There is no such convention.
    """
    rules = rules or seam_rules()
    row = rules.convention(convention)
    overrides = dict(overrides or {})
    evidence = collect_evidence(network, rules, row, overrides=overrides)
    prices = price_junctions(network, evidence, row, rules=rules)
    energy = _energy(network, evidence, prices)
    expressway = find_labels(energy)
    bare = Ownership(
        network, rules, convention, evidence, prices, energy, expressway, (), (), network.findings, overrides
    )
    seams = _find_seams(bare)
    accepted = _STATION_KINDS.get(convention, _STATION_KINDS["toll_island"])
    loose = np.array(
        [s.node for s in seams if JunctionKind(prices.kind[s.node]) not in accepted], dtype=np.int64
    )
    leaks = find_leaks(network, evidence, expressway, junctions=loose, blocked=network.booth_mask())
    whole = replace(bare, seams=seams, leaks=leaks)
    return replace(whole, findings=sort_findings([*network.findings, *_findings(whole)]))


def _energy(network: Network, evidence: Evidence, prices: Prices) -> Energy:
    decimetres = (evidence.weight_mm + 50) // 100
    zero = np.zeros_like(decimetres)
    return Energy(
        network.segments.u,
        network.segments.v,
        np.where(evidence.for_expressway, decimetres, zero),
        np.where(evidence.for_expressway, zero, decimetres),
        prices.price,
    )


def _find_seams(ownership: Ownership) -> tuple[Seam, ...]:
    network, expressway, prices = ownership.network, ownership.expressway, ownership.prices
    seg, nodes = network.segments, network.nodes
    size = len(nodes)
    ours = np.bincount(np.concatenate((seg.u[expressway], seg.v[expressway])), minlength=size)
    theirs = np.bincount(np.concatenate((seg.u[~expressway], seg.v[~expressway])), minlength=size)
    rows = np.flatnonzero((ours > 0) & (theirs > 0))
    margins = measure_margins(ownership.energy, expressway, rows)
    station = {row: s.id for s in network.stations for row in s.booths}
    seams = []
    for row, margin in zip(rows.tolist(), margins, strict=True):
        touching = np.flatnonzero((seg.u == row) | (seg.v == row))
        seams.append(
            Seam(
                f"s{nodes.id[row]}",
                row,
                JunctionKind(prices.kind[row]).label,
                station.get(row, ""),
                float(nodes.lon[row]),
                float(nodes.lat[row]),
                round(margin, 1),
                round(float(prices.price[row] * min(ours[row], theirs[row])) / 10, 1),
                tuple(touching[expressway[touching]].tolist()),
                tuple(touching[~expressway[touching]].tolist()),
            )
        )
    return tuple(sorted(seams, key=lambda s: (s.lon, s.lat, s.id)))


def _findings(ownership: Ownership) -> list[Finding]:
    return [
        *_leak_findings(ownership),
        *_service_area_findings(ownership),
        *_class_findings(ownership),
        *_brigade_border_findings(ownership),
    ]


def _leak_findings(ownership: Ownership) -> list[Finding]:
    if not ownership.leaks:
        return []
    nodes = ownership.network.nodes
    rows = [leak.junction for leak in ownership.leaks]
    return [
        Finding(
            "leak",
            Severity.WARNING,
            len(rows),
            f"{len(rows)} 处高速与普通公路不经收费站相通，界点没有收费亭，请逐一确认或在会商中商定。",
            f"{len(rows)} places join expressway and ordinary roads without a station: confirm or agree each seam.",
            length_m=sum(leak.length_m for leak in ownership.leaks),
            places=tuple((float(nodes.lon[r]), float(nodes.lat[r])) for r in rows[:50]),
            things=tuple(f"n{nodes.id[r]}" for r in rows[:50]),
        )
    ]


def _service_area_findings(ownership: Ownership) -> list[Finding]:
    area, network = ownership.evidence.service_area, ownership.network
    rows = [s for s in ownership.seams if area[list(s.expressway)].any() and s.kind not in {"booth", "gate"}]
    if not rows:
        return []
    beyond = [s for s in rows if ownership.evidence.ramp[list(s.ordinary)].any()]
    return [
        Finding(
            "service_area_open",
            Severity.WARNING,
            len(rows),
            f"{len(rows)} 处服务区道路不经收费亭连到站外道路（其中 {len(beyond)} 处接在收费站外的匝道上），请现场核对。",
            f"{len(rows)} service-area roads join roads outside without a booth ({len(beyond)} of them a ramp beyond a "
            "booth): check on site.",
            places=tuple((s.lon, s.lat) for s in rows[:50]),
            things=tuple(f"n{network.nodes.id[s.node]}" for s in rows[:50]),
        )
    ]


def _class_findings(ownership: Ownership) -> list[Finding]:
    network, evidence = ownership.network, ownership.evidence
    findings = []
    raised = evidence.main_line & (network.segment_class >= 2)  # noqa: PLR2004 - 2 is the first ordinary class
    for code, mask, zh, en in (
        (
            "urban_expressway",
            evidence.urban,
            "标为 motorway，但名称、编号像城市快速路，暂按普通公路，请确认",
            "tagged motorway, but by name and number an urban fast road: read as ordinary road, please confirm",
        ),
        (
            "class_by_vote",
            raised,
            "不是 motorway，但名称、编号、收费都指向高速公路，暂按高速公路，请确认",
            "not tagged motorway, but name, number and toll say expressway: read as expressway, please confirm",
        ),
    ):
        rows = np.flatnonzero(mask)
        if len(rows) == 0:
            continue
        ways = np.unique(network.segments.way[rows])
        places = [network.points(int(row))[0] for row in rows[:50]]
        findings.append(
            Finding(
                code,
                Severity.WARNING,
                len(ways),
                f"{len(ways)} 条道路{zh}。",
                f"{len(ways)} ways are {en}.",
                length_m=float(network.segments.length_m[rows].sum()),
                places=tuple((float(x), float(y)) for x, y in places),
                things=tuple(network.segment_ids[row] for row in rows[:50]),
            )
        )
    return findings


def _brigade_border_findings(ownership: Ownership) -> list[Finding]:
    main = [s for s in ownership.network.stations if s.kind is StationKind.MAIN_LINE]
    if not main:
        return []
    return [
        Finding(
            "main_line_station",
            Severity.NOTE,
            len(main),
            f"{len(main)} 个主线收费站两侧都是高速公路，不是界点，只可作高速大队之间的分界。",
            f"{len(main)} main-line stations have expressway on both sides: no seam, only a border between brigades.",
            places=tuple((s.lon, s.lat) for s in main[:50]),
            things=tuple(s.id for s in main[:50]),
        )
    ]
