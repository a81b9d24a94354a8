"""The gate: what is let in, what is refused, and that refusing is cheap."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import os
import shutil
import sqlite3
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.bombs import BombError, DamagedError, UnpackLimits, unpack_stream
from geo.errors import InputError
from geo.intake import admit_file, clean_name, is_address
from geo.sniff import LAYER_FORMATS, OSM_FORMATS, TABLE_FORMATS, Format, Unknown, sniff_head

OSM = b"<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'><node id='1' lat='22.7' lon='114.2'/></osm>\n"
VRT = b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


def refuse(path, match: str, **more) -> str:
    """Assert that a file is refused in one sentence a language, and return it."""
    with pytest.raises(InputError, match=match) as caught:
        admit_file(path, **more)
    text = str(caught.value)
    assert "\n" not in text
    assert text.count(" / ") == 1
    return text


def make_book(path, *, extra: bytes = b"") -> None:
    """Write the least that is an Excel workbook."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"<workbook/>" + extra)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("osm/shenzhen-longgang-heao-2019.osm.bz2", Format.OSM_BZ2),
        ("osm/de-north-bayreuth-2014.osm.gz", Format.OSM_GZ),
        ("osm/ad-andorra-2026.osm.pbf", Format.OSM_PBF),
        ("osm/us-harrisburg-2015.osm.pbf", Format.OSM_PBF),
        ("osm/cn-anhui-motorway-junctions-2024.geojson", Format.GEOJSON),
    ],
)
def test_real_files_are_let_in(shared_data, file, kind):
    """Real extracts are let in without a doubt, with the hash of the file as it lies on disk."""
    path = shared_data / file
    admitted = admit_file(path)
    assert admitted.format is kind
    assert admitted.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert admitted.size == path.stat().st_size
    assert admitted.findings == ()


def test_content_decides_not_the_suffix(tmp_path, shared_data):
    """A map under another suffix is what its bytes say; so is a link to it."""
    path = tmp_path / "road.gpkg"
    shutil.copy(shared_data / "osm/us-harrisburg-2015.osm.pbf", path)
    assert admit_file(path).format is Format.OSM_PBF
    link = tmp_path / "link.txt"
    link.symlink_to(path)
    assert admit_file(link).format is Format.OSM_PBF


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "网页"),
        (b"\n  <html><head></head></html>", "网页"),
        (b"just some words\nand more\n", "纯文本"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        (bytes(range(256)) * 20, "二进制"),
        (bytes(5000), "二进制"),
        (VRT, "指向别处"),
        (b"\n\n <!-- x -->" + VRT, "指向别处"),
        (b"<VRTDataset rasterXSize='1'></VRTDataset>", "指向别处"),
        (b'{"type": "FeatureCollection", "x": "<OGRVRTDataSource>", "features": []}', "指向别处"),
        (
            b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline", "y": "FeatureCollection"}',
            "指向别处",
        ),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7z"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "Office"),
        (b"<?xml version='1.0'?><kml></kml>", "KML"),
        (b"<?xml version='1.0'?><osmChange></osmChange>", "osmChange"),
        (b"<?xml version='1.0'?><!DOCTYPE osm [<!ENTITY a 'b'>]><osm/>", "DOCTYPE"),
        (b'{"version": 0.6, "generator": "Overpass API", "elements": []}', "Overpass"),
        (b'{"type": "Topology"}', "JSON"),
        (b"SQLite format 3\x00" + bytes(2000), "SQLite"),
        (b"id,lon,lat\n1,2,3\n4,5,6\n", "csv"),
        ("桩号,经度\nK1+0,114\n".encode("gb18030"), "csv"),
    ],
)
@pytest.mark.parametrize("suffix", [".osm.pbf", ".gpkg", ".geojson"])
def test_other_content_is_refused(tmp_path, content, words, suffix):
    """Whatever is no map is named for what it is, under any suffix (faults 16, 43)."""
    path = tmp_path / f"map{suffix}"
    path.write_bytes(content)
    refuse(path, words)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (VRT, "指向别处"),
        (b"a,b\n1,2\n", "csv"),
        (b"<html></html>", "网页"),
        (b"", "空"),
        (b"PK\x03\x04" + bytes(50), "ZIP"),
    ],
)
def test_packed_files_are_judged_by_what_they_hold(tmp_path, pack, content, words):
    """A VRT or anything else inside gzip or bzip2 is refused (fault 43)."""
    path = tmp_path / "map.osm.gz"
    path.write_bytes(pack(content))
    refuse(path, words)


