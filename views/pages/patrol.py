"""Patrol 勤务: who goes where today, in which order? Targets, the day, its result, the week."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from patrol.reasons import LeftOut
from views.catalogue import both
from views.crews import units_of
from views.i18n import pick_sentence, say, say_count, say_in
from views.pages.page import Page
from views.pictures.owners import describe
from views.pictures.routes import Look, draw_routes, place_at
from views.pictures.tasks import draw_tasks
from views.state import Desk, current_desk
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, go, heading, note, warn
from views.widgets.patrol_drop import moment_of, offer_of, show_drop
from views.widgets.patrol_gantt import CREW, show_gantt
from views.widgets.patrol_papers import show_papers
from views.widgets.patrol_result import show_result, show_strip
from views.widgets.patrol_rows import off_of, rows_of, wanted_of
from views.widgets.patrol_run import (
    best_so_far,
    is_running,
    show_errors,
    show_running,
    start_day,
    take_day,
    take_error,
)
from views.widgets.patrol_state import Asked, Planned, day_of, is_stale, result_of, store_of
from views.widgets.patrol_tables import read_stretches, table_of
from views.widgets.patrol_targets import show_target_table, show_targets
from views.widgets.patrol_week import chosen_day, show_week
from views.widgets.patrol_weigh import show_weigh
from views.widgets.patrol_wish import asked_of, show_wish
from views.widgets.stale import stale_bar

__all__ = ["PATROL", "is_stale", "result_of"]

TAB = "patrol_tab"
_TABS = ("targets", "plan", "result", "week")


def tab_of(desk: Desk) -> str:
    """Return the tab that is open."""
    return str(st.session_state.get(TAB) or store_of(desk).get("tab", "targets"))


def shown_day(desk: Desk) -> Planned | None:
    """Return the day that map and timetable show on the tab that is open, ``None`` where they show targets."""
    tab = tab_of(desk)
    if tab == "plan":
        return best_so_far(desk)
    if tab == "week":
        return chosen_day(desk)
    if tab == "result":
        offer = offer_of(desk)
        return offer.new if offer is not None else day_of(desk)
    return None


def picture(desk: Desk) -> Picture:
    """Return the day's routes, or the targets with the crews at their posts."""
    plan, day = desk.plan, shown_day(desk)
    meta = describe(plan)
    if day is None:
        off, rows = off_of(desk), rows_of(desk)
        targets = [(row.target, row.agency) for row in rows]
        return Picture(
            ("tasks", desk.key, tuple(sorted(off))), lambda: draw_tasks(plan, units_of(plan), targets, off=off), meta
        )
    joint = frozenset(meeting.task for meeting in day.made.meetings)
    only = str(store_of(desk).get(CREW, ""))
    look = Look(day.palette, only if only in day.crews else "", joint, day.kept)
    routes = repr([(r.unit, r.car, [(s.target, s.start_s) for s in r.stops]) for r in day.plan.routes])
    left = repr([item.target for item in day.plan.left_out])
    driven = repr([(part.crew, [s.target for s in part.route.stops]) for part in day.kept])
    key = ("routes", day.key, look.crews, routes, left, driven, look.only)
    return Picture(key, lambda: draw_routes(day.graph, day.plan, look), meta)


def marks(desk: Desk) -> Sequence[Mark]:
    """Return where the crews are at the moment that is looked at."""
    at_s, planned = moment_of(desk), day_of(desk)
    if tab_of(desk) != "result" or at_s is None or planned is None:
        return ()
    return [Mark((place_at(planned.graph, planned.plan, route, at_s=at_s),)) for route in planned.plan.routes]


def card(desk: Desk) -> None:
    """Show targets, the wish and the running search, the result, or the week."""
    store = store_of(desk)
    if take_day(desk) and tab_of(desk) == "plan":
        st.session_state[TAB] = "result"
    st.session_state.setdefault(TAB, store.get("tab", "targets"))
    names = {"targets": say_in("many", "目标"), "plan": say("排班"), "result": say("结果"), "week": say("一周")}
    tab = str(
        st.segmented_control(
            say("视图"),
            _TABS,
            format_func=names.__getitem__,
            key=TAB,
            required=True,
            label_visibility="collapsed",
            width="stretch",
        )
    )
    store["tab"] = tab
    {"targets": show_targets, "plan": _show_plan, "result": _show_day, "week": _show_week}[tab](desk)
    _next_step(desk, tab)


