"""Leaks: where expressway and ordinary roads meet without a station, the path, and the repairs, each with a button."""

from __future__ import annotations

import streamlit as st

from jurisdiction.leaks import Leak
from jurisdiction.repairs import Repair, find_repairs
from plan.decisions import Decision
from plan.model import Plan
from plan.stationfixes import BOOTHS
from views.i18n import format_km, say, say_count
from views.pictures.points import NOT_OURS
from views.state import Desk, Target, current_desk
from views.widgets.boundary_work import act, spot_at, way_key
from views.widgets.map_view import Mark
from views.widgets.parts import empty, facts, heading, note, section, warn

LEAK = "leak"
_TOLD = "leak_told"


def show_leaks(desk: Desk) -> None:
    """Show every leak with its path and its repairs."""
    leaks = desk.plan.derived.ownership.leaks
    heading(say("高速与普通公路不经收费站相通之处"), say_count("{count} 处泄漏", len(leaks)))
    told = str(desk.extra.pop(_TOLD, "") or "")
    if told:
        warn(told, kind="note")
    if not leaks:
        empty(say("没有泄漏"), say("每条连通路径都经过收费站。"))
        return
    for number, leak in enumerate(leaks):
        _show_leak(desk, number, leak)


def _show_leak(desk: Desk, number: int, leak: Leak) -> None:
    plan = desk.plan
    node = int(plan.derived.network.nodes.id[leak.junction])
    section(say("节点 {osm_node}", osm_node=node))
    repairs = find_repairs(plan.derived.ownership, leak)
    facts(
        [
            (say("路径长度"), format_km(leak.length_m)),
            (say("可整段通行"), say("是") if leak.is_drivable else say("否")),
            (say("最省的补救"), repair_text(plan, repairs[0])),
        ]
    )
    shown = desk.extra.get(LEAK) == number
    label = say("收起路径") if shown else say("看路径")
    st.button(label, key=f"leak_{number}", width="stretch", on_click=_show_path, args=(number,))
    _show_repair(desk, number, repairs[0], key=f"repair_{number}_0")
    if len(repairs) > 1:
        with st.expander(say("其他补救")):
            for k, repair in enumerate(repairs[1:], start=1):
                note(repair_text(plan, repair))
                _show_repair(desk, number, repair, key=f"repair_{number}_{k}")


def _show_repair(desk: Desk, number: int, repair: Repair, *, key: str) -> None:
    names = {"add_booth": say("补上收费亭"), "agree_seam": say("商定此界点"), "override_class": say("改判这条路")}
    st.button(
        names[repair.action],
        key=key,
        type="primary" if key.endswith("_0") else "secondary",
        on_click=_take,
        args=(number, repair.action),
        disabled=desk.is_read_only,
        width="stretch",
    )


def repair_text(plan: Plan, repair: Repair) -> str:
    """Return what a repair does and what it costs, in one sentence."""
    network = plan.derived.network
    cost = format_km(repair.cost_m)
    if repair.action == "add_booth":
        return say("地图漏画了收费亭：在节点 {node} 补上，不否定任何证据。", node=int(network.nodes.id[repair.node]))
    if repair.action == "agree_seam":
        return say(
            "双方商定界点就在节点 {node}，否定 {cost} 证据。", node=int(network.nodes.id[repair.node]), cost=cost
        )
    way = way_key(plan, repair.segment)
    return say("把道路 {way} 改判给另一方，否定 {cost} 证据。", way=way, cost=cost)


def repair_decision(plan: Plan, leak: Leak, repair: Repair) -> Decision | None:
    """Return the decision that takes a repair, ``None`` where what it is about is gone."""
    derived = plan.derived
    if repair.action == "add_booth":
        node = int(derived.network.nodes.id[repair.node])
        return Decision("correct_station", _station_near(plan, leak) or f"n{node}", {BOOTHS: [node]})
    if repair.action == "agree_seam":
        seam = next((s for s in derived.ownership.seams if s.node == repair.node), None)
        spot = None if seam is None else spot_at(plan, seam.node, (*seam.ordinary, *seam.expressway))
        if seam is None or spot is None:
            return None
        return Decision("place_seam", seam.id, {"segment": spot.segment, "offset_m": round(spot.offset_m, 3)})
    other = "ordinary" if derived.ownership.expressway[repair.segment] else "expressway"
    return Decision("override_class", way_key(plan, repair.segment), {"class": other})


def _station_near(plan: Plan, leak: Leak) -> str:
    """Return the station of the leak's seam, ``""`` where it has none or it is not of the toll system."""
    seam = next((s for s in plan.derived.ownership.seams if s.node == leak.junction), None)
    ours = {s.id for s in plan.stations if s.kind not in NOT_OURS}
    return seam.station if seam is not None and seam.station in ours else ""


def take_repair(desk: Desk, number: int, action: str) -> bool:
    """Take a repair of a leak, and say how many leaks are left."""
    own = desk.plan.derived.ownership
    leak = own.leaks[number] if number < len(own.leaks) else None
    repair = next((r for r in find_repairs(own, leak) if r.action == action), None) if leak else None
    made = repair_decision(desk.plan, leak, repair) if leak and repair else None
    if repair is None or made is None:
        desk.message = "这处泄漏已不在图上，请重新选择。 / This leak is no longer on the map: choose again."
        return False
    before = len(own.leaks)
    if not act(desk, Decision(made.kind, made.key, made.value, why="泄漏补救 / repair of a leak")):
        return False
    after = len(desk.plan.derived.ownership.leaks)
    desk.extra[LEAK] = None
    desk.extra[_TOLD] = say("泄漏由 {before} 处变为 {after} 处；可撤销。", before=before, after=after)
    return True


def _take(number: int, action: str) -> None:
    take_repair(current_desk(), number, action)


def _show_path(number: int) -> None:
    desk = current_desk()
    if desk.extra.get(LEAK) == number:
        desk.extra[LEAK] = None
        return
    desk.extra[LEAK] = number
    box = leak_bounds(desk.plan, number)
    if box is not None:
        desk.jump(Target(bounds=box, zoom=17.0))


def leak_bounds(plan: Plan, number: int) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) of a leak's path, ``None`` where there is no such leak."""
    leaks, network = plan.derived.ownership.leaks, plan.derived.network
    if number >= len(leaks):
        return None
    points = [network.points(row) for row in leaks[number].path]
    west, south = (min(float(line[:, k].min()) for line in points) for k in (0, 1))
    east, north = (max(float(line[:, k].max()) for line in points) for k in (0, 1))
    return west, south, east, north


def leak_marks(desk: Desk) -> list[Mark]:
    """Return the path of the leak that is looked at, and a ring where the owner changes."""
    number = desk.extra.get(LEAK)
    leaks = desk.plan.derived.ownership.leaks
    if not isinstance(number, int) or number >= len(leaks):
        return []
    network = desk.plan.derived.network
    lines = [tuple((float(lon), float(lat)) for lon, lat in network.points(row)) for row in leaks[number].path]
    at = leaks[number].junction
    return [*(Mark(line) for line in lines), Mark(((float(network.nodes.lon[at]), float(network.nodes.lat[at])),))]
