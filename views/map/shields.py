"""Road shields as the signs of GB 5768.2 show them, drawn as SVG: one drawing a class, for the map and for exports.

Expressways are green, with a head: red with 国家高速 for G, yellow with 省级高速 for S. National roads are red,
provincial ones yellow, county, township and village roads (X, Y, C) white. The browser gets these drawings as
templates in the header of the data file and puts in nothing but a number that passed `NUMBER`, escaped; an SVG that
is shown as a picture runs no script and asks for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from views.map.palette import FONTS, SHIELDS
from views.map.safe import escape_html

NUMBER = re.compile(r"[GSXYC][0-9A-Z]{1,7}", re.ASCII)
"""What a road number looks like; any other text gets no shield."""

TEXT_PX = 13.5
"""Height of number and head at size 1, pixels; meetings draw at 1.5."""

_LETTER_PX, _PAD_PX, _HEAD_PX, _STRIP_PX, _BODY_PX, _LEAST_HEAD_PX = 9.0, 7.0, 17.0, 5.0, 19.5, 66.0
_WHITE, _BLACK = "#FFFFFF", "#111111"


@dataclass(frozen=True, slots=True)
class Look:
    """How one class of shield looks.

    Attributes
    ----------
    fill, text, rim
        ``#RRGGBB`` of ground, number and the line around it.
    head
        Words of the head, ``""`` for none.
    head_fill, head_text
        Its colours.
    """

    fill: str
    text: str
    rim: str
    head: str = ""
    head_fill: str = ""
    head_text: str = ""


LOOKS: dict[str, Look] = {
    "national": Look(*SHIELDS["expressway"], "国家高速", SHIELDS["G"][0], _WHITE),
    "provincial": Look(*SHIELDS["expressway"], "省级高速", SHIELDS["S"][0], _BLACK),
    **{letter: Look(*SHIELDS[letter]) for letter in "GSXYC"},
}
"""Class to look: expressways by who numbers them, all others by the letter of the number."""


def shield_class(number: str, *, is_expressway: bool) -> str:
    """Return the class of a road number, a key of `LOOKS`; ``""`` where the text is no road number.

    Examples
    --------
    >>> shield_class("G25", is_expressway=True), shield_class("G312", is_expressway=False)
    ('national', 'G')
    """
    if not NUMBER.fullmatch(number):
        return ""
    if is_expressway and number[0] in "GS":
        return "national" if number[0] == "G" else "provincial"
    return number[0]


def shield_size(number: str, kind: str, *, is_full: bool) -> tuple[float, float]:
    """Return width and height at size 1, pixels; ``is_full`` with the words of the head, else a strip of its colour."""
    width = _LETTER_PX * len(number) + 2 * _PAD_PX
    if not LOOKS[kind].head:
        return width, _BODY_PX
    return (max(width, _LEAST_HEAD_PX), _BODY_PX + _HEAD_PX) if is_full else (width, _BODY_PX + _STRIP_PX)


def shield_template(kind: str, *, is_full: bool) -> str:
    """Return the drawing of a class, in which these marks are to be replaced.

    ``@w@`` width, ``@m@`` its half, ``@i@`` and ``@e@`` inner widths, ``@l@`` width of the number, ``@x@`` and ``@y@``
    size of the picture, ``@t@`` the number, escaped.
    """
    look = LOOKS[kind]
    head = (_HEAD_PX if is_full else _STRIP_PX) if look.head else 0.0
    height = _BODY_PX + head
    outer = look.rim if look.rim != look.fill else _WHITE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="@x@" height="@y@" viewBox="0 0 @w@ {height:g}">',
        f'<rect x="0.75" y="0.75" width="@i@" height="{height - 1.5:g}" rx="4" fill="{look.fill}" stroke="{outer}"',
        ' stroke-width="1.5"/>',
    ]
    if look.head:
        inner = f'<path fill="{look.head_fill}" d="M1.5 {head:g}V4.5a3 3 0 0 1 3-3H@e@a3 3 0 0 1 3 3V{head:g}z"/>'
        parts.append(inner)
    font = f'font-family="{escape_html(FONTS)}" font-weight="700" text-anchor="middle"'
    if look.head and is_full:
        words = f'<text x="@m@" y="{head - 3.8:g}" font-size="13" fill="{look.head_text}" {font}>{look.head}</text>'
        parts.append(words)
    parts.append(
        f'<text x="@m@" y="{head + 14.8:g}" font-size="{TEXT_PX:g}" fill="{look.text}" textLength="@l@"'
        f' lengthAdjust="spacingAndGlyphs" {font}>@t@</text></svg>'
    )
    return "".join(parts)


def shield_svg(number: str, kind: str, *, is_full: bool = True, size: float = 1.0) -> str:
    """Return one shield as an SVG document; ``number`` may be any text, it is escaped.

    Parameters
    ----------
    number
        What stands on the shield.
    kind
        A key of `LOOKS`, from `shield_class`.
    is_full
        Whether the head has its words.
    size
        Scale; 1 is 13.5 px text.
    """
    width, height = shield_size(number, kind, is_full=is_full)
    values = {
        "@w@": f"{width:g}",
        "@m@": f"{width / 2:g}",
        "@i@": f"{width - 1.5:g}",
        "@e@": f"{width - 4.5:g}",
        "@l@": f"{_LETTER_PX * len(number):g}",
        "@x@": f"{width * size:g}",
        "@y@": f"{height * size:g}",
        "@t@": escape_html(number),
    }
    text = shield_template(kind, is_full=is_full)
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def shields_json() -> dict[str, Any]:
    """Return what the browser needs to draw the same shields."""
    return {
        "letter": _LETTER_PX,
        "pad": _PAD_PX,
        "least": _LEAST_HEAD_PX,
        "kinds": {
            kind: {
                "full": shield_template(kind, is_full=True),
                "full_px": shield_size("G1", kind, is_full=True)[1],
                "plain": shield_template(kind, is_full=False),
                "plain_px": shield_size("G1", kind, is_full=False)[1],
                "head": bool(look.head),
            }
            for kind, look in LOOKS.items()
        },
    }
