"""Data files of the map in the static folder: named by content, so that equal maps share one file and one URL."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from views.map.assets import BASE_URL, STATIC

PLAN_FOLDER = STATIC / "plan"
"""Where the app keeps the data files it shows; not under version control."""

_SUFFIX = ".rsm"


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_data_file(data: bytes, folder: Path = PLAN_FOLDER, *, base_url: str = BASE_URL) -> str:
    """Write a map file under the hash of its content and return the URL for `RoadLayer`.

    Parameters
    ----------
    data
        What `encode_map` returned.
    folder
        A folder below the static folder; made when missing.
    base_url
        Way from the page to the folder above ``folder``.

    Notes
    -----
    A file that is there already is only marked as used, so that `sweep_data_files` keeps it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (hashlib.sha256(data).hexdigest()[:32] + _SUFFIX)
    try:
        os.utime(path)
    except FileNotFoundError:
        write_bytes_atomic(path, data)
    return f"{base_url}{folder.name}/{path.name}"


def sweep_data_files(folder: Path = PLAN_FOLDER, *, keep: int = 64) -> int:
    """Remove all but the data files used last, and what a broken write left; return how many went."""
    if not folder.is_dir():
        return 0
    files = [path for path in folder.iterdir() if path.suffix == _SUFFIX and path.is_file()]
    files.sort(key=lambda path: (-path.stat().st_mtime_ns, path.name))
    left = [path for path in folder.iterdir() if path.suffix == ".tmp"]
    for path in files[keep:] + left:
        path.unlink(missing_ok=True)
    return len(files[keep:]) + len(left)
