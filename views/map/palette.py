"""Colours, dashes, letters and widths of the map: the one source for Python, JavaScript and CSS.

Owner colours are Okabe and Ito's (2008) with a lighter orange and a darker purple, so that any two of them differ by
15 and more (CIEDE2000) for usual eyes, deuteranopia and protanopia. In grey no six colours can: those that come near
one another there have other centre lines, and all have letters. `tests/views/map/test_palette.py` holds this.
Nothing else in the project names a map colour: the browser gets these tables in
the header of the data file and hands them to CSS as custom properties.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from views.catalogue import Words, both, both_in

READS = 4.5
"""Least contrast of text (WCAG 2.2, AA)."""
STANDS_OUT = 3.0
"""Least contrast of lines and symbols; a paler line gets a rim that has it."""
_GREY, _PALE = 24, 1.8
Shape = Literal["diamond", "circle", "square", "dot", "none"]
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


THEME: dict[str, str] = {
    "ground": "#F4F5F7",
    "card": "#FFFFFF",
    "paper": "#FFFFFF",
    "name": "#3A424B",
    "ink": "#1A1D21",
    "quiet": "#56606B",
    "line": "#C9CED6",
    "edge": "#7F8893",
    "accent": "#0B5CAD",
    "warning": "#A4262C",
}
"""Ground, card, halo, road name, text, quiet text, hairline, edge of a field, accent and warning."""

THEME_DARK: dict[str, str] = {
    "ground": "#14181D",
    "card": "#1D2229",
    "paper": "#14181D",
    "name": "#C3CAD3",
    "ink": "#EEF1F4",
    "quiet": "#A9B3BE",
    "line": "#434C57",
    "edge": "#7C8794",
    "accent": "#6CB0F5",
    "warning": "#FF8A80",
}
"""The same on dark screens; papers and exported files are always light."""

BASE_COLORS: dict[str, str] = {"green": "#E6ECE4", "water": "#D9E3EA", "building": "#E2E4E8"}
"""Tones of a base map of vector tiles: quiet enough to leave the roads in front."""

FOOTER = both("内部工作用图，未经地图审核，不得公开")
ATTRIBUTION = "© OpenStreetMap contributors"
FONTS = '"Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif'


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How the roads of one owner (or state) are drawn.

    Attributes
    ----------
    key
        Stable name, for tests and switches.
    label
        What the legend says.
    color, second
        ``#RRGGBB``; ``second`` is laid over ``color`` as long dashes (contested), ``""`` for none.
    dash
        Lengths in line widths, empty for a solid line.
    letter
        Owner letter drawn along the road, ``""`` for none.
    core
        Thin white centre line on wide roads: ``""``, ``"solid"`` or ``"dash"``; tells brigades apart without colour.
    halo
        Whether a white casing lifts the line off its neighbours.
    factor
        Multiplies the width of the road class.
    arrows
        Whether arrows show the direction of the line.
    level
        Lines of a higher level are drawn over all lines of a lower one.
    """

    key: str
    label: Words
    color: str
    second: str = ""
    dash: tuple[float, ...] = ()
    letter: str = ""
    core: Literal["", "solid", "dash"] = ""
    halo: bool = False
    factor: float = 1.0
    arrows: bool = False
    level: int = 0

    def __post_init__(self) -> None:
        """Refuse colours that are not ``#RRGGBB``."""
        _check_colors(self.color, *filter(None, [self.second]))


@dataclass(frozen=True, slots=True)
class PointStyle:
    """How one kind of point is drawn.

    Attributes
    ----------
    key, label
        As in `LineStyle`.
    shape
        Symbol; ``none`` draws the label alone.
    fill, edge
        ``#RRGGBB``.
    radius_px
        Half the symbol's width.
    numbered
        Whether the label stands inside the symbol (units, stops) instead of beside it.
    min_zoom, label_zoom
        Zooms from which the symbol and its label are drawn.
    """

    key: str
    label: Words
    shape: Shape
    fill: str
    edge: str
    radius_px: float = 8.0
    numbered: bool = False
    min_zoom: float = 0.0
    label_zoom: float = 12.0

    def __post_init__(self) -> None:
        """Refuse colours that are not ``#RRGGBB``."""
        _check_colors(self.fill, self.edge)


