"""The ledger bar: what belongs to whom, always true; each figure jumps to its place on the map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from jurisdiction.ledger import NOBODY, PENDING
from plan.model import Plan
from views.i18n import format_km, say, say_in
from views.state import Desk, Target, current_desk, keep
from views.widgets.markup import element, show
from views.widgets.parts import go

_LISTED = ("ordinary", "expressway", "none", "contested")


def show_ledger(desk: Desk) -> None:
    """Show the figures of the ledger."""
    ledger = desk.plan.derived.ledger
    owners = keep(("held", desk.key), lambda: held_mm(desk.plan))
    names = {
        "ordinary": say_in("class", "普通"),
        "expressway": say("高速"),
        "none": say("无主"),
        "contested": say_in("owner", "争议"),
    }
    for key in _LISTED:
        label = f"{names[key]} **{format_km(owners[key] / 1000)}**"
        st.button(label, key=f"ledger_{key}", type="tertiary", on_click=_jump, args=(key,))
    pending = format_km(ledger.of("state")[PENDING] / 1000)
    label = say("待移交 **{pending}**", pending=pending)
    st.button(label, key="ledger_handover", type="tertiary", on_click=_jump, args=(PENDING,))
    leaks = len(desk.plan.derived.ownership.leaks)
    label = say("泄漏 **{leaks} 处**", leaks=leaks)
    st.button(label, key="ledger_leaks", type="tertiary", on_click=_jump_to_leak)
    total = say("合计 {total_mm}", total_mm=format_km(ledger.total_mm / 1000))
    proof = say("每一米恰有一个归属")
    show(element("span", total, element("span", f" · {proof}", css="rs-wide"), css="rs-quiet", title=proof))


def _jump_to_leak() -> None:
    desk = current_desk()
    derived = desk.plan.derived
    leaks, nodes = derived.ownership.leaks, derived.network.nodes
    if leaks:
        at = leaks[0].junction
        desk.extra["leak"] = 0
        desk.jump(Target(place=(float(nodes.lon[at]), float(nodes.lat[at])), zoom=15.5))
    desk.clear()
    st.session_state["boundary_tab"] = "leaks"
    go("boundary")


def _jump(key: str) -> None:
    desk = current_desk()
    box = bounds_of_owner(desk.plan, key)
    if box is not None:
        desk.jump(Target(bounds=box))
    else:
        desk.message = "没有这一类路段，图上无处可跳。 / There is no such road: nowhere to jump to."
    desk.clear()
    st.session_state["boundary_tab"] = "ledger"
    go("boundary")


def held_mm(plan: Plan) -> dict[str, int]:
    """Return owner to millimetres, with every road that has no agency counted as nobody's; they add up to the whole."""
    derived = plan.derived
    held, length = _held(plan), derived.network.segments.length_mm
    return {key: int(length[held == key].sum()) for key in _LISTED}


def _held(plan: Plan) -> npt.NDArray[np.object_]:
    settled = plan.derived.settlement
    pairs = zip(settled.owner, settled.state, strict=True)
    return np.array([NOBODY if state == NOBODY else owner for owner, state in pairs], dtype=object)


def bounds_of_owner(plan: Plan, owner: str) -> tuple[float, float, float, float] | None:
    """Return (west, south, east, north) of the roads of one owner or state, ``None`` where there are none."""
    network = plan.derived.network
    held = np.array(plan.derived.settlement.state, dtype=object) if owner == PENDING else _held(plan)
    rows = np.flatnonzero(held == owner)
    if not len(rows):
        return None
    nodes = np.concatenate((network.segments.u[rows], network.segments.v[rows]))
    lon, lat = network.nodes.lon[nodes], network.nodes.lat[nodes]
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())
