"""The doctor on the network page: the list of findings in the tray, one finding explained, and its tick."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from geo.findings import Finding, Severity, sort_findings
from plan.doctor import COMMENT, examine_plan, review, review_key, reviews
from views.i18n import choose, format_km, language, say, say_count, say_in, term
from views.pictures.points import finding_id
from views.state import Desk, Target, current_desk, keep, plan_key
from views.widgets.markup import element
from views.widgets.parts import facts, heading, note, section, sentence, table, warn
from views.widgets.safe_text import one_line

TAB = "network_tab"
MORE = "more_findings"
"""Name under which the desk keeps findings of tables and comparisons of this session."""
_LONGEST_REASON = 200
_ZOOM = 16.5


def question() -> str:
    """Return the question of the page."""
    return say("这张路网可信吗？")


def land_key(desk: Desk) -> str:
    """Return the hash of the network and of all decisions but comments, which change nothing on the map."""
    return plan_key(desk.network_key, tuple(d for d in desk.history.decisions if d.kind != COMMENT))


def listed_findings(desk: Desk) -> tuple[Finding, ...]:
    """Return everything doubtful: of the plan and its map, and of the tables that were held against it."""
    today = datetime.now(tz=UTC).date()
    found = keep(("doctor", land_key(desk), today.isoformat()), lambda: examine_plan(desk.plan, today=today))
    more = [f for some in desk.extra.get(MORE, {}).values() for f in some]
    return sort_findings({*found, *more}) if more else found


def findings_key(desk: Desk) -> tuple[object, ...]:
    """Return what names the list of findings: equal keys are equal lists."""
    more = desk.extra.get(MORE, {})
    return (land_key(desk), tuple((name, len(some), hash(some)) for name, some in sorted(more.items())))


def chosen_finding(desk: Desk) -> tuple[Finding, int] | None:
    """Return the finding that is selected and the number of its place."""
    if desk.selection.kind != "finding":
        return None
    row, _, place = desk.selection.id.removeprefix("f").partition(".")
    findings = listed_findings(desk)
    if not (row.isdecimal() and place.isdecimal()) or int(row) >= len(findings):
        return None
    return findings[int(row)], min(int(place), max(len(findings[int(row)].places) - 1, 0))


def show_doctor(desk: Desk) -> None:
    """Show how the network is, or the finding that is selected."""
    found = chosen_finding(desk)
    if found is not None:
        _show_finding(desk, *found)
        return
    findings = listed_findings(desk)
    ticked = reviews(desk.plan, findings)
    worst = next((f for k, f in enumerate(findings) if k not in ticked and f.severity != Severity.NOTE), None)
    title = say("没有待处理的问题") if worst is None else say("有问题待处理")
    heading(question(), title, _source_line(desk))
    rows = []
    for level in Severity:
        mine = [k for k, f in enumerate(findings) if f.severity == level]
        metres = sum(findings[k].length_m for k in mine)
        done = sum(k in ticked for k in mine)
        rows.append((term(level), str(len(mine)), str(done), format_km(metres) if metres else "–"))
    table(
        (say("程度"), say("条数"), say("已复核"), say("里程")),
        rows,
        numbers=3,
    )
    note(say("下表每行是一类问题：点一行，地图放大到该处并说明；复核后写明理由打勾。"))
    if worst is not None:
        section(say("最先要看的"))
        sentence(choose(worst.message, worst.message_en))
        row = findings.index(worst)
        st.button(say("带我去看"), key="first_finding", width="stretch", on_click=look_at, args=(row,))


def _source_line(desk: Desk) -> str:
    """Return what was examined in one line: file, newest edit, hash, length."""
    network = desk.plan.network
    source = network.source
    parts = (source.name, source.newest_edit[:10], source.sha256[:12], format_km(network.length_mm / 1000))
    return " · ".join(part for part in parts if part)


def _show_finding(desk: Desk, finding: Finding, place: int) -> None:
    many = say_count("{count} 处", finding.count)
    heading(say("体检发现"), f"{term(finding.severity)} · {many}")
    sentence(_what(finding))
    sentence(element("b", say("怎么办：")), choose(finding.remedy, finding.remedy_en))
    facts(
        [
            (say("涉及里程"), format_km(finding.length_m) if finding.length_m else ""),
            (say("对象"), one_line(finding.things[place]) if place < len(finding.things) else ""),
            (say("代码"), finding.code),
        ]
    )
    if len(finding.places) > 1:
        left, right = st.columns(2)
        left.button(say("← 上一处"), key="previous_place", width="stretch", on_click=step_place, args=(-1,))
        right.button(say("下一处 →"), key="next_place", width="stretch", on_click=step_place, args=(1,))
        note(say("第 {place} / {count} 处", place=place + 1, count=len(finding.places)))
    _show_tick(desk, finding)
    st.button(say("返回概览"), key="back", on_click=desk.clear, width="stretch")


def _show_tick(desk: Desk, finding: Finding) -> None:
    section(say("复核"))
    held = reviews(desk.plan, [finding]).get(0)
    if held is not None:
        sentence("✓ ", one_line(held.reason, limit=_LONGEST_REASON))
        note(f"{say('复核日期')} {held.when}")
        st.button(say("撤销复核"), key="untick", width="stretch", on_click=_tick, args=(finding, ""))
        return
    key = f"review_{review_key(finding)}"
    with st.form(f"form_{key}", border=False):
        reason = st.text_input(
            say("理由"),
            key=key,
            max_chars=_LONGEST_REASON,
            label_visibility="collapsed",
            placeholder=say("理由，例如：裁剪边缘，实地相连"),
        )
        if st.form_submit_button(say("标记为已复核 ✓"), width="stretch"):
            if reason.strip():
                _tick(finding, reason)
                st.rerun()
            warn(say("请写明理由。"), kind="error")


def _tick(finding: Finding, reason: str) -> None:
    desk = current_desk()
    made = review(finding, reason)
    desk.decide(made.kind, made.key, dict(made.value), why=made.why)


def _what(finding: Finding) -> str:
    """Return what was found, without what to do, which stands beside it."""
    whole, remedy = (finding.message, finding.remedy) if language() == "zh" else (finding.message_en, finding.remedy_en)
    at = whole.rfind(remedy)
    return (whole[:at].rstrip("，；：。（:;, (") if at > 0 else whole) or whole


def step_place(by: int) -> None:
    """Go to the next or previous place of the finding that is open, and come round at its end."""
    desk = current_desk()
    found = chosen_finding(desk)
    if found is not None:
        look_at(listed_findings(desk).index(found[0]), (found[1] + by) % len(found[0].places))


def look_at(row: int, place: int = 0) -> None:
    """Select one place of a finding, turn to the doctor and jump there."""
    desk = current_desk()
    finding = listed_findings(desk)[row]
    where = finding.places[place] if finding.places else None
    desk.select("finding", finding_id(row, place), where)
    st.session_state[TAB] = "doctor"
    if where is not None:
        desk.jump(Target(place=where, zoom=_ZOOM))


def show_tray(desk: Desk) -> None:
    """Show the findings as a table; a row is a place on the map."""
    import pandas as pd

    findings = listed_findings(desk)
    ticked = reviews(desk.plan, findings)
    what, remedy, tick = say("发现"), say("处理"), say_in("done", "复核")
    frame = pd.DataFrame(
        {
            tick: ["✓" if k in ticked else "" for k in range(len(findings))],
            say("程度"): [term(f.severity) for f in findings],
            say("数量"): [f.count for f in findings],
            say("里程"): [format_km(f.length_m) if f.length_m else "–" for f in findings],
            what: [_what(f) for f in findings],
            remedy: [choose(f.remedy, f.remedy_en) for f in findings],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="findings",
        on_select=_choose_row,
        selection_mode="single-row",
        height=188,
        column_config={
            tick: st.column_config.TextColumn(width=72),
            what: st.column_config.TextColumn(width="large"),
            remedy: st.column_config.TextColumn(width="medium"),
        },
    )


def _choose_row() -> None:
    state: Any = st.session_state.get("findings")
    rows = state.selection.rows if state is not None else []
    desk = current_desk()
    if rows and rows[0] < len(listed_findings(desk)):
        look_at(int(rows[0]))
    else:
        desk.clear()


def has_findings(desk: Desk) -> bool:
    """Whether there is anything to list."""
    return bool(listed_findings(desk))