@pytest.mark.parametrize(
    ("declaration", "packed"),
    [(b"<!DOCTYPE osm>", False), (b"<!ENTITY x SYSTEM 'file:///etc/passwd'>", True), (b"<!DOCTYPE a [", True)],
)
@pytest.mark.parametrize("filler", [0, 70_000, (1 << 20) - 45, 1 << 20])
def test_entities_are_refused_wherever_they_stand(tmp_path, declaration, packed, filler):
    """A DOCTYPE or entity is found beyond the head too, and across the edge of two chunks (fault 26)."""
    content = b"<?xml version='1.0'?><osm version='0.6'><!--" + b" " * filler + b"-->" + declaration + b"</osm>"
    path = tmp_path / "map.osm"
    path.write_bytes(gzip.compress(content) if packed else content)
    refuse(path, "DOCTYPE")


def test_no_regular_file_is_refused(tmp_path, monkeypatch):
    """A folder, a missing file, a pipe, a device, a loop of links: refused at once, in words of their own (fault 45)."""
    refuse(tmp_path, "文件夹")
    refuse(tmp_path / "none.osm", "找不到")
    refuse(tmp_path / "x" / "none.osm", "找不到")
    refuse("a\0b.osm", "找不到")
    refuse("x" * 5000, "找不到")
    os.mkfifo(tmp_path / "pipe.osm")
    refuse(tmp_path / "pipe.osm", "管道")
    refuse("/dev/zero", "设备")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refuse(tmp_path / "loop", "找不到")
    with pytest.raises(InputError, match="没有给出"):
        admit_file(" ")

    def forbid(*_args):
        raise PermissionError(13, "denied")

    monkeypatch.setattr(os, "open", forbid)
    refuse(tmp_path / "secret.osm", "权限")


@pytest.mark.parametrize(
    "text",
    [
        "http://a.cn/x.osm", "https://a.cn/x.osm", "ftp://a.cn/x", "file:///etc/passwd", "/vsicurl/http://a.cn/x.gpkg",
        "/vsizip/x.zip", "\\vsicurl\\x", "PG:dbname=x", "GPKG:/etc/x.gpkg:t", "HTTP://A.CN", " https://a.cn",
        "\\\\server\\share\\x.gpkg", "data:text/plain,x", "/VSIMEM/x",
    ],
)  # fmt: skip
def test_addresses_are_refused_unopened(text, monkeypatch):
    """An address, a GDAL path or a connection text is refused without opening anything (fault 44)."""
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("something was opened"))
    refuse(text, "网址")
    assert is_address(text)


@pytest.mark.parametrize(
    "text", ["x.osm", "C:/maps/x.osm", "d:\\maps\\x.gpkg", "/data/vs.osm", "龙岗：2019.osm", "./a b.pbf"]
)
def test_paths_are_no_addresses(text):
    """Paths of all systems pass as paths."""
    assert not is_address(text)


def test_names_in_sentences_are_harmless(tmp_path):
    """A file name is printed without folder, control characters or endless length (faults 45, 54)."""
    assert clean_name("../../etc/x.gpkg") == "x.gpkg"
    assert clean_name("C:\\Users\\a\\图.osm") == "图.osm"
    assert "\x1b" not in clean_name("a\x1b[31m.osm")
    assert len(clean_name("长" * 200 + ".osm.pbf")) == 80
    path = tmp_path / "bad\x1b[2Jname\n.osm"
    path.write_bytes(b"")
    assert str(tmp_path) not in refuse(path, "空")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_packed_map_is_whole_or_refused(tmp_path, pack):
    """A packed map passes whole or joined of two streams, and is refused when cut or followed by junk (fault 28)."""
    path = tmp_path / "map.osm.gz"
    half = len(OSM) // 2
    for good in (pack(OSM), pack(OSM[:half]) + pack(OSM[half:]), pack(OSM) + bytes(512)):
        path.write_bytes(good)
        assert admit_file(path).format in OSM_FORMATS
    body = pack(OSM)
    for cut in range(12, len(body) - 1, 7):
        path.write_bytes(body[:cut])
        refuse(path, "残缺|二进制|空内容|XML|纯文本")
    path.write_bytes(body + b"junk that is no stream")
    refuse(path, "残缺")
    path.write_bytes(pack(OSM[:-8]))
    refuse(path, "残缺")


@pytest.mark.parametrize("pack", ["gz", "bz2"])
def test_bomb_is_stopped_early(tmp_path, pack):
    """A bomb that begins as a map is stopped after 64 MiB, long before its end (fault 27)."""
    opener = gzip.open if pack == "gz" else bz2.open
    path = tmp_path / f"bomb.osm.{pack}"
    with opener(path, "wb") as file:
        file.write(b"<osm version='0.6'>")
        for _ in range(100):
            file.write(bytes(1 << 20))
    refuse(path, "炸弹")
    sizes = []
    with path.open("rb") as file, pytest.raises(BombError):
        sizes.extend(len(chunk) for chunk in unpack_stream(file, UnpackLimits(10**9)))
    assert max(sizes, default=0) <= 1 << 20
    assert sum(sizes) <= 64 << 20


