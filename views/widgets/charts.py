"""Small drawings without a library: curves and columns of shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from views.widgets.markup import Markup, element, show

_STROKE_PX = 2.5
_LABEL_EVERY = 15
_MOST_TOLD = 14
"""More columns than this bear no figures: they would run into each other."""


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


def show_columns(
    names: Sequence[str], shares: Sequence[float], *, colors: Sequence[str], unit: str, top: float = 0.0
) -> None:
    """Show shares as columns, each with its figure in percent above where there is room.

    Parameters
    ----------
    names
        What stands under each column; ``""`` for nothing.
    shares
        0 to 1, one a column.
    colors
        ``#RRGGBB``, one a column.
    unit
        What the axis counts.
    top
        Share at the upper edge; the largest of all when 0.
    """
    most = top or max(shares, default=0.0) or 1.0
    wide = 100 / max(len(shares), 1)
    told = len(shares) <= _MOST_TOLD
    columns = []
    for k, (share, color) in enumerate(zip(shares, colors, strict=True)):
        high = 100 * share / most
        place = f"left:{k * wide + 0.12 * wide:.2f}%;width:{0.76 * wide:.2f}%"
        columns.append(
            element(
                "div", css="rs-column", style=f"{place};height:{high:.2f}%;background:{color}", title=f"{share:.1%}"
            )
        )
        if told and share > 0:
            columns.append(element("div", _percent(share), css="rs-told", style=f"{place};bottom:{high:.2f}%"))
    axis = [element("span", name, style=f"left:{(k + 0.5) * wide:.2f}%") for k, name in enumerate(names) if name]
    show(
        element(
            "div",
            element("div", *columns, css="rs-plot rs-columns"),
            element("div", *axis, css="rs-axis"),
            element("div", element("span", unit, css="rs-quiet"), css="rs-keys"),
            css="rs-chart rs-bare",
        )
    )


def _percent(share: float) -> str:
    """Return a share in whole percent; what is there but rounds to nothing says so.

    Examples
    --------
    >>> _percent(0.253), _percent(0.004)
    ('25', '<1')
    """
    return f"{100 * share:.0f}" if share >= 0.005 else "<1"  # noqa: PLR2004
