"""The ledger: metres by owner, state, agency, class, route or town; each figure jumps to its roads."""

from __future__ import annotations

import streamlit as st

from jurisdiction.ledger import OWNERS, STATES, JumpRow, list_jumps
from plan.model import Plan
from views.console.agencyjobs import ledger_keys
from views.i18n import format_km, format_number, say, say_in, term
from views.state import Desk, Target, current_desk, keep
from views.widgets.parts import heading, note
from views.widgets.safe_text import plain

GROUP = "ledger_group"
_MOST_ROWS = 60
_MEANT: dict[str, tuple[str, ...]] = {"owner": OWNERS, "state": STATES}


def show_ledger_tab(desk: Desk) -> None:
    """Show one grouping of the ledger; each row is a button."""
    groups = {
        "owner": say("归属"),
        "state": say("状态"),
        "agency": say("单位"),
        "class": say("等级"),
        "route": say("编号"),
        "town": say("乡镇"),
    }
    heading(say("账目"), format_km(desk.plan.derived.ledger.total_mm / 1000))
    group = str(
        st.segmented_control(
            say("分组"),
            list(groups),
            format_func=groups.__getitem__,
            key=GROUP,
            default="agency",
            required=True,
            label_visibility="collapsed",
            width="stretch",
        )
    )
    rows = ledger_rows(desk, group)
    for number, row in enumerate(rows[:_MOST_ROWS]):
        figures = f"{format_km(row.length_mm / 1000)}　{say('{count} 段', count=format_number(row.segments))}"
        name = plain(row_name(desk.plan, group, row.key), limit=40)
        st.button(
            f"**{name}**  \n{figures}",
            key=f"row_{group}_{number}",
            type="tertiary",
            width="stretch",
            on_click=_jump,
            args=(group, row.key),
            disabled=row.bounds is None,
        )
    if len(rows) > _MOST_ROWS:
        note(say("只列最长的 {shown} 行，共 {count} 行。", shown=_MOST_ROWS, count=len(rows)))
    note(say("点一行跳到它的路段。各种分组的合计相同，精确到毫米。"))


def ledger_rows(desk: Desk, group: str) -> tuple[JumpRow, ...]:
    """Return the lines of a grouping, longest first; computed once a plan."""
    derived = desk.plan.derived
    return keep(
        ("ledger", desk.key, group),
        lambda: list_jumps(derived.network, ledger_keys(derived, group), always=_MEANT.get(group, ())),
    )


def row_name(plan: Plan, group: str, key: str) -> str:
    """Return what a line of the ledger is called."""
    if not key:
        return say("（无）")
    if group == "agency":
        named = {a.id: f"{a.letter} {a.name}" for a in plan.agencies}
        return named.get(key, term(key))
    if group == "state" and key == "owned":
        return say_in("state", "归属明确")
    return key if group in {"route", "town"} else term(key)


def _jump(group: str, key: str) -> None:
    desk = current_desk()
    row = next((r for r in ledger_rows(desk, group) if r.key == key), None)
    if row is not None and row.bounds is not None:
        desk.jump(Target(bounds=row.bounds))
