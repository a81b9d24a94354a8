"""The plan file: a GeoPackage that is replaced as a whole, so that a save leaves the old plan or the new one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from geo.errors import InputError, RoadseamError
from plan.columns import Columns, hash_columns, pack_network, unpack_network
from plan.decisions import Decision
from plan.geopackage import add_layer, start_geopackage
from plan.layers import make_layers
from plan.model import Plan

SCHEMA_VERSION = 1
_TABLES = """
CREATE TABLE roadseam_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE roadseam_columns (name TEXT PRIMARY KEY, dtype TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE roadseam_decisions (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL);
"""


class SaveError(RoadseamError, OSError):
    """A plan could not be saved; the file that was there is untouched."""


def save_plan(path: Path, plan: Plan) -> None:
    """Save a plan; a reader sees the old file or the new one, never neither.

    The new file is written beside the old one, flushed to disk and put in its place in one step.

    Parameters
    ----------
    path
        Where to save; a symlink is followed.
    plan
        The plan; its derived layers are computed if they are not yet.

    Raises
    ------
    SaveError
        The folder is missing, read-only or full.
    """
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    layers = make_layers(plan)
    columns = pack_network(plan.network)
    try:
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN")
            start_geopackage(connection)
            for layer in layers:
                add_layer(connection, layer)
            _write_tables(connection, plan, columns)
            connection.execute("COMMIT")
        _flush(draft)
        draft.replace(target)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        draft.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        msg = (
            f"无法保存到 {path.name}（{reason}），原文件未改动；请检查磁盘空间和权限。"
            " / could not save, the old file is kept: check disk space and permissions."
        )
        raise SaveError(msg) from error


def _write_tables(connection: sqlite3.Connection, plan: Plan, columns: Columns) -> None:
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    meta = {
        "schema_version": str(SCHEMA_VERSION),
        "title": plan.title,
        "network_sha256": hash_columns(columns),
        "crs": "EPSG:4326",
        "licence": "© OpenStreetMap contributors, ODbL 1.0",
    }
    connection.executemany("INSERT INTO roadseam_meta VALUES (?, ?)", sorted(meta.items()))
    connection.executemany(
        "INSERT INTO roadseam_columns VALUES (?, ?, ?)",
        [(name, dtype, body) for name, (dtype, body) in sorted(columns.items())],
    )
    connection.executemany(
        "INSERT INTO roadseam_decisions VALUES (?, ?, ?, ?)",
        [(k, d.kind, d.key, d.to_json()) for k, d in enumerate(plan.decisions, start=1)],
    )


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
    try:
        with path.open("rb") as file:
            if file.read(16) != b"SQLite format 3\0":
                return False
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
            bodies = [r[0] for r in connection.execute("SELECT body FROM roadseam_decisions ORDER BY seq")]
    except (sqlite3.Error, OSError, OverflowError) as error:
        msg = f"{path.name}: 方案文件损坏或不是方案，请从备份恢复。 / not a plan, or damaged: restore a backup."
        raise InputError(msg) from error
    if int(meta.get("schema_version", "0")) > SCHEMA_VERSION:
        msg = f"{path.name}: 方案由更新的版本保存，请升级软件后再打开。 / saved by a newer version: update first."
        raise InputError(msg)
    columns: Columns = {name: (dtype, body) for name, dtype, body in rows}
    network = unpack_network(columns)
    if hash_columns(columns) != meta.get("network_sha256"):
        msg = f"{path.name}: 路网与其校验值不符，文件已损坏，请从备份恢复。 / the network does not match its hash."
        raise InputError(msg)
    return Plan(network, tuple(Decision.from_json(body) for body in bodies), meta.get("title", ""))
