"""Parts of the side card: headings, facts, bars, notes, and the one next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from views.i18n import format_km
from views.state import current_desk
from views.widgets.markup import Markup, Part, element, join, show
from views.widgets.safe_text import one_line, plain


def heading(kicker: str, title: str, sub: str = "") -> None:
    """Show what the card is about: a line of kind, a title, a line of details."""
    lines = [element("div", kicker, css="rs-kicker"), element("h2", one_line(title, limit=60), css="rs-title")]
    if sub:
        lines.append(element("div", one_line(sub, limit=120), css="rs-sub"))
    show(element("div", *lines, css="rs-heading"))


def section(title: str) -> None:
    """Show the title of a section of the card."""
    show(element("h3", title, css="rs-section"))


def facts(rows: Iterable[tuple[str, Part]]) -> None:
    """Show pairs of name and value; rows without a value are left out."""
    body = [
        element("tr", element("td", name, css="rs-name"), element("td", value, css="rs-value"))
        for name, value in rows
        if value
    ]
    if body:
        show(element("table", element("tbody", *body), css="rs-facts"))


def bars(rows: Sequence[tuple[str, float, str, str]]) -> None:
    """Show small bars.

    Parameters
    ----------
    rows
        Label, size in metres, colour ``#RRGGBB``, and what stands behind the bar (the size when empty).
    """
    most = max((size for _, size, *_ in rows), default=0.0) or 1.0
    body = []
    for label, size, color, text in rows:
        share = 100 * max(size, 0.0) / most
        bar = element("div", element("div", style=f"width:{share:.1f}%;background:{color}"), css="rs-bar")
        name = element("td", one_line(label), css="rs-name")
        amount = element("td", text or format_km(size), css="rs-amount")
        body.append(element("tr", name, element("td", bar, css="rs-track"), amount))
    show(element("table", element("tbody", *body), css="rs-bars"))


def table(head: Sequence[str], rows: Sequence[Sequence[Part]], *, numbers: int = 1) -> None:
    """Show a small table whose last ``numbers`` columns are right-aligned figures."""
    last = len(head) - numbers
    cells = [element("th", name, css="rs-number" if k >= last else "") for k, name in enumerate(head)]
    body = [
        element("tr", *(element("td", cell, css="rs-number" if k >= last else "") for k, cell in enumerate(row)))
        for row in rows
    ]
    show(element("table", element("thead", element("tr", *cells)), element("tbody", *body), css="rs-table"))


def sentence(*parts: Part) -> None:
    """Show one sentence of normal size."""
    show(element("p", *parts, css="rs-text"))


def strong(text: str) -> Markup:
    """Return a text in bold."""
    return element("b", text)


def note(text: str) -> None:
    """Show a quiet line: a source, a unit, a hint."""
    show(element("p", text, css="rs-note"))


def warn(text: str, *, kind: str = "warning") -> None:
    """Show a sentence in a bordered box: ``warning``, ``error``, ``note`` or ``stale``."""
    show(element("div", text, css=f"rs-box rs-{kind}"))


def empty(title: str, what_to_do: str) -> None:
    """Show that there is nothing yet, and what to do."""
    show(element("div", element("b", title), element("p", what_to_do), css="rs-empty"))


def dot(color: str, second: str = "") -> Markup:
    """Return a small square in an owner's colour, halved where two owners claim."""
    paint = f"linear-gradient(135deg,{color} 50%,{second} 50%)" if second else color
    return element("span", css="rs-dot", style=f"background:{paint}")


def labelled(color: str, text: str, *, second: str = "") -> Markup:
    """Return a text with its owner's colour before it."""
    return join([dot(color, second), text])


def next_step(label: str, page: str) -> None:
    """Show the one next step of a page."""
    with st.container(key="next_step"):
        st.button(f"{label} →", key=f"next_{page}", type="primary", width="stretch", on_click=go, args=(page,))


def go(page: str) -> None:
    """Turn to a page; what is selected stays selected."""
    desk = current_desk()
    desk.page = page
    desk.is_moved = True
    st.query_params["page"] = page


def told_as(label: str, name: str) -> str:
    """Return the label of a button that shows a sign and is told as a word: only screen readers get the word."""
    return f"{label} *{name}*"


def link_button(label: str, key: str, *, css_key: str = "row") -> bool:
    """Show a text of the map as a quiet button across the card; return whether it was pressed."""
    return st.button(plain(label), key=f"{css_key}_{key}", type="tertiary", width="stretch")