def _check_colors(*colors: str) -> None:
    for color in colors:
        if not _HEX.fullmatch(color):
            message = f"palette: {color!r} is not a colour; write it as #RRGGBB"
            raise ValueError(message)


_SLOTS: tuple[tuple[str, str, Literal["", "solid", "dash"]], ...] = (
    ("普", "#0072B2", ""),
    ("高1", "#D55E00", "solid"),
    ("高2", "#F0AB00", "solid"),
    ("高3", "#800850", ""),
    ("高4", "#009E73", "dash"),
    ("高5", "#56B4E9", ""),
)


def owner_style(slot: int, label: Words, *, letter: str = "") -> LineStyle:
    """Return the style of an owner.

    Parameters
    ----------
    slot
        0 for the district brigade, k for the k-th expressway brigade.
    label
        Name of the agency, from the plan.
    letter
        Letter along the road; the slot's own (普, 高1, 高2, …) when empty.

    Examples
    --------
    >>> owner_style(2, Words("高速二大队")).letter, owner_style(7, Words("高速七大队")).letter
    ('高2', '高7')
    """
    if slot < len(_SLOTS):
        own, color, core = _SLOTS[slot]
    else:
        _, color, used = _SLOTS[1 + (slot - 1) % (len(_SLOTS) - 1)]
        own, core = f"高{slot}", "solid" if used == "dash" else "dash"
    return LineStyle(f"owner{slot}", label, color, letter=letter or own, core=core)


NOBODY = LineStyle("none", both("无主"), "#111111", dash=(2.2, 1.6), halo=True, level=1)
GHOST = LineStyle("ghost", both("其余道路"), "#B4BBC3", factor=0.8, level=-1)


def contested_style(first: LineStyle, second: LineStyle) -> LineStyle:
    """Return the style of metres that two owners claim: both colours as long dashes in a white casing."""
    label = both_in("owner", "争议")
    return LineStyle("contested", label, first.color, second=second.color, dash=(3.2, 3.2), halo=True, level=2)


def handover_style(owner: LineStyle) -> LineStyle:
    """Return the style of metres whose handover to an owner is pending: dotted in the owner's colour."""
    label = both("待移交")
    return replace(owner, key=f"{owner.key}_handover", label=label, dash=(0.01, 1.7), halo=True, level=1)


COVERAGE: tuple[LineStyle, ...] = (
    LineStyle("both", both("双方可达"), "#009E73"),
    LineStyle("local_only", both("仅普通可达"), "#0072B2", core="dash"),
    LineStyle("expressway_only", both("仅高速可达"), "#D55E00", core="solid"),
    LineStyle("none", both("均不可达"), "#111111", dash=(2.2, 1.6)),
)
"""Who reaches a road within the limit."""

_ROUTES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8A5A00", "#56B4E9", "#E69F00", "#5B3FA0")


