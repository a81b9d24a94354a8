"""The derived layers of a plan file: owners, seams and stations, as QGIS shows them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import shapely

from geo.network import Network
from geo.segmentlines import segment_lines
from plan.geopackage import Layer
from plan.model import Derived, Plan
from plan.qgisstyles import TITLES


def make_layers(plan: Plan) -> list[Layer]:
    """Return the layers ``owners``, ``seams`` and ``stations`` of a plan, coordinates WGS-84."""
    derived = plan.derived
    layers = (_owners(plan, derived), _seams(derived), _stations(plan.land))
    return [replace(layer, title=TITLES[layer.name]) for layer in layers]


def _owners(plan: Plan, derived: Derived) -> Layer:
    network, cut = derived.network, derived.ownership.cut
    columns = {
        "segment": str,
        "way": int,
        "from_m": float,
        "to_m": float,
        "length_m": float,
        "owner": str,
        "agency": str,
        "reason": str,
        "name": str,
        "ref": str,
        "highway": str,
    }
    ownership = derived.ownership
    way = network.ways.id[network.segments.way].tolist()
    rule = [ownership.evidence.rule_names[k] for k in ownership.evidence.rule.tolist()]
    texts = [network.ways.text[tag].take(network.segments.way).tolist() for tag in ("name", "ref", "highway")]
    rows = [
        (ident, w, start / 1000, (start + mm) / 1000, mm / 1000, owner, agency, why, *tags)
        for ident, w, start, mm, owner, agency, why, *tags in zip(
            [plan.network.segment_ids[row] for row in cut.base.tolist()],
            way,
            cut.from_mm.tolist(),
            network.segments.length_mm.tolist(),
            derived.owner,
            derived.agency,
            rule,
            *texts,
            strict=True,
        )
    ]
    return Layer("owners", "LINESTRING", columns, rows, segment_lines(network))


def _seams(derived: Derived) -> Layer:
    network = derived.network
    columns = {
        "id": str,
        "kind": str,
        "osm_node": int,
        "station": str,
        "margin_m": float,
        "price_m": float,
        "reason": str,
    }
    seams = derived.ownership.seams
    rows = [
        (
            s.id,
            s.kind,
            int(network.nodes.id[s.node]),
            s.station,
            s.margin_m,
            s.price_m,
            json.dumps(seam_reason(derived, k), ensure_ascii=False, sort_keys=True),
        )
        for k, s in enumerate(seams)
    ]
    places = shapely.points(np.array([(s.lon, s.lat) for s in seams]).reshape(-1, 2))
    return Layer("seams", "POINT", columns, rows, np.asarray(places, dtype=np.object_))


def _stations(network: Network) -> Layer:
    columns = {"id": str, "name": str, "names": str, "kind": str, "lanes": int, "booths": str}
    rows = [
        (
            s.id,
            s.name,
            " / ".join(s.names),
            str(s.kind),
            s.lanes,
            " ".join(str(network.nodes.id[row]) for row in s.booths),
        )
        for s in network.stations
    ]
    places = shapely.points(np.array([(s.lon, s.lat) for s in network.stations]).reshape(-1, 2))
    return Layer("stations", "POINT", columns, rows, np.asarray(places, dtype=np.object_))


def seam_reason(derived: Derived, number: int) -> list[dict[str, object]]:
    """Return why a seam lies where it lies: its price and the votes on either side."""
    ownership = derived.ownership
    seam = ownership.seams[number]
    sides: list[dict[str, object]] = [
        {"vote": "price", "kind": seam.kind, "price_m": seam.price_m, "convention": ownership.convention}
    ]
    ids = ownership.network.segment_ids
    sides += [{"segment": ids[row]} | ownership.reasons(row)[0] for row in (*seam.expressway, *seam.ordinary)]
    return sides
