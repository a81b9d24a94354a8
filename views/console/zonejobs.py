"""Jobs on roadside zones: the zones of a source, and the inspection targets that come from them."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geo.errors import InputError
from patrol.targets import COLUMNS as TARGET_COLUMNS
from patrol.zones import COLUMNS, LABEL, Zones, make_zones
from patrol.zones.overlaps import Overlaps, find_overlaps, shared_ground
from patrol.zones.rules import NATIONAL
from patrol.zones.targets import TARGET_KINDS, make_targets
from plan.geopackage import Layer
from plan.model import Plan
from views.console.cells import safe_cell
from views.console.jobs import Tell, open_for


@dataclass(frozen=True, slots=True)
class ZoneOptions:
    """What to make zones of.

    Attributes
    ----------
    province
        Whose rows hold, national by default.
    kinds
        Kinds of zones or targets; all of them when empty.
    owners
        Owner agencies of zones, or agencies of targets; all of them when empty.
    polygons
        A layer of buildings or parcels to lay over the zones.
    polygon_kind
        What they are.
    rivers
        A layer of river lines, for sand-mining reaches.
    crs
        Coordinate system of these layers where they state none.
    convention
        Where seams lie; ``None`` for the plan's own.
    """

    province: str = NATIONAL
    kinds: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    polygons: Path | None = None
    polygon_kind: str = "building"
    rivers: Path | None = None
    crs: str | None = None
    convention: str | None = None


def zones(source: str, *, options: ZoneOptions, out: Path | None = None, tell: Tell) -> dict[str, Any]:
    """Make the zones of a source; write them as GeoJSON or GeoPackage when asked."""
    if out is not None:
        _check_suffix(out, (".geojson", ".gpkg"))
    plan = open_for(source, options.convention, tell=tell)
    made = build(plan, options, tell=tell)
    document = made.to_json()
    document["ground_m2"] = {
        kind: {"+".join(owners): round(area, 1) for owners, area in shared_ground(made, kind).items()}
        for kind in ("land", "control_zone")
        if kind in document["counts"]
    }
    laid = _lay_over(made, options)
    if laid is not None:
        document["overlaps"] = laid.to_json()
        document["findings"] += [f.to_json() for f in laid.findings]
    if out is not None:
        _write(out, made)
        tell(f"已写入 {out.name} / written")
        document["written"] = [{"file": out.name, "bytes": out.stat().st_size}]
    return document


def targets(
    source: str,
    *,
    options: ZoneOptions,
    most_urgent: int | None = None,
    most: int | None = None,
    out: Path | None = None,
    tell: Tell,
) -> dict[str, Any]:
    """Make inspection targets of the zones of a source; write them as a target table when asked.

    Parameters
    ----------
    source, options, out, tell
        As for ``zones``.
    most_urgent
        Leave out targets of a priority number above this.
    most
        Keep so many, the most urgent first; all where ``None``.
    """
    if out is not None:
        _check_suffix(out, (".csv",))
    plan = open_for(source, options.convention, tell=tell)
    kinds = options.kinds or None
    made = build(plan, ZoneOptions(options.province, options.kinds or TARGET_KINDS), tell=tell)
    laid = _lay_over(made, options)
    tell("列出巡查目标 … / listing targets")
    found = make_targets(
        made,
        agency=plan.derived.agency,
        kinds=kinds,
        owners=options.owners or None,
        overlaps=laid,
        most_urgent=most_urgent,
    )[:most]
    rows = [target.to_json() for target in found]
    document: dict[str, Any] = {
        "province": made.rules.province,
        "label": LABEL,
        "counts": dict(Counter(t.target.kind for t in found)),
        "agencies": dict(Counter(t.target.agency for t in found)),
        "targets": rows,
        "findings": [f.to_json() for f in (*made.findings, *(laid.findings if laid else ()))],
    }
    if out is not None:
        _write_table(out, rows)
        tell(f"已写入 {out.name} / written")
        document["written"] = [{"file": out.name, "bytes": out.stat().st_size}]
    return document


def build(plan: Plan, options: ZoneOptions, *, tell: Tell) -> Zones:
    """Make the zones of a plan with its owners."""
    from patrol.zones.supplied import read_rivers

    rivers = read_rivers(options.rivers, crs=options.crs) if options.rivers else None
    tell("划定各类区域（参考线）… / drawing zones, reference only")
    derived = plan.derived
    made = make_zones(
        derived.network,
        derived.ownership.evidence,
        agency=derived.agency,
        owner=derived.owner,
        province=options.province,
        kinds=options.kinds or None,
        rivers=rivers,
    )
    return made.where(agencies=set(options.owners)) if options.owners else made


def zone_layer(made: Zones) -> Layer:
    """Return the zones as a layer ``zones`` of a plan file, coordinates WGS-84."""
    columns = {name: kind for name, (kind, _) in COLUMNS.items()}
    return Layer("zones", "MULTIPOLYGON", columns, made.rows(), made.degrees)


def _lay_over(made: Zones, options: ZoneOptions) -> Overlaps | None:
    if options.polygons is None:
        return None
    from patrol.zones.supplied import read_polygons

    supplied = read_polygons(options.polygons, crs=options.crs, kind=options.polygon_kind)
    return find_overlaps(made, supplied)


def _check_suffix(out: Path, known: tuple[str, ...]) -> None:
    if out.suffix.lower() not in known:
        raise InputError(
            f"{out.name}: 只能写成 {'、'.join(known)}，请换后缀。 / write to {', '.join(known)}: change the suffix."
        )


def _write(out: Path, made: Zones) -> None:
    from views.map.store import write_bytes_atomic

    if out.suffix.lower() == ".geojson":
        names = list(COLUMNS)
        # Seven decimals are a centimetre; rounding can make an outline touch itself, so it is checked again.
        rounded = shapely.set_precision(made.degrees, 1e-7)
        features = [
            {"type": "Feature", "geometry": json.loads(shape), "properties": dict(zip(names, row, strict=True))}
            for shape, row in zip(shapely.to_geojson(rounded), made.rows(), strict=True)
        ]
        body = {
            "type": "FeatureCollection",
            "attribution": "© OpenStreetMap contributors, ODbL 1.0",
            "features": features,
        }
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        write_bytes_atomic(out, text.encode("utf-8", "backslashreplace"))
        return
    write_bytes_atomic(out, _geopackage_bytes(zone_layer(made)))


def _geopackage_bytes(layer: Layer) -> bytes:
    """Return a GeoPackage of one layer; made in memory, so that a file is written as a whole or not at all."""
    import sqlite3

    from plan.geopackage import add_layer, start_geopackage

    connection = sqlite3.connect(":memory:")
    try:
        start_geopackage(connection)
        add_layer(connection, layer)
        connection.commit()
        return bytes(connection.serialize())
    finally:
        connection.close()


def _write_table(out: Path, rows: list[dict[str, object]]) -> None:
    from views.map.store import write_bytes_atomic

    names = [*TARGET_COLUMNS, "name", "zone", "priority", "polygon", "access"]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    for row in rows:
        writer.writerow([safe_cell(row[name]) for name in names])
    write_bytes_atomic(out, buffer.getvalue().encode("utf-8-sig"))
