"""Sealing 封控: one unit to every exit, the slowest as early as can be."""

from __future__ import annotations

import streamlit as st

from geo.errors import RoadseamError
from patrol.exits import Exit
from patrol.sealing import seal
from plan.demo import demo_tables
from views.crews import units_of
from views.i18n import format_minutes, pick_sentence, say, term
from views.pictures.points import NOT_OURS
from views.pictures.sealing import Sealed
from views.state import DEMO, Desk, current_desk, graph_of
from views.widgets.parts import empty, facts, heading, note, table, warn
from views.widgets.safe_text import one_line

_RESULT = "sealing"


def exits_of(desk: Desk) -> tuple[Exit, ...]:
    """Return what can be sealed: the demo's roads out of the district, or the toll stations of the map."""
    if desk.opened.origin == DEMO:
        return demo_tables().exits
    return tuple(
        Exit(s.name or s.id, s.lon, s.lat)
        for s in {(s.name or s.id): s for s in desk.plan.stations if s.kind not in NOT_OURS}.values()
    )


def sealing_of(desk: Desk) -> Sealed | None:
    """Return the sealing last computed for the plan as it is."""
    result: tuple[str, Sealed] | None = desk.extra.get(_RESULT)
    return result[1] if result is not None and result[0] == desk.key else None


def show_sealing(desk: Desk) -> None:
    """Show exits to choose from, and the answer."""
    heading(
        say("突发事件：一个出口一个单元，最慢者尽早到"),
        say("封控"),
    )
    exits, units = exits_of(desk), units_of(desk.plan)
    if not exits or not units:
        empty(
            say("没有出口或单元"),
            say("在覆盖页填写单元；出口取自地图上的收费站。"),
        )
        return
    names = [e.id for e in exits]
    st.multiselect(
        say("要封控的出口"),
        names,
        default=names,
        key="exits",
        format_func=lambda n: one_line(n, limit=24),
    )
    st.button(say("计算封控"), key="seal", type="primary", width="stretch", on_click=_compute)
    sealed = sealing_of(desk)
    if sealed is None:
        if desk.extra.get(_RESULT) is not None:
            warn(say("结果已过期 · 请重新计算"), kind="stale")
        return
    agencies = {a.id: a.letter for a in desk.plan.agencies}
    facts(
        [
            (say("最慢到位"), format_minutes(sealed.sealing.slowest_s)),
            (say("合计"), format_minutes(sealed.sealing.sum_s)),
        ]
    )
    rows = [
        (row.exit, f"{row.unit}", agencies.get(row.agency, term(row.agency)), format_minutes(row.time_s))
        for row in sorted(sealed.sealing.assignment, key=lambda r: (-r.time_s, r.exit))
    ]
    table((say("出口"), say("单元"), say("单位"), say("到位")), rows)
    note(say("先使最慢者最早到位，再使合计最小。"))


def _compute() -> None:
    desk = current_desk()
    wanted = set(st.session_state.get("exits") or ())
    exits, units = tuple(e for e in exits_of(desk) if e.id in wanted), units_of(desk.plan)
    try:
        sealing = seal(graph_of(desk), units, exits)
    except RoadseamError as error:
        desk.message = pick_sentence(str(error))
        return
    desk.extra[_RESULT] = (desk.key, Sealed(sealing, units, exits))
