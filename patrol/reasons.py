"""Why a target is left out: a code, and one sentence in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from patrol.authority import may_work
from patrol.matrices import NO_WAY, TICKS, Day


class Reason(StrEnum):
    """Why nobody serves a target."""

    NO_AUTHORITY = "no_authority"
    SKILL = "skill"
    NO_ACCESS = "no_legal_access"
    TOO_FAR = "too_far"
    SHIFT = "shift"
    WINDOW = "window"
    CAPACITY = "capacity"
    NO_COMMON_TIME = "no_common_time"
    VISITS = "visits"
    CHECKPOINT = "checkpoint"
    REST = "rest"
    DUPLICATE = "duplicate_id"
    SERVICE = "negative_service"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A target nobody serves: its id, the reason and the sentence for people in both languages."""

    target: str
    reason: Reason
    message: str
    message_en: str

    def to_json(self) -> dict[str, str]:
        """Return plain JSON values."""
        return {
            "task": self.target,
            "reason": str(self.reason),
            "message": self.message,
            "message_en": self.message_en,
        }


def find_impossible(day: Day) -> dict[int, LeftOut]:
    """Return the targets that no crew could serve even alone, by position in ``day.targets``."""
    found = {}
    for j in range(len(day.targets)):
        reason = _judge(day, j)
        if reason is not None:
            found[j] = reason
    return found


def explain_capacity(day: Day, j: int) -> LeftOut:
    """Return the reason of a target that one crew could serve alone but not beside the others."""
    return LeftOut(
        day.targets[j].id,
        Reason.CAPACITY,
        "单独安排可行，但与其他目标一起排不下；请增加车辆、延长班次或改到其他日期。",
        "It fits alone but not with the others; add a car, lengthen the shift or choose another day.",
    )


def explain_rest(item: LeftOut, day: Day, fits: Callable[[Day, int, list[int]], bool]) -> LeftOut:
    """Return a reason, or that of the rest where a task fits a crew's day only without one."""
    rows = [j for j, target in enumerate(day.targets) if target.id == item.target]
    crews = range(len(day.units))
    if item.reason != Reason.CAPACITY or any(fits(day, i, [j]) for j in rows for i in crews if day.allowed[i, j]):
        return item
    return LeftOut(
        item.target,
        Reason.REST,
        "与班组的休息冲突；请缩短或移动休息，或调整时间窗。",
        "It leaves no crew room for its rest; shorten or move the rest, or move the window.",
    )


def _judge(day: Day, j: int) -> LeftOut | None:
    """Return why no crew can serve one target alone, or ``None`` where one can."""
    name = day.targets[j].id
    crews = np.flatnonzero(day.allowed[:, j])
    if day.places.segment[len(day.units) + j] < 0:
        return _off_the_map(day, j)
    if len(crews) == 0:
        return _nobody_may(day, j)
    out, back = day.out[crews, j], day.back[crews, j]
    there_and_back = (out < NO_WAY) & (back < NO_WAY)
    if not there_and_back.any():
        return _out_of_reach(day, j)
    out, back = out[there_and_back], back[there_and_back]
    needed = out + day.service[j] + back
    length = day.end - day.begin
    if needed.min() > length:
        hours = (needed.min() / TICKS / 3600, length / TICKS / 3600)
        return LeftOut(
            name,
            Reason.SHIFT,
            f"往返加作业至少需 {hours[0]:.2f} 小时，超过班次 {hours[1]:.2f} 小时；请延长班次或就近派车。",
            f"Driving there and back with the work takes at least {hours[0]:.2f} h, more than the shift of "
            f"{hours[1]:.2f} h; lengthen the shift or post a unit nearer.",
        )
    start = np.maximum(day.begin + out, day.early[j])
    if ((start <= day.late[j]) & (start + day.service[j] + back <= day.end)).any():
        return None
    return LeftOut(
        name,
        Reason.WINDOW,
        "在班次内无法于时间窗开始作业并按时返回；请调整时间窗或班次。",
        "Work cannot begin within the window and end within the shift; move the window or the shift.",
    )


def _out_of_reach(day: Day, j: int) -> LeftOut:
    """Say whether the way there is missing or the way back, which is where a carriageway leaves the map."""
    arrives = (day.out[day.allowed[:, j], j] < NO_WAY).any()
    zh, en = ("到达后无法返回驻点", "drive back from there") if arrives else ("无法到达", "drive there")
    return LeftOut(
        day.targets[j].id,
        Reason.NO_ACCESS,
        f"有权执法的单元{zh}；请检查封路、单行、断开的道路，以及是否在图幅边缘的高速车道上。",
        f"No unit with authority can {en}; check closures, one-way roads, gaps, and carriageways cut off at the "
        "edge of the map.",
    )


def _off_the_map(day: Day, j: int) -> LeftOut:
    away_km = day.places.distance_m[len(day.units) + j] / 1000
    return LeftOut(
        day.targets[j].id,
        Reason.TOO_FAR,
        f"距最近的道路 {away_km:.1f} 公里，不在本图路网上；请核对坐标。",
        f"It lies {away_km:.1f} km from the nearest road of this map; check its coordinates.",
    )


def _nobody_may(day: Day, j: int) -> LeftOut:
    target = day.targets[j]
    labels = {target.agency} if target.agency else day.owners[j]
    if target.skill and any(may_work(unit.agency, label) for unit in day.units for label in labels):
        return LeftOut(
            target.id,
            Reason.SKILL,
            f"有权执法的单元都不具备“{target.skill}”；请增派具备该技能的班组。",
            f"No unit with authority can do {target.skill}; add a crew that can.",
        )
    who = target.agency or "、".join(sorted(day.owners[j])) or "none"
    return LeftOut(
        target.id,
        Reason.NO_AUTHORITY,
        f"归属为 {who}，没有可出动且有权执法的单元；请增派该单位或联合班组。",
        f"It belongs to {who} and no unit with a car may work there; add one of that agency or a mixed crew.",
    )
