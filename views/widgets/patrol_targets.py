"""The list of targets: filters and the chosen one in the card, the table with its ticks under the map."""

from __future__ import annotations

from typing import Any

import streamlit as st

from patrol.week import visits_of
from views.i18n import choose, format_clock, format_number, say, say_in
from views.state import Desk, Target, current_desk
from views.widgets.parts import empty, facts, heading, note, section, warn
from views.widgets.patrol_rows import (
    Filters,
    TargetRow,
    choose_rows,
    kind_label,
    off_of,
    road_label,
    rows_of,
    set_off,
    values_of,
)
from views.widgets.patrol_sources import show_sources
from views.widgets.patrol_state import store_of
from views.widgets.patrol_tables import table_of
from views.widgets.patrol_week import week_number, week_of, weekday
from views.widgets.patrol_wish import agency_letter, agency_name
from views.widgets.safe_text import one_line

_ZOOM = 15.0
_TABLE_PX = 214


def show_targets(desk: Desk) -> None:
    """Show filters, the target that is chosen, and where more targets come from."""
    rows = rows_of(desk)
    off = off_of(desk)
    ticked = sum(row.target.id not in off for row in rows)
    stretches = table_of(desk.plan).stretches
    sub = say("{ticked} 个要做，共 {total} 个", ticked=ticked, total=len(rows))
    if stretches:
        sub += " · " + say("管段 {count} 条", count=len(stretches))
    heading(say("今天谁去哪里，按什么顺序？"), say_in("many", "检查目标"), sub)
    if rows:
        listed = _show_filters(desk, rows)
        left, right = st.columns(2)
        left.button(
            say("只做所列 {count} 个", count=len(listed)),
            key="tick_listed",
            width="stretch",
            disabled=not listed,
            on_click=_tick_only,
            args=([row.target.id for row in listed],),
        )
        right.button(say("全部勾选"), key="tick_all", width="stretch", on_click=_tick_only, args=(None,))
        _show_chosen(desk, rows)
    else:
        empty(say("还没有目标"), say("由区域生成、上传目标表，或在图上点选。"))
    show_sources(desk)


def _show_filters(desk: Desk, rows: tuple[TargetRow, ...]) -> list[TargetRow]:
    store = store_of(desk)
    kept: Filters = store.get("filters", Filters())
    values = values_of(rows)
    left, right = st.columns(2)

    def pick(place: Any, name: str, label: str, *, show: Any) -> frozenset[str]:
        old = [value for value in values[name] if value in getattr(kept, name)]
        chosen = place.multiselect(
            label, values[name], default=old, key=f"filter_{name}", placeholder=say("全部"), format_func=show
        )
        return frozenset(chosen)

    def owner(value: str) -> str:
        return one_line(agency_name(desk, value), limit=20)

    kinds = pick(left, "kinds", say("类型"), show=kind_label)
    owners = pick(right, "owners", say("路权"), show=owner)
    agencies = pick(left, "agencies", say("单位"), show=lambda value: agencies_label(desk, value))
    due = _pick_due(desk, right, kept.due)
    skills = frozenset[str]()
    if values["skills"]:
        skills = pick(left, "skills", say("技能"), show=lambda value: one_line(value, limit=20))
    filters = Filters(kinds, owners, agencies, skills, due)
    store["filters"] = filters
    return listed_rows(desk)


def _pick_due(desk: Desk, place: Any, kept: str) -> str:
    week = week_of(desk)
    options = ["", "week", *([str(day) for day in range(len(week.days))] if week is not None else [])]

    def show(value: str) -> str:
        if value.isdigit():
            return say("{day}到期", day=weekday(int(value)))
        return say("本周到期") if value else say("全部")

    chosen = place.selectbox(
        say("到期"), options, index=options.index(kept) if kept in options else 0, key="filter_due", format_func=show
    )
    return str(chosen)


def listed_rows(desk: Desk) -> list[TargetRow]:
    """Return the rows that pass the filters as they are set."""
    filters: Filters = store_of(desk).get("filters", Filters())
    return choose_rows(rows_of(desk), filters, week=week_of(desk), number=week_number(desk))


def _tick_only(ids: list[str] | None) -> None:
    desk = current_desk()
    wanted = set(ids or ())
    set_off(desk, () if ids is None else (r.target.id for r in rows_of(desk) if r.target.id not in wanted))


def agencies_label(desk: Desk, agency: str) -> str:
    """Return who must come; two agencies are joined."""
    return "＋".join(one_line(agency_name(desk, part), limit=14) for part in agency.split("+"))


def letters(desk: Desk, agencies: str) -> str:
    """Return agencies by their letters, two joined."""
    return "＋".join(one_line(agency_letter(desk, part), limit=12) for part in agencies.split("+") if part)


