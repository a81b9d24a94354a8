"""Networks kept between runs: one file for each map and settings, found by content, checked by hash, swept by use.

The cache is a convenience. Whatever is wrong with it (not writable, damaged, of another version) the map is loaded
from its file, and no one is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from pathlib import Path

from geo.classes import CLASS_OF_HIGHWAY
from geo.findings import Finding
from geo.network import WAY_TAGS, Area, Network, Nodes, Segments, Source, Ways
from geo.networkbytes import ARRAYS, list_parts, read_bytes
from geo.restrictions import Restrictions
from geo.sniff import HEAD_BYTES, OSM_FORMATS, is_bzip2, is_gzip, sniff_head
from geo.stations import Station

SCHEMA_VERSION = 2
"""Raise it when loading the same file gives another network (a new rule of reading, segmenting or station finding)."""
MAX_BYTES = 2_000_000_000
"""Most bytes the cache may hold; the networks not used for longest go first."""
MAX_MAP_BYTES = 1_000_000_000
"""Larger maps are not even hashed; ``geo.intake`` refuses them."""
VARIABLE = "ROADSEAM_CACHE"
"""Environment variable: another folder, or ``off``."""

_MAGIC = b"roadseam network\n".ljust(32, b"\0")
_DIGEST_BYTES = 32
_SUFFIX = ".network"
_TEMPORARY = ".part"
_CHUNK_BYTES = 1 << 20
_DAY_NS = 86_400 * 10**9


def cached(
    path_hash: str,
    load: Callable[[], Network],
    *,
    settings: str = "",
    folder: Path | None = None,
    max_bytes: int = MAX_BYTES,
) -> Network:
    """Return a network from the cache, or load it and keep it.

    Parameters
    ----------
    path_hash
        SHA-256 of the map file, hexadecimal.
    load
        Reads the map; called only where the cache has no sound copy.
    settings
        Everything else that decides what ``load`` returns, as text; the same file with other settings is another
        network.
    folder
        Where networks are kept; ``cache_folder()`` by default.
    max_bytes
        Most bytes the cache may hold afterwards. A network that is larger by itself is not kept.

    Returns
    -------
    Network
        The same, column by column, as ``load`` would return.
    """
    place = cache_folder() if folder is None else folder
    if place is None:
        return load()
    file = place / f"{make_key(path_hash, settings)}{_SUFFIX}"
    network = _read(file)
    if network is None:
        network = load()
        # A file that changed while it was read is not what the key says.
        if network.source.sha256 == path_hash:
            with contextlib.suppress(OSError, MemoryError, ValueError):
                _keep(file, network, max_bytes)
    return network


def hash_map(path: Path) -> str | None:
    """Return the SHA-256 of a file that looks like an OSM map, ``None`` of anything else; nothing is unpacked."""
    digest = hashlib.sha256()
    try:
        if not path.is_file() or path.stat().st_size > MAX_MAP_BYTES:
            return None
        with path.open("rb") as file:
            chunk = file.read(_CHUNK_BYTES)
            head = chunk[:HEAD_BYTES]
            if not (is_gzip(head) or is_bzip2(head) or sniff_head(head) in OSM_FORMATS):
                return None
            while chunk:
                digest.update(chunk)
                chunk = file.read(_CHUNK_BYTES)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


def cache_folder() -> Path | None:
    """Return the folder of the cache by the custom of the platform, or ``None`` where it is switched off.

    ``ROADSEAM_CACHE`` names another folder, or is ``off``.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted.lower() == "off":
        return None
    if wanted:
        return Path(wanted)
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "roadseam" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "roadseam"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "roadseam"


def make_key(path_hash: str, settings: str = "") -> str:
    """Return the name under which a network is kept: 64 hexadecimal digits."""
    text = f"{_fingerprint_schema()}\0{path_hash}\0{settings}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _fingerprint_schema() -> str:
    """Return what a kept network depends on besides file and settings: columns, tags, classes, version."""
    tables = (Nodes, Ways, Segments, Area, Source, Station, Finding, Restrictions, Network)
    shape = [f"{table.__name__}:{','.join(f.name for f in fields(table))}" for table in tables]
    classes = ",".join(f"{name}={int(value)}" for name, value in CLASS_OF_HIGHWAY.items())
    return f"{SCHEMA_VERSION}|{'|'.join(shape)}|{','.join(WAY_TAGS)}|{classes}|{ARRAYS}|{_fingerprint_rules()}"


@cache
def _fingerprint_rules() -> str:
    """Return a hash over the sources of this room: what is read off a map may change with any of them."""
    digest = hashlib.sha256()
    with contextlib.suppress(OSError):
        for file in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(file: Path) -> Network | None:
    """Return the network in a file, ``None`` where there is none or it is not sound."""
    try:
        with file.open("rb", buffering=0) as stream:
            size = os.fstat(stream.fileno()).st_size
            body = bytearray(size)
            if stream.readinto(body) != size:
                return None
        head = len(_MAGIC) + _DIGEST_BYTES
        view = memoryview(body)[head:]
        if body[: len(_MAGIC)] != _MAGIC or hashlib.sha256(view).digest() != bytes(body[len(_MAGIC) : head]):
            return None
        network = read_bytes(view)
    except (OSError, MemoryError, KeyError, TypeError, ValueError):
        return None
    with contextlib.suppress(OSError):
        os.utime(file)
    return network


def _keep(file: Path, network: Network, max_bytes: int) -> None:
    """Write a network so that the file is whole or absent, then make room."""
    import tempfile

    parts = list_parts(network)
    if sum(len(part) for part in parts) + len(_MAGIC) + _DIGEST_BYTES > max_bytes:
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=_TEMPORARY, prefix=file.stem[:16], dir=file.parent)
    temporary = Path(name)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    try:
        # No fsync: after a power cut the hash tells whether the copy is whole.
        with os.fdopen(handle, "wb") as stream:
            stream.write(_MAGIC + digest.digest())
            for part in parts:
                stream.write(part)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _make_room(file, max_bytes)


def _make_room(newest: Path, max_bytes: int) -> None:
    """Delete what was used longest ago until the rest fits, and left-overs of writers that died a day ago."""
    now = newest.stat().st_mtime_ns
    kept = []
    for file in newest.parent.iterdir():
        if file.suffix not in {_SUFFIX, _TEMPORARY} or not file.is_file():
            continue
        with contextlib.suppress(OSError):
            facts = file.stat()
            if file.suffix == _TEMPORARY:
                if facts.st_mtime_ns < now - _DAY_NS:
                    file.unlink()
            elif file != newest:
                kept.append((facts.st_mtime_ns, file.name, facts.st_size))
    room = max_bytes - newest.stat().st_size
    for _, name, size in sorted(kept, reverse=True):
        room -= size
        if room < 0:
            with contextlib.suppress(OSError):
                (newest.parent / name).unlink()
