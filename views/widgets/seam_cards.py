"""Side cards of a station and of a seam: what it is, why the seam lies there, how firmly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from jurisdiction.ownership import Seam
from plan.model import Plan
from views.catalogue import Words
from views.i18n import format_km, say, say_in, term
from views.map.palette import owner_style
from views.pictures.points import NOT_OURS
from views.state import Desk, Target, current_desk
from views.widgets.boundary_acts import show_comments, show_handover, show_lock, told_comments
from views.widgets.boundary_drag import present_drag, start_drag, withdraw
from views.widgets.boundary_move import seam_title, show_move
from views.widgets.boundary_work import act
from views.widgets.markup import element
from views.widgets.meeting_raise import show_raise
from views.widgets.options import moved_facts, placed_at, present_convention, present_preview
from views.widgets.parts import bars, empty, facts, heading, note, section, sentence, table, warn
from views.widgets.safe_text import plain

_COLORS = {
    "ordinary": owner_style(0, Words("")).color,
    "expressway": owner_style(1, Words("")).color,
}


def show_station(desk: Desk, ident: str) -> None:
    """Show the card of a station."""
    plan = desk.plan
    station = next((s for s in plan.stations if s.id == ident), None)
    if station is None:
        _gone()
        return
    seams = [s for s in plan.derived.ownership.seams if s.station == ident]
    others = [name for name in station.names if name != station.name]
    heading(
        f"{say('收费站')} · {term(station.kind)}",
        station.name or say("未命名收费站"),
        say("又名 ") + "、".join(others) if others else "",
    )
    facts(
        [
            (say_in("many", "界点"), str(len(seams))),
            (say("车道"), str(station.lanes) if station.lanes else ""),
            (say("收费亭"), str(len(station.booths))),
            (
                say("划界方式"),
                term(present_convention(plan, ident)) if station.kind not in NOT_OURS else "",
            ),
            (say_in("code", "编号"), station.id),
        ]
    )
    if station.kind in NOT_OURS:
        note(say("不是本系统的收费站，不产生界点。"))
        return
    if not seams:
        note(say("此站两侧归属相同，没有界点。"))
        return
    _show_preview(desk)
    _show_why(plan, seams)
    _show_doubts(desk, seams)
    section(say("可以做什么"))
    show_lock(desk, desk.selection)
    show_raise(desk, station.id, title=f"{station.name or station.id}界点的管辖")
    show_comments(desk, desk.selection)
    _show_seams(desk, seams)
    st.button(
        say("缩放到此站"),
        key="zoom",
        width="stretch",
        on_click=_zoom,
        args=(station.lon, station.lat),
    )


def _show_preview(desk: Desk) -> None:
    """Show what the previewed option moves, agency by agency."""
    preview = present_preview(desk)
    if preview is None:
        return
    section(say("预览：{name}", name=term(preview[0])))
    rows = moved_facts(desk.plan, desk.with_convention(*preview)[1])
    if rows:
        table((say("单位"), say_in("short", "里程")), rows)
    else:
        note(say("这里没有路段改变归属。"))


def _show_seams(desk: Desk, seams: Sequence[Seam]) -> None:
    """Show the seams of a station, each a button that selects it."""
    placed = placed_at(desk.plan, seams[0].station)
    with st.expander(say("此站的界点 · {count}", count=len(seams))):
        for number, seam in enumerate(sorted(seams, key=lambda s: (s.margin_m, s.id)), start=1):
            margin = say("余量 {margin}", margin=format_km(seam.margin_m))
            kind = term("agreed") if seam.id in placed else term(seam.kind)
            st.button(
                f"{number} · {kind} · {margin}",
                key=f"seam_{seam.id}",
                width="stretch",
                on_click=_to_seam,
                args=(seam.id,),
            )


def _to_seam(ident: str) -> None:
    desk = current_desk()
    seam = next((s for s in desk.plan.derived.ownership.seams if s.id == ident), None)
    if seam is not None:
        desk.select("seam", ident, (seam.lon, seam.lat))
        desk.jump(Target(place=(seam.lon, seam.lat), zoom=17.0))


def _zoom(lon: float, lat: float) -> None:
    current_desk().jump(Target(place=(lon, lat), zoom=16.5))


def _show_why(plan: Plan, seams: Sequence[Seam]) -> None:
    """Show the votes on both sides of the seams, and how much must be overturned to move the weakest."""
    section(say("为什么在这里"))
    ownership = plan.derived.ownership
    metres: dict[tuple[str, str], float] = defaultdict(float)
    for row in sorted({row for seam in seams for row in (*seam.expressway, *seam.ordinary)}):
        vote = ownership.reasons(row)[0]
        metres[str(vote["for"]), str(vote["vote"])] += float(str(vote["evidence_m"]))
    rows = sorted(
        ((side, name, size) for (side, name), size in metres.items() if size), key=lambda r: (r[0], -r[2], r[1])
    )
    bars([(term(name), size, _COLORS[side], "") for side, name, size in rows])
    note(say("紧邻界点的路段对两侧的证据（米）：橙 = 高速，蓝 = 普通"))
    least = min(s.margin_m for s in seams)
    sentence(
        say("改变此界点需否定 "),
        element("b", format_km(least)),
        say(" 证据。"),
    )


def _show_doubts(desk: Desk, seams: Sequence[Seam]) -> None:
    """Show leaks at the seams: paths that cross no booth."""
    plan = desk.plan
    nodes = {s.node for s in seams}
    for number, leak in enumerate(plan.derived.ownership.leaks):
        if leak.junction not in nodes:
            continue
        section(say("要核实"))
        node = int(plan.derived.network.nodes.id[leak.junction])
        warn(say("节点 {node} 处的界点没有收费亭：高速与普通公路在此不经收费站相通。", node=node))
        st.button(say("看路径和补救"), key=f"to_leak_{number}", width="stretch", on_click=_to_leak, args=(number,))


def _to_leak(number: int) -> None:
    desk = current_desk()
    desk.clear()
    desk.extra["leak"] = number
    st.session_state["boundary_tab"] = "leaks"


def show_seam(desk: Desk, ident: str) -> None:
    """Show the card of a seam."""
    plan = desk.plan
    seam = next((s for s in plan.derived.ownership.seams if s.id == ident), None)
    if seam is None:
        _gone()
        return
    drag = present_drag(desk)
    if drag is not None:
        show_move(desk, drag, about=seam_title(desk, ident))
        return
    station = next((s.name or s.id for s in plan.stations if s.id == seam.station), "")
    placed = placed_at(plan, seam.station) if seam.station else {}
    heading(
        say("界点"), station or term(seam.kind), term(seam.kind) if station else told_comments(plan, desk.selection)
    )
    _show_seam_facts(desk, seam)
    _show_preview(desk)
    _show_why(plan, [seam])
    _show_doubts(desk, [seam])
    section(say("可以做什么"))
    st.button(
        say("沿路移动界点"),
        key="drag_start",
        type="primary",
        icon=":material/open_with:",
        width="stretch",
        on_click=start_drag,
        args=(ident,),
    )
    if ident in placed:
        st.button(say("撤回商定"), key="withdraw", width="stretch", on_click=_withdraw, args=(placed[ident],))
    show_lock(desk, desk.selection)
    show_raise(desk, seam.station, title=f"{station or term(seam.kind)}界点的管辖", seam=seam)
    show_comments(desk, desk.selection)
    show_handover(desk, ident)
    if station:
        label = say("查看收费站 ") + plain(station, limit=24)
        st.button(label, key="to_station", width="stretch", on_click=_to_station, args=(seam.station,))


def _show_seam_facts(desk: Desk, seam: Seam) -> None:
    plan = desk.plan
    key = placed_at(plan, seam.station).get(seam.id, "") if seam.station else ""
    made = plan.latest("place_seam").get(key)
    anchors = (made.value.get("anchors") or [[]])[0] if made else []
    facts(
        [
            (say("OSM 节点"), str(int(plan.derived.network.nodes.id[seam.node]))),
            (say("坐标"), f"{seam.lon:.6f}, {seam.lat:.6f}"),
            (say("桩号"), str(anchors[3]) if len(anchors) > 3 else ""),  # noqa: PLR2004 - lon, lat, name, stake
            (say("此处的代价"), format_km(seam.price_m)),
            (say("划界方式"), term("agreed") if made else term(present_convention(plan, seam.station or "*"))),
            (say("商定理由"), made.why if made else ""),
        ]
    )


def _withdraw(key: str) -> None:
    desk = current_desk()
    station = next((s.station for s in desk.plan.derived.ownership.seams if s.id == desk.selection.id), "")
    if act(desk, withdraw(key)) and station:
        _to_station(station)


def _to_station(ident: str) -> None:
    desk = current_desk()
    station = next((s for s in desk.plan.stations if s.id == ident), None)
    if station is not None:
        desk.select("station", ident, (station.lon, station.lat))


def _gone() -> None:
    empty(
        say("已不在图上"),
        say("划界改变后此处没有该对象，请在图上重新选择。"),
    )
