"""Tags that cannot be right: lanes, two-way main lines."""

from __future__ import annotations

import numpy as np

from geo.classes import RoadClass
from geo.doctor.survey import Survey, Telling
from geo.findings import Finding, Severity
from geo.speeds import read_speeds

MOST_LANES = 14
"""More lanes than this on one way are a slip of the pen."""

_ODD_LANES = Telling(
    "odd_lanes",
    Severity.NOTE,
    "{n} 个路段的 lanes 不是 1–14 的整数（{values}），按缺失处理，请在地图上核对。",
    "{n} segments carry a lanes value that is no whole number from 1 to 14 ({values}); read as missing, please check.",
)
_TWO_WAY = Telling(
    "two_way_motorway",
    Severity.WARNING,
    "{n} 个高速主线路段（{m} m）标为双向通行，高速公路两个方向应各有一条线，请核对 oneway。",
    "{n} segments of main line ({m} m) are tagged two-way; each carriageway should be a way of its own: check oneway.",
)


def check_lanes(survey: Survey) -> list[Finding]:
    """Report ``lanes`` values that are no whole number from 1 to ``MOST_LANES``."""
    column = survey.network.ways.text["lanes"]
    odd = np.array([bool(text) and not is_lane_count(text) for text in column.pool], dtype=bool)
    rows = np.flatnonzero(odd[survey.text("lanes")])
    if len(rows) == 0:
        return []
    values = sorted({column.pool[code] for code in survey.text("lanes")[rows].tolist()})[:5]
    shown = "、".join(value[:20].replace("{", "").replace("}", "") for value in values)
    told = Telling(
        _ODD_LANES.code,
        _ODD_LANES.severity,
        _ODD_LANES.zh.replace("{values}", shown),
        _ODD_LANES.en.replace("{values}", shown.replace("、", ", ")),
    )
    return [survey.at_segments(rows, told)]


def is_lane_count(text: str) -> bool:
    """Return whether a text is a whole number from 1 to ``MOST_LANES``.

    Examples
    --------
    >>> [is_lane_count(text) for text in ("2", "14", "15", "0", "2.5", "two", "²")]
    [True, True, False, False, False, False, False]
    """
    return text.isascii() and text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= MOST_LANES  # noqa: PLR2004


def check_maxspeed(survey: Survey) -> list[Finding]:
    """Report ``maxspeed`` values that cannot be read, or that no road has."""
    return list(read_speeds(survey.network).findings)


def check_two_way_motorways(survey: Survey) -> list[Finding]:
    """Report main lines that may be driven in both directions."""
    net = survey.network
    rows = np.flatnonzero((net.segment_class == RoadClass.MOTORWAY) & net.forward & net.backward)
    return [survey.at_segments(rows, _TWO_WAY)] if len(rows) else []
