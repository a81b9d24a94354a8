"""How old the map is: nobody can see on it what was built since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt

from geo.classes import RoadClass
from geo.doctor.survey import Survey, Telling
from geo.findings import Finding, Severity

DAYS_PER_YEAR = 365.2425
OLD_YEARS: Mapping[RoadClass, float] = {
    RoadClass.MOTORWAY: 5.0,
    RoadClass.MOTORWAY_LINK: 5.0,
    RoadClass.TRUNK: 5.0,
    RoadClass.PRIMARY: 8.0,
}
"""Years after which a road of a class that nobody has edited should be looked at (our assumption)."""
OLD_MAP_YEARS = 2.0
"""Years after its newest edit from which a whole map counts as old (our assumption)."""
_CLASS_WORDS = {
    RoadClass.MOTORWAY: ("高速主线", "main lines"),
    RoadClass.MOTORWAY_LINK: ("高速匝道", "ramps"),
    RoadClass.TRUNK: ("干线公路", "trunk roads"),
    RoadClass.PRIMARY: ("主要公路", "primary roads"),
}


def check_age(survey: Survey, today: date, edited: npt.NDArray[np.datetime64] | None = None) -> list[Finding]:
    """Report a map whose newest edit is old and, where edit days are known, roads nobody has touched for years.

    Parameters
    ----------
    survey
        The network.
    today
        The day to count back from.
    edited
        datetime64[D] (ways,), the day each way was last edited, NaT where unknown.
    """
    return [*_check_map(survey, today), *(_check_classes(survey, today, edited) if edited is not None else [])]


def _check_map(survey: Survey, today: date) -> list[Finding]:
    stamp = survey.network.source.newest_edit[:10]
    try:
        newest = date.fromisoformat(stamp)
    except ValueError:
        return []
    years = (today - newest).days / DAYS_PER_YEAR
    if years <= OLD_MAP_YEARS:
        return []
    told = Telling(
        "old_map",
        Severity.WARNING,
        f"地图最近一次编辑在 {stamp}，距今 {years:.1f} 年，新建、改名、撤站都不会反映，请换新地图。",
        f"the newest edit is of {stamp}, {years:.1f} years ago: what was built or renamed since is missing; "
        "use a newer map.",
    )
    metres = survey.network.length_mm / 1000
    return [told.at(1, np.zeros((0, 2)), (), length_m=metres)]


def _check_classes(survey: Survey, today: date, edited: npt.NDArray[np.datetime64]) -> list[Finding]:
    net = survey.network
    days = (np.datetime64(today, "D") - edited.astype("datetime64[D]"))[net.segments.way]
    age = np.where(np.isnat(days), 0.0, days.astype(np.float64)) / DAYS_PER_YEAR
    findings = []
    for road_class, limit in OLD_YEARS.items():
        rows = np.flatnonzero((net.segment_class == road_class) & (age > limit))
        if len(rows) == 0:
            continue
        zh, en = _CLASS_WORDS[road_class]
        told = Telling(
            "old_roads",
            Severity.NOTE,
            f"{{n}} 个{zh}路段（{{m}} m）超过 {limit:g} 年无人编辑，请抽查是否仍与现场一致。",
            f"{{n}} segments of {en} ({{m}} m) were not edited for more than {limit:g} years: check some on site.",
        )
        order = np.lexsort((rows, -age[rows]))
        findings.append(survey.at_segments(rows[order], told))
    return findings
