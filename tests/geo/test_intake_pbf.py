"""The gate and PBF maps: whole, cut, bombs, junk."""

from __future__ import annotations

import io
import struct
import zlib

import osmium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm import mutable

from geo.bombs import BombError, DamagedError
from geo.errors import InputError
from geo.intake import admit_file
from geo.pbf import inspect_pbf


def refuse(path, match: str, **more) -> str:
    """Assert that a file is refused in one sentence a language, and return it."""
    with pytest.raises(InputError, match=match) as caught:
        admit_file(path, **more)
    text = str(caught.value)
    assert "\n" not in text
    assert text.count(" / ") == 1
    return text


def write_pbf(path, *, nodes: int = 100, ways: int = 1, relations: bool = False) -> None:
    """Write a map of one road through all its nodes, cut into ways."""
    writer = osmium.SimpleWriter(str(path), overwrite=True)
    for i in range(1, nodes + 1):
        writer.add_node(mutable.Node(id=i, location=(114 + i * 1e-4, 22.5)))
    size = max(2, nodes // max(ways, 1))
    for w in range(ways):
        refs = list(range(1 + w * size, min(nodes, 1 + (w + 1) * size) + 1))
        writer.add_way(mutable.Way(id=w + 1, nodes=refs, tags={"highway": "primary"}))
    if relations:
        writer.add_relation(mutable.Relation(id=1, members=[("w", 1, "")], tags={"type": "route"}))
    writer.close()


def blobs_of(body: bytes) -> list[int]:
    """Return the offset after each blob of a PBF."""
    with io.BytesIO(body) as file:
        from geo.pbf import walk_blobs

        return [blob.offset + blob.size for blob in walk_blobs(file, len(body))]


def test_pbf_without_relations_is_no_alarm(tmp_path):
    """A whole PBF that ends with ways is let in without a finding: every node belongs to a way."""
    path = tmp_path / "m.osm.pbf"
    for relations in (True, False):
        write_pbf(path, nodes=5000, ways=10, relations=relations)
        assert admit_file(path).findings == ()


def test_pbf_that_lost_ways_is_doubted(tmp_path):
    """A PBF whose nodes wait for ways that are not there carries the finding cut_file (fault 23)."""
    path = tmp_path / "m.osm.pbf"
    write_pbf(path, nodes=30_000, ways=2)
    whole = path.read_bytes()
    assert admit_file(path).findings == ()
    lost = osmium.SimpleWriter(str(tmp_path / "lost.osm.pbf"))
    for thing in osmium.FileProcessor(str(path)):
        if not (thing.is_way() and thing.id == 2):
            lost.add(thing)
    lost.close()
    (finding,) = admit_file(tmp_path / "lost.osm.pbf").findings
    assert finding.code == "cut_file"
    assert finding.severity == "error"
    assert 14_000 < finding.count < 16_000
    path.write_bytes(whole[: blobs_of(whole)[-2]])
    refuse(path, "残缺")


def pbf_blob(kind: bytes, raw: bytes, *, claim: int | None = None) -> bytes:
    """Return one blob as it lies in a PBF, with a made-up raw size if asked."""

    def varint(value: int) -> bytes:
        out = b""
        while value > 127:
            out, value = out + bytes([value & 127 | 128]), value >> 7
        return out + bytes([value])

    packed = zlib.compress(raw, 9)
    blob = b"\x10" + varint(len(raw) if claim is None else claim) + b"\x1a" + varint(len(packed)) + packed
    header = b"\x0a" + varint(len(kind)) + kind + b"\x18" + varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def test_pbf_bombs_are_refused(tmp_path):
    """A PBF of few bytes and many nodes, or with blobs that lie about their size, is refused unread (fault 27)."""
    path = tmp_path / "bomb.osm.pbf"
    head = pbf_blob(b"OSMHeader", b"\x22\x0eOsmSchema-V0.6")
    ids = b"\x02" * (3 << 20)

    def length(n: int) -> bytes:
        return bytes([n & 127 | 128, n >> 7 & 127 | 128, n >> 14 & 127 | 128, n >> 21])

    dense = b"\x0a" + length(len(ids)) + ids
    group = b"\x12" + length(len(dense)) + dense
    block = b"\x12" + length(len(group)) + group
    path.write_bytes(head + pbf_blob(b"OSMData", block))
    refuse(path, "炸弹")
    path.write_bytes(head + pbf_blob(b"OSMData", bytes(31 << 20)))
    refuse(path, "炸弹")
    path.write_bytes(head + pbf_blob(b"OSMData", b"x" * 100, claim=1 << 34))
    refuse(path, "炸弹")
    path.write_bytes(head + pbf_blob(b"OSMData", b"x" * 100, claim=99))
    refuse(path, "残缺")


@given(st.binary(max_size=300))
def test_any_bytes_after_a_pbf_header_raise_one_error(data):
    """Bytes behind a good header blob give a report or DamagedError or BombError, and nothing else (fault 24)."""
    body = pbf_blob(b"OSMHeader", b"\x22\x0eOsmSchema-V0.6") + pbf_blob(b"OSMData", data) + data
    for content in (body, body[: len(body) - len(data)]):
        try:
            inspect_pbf(io.BytesIO(content), len(content))
        except (DamagedError, BombError):
            continue
