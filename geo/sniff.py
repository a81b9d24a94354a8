"""What a file is, told from its first bytes; a suffix is a promise by a stranger and counts for nothing."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """Formats that Roadseam opens."""

    OSM_XML = "osm"
    OSM_GZ = "osm.gz"
    OSM_BZ2 = "osm.bz2"
    OSM_PBF = "osm.pbf"
    GPKG = "gpkg"
    SHAPEFILE = "shp"
    FILEGDB = "gdb"
    GEOJSON = "geojson"
    FLATGEOBUF = "fgb"
    PARQUET = "parquet"
    CSV = "csv"
    XLSX = "xlsx"


OSM_FORMATS = frozenset({Format.OSM_XML, Format.OSM_GZ, Format.OSM_BZ2, Format.OSM_PBF})
"""Formats that ``geo.reading`` opens."""
LAYER_FORMATS = frozenset(
    {Format.GPKG, Format.SHAPEFILE, Format.FILEGDB, Format.GEOJSON, Format.FLATGEOBUF, Format.PARQUET}
)
"""Formats that ``geo.layers`` opens."""
MAP_FORMATS = OSM_FORMATS | LAYER_FORMATS
"""Formats that can hold roads."""
TABLE_FORMATS = frozenset({Format.CSV, Format.XLSX})
"""Formats that can hold a table of stations, stakes, units or targets."""

HEAD_BYTES = 1 << 16
"""How many bytes ``sniff_head`` wants to see."""

_GZIP, _BZIP2 = b"\x1f\x8b", b"BZh"

_MAGIC: tuple[tuple[bytes, Format | tuple[str, str]], ...] = (
    (b"fgb\x03fgb", Format.FLATGEOBUF),
    (b"PAR1", Format.PARQUET),
    (b"\x89PNG\r\n", ("PNG 图片", "a PNG picture")),
    (b"\xff\xd8\xff", ("JPEG 图片", "a JPEG picture")),
    (b"GIF8", ("GIF 图片", "a GIF picture")),
    (b"II*\x00", ("TIFF 图片", "a TIFF picture")),
    (b"%PDF", ("PDF 文件", "a PDF paper")),
    (b"7z\xbc\xaf\x27\x1c", ("7z 压缩包", "a 7z archive")),
    (b"Rar!\x1a\x07", ("RAR 压缩包", "a RAR archive")),
    (b"\xfd7zXZ\x00", ("xz 压缩文件", "an xz archive")),
    (b"\x28\xb5\x2f\xfd", ("zstd 压缩文件", "a zstd archive")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ("旧版 Office 文件", "an old Office file")),
    (b"\x7fELF", ("程序", "a program")),
    (b"MZ\x90", ("程序", "a program")),
)

_ROOTS: dict[bytes, tuple[str, str]] = {
    b"html": ("网页(HTML)", "a web page (HTML)"),
    b"osmchange": ("OSM 变更文件(osmChange)", "an OSM change file"),
    b"kml": ("KML 文件", "a KML file"),
    b"gpx": ("GPX 文件", "a GPX file"),
    b"svg": ("SVG 图片", "an SVG picture"),
}

_REDIRECTS = re.compile(rb"<(OGRVRT\w+|VRTDataset|GDALTileIndexDataset|GDAL_WMS)|gdal_streamed_alg", re.IGNORECASE)
"""Marks of files that are only pointers to other files or to addresses; GDAL looks for them anywhere in the head."""

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_GEOJSON = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Feature)"')


@dataclass(frozen=True, slots=True)
class Unknown:
    """What a file is when it is nothing we open, in both languages."""

    chinese: str
    english: str


def is_pointer(head: bytes) -> bool:
    """Return whether a file head carries the mark of a file that makes GDAL open other files or addresses."""
    return _REDIRECTS.search(head) is not None


def is_gzip(head: bytes) -> bool:
    """Return whether the bytes begin a gzip stream."""
    return head.startswith(_GZIP)


def is_bzip2(head: bytes) -> bool:
    """Return whether the bytes begin a bzip2 stream."""
    return head.startswith(_BZIP2) and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}


def sniff_head(head: bytes) -> Format | Unknown:
    """Tell the format of a file that is not packed from its first ``HEAD_BYTES`` bytes.

    Parameters
    ----------
    head
        The first bytes of the file, or of what a gzip or bzip2 file unpacks to.

    Returns
    -------
    Format or Unknown
        A format we open, or the name, in both languages, of what it is instead.

    Examples
    --------
    >>> sniff_head(b"<?xml version='1.0'?><osm version='0.6'>")
    <Format.OSM_XML: 'osm'>
    >>> sniff_head(b"<!DOCTYPE html><html>").english
    'a web page (HTML)'
    """
    if is_pointer(head):
        return Unknown("指向别处数据的文件(如 VRT)", "a file that points to other data (such as a VRT)")
    for magic, answer in _MAGIC:
        if head.startswith(magic):
            return answer if isinstance(answer, Format) else Unknown(*answer)
    return _sniff_binary(head) or _sniff_xml(head) or _sniff_json(head) or _sniff_text(head)


def _sniff_binary(head: bytes) -> Format | Unknown | None:
    if head[4:15] == b"\x0a\x09OSMHeader" or head[6:15] == b"OSMHeader":
        return Format.OSM_PBF
    if head.startswith(b"SQLite format 3\x00"):
        is_geopackage = head[68:72] in {b"GPKG", b"GP10", b"GP11"} or b"gpkg_contents" in head
        return (
            Format.GPKG if is_geopackage else Unknown("SQLite 数据库,但不是 GeoPackage", "a SQLite file, no GeoPackage")
        )
    if head.startswith(b"\x00\x00\x27\x0a") and head[28:32] == b"\xe8\x03\x00\x00":
        return Format.SHAPEFILE
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        is_book = b"[Content_Types].xml" in head or b"xl/" in head or b"_rels/.rels" in head
        return Format.XLSX if is_book else Unknown("ZIP 压缩包", "a ZIP archive")
    if head[257:262] == b"ustar":
        return Unknown("tar 压缩包", "a tar archive")
    return None


def _sniff_xml(head: bytes) -> Format | Unknown | None:
    start = _PROLOG.match(head)
    rest = head[start.end() :] if start else head
    if not rest.startswith(b"<"):
        return None
    if rest[:9].lower() == b"<!doctype":
        if rest[9:20].strip().lower().startswith(b"html"):
            return Unknown(*_ROOTS[b"html"])
        return Unknown("带 DOCTYPE 的 XML(可能有害)", "XML with a DOCTYPE (possibly harmful)")
    root = _ROOT.match(rest)
    if root is None:
        return Unknown("残缺的 XML", "broken XML")
    tag = root.group(1).lower()
    if tag == b"osm":
        return Format.OSM_XML
    if tag in {b"head", b"body", b"script", b"div", b"p"}:
        tag = b"html"
    return Unknown(*_ROOTS.get(tag, ("不是地图的 XML", "XML, but no OSM map")))


def _sniff_json(head: bytes) -> Format | Unknown | None:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text.startswith((b"{", b"[")):
        return None
    if _GEOJSON.search(text):
        return Format.GEOJSON
    if b"Overpass" in text[:400]:
        return Unknown("Overpass 的 JSON", "JSON of Overpass")
    return Unknown("不是 GeoJSON 道路图层的 JSON", "JSON, but no GeoJSON feature collection")


def _sniff_text(head: bytes) -> Format | Unknown:
    text = decode_text(head)
    if text is None:
        return Unknown("无法辨认的二进制数据", "unknown binary data")
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    for mark in (",", ";", "\t"):
        if len(lines) > 1 and lines[0].count(mark) >= 1 and lines[1].count(mark) >= lines[0].count(mark):
            return Format.CSV
    return Unknown("纯文本", "plain text")


def decode_text(head: bytes) -> str | None:
    """Decode the first bytes of a text file as UTF-8 or GB18030; None when they are no text.

    Examples
    --------
    >>> decode_text("桩号,经度".encode("gb18030"))
    '桩号,经度'
    >>> decode_text(bytes(range(256))) is None
    True
    """
    if _CONTROL.search(head):
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
    return None
