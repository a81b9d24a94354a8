"""Backups of plan files through SQLite's backup interface, and bringing one back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from plan.atomic import draft_path, flush, publish, remove, remove_sidecars, sweep
from plan.planfile import SaveError, connect, open_book


def back_up(path: Path, target: Path | None = None) -> Path:
    """Copy a plan as it stands, even while another program saves it; no file is ever overwritten.

    Parameters
    ----------
    path
        The plan.
    target
        Name of the copy; ``PLAN.bak`` beside the plan by default. If it is taken, a number is put into it.

    Returns
    -------
    Path
        The copy.

    Raises
    ------
    InputError
        The plan is damaged or no plan.
    SaveError
        The copy cannot be written.
    """
    source = path.resolve()
    open_book(source)
    wanted = (target or path.with_name(path.name + ".bak")).resolve()
    draft = draft_path(wanted, os.getpid())
    try:
        sweep(wanted)
        copy_database(source, draft)
        open_book(draft)
        return publish(draft, wanted)
    except (OSError, sqlite3.Error) as error:
        raise _refused(wanted, error) from error
    finally:
        remove(draft)


def restore(backup: Path, path: Path) -> Path | None:
    """Bring a backup back in the place of a plan; what stood there is kept as ``PLAN.replaced.bak``.

    Returns
    -------
    Path or None
        Where the file that stood there is kept; None where there was none.

    Raises
    ------
    InputError
        The backup is damaged or no plan; the plan is not touched.
    SaveError
        The folder cannot be written, or the file there is no plan of ours.
    """
    open_book(backup)
    target = path.resolve()
    draft, aside = draft_path(target, os.getpid()), draft_path(target.with_name("aside"), os.getpid())
    kept = None
    try:
        sweep(target)
        copy_database(backup.resolve(), draft)
        open_book(draft)
        if target.exists():
            shutil.copyfile(target, aside)
            kept = publish(aside, target.with_name(target.name + ".replaced.bak"))
            draft.chmod(target.stat().st_mode & 0o777)
        flush(draft)
        draft.replace(target)
        remove_sidecars(target)
        flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise _refused(target, error) from error
    finally:
        remove(draft)
        remove(aside)
    return kept


def copy_database(source: Path, draft: Path) -> None:
    """Copy a database page by page within one read transaction."""
    remove(draft)
    with closing(connect(source)) as reading, closing(sqlite3.connect(draft)) as writing:
        reading.backup(writing)


def _refused(path: Path, error: Exception) -> SaveError:
    reason = getattr(error, "strerror", None) or str(error)
    return SaveError(
        f"无法写入 {path.name}（{reason}），原文件未改动；请检查文件夹、磁盘空间和权限。"
        " / could not write it, the old file is kept: check folder, disk space and permissions."
    )
