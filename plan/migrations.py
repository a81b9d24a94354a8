"""Plans of older schema versions: opened as they are, rewritten only when saved, after a copy was kept.

Version 1 (the first release) held the decisions in force. Version 2 holds the whole history. A plan is rewritten as a
whole at every save, so a migration is an ordinary save with a copy made first: killed at any moment it leaves the old
plan, with or without its copy, or the new one.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from plan.atomic import draft_path, publish, remove, sweep
from plan.backups import copy_database
from plan.planfile import connect, is_plan, open_book, save_plan
from plan.plantables import SCHEMA_VERSION


def upgrade_plan(path: Path) -> bool:
    """Rewrite a plan in the latest schema version; the old file is kept as ``PLAN.v1.bak``.

    Returns
    -------
    bool
        False where the plan is of the latest version already and nothing was written.

    Raises
    ------
    InputError
        The plan is damaged, no plan, or of a newer version.
    SaveError
        The folder cannot be written.
    """
    book = open_book(path)
    if book.version == SCHEMA_VERSION:
        return False
    save_plan(path, book.plan, history=book.history)
    return True


def keep_old_version(target: Path) -> Path | None:
    """Keep a copy of a plan that is about to be replaced by one of a newer schema version; none is overwritten.

    Parameters
    ----------
    target
        The plan file that will be replaced.

    Returns
    -------
    Path or None
        The copy, ``PLAN.v1.bak``; None where no older plan stands there, or an equal copy of it is kept already.
    """
    if not target.is_file() or not is_plan(target):
        return None
    old = schema_version(target)
    if old is None or old >= SCHEMA_VERSION:
        return None
    wanted = target.with_name(f"{target.name}.v{old}.bak")
    draft = draft_path(wanted, os.getpid())
    try:
        sweep(wanted)
        copy_database(target, draft)
        if wanted.is_file() and wanted.read_bytes() == draft.read_bytes():
            return None
        return publish(draft, wanted)
    finally:
        remove(draft)


def schema_version(path: Path) -> int | None:
    """Return the schema version that a plan file states, None where it states none."""
    try:
        with closing(connect(path)) as connection:
            row = connection.execute("SELECT value FROM roadseam_meta WHERE key = 'schema_version'").fetchone()
        return int(row[0])
    except (sqlite3.Error, OSError, TypeError, ValueError):
        return None
