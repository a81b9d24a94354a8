"""Files that are replaced as a whole: written beside, flushed, put in place in one step; left-overs swept."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

SIDECARS = ("-journal", "-wal", "-shm")


def draft_path(target: Path, process: int | str) -> Path:
    """Return where a process writes its draft: short, so that no name that fits is too long with it."""
    short = hashlib.sha256(os.fsencode(target.name)).hexdigest()[:12]
    return target.with_name(f".roadseam-{short}-{process}.tmp")


def sweep(target: Path) -> None:
    """Remove drafts of a file whose process is gone."""
    for left in target.parent.glob(draft_path(target, "*").name):
        process = left.stem.rpartition("-")[2]
        if process.isdecimal() and int(process) != os.getpid() and not _is_running(int(process)):
            remove(left)


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


def remove(draft: Path) -> None:
    """Remove a draft and its journal; what cannot be removed is left to the next sweep."""
    for path in (draft, *(draft.with_name(draft.name + end) for end in SIDECARS)):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def remove_sidecars(target: Path) -> None:
    """Remove journals of the file that was replaced: another program would roll them into the new one."""
    for end in SIDECARS:
        target.with_name(target.name + end).unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Force a file or a folder to disk; Windows has no folder handles to flush."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(draft: Path, wanted: Path) -> Path:
    """Give a finished draft a name that nobody has: the wanted one, or with a number; nothing is overwritten.

    Returns
    -------
    Path
        The name it got.
    """
    flush(draft)
    number = 1
    while True:
        target = wanted if number == 1 else wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}")
        try:
            _move_without_overwriting(draft, target)
        except FileExistsError:
            number += 1
            continue
        flush(target.parent)
        return target


def _move_without_overwriting(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: take the name first, then put the file in its place
        with target.open("xb"):
            pass
        draft.replace(target)
        return
    draft.unlink()
