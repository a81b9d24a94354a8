"""What crews take along: the sheet of one crew, its route for a navigator, and everything of all crews in one file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from patrol.day import DayPlan, Route
from patrol.gpx import write_gpx
from patrol.sheets import make_sheets
from plan.model import Plan
from views.catalogue import both
from views.console.crewfiles import file_name, record_table
from views.i18n import pick_sentence, say
from views.papers.crew import crew_paper
from views.papers.docx import write_docx
from views.papers.fixedzip import write_zip
from views.papers.pdfpaper import write_pdf
from views.papers.stakes import stake_reader
from views.state import Desk, current_desk
from views.widgets.parts import note, warn
from views.widgets.patrol_gantt import CREW
from views.widgets.patrol_state import Planned, store_of
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

JOB = "crewzip"
_ZIP = "crew_zip"


def show_papers(desk: Desk, planned: Planned) -> None:
    """Show what can be printed and downloaded; papers of a day that the plan has left behind are not made."""
    if not planned.plan.routes:
        note(say("没有班组出车，没有勤务单。"))
        return
    if desk.key != planned.key:
        note(say("结果已过期，请重新计算后再打印。"))
        return
    store, plan = store_of(desk), desk.plan
    names = {planned.label(route): route for route in planned.plan.routes}
    kept = str(store.get(CREW, ""))
    if kept in names and store.get("sheet_for") != kept:
        st.session_state["sheet_crew"] = kept
    store["sheet_for"] = kept
    crew = st.selectbox(say("谁的勤务单"), list(names), key="sheet_crew", format_func=lambda c: one_line(c, limit=20))
    route, number = names[crew], list(names).index(crew) + 1
    one = only_route(planned.plan, route)
    left, middle, right = st.columns(3)
    for place, kind, suffix, mime in (
        (left, "PDF", "pdf", "application/pdf"),
        (middle, "Word", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (right, "GPX", "gpx", "application/gpx+xml"),
    ):
        place.download_button(
            kind,
            data=_maker(plan, planned, one, suffix=suffix),
            file_name=file_name(number, route, suffix),
            mime=mime,
            key=f"sheet_{suffix}",
            on_click="ignore",
            width="stretch",
        )
    note(say("PDF 可直接打印；GPX 可导入手机导航。"))
    _show_zip(desk, planned)


def only_route(day: DayPlan, route: Route) -> DayPlan:
    """Return a day with one crew only, without the tasks that are nobody's."""
    return replace(day, routes=(route,), left_out=())


def _maker(plan: Plan, planned: Planned, day: DayPlan, *, suffix: str) -> Callable[[], bytes]:
    def make() -> bytes:
        return crew_file(plan, planned, day, suffix=suffix)

    return make


def crew_file(plan: Plan, planned: Planned, day: DayPlan, *, suffix: str) -> bytes:
    """Return one file of one crew: ``pdf``, ``docx`` or ``gpx``."""
    if suffix == "gpx":
        return write_gpx(planned.graph, day, day.routes[0])
    paper = crew_paper(plan, day, graph=planned.graph)
    return write_pdf(paper) if suffix == "pdf" else write_docx(paper)


def crew_files(plan: Plan, planned: Planned, *, job: Job | None = None) -> list[tuple[str, bytes]]:
    """Return the files of all crews: one sheet of all, and of each its sheet, its records to fill in and its route.

    Parameters
    ----------
    plan
        The plan the day was made on.
    planned
        The day.
    job
        Told how far it is; stops between crews when asked to.
    """
    day = planned.plan
    files = [("勤务单_全部班组.pdf", write_pdf(crew_paper(plan, day, graph=planned.graph)))]
    sheets = make_sheets(planned.graph, day, stake_of=stake_reader(plan))
    for number, (route, sheet) in enumerate(zip(day.routes, sheets, strict=True), start=1):
        if job is not None:
            if job.stop.is_set():
                break
            job.report(number - 1, len(day.routes), both("正在生成勤务单"))
        one = only_route(day, route)
        files.append((f"勤务单/{file_name(number, route, 'docx')}", crew_file(plan, planned, one, suffix="docx")))
        files.append(
            (f"巡查记录/{file_name(number, route, 'csv')}", record_table(sheet).encode("utf-8-sig", "replace"))
        )
        files.append((f"GPX/{file_name(number, route, 'gpx')}", crew_file(plan, planned, one, suffix="gpx")))
    return files


def _show_zip(desk: Desk, planned: Planned) -> None:
    job = job_of(desk, JOB)
    if job is not None and not job.is_finished:
        watch_job(JOB)
        return
    if job is not None:
        drop_job(desk, JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif job.result is not None:
            desk.extra[_ZIP] = job.result
    made = desk.extra.get(_ZIP)
    if made is not None and made[0] is planned:
        st.download_button(
            say("下载全部班组（{size} KB）", size=f"{len(made[1]) // 1024:,}"),
            data=made[1],
            file_name="crews.zip",
            mime="application/zip",
            key="crews_zip",
            on_click="ignore",
            width="stretch",
            type="primary",
        )
        return
    count = len(planned.plan.routes)
    st.button(
        say("打包全部 {count} 个班组", count=count),
        key="make_crews_zip",
        width="stretch",
        on_click=_start,
        args=(planned,),
    )


def _start(planned: Planned) -> None:
    desk = current_desk()
    plan = desk.plan
    start_job(desk, JOB, lambda job: (planned, write_zip(crew_files(plan, planned, job=job))))
