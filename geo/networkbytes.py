"""A network as one run of bytes and back: a JSON head that says which column lies where, then the columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.findings import Finding, Severity
from geo.network import Area, Network, Nodes, Segments, Source, Ways
from geo.restrictions import Restrictions
from geo.stations import Station, StationKind

ARRAYS: Mapping[str, Mapping[str, str]] = {
    "nodes": {"id": "<i8", "lon": "<f8", "lat": "<f8"},
    "ways": {"id": "<i8", "ptr": "<i4", "refs": "<i4", "road_class": "|u1", "direction": "|i1"},
    "segments": {
        "way": "<i4",
        "u": "<i4",
        "v": "<i4",
        "start": "<i4",
        "end": "<i4",
        "length_mm": "<i8",
        "repeat": "<i2",
    },
}
"""Columns of a network and how their numbers are written, little-endian."""
_RESTRICTION_NUMBERS = ("id", "from_way", "to_way", "via_node", "via_way", "incomplete")
_ALIGN = 64
_HEAD_BYTES = 8
_CODES = "<i4"


def write_bytes(network: Network) -> bytes:
    """Return a network as bytes, the same for the same network."""
    return b"".join(list_parts(network))


def list_parts(network: Network) -> list[bytes | memoryview]:
    """Return the bytes of ``write_bytes`` in parts, most of which are the columns themselves."""
    columns = list(_list_columns(network))
    places: dict[str, list[Any]] = {}
    offset = 0
    for name, array in columns:
        places[name] = [array.dtype.str, list(array.shape), offset]
        offset += _padded(array.nbytes)
    head = json.dumps(
        {
            "places": places,
            "source": asdict(network.source),
            "pools": {tag: list(column.pool) for tag, column in network.ways.text.items()},
            "node_tags": [[row, dict(tags)] for row, tags in network.nodes.tags.items()],
            "areas": [
                {"id": a.id, "kind": a.kind, "name": a.name, "tags": dict(a.tags), "rings": len(a.rings)}
                for a in network.areas
            ],
            "stations": [asdict(station) for station in network.stations],
            "findings": [asdict(finding) for finding in network.findings],
            "restrictions": _restriction_texts(network.restrictions),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode("utf-8", "surrogatepass")
    start = _padded(_HEAD_BYTES + len(head))
    parts: list[bytes | memoryview] = [
        len(head).to_bytes(_HEAD_BYTES, "little"),
        head,
        bytes(start - _HEAD_BYTES - len(head)),
    ]
    for _, array in columns:
        if array.nbytes:
            parts += [array.reshape(-1).view(np.uint8).data, bytes(_padded(array.nbytes) - array.nbytes)]
    return parts


def read_bytes(body: bytearray | memoryview) -> Network:
    """Return the network written by ``write_bytes``; its arrays share the memory of ``body``.

    Raises
    ------
    KeyError, TypeError, ValueError
        The bytes are no such network.
    """
    size = int.from_bytes(body[:_HEAD_BYTES], "little")
    head = json.loads(bytes(body[_HEAD_BYTES : _HEAD_BYTES + size]).decode("utf-8", "surrogatepass"))
    start = _padded(_HEAD_BYTES + size)

    def array(name: str) -> npt.NDArray[Any]:
        dtype, shape, offset = head["places"][name]
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(body, np.dtype(dtype), count, start + offset).reshape(shape)

    def room(name: str) -> list[npt.NDArray[Any]]:
        return [array(f"{name}.{column}") for column in ARRAYS[name]]

    text = {tag: TextColumn(array(f"text.{tag}"), tuple(pool)) for tag, pool in head["pools"].items()}
    node_id, lon, lat = room("nodes")
    way_id, ptr, refs, road_class, direction = room("ways")
    areas = tuple(
        Area(a["id"], a["kind"], a["name"], tuple(array(f"areas.{k}.{r}") for r in range(a["rings"])), a["tags"])
        for k, a in enumerate(head["areas"])
    )
    return Network(
        Source(**head["source"]),
        Nodes(node_id, lon, lat, {int(row): tags for row, tags in head["node_tags"]}),
        Ways(way_id, ptr, refs, text, road_class, direction),
        Segments(*room("segments")),
        areas,
        tuple(_station(station) for station in head["stations"]),
        tuple(_finding(finding) for finding in head["findings"]),
        _restrictions(head["restrictions"], array),
    )


def _restriction_texts(held: Restrictions | None) -> dict[str, Any] | None:
    if held is None:
        return None
    return {
        "kind": held.kind,
        "vehicle": held.vehicle,
        "exempt": [sorted(some) for some in held.exempt],
        "condition": held.condition,
    }


def _restrictions(texts: dict[str, Any] | None, array: Callable[[str], npt.NDArray[Any]]) -> Restrictions | None:
    if texts is None:
        return None
    return Restrictions(
        **{name: array(f"restrictions.{name}") for name in _RESTRICTION_NUMBERS},
        kind=tuple(texts["kind"]),
        vehicle=tuple(texts["vehicle"]),
        exempt=tuple(frozenset(some) for some in texts["exempt"]),
        condition=tuple(texts["condition"]),
    )


def _list_columns(network: Network) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    for room, columns in ARRAYS.items():
        for name, dtype in columns.items():
            yield f"{room}.{name}", np.ascontiguousarray(getattr(getattr(network, room), name), dtype=dtype)
    if network.restrictions is not None:
        for name in _RESTRICTION_NUMBERS:
            yield f"restrictions.{name}", np.ascontiguousarray(getattr(network.restrictions, name), dtype="<i8")
    for tag, column in network.ways.text.items():
        yield f"text.{tag}", np.ascontiguousarray(column.codes, dtype=_CODES)
    for k, area in enumerate(network.areas):
        for r, ring in enumerate(area.rings):
            yield f"areas.{k}.{r}", np.ascontiguousarray(ring, dtype="<f8")


def _padded(size: int) -> int:
    return -(-size // _ALIGN) * _ALIGN


def _station(body: dict[str, Any]) -> Station:
    lists = {name: tuple(body[name]) for name in ("names", "booths", "areas")}
    return Station(**{**body, **lists, "kind": StationKind(body["kind"])})


def _finding(body: dict[str, Any]) -> Finding:
    places = tuple((float(lon), float(lat)) for lon, lat in body["places"])
    return Finding(
        **{**body, "severity": Severity(body["severity"]), "places": places, "things": tuple(body["things"])}
    )
