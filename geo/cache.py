"""Networks kept between runs: one file for each map and settings, found by content, checked by hash, swept by use.

The cache is a convenience. Whatever is wrong with it (not writable, damaged, of another version) the map is loaded
from its file, and no one is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from geo.classes import CLASS_OF_HIGHWAY
from geo.findings import Finding
from geo.network import WAY_TAGS, Area, Network, Nodes, Segments, Source, Ways
from geo.networkbytes import ARRAYS, read_bytes, write_bytes
from geo.stations import Station

SCHEMA_VERSION = 1
"""Raise it when loading the same file gives another network (a new rule of reading, segmenting or station finding)."""
MAX_BYTES = 2_000_000_000
"""Most bytes the cache may hold; the networks not used for longest go first."""
VARIABLE = "ROADSEAM_CACHE"
"""Environment variable: another folder, or ``off``."""

_MAGIC = b"roadseam network\n".ljust(32, b"\0")
_DIGEST_BYTES = 32
_SUFFIX = ".network"
_TEMPORARY = ".part"
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
        with contextlib.suppress(OSError):
            _keep(file, network, max_bytes)
    return network


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
    tables = (Nodes, Ways, Segments, Area, Source, Station, Finding, Network)
    shape = [f"{table.__name__}:{','.join(f.name for f in fields(table))}" for table in tables]
    classes = ",".join(f"{name}={int(value)}" for name, value in CLASS_OF_HIGHWAY.items())
    return f"{SCHEMA_VERSION}|{'|'.join(shape)}|{','.join(WAY_TAGS)}|{classes}|{ARRAYS}"


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
    body = write_bytes(network)
    if len(body) + len(_MAGIC) + _DIGEST_BYTES > max_bytes:
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=_TEMPORARY, prefix=file.stem[:16], dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_MAGIC + hashlib.sha256(body).digest())
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
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
