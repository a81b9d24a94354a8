"""Boundary 划界: whose is each metre, and why? Stations, seams, conventions, leaks, ledger."""

from __future__ import annotations

import streamlit as st

from plan.results import leaks_json
from views.catalogue import both
from views.i18n import format_km, say, say_count, say_in, term
from views.pages.page import Page
from views.pictures.moved import draw_moved
from views.pictures.owners import describe, draw_owners
from views.pictures.points import NOT_OURS
from views.state import Desk, Selection, Target, current_desk
from views.widgets.map_view import Mark, Picture
from views.widgets.options import present_preview, show_options
from views.widgets.parts import empty, facts, heading, next_step, note, section, table
from views.widgets.road_card import show_segment
from views.widgets.safe_text import plain
from views.widgets.seam_cards import show_seam, show_station

_TAB = "boundary_tab"
_FOR = "boundary_tab_for"
_LEAK = "leak"


def picture(desk: Desk) -> Picture:
    """Return the split; in a preview, what would move; key B shows how it was before."""
    plan, preview = desk.plan, present_preview(desk)
    if preview is not None:
        key, after = desk.with_convention(*preview)
        return Picture(("moved", key, desk.key), lambda: draw_moved(after, plan), describe(plan))
    if desk.undo_steps:
        before = plan.undo()
        return Picture(("owners+", desk.key), lambda: draw_owners(plan, before=before), describe(plan))
    return Picture(("owners", desk.key), lambda: draw_owners(plan), describe(plan))


def marks(desk: Desk) -> list[Mark]:
    """Return the path of the leak that is looked at."""
    number = desk.extra.get(_LEAK)
    leaks = desk.plan.derived.ownership.leaks
    if number is None or number >= len(leaks):
        return []
    network = desk.plan.derived.network
    paths = (network.points(row) for row in leaks[number].path)
    return [Mark(tuple((float(lon), float(lat)) for lon, lat in line)) for line in paths]


def card(desk: Desk) -> None:
    """Show what is selected, or stations, leaks or the ledger."""
    tabs = {
        "detail": say("选中"),
        "stations": say_in("many", "收费站"),
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
    shows = {"stations": _show_stations, "leaks": _show_leaks, "ledger": _show_ledger}
    shows.get(str(tab), _show_selected)(desk)
    next_step(say("查看覆盖"), "coverage")


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


def _show_leaks(desk: Desk) -> None:
    leaks = leaks_json(desk.plan.derived)
    heading(
        say("高速与普通公路不经收费站相通之处"),
        say("{count} 处泄漏", count=len(leaks)),
    )
    if not leaks:
        empty(say("没有泄漏"), say("每条连通路径都经过收费站。"))
    for number, leak in enumerate(leaks):
        section(say("节点 {osm_node}", osm_node=leak["osm_node"]))
        facts(
            [
                (say("路径长度"), format_km(leak["length_m"])),
                (say("可整段通行"), say("是") if leak["drivable"] else say("否")),
                (say("最省的补救"), say("在此商定一个界点")),
            ]
        )
        shown = desk.extra.get(_LEAK) == number
        label = say("收起路径") if shown else say("看路径")
        st.button(label, key=f"leak_{number}", width="stretch", on_click=_show_path, args=(number,))


def _show_path(number: int) -> None:
    desk = current_desk()
    if desk.extra.get(_LEAK) == number:
        desk.extra[_LEAK] = None
        return
    desk.extra[_LEAK] = number
    network, leak = desk.plan.derived.network, desk.plan.derived.ownership.leaks[number]
    lon, lat = float(network.nodes.lon[leak.junction]), float(network.nodes.lat[leak.junction])
    desk.jump(Target(place=(lon, lat), zoom=15.5))


def _show_ledger(desk: Desk) -> None:
    plan = desk.plan
    groups = {
        "owner": say("归属"),
        "agency": say("单位"),
        "class": say("等级"),
        "route": say("编号"),
        "town": say("乡镇"),
        "state": say("状态"),
    }
    heading(say("账目"), format_km(plan.derived.ledger.total_mm / 1000))
    group = st.segmented_control(
        say("分组"),
        list(groups),
        format_func=groups.__getitem__,
        key="ledger_group",
        default="agency",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    names = {agency.id: f"{agency.letter} {agency.name}" for agency in plan.agencies}
    rows = sorted((r for r in plan.derived.ledger.rows if r.group == group), key=lambda r: (-r.length_mm, r.key))
    label = names.get if group == "agency" else term
    shown = [
        (
            (label(r.key) or term(r.key)) if r.key else say("（无）"),
            f"{r.segments:,}",
            format_km(r.length_mm / 1000),
        )
        for r in rows[:40]
    ]
    table((groups[str(group)], say_in("many", "路段"), say("里程")), shown, numbers=2)
    note(say("各种分组的合计相同，精确到毫米。"))


BOUNDARY = Page(
    "boundary",
    both("划界"),
    both("每一米归谁，为什么？"),
    picture,
    card,
    marks=marks,
    options=show_options,
)
