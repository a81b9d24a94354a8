"""Text on papers: safe for XML, the same on every page, dates as offices write them."""

from __future__ import annotations

import re
import unicodedata

from views.map.palette import ATTRIBUTION, FOOTER

FOOTER_TEXT = FOOTER.zh
"""Default footer (地图管理条例 15, 21, 22: a map made public needs a number of approval)."""
ATTRIBUTION_TEXT = ATTRIBUTION
DRAFT = "草稿"
CRS_TEXT = "WGS-84（EPSG:4326），与 CGCS2000 差异可忽略"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 400
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")


def clean(text: object, *, limit: int = _LONGEST) -> str:
    """Return a text on one line without controls, invisible and direction marks, cut to a readable length.

    What XML 1.0 cannot hold is gone, so is what would turn or hide the rest of a line (RTL overrides, joiners).

    Examples
    --------
    >>> clean("东岗" + chr(0) + chr(0x202E) + chr(10) + "站")
    '东岗 站'
    """
    told = str(text)
    if told.isprintable():  # no control, mark or odd blank in it: most texts
        shown = " ".join(told.split())
        return shown if len(shown) <= limit else shown[: limit - 1] + "…"
    shown = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in told)
    shown = "".join(c for c in shown if unicodedata.category(c) not in {"Cf", "Cs", "Cn", "Co"})
    shown = " ".join(_NOT_XML.sub("", shown).split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def paragraphs(text: object, *, limit: int = 20_000) -> list[str]:
    """Return the non-empty lines of a longer text, each cleaned."""
    lines = [clean(line, limit=4_000) for line in str(text)[:limit].splitlines()]
    return [line for line in lines if line]


def date_zh(day: str) -> str:
    """Return an ISO date as offices write it; any other text as it is, ``""`` as a blank to be filled in.

    Examples
    --------
    >>> date_zh("2026-11-05"), date_zh("")
    ('2026年11月5日', '    年  月  日')
    """
    found = _ISO.match(day)
    if found is None:
        return clean(day) or "    年  月  日"
    year, month, rest = found.groups()
    return f"{int(year)}年{int(month)}月{int(rest)}日"


def km(length_m: float) -> str:
    """Return metres as kilometres with three decimals and thousands apart.

    Examples
    --------
    >>> km(1234567.0)
    '1,234.567'
    """
    return f"{length_m / 1000:,.3f}"


def clock(seconds: float) -> str:
    """Return seconds since midnight as ``HH:MM``, rounded to the minute."""
    minutes = round(seconds / 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


_DIGITS = "零一二三四五六七八九十"


def number_zh(number: int) -> str:
    """Return a small number in Chinese for headings: 1 to 99.

    Examples
    --------
    >>> number_zh(3), number_zh(12), number_zh(20)
    ('三', '十二', '二十')
    """
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
