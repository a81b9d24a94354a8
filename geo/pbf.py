"""Walk the blobs of an OSM PBF file without unpacking them, to tell whether it is whole and sane.

A PBF that is cut between two blobs reads without any error and with fewer roads, and a small one can hold more
nodes than a memory; both show in the blob headers and in the last blob
(https://wiki.openstreetmap.org/wiki/PBF_Format).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from geo.bombs import BombError, DamagedError, UnpackLimits
from geo.wire import as_bytes, list_messages

MAX_HEADER_BYTES = 64 << 10
MAX_BLOB_BYTES = 32 << 20
"""Limits of the format itself, for a blob header and an unpacked blob."""

LIMITS = UnpackLimits(total_bytes=1 << 30, ratio=50, free_bytes=8 << 20)
"""Unpacked blobs of one file; real extracts unpack 1.5 to 4 times."""
MAX_NODES = 40_000_000
"""More nodes than this need more than 2 GB while their places are looked up."""
MAX_BLOB_ENTITIES = 250_000
"""The format advises 8,000 things a blob; a blob of more nodes than this is made to hurt."""
_COUNT_FROM_BYTES = 128 << 20
_COUNT_BLOB_FROM_BYTES = 700 << 10
_SAMPLE, _SAMPLE_FROM_BYTES = 16, 32 << 20

_NODE, _DENSE, _WAY, _RELATION = 1, 2, 3, 4
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_VARINT_BITS = 63
_RAW, _RAW_SIZE, _ZLIB = 1, 2, 3
_GROUP, _DENSE_IDS, _DENSE_TAGS, _WAY_REFS = 2, 1, 10, 8
_KIND_NAMES = {_NODE: "node", _DENSE: "node", _WAY: "way", _RELATION: "relation"}

Field = tuple[int, int, int, int]
"""Number of a protobuf field, its varint value, and where its bytes start and end."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One blob of a file: its type, where its data begins, packed and unpacked size in bytes."""

    kind: str
    offset: int
    size: int
    raw_size: int


