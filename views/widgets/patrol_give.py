"""Giving a task to another crew: what each crew would cost, the price of the one that is picked, then the plan."""

from __future__ import annotations

import streamlit as st

from patrol.giving import Crew, Obstacle, Offer, holders_of, price_gifts
from views.catalogue import both
from views.i18n import format_km, format_minutes, format_number, say, words_of
from views.state import Desk, current_desk, keep
from views.widgets.parts import facts, note, section, warn
from views.widgets.patrol_state import Planned, changed, day_of, keep_day, store_of
from views.widgets.safe_text import one_line

_OBSTACLES = {
    Obstacle.AUTHORITY: both("无权执法"),
    Obstacle.SKILL: both("缺少技能"),
    Obstacle.NO_WAY: both("无路可达"),
    Obstacle.LATE: both("赶不上时间窗"),
    Obstacle.SHIFT: both("超出班次"),
    Obstacle.REST: both("没有休息时间"),
    Obstacle.JOINT: both("须两家同时到场"),
}


def show_gifts(desk: Desk, planned: Planned, task: str) -> None:
    """Show which crews could take a task, what the picked one would cost, and the button that gives it."""
    section(say("改派给"))
    giver = _giver(desk, planned, task)
    offers = keep(
        ("gifts", planned.key, _name(planned), task, giver), lambda: price_gifts(planned.made, task, giver=giver)
    )
    if not offers:
        note(say("没有其他班组。"))
        return
    names = {offer.taker: label(planned, offer.taker) for offer in offers}
    told = {offer.taker: f"{one_line(names[offer.taker], limit=14)}　{brief(offer)}" for offer in offers}
    chosen = st.selectbox(
        say("改派给"),
        [offer.taker for offer in offers],
        key=f"give_to_{task}",
        format_func=told.__getitem__,
        label_visibility="collapsed",
    )
    offer = next(o for o in offers if o.taker == chosen)
    _show_price(planned, offer)
    st.button(
        say("改派给{crew}", crew=one_line(names[offer.taker], limit=14)),
        key="give",
        width="stretch",
        type="primary",
        disabled=offer.plan is None,
        on_click=_give,
        args=(task, offer),
    )


def _name(planned: Planned) -> str:
    return repr([(r.unit, r.car, [s.row for s in r.stops]) for r in planned.plan.routes]) + repr(planned.asked.seed)


def _giver(desk: Desk, planned: Planned, task: str) -> Crew | None:
    """Return the crew that gives the task away; of a joint visit a person says which side, first the one clicked."""
    held = holders_of(planned.plan, task)
    if len(held) < 2:  # noqa: PLR2004 - a joint visit has two sides
        return held[0] if held else None
    side = store_of(desk).get("side", "")
    first = next((k for k, crew in enumerate(held) if label(planned, crew) == side), 0)
    return st.selectbox(
        say("由谁交出"),
        held,
        index=first,
        key=f"give_from_{task}_{side}",
        format_func=lambda crew: one_line(label(planned, crew), limit=20),
    )


def label(planned: Planned, crew: Crew) -> str:
    """Return the name of a crew, also of one without a route."""
    cars = next((u.available for u in planned.plan.day.units if u.id == crew[0]), 1)
    return crew[0] if cars == 1 else f"{crew[0]}#{crew[1]}"


def brief(offer: Offer) -> str:
    """Return the price of an offer in a few words, or what stands against it."""
    if offer.obstacles:
        return "、".join(words_of(_OBSTACLES[o]) for o in offer.obstacles)
    return f"{format_number((offer.extra_s or 0) / 60, digits=1, signed=True)} min"


def _show_price(planned: Planned, offer: Offer) -> None:
    """Show minutes, kilometres, lateness and what stands against it before anything is done."""
    if offer.plan is None:
        warn("、".join(words_of(_OBSTACLES[o]) for o in offer.obstacles), kind="error")
        facts(
            [
                (say("迟到"), format_minutes(offer.late_s) if offer.late_s else ""),
                (say("超时"), format_minutes(offer.over_s) if offer.over_s else ""),
                (say("行驶"), _signed(offer.extra_s) if offer.extra_s is not None else ""),
            ]
        )
        note(fix_words(offer.obstacles[0]))
        return
    after = keep(
        ("priced", planned.key, _name(planned), offer.task, offer.giver, offer.taker),
        lambda: changed(planned, offer.plan or planned.made, both("试算")),
    )
    if after.audit is None or planned.audit is None or after.quality is None or planned.quality is None:
        return
    drive_s, length_m = after.audit.drive_s - planned.audit.drive_s, after.audit.length_m - planned.audit.length_m
    wrong = len(after.audit.problems)
    facts(
        [
            (say("行驶"), f"{_signed(drive_s)} · {format_km(length_m, signed=True)}"),
            (say("最长班次"), _signed(after.quality.longest_s - planned.quality.longest_s)),
            (say("迟到"), say("无")),
            (say("复核"), say("{count} 处不符", count=wrong) if wrong else say("独立复核通过")),
        ]
    )


def fix_words(obstacle: Obstacle) -> str:
    """Return what would have to change before a crew could take a task."""
    words = {
        Obstacle.AUTHORITY: say("这里不归该单位管：选路权单位的班组，或派联合班组。"),
        Obstacle.SKILL: say("在覆盖页给该单元补上技能，或选有此技能的班组。"),
        Obstacle.NO_WAY: say("检查封路、单行和断开的道路。"),
        Obstacle.LATE: say("放宽时间窗，或先把该班组的别的任务改派出去。"),
        Obstacle.SHIFT: say("延长班次，或先把该班组的别的任务改派出去。"),
        Obstacle.REST: say("移动或缩短休息，或先把别的任务改派出去。"),
        Obstacle.JOINT: say("联合检查须两家同时到场，请重新排班。"),
    }
    return words[obstacle]


def _signed(seconds: float | None) -> str:
    return f"{format_number((seconds or 0) / 60, digits=1, signed=True)} min"


def _give(task: str, offer: Offer) -> None:
    desk = current_desk()
    planned = day_of(desk)
    if planned is None or offer.plan is None:
        return
    name, crew = one_line(planned.names.get(task, task), limit=24), one_line(label(planned, offer.taker), limit=16)
    keep_day(desk, changed(planned, offer.plan, both("已把“{task}”改派给 {crew}", task=name, crew=crew)))
