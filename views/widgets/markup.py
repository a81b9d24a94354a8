"""A small builder of markup for ``st.html``: every text that goes in is encoded, so a text cannot become an element."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from views.map.safe import escape_html

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
        Inline style, of our own numbers and colours.
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
    pairs = {"class": css, "style": style}
    for key, value in attributes.items():
        attribute = key.replace("_", "-")
        if attribute not in _ATTRIBUTES:
            msg = f"markup: attribute {attribute!r} is not on the list"
            raise ValueError(msg)
        pairs[attribute] = str(value)
    opening = "".join(f' {key}="{escape_html(value)}"' for key, value in pairs.items() if value)
    return Markup(f"<{name}{opening}>{join(children).html}</{name}>")


def join(parts: Iterable[Part]) -> Markup:
    """Return parts one after the other."""
    return Markup("".join(part.html if isinstance(part, Markup) else escape_html(part) for part in parts))


def show(*parts: Part) -> None:
    """Put markup on the page."""
    st.html(join(parts).html)
