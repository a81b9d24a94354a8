"""Letters in PDF: the glyphs a paper needs are cut out of a font of this machine and embedded as TrueType.

reportlab embeds TrueType outlines only, while most free Chinese fonts carry cubic ones; so the few hundred glyphs
of a paper are redrawn with quadratic curves (fontTools cu2qu, error below 1/1000 em) and handed over as a font of
their own. Text stays text: it can be selected and searched.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from views.papers.fontfiles import FontFile, find_fonts

FALLBACK = "STSong-Light"
"""A font PDF readers bring themselves, where this machine has none."""
NO_FONT = "本机没有中文字体，PDF 用阅读器自带的宋体显示；请安装 Noto Sans CJK 或文泉驿字体后重做。"
_EM, _ERROR = 1000, 1.0
_MISSING = "□"


@dataclass(frozen=True)
class Faces:
    """Fonts registered for one paper: role to the name reportlab knows, and what to say when there is none."""

    names: Mapping[str, str]
    warning: str = ""

    def __getitem__(self, role: str) -> str:
        return self.names.get(role) or self.names["hei"]


@contextmanager
def open_faces(text: str, roles: tuple[str, ...] = ("hei", "bold")) -> Iterator[Faces]:
    """Register fonts that hold every character of a text, for as long as a paper is written."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    found = find_fonts()
    if not found:
        pdfmetrics.registerFont(UnicodeCIDFont(FALLBACK))
        yield Faces(dict.fromkeys((*roles, "hei"), FALLBACK), NO_FONT)
        return
    letters = "".join(sorted({c for c in text if c.isprintable()} | set(_BASE)))
    names: dict[str, str] = {}
    for role in dict.fromkeys((*roles, "hei")):
        names[role] = _register(found.get(role) or found["hei"], letters)
    try:
        yield Faces(names)
    finally:
        for name in set(names.values()):
            _forget(name)


_BASE = "".join(map(chr, range(32, 127))) + "0123456789.·—–×±≤≥°′″%（）：；，。、“”《》〔〕/□　©第页共"
_USERS: dict[str, int] = {}


def _register(file: FontFile, letters: str) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    name = _name(file, letters)
    if not _USERS.get(name):
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(cut_font(file, letters))))
    _USERS[name] = _USERS.get(name, 0) + 1
    return name


def _name(file: FontFile, letters: str) -> str:
    text = f"{file.path.name}:{file.number}:{letters}"
    return f"RS{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:12]}"


def _forget(name: str) -> None:
    """Let go of a font that no paper uses any more: a server would keep one for every paper ever made."""
    from reportlab.pdfbase import pdfmetrics

    _USERS[name] -= 1
    if not _USERS[name]:
        del _USERS[name]
        pdfmetrics._fonts.pop(name, None)  # noqa: SLF001 - the library has no way to let go of a font


@lru_cache(maxsize=16)
def _open_font(file: FontFile) -> tuple[Any, Mapping[int, str], Any]:
    from fontTools.ttLib import TTFont

    font = TTFont(file.path, fontNumber=file.number, lazy=True)
    return font, font.getBestCmap(), font.getGlyphSet()


@lru_cache(maxsize=16)
def cut_font(file: FontFile, letters: str) -> bytes:
    """Return a TrueType font that holds the given letters; a letter the font lacks looks like an empty box."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.misc.timeTools import timestampSinceEpoch
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.transformPen import TransformPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    font, cmap, shapes = _open_font(file)
    scale = _EM / float(font["head"].unitsPerEm)
    box = cmap.get(ord(_MISSING), ".notdef")
    order, codes, glyphs, widths = [".notdef"], dict[int, str](), dict[str, Any](), dict[str, tuple[int, int]]()
    for name, source in [(".notdef", ".notdef"), *((f"u{ord(c):05X}", cmap.get(ord(c), box)) for c in letters)]:
        pen = TTGlyphPen(None)
        target = TransformPen(Cu2QuPen(pen, _ERROR, reverse_direction=True), (scale, 0, 0, scale, 0, 0))
        shapes[source].draw(target)
        glyph = glyphs[name] = pen.glyph()
        glyph.recalcBounds(None)
        # The left bearing must be where the outline begins, or readers shift the letter by the difference.
        widths[name] = (round(shapes[source].width * scale), int(getattr(glyph, "xMin", 0)))
        if name != ".notdef":
            order.append(name)
            codes[int(name[1:], 16)] = name
    hhea = font["hhea"]
    rise, fall = round(hhea.ascent * scale), round(hhea.descent * scale)
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(codes)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(widths)
    builder.setupHorizontalHeader(ascent=rise, descent=fall)
    # reportlab keeps faces by their PostScript name: fonts cut for different papers must not share one.
    label = _name(file, letters)
    builder.setupNameTable({"familyName": label, "styleName": "Regular", "psName": label})
    builder.setupOS2(sTypoAscender=rise, sTypoDescender=fall, sCapHeight=733, usWinAscent=rise, usWinDescent=-fall)
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = timestampSinceEpoch(0)
    builder.font.recalcTimestamp = False
    out = io.BytesIO()
    builder.font.save(out)
    return out.getvalue()
