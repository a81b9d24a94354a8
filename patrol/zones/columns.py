"""Zones as columns: one row a zone, geometry on the metric plane, frames and files made only when asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.findings import Finding
from geo.network import Network
from patrol.zones.drafts import Draft
from patrol.zones.plane import Floats, Geometries, Plane, plane_to_degrees
from patrol.zones.roads import Roads
from patrol.zones.rules import ZoneRules

if TYPE_CHECKING:
    import geopandas as gpd

LABEL = "参考线"
LABEL_EN = "reference only: the county government announces the legal line"
"""What every zone says of itself."""

KINDS: dict[str, str] = {
    "land": "公路用地",
    "control_zone": "建筑控制区",
    "setback": "新建村镇学校市场后退范围",
    "quarry": "采石取土爆破禁止范围",
    "danger": "危险品场所禁止范围",
    "visible_range": "可视范围",
    "sight_curve": "弯道内侧视距区",
    "sight_junction": "平交口视距区",
    "sight_interchange": "互通视距区",
    "bridge_quarry": "桥梁周围采石禁止范围",
    "bridge_danger": "桥梁周围危险品禁止范围",
    "tunnel_quarry": "隧道采石禁止范围",
    "tunnel_danger": "隧道危险品禁止范围",
    "ferry_quarry": "渡口采石禁止范围",
    "ferry_danger": "渡口危险品禁止范围",
    "sand": "禁采砂河段",
    "under_bridge": "桥下空间",
    "plaza": "收费广场",
    "connector": "连接线",
}
"""Kind of zone to its Chinese name, in the order in which zones are listed."""

COLUMNS: dict[str, tuple[type, str]] = {
    "id": (str, "z<kind>/<segment, node, station or structure>"),
    "kind": (str, "kind of zone"),
    "road": (str, "number or name of the road"),
    "road_class": (str, "administrative class: expressway, G, S, X, Y, C"),
    "class_from": (str, "number or map_class"),
    "technical": (str, "technical class taken for the width"),
    "structure": (str, "bridge or empty"),
    "province": (str, "province whose rows hold"),
    "agency": (str, "owner agency from the ledger"),
    "owner": (str, "expressway, ordinary or contested"),
    "also": (str, "other agencies concerned, space-separated"),
    "half_width_m": (float, "assumed: from the line to the edge of the roadbed, m"),
    "land_edge_m": (float, "assumed: from the line to the outer edge of highway land, m"),
    "from_m": (float, "where the zone begins, from the line, m"),
    "to_m": (float, "where the zone ends, from the line, m"),
    "rule": (str, "row of the rule table"),
    "rule_m": (float, "its distance, m"),
    "source": (str, "where that number comes from"),
    "is_law": (int, "1: stands in the text named; 0: assumption"),
    "area_m2": (float, "area on the plane, m2"),
    "road_m": (float, "metres of road"),
    "label": (str, "reference only"),
    "note": (str, "what else to know"),
}
"""Column name to Python type and meaning, of tables, layers and frames."""


@dataclass(frozen=True)
class Zones:
    """The zones of a network, in the order of ``KINDS``, then of the network's segments.

    Attributes
    ----------
    network, roads, rules
        What they were made from.
    epsg
        Metric plane of ``shape``.
    ids
        One id a zone, unique.
    drafts
        Width, rule, owner and segments of each zone.
    shape
        Multipolygons on the plane, object (zones,).
    findings
        What was assumed, and what cannot be known.
    """

    network: Network = field(repr=False)
    roads: Roads = field(repr=False)
    rules: ZoneRules = field(repr=False)
    epsg: int
    ids: tuple[str, ...] = field(repr=False)
    drafts: tuple[Draft, ...] = field(repr=False)
    shape: Geometries = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def kind(self) -> npt.NDArray[np.str_]:
        """Kind of each zone."""
        return np.array([d.kind for d in self.drafts], dtype=np.str_)

    @cached_property
    def agency(self) -> npt.NDArray[np.str_]:
        """Owner agency of each zone."""
        return np.array([d.group.agency for d in self.drafts], dtype=np.str_)

    @cached_property
    def area_m2(self) -> Floats:
        """Area of each zone, square metres."""
        return np.asarray(shapely.area(self.shape), dtype=np.float64)

    @cached_property
    def road_m(self) -> Floats:
        """Metres of road each zone belongs to, geodesic; on the plane where a zone takes part of a segment."""
        length = self.network.segments.length_mm
        whole = [int(length[d.segments].sum()) / 1000 if d.road_m is None else d.road_m for d in self.drafts]
        return np.array(whole, dtype=np.float64)

    @cached_property
    def degrees(self) -> Geometries:
        """Geometry in lon/lat WGS-84 degrees, all valid."""
        return plane_to_degrees(self.shape, self.epsg)

    def where(self, *, kinds: Collection[str] | None = None, agencies: Collection[str] | None = None) -> Zones:
        """Return the zones of some kinds and some owner agencies; None takes all."""
        return self._take(
            lambda d: (kinds is None or d.kind in kinds) and (agencies is None or d.group.agency in agencies)
        )

    def _take(self, test: Callable[[Draft], bool]) -> Zones:
        rows = [k for k, d in enumerate(self.drafts) if test(d)]
        return Zones(
            self.network,
            self.roads,
            self.rules,
            self.epsg,
            tuple(self.ids[k] for k in rows),
            tuple(self.drafts[k] for k in rows),
            self.shape[rows],
            self.findings,
        )

    def rows(self) -> list[tuple[Any, ...]]:
        """Return one tuple a zone, in the order of ``COLUMNS``; with ``degrees`` they make a layer of a file."""
        return [
            (
                self.ids[k],
                d.kind,
                d.group.road,
                d.group.admin,
                d.group.basis,
                d.group.technical,
                d.group.structure,
                self.rules.province,
                d.group.agency,
                d.group.owner,
                " ".join(d.also),
                round(d.group.half_m, 3),
                round(d.group.edge_m, 3),
                round(d.from_m, 3),
                round(d.to_m, 3),
                d.row.id,
                d.row.distance_m,
                d.row.source,
                int(d.row.is_law),
                round(float(self.area_m2[k]), 2),
                round(float(self.road_m[k]), 3),
                LABEL,
                d.note,
            )
            for k, d in enumerate(self.drafts)
        ]

    def to_frame(self) -> gpd.GeoDataFrame:
        """Return a GeoDataFrame with ``COLUMNS`` and geometry in WGS-84 degrees (EPSG:4326)."""
        import geopandas as gpd
        import pandas as pd

        table = pd.DataFrame(self.rows(), columns=list(COLUMNS))
        return gpd.GeoDataFrame(table, geometry=self.degrees, crs=4326)

    def on_the_ground_m2(self) -> dict[str, float]:
        """Return the area that the zones of each kind cover, overlaps between roads counted once."""
        kinds = dict.fromkeys(self.kind.tolist())
        return {kind: float(shapely.area(shapely.union_all(self.shape[self.kind == kind]))) for kind in kinds}

    def to_json(self) -> dict[str, Any]:
        """Return the zones as one JSON document without geometry."""
        names = list(COLUMNS)
        totals: dict[str, dict[str, float]] = {}
        for kind, agency, area in zip(self.kind.tolist(), self.agency.tolist(), self.area_m2.tolist(), strict=True):
            of_kind = totals.setdefault(kind, {})
            of_kind[agency] = of_kind.get(agency, 0.0) + area
        return {
            "province": self.rules.province,
            "crs": f"EPSG:{self.epsg}",
            "label": LABEL,
            "label_en": LABEL_EN,
            "counts": dict(Counter(self.kind.tolist())),
            "area_m2": {k: {a: round(m2, 1) for a, m2 in sorted(v.items())} for k, v in totals.items()},
            "zones": [
                {name: bool(v) if name == "is_law" else v for name, v in zip(names, row, strict=True)}
                for row in self.rows()
            ],
            "findings": [f.to_json() for f in self.findings],
        }


def gather(
    plane: Plane, roads: Roads, rules: ZoneRules, *, drafts: Sequence[Draft], findings: Sequence[Finding]
) -> Zones:
    """Return the drafts as zones: sorted, numbered, each with an id of its own."""
    order = {kind: k for k, kind in enumerate(KINDS)}
    ordered = sorted(drafts, key=lambda d: order[d.kind])
    seen: Counter[str] = Counter()
    ids = []
    for draft in ordered:
        name = f"z{draft.kind}/{draft.thing}"
        seen[name] += 1
        ids.append(name if seen[name] == 1 else f"{name}~{seen[name]}")
    shape = np.empty(len(ordered), dtype=np.object_)
    shape[:] = [draft.shape for draft in ordered]
    return Zones(plane.network, roads, rules, plane.epsg, tuple(ids), tuple(ordered), shape, tuple(findings))
