"""A balanced split of the expressway among brigades: asked for, compared with today's, seen on the map, adopted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from jurisdiction.agencies import EXPRESSWAY
from plan.model import Plan
from plan.rebalance import BY, Proposal, Wish, decide_split, expressway_agencies, propose_split
from views.catalogue import both
from views.i18n import choose, format_km, format_number, pick_sentence, say, say_count
from views.state import Desk, current_desk
from views.widgets.boundary_prices import cases_of
from views.widgets.boundary_work import act
from views.widgets.parts import note, section, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job

PROPOSAL = "proposal"
_JOB, _KNOWN, _ERROR = "balance", "balance_known", "balance_error"
_MOST_BRIGADES = 9
_MOST_RUNS = 12


@dataclass(frozen=True)
class Found:
    """A proposal, the plan it was made for, and the plan as it would be."""

    key: str
    proposal: Proposal
    after: Plan


def show_balance(desk: Desk) -> None:
    """Show what is asked for, the proposal when there is one, and the button that adopts it."""
    section(say("均衡划分"))
    job = job_of(desk, _JOB)
    if job is not None and not job.is_finished:
        watch_job(_JOB)
        return
    _take(desk)
    error = str(desk.extra.get(_ERROR) or "")
    if error:
        warn(pick_sentence(error), kind="error")
    _show_wish(desk)
    found: Found | None = desk.extra.get(_KNOWN)
    if found is None:
        return
    if found.key != desk.key:
        warn(say("结果已过期 · 请重新计算"), kind="stale")
        return
    _show_found(desk, found)


def _take(desk: Desk) -> None:
    job = job_of(desk, _JOB)
    if job is None:
        return
    drop_job(desk, _JOB)
    desk.extra[_ERROR] = job.error
    if job.result is not None:
        desk.extra[_KNOWN], desk.extra[PROPOSAL] = job.result, True


def _show_wish(desk: Desk) -> None:
    present = sum(a.kind == EXPRESSWAY for a in desk.plan.agencies)
    works = {"length": say("里程"), "lane": say("车道里程"), "cases": say("案件数")}
    with st.form("balance", border=False):
        with st.container(key="balance_row", horizontal=True, vertical_alignment="bottom", gap="small"):
            st.number_input(say("大队数"), 1, _MOST_BRIGADES, value=max(present, 2), key="balance_count")
            st.selectbox(say("工作量按"), BY, key="balance_by", format_func=works.__getitem__)
        st.checkbox(say("不顾现状，重新划分"), key="balance_fresh")
        st.form_submit_button(say("提出均衡方案"), key="balance_run", on_click=_start, width="stretch")


def _start() -> None:
    desk = current_desk()
    plan, key, cases = desk.plan, desk.key, cases_of(desk)
    wish = Wish(
        expressway_agencies(plan, int(st.session_state.get("balance_count") or 2)),
        fresh=bool(st.session_state.get("balance_fresh")),
        by=str(st.session_state.get("balance_by") or "length"),
    )

    def work(job: Job) -> Any:
        job.report(0, 2, both("正在划分"))
        proposal = propose_split(plan, wish, cases=cases)
        job.report(1, 2, both("正在与现状比较"))
        after = decide_split(plan, proposal)
        _ = after.derived
        return Found(key, proposal, after)

    desk.extra[_KNOWN], desk.extra[PROPOSAL], desk.extra[_ERROR] = None, None, ""
    start_job(desk, _JOB, work)


def present_proposal(desk: Desk) -> Plan | None:
    """Return the plan of the proposal that the map shows, if it shows one."""
    found: Found | None = desk.extra.get(_KNOWN)
    if not desk.extra.get(PROPOSAL) or found is None or found.key != desk.key:
        return None
    return found.after


def _show_found(desk: Desk, found: Found) -> None:
    told = found.proposal.to_json()
    over = format_number(100 * told["over_mean"], digits=1)
    note(
        say("最重的大队比平均多 {over} %；改变归属 {moved}。", over=over, moved=format_km(told["moved_m"]))
        + ("" if told["balanced"] else say("未达到均衡容差。"))
    )
    old, new = (plan.derived.ledger.of("agency") for plan in (desk.plan, found.after))
    letters = {a.id: a.letter for plan in (desk.plan, found.after) for a in plan.agencies}
    rows = [
        (letters.get(name, name), format_km(old.get(name, 0) / 1000), format_km(new.get(name, 0) / 1000))
        for name in found.proposal.wish.agencies
    ]
    table((say("大队"), say("现在"), say("方案")), rows, numbers=2)
    runs = found.proposal.moved
    if runs:
        lines = [
            (f"{run.route} {_ends(run)}", f"{letters.get(run.before, '–')} → {letters.get(run.after, run.after)}")
            for run in runs[:_MOST_RUNS]
        ]
        table((say("改变归属的路段"), say("大队")), lines)
        if len(runs) > _MOST_RUNS:
            note(say_count("另有 {count} 段。", len(runs) - _MOST_RUNS))
    for finding in found.proposal.findings:
        warn(choose(finding.message, finding.message_en))
    decisions = len(found.after.decisions) - len(desk.plan.decisions)
    with st.container(key="balance_buttons", horizontal=True, gap="small"):
        shown = bool(desk.extra.get(PROPOSAL))
        st.button(say("退出预览") if shown else say("预览"), key="balance_preview", on_click=_toggle)
        st.button(
            say("采用方案"),
            key="balance_adopt",
            type="primary",
            on_click=_adopt,
            disabled=desk.is_read_only or not decisions,
        )
    note(say_count("采用写入 {count} 条决定，逐条可撤销。", decisions))


def _ends(run: Any) -> str:
    stakes = [str(text).removeprefix(run.route).strip() for text in (run.from_stake, run.to_stake)]
    return f"{stakes[0]} – {stakes[1]}" if all(stakes) else format_km(run.length_mm / 1000)


def _toggle() -> None:
    desk = current_desk()
    desk.extra[PROPOSAL] = not desk.extra.get(PROPOSAL)


def _adopt() -> None:
    adopt_proposal(current_desk())


def adopt_proposal(desk: Desk) -> bool:
    """Make the decisions of the proposal, all or none."""
    found: Found | None = desk.extra.get(_KNOWN)
    if found is None or found.key != desk.key:
        desk.message = "方案已过期，请重新计算。 / The proposal is out of date: compute it again."
        return False
    made = found.after.decisions[len(desk.plan.decisions) :]
    if not act(desk, *made):
        return False
    desk.extra[_KNOWN], desk.extra[PROPOSAL] = None, None
    return True
