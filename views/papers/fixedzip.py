"""Zip files that are the same bytes for the same content: no clock, no user, one order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of named files, in the order given, every time stamp the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, body)
    return out.getvalue()


def settle_zip(data: bytes, *, replace: dict[str, bytes] | None = None) -> bytes:
    """Return an Office file with fixed time stamps; members named in ``replace`` get another content."""
    changed = replace or {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return write_zip((e.filename, changed.get(e.filename) or archive.read(e)) for e in archive.infolist())
