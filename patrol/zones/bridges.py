"""Bridges, tunnels and ferries: what lies around them, and the reaches of rivers where no sand may be dug."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from geo.classes import RoadClass
from geo.findings import Finding, Severity
from patrol.zones.crossings import Crossings
from patrol.zones.drafts import Draft
from patrol.zones.groups import Group, Layout, group_of_rows
from patrol.zones.plane import Plane, keep_polygons
from patrol.zones.roads import ADMIN, STRUCTURE, Roads, label_joined
from patrol.zones.rules import ZoneRules

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Structure:
    """A bridge or a tunnel of one road.

    Attributes
    ----------
    kind
        ``bridge`` or ``tunnel``.
    id
        Id of its first segment.
    rows
        int64, its segments in stable order.
    length_m
        Their length; the lengths of single spans are not on the map.
    size
        ``extra_large``, ``large``, ``medium``, ``small`` (JTG D60, by length) or ``tunnel``.
    group
        Owner, class and width; of the first segment where they vary.
    """

    kind: str
    id: str
    rows: Rows
    length_m: float
    size: str
    group: Group


def bridge_size(length_m: float, rules: ZoneRules) -> str:
    """Return the size of a bridge by its length (JTG D60).

    Examples
    --------
    >>> from patrol.zones.rules import zone_rules
    >>> [bridge_size(length, zone_rules()) for length in (12, 30.5, 100, 1000, 1001)]
    ['small', 'medium', 'large', 'large', 'extra_large']
    """
    limits = rules.limits
    if length_m > limits["bridge_extra_large_m"]:
        return "extra_large"
    if length_m >= limits["bridge_large_m"]:
        return "large"
    return "medium" if length_m > limits["bridge_medium_m"] else "small"


def find_structures(
    plane: Plane, roads: Roads, rules: ZoneRules, *, agency: Sequence[str], owner: Sequence[str]
) -> tuple[Structure, ...]:
    """Find the bridges and tunnels of roads that have a class, in stable order; each carriageway has its own."""
    classed = roads.admin != ADMIN.index("")
    mask = classed & (roads.structure != 0)
    kind = roads.technical.astype(np.int64) * len(STRUCTURE) + roads.structure
    label = label_joined(plane.network, mask, kind)
    rows = np.flatnonzero(mask)
    rows = rows[np.lexsort((plane.rank[rows], label[rows]))].astype(np.int64)
    parts = np.split(rows, np.flatnonzero(np.diff(label[rows])) + 1) if len(rows) else []
    found = []
    for part in sorted(parts, key=lambda rows: int(plane.rank[rows[0]])):
        first = int(part[0])
        name = STRUCTURE[roads.structure[first]]
        length_m = float(plane.network.segments.length_mm[part].sum()) / 1000
        size = bridge_size(length_m, rules) if name == "bridge" else "tunnel"
        known = group_of_rows(part, roads, agency=agency, owner=owner)
        group = replace(known, half_m=float(roads.half_m[part].max()), edge_m=float(roads.edge_m[part].max()))
        found.append(Structure(name, plane.network.segment_ids[first], part, length_m, size, group))
    return tuple(found)


def make_surroundings(plane: Plane, structures: Sequence[Structure], rules: ZoneRules) -> list[Draft]:
    """Return the zones around bridges and tunnels in which quarrying and dangerous goods are banned."""
    drafts = []
    for structure in structures:
        line = shapely.multilinestrings(plane.lines[structure.rows])
        for what in ("quarry", "danger"):
            row = rules.row(f"{structure.kind}_{what}", structure.size)
            if row is None:
                continue
            reach = structure.group.half_m + row.distance_m
            shape = keep_polygons(np.array([shapely.buffer(line, reach, quad_segs=8)], dtype=np.object_))[0]
            kind = f"{structure.kind}_{what}"
            begin = structure.group.half_m
            note = f"{structure.length_m:.0f} m，按地图长度定级，单孔跨径不明" if structure.kind == "bridge" else ""
            drafts.append(Draft(kind, structure.id, structure.group, row, begin, reach, structure.rows, shape, note))
    return drafts


def make_ferries(layout: Layout, rules: ZoneRules, *, agency: Sequence[str], owner: Sequence[str]) -> list[Draft]:
    """Return the zones around ferry landings: where a ferry meets a road."""
    plane = layout.plane
    network, seg = plane.network, plane.network.segments
    ferry = network.segment_class == RoadClass.FERRY
    at_ferry = np.zeros(len(network.nodes), dtype=bool)
    at_ferry[seg.u[ferry]] = at_ferry[seg.v[ferry]] = True
    touching = np.flatnonzero(~ferry & (at_ferry[seg.u] | at_ferry[seg.v]))
    landing: dict[int, int] = {}
    for row in sorted(touching.tolist(), key=lambda r: int(plane.rank[r])):
        for node in (int(seg.u[row]), int(seg.v[row])):
            if at_ferry[node]:
                landing.setdefault(node, row)
    drafts = []
    for node in sorted(landing, key=lambda n: int(network.nodes.id[n])):
        first = landing[node]
        thing = f"n{network.nodes.id[node]}"
        group = group_of_rows(np.array([first], dtype=np.int64), layout.roads, agency=agency, owner=owner)
        for kind in ("ferry_quarry", "ferry_danger"):
            rule = rules.row(kind, "ferry")
            if rule is not None:
                reach = rule.distance_m
                disc = shapely.buffer(shapely.Point(plane.x[node], plane.y[node]), reach, quad_segs=8)
                shape = keep_polygons(np.array([disc], dtype=np.object_))[0]
                drafts.append(Draft(kind, thing, group, rule, 0.0, reach, group.rows, shape))
    return drafts


def bridge_findings(
    plane: Plane, structures: Sequence[Structure], crossings: Crossings, *, has_rivers: bool
) -> list[Finding]:
    """Return what cannot be known about bridges: spans, and the waters they cross."""
    bridges = [s for s in structures if s.kind == "bridge"]
    if not bridges:
        return []
    findings = [
        Finding(
            "zone_bridge_size_by_length",
            Severity.NOTE,
            len(bridges),
            f"{len(bridges)} 座桥按地图长度定级（JTG D60），单孔跨径不在地图上；单跨较大的桥请核对。",
            f"{len(bridges)} bridges are sized by their length on the map (JTG D60); spans are not on it, check.",
            length_m=sum(s.length_m for s in bridges),
            things=tuple(s.id for s in bridges[:50]),
        )
    ]
    if has_rivers:
        return findings
    over_road = set(crossings.upper.tolist())
    wet = [s for s in bridges if over_road.isdisjoint(s.rows.tolist())]
    if wet:
        at = plane.network.segments.u[[int(s.rows[0]) for s in wet[:50]]]
        nodes = plane.network.nodes
        findings.append(
            Finding(
                "zone_rivers_unknown",
                Severity.WARNING,
                len(wet),
                f"{len(wet)} 座桥下没有道路，可能跨河；路网不含河流，禁采砂河段无法划定，请提供河流图层。",
                f"{len(wet)} bridges cross no road and may cross water; the network holds no rivers, "
                "so reaches without sand mining cannot be drawn: supply a layer of rivers.",
                length_m=sum(s.length_m for s in wet),
                places=tuple(zip(nodes.lon[at].tolist(), nodes.lat[at].tolist(), strict=True)),
                things=tuple(s.id for s in wet[:50]),
            )
        )
    return findings
