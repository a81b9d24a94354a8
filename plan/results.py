"""Results as JSON documents: the keys the command line promises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geo.findings import Finding
from geo.network import Network
from jurisdiction.ledger import OWNERS
from jurisdiction.repairs import Repair, find_repairs
from plan.model import Derived, Plan


def network_json(network: Network) -> dict[str, Any]:
    """Return how big a network is."""
    return {
        "segments": len(network.segments),
        "nodes": len(network.nodes),
        "length_m": network.length_mm / 1000,
    }


def findings_json(findings: Iterable[Finding]) -> list[dict[str, object]]:
    """Return findings as JSON values."""
    return [finding.to_json() for finding in findings]


def load_json(network: Network) -> dict[str, Any]:
    """Return the document of ``roadseam load``."""
    source = network.source
    return {
        "source": {
            "name": source.name,
            "sha256": source.sha256,
            "format": source.format,
            "newest_edit": source.newest_edit,
        },
        "network": network_json(network),
        "findings": findings_json(network.findings),
    }


def split_json(plan: Plan) -> dict[str, Any]:
    """Return the document of ``roadseam split``: lengths in metres, coordinates WGS-84."""
    derived, network = plan.derived, plan.network
    owners = derived.ledger.of("owner")
    return {
        "convention": plan.convention,
        "network": network_json(network),
        "length_m": {name: owners[name] / 1000 for name in OWNERS},
        "agency_length_m": {name: mm / 1000 for name, mm in derived.ledger.of("agency").items()},
        "stations": [
            {
                "id": s.id,
                "name": s.name,
                "names": list(s.names),
                "kind": str(s.kind),
                "lon": s.lon,
                "lat": s.lat,
                "lanes": s.lanes,
                "booths": [int(network.nodes.id[row]) for row in s.booths],
            }
            for s in plan.stations
        ],
        "seams": [_seam_json(derived, k) for k in range(len(derived.ownership.seams))],
        "leaks": leaks_json(derived),
        "findings": findings_json(derived.findings),
    }


def _seam_json(derived: Derived, number: int) -> dict[str, Any]:
    from plan.layers import seam_reason

    seam = derived.ownership.seams[number]
    return {
        "id": seam.id,
        "kind": seam.kind,
        "osm_node": int(derived.ownership.network.nodes.id[seam.node]),
        "lon": seam.lon,
        "lat": seam.lat,
        "station": seam.station,
        "margin_m": seam.margin_m,
        "price_m": seam.price_m,
        "reason": seam_reason(derived, number),
    }


def leaks_json(derived: Derived) -> list[dict[str, Any]]:
    """Return the leaks, each with its path as segments and OSM ways, and its cheapest repair."""
    network = derived.ownership.network
    result = []
    for leak in derived.ownership.leaks:
        node = leak.junction
        ways = [int(network.ways.id[network.segments.way[row]]) for row in leak.path]
        repairs = [_repair_json(derived, repair) for repair in find_repairs(derived.ownership, leak)]
        result.append(
            {
                "osm_node": int(network.nodes.id[node]),
                "lon": float(network.nodes.lon[node]),
                "lat": float(network.nodes.lat[node]),
                "length_m": round(leak.length_m, 1),
                "drivable": leak.is_drivable,
                "path": [network.segment_ids[row] for row in leak.path],
                "ways": list(dict.fromkeys(ways)),
                "repair": repairs[0],
                "repairs": repairs,
            }
        )
    return result


def _repair_json(derived: Derived, repair: Repair) -> dict[str, Any]:
    network, row = derived.ownership.network, repair.segment
    return {
        "action": repair.action,
        "cost_m": round(repair.cost_m, 1),
        "osm_node": int(network.nodes.id[repair.node]),
        "segment": network.segment_ids[row] if row >= 0 else "",
        "way": int(network.ways.id[network.segments.way[row]]) if row >= 0 else None,
    }
