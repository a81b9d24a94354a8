"""The plan file: a GeoPackage that is replaced as a whole, so that a save leaves the old plan or the new one."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import InputError, RoadseamError
from plan.columns import Columns, hash_columns, pack_network, unpack_network
from plan.decisions import Decision
from plan.model import Plan

if TYPE_CHECKING:
    from plan.geopackage import Layer

SCHEMA_VERSION = 1
_TABLES = """
CREATE TABLE roadseam_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE roadseam_columns (name TEXT PRIMARY KEY, dtype TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE roadseam_decisions (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL);
"""
_SQLITE = b"SQLite format 3\0"
_SIDECARS = ("-journal", "-wal", "-shm")


class SaveError(RoadseamError, OSError):
    """A plan could not be saved; unless the sentence says otherwise, the file that was there is untouched."""


def save_plan(path: Path, plan: Plan) -> None:
    """Save a plan; a reader sees the old file or the new one, never neither.

    The new file is written beside the old one, flushed to disk and put in its place in one step. Drafts that an
    earlier save left behind when it was killed are removed.

    Parameters
    ----------
    path
        Where to save; a symlink is followed, the rights of a file that is there are kept.
    plan
        The plan; its derived layers are computed if they are not yet.

    Raises
    ------
    SaveError
        The folder is missing, read-only or full, or the file there is a database of somebody else.
    """
    from plan.layers import make_layers

    target = path.resolve()
    layers, columns = make_layers(plan), pack_network(plan.network)
    _refuse_foreign(target)
    draft = _draft(target, os.getpid())
    try:
        _sweep(target)
        _write_draft(draft, plan, layers, columns)
        with suppress(FileNotFoundError):
            draft.chmod(target.stat().st_mode & 0o777)
        _flush(draft)
        draft.replace(target)
    except (OSError, sqlite3.Error, UnicodeError) as error:
        _remove(draft)
        reason = getattr(error, "strerror", None) or str(error)
        msg = (
            f"无法保存到 {path.name}（{reason}），原文件未改动；请检查文件夹、磁盘空间和权限。"
            " / could not save, the old file is kept: check folder, disk space and permissions."
        )
        raise SaveError(msg) from error
    try:
        _remove_sidecars(target)
        _flush(target.parent)
    except OSError as error:
        msg = (
            f"{path.name} 已写入，但系统未能确认落盘（{error.strerror}）；请检查磁盘后再保存一次。"
            " / written, but the disk did not confirm it: check the disk and save again."
        )
        raise SaveError(msg) from error


def _write_draft(draft: Path, plan: Plan, layers: Sequence[Layer], columns: Columns) -> None:
    from plan.geopackage import add_layer, start_geopackage

    _remove(draft)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN")
        start_geopackage(connection)
        for layer in layers:
            add_layer(connection, layer)
        _write_tables(connection, plan, columns)
        connection.execute("COMMIT")


def _write_tables(connection: sqlite3.Connection, plan: Plan, columns: Columns) -> None:
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    bodies = [d.to_json() for d in plan.decisions]
    meta = {
        "schema_version": str(SCHEMA_VERSION),
        "title": plan.title.encode("utf-8", "replace").decode(),
        "network_sha256": hash_columns(columns),
        "crs": "EPSG:4326",
        "licence": "© OpenStreetMap contributors, ODbL 1.0",
    }
    meta["sha256"] = _seal(meta, bodies)
    connection.executemany("INSERT INTO roadseam_meta VALUES (?, ?)", sorted(meta.items()))
    connection.executemany(
        "INSERT INTO roadseam_columns VALUES (?, ?, ?)",
        [(name, dtype, body) for name, (dtype, body) in sorted(columns.items())],
    )
    connection.executemany(
        "INSERT INTO roadseam_decisions VALUES (?, ?, ?, ?)",
        [(k, d.kind, d.key, body) for k, (d, body) in enumerate(zip(plan.decisions, bodies, strict=True), start=1)],
    )


def _seal(meta: dict[str, str], bodies: Sequence[str]) -> str:
    """Return the SHA-256 over everything a plan holds: header (with the network's hash) and decisions, in order."""
    header = {key: value for key, value in meta.items() if key != "sha256"}
    text = json.dumps([header, list(bodies)], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _is_intact(meta: dict[str, str], columns: Columns, bodies: Sequence[str]) -> bool:
    """Whether the contents match the hashes that were saved with them."""
    try:
        return meta["sha256"] == _seal(meta, bodies) and hash_columns(columns) == meta["network_sha256"]
    except (KeyError, ValueError, TypeError, zlib.error):
        return False


def _refuse_foreign(target: Path) -> None:
    """Keep a GeoPackage of roads from being overwritten by a plan that was made of it."""
    if target.is_file() and _starts_as_sqlite(target) and not is_plan(target):
        msg = (
            f"{target.name}: 这里已有一个不是方案的数据库，为免覆盖未保存；请换一个文件名。"
            " / a database that is no plan is there and is kept: choose another name."
        )
        raise SaveError(msg)


def _starts_as_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _draft(target: Path, process: int | str) -> Path:
    """Return where a process writes its draft: short, so that no name that fits is too long with it."""
    short = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]
    return target.with_name(f".roadseam-{short}-{process}.tmp")


def _sweep(target: Path) -> None:
    """Remove drafts of this plan whose process is gone."""
    for left in target.parent.glob(_draft(target, "*").name):
        process = left.stem.rpartition("-")[2]
        if process.isdecimal() and int(process) != os.getpid() and not _is_running(int(process)):
            _remove(left)


def _is_running(process: int) -> bool:
    if os.name == "nt":  # asking about a process there would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _remove(draft: Path) -> None:
    """Remove a draft and its journal; what cannot be removed is left to the next sweep."""
    for path in (draft, *(draft.with_name(draft.name + end) for end in _SIDECARS)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _remove_sidecars(target: Path) -> None:
    """Remove journals of the file that was replaced: another program would roll them into the new one."""
    for end in _SIDECARS:
        target.with_name(target.name + end).unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Force a file or a folder to disk; Windows has no folder handles to flush."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_plan(path: Path) -> bool:
    """Whether a file is a Roadseam plan; opens it read-only."""
    if not _starts_as_sqlite(path):
        return False
    try:
        with closing(_connect(path)) as connection:
            query = "SELECT count(*) FROM sqlite_master WHERE name = 'roadseam_meta'"
            return bool(connection.execute(query).fetchone()[0])
    except (OSError, sqlite3.Error):
        return False


def _connect(path: Path) -> sqlite3.Connection:
    """Open a database that is never written to: no journal is replayed, no file is created."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def open_plan(path: Path) -> Plan:
    """Open a plan; the file is not changed.

    Raises
    ------
    InputError
        The file is damaged, no plan, or from a newer version.
    """
    try:
        with closing(_connect(path)) as connection:
            meta = dict(connection.execute("SELECT key, value FROM roadseam_meta"))
            rows = connection.execute("SELECT name, dtype, body FROM roadseam_columns").fetchall()
            bodies = [row[0] for row in connection.execute("SELECT body FROM roadseam_decisions ORDER BY seq")]
        version = int(meta["schema_version"])
    except (sqlite3.Error, OSError, OverflowError, KeyError, ValueError, TypeError) as error:
        msg = f"{path.name}: 方案文件损坏或不是方案，请从备份恢复。 / not a plan, or damaged: restore a backup."
        raise InputError(msg) from error
    if version > SCHEMA_VERSION:
        msg = f"{path.name}: 方案由更新的版本保存，请升级软件后再打开。 / saved by a newer version: update first."
        raise InputError(msg)
    columns: Columns = {name: (dtype, body) for name, dtype, body in rows}
    if not _is_intact(meta, columns, bodies):
        msg = (
            f"{path.name}: 内容与其校验值不符，文件已损坏或被改动，请从备份恢复。"
            " / the contents do not match their hash: restore a backup."
        )
        raise InputError(msg)
    network = unpack_network(columns)
    return Plan(network, tuple(Decision.from_json(body) for body in bodies), meta["title"])
