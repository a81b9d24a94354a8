"""Boundary 划界: whose is each metre, and why? Stations, seams, options, stretches, leaks, ledger."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from folium.map import Layer

from views.catalogue import both
from views.i18n import format_km, pick_sentence, say, say_count, say_in, term
from views.pages.page import Page
from views.pictures.moved import draw_moved
from views.pictures.owners import describe, draw_owners
from views.pictures.points import NOT_OURS
from views.state import Desk, Selection, Target, current_desk, plan_key
from views.widgets.boundary_balance import present_proposal
from views.widgets.boundary_drag import drag_marks, take_error, take_report
from views.widgets.boundary_leaks import leak_marks, show_leaks
from views.widgets.boundary_ledger import show_ledger_tab
from views.widgets.boundary_stretches import show_stretches
from views.widgets.map_view import Mark, Picture
from views.widgets.options import HEIGHT_PX, present_preview, show_options
from views.widgets.parts import empty, go, heading, warn
from views.widgets.road_card import show_segment
from views.widgets.safe_text import plain
from views.widgets.seam_cards import show_seam, show_station

_TAB = "boundary_tab"
_FOR = "boundary_tab_for"


def picture(desk: Desk) -> Picture:
    """Return the split; in a preview, what would move; key B shows how it was before."""
    plan, preview = desk.plan, present_preview(desk)
    # A proposal belongs to its tab: it must not lie under a seam that is dragged elsewhere.
    proposal = present_proposal(desk) if desk.extra.get(_TAB) == "stretches" and not desk.selection else None
    meta = describe(plan)
    if preview is not None:
        key, after = desk.with_convention(*preview)
        return Picture(("moved", key, desk.key), lambda: draw_moved(after, plan), meta, top_px=HEIGHT_PX)
    if proposal is not None:
        key = plan_key(desk.network_key, proposal.decisions)
        return Picture(("moved", key, desk.key), lambda: draw_moved(proposal, plan), meta, top_px=HEIGHT_PX)
    if desk.undo_steps:
        before = plan.undo()
        return Picture(("owners+", desk.key), lambda: draw_owners(plan, before=before), meta, top_px=HEIGHT_PX)
    return Picture(("owners", desk.key), lambda: draw_owners(plan), meta, top_px=HEIGHT_PX)


def marks(desk: Desk) -> Sequence[Mark | Layer]:
    """Return the path of the leak that is looked at, and the seam in hand with what it moves."""
    return (*leak_marks(desk), *drag_marks(desk))


def card(desk: Desk) -> None:
    """Show what is selected, or stations, stretches, leaks or the ledger."""
    take_report(desk)
    error = take_error(desk)
    if error:
        warn(pick_sentence(error), kind="error")
    tabs = {
        "detail": say("选中"),
        "stations": say_in("many", "收费站"),
        "stretches": say_in("tab", "管段"),
        "leaks": say("泄漏"),
        "ledger": say("账目"),
    }
    # A new selection turns to its card; without one the stations are the summary.
    if desk.extra.get(_FOR) != desk.selection:
        desk.extra[_FOR] = desk.selection
        if desk.selection:
            st.session_state[_TAB] = "detail"
        elif st.session_state.get(_TAB, desk.extra.get(_TAB)) == "detail":
            st.session_state[_TAB] = "stations"
    st.session_state.setdefault(_TAB, desk.extra.get(_TAB, "stations"))
    tab = st.segmented_control(
        say("视图"),
        list(tabs),
        format_func=tabs.__getitem__,
        key=_TAB,
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    desk.extra[_TAB] = tab
    shows = {
        "stations": _show_stations,
        "stretches": show_stretches,
        "leaks": show_leaks,
        "ledger": show_ledger_tab,
    }
    shows.get(str(tab), _show_selected)(desk)
    _next_step(desk)


def _next_step(desk: Desk) -> None:
    """Show the way on: to the meeting where a dispute is open, and to the coverage."""
    with st.container(key="next_step", horizontal=True, gap="small"):
        disputes = len(desk.plan.open_disputes)
        if disputes:
            label = say("提交会商（{count}）→", count=disputes)
            st.button(label, key="to_meeting", type="primary", width="stretch", on_click=go, args=("meeting",))
        label = f"{say('查看覆盖')} →"
        st.button(label, key="next_coverage", type="primary", width="stretch", on_click=go, args=("coverage",))


def _show_selected(desk: Desk) -> None:
    chosen: Selection = desk.selection
    if chosen.kind == "station":
        show_station(desk, chosen.id)
    elif chosen.kind == "seam":
        show_seam(desk, chosen.id)
    elif chosen.kind == "segment":
        show_segment(desk, chosen)
    else:
        empty(
            say("尚未选中"),
            say("点击图上的道路、收费站或界点，这里说明它归谁、为什么。"),
        )


def _show_stations(desk: Desk) -> None:
    plan = desk.plan
    seams = plan.derived.ownership.seams
    stations = [s for s in plan.stations if s.kind not in NOT_OURS]
    heading(
        say("每一米归谁，为什么？"),
        say("{count} 个收费站 · {count_2} 个界点", count=len(stations), count_2=len(seams)),
        say("余量：改变界点需要否定多少米证据"),
    )
    if not stations:
        empty(
            say("没有收费站"),
            say("请核对地图是否标注了收费亭。"),
        )
    for station in stations:
        mine = [s for s in seams if s.station == station.id]
        margin = format_km(min((s.margin_m for s in mine), default=0.0))
        facts = f"{term(station.kind)} · {say_count('{count} 界点', len(mine))}"
        if mine:
            facts += f" · {say('余量 {margin}', margin=margin)}"
        label = f"**{plain(station.name or station.id)}**  \n{facts}"
        st.button(label, key=f"row_{station.id}", type="tertiary", width="stretch", on_click=_go_to, args=(station.id,))


def _go_to(station_id: str) -> None:
    desk = current_desk()
    station = next((s for s in desk.plan.stations if s.id == station_id), None)
    if station is not None:
        desk.select("station", station.id, (station.lon, station.lat))
        desk.jump(Target(place=(station.lon, station.lat), zoom=15.5))


BOUNDARY = Page(
    "boundary",
    both("划界"),
    both("每一米归谁，为什么？"),
    picture,
    card,
    marks=marks,
    options=show_options,
)
