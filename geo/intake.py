"""The gate between a stranger's file and our readers: what it is, whether it is whole, whether it is safe to open.

Nothing is unpacked into memory, nothing but the one file is read, and every refusal is one sentence that says
what is wrong, where, and what to do.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from geo.bombs import BombError, DamagedError, UnpackLimits, unpack_stream
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.gdbfolder import hash_geodatabase, is_geodatabase
from geo.pbf import PbfReport, inspect_pbf
from geo.sniff import (
    HEAD_BYTES,
    MAP_FORMATS,
    OSM_FORMATS,
    TABLE_FORMATS,
    Format,
    Unknown,
    is_bzip2,
    is_gzip,
    sniff_head,
)

MAX_XML_BYTES = 1_000_000_000
"""Longest OSM XML, unpacked; larger maps belong into a PBF."""
MAX_BZ2_BYTES = 500_000_000
"""The same for bzip2, which unpacks at a tenth of the speed."""
MAX_BYTES: dict[Format, int] = {
    Format.OSM_XML: MAX_XML_BYTES,
    Format.OSM_PBF: 1_000_000_000,
    Format.GPKG: 2_000_000_000,
    Format.SHAPEFILE: 1_000_000_000,
    Format.GEOJSON: 500_000_000,
    Format.FLATGEOBUF: 1_000_000_000,
    Format.PARQUET: 500_000_000,
    Format.CSV: 200_000_000,
    Format.XLSX: 50_000_000,
}
"""Largest file we open, by format; beyond it memory or time would pass what we promise."""

ORPHAN_SHARE = 0.005
"""Share of untagged nodes without a way from which a PBF counts as cut; whole extracts stay below 0.0002."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|[\\/]vsi|\\\\", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_READ_BYTES = 1 << 20
_OVERLAP = 16

