"""A small builder of markup for ``st.html``: every text that goes in is encoded, so a text cannot become an element."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import streamlit as st

from views.map.palette import dark_color, dark_text
from views.map.safe import escape_html

_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_TAGS = frozenset({"b", "div", "h2", "h3", "li", "p", "span", "table", "tbody", "td", "th", "thead", "tr", "ul"})
_ATTRIBUTES = frozenset({"aria-label", "colspan", "title"})


@dataclass(frozen=True, slots=True)
class Markup:
    """Finished markup; made by `element` and `join` only."""

    html: str


Part = str | Markup


def element(name: str, *children: Part, css: str = "", style: str = "", **attributes: object) -> Markup:
    """Return an element with its children; texts are encoded.

    Parameters
    ----------
    name
        Name of the element, one of a short list.
    children
        Texts and finished markup.
    css
        Classes of `views/style.css`.
    style
        Inline style, of our own numbers and colours; a colour of the light screens brings its dark one along.
    attributes
        Further attributes of a short list; ``_`` stands for ``-``.

    Raises
    ------
    ValueError
        The element or an attribute is not on the list.

    Examples
    --------
    >>> element("b", "<东岗>").html
    '<b>&#60;东岗&#62;</b>'
    """
    if name not in _TAGS:
        msg = f"markup: element {name!r} is not on the list"
        raise ValueError(msg)
    pairs = {"class": css, "style": in_both_schemes(style)}
    for key, value in attributes.items():
        attribute = key.replace("_", "-")
        if attribute not in _ATTRIBUTES:
            msg = f"markup: attribute {attribute!r} is not on the list"
            raise ValueError(msg)
        pairs[attribute] = str(value)
    opening = "".join(f' {key}="{escape_html(value)}"' for key, value in pairs.items() if value)
    return Markup(f"<{name}{opening}>{join(children).html}</{name}>")


@cache
def in_both_schemes(style: str) -> str:
    """Return an inline style in which each colour is followed by the one that stands for it on dark screens.

    A text on a background of its own keeps both. `views.scheme` leaves one of the two properties unset, and the
    colour that is its default counts.

    Examples
    --------
    >>> in_both_schemes("width:3px;color:#0072B2")
    'width:3px;color:var(--rs-light,#0072B2) var(--rs-dark,#4095C5)'
    """
    parts = [part.partition(":") for part in style.split(";")]
    names = [name.strip() for name, _, _ in parts]
    if "color" in names and "background" in names:
        return style
    swap = {"color": dark_text, "background": dark_color}
    out = []
    for name, (head, mark, told) in zip(names, parts, strict=True):
        value = told
        if name in swap:
            pieces = _HEX.split(value)
            colors = [f"var(--rs-light,{c}) var(--rs-dark,{swap[name](c)})" for c in _HEX.findall(value)]
            value = "".join(piece + color for piece, color in zip(pieces, [*colors, ""], strict=True))
        out.append(f"{head}{mark}{value}")
    return ";".join(out)


def join(parts: Iterable[Part]) -> Markup:
    """Return parts one after the other."""
    return Markup("".join(part.html if isinstance(part, Markup) else escape_html(part) for part in parts))


def show(*parts: Part) -> None:
    """Put markup on the page."""
    st.html(join(parts).html)
