"""The gate for an Esri file geodatabase: a folder of tables, let in as one thing or refused in one sentence."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from geo.errors import InputError

MAX_BYTES = 2_000_000_000
"""Largest geodatabase we open."""
MAX_FILES = 10_000
_SUFFIX = ".gdb"
_CATALOGUE = "a00000001.gdbtable"
_READ_BYTES = 1 << 20


def is_geodatabase(path: str | Path) -> bool:
    """Whether a path is a folder that holds the catalogue of a file geodatabase."""
    try:
        return Path(path, _CATALOGUE).is_file()
    except (OSError, ValueError):
        return False


def hash_geodatabase(path: Path, name: str) -> tuple[str, int]:
    """Read through a geodatabase.

    Parameters
    ----------
    path
        The folder.
    name
        How it is called in sentences.

    Returns
    -------
    sha256
        Hash over the names and contents of its files, 64 hex digits; lock files of a program that has it open are
        left out.
    size
        Bytes.

    Raises
    ------
    InputError
        It does not end in ``.gdb``, holds links or folders (which lead to other data), is cut, or is too large.
    """
    if path.suffix.lower() != _SUFFIX:
        raise _refuse(name, "文件夹名应以 .gdb 结尾，请改名", "the folder's name ends in .gdb: rename it")
    digest, total = hashlib.sha256(), 0
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
        for number, entry in enumerate(entries):
            found = entry.stat(follow_symlinks=False)
            if not stat.S_ISREG(found.st_mode):
                raise _refuse(
                    name,
                    "其中含有链接或文件夹，可能指向别处数据，已拒绝；请重新导出",
                    "it holds a link or a folder, which may lead to other data; export it again",
                )
            if entry.name.lower().endswith(".lock"):
                continue
            total += found.st_size
            if total > MAX_BYTES or number > MAX_FILES:
                raise _refuse(
                    name,
                    f"超过 {MAX_BYTES >> 20} MiB，请先裁剪到本区范围",
                    f"it is larger than the {MAX_BYTES >> 20} MiB we open: cut it to your district first",
                )
            digest.update(f"{entry.name}\0{found.st_size}\0".encode("utf-8", "surrogateescape"))
            with Path(entry.path).open("rb") as file:
                while chunk := file.read(_READ_BYTES):
                    digest.update(chunk)
    except OSError as error:
        raise _refuse(name, "读不出来，请检查权限或复制一份", "it cannot be read: check its rights") from error
    return digest.hexdigest(), total


def _refuse(name: str, chinese: str, english: str) -> InputError:
    return InputError(f"{name}：{chinese}。 / {name}: {english}.")
