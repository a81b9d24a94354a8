"""Look into an Excel workbook without unpacking it, to tell whether it is one and of a sane size."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from geo.bombs import BombError, DamagedError

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 256 << 20
MAX_RATIO = 200
_FREE_BYTES = 16 << 20


def check_workbook(file: BinaryIO) -> None:
    """Check the table of contents of a workbook.

    The sizes in the table bind the reader: ``zipfile`` never yields more bytes of an entry than its entry says.

    Raises
    ------
    DamagedError
        Not a workbook, or cut.
    BombError
        It unpacks to more than ``MAX_UNPACKED_BYTES``, or ``MAX_RATIO`` times its size.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise DamagedError from error
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise DamagedError
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES:
        raise BombError
    if unpacked > _FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise BombError
