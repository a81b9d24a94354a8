"""All zones of a network, from its segments, their owners and the rules of a province."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce

import numpy as np

from geo.errors import InputError
from geo.findings import Finding, Severity, sort_findings
from geo.network import Network
from patrol.zones.bridges import Structure, bridge_findings, find_structures, make_ferries, make_surroundings
from patrol.zones.columns import KINDS, Zones, gather
from patrol.zones.control import make_control, rows_of
from patrol.zones.crossings import find_crossings, find_passages
from patrol.zones.drafts import Draft
from patrol.zones.groups import Layout, lay_out
from patrol.zones.junctions import make_junctions
from patrol.zones.land import land_pieces, make_land
from patrol.zones.overlay import Taken
from patrol.zones.places import make_connectors, make_plazas
from patrol.zones.plane import Plane
from patrol.zones.rivers import Rivers, make_sand
from patrol.zones.roads import RoadMasks, read_roads
from patrol.zones.rules import NATIONAL, ZoneRules, zone_rules
from patrol.zones.setbacks import make_bans, make_setbacks
from patrol.zones.sight import make_curves, read_sight
from patrol.zones.underbridge import UnderBridge, make_under_bridge
from patrol.zones.visible import make_visible

_FROM_LAND = ("control_zone", "quarry", "danger", "visible_range")
_SIGHT = {"sight_curve", "sight_junction", "sight_interchange"}
_SURROUNDINGS = {"bridge_quarry", "bridge_danger", "tunnel_quarry", "tunnel_danger"}
_FERRIES = {"ferry_quarry", "ferry_danger"}


def make_zones(
    network: Network,
    masks: RoadMasks,
    *,
    agency: Sequence[str],
    owner: Sequence[str],
    province: str = NATIONAL,
    kinds: Collection[str] | None = None,
    rivers: Rivers | None = None,
    rules: ZoneRules | None = None,
) -> Zones:
    """Make the roadside zones of a network.

    Parameters
    ----------
    network
        The network; of a plan, ``plan.derived.network``.
    masks
        What its segments are; ``plan.derived.ownership.evidence``.
    agency, owner
        Agency id and owner label of each segment, from the ledger.
    province
        Name of the province whose rows hold, in Chinese or Latin letters; the national rows by default.
    kinds
        Kinds to make, of ``KINDS``; all of them by default.
    rivers
        River lines, for the reaches in which no sand may be dug.
    rules
        A rule table of the user's own instead of that of ``province``.

    Returns
    -------
    Zones
        Reference only; the same input in any order gives the same zones.

    Raises
    ------
    InputError
        There is no such province or kind, or the owners do not fit the network.
    """
    _check(network, agency, owner, kinds)
    wanted = set(KINDS if kinds is None else kinds)
    table = zone_rules(province) if rules is None else rules
    plane = Plane.of(network)
    crossings, findings = find_crossings(plane)
    passage, found = find_passages(plane, crossings, table)
    findings += found
    roads = read_roads(network, masks, table, passage=passage)
    findings += [*roads.findings, *_province_finding(table)]
    layout = lay_out(plane, roads, agency=agency, owner=owner)
    structures = find_structures(plane, roads, table, agency=agency, owner=owner)
    drafts, found = _along_roads(layout, table, wanted)
    findings += found
    more, found = _at_structures(layout, structures, table, agency=agency, owner=owner, wanted=wanted, rivers=rivers)
    drafts += more
    findings += found
    if wanted & {"sand"}:
        findings += bridge_findings(plane, structures, crossings, has_rivers=rivers is not None)
    if "under_bridge" in wanted:
        job = UnderBridge(plane, roads, table, agency, owner)
        more, found = make_under_bridge(job, crossings, structures)
        drafts += more
        findings += found
    if "plaza" in wanted:
        drafts += make_plazas(layout, table, agency=agency, owner=owner)
    if "connector" in wanted:
        drafts += make_connectors(layout, masks, table, agency=agency, owner=owner)
    return gather(plane, roads, table, drafts=drafts, findings=sort_findings(findings))


def _check(network: Network, agency: Sequence[str], owner: Sequence[str], kinds: Collection[str] | None) -> None:
    size = len(network.segments)
    if len(agency) != size or len(owner) != size:
        raise InputError(
            f"归属有 {len(agency)} 行、{len(owner)} 行，路段有 {size} 条，请用同一方案的归属。 / "
            f"{len(agency)} and {len(owner)} owners for {size} segments: take those of the same plan."
        )
    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        raise InputError(
            f"没有区域类型“{unknown[0][:40]}”，可选：{'、'.join(KINDS)}。 / "
            f"no kind of zone {unknown[0][:40]!r}; choose of {', '.join(KINDS)}."
        )


def _along_roads(layout: Layout, rules: ZoneRules, wanted: set[str]) -> tuple[list[Draft], list[Finding]]:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    pieces = land_pieces(layout)
    if "land" in wanted:
        drafts += make_land(layout, rules, pieces)
    widest = [rows_of(layout, rules, kind)[1] for kind in _FROM_LAND if kind in wanted]
    around = layout.outlines(reduce(np.fmax, widest)) if widest else np.zeros(0, dtype=np.object_)
    land = Taken(pieces, around)
    if "control_zone" in wanted:
        drafts += make_control(layout, rules, land)
    if "setback" in wanted:
        drafts += make_setbacks(layout, rules)
    drafts += make_bans(layout, rules, land, wanted=wanted)
    if "visible_range" in wanted:
        more, findings = make_visible(layout, rules, land)
        drafts += more
    if wanted & _SIGHT:
        sight = read_sight(layout, rules)
        triangles = make_junctions(layout, rules, sight, land=land) if wanted & (_SIGHT - {"sight_curve"}) else []
        drafts += [d for d in triangles if d.kind in wanted]
        if "sight_curve" in wanted:
            drafts += make_curves(layout, rules, sight, land=land)
    return drafts, findings


def _at_structures(
    layout: Layout,
    structures: Sequence[Structure],
    rules: ZoneRules,
    *,
    agency: Sequence[str],
    owner: Sequence[str],
    wanted: set[str],
    rivers: Rivers | None,
) -> tuple[list[Draft], list[Finding]]:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    if wanted & _SURROUNDINGS:
        drafts += [d for d in make_surroundings(layout.plane, structures, rules) if d.kind in wanted]
    if wanted & _FERRIES:
        drafts += [d for d in make_ferries(layout, rules, agency=agency, owner=owner) if d.kind in wanted]
    if "sand" in wanted and rivers is not None:
        more, findings = make_sand(layout.plane, structures, rules, rivers=rivers)
        drafts += more
    return drafts, findings


def _province_finding(rules: ZoneRules) -> list[Finding]:
    if rules.province == NATIONAL or rules.has_own:
        return []
    return [
        Finding(
            "zone_province_default",
            Severity.NOTE,
            1,
            f"规则表没有 {rules.province} 的条目，全部按全国标准；如有地方条例请补充规则表。",
            f"the rule table has no row for {rules.province}: national rows are used; add its regulation.",
        )
    ]
