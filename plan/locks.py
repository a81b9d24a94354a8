"""One writer at a time, and nobody's edit overwritten unseen.

The lock is the operating system's, on an empty file beside the plan: whoever dies lets it go, so that no dead lock is
ever in anybody's way. It guards the moment between looking whether the plan is still the one that was opened, and
replacing it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geo.errors import InputError
from plan.atomic import draft_path
from plan.history import History
from plan.model import Plan
from plan.planfile import SaveError, save_plan

_TRIES = 50


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_over(path: Path, plan: Plan, *, seen: str, history: History | None = None) -> str:
    """Save a plan in the place of the one that was opened, unless somebody has saved there since.

    Parameters
    ----------
    path, plan, history
        As for ``save_plan``.
    seen
        SHA-256 of the file as it was opened; ``""`` where there was none.

    Returns
    -------
    str
        SHA-256 of the file as saved.

    Raises
    ------
    InputError
        The file is no longer the one that was opened, or another program is saving it.
    SaveError
        The folder cannot be written.
    """
    target = path.resolve()
    with hold(target):
        now = hash_file(target) if target.is_file() else ""
        if now != seen:
            msg = (
                f"{path.name} 已被他人改动，未覆盖；请另存自己的版本，再重新打开或合并。"
                f" / {path.name} was changed by somebody else and is kept: save your version elsewhere, then merge."
            )
            raise InputError(msg)
        save_plan(target, plan, history=history)
        return hash_file(target)


@contextmanager
def hold(target: Path) -> Iterator[None]:
    """Hold the lock of a plan file while it is looked at and replaced.

    Raises
    ------
    InputError
        A running program holds it.
    SaveError
        The folder cannot be written.
    """
    name = draft_path(target, "lock")
    handle = _take(name, target)
    try:
        yield
    finally:
        with suppress(OSError):
            name.unlink()
        os.close(handle)


def _take(name: Path, target: Path) -> int:
    for _ in range(_TRIES):
        try:
            handle = os.open(name, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            msg = (
                f"无法保存到 {target.name}（{error.strerror}），原文件未改动；请检查文件夹、磁盘空间和权限。"
                " / could not save, the old file is kept: check folder, disk space and permissions."
            )
            raise SaveError(msg) from error
        if not _lock(handle):
            os.close(handle)
            msg = f"{target.name} 正由另一程序保存，请稍后再试。 / another program is saving it: try again in a moment."
            raise InputError(msg)
        if _is_still(handle, name):
            return handle
        os.close(handle)  # its holder removed it between our opening and locking: take the new one
    msg = f"{target.name} 正由其他程序反复保存，请稍后再试。 / other programs keep saving it: try again in a moment."
    raise InputError(msg)


def _is_still(handle: int, name: Path) -> bool:
    """Whether the file that was locked is the one that has the name."""
    try:
        return os.path.samestat(os.fstat(handle), name.stat())
    except OSError:
        return False


if os.name == "nt":  # pragma: no cover - other systems

    def _lock(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

else:

    def _lock(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