@dataclass(frozen=True, slots=True)
class PbfReport:
    """What a walk over a PBF found.

    Attributes
    ----------
    blobs
        Number of data blobs.
    last_kinds
        Kinds of things in the last blob (``node``, ``way``, ``relation``); empty where it cannot be told.
    untagged, orphans
        Untagged nodes, and those of them that no way uses (estimated in a large file); both 0 where there was no
        need to count.
        A whole extract has hardly any; a file that lost ways has many.
    """

    blobs: int
    last_kinds: frozenset[str]
    untagged: int = 0
    orphans: int = 0


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at a place and the place behind it; raises IndexError or DamagedError where it is broken."""
    value = data[at]
    at += 1
    if value < 0x80:  # noqa: PLR2004 - the continuation bit
        return value, at
    value, shift = value & 0x7F, 7
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the continuation bit
            return value, at
        shift += 7
        if shift > _VARINT_BITS:
            raise DamagedError


def read_fields(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Field]:
    """Yield the protobuf fields of ``data[start:end]``; raises IndexError or DamagedError where they are broken."""
    at, end = start, len(data) if end is None else end
    while at < end:
        key, at = read_varint(data, at)
        wire, value, first = key & 7, 0, at
        if wire == _BYTES:
            length, first = read_varint(data, at)
            at = first + length
        elif wire == _VARINT:
            value, at = read_varint(data, at)
        elif wire in {_FIXED64, _FIXED32}:
            at += 8 if wire == _FIXED64 else 4
        else:
            raise DamagedError
        if at > end:
            raise DamagedError
        yield key >> 3, value, first, at


def walk_blobs(file: BinaryIO, size: int) -> Iterator[Blob]:
    """Yield every blob of a PBF, reading its header and the first bytes of its data only.

    Parameters
    ----------
    file
        Open for reading.
    size
        Its size in bytes.

    Raises
    ------
    DamagedError
        A header is broken, or the file ends within a blob.
    BombError
        A blob says that it unpacks to more than the format allows.
    """
    at = 0
    while at < size:
        file.seek(at)
        length = int.from_bytes(file.read(4), "big")
        if not 0 < length <= MAX_HEADER_BYTES:
            raise DamagedError
        header = file.read(length)
        if len(header) < length:
            raise DamagedError
        try:
            fields = {number: (value, header[first:last]) for number, value, first, last in read_fields(header)}
        except IndexError as error:
            raise DamagedError from error
        kind, data_size = fields.get(1, (0, b""))[1], fields.get(3, (0, b""))[0]
        at += 4 + length
        if data_size > MAX_BLOB_BYTES or at + data_size > size or not kind:
            raise DamagedError
        yield Blob(kind.decode("ascii", "replace"), at, data_size, _raw_size(file.read(data_size)))
        at += data_size


def _raw_size(data: bytes) -> int:
    raw_size = 0
    try:
        for number, value, first, last in read_fields(data):
            raw_size = max(raw_size, value if number == _RAW_SIZE else last - first if number == _RAW else 0)
    except IndexError as error:
        raise DamagedError from error
    if raw_size > MAX_BLOB_BYTES:
        raise BombError
    return raw_size


def unpack_blob(file: BinaryIO, blob: Blob) -> bytes | None:
    """Return the unpacked content, None for a packing the standard library does not know."""
    file.seek(blob.offset)
    data = file.read(blob.size)
    try:
        for number, _, first, last in read_fields(data):
            if number == _RAW:
                return data[first:last]
            if number == _ZLIB:
                out = zlib.decompressobj().decompress(data[first:last], blob.raw_size + 1)
                if len(out) != blob.raw_size:
                    raise DamagedError
                return out
    except (IndexError, zlib.error) as error:
        raise DamagedError from error
    return None


def _things(block: bytes) -> Iterator[Field]:
    """Yield the things of a PrimitiveBlock: nodes, one DenseNodes message, ways, relations."""
    for number, _, first, last in read_fields(block):
        if number == _GROUP:
            yield from read_fields(block, first, last)


def _find(data: bytes, thing: Field, wanted: int) -> bytes:
    """Return the bytes of one field of a thing, empty where it lacks the field."""
    for number, _, first, last in read_fields(data, thing[2], thing[3]):
        if number == wanted:
            return data[first:last]
    return b""


def _count_nodes(block: bytes) -> int:
    count = 0
    for number, _, first, last in read_fields(block):
        if number != _GROUP or _is_only(block, first, last, kind=_WAY):
            continue
        for thing in read_fields(block, first, last):
            if thing[0] == _NODE:
                count += 1
            elif thing[0] == _DENSE:
                ids = np.frombuffer(_find(block, thing, _DENSE_IDS), np.uint8)
                count += int(np.count_nonzero(ids < 0x80))  # noqa: PLR2004 - the last byte of each varint
    return count


def _is_only(block: bytes, first: int, last: int, *, kind: int) -> bool:
    """Whether a group holds things of one kind and nothing else, looked at all at once."""
    key = kind << 3 | _BYTES
    if first == last or block[first] != key:
        return False
    try:
        list_messages(as_bytes(block), first, last, key=key)
    except DamagedError:
        return False
    return True


def inspect_pbf(file: BinaryIO, size: int) -> PbfReport:
    """Walk a PBF and tell whether it is whole.

    Nodes are counted only where a file, or a blob, is large enough to hurt; the search for lost ways is made only
    where the file does not end with relations, as every whole extract does.

    Parameters
    ----------
    file
        Open for reading.
    size
        Its size in bytes.

    Raises
    ------
    DamagedError
        The file is cut within a blob, has no header, no data or no way, or a blob does not unpack.
    BombError
        It holds more than a memory of 2 GB can take.
    """
    blobs = list(walk_blobs(file, size))
    if not blobs or blobs[0].kind != "OSMHeader":
        raise DamagedError
    data = [blob for blob in blobs if blob.kind == "OSMData"]
    if not data:
        raise DamagedError
    LIMITS.check(size, sum(blob.raw_size for blob in blobs))
    for blob in data:
        LIMITS.check(blob.size, blob.raw_size)
    _check_nodes(file, data)
    last = unpack_blob(file, data[-1])
    if last is None:
        return PbfReport(len(data), frozenset())
    try:
        names = frozenset(_KIND_NAMES[thing[0]] for thing in _things(last) if thing[0] in _KIND_NAMES)
        if names == {"node"} and not any(_holds_ways(file, blob) for blob in reversed(data)):
            raise DamagedError
        if (
            names & {"way", "node"} == set()
            or "relation" in names
            or sum(blob.raw_size for blob in data) > _COUNT_FROM_BYTES
        ):
            return PbfReport(len(data), names)
        untagged, orphans = _count_orphans(file, data)
    except IndexError as error:
        raise DamagedError from error
    return PbfReport(len(data), names, untagged, orphans)


def _holds_ways(file: BinaryIO, blob: Blob) -> bool:
    block = unpack_blob(file, blob)
    return block is None or any(thing[0] == _WAY for thing in _things(block))


def _check_nodes(file: BinaryIO, blobs: list[Blob]) -> None:
    count_all = sum(blob.raw_size for blob in blobs) > _COUNT_FROM_BYTES
    total = 0
    for blob in blobs:
        if not count_all and blob.raw_size < _COUNT_BLOB_FROM_BYTES:
            continue
        block = unpack_blob(file, blob)
        try:
            count = 0 if block is None else _count_nodes(block)
        except IndexError as error:
            raise DamagedError from error
        total += count
        if count > MAX_BLOB_ENTITIES or total > MAX_NODES:
            raise BombError


def _decode_deltas(packed: bytes) -> npt.NDArray[np.int64]:
    """Decode a packed field of zig-zag varint differences into running values."""
    data = np.frombuffer(packed, np.uint8)
    end = np.flatnonzero(data < 0x80)  # noqa: PLR2004 - the continuation bit
    if len(end) == 0:
        return np.zeros(0, np.int64)
    start = np.concatenate(([0], end[:-1] + 1))
    at = np.arange(end[-1] + 1) - np.repeat(start, end - start + 1)
    part = (data[: end[-1] + 1] & 0x7F).astype(np.uint64) << (7 * np.minimum(at, 9)).astype(np.uint64)
    value = np.add.reduceat(part, start)
    signed = (value >> np.uint64(1)).astype(np.int64) ^ -(value & np.uint64(1)).astype(np.int64)
    return np.cumsum(signed)


def _decode_refs(lists: list[bytes]) -> npt.NDArray[np.int64]:
    """Decode the node ids of many ways in one go: each list starts again at zero."""
    running = _decode_deltas(b"".join(lists))
    if len(running) == 0:
        return running
    bytes_before = np.cumsum([0] + [len(one) for one in lists[:-1]])
    ends = np.flatnonzero(np.frombuffer(b"".join(lists), np.uint8) < 0x80)  # noqa: PLR2004 - the continuation bit
    first = np.searchsorted(ends, bytes_before)
    base = np.where(first > 0, running[first - 1], 0)
    refs: npt.NDArray[np.int64] = running - np.repeat(base, np.diff(np.append(first, len(running))))
    return refs


def _count_orphans(file: BinaryIO, blobs: list[Blob]) -> tuple[int, int]:
    """Count untagged nodes, and those of them that no way uses; of a large file every sixteenth node id is enough."""
    step = _SAMPLE if sum(blob.raw_size for blob in blobs) > _SAMPLE_FROM_BYTES else 1
    nodes: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
    used: list[npt.NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for blob in blobs:
        block = unpack_blob(file, blob)
        if block is None:
            return 0, 0
        refs = []
        for thing in _things(block):
            if thing[0] == _DENSE:
                node = _untagged(_find(block, thing, _DENSE_IDS), _find(block, thing, _DENSE_TAGS))
                nodes.append(node[node % step == 0])
            elif thing[0] == _WAY and (one := _find(block, thing, _WAY_REFS)):
                refs.append(one)
        ref = _decode_refs(refs)
        used.append(ref[ref % step == 0])
    untagged = np.concatenate(nodes)
    orphans = np.count_nonzero(~np.isin(untagged, np.concatenate(used)))
    return step * len(untagged), step * int(orphans)


def _untagged(ids: bytes, tags: bytes) -> npt.NDArray[np.int64]:
    """Return the ids of those dense nodes that carry no tag."""
    node = _decode_deltas(ids)
    data = np.frombuffer(tags, np.uint8)
    # The list holds one 0 after the tags of each node, so a node is untagged where two zeros touch.
    zero = np.flatnonzero(data[_starts(data)] == 0)
    if len(zero) < len(node):
        return node if len(data) == 0 else node[:0]
    bare: npt.NDArray[np.int64] = node[np.diff(zero[: len(node)], prepend=-1) == 1]
    return bare


def _starts(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return the mask of the bytes at which a varint starts."""
    return np.concatenate(([True], data[:-1] < 0x80)) if len(data) else np.zeros(0, bool)  # noqa: PLR2004