def _show_chosen(desk: Desk, rows: tuple[TargetRow, ...]) -> None:
    row = next((r for r in rows if desk.selection.kind == "target" and r.target.id == desk.selection.id), None)
    if row is None:
        note(say("点图上或表中的目标看详情。"))
        return
    t = row.target
    section(one_line(t.name or t.id, limit=40))
    if row.trouble[0]:
        warn(choose(*row.trouble), kind="error")
    due = visits_of(t, week_number(desk))
    facts(
        [
            (say_in("code", "编号"), one_line(t.id, limit=48)),
            (say("类型"), kind_label(t.kind)),
            (say_in("rule", "依据"), _rule(row)),
            (say("路权"), agencies_label(desk, row.owner) if row.owner else ""),
            (say("单位"), agencies_label(desk, row.agency) if row.agency else ""),
            (say("进入道路"), road_label(row)),
            (say("现场"), say("{minutes} 分钟", minutes=format_number(t.service_s / 60))),
            (say("时间窗"), _window(t)),
            (say("每周"), say("{visits:g} 次 · 本周 {due} 次", visits=t.visits_per_week, due=due)),
            (say("技能"), one_line(t.skill, limit=24)),
        ]
    )
    left, right = st.columns(2)
    is_off = t.id in off_of(desk)
    left.button(say("要做") if is_off else say("不做"), key="tick_one", width="stretch", on_click=_tick, args=(t.id,))
    right.button(
        say("删除目标"),
        key="drop_target",
        width="stretch",
        on_click=_drop,
        args=(t.id,),
        disabled=desk.is_read_only,
    )


def _rule(row: TargetRow) -> str:
    if row.origin.rule:
        return one_line(f"{row.origin.rule} · {row.origin.source}", limit=110)
    return say("目标表")


def _window(target: Any) -> str:
    window = target.window
    return f"{format_clock(window.from_s)}–{format_clock(window.to_s)}" if window else say("全班次")


def _tick(ident: str) -> None:
    desk = current_desk()
    set_off(desk, off_of(desk) ^ {ident})


def _drop(ident: str) -> None:
    desk = current_desk()
    desk.clear()
    desk.decide("set_targets", "day", table_of(desk.plan).without([ident]).value(), why=say("在勤务页删除目标"))


def show_target_table(desk: Desk) -> None:
    """Show the listed targets under the map: a tick does one, a click on a cell brings the map there."""
    import pandas as pd

    rows, off = listed_rows(desk), off_of(desk)
    frame = pd.DataFrame(
        {
            say("目标"): [one_line(r.target.name or r.target.id, limit=40) for r in rows],
            say("类型"): [kind_label(r.target.kind) for r in rows],
            say("单位"): [letters(desk, r.agency) for r in rows],
            say("路权"): [letters(desk, r.owner) for r in rows],
            say("进入道路"): [road_label(r) for r in rows],
            say("时间窗"): [_window(r.target) if r.target.window else "" for r in rows],
            say_in("head", "分钟"): [round(r.target.service_s / 60) for r in rows],
            say("每周"): [r.target.visits_per_week for r in rows],
            say("技能"): [one_line(r.target.skill, limit=20) for r in rows],
            say_in("rule", "依据"): [_rule(r) for r in rows],
        }
    )
    store = store_of(desk)
    stamp = (desk.key, store.get("filters", Filters()), store.get("ticks", 0))
    if store.get("table_stamp") != stamp:
        store["table_stamp"] = stamp
        store["table_default"] = [k for k, r in enumerate(rows) if r.target.id not in off]
        store["table_shown"] = int(store.get("table_shown", 0)) + 1
    key = f"targets_table_{store['table_shown']}"
    st.dataframe(
        frame if any(r.target.skill for r in rows) else frame.drop(columns=say("技能")),
        key=key,
        hide_index=True,
        height=_TABLE_PX,
        width="stretch",
        on_select=_take_table,
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": store["table_default"], "columns": [], "cells": []}},
    )


def _take_table() -> None:
    """Take ticks and clicks of the table."""
    desk = current_desk()
    store = store_of(desk)
    state = st.session_state.get(f"targets_table_{store.get('table_shown')}")
    if state is None:
        return
    rows = listed_rows(desk)
    ticked = {rows[k].target.id for k in state.selection.rows if k < len(rows)}
    listed = {r.target.id for r in rows}
    store["off"] = frozenset((off_of(desk) - listed) | (listed - ticked))
    cell = next((int(row) for row, _ in state.selection.cells), None)
    if cell is not None and cell < len(rows) and cell != store.get("table_cell"):
        t = rows[cell].target
        desk.select("target", t.id, (t.lon, t.lat))
        desk.jump(Target(place=(t.lon, t.lat), zoom=_ZOOM))
    store["table_cell"] = cell
