"""Overlaps of zones with polygons that the user supplies (buildings, parcels): what is to be inspected first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError
from geo.findings import Finding, Severity
from patrol.zones.columns import KINDS, Zones
from patrol.zones.plane import Floats, Geometries, Plane, keep_polygons

SMALLEST_M2 = 1.0
"""Overlaps below this are the width of a drawn line."""


@dataclass(frozen=True)
class Supplied:
    """Polygons of the user.

    Attributes
    ----------
    ids
        One id each, unique.
    shape
        Polygons in lon/lat WGS-84 degrees; None where a row has none.
    kind
        What they are, such as ``building`` or ``land``.
    """

    ids: tuple[str, ...]
    shape: Geometries
    kind: str = "building"

    def __post_init__(self) -> None:
        if len(self.ids) != len(self.shape):
            raise InputError(
                f"{len(self.shape)} 个面有 {len(self.ids)} 个编号，请逐一对应。 / "
                f"{len(self.ids)} ids for {len(self.shape)} polygons: give one each."
            )
        if len(set(self.ids)) != len(self.ids):
            twice = next(i for k, i in enumerate(self.ids) if i in self.ids[:k])
            raise InputError(f"面的编号 {twice[:40]} 重复，请各用一个编号。 / polygon id {twice[:40]!r} is used twice.")


@dataclass(frozen=True)
class Overlaps:
    """Overlaps of polygons with zones, shape (overlaps,) each, sorted by polygon, then zone.

    Attributes
    ----------
    zones, supplied
        What was laid over what.
    polygon, zone
        int64, rows of either.
    area_m2
        float64, area of the overlap.
    share
        float64, its share of the polygon.
    findings
        Polygons that had to be repaired, or could not be used.
    """

    zones: Zones
    supplied: Supplied
    polygon: npt.NDArray[np.int64]
    zone: npt.NDArray[np.int64]
    area_m2: Floats
    share: Floats
    findings: tuple[Finding, ...]

    def __len__(self) -> int:
        return len(self.polygon)

    def to_json(self) -> list[dict[str, object]]:
        """Return one mapping an overlap."""
        drafts, ids = self.zones.drafts, self.zones.ids
        return [
            {
                "polygon": self.supplied.ids[p],
                "kind": self.supplied.kind,
                "zone": ids[z],
                "zone_kind": drafts[z].kind,
                "zone_name": KINDS[drafts[z].kind],
                "road": drafts[z].group.road,
                "agency": drafts[z].group.agency,
                "rule": drafts[z].row.id,
                "area_m2": round(area, 2),
                "share": round(share, 4),
            }
            for p, z, area, share in zip(
                self.polygon.tolist(), self.zone.tolist(), self.area_m2.tolist(), self.share.tolist(), strict=True
            )
        ]


def find_overlaps(zones: Zones, supplied: Supplied) -> Overlaps:
    """Lay polygons over zones.

    Parameters
    ----------
    zones
        The zones; choose kinds and owners by ``Zones.where`` before.
    supplied
        Polygons in WGS-84 degrees. A bow-tie or other invalid polygon is repaired with all its lobes, and reported.
    """
    shape, findings = _repair(zones, supplied)
    if not len(zones) or not len(shape):
        none = np.zeros(0, dtype=np.int64)
        return Overlaps(zones, supplied, none, none, np.zeros(0), np.zeros(0), tuple(findings))
    tree = shapely.STRtree(list(shape))
    zone, polygon = tree.query(zones.shape, predicate="intersects")
    area = np.asarray(shapely.area(shapely.intersection(zones.shape[zone], shape[polygon])), dtype=np.float64)
    good = area >= SMALLEST_M2
    zone, polygon, area = zone[good], polygon[good], area[good]
    order = np.lexsort((zone, polygon))
    zone, polygon, area = zone[order], polygon[order], area[order]
    share = np.minimum(area / np.maximum(shapely.area(shape[polygon]), SMALLEST_M2), 1.0)
    return Overlaps(zones, supplied, polygon.astype(np.int64), zone.astype(np.int64), area, share, tuple(findings))


def _repair(zones: Zones, supplied: Supplied) -> tuple[Geometries, list[Finding]]:
    """Return the polygons on the plane of the zones, valid, and what had to be done to them."""
    raw = supplied.shape.copy()
    missing = np.array([g is None or bool(shapely.is_empty(g)) for g in raw], dtype=bool)
    raw[missing] = shapely.MultiPolygon()
    finite = np.isfinite(shapely.bounds(raw)).all(axis=1)
    unusable = missing | ~finite | (shapely.get_type_id(raw) < 3)  # noqa: PLR2004 - points and lines
    raw[unusable] = shapely.MultiPolygon()
    bad = ~shapely.is_valid(raw)
    plane = Plane.of(zones.network)
    shape = keep_polygons(shapely.make_valid(plane.to_plane(shapely.make_valid(raw))))
    lost = unusable | shapely.is_empty(shape)
    findings = []
    for code, rows, zh, en in (
        (
            "zone_polygon_repaired",
            bad & ~lost,
            "个面自相交，已按全部部分修复，请核对",
            "polygons cross themselves: repaired, check",
        ),
        (
            "zone_polygon_unusable",
            lost,
            "个面没有可用的图形，未比对，请补上",
            "polygons have no usable outline and are left out",
        ),
    ):
        if rows.any():
            things = tuple(supplied.ids[k] for k in np.flatnonzero(rows)[:50].tolist())
            listed = "、".join(things[:5])
            findings.append(
                Finding(
                    code,
                    Severity.WARNING,
                    int(rows.sum()),
                    f"{int(rows.sum())} {zh}（{listed}）。",
                    f"{int(rows.sum())} {en} ({', '.join(things[:5])}).",
                    things=things,
                )
            )
    return shape, findings


def shared_ground(zones: Zones, kind: str) -> dict[tuple[str, ...], float]:
    """Return the area of a kind by who owns it: one agency, or all of them where zones of several overlap.

    The areas add up to the ground that the kind covers.

    Parameters
    ----------
    zones
        The zones.
    kind
        Kind of zone.
    """
    mine = zones.where(kinds={kind})
    agencies = sorted(set(mine.agency.tolist()))
    covers = [shapely.union_all(mine.shape[mine.agency == agency]) for agency in agencies]
    parts: dict[tuple[str, ...], shapely.Geometry] = {}
    for agency, cover in zip(agencies, covers, strict=True):
        taken = shapely.union_all(list(parts.values())) if parts else shapely.MultiPolygon()
        found: dict[tuple[str, ...], shapely.Geometry] = {(agency,): shapely.difference(cover, taken)}
        for owners, part in parts.items():
            found[(*owners, agency)] = shapely.intersection(part, cover)
            found[owners] = shapely.difference(part, cover)
        parts = {owners: part for owners, part in found.items() if shapely.area(part) > 0}
    return {owners: float(shapely.area(part)) for owners, part in sorted(parts.items())}