def _question(desk: Desk) -> tuple[Asked, tuple[LeftOut, ...]]:
    """Return what would be planned now, and what had to be left out of the question."""
    table = table_of(desk.plan)
    network = desk.plan.derived.network
    off = off_of(desk)
    stretches, lost = read_stretches(network, table.stretches)
    asked = asked_of(
        desk,
        units_of(desk.plan),
        targets=wanted_of(desk),
        stretches=[s for s in stretches if s.id not in off],
    )
    return asked, lost


def _show_plan(desk: Desk) -> None:
    heading(say("今天谁去哪里，按什么顺序？"), say("排班要求"))
    error = take_error(desk)
    if error:
        warn(pick_sentence(error), kind="error")
    if is_running(desk):
        show_running(desk)
        return
    units = units_of(desk.plan)
    if not any(u.available for u in units):
        empty(say("还没有可出动的班组"), say("在覆盖页填写单元和车辆。"))
        return
    if is_stale(desk):
        note(say("上次的结果已过期。"))
    show_wish(desk, units)
    with st.expander(say("超限车辆送检"), expanded=False):
        show_weigh(desk)


def _show_day(desk: Desk) -> None:
    if is_stale(desk):
        stale_bar("day", _again)
    show_errors(desk)
    show_result(desk)
    planned = day_of(desk)
    if planned is None:
        return
    if not is_stale(desk) and planned.plan.routes:
        show_drop(desk, planned)
    with st.expander(say("勤务单与导航"), expanded=False):
        show_papers(desk, planned)


def _again() -> None:
    """Plan again what was planned, with the targets and crews of the plan as it is now."""
    desk = current_desk()
    asked, lost = _question(desk)
    start_day(asked, lost)
    st.session_state[TAB] = "plan"


def _show_week(desk: Desk) -> None:
    asked, _ = _question(desk)
    show_week(desk, asked)


def _next_step(desk: Desk, tab: str) -> None:
    """Show the one next step of the tab: plan the day, or make its papers."""
    with st.container(key="next_step"):
        if is_running(desk):
            st.button(say("正在排班 …"), key="to_run", width="stretch", on_click=_turn, args=("plan",))
        elif tab in {"targets", "plan"}:
            asked, _ = _question(desk)
            count = len(asked.targets) + len(asked.stretches)
            st.button(
                say_count("排班：{count} 个目标 →", count),
                key="run",
                type="primary",
                width="stretch",
                disabled=not count or not asked.units,
                on_click=_again,
            )
        else:
            st.button(
                say("生成文书 →"),
                key="next_papers",
                type="primary",
                width="stretch",
                disabled=day_of(desk) is None,
                on_click=_to_papers,
            )


def _turn(tab: str) -> None:
    st.session_state[TAB] = tab


def _to_papers() -> None:
    desk = current_desk()
    papers = desk.extra.setdefault("papers", {})
    papers["pack"] = "crew"
    go("papers")


def tray(desk: Desk) -> None:
    """Show the crews as rows over the hours with the quality of the day, or the table of targets."""
    day = shown_day(desk)
    with st.container(key="patrol_tray"):
        if day is None:
            with st.container(key="patrol_list"):
                show_target_table(desk)
            return
        show_strip(day)
        at_s = moment_of(desk) if tab_of(desk) == "result" else None
        show_gantt(day, selected=desk.selection.id, at_s=at_s)


def has_tray(desk: Desk) -> bool:
    """Whether there are routes or targets to show."""
    day = shown_day(desk)
    return bool(day.plan.routes) if day is not None else tab_of(desk) in {"targets", "plan"} and bool(rows_of(desk))


PATROL = Page(
    "patrol",
    both("勤务"),
    both("今天谁去哪里，按什么顺序？"),
    picture,
    card,
    marks=marks,
    tray=tray,
    has_tray=has_tray,
)