def route_style(index: int, label: Words) -> LineStyle:
    """Return the style of a crew's route; colours repeat with dashes after eight crews."""
    color = _ROUTES[index % len(_ROUTES)]
    dash = (4.0, 1.8) if (index // len(_ROUTES)) % 2 else ()
    return LineStyle(f"route{index}", label, color, dash=dash, halo=True, factor=1.1, arrows=True, level=3)


def stop_style(index: int, label: Words) -> PointStyle:
    """Return the style of a crew's numbered stops, in the colour of its route."""
    return PointStyle(f"stop{index}", label, "circle", _ROUTES[index % len(_ROUTES)], "#FFFFFF", 12.0, numbered=True)


SEAM_AT_BOOTH = PointStyle("seam_booth", both("界点（收费站）"), "diamond", "#FFFFFF", "#111111", 9.5)
SEAM_AGREED = PointStyle("seam_agreed", both("界点（商定）"), "diamond", "#0B5CAD", "#FFFFFF", 9.5)
SEAM_ELSEWHERE = PointStyle("seam_other", both("界点（无站）"), "diamond", "#111111", "#FFFFFF", 9.5)
STATION = PointStyle("station", both("收费站"), "dot", "#111111", "#FFFFFF", 3.5, label_zoom=11.5)
STATION_KINDS: tuple[PointStyle, ...] = (
    PointStyle("station_ramp", both("匝道站"), "dot", "#111111", "#FFFFFF", 4.5, label_zoom=11.5),
    PointStyle("station_main_line", both("主线站"), "square", "#00873C", "#FFFFFF", 5.5, label_zoom=11.5),
    PointStyle("station_service_area", both("服务区站"), "circle", "#0B5CAD", "#FFFFFF", 5.0),
    PointStyle("station_border", both("省界站（已撤）"), "diamond", "#FFFFFF", "#56606B", 6.0),
    PointStyle("station_gate", both("门禁（非收费站）"), "dot", "#B4BBC3", "#56606B", 3.5),
)
"""Stations by kind, in the order of ``geo.stations.StationKind``."""
STAKE_KM = PointStyle("stake_km", both("整公里桩"), "dot", "#56606B", "#FFFFFF", 3.0, min_zoom=10.5)
STAKE_100M = PointStyle("stake_100m", both("百米桩"), "dot", "#B4BBC3", "#56606B", 2.0, min_zoom=14.5, label_zoom=16.0)
CLOSED_ROAD = LineStyle("closed", both("封闭"), "#A4262C", dash=(1.2, 1.2), halo=True, factor=1.2, level=4)
SLOW_ROAD = LineStyle("slow", both("施工缓行"), "#E69F00", dash=(2.4, 1.2), halo=True, factor=1.2, level=4)
UNIT_LOCAL = PointStyle("unit_local", both("普通单元"), "circle", "#0072B2", "#FFFFFF", 12.0, numbered=True)
UNIT_EXPRESSWAY = PointStyle("unit_expressway", both("高速单元"), "circle", "#B34E00", "#FFFFFF", 12.0, numbered=True)
TARGET = PointStyle("target", both("检查目标"), "square", "#FFFFFF", "#5B3FA0", 5.5, label_zoom=14.5)
FINDING = PointStyle("finding", both("体检发现"), "square", "#A4262C", "#FFFFFF", 6.0, label_zoom=15)

SHIELDS: dict[str, tuple[str, str, str]] = {
    "expressway": ("#00873C", "#FFFFFF", "#FFFFFF"),
    "G": ("#C1121F", "#FFFFFF", "#FFFFFF"),
    "S": ("#FFCC00", "#111111", "#111111"),
    "X": ("#FFFFFF", "#111111", "#111111"),
    "Y": ("#FFFFFF", "#111111", "#111111"),
    "C": ("#FFFFFF", "#111111", "#111111"),
}
"""Road shields: kind to fill, text and rim."""

ZOOMS: tuple[float, ...] = (9, 11, 13, 15, 17, 19)
RANKS: tuple[dict[str, Any], ...] = (
    {"name": "motorway", "zoom": 0, "alpha": 1, "px": (1.4, 2.0, 3.2, 5.4, 10, 16)},
    {"name": "motorway_link", "zoom": 8, "alpha": 1, "px": (0.7, 1.0, 1.7, 3.4, 7, 12)},
    {"name": "trunk", "zoom": 0, "alpha": 1, "px": (1.0, 1.6, 2.6, 4.4, 8, 14)},
    {"name": "primary", "zoom": 0, "alpha": 1, "px": (0.9, 1.4, 2.5, 4.2, 8, 14)},
    {"name": "secondary", "zoom": 9, "alpha": 1, "px": (0.7, 1.1, 2.0, 3.6, 7, 13)},
    {"name": "tertiary", "zoom": 10, "alpha": 1, "px": (0.5, 0.8, 1.6, 3.0, 6, 12)},
    {"name": "minor", "zoom": 11.5, "alpha": 0.62, "px": (0.3, 0.5, 0.9, 1.7, 4, 10)},
    {"name": "service", "zoom": 13, "alpha": 0.55, "px": (0.3, 0.4, 0.6, 1.2, 3, 7)},
    {"name": "ordinary_link", "zoom": 10, "alpha": 1, "px": (0.6, 0.9, 1.7, 3.0, 6, 11)},
    {"name": "ferry", "zoom": 10, "alpha": 0.8, "px": (0.6, 0.8, 1.2, 1.8, 3, 4)},
)
"""One row a rank (``geo.classes.RoadClass``): zoom from which it is drawn, opacity, width in pixels at ``ZOOMS``."""


def shade(color: str, factor: float) -> str:
    """Return a colour darkened towards black: factor 1 keeps it, 0 is black."""
    parts = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(part * factor):02X}" for part in parts)


