"""Two small drawings without a library: curves of shares, and the day of the crews as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from views.i18n import format_clock
from views.map.palette import THEME
from views.widgets.markup import Markup, element, show

_STROKE_PX = 2.5
_LABEL_EVERY = 15


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its name, colour ``#RRGGBB`` and the shares (0 to 1) at the places of the axis."""

    name: str
    color: str
    shares: tuple[float, ...]


def show_curves(places: Sequence[float], curves: Sequence[Curve], *, here: float, unit: str) -> None:
    """Show shares over an axis.

    A curve is a box clipped to a thin polygon: the page lets no SVG through.

    Parameters
    ----------
    places
        Where the shares were taken, ascending.
    curves
        The curves.
    here
        The place to mark.
    unit
        Unit of the axis.
    """
    low, high = places[0], places[-1]

    def x(place: float) -> float:
        return 100 * (place - low) / (high - low)

    parts = [element("div", css="rs-level", style=f"top:{100 - share}%") for share in (0, 50, 100)]
    parts += [element("div", f"{share}%", css="rs-level-name", style=f"top:{100 - share}%") for share in (0, 50, 100)]
    parts.append(element("div", css="rs-here", style=f"left:{x(here):.2f}%"))
    parts += [_curve([x(p) for p in places], curve) for curve in curves]
    named = sorted({low, *(p for p in places if p % _LABEL_EVERY == 0), high})
    axis = [element("span", f"{p:g}", style=f"left:{x(p):.2f}%") for p in named]
    keys = [element("span", element("span", css="rs-dot", style=f"background:{c.color}"), c.name) for c in curves]
    show(
        element(
            "div",
            element("div", *parts, css="rs-plot"),
            element("div", *axis, css="rs-axis"),
            element("div", *keys, element("span", unit, css="rs-quiet"), css="rs-keys"),
            css="rs-chart",
        )
    )


def _curve(across: Sequence[float], curve: Curve) -> Markup:
    upper = [
        f"{x:.2f}% calc({100 * (1 - s):.2f}% - {_STROKE_PX / 2}px)" for x, s in zip(across, curve.shares, strict=True)
    ]
    lower = [
        f"{x:.2f}% calc({100 * (1 - s):.2f}% + {_STROKE_PX / 2}px)" for x, s in zip(across, curve.shares, strict=True)
    ]
    outline = ",".join([*upper, *reversed(lower)])
    return element("div", css="rs-curve", style=f"background:{curve.color};clip-path:polygon({outline})")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time of one crew, seconds since midnight, with the text inside and the text on hover."""

    from_s: float
    to_s: float
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The day of one crew: name, colours of box and text, time on the road, stops, and a figure at the end."""

    name: str
    color: str
    ink: str
    out: tuple[float, float]
    blocks: tuple[Block, ...]
    amount: str


def show_lanes(lanes: Sequence[Lane], *, from_s: float, to_s: float) -> None:
    """Show the crews as rows over the hours of a shift."""
    span = max(to_s - from_s, 1.0)

    def place(begin: float, end: float, color: str) -> str:
        width = max(100 * (end - begin) / span, 0.4)
        return f"left:{100 * (begin - from_s) / span:.2f}%;width:{width:.2f}%;background:{color}"

    rows = []
    for lane in lanes:
        parts = [element("div", css="rs-way", style=place(*lane.out, lane.color))]
        for block in lane.blocks:
            style = place(block.from_s, block.to_s, lane.color) + f";color:{lane.ink}"
            parts.append(element("div", block.text, css="rs-work", style=style, title=block.title))
        rows.append(
            element(
                "tr",
                element("td", lane.name, css="rs-name"),
                element("td", element("div", *parts, css="rs-lane")),
                element("td", lane.amount, css="rs-amount"),
            )
        )
    hours = [
        element("span", format_clock(h * 3600), style=f"left:{100 * (h * 3600 - from_s) / span:.2f}%")
        for h in range(25)
        if from_s <= h * 3600 <= to_s
    ]
    axis = element("tr", element("td"), element("td", element("div", *hours, css="rs-hours")), element("td"))
    show(element("table", element("tbody", axis, *rows), css="rs-gantt", style=f"color:{THEME['ink']}"))
