"""Network 路网: can this road network be trusted? Source, doctor, stations and stakes, in three steps."""

from __future__ import annotations

import streamlit as st

from geo.stakedesk import StakeDesk
from plan.closures import closures_of
from views.catalogue import both
from views.i18n import say
from views.map.tables import Table
from views.pages.page import Page
from views.pictures.classes import draw_classes
from views.pictures.land import draw_closures, draw_kinds, draw_ticks, list_ticks
from views.pictures.owners import describe
from views.pictures.points import draw_findings
from views.state import Desk, replace_desk
from views.widgets.doctor import (
    TAB,
    chosen_finding,
    findings_key,
    has_findings,
    listed_findings,
    show_doctor,
    show_tray,
)
from views.widgets.doctor_source import LOAD, show_not_opened, show_source
from views.widgets.doctor_stations import show_stations
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import heading, next_step
from views.widgets.progress import Job, drop_job, job_of, watch_job

_SHOWN = {"source": show_source, "doctor": show_doctor, "stations": show_stations}


def picture(desk: Desk) -> Picture:
    """Return the network by road class, with stations by kind, stakes, closures and findings."""
    return Picture(("land", *findings_key(desk)), lambda: _draw(desk), describe(desk.plan))


def _draw(desk: Desk) -> list[Table]:
    plan = desk.plan
    stakes: StakeDesk = plan.derived.stakes
    return [
        *draw_classes(plan.land),
        draw_closures(plan.land, closures_of(plan)),
        *draw_ticks(list_ticks(stakes)),
        draw_findings(listed_findings(desk)),
        draw_kinds(plan.stations),
    ]


def marks(desk: Desk) -> list[Mark]:
    """Return a ring around the finding that is looked at."""
    found = chosen_finding(desk)
    return [Mark((found[0].places[found[1]],))] if found and found[0].places else []


def card(desk: Desk) -> None:
    """Show the step the person is on: source, doctor, stations and stakes."""
    job = job_of(desk, LOAD)
    if job is not None:
        _show_loading(desk, job)
        return
    if desk.selection.kind == "finding":
        st.session_state[TAB] = "doctor"
    elif desk.selection.kind in {"station", "segment"}:
        st.session_state[TAB] = "stations"
    steps = {
        "source": say("① 数据来源"),
        "doctor": say("② 体检"),
        "stations": say("③ 站与桩号"),
    }
    step = st.segmented_control(
        say("步骤"),
        list(steps),
        format_func=steps.__getitem__,
        key=TAB,
        default=None if TAB in st.session_state else "doctor",
        required=True,
        on_change=_leave_selection,
        label_visibility="collapsed",
        width="stretch",
    )
    _SHOWN[step or "doctor"](desk)
    next_step(say("划分管辖"), "boundary")


def _leave_selection() -> None:
    """Let go of what is selected when a person turns to another step by hand."""
    from views.state import current_desk

    current_desk().clear()


def _show_loading(desk: Desk, job: Job) -> None:
    if not job.is_finished:
        heading(say("读取数据"), say("正在打开 …"))
        watch_job(LOAD)
        return
    if job.error or job.stop.is_set() or job.result is None:
        drop_job(desk, LOAD)
        show_not_opened(job)
        return
    replace_desk(job.result)
    st.session_state.pop(TAB, None)
    st.rerun()


NETWORK = Page(
    "network",
    both("路网"),
    both("这张路网可信吗？"),
    picture,
    card,
    marks=marks,
    tray=show_tray,
    has_tray=has_findings,
)