@given(st.binary(max_size=3000), st.booleans(), st.integers(1, 3))
def test_unpacking_returns_what_was_packed(data, use_gzip, copies):
    """Any bytes, in one stream or several, come back as they were; the hash sees every packed byte."""
    packed = (gzip.compress(data) if use_gzip else bz2.compress(data)) * copies
    seen = []
    out = b"".join(unpack_stream(io.BytesIO(packed), UnpackLimits(10**9), on_packed=seen.append))
    assert out == data * copies
    assert b"".join(seen) == packed


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(data):
    """Any bytes are either a format or something with a name in both languages; none raises."""
    answer = sniff_head(data)
    assert isinstance(answer, Format) or (isinstance(answer, Unknown) and answer.chinese and answer.english)


@given(st.binary(min_size=1, max_size=2000))
def test_damaged_streams_raise_one_error(data):
    """Bytes behind a gzip head that do not unpack raise DamagedError and nothing else."""
    try:
        for _ in unpack_stream(io.BytesIO(b"\x1f\x8b\x08\x00" + data), UnpackLimits(10**7)):
            pass
    except (DamagedError, BombError):
        return


def test_workbooks_and_archives_are_told_apart(tmp_path):
    """A workbook passes where tables are wanted; another archive, a cut one and a bomb do not (faults 27, 46)."""
    book = tmp_path / "t.xlsx"
    make_book(book)
    assert admit_file(book, accept=TABLE_FORMATS).format is Format.XLSX
    refuse(book, "xlsx")
    body = book.read_bytes()
    book.write_bytes(body[:-30])
    refuse(book, "残缺", accept=TABLE_FORMATS)
    make_book(book, extra=bytes(40 << 20))
    refuse(book, "炸弹", accept=TABLE_FORMATS)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("roads.shp", b"x")
    refuse(tmp_path / "a.zip", "ZIP")
    refuse(tmp_path / "a.zip", "ZIP", accept=TABLE_FORMATS)
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    refuse(tmp_path / "b.xlsx", "残缺", accept=TABLE_FORMATS)


def test_tables_are_let_in_where_wanted(tmp_path, shared_data):
    """CSV in UTF-8 and in GB18030 passes as a table, a map does not."""
    path = tmp_path / "站.csv"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path.write_text("名称,桩号\n荷坳收费站,K1+200\n", encoding)
        assert admit_file(path, accept=TABLE_FORMATS).format is Format.CSV
    refuse(shared_data / "osm/us-harrisburg-2015.osm.pbf", "osm.pbf", accept=TABLE_FORMATS)
    refuse(path, r"地图", accept=OSM_FORMATS)


def test_large_files_are_refused_unread(tmp_path):
    """A file beyond the limit of its format is refused by its size, before it is read."""
    path = tmp_path / "huge.geojson"
    with path.open("wb") as file:
        file.write(b'{"type": "FeatureCollection", "features": [')
        file.truncate(3_000_000_000)
    refuse(path, "上限")


def test_layers_that_lost_their_end_are_refused(tmp_path):
    """A shapefile without its parts, and a GeoPackage, shapefile or Parquet file cut short, are refused (faults 15, 40)."""
    shp = tmp_path / "r.shp"
    head = struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, 50) + struct.pack("<i", 1000) + bytes(68)
    shp.write_bytes(head)
    refuse(shp, r"\.shx、\.dbf")
    (tmp_path / "r.shx").write_bytes(head)
    (tmp_path / "r.DBF").write_bytes(bytes(33))
    assert admit_file(shp).format is Format.SHAPEFILE
    shp.write_bytes(struct.pack(">i5ii", 9994, 0, 0, 0, 0, 0, 500) + head[28:])
    refuse(shp, "残缺")
    gpkg = tmp_path / "r.gpkg"
    with sqlite3.connect(gpkg) as connection:
        connection.execute("CREATE TABLE gpkg_contents (a BLOB)")
        connection.execute("INSERT INTO gpkg_contents VALUES (?)", (bytes(100_000),))
    connection.close()
    assert admit_file(gpkg).format is Format.GPKG
    gpkg.write_bytes(gpkg.read_bytes()[:-9000])
    refuse(gpkg, "残缺")
    parquet = tmp_path / "r.parquet"
    parquet.write_bytes(b"PAR1" + bytes(100))
    refuse(parquet, "残缺", accept=LAYER_FORMATS)