_WANTED_ZH = (
    ".osm、.osm.gz、.osm.bz2、.osm.pbf 地图，"
    "或 GeoPackage、Shapefile、FileGDB、GeoJSON、FlatGeobuf、GeoParquet 道路图层"
)
_WANTED_EN = (
    "an .osm, .osm.gz, .osm.bz2 or .osm.pbf map, "
    "or a GeoPackage, Shapefile, FileGDB, GeoJSON, FlatGeobuf or GeoParquet layer"
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A file that may be opened.

    Attributes
    ----------
    path
        Where it lies.
    name
        Its name without folder, fit to print.
    sha256
        Hash of the file as it lies on disk, 64 hex digits.
    format
        What it is, by content.
    size
        Bytes on disk.
    findings
        Doubts about its completeness.
    """

    path: Path
    name: str
    sha256: str
    format: Format
    size: int
    findings: tuple[Finding, ...] = ()


def is_address(text: str) -> bool:
    r"""Return whether a text is a web address, a GDAL connection string or a network share instead of a local path.

    Examples
    --------
    >>> [is_address(t) for t in ("https://a.cn/x.osm", "/vsicurl/http://a.cn", "PG:dbname=x", "C:/maps/x.osm", "x.osm")]
    [True, True, True, False, False]
    """
    return _ADDRESS.match(text.strip()) is not None


def clean_name(path: str | Path) -> str:
    """Return the name of a file without its folder, without control characters, 80 characters at most."""
    name = re.split(r"[\\/]", str(path).rstrip("\\/"))[-1] or str(path)
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return printable if len(printable) <= 80 else printable[:60] + "…" + printable[-19:]  # noqa: PLR2004


def admit_file(path: str | Path, *, accept: Collection[Format] = MAP_FORMATS) -> Admitted:
    """Look at a file of a stranger and let it in, or refuse it in one sentence.

    Parameters
    ----------
    path
        A local file; a symbolic link is followed.
    accept
        The formats the caller can use; maps and line layers by default.

    Returns
    -------
    Admitted
        With the format by content, whatever the suffix says.

    Raises
    ------
    InputError
        Not a local file, not readable, empty, cut, of another format, harmful, or larger than we can open.

    Notes
    -----
    Memory stays at a few megabytes. A packed file is unpacked once as a stream, for its end, its checksum and its
    true size; ``geo.bombs`` stops a bomb at 64 MiB.
    """
    name = clean_name(path)
    if Format.FILEGDB in accept and not is_address(os.fspath(path)) and is_geodatabase(path):
        digest, total = hash_geodatabase(Path(path), name)
        return Admitted(Path(path), name, digest, Format.FILEGDB, total)
    with _open_regular(path, name) as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(HEAD_BYTES)
        found = _tell_format(file, head, name)
        if isinstance(found, Unknown):
            raise InputError(_refuse_kind(name, found, accept))
        if found not in accept:
            raise InputError(_refuse_kind(name, Unknown(f"{found.value} 文件", f"a {found.value} file"), accept))
        limit = MAX_BYTES.get(found, MAX_XML_BYTES)
        if size > limit:
            raise InputError(
                _say(
                    name,
                    f"文件有 {size >> 20} MiB，超过上限 {limit >> 20} MiB，请先裁剪到本区范围。",
                    f"{size >> 20} MiB is more than the {limit >> 20} MiB we open; cut the map to your district first.",
                )
            )
        sha256, findings = _read_through(file, size, found, name)
    if found is Format.SHAPEFILE:
        _check_sidecars(Path(path), name)
    return Admitted(Path(path), name, sha256, found, size, findings)


def _say(name: str, chinese: str, english: str) -> str:
    return f"{name}：{chinese} / {name}: {english}"


def _open_regular(path: str | Path, name: str) -> BinaryIO:
    """Open a regular file for reading; never blocks on a pipe and never touches a device."""
    text = os.fspath(path)
    if not text.strip():
        raise InputError("没有给出文件名，请指定一个地图文件。 / no file was named: give a map file.")
    if is_address(text):
        raise InputError(
            _say(
                name,
                "这里要的是本机文件，不是网址或数据库连接；请先下载，再指定下载的文件。",
                "a local file is wanted, not an address or a connection; download it and name the downloaded file.",
            )
        )
    try:
        handle = os.open(text, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise InputError(_refuse_open(name, error)) from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        if stat.S_ISDIR(mode):
            raise InputError(
                _say(name, "这是文件夹，请指定其中的一个地图文件。", "this is a folder; name one map file in it.")
            )
        raise InputError(
            _say(
                name,
                "这是设备或管道，不是普通文件；请先存成文件再打开。",
                "this is a device or a pipe; save the data to a file and open that.",
            )
        )
    return os.fdopen(handle, "rb")


def _refuse_open(name: str, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code in {errno.EACCES, errno.EPERM} and not isinstance(error, IsADirectoryError):
        return _say(
            name,
            "没有读取权限，请检查文件权限或复制一份再打开。",
            "no permission to read it; check its rights or open a copy.",
        )
    if code in {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP} or code is None:
        return _say(name, "找不到这个文件，请检查路径和文件名。", "there is no such file; check the path and the name.")
    if code in {errno.ENXIO, errno.ENODEV}:
        return _say(name, "这是设备或管道，不是普通文件。", "this is a device or a pipe, not a file.")
    return _say(name, "文件打不开，请检查磁盘或复制一份再打开。", "it cannot be opened; check the disk or open a copy.")


def _tell_format(file: BinaryIO, head: bytes, name: str) -> Format | Unknown:
    """Tell the format by content; a packed file is judged by what it holds."""
    if not head:
        raise InputError(
            _say(name, "文件是空的，请重新下载或导出。", "the file is empty; download or export it again.")
        )
    if not (is_gzip(head) or is_bzip2(head)):
        return sniff_head(head)
    file.seek(0)
    try:
        inner = next(iter(unpack_stream(file, UnpackLimits(MAX_XML_BYTES))), b"")
    except DamagedError:
        raise InputError(_refuse_damaged(name)) from None
    kind = sniff_head(inner[:HEAD_BYTES]) if inner else Unknown("空内容", "nothing")
    if kind is Format.OSM_XML:
        return Format.OSM_GZ if is_gzip(head) else Format.OSM_BZ2
    inside = kind if isinstance(kind, Unknown) else Unknown(f"{kind.value} 数据", f"{kind.value} data")
    return Unknown(f"压缩文件，里面是{inside.chinese}", f"a packed file with {inside.english} inside")


def _refuse_kind(name: str, kind: Unknown, accept: Collection[Format]) -> str:
    if set(accept) <= TABLE_FORMATS:
        wanted = ("CSV 或 XLSX 表格", "a CSV or XLSX table")
    elif set(accept) <= OSM_FORMATS:
        wanted = (".osm、.osm.gz、.osm.bz2 或 .osm.pbf 地图", "an .osm, .osm.gz, .osm.bz2 or .osm.pbf map")
    else:
        wanted = (_WANTED_ZH, _WANTED_EN)
    return _say(
        name, f"这是{kind.chinese}，不能使用；请换成{wanted[0]}。", f"this is {kind.english}; give {wanted[1]} instead."
    )


def _refuse_damaged(name: str) -> str:
    return _say(name, "文件残缺或已损坏，请重新下载。", "the file is cut or damaged; download it again.")


def _refuse_bomb(name: str) -> str:
    return _say(
        name,
        "文件展开后过大（可能是压缩炸弹），已停止读取；请换成裁剪到本区的 .osm.pbf。",
        "it unpacks to far more than a map of a district (a bomb?); give an .osm.pbf of your district.",
    )


def _read_through(file: BinaryIO, size: int, kind: Format, name: str) -> tuple[str, tuple[Finding, ...]]:
    """Hash the whole file and run the checks of its format."""
    digest = hashlib.sha256()
    file.seek(0)
    findings: tuple[Finding, ...] = ()
    try:
        if kind is Format.OSM_XML:
            _scan_xml(_read_chunks(file, digest.update), name)
        elif kind in {Format.OSM_GZ, Format.OSM_BZ2}:
            limits = UnpackLimits(MAX_BZ2_BYTES if kind is Format.OSM_BZ2 else MAX_XML_BYTES)
            _scan_xml(unpack_stream(file, limits, on_packed=digest.update), name)
        else:
            for _ in _read_chunks(file, digest.update):
                pass
        if kind is Format.OSM_PBF:
            findings = _judge_pbf(inspect_pbf(file, size), name)
        elif kind is Format.XLSX:
            from geo.workbook import check_workbook

            check_workbook(file)
        else:
            _check_end(file, size, kind)
    except BombError:
        raise InputError(_refuse_bomb(name)) from None
    except (DamagedError, OSError):
        raise InputError(_refuse_damaged(name)) from None
    return digest.hexdigest(), findings


def _read_chunks(file: BinaryIO, on_chunk: object) -> Iterator[bytes]:
    while chunk := file.read(_READ_BYTES):
        on_chunk(chunk)  # type: ignore[operator]
        yield chunk


def _scan_xml(chunks: Iterator[bytes], name: str) -> None:
    """Refuse a DOCTYPE or an entity anywhere, and XML whose root does not close."""
    tail = b""
    for chunk in chunks:
        window = tail + chunk
        if _DOCTYPE.search(window):
            raise InputError(
                _say(
                    name,
                    "XML 中含有 DOCTYPE 或 ENTITY 声明（可能有害），已拒绝；请从 OpenStreetMap 重新导出。",
                    "its XML declares a DOCTYPE or an entity (possibly harmful); export the map again.",
                )
            )
        tail = window[-_OVERLAP * 16 :]
    if b"</osm" not in tail and b"/>" not in tail[-_OVERLAP:]:
        raise DamagedError


def _check_end(file: BinaryIO, size: int, kind: Format) -> None:
    """Raise DamagedError where a file is shorter than its own head says, or lacks its closing mark."""
    file.seek(0)
    head = file.read(100)
    needed = 0
    if kind is Format.GPKG and head[24:28] == head[92:96]:
        page = int.from_bytes(head[16:18], "big")
        needed = int.from_bytes(head[28:32], "big") * (65_536 if page == 1 else page)
    elif kind is Format.SHAPEFILE:
        needed = 2 * int.from_bytes(head[24:28], "big")
    file.seek(max(0, size - 64))
    tail = file.read(64)
    open_ended = (kind is Format.PARQUET and not tail.endswith(b"PAR1")) or (
        kind is Format.GEOJSON and not tail.rstrip(b" \t\r\n\0;)").endswith(b"}")
    )
    if needed > size or open_ended:
        raise DamagedError


def _judge_pbf(report: PbfReport, name: str) -> tuple[Finding, ...]:
    """Doubt a PBF whose nodes wait for ways that are not there."""
    if report.orphans > 1 and report.orphans > ORPHAN_SHARE * report.untagged:
        share = round(100 * report.orphans / report.untagged)
        return (
            Finding(
                "cut_file",
                Severity.ERROR,
                report.orphans,
                f"{name}：{report.orphans} 个点（{share}%）不属于任何道路，文件很可能被截断、道路不全，请重新下载。",
                f"{name}: {report.orphans} nodes ({share} %) belong to no way; the file was probably cut and "
                "lacks roads: download it again.",
            ),
        )
    unproven = not report.last_kinds or ("relation" not in report.last_kinds and report.untagged == 0)
    if unproven:
        return (
            Finding(
                "end_unproven",
                Severity.NOTE,
                1,
                f"{name}：无法证明文件完整（末尾没有关系数据），请核对文件大小或校验值。",
                f"{name}: it cannot be proven that the file is whole (it does not end with relations); "
                "compare its size or checksum with the source.",
            ),
        )
    return ()


def _check_sidecars(path: Path, name: str) -> None:
    """Refuse a shapefile that lost one of its parts."""
    missing = [
        suffix
        for suffix in (".shx", ".dbf")
        if not any(path.with_suffix(form).is_file() for form in (suffix, suffix.upper()))
    ]
    if missing:
        parts = "、".join(missing)
        raise InputError(
            _say(
                name,
                f"同一文件夹中缺少 {parts}，请把 Shapefile 的全部文件（.shp .shx .dbf .prj）放在一起。",
                f"{', '.join(missing)} is missing beside it; keep all parts (.shp .shx .dbf .prj) together.",
            )
        )