_LINEAR_UP_TO = 0.03928


def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2, 0 (black) to 1 (white)."""
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= _LINEAR_UP_TO else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of WCAG 2, 1 to 21."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_color(color: str) -> str:
    """Return the lightest shade of a colour that reads on the ground of the map (contrast 4.5 and more)."""
    steps = (shade(color, 1 - step / 20) for step in range(20))
    return next((tone for tone in steps if contrast(tone, THEME["ground"]) >= READS), "#000000")


def lift(color: str, factor: float) -> str:
    """Return a colour lightened towards white: factor 0 keeps it, 1 is white."""
    parts = (int(color[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(part + factor * (255 - part)):02X}" for part in parts)


def dark_text(color: str) -> str:
    """Return the darkest tint of a colour that reads on dark cards and on the dark map (contrast 4.5 and more)."""
    tints = (lift(color, step / 20) for step in range(21))
    return next(tone for tone in tints if contrast(tone, THEME_DARK["card"]) >= READS)


def dark_color(color: str) -> str:
    """Return what stands for a colour of lines on the dark map.

    Greys and pale tints stand out from the dark ground as much as they do from the light one; owners' colours stay
    what they are, lightened only where they would not be seen.

    Examples
    --------
    >>> dark_color("#E69F00"), dark_color("#111111")
    ('#E69F00', '#F1F1F1')
    """
    parts = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
    wanted = contrast(color, THEME["ground"])
    if max(parts) - min(parts) <= _GREY or wanted < _PALE:
        most = max(1, *parts)
        pure = "#" + "".join(f"{round(255 * max(part, 1) / most):02X}" for part in parts)
        tones = [shade(pure, step / 255) for step in range(256)]
        least = min(wanted, contrast(THEME_DARK["ink"], THEME_DARK["ground"]))
        return next((tone for tone in tones if contrast(tone, THEME_DARK["ground"]) >= least), "#FFFFFF")
    tints = (lift(color, step / 20) for step in range(21))
    return next(tone for tone in tints if contrast(tone, THEME_DARK["ground"]) >= READS)


def style_json(style: LineStyle | PointStyle) -> dict[str, Any]:
    """Return a style as the browser reads it, with the shades derived from its colours."""
    out = asdict(style)
    if isinstance(style, LineStyle):
        pale = contrast(style.color, THEME["ground"]) < STANDS_OUT and style.level >= 0
        out |= {"edge": shade(style.color, 0.7), "text": text_color(style.color), "pale": pale}
        dark = dark_color(style.color)
        out["dark"] = {"pale": False, "color": dark, "edge": shade(dark, 0.7), "text": dark_text(style.color)}
        if style.second:
            out["dark"]["second"] = dark_color(style.second)
    else:
        white, black = contrast(style.fill, "#FFFFFF"), contrast(style.fill, "#111111")
        out |= {"text": "#FFFFFF" if white >= black or white >= 4 else "#111111"}  # noqa: PLR2004
    return out


def theme_json() -> dict[str, Any]:
    """Return everything the browser needs that is not a style: theme, fonts, ranks, fixed words."""
    return {
        "colors": THEME,
        "dark": THEME_DARK,
        "rim": THEME["paper"],
        "fonts": FONTS,
        "zooms": ZOOMS,
        "ranks": RANKS,
        "footer": asdict(FOOTER),
        "attribution": ATTRIBUTION,
    }
