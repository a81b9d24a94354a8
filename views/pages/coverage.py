"""Coverage 覆盖: who can be there within minutes? Shares, units, mutual aid, posts, sealing and incidents, by tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from geo.errors import RoadseamError
from plan.closures import closures_of
from views.catalogue import both
from views.i18n import pick_sentence, say, say_in
from views.pages.page import Page
from views.pictures.coverage import draw_coverage
from views.pictures.land import draw_closures
from views.pictures.owners import describe, draw_owners
from views.state import Desk
from views.widgets.coverage_aid import aid_marks, aid_picture, show_aid
from views.widgets.coverage_closures import show_closures_here
from views.widgets.coverage_compare import compare_tray, comparing, show_compared
from views.widgets.coverage_figures import show_charts, show_parts, show_summary
from views.widgets.coverage_hours import show_hours
from views.widgets.coverage_jobs import recall
from views.widgets.coverage_posts import draw_wish, post_key, show_posts, take_post_click
from views.widgets.coverage_roads import (
    answering,
    conditions_key,
    coverage_of,
    limit_min,
    response_of,
    show_conditions,
    tell_conditions,
)
from views.widgets.coverage_seal import emergency_marks, emergency_picture, show_emergency
from views.widgets.coverage_units import leave_mode, show_unit_table, show_units, take_unit_click
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, heading, next_step, warn

_TAB, _VIEW = "cover_tab", "cover_view"


def tab_of(_desk: Desk) -> str:
    """Return the tab that is open."""
    return str(st.session_state.get(_TAB) or "cover")


def picture(desk: Desk) -> Picture:
    """Return what the open tab shows: the coverage, a permission, a sealing, an incident."""
    tab = tab_of(desk)
    special = {"aid": aid_picture, "seal": emergency_picture}.get(tab)
    shown = special(desk) if special is not None else None
    return shown or _coverage_picture(desk, with_sites=tab == "posts")


def _coverage_picture(desk: Desk, *, with_sites: bool) -> Picture:
    """Return the coverage with the closures of the plan, or the split where there is none."""
    plan, minutes = desk.plan, limit_min(desk)
    meta = describe(plan)
    try:
        coverage, units = coverage_of(desk, minutes), answering(desk)
    except RoadseamError:
        return Picture(("owners", desk.key), lambda: draw_owners(plan), meta)
    closures = closures_of(plan)
    key = ("coverage", *conditions_key(desk), minutes, *(post_key(desk) if with_sites else ()))

    def draw() -> list[object]:
        network = plan.derived.network
        roads, *rest = draw_coverage(network, coverage, units)
        shut = [draw_closures(network, closures)] if closures else []
        return [roads, *shut, *rest, *(draw_wish(desk) if with_sites else [])]

    return Picture(key, draw, meta)  # type: ignore[arg-type]


def marks(desk: Desk) -> Sequence[Mark]:
    """Return what is marked over the map."""
    tab = tab_of(desk)
    if tab == "aid":
        return aid_marks(desk)
    return emergency_marks(desk) if tab == "seal" else ()


def card(desk: Desk) -> None:
    """Show the tabs and what belongs to the open one."""
    tabs = {
        "cover": say_in("tab", "覆盖"),
        "units": say_in("many", "单元"),
        "aid": say("互助"),
        "posts": say("驻点"),
        "seal": say("封控"),
    }
    heading(say("谁能在几分钟内赶到？"), say("联合覆盖"))
    tab = st.segmented_control(
        say("视图"),
        list(tabs),
        format_func=tabs.__getitem__,
        key=recall(desk, _TAB, "cover"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if tab == "units":
        take_unit_click(desk)
    else:
        leave_mode(desk)
    if tab == "posts":
        take_post_click(desk)
    try:
        _SHOW[tab or "cover"](desk)
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        empty(say("尚不能计算覆盖"), say("请在“单元”页签添加单元，或打开要参与的单位。"))
    next_step(say("安排勤务"), "patrol")


def _show_cover(desk: Desk) -> None:
    minutes = limit_min(desk)
    show_conditions(desk)
    with st.spinner(say("正在计算覆盖 …")):
        coverage = coverage_of(desk, minutes)
    show_summary(coverage)
    views = {"charts": say("图表"), "parts": say("分项"), "hours": say("逐时"), "closures": say_in("many", "封闭")}
    view = st.segmented_control(
        say("内容"),
        list(views),
        format_func=views.__getitem__,
        key=recall(desk, _VIEW, "charts"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if view == "parts":
        show_parts(desk, response_of(desk), minutes)
    elif view == "hours":
        show_hours(desk)
    elif view == "closures":
        show_closures_here(desk)
    else:
        show_charts(desk, minutes)


def _show_units(desk: Desk) -> None:
    tell_conditions(desk)
    show_units(desk, limit_min(desk))


def _show_aid(desk: Desk) -> None:
    tell_conditions(desk)
    show_aid(desk, limit_min(desk))


def _show_posts(desk: Desk) -> None:
    tell_conditions(desk)
    show_posts(desk, limit_min(desk))


_SHOW: dict[str, Callable[[Desk], None]] = {
    "cover": _show_cover,
    "units": _show_units,
    "aid": _show_aid,
    "posts": _show_posts,
    "seal": show_emergency,
}


def over_map(desk: Desk) -> None:
    """Lay two placements over the map, where they are compared."""
    if tab_of(desk) == "posts" and comparing(desk):
        show_compared(desk, limit_min(desk))


def tray(desk: Desk) -> None:
    """Show the table of units, or what changes between two placements."""
    if tab_of(desk) == "units":
        show_unit_table(desk)
    else:
        compare_tray(desk, limit_min(desk))


def has_tray(desk: Desk) -> bool:
    """Whether there is something to put under the map now."""
    tab = tab_of(desk)
    return tab == "units" or (tab == "posts" and comparing(desk))


COVERAGE_PAGE = Page(
    "coverage",
    both("覆盖"),
    both("谁能在几分钟内赶到？"),
    picture,
    card,
    marks=marks,
    options=over_map,
    tray=tray,
    has_tray=has_tray,
)
