"""Guess the text encoding of a shapefile's table, which the format itself mostly does not say."""

from __future__ import annotations

import codecs
from pathlib import Path

_SAMPLE_RECORDS = 20_000
_HEADER, _DESCRIPTOR = 32, 32


def guess_encoding(shapefile: Path) -> str:
    """Return the encoding of the table beside a shapefile.

    It is what its ``.cpg`` says if the text bears it out, else UTF-8 if the text is that, else GB18030 (which holds
    GBK and GB2312). Fields are looked at one by one, because writers cut them after a fixed number of bytes, be it
    within a letter.
    """
    table = _sibling(shapefile, ".dbf")
    texts = _text_fields(table.read_bytes()[: 64 << 20]) if table else []
    stated = _stated_encoding(_sibling(shapefile, ".cpg"))
    for encoding in dict.fromkeys(filter(None, (stated, "utf-8", "gb18030"))):
        if all(_is_text(text, encoding) for text in texts):
            return encoding
    return stated or "gb18030"


def _sibling(path: Path, suffix: str) -> Path | None:
    return next((p for s in (suffix, suffix.upper()) if (p := path.with_suffix(s)).is_file()), None)


def _stated_encoding(page: Path | None) -> str | None:
    if page is None:
        return None
    text = page.read_bytes()[:64].decode("ascii", "replace").strip().lower()
    name = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "65001": "utf-8"}.get(text, text)
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    # Latin letters bear out any bytes at all, so they prove nothing about a Chinese table.
    return None if found.name in {"iso8859-1", "cp1252", "latin_1"} else found.name


def _text_fields(data: bytes) -> list[bytes]:
    """Return the non-ASCII text of field names and text fields."""
    count = int.from_bytes(data[4:8], "little")
    header, record = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    spans, at, texts = [], 1, []
    for start in range(_HEADER, max(_HEADER, header - 1), _DESCRIPTOR):
        field = data[start : start + _DESCRIPTOR]
        if len(field) < _DESCRIPTOR or field[0] == 0x0D:  # noqa: PLR2004 - end of the field list
            break
        texts.append(field[:11].split(b"\0")[0])
        if field[11:12] == b"C":
            spans.append((at, at + field[16]))
        at += field[16]
    for row in range(min(count, _SAMPLE_RECORDS)):
        first = header + row * record
        texts += [data[first + a : first + b].rstrip(b" \0") for a, b in spans]
    return [text for text in dict.fromkeys(texts) if not text.isascii()]


def _is_text(text: bytes, encoding: str) -> bool:
    """Whether bytes decode, but for a last letter cut in two."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(text, final=False)
    except UnicodeDecodeError:
        return False
    return True
