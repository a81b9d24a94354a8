"""The network as bytes: one blob a column, no pickle, with one hash over all of them."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.network import Area, Network, Nodes, Segments, Source, Ways
from geo.restrictions import Restrictions
from geo.stations import Station, StationKind

Columns = dict[str, tuple[str, bytes]]
"""Column name to (dtype, compressed bytes); dtype ``json`` marks UTF-8 JSON text."""

MOST_BYTES = 2**28
"""No column of a road network is larger than this when unpacked."""
_NODES = ("id", "lon", "lat")
_WAYS = ("id", "ptr", "refs", "road_class", "direction")
_RESTRICTION_NUMBERS = ("id", "from_way", "to_way", "via_node", "via_way", "incomplete")
_SEGMENTS = ("way", "u", "v", "start", "end", "length_mm", "repeat")


def pack_network(network: Network) -> Columns:
    """Return every column of a network as compressed bytes."""
    columns = dict(_arrays(network))
    text = {tag: list(column.pool) for tag, column in network.ways.text.items()}
    nodes = [[row, dict(tags)] for row, tags in sorted(network.nodes.tags.items())]
    areas = [
        {
            "id": a.id,
            "kind": a.kind,
            "name": a.name,
            "tags": dict(a.tags),
            "rings": [r.tolist() for r in a.rings],
        }
        for a in network.areas
    ]
    stations = [asdict(station) for station in network.stations]
    findings = [asdict(finding) for finding in network.findings]
    if network.restrictions is not None:
        columns["restrictions"] = _pack_json(_restrictions_json(network.restrictions))
    for name, value in (
        ("source", asdict(network.source)),
        ("text", text),
        ("nodes.tags", nodes),
        ("areas", areas),
        ("stations", stations),
        ("findings", findings),
    ):
        columns[name] = _pack_json(value)
    return columns


def _pack_json(value: object) -> tuple[str, bytes]:
    body = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "json", zlib.compress(body.encode("utf-8", "surrogatepass"), 6)


def _restrictions_json(restrictions: Restrictions) -> dict[str, list[Any]]:
    numbers = {name: getattr(restrictions, name).tolist() for name in _RESTRICTION_NUMBERS}
    texts = {name: list(getattr(restrictions, name)) for name in ("kind", "vehicle", "condition")}
    return {**numbers, **texts, "exempt": [sorted(row) for row in restrictions.exempt]}


def _restrictions(body: dict[str, Any]) -> Restrictions:
    numbers = {name: np.array(body[name], dtype=np.int64) for name in _RESTRICTION_NUMBERS}
    texts = {name: tuple(map(str, body[name])) for name in ("kind", "vehicle", "condition")}
    columns: dict[str, Any] = {**numbers, **texts}
    return Restrictions(**columns, exempt=tuple(frozenset(row) for row in body["exempt"]))


def _arrays(network: Network) -> Iterator[tuple[str, tuple[str, bytes]]]:
    rooms = (
        ("nodes", network.nodes, _NODES),
        ("ways", network.ways, _WAYS),
        ("segments", network.segments, _SEGMENTS),
    )
    for room, table, names in rooms:
        for name in names:
            yield f"{room}.{name}", _pack(getattr(table, name))
    for tag, column in network.ways.text.items():
        yield f"text.{tag}", _pack(column.codes)


def _pack(array: npt.NDArray[Any]) -> tuple[str, bytes]:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return little.dtype.str, zlib.compress(little.tobytes(), 6)


def hash_columns(columns: Columns) -> str:
    """Return the SHA-256 over names, types and contents of all columns."""
    digest = hashlib.sha256()
    for name in sorted(columns):
        dtype, blob = columns[name]
        body = _inflate(blob)
        digest.update(f"{name}\0{dtype}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def _inflate(blob: bytes) -> bytes:
    """Unpack a column; refuses one that unpacks to more than any network needs."""
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(blob, MOST_BYTES)
    if not unpacker.eof:
        msg = "a column is cut, or unpacks to far more than a road network"
        raise ValueError(msg)
    return body


def unpack_network(columns: Columns) -> Network:
    """Build the network back from its columns.

    Raises
    ------
    InputError
        A column is missing or cannot be read.
    """
    try:
        network = _unpack(columns)
        _check_rows(network)
    except (KeyError, ValueError, TypeError, AttributeError, zlib.error) as error:
        msg = "方案文件中的路网已损坏，请从备份恢复。 / the network in the plan is damaged: restore a backup."
        raise InputError(msg) from error
    return network


def _check_rows(network: Network) -> None:
    """Refuse columns of different lengths, and rows that point outside the table they point into."""
    nodes, ways, seg = network.nodes, network.ways, network.segments
    same_length = (
        {len(nodes.id), len(nodes.lon), len(nodes.lat)},
        {len(ways.id), len(ways.road_class), len(ways.direction), len(ways.ptr) - 1, *map(len, ways.text.values())},
        {len(getattr(seg, name)) for name in _SEGMENTS},
    )
    booths = [row for station in network.stations for row in station.booths]
    within: tuple[tuple[npt.NDArray[Any], int], ...] = (
        (ways.refs, len(nodes)),
        (ways.ptr, len(ways.refs) + 1),
        (seg.way, len(ways)),
        (seg.u, len(nodes)),
        (seg.v, len(nodes)),
        (seg.start, len(ways.refs)),
        (seg.end, len(ways.refs)),
        (np.array(booths, dtype=np.int64), len(nodes)),
        (np.array(list(nodes.tags), dtype=np.int64), len(nodes)),
        *((column.codes, len(column.pool)) for column in ways.text.values()),
    )
    outside = [size for rows, size in within if len(rows) and not 0 <= rows.min() <= rows.max() < size]
    if any(len(lengths) != 1 for lengths in same_length) or outside or (seg.end < seg.start).any():
        msg = "columns do not fit together"
        raise ValueError(msg)


def _unpack(columns: Columns) -> Network:
    def array(name: str) -> npt.NDArray[Any]:
        dtype, blob = columns[name]
        return np.frombuffer(_inflate(blob), dtype=np.dtype(dtype))

    def value(name: str) -> Any:
        return json.loads(_inflate(columns[name][1]).decode("utf-8", "surrogatepass"))

    tags: dict[int, Mapping[str, str]] = {int(row): t for row, t in value("nodes.tags")}
    node_id, lon, lat = (array(f"nodes.{name}") for name in _NODES)
    nodes = Nodes(node_id, lon, lat, tags)
    text = {tag: TextColumn(array(f"text.{tag}"), tuple(pool)) for tag, pool in value("text").items()}
    way_id, ptr, refs, road_class, direction = (array(f"ways.{name}") for name in _WAYS)
    ways = Ways(way_id, ptr, refs, text, road_class, direction)
    segments = Segments(*(array(f"segments.{name}") for name in _SEGMENTS))
    areas = tuple(
        Area(a["id"], a["kind"], a["name"], tuple(np.array(r) for r in a["rings"]), a["tags"]) for a in value("areas")
    )
    stations = tuple(_station(s) for s in value("stations"))
    findings = tuple(_finding(f) for f in value("findings"))
    held = _restrictions(value("restrictions")) if "restrictions" in columns else None
    return Network(Source(**value("source")), nodes, ways, segments, areas, stations, findings, held)


def _station(body: dict[str, Any]) -> Station:
    lists = {name: tuple(body[name]) for name in ("names", "booths", "areas")}
    return Station(**{**body, **lists, "kind": StationKind(body["kind"])})


def _finding(body: dict[str, Any]) -> Finding:
    places = tuple((float(x), float(y)) for x, y in body["places"])
    changed = {"severity": Severity(body["severity"]), "places": places, "things": tuple(body["things"])}
    known = {f.name: body[f.name] for f in fields(Finding) if f.name in body}
    return Finding(**{**known, **changed})
