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
from views.widgets.markup import element
from views.widgets.meeting_raise import show_raise
from views.widgets.options import present_convention
from views.widgets.parts import bars, empty, facts, heading, note, section, sentence, warn
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
    _show_why(plan, seams)
    _show_doubts(plan, seams)
    show_raise(desk, station.id, title=f"{station.name or station.id}界点的管辖")
    st.button(
        say("缩放到此站"),
        key="zoom",
        width="stretch",
        on_click=_zoom,
        args=(station.lon, station.lat),
    )


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


def _show_doubts(plan: Plan, seams: Sequence[Seam]) -> None:
    """Show seams of the station that lie at no booth."""
    nodes = {s.node for s in seams if s.kind not in {"booth", "plaza"}}
    leaks = [leak for leak in plan.derived.ownership.leaks if leak.junction in nodes]
    for leak in leaks:
        node = int(plan.derived.network.nodes.id[leak.junction])
        warn(say("要核实：节点 {node} 处界点没有收费亭，见“泄漏”页。", node=node))


def show_seam(desk: Desk, ident: str) -> None:
    """Show the card of a seam."""
    plan = desk.plan
    seam = next((s for s in plan.derived.ownership.seams if s.id == ident), None)
    if seam is None:
        _gone()
        return
    station = next((s.name or s.id for s in plan.stations if s.id == seam.station), "")
    heading(say("界点"), term(seam.kind), station)
    facts(
        [
            (say("OSM 节点"), str(int(plan.derived.network.nodes.id[seam.node]))),
            (say("坐标"), f"{seam.lon:.6f}, {seam.lat:.6f}"),
            (say("此处的代价"), format_km(seam.price_m)),
            (say("划界方式"), term(present_convention(plan, seam.station or "*"))),
        ]
    )
    _show_why(plan, [seam])
    _show_doubts(plan, [seam])
    show_raise(desk, seam.station, title=f"{station or term(seam.kind)}界点的管辖", seam=seam)
    if station:
        label = say("查看收费站 ") + plain(station, limit=24)
        st.button(label, key="to_station", width="stretch", on_click=_to_station, args=(seam.station,))


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
