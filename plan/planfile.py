"""The plan file: a GeoPackage that is replaced as a whole, so that a save leaves the old plan or the new one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from geo.errors import InputError, RoadseamError
from plan import atomic
from plan.columns import pack_network
from plan.history import Branch, History
from plan.model import Plan
from plan.ownercolors import OwnerLook, owner_looks
from plan.plantables import SCHEMA_VERSION, Book, Contents, contents_of, read_tables, write_tables

if TYPE_CHECKING:
    from plan.geopackage import Layer

_SQLITE = b"SQLite format 3\0"


class SaveError(RoadseamError, OSError):
    """A plan could not be saved; unless the sentence says otherwise, the file that was there is untouched."""


def save_plan(path: Path, plan: Plan, *, history: History | None = None) -> None:
    """Save a plan; a reader sees the old file or the new one, never neither.

    The new file is written beside the old one, flushed to disk and put in its place in one step. Drafts that an
    earlier save left behind when it was killed are removed. Before a plan of an older schema version is replaced, a
    backup of it is made beside it (``NAME.v1.bak``).

    Parameters
    ----------
    path
        Where to save; a symlink is followed, the rights of a file that is there are kept.
    plan
        The plan; its derived layers are computed if they are not yet.
    history
        Its branches, undone decisions and locks; its current branch is what is saved. Without it the file that is
        there keeps its other branches and its locks, and the plan's decisions go to the branch that is worked on.

    Raises
    ------
    SaveError
        The folder is missing, read-only or full, or the file there is a database of somebody else.
    InputError
        Without ``history``: the plan decides differently what the file there has locked.
    """
    from plan.layers import make_layers
    from plan.migrations import keep_old_version

    target = path.resolve()
    _refuse_foreign(target)
    if history is None:
        history = _carry_over(target, plan)
    elif history.decisions != plan.decisions:
        plan = history.apply(plan)
    contents, layers = contents_of(plan, history, pack_network(plan.network)), make_layers(plan)
    draft = atomic.draft_path(target, os.getpid())
    try:
        atomic.sweep(target)
        keep_old_version(target)
        _write_draft(draft, layers, contents, looks=owner_looks(plan.agencies))
        with suppress(FileNotFoundError):
            draft.chmod(target.stat().st_mode & 0o777)
        atomic.flush(draft)
        draft.replace(target)
    except (OSError, sqlite3.Error, UnicodeError) as error:
        atomic.remove(draft)
        reason = getattr(error, "strerror", None) or str(error)
        msg = (
            f"无法保存到 {path.name}（{reason}），原文件未改动；请检查文件夹、磁盘空间和权限。"
            " / could not save, the old file is kept: check folder, disk space and permissions."
        )
        raise SaveError(msg) from error
    try:
        atomic.remove_sidecars(target)
        atomic.flush(target.parent)
    except OSError as error:
        msg = (
            f"{path.name} 已写入，但系统未能确认落盘（{error.strerror}）；请检查磁盘后再保存一次。"
            " / written, but the disk did not confirm it: check the disk and save again."
        )
        raise SaveError(msg) from error


def _write_draft(draft: Path, layers: Sequence[Layer], contents: Contents, *, looks: Sequence[OwnerLook]) -> None:
    from plan.geopackage import add_layer, start_geopackage
    from plan.qgisstyles import add_styles

    atomic.remove(draft)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN")
        start_geopackage(connection)
        for layer in layers:
            add_layer(connection, layer)
        add_styles(connection, layers, looks)
        write_tables(connection, contents)
        connection.execute("COMMIT")


def _carry_over(target: Path, plan: Plan) -> History:
    """Return the history of the plan that is replaced, with this plan's decisions on the branch worked on."""
    old = _old_history(target)
    if old is None:
        return History.of(plan)
    before = {d.subject: d for d in old.decisions}
    after = {d.subject: d for d in plan.decisions}
    broken = sorted(s for s in old.locks if before.get(s) != after.get(s))
    if broken:
        msg = f"“{broken[0][1][:40]}”已锁定，未保存；请先解锁再改。 / {broken[0][1][:40]} is locked: unlock it first."
        raise InputError(msg)
    undone = old.branch.undone if old.decisions == plan.decisions else ()
    return old.with_branch(Branch(plan.decisions, undone))


def _old_history(target: Path) -> History | None:
    """Return the history that a file holds, None where it is no plan or damaged."""
    if not target.is_file() or not is_plan(target):
        return None
    try:
        with closing(connect(target)) as connection:
            contents = read_tables(connection, with_network=False)
        return contents.to_history() if contents.meta["sha256"] == contents.seal() else None
    except (InputError, sqlite3.Error, OSError, KeyError, ValueError, TypeError):
        return None


def _refuse_foreign(target: Path) -> None:
    """Keep a GeoPackage of roads, or a plan of a newer version, from being overwritten."""
    from plan.migrations import schema_version

    if target.is_file() and is_plan(target) and (schema_version(target) or 0) > SCHEMA_VERSION:
        msg = (
            f"{target.name}: 这里的方案由更新的版本保存，为免丢失内容未保存；请升级软件或换一个文件名。"
            " / the plan there was saved by a newer version and is kept: update, or choose another name."
        )
        raise SaveError(msg)
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


def is_plan(path: Path) -> bool:
    """Whether a file is a Roadseam plan; opens it read-only."""
    if not _starts_as_sqlite(path):
        return False
    try:
        with closing(connect(path)) as connection:
            query = "SELECT count(*) FROM sqlite_master WHERE name = 'roadseam_meta'"
            return bool(connection.execute(query).fetchone()[0])
    except (OSError, sqlite3.Error):
        return False


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that is never written to: no journal is replayed, no file is created."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _check_length(path: Path) -> None:
    """Refuse a database that is shorter than its header says: SQLite reads around what was cut off."""
    with path.open("rb") as file:
        header = file.read(32)
    if header.startswith(_SQLITE):
        page = int.from_bytes(header[16:18], "big")
        stated = int.from_bytes(header[28:32], "big") * (65_536 if page == 1 else page)
        if path.stat().st_size < stated:
            msg = "the file is cut"
            raise ValueError(msg)


def open_plan(path: Path) -> Plan:
    """Open a plan of this or an older version; the file is not changed.

    Raises
    ------
    InputError
        The file is damaged, no plan, or from a newer version.
    """
    return open_book(path).plan


def open_book(path: Path) -> Book:
    """Open a plan with its branches, undone decisions and locks; the file is not changed.

    Raises
    ------
    InputError
        The file is damaged, no plan, or from a newer version.
    """
    try:
        _check_length(path)
        with closing(connect(path)) as connection:
            contents = read_tables(connection)
            version = contents.version
    except (sqlite3.Error, OSError, OverflowError, KeyError, ValueError, TypeError) as error:
        msg = f"{path.name}: 方案文件损坏或不是方案，请从备份恢复。 / not a plan, or damaged: restore a backup."
        raise InputError(msg) from error
    if version > SCHEMA_VERSION:
        msg = f"{path.name}: 方案由更新的版本保存，请升级软件后再打开。 / saved by a newer version: update first."
        raise InputError(msg)
    if version < 1 or not contents.is_intact():
        msg = (
            f"{path.name}: 内容与其校验值不符，文件已损坏或被改动，请从备份恢复。"
            " / the contents do not match their hash: restore a backup."
        )
        raise InputError(msg)
    return contents.to_book()
