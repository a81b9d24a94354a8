"""Sand-mining reaches: the water up and down stream of a bridge, along river lines that the user supplies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from geo.errors import InputError
from geo.findings import Finding, Severity
from patrol.zones.bridges import Structure
from patrol.zones.drafts import Draft
from patrol.zones.plane import Plane, keep_polygons
from patrol.zones.rules import ZoneRules

_SAME_PLACE_M = 1.0


@dataclass(frozen=True)
class Rivers:
    """River lines, drawn in the direction of flow as OSM does.

    Attributes
    ----------
    lines
        LineStrings or MultiLineStrings, lon/lat WGS-84 degrees.
    half_m
        Half width of each, metres; nan where it is not known.
    """

    lines: npt.NDArray[np.object_]
    half_m: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        if len(self.lines) != len(self.half_m):
            raise InputError(f"{len(self.lines)} 条河流配 {len(self.half_m)} 个河宽。 / give one half width a river.")


def make_sand(
    plane: Plane, structures: Sequence[Structure], rules: ZoneRules, *, rivers: Rivers
) -> tuple[list[Draft], list[Finding]]:
    """Return the reaches in which no sand may be dug, one a bridge and river.

    Returns
    -------
    drafts
        Kind ``sand``: 500 m up, 1,000 to 3,000 m down, as wide as the river.
    findings
        Reaches that end where the river line ends, and widths that were assumed.
    """
    lines, half, assumed = _prepare(plane, rivers, rules.limits["river_half_m"])
    drafts: list[Draft] = []
    short: list[str] = []
    if len(lines):
        tree = shapely.STRtree(list(lines))
        for bridge in (s for s in structures if s.kind == "bridge"):
            deck = shapely.multilinestrings(plane.lines[bridge.rows])
            for k in sorted(tree.query(deck, predicate="intersects").tolist()):
                met = shapely.get_coordinates(shapely.intersection(deck, lines[k]))
                at = float(np.median(shapely.line_locate_point(lines[k], shapely.points(met))))
                drafts.append(_reach(bridge, lines[k], half[k], at_m=at, rules=rules, short=short))
    findings = []
    if short:
        findings.append(
            Finding(
                "zone_reach_cut_short",
                Severity.WARNING,
                len(short),
                f"{len(short)} 个禁采砂河段因河流线在此之前结束而不完整，请补全上下游。",
                f"{len(short)} reaches end early because the river line does; supply the river up and down stream.",
                things=tuple(short[:50]),
            )
        )
    if assumed and drafts:
        findings.append(
            Finding(
                "zone_river_width_assumed",
                Severity.NOTE,
                assumed,
                f"{assumed} 条河流没有河宽，按半宽 {rules.limits['river_half_m']:g} m 假定。",
                f"{assumed} rivers carry no width: a half width of {rules.limits['river_half_m']:g} m is assumed.",
            )
        )
    return drafts, findings


def _prepare(
    plane: Plane, rivers: Rivers, default_m: float
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64], int]:
    """Return river lines joined end to end in the direction of flow, in stable order, with their half widths."""
    usable = np.array([g is not None and not shapely.is_empty(g) for g in rivers.lines], dtype=bool)
    parts, source = shapely.get_parts(plane.to_plane(rivers.lines[usable]), return_index=True)
    linear = shapely.get_type_id(parts) == 1
    parts, source = parts[linear], source[linear]
    if not len(parts):
        return np.zeros(0, dtype=np.object_), np.zeros(0), 0
    half = rivers.half_m[usable][source]
    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts), directed=True))
    order = np.lexsort(shapely.bounds(joined).T)
    joined = joined[order]
    tree = shapely.STRtree(list(parts))
    middle = shapely.line_interpolate_point(joined, 0.5, normalized=True)
    at, hit = tree.query(middle, predicate="dwithin", distance=_SAME_PLACE_M)
    wide = np.full(len(joined), np.nan)
    for k, part in zip(at.tolist(), hit.tolist(), strict=True):
        wide[k] = np.fmax(wide[k], half[part])
    assumed = int(np.isnan(wide).sum())
    return joined, np.where(np.isnan(wide), default_m, wide), assumed


def _reach(
    bridge: Structure,
    line: shapely.LineString,
    half_m: float,
    *,
    at_m: float,
    rules: ZoneRules,
    short: list[str],
) -> Draft:
    up, down = rules.need("sand_upstream", bridge.size), rules.need("sand_downstream", bridge.size)
    length = float(shapely.length(line))
    begin, end = max(at_m - up.distance_m, 0.0), min(at_m + down.distance_m, length)
    if begin > at_m - up.distance_m or end < at_m + down.distance_m:
        short.append(bridge.id)
    water = shapely.buffer(substring(line, begin, end), half_m, cap_style="flat", quad_segs=8)
    shape = keep_polygons(np.array([water], dtype=np.object_))[0]
    note = f"上游 {at_m - begin:.0f} m，下游 {end - at_m:.0f} m，半宽 {half_m:g} m，流向按河流线方向"
    return Draft("sand", bridge.id, bridge.group, down, 0.0, down.distance_m, bridge.rows, shape, note)
