"""A table of cases on the screen: upload, progress, the answers in a tray, download."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from geo.datum import state_datum
from geo.intake import admit_file
from geo.sniff import TABLE_FORMATS
from jurisdiction.ask.cases import CaseReport, read_cases
from plan.askcases import answer_cases
from plan.model import Plan
from views.catalogue import both, both_in
from views.i18n import choose, format_km, language, pick_sentence, say, term, words_of
from views.search import KnownCase
from views.state import Desk, Target, current_desk, keep
from views.widgets.ask import DATUMS, SPOT, datum_names, today
from views.widgets.parts import empty, facts, note, section, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job

_CASES, _TABLE = "cases", "cases_table"
_NAMES = {
    "id": both_in("case", "编号"),
    "answer": both("结论"),
    "agency_name": both("归属单位"),
    "contact": both("联系"),
    "distance_to_seam_m": both("距界点"),
    "stake": both("桩号"),
    "date": both("日期"),
    "category": both("类别"),
    "problem": both("问题"),
}


def known_cases(desk: Desk) -> list[KnownCase]:
    """Return the cases that can be searched for: those asked about last, and last year's of the demo district."""
    report = report_of(desk)
    found = [
        KnownCase(each.case.id, *each.place) for each in (report.answers if report else ()) if each.place is not None
    ]
    if desk.opened.origin == "demo":
        from data.demo import table_path

        cases = keep(("demo_cases",), lambda: read_cases(table_path("cases.csv")))
        found += [KnownCase(case.id, *case.place) for case in cases if case.place is not None]
    return list({case.id: case for case in reversed(found)}.values())


class StoppedError(Exception):
    """The person stopped the work."""


def show_batch(desk: Desk) -> None:
    """Show upload, progress or result."""
    job = job_of(desk, _CASES)
    if job is not None and not job.is_finished:
        watch_job(_CASES)
        return
    if job is not None and (job.error or job.result is None):
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        drop_job(desk, _CASES)
        job = None
    report = report_of(desk)
    if report is not None:
        _show_report(report)
    _show_upload(desk, is_again=report is not None)


def report_of(desk: Desk) -> CaseReport | None:
    """Return the answers to the table uploaded last, if the plan is still the one they were made on."""
    job = job_of(desk, _CASES)
    if job is None or not job.is_finished or job.result is None:
        return None
    key, report = job.result
    return report if key == desk.key else None


def _show_upload(desk: Desk, *, is_again: bool) -> None:
    section(say("再查一批") if is_again else say("案件表"))
    upload = st.file_uploader(say("CSV（UTF-8、GBK）或 XLSX"), key="cases_upload", type=["csv", "xlsx", "txt"])
    st.selectbox(
        say("表中坐标系"),
        ["auto", *(key for key in DATUMS if key != "auto")],
        key="cases_datum",
        format_func=datum_names().__getitem__,
    )
    if upload is not None and st.button(say("开始查询"), key="cases_run", type="primary", width="stretch"):
        data, plan, key = upload.getvalue(), desk.plan, desk.key
        datum = DATUMS[str(st.session_state.get("cases_datum", "auto"))]
        start_job(desk, _CASES, lambda job: (key, _answer(plan, data, datum, job)))
        st.rerun()
    note(say("列：编号、经度、纬度，或桩号，或地点；日期、类别可选。车牌、姓名、电话列不读取。每行都有结果。"))


def _answer(plan: Plan, data: bytes, datum: Any, job: Job) -> CaseReport:
    """Read an upload under a name of our own and answer it."""
    job.report(0, 0, both("正在读取案件表"))
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / "cases"
        path.write_bytes(data)
        named = path.rename(path.with_name(f"cases.{admit_file(path, accept=TABLE_FORMATS).format}"))
        cases = read_cases(named)
    job.report(0, len(cases), both("正在查询"))

    def tell(done: int, total: int) -> None:
        if job.stop.is_set():
            raise StoppedError
        job.report(done, total, both("正在查询"))

    return answer_cases(plan, cases, datum=datum, today=today(), progress=tell)


def _show_report(report: CaseReport) -> None:
    section(say("结果：{count} 件", count=len(report.answers)))
    facts([(term(owner), f"{count:,}") for owner, count in report.counts().items()])
    for finding in report.findings:
        text = choose(finding.message, finding.message_en)
        warn(text, kind="note" if finding.severity == "note" else "warning")
    if any(f.code == "datum_suspect" for f in report.findings):
        note(say("确认后请选定坐标系再查一次。"))
    left, right = st.columns(2)
    left.download_button(
        "CSV",
        data=report.to_csv,
        file_name="cases.csv",
        mime="text/csv",
        key="cases_csv",
        on_click="ignore",
        width="stretch",
    )
    right.download_button(
        "Excel",
        data=report.to_xlsx,
        file_name="cases.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key="cases_xlsx",
        on_click="ignore",
        width="stretch",
    )
    datums = "、".join(sorted({each.datum for each in report.answers if each.datum})) or "–"
    stated = state_datum(DATUMS["wgs84"] or next(iter(d for d in DATUMS.values() if d)))
    note(say("输入按 {datums} 读取；输出坐标 {stated}。", datums=datums, stated=stated))


def show_cases(desk: Desk) -> None:
    """Show the answers as a table under the map; a chosen row jumps to its place."""
    report = report_of(desk)
    if report is None:
        empty(say("还没有结果"), "")
        return
    import pandas as pd

    rows = [each.row() for each in report.answers]
    if language() == "en":
        for row, each in zip(rows, report.answers, strict=True):
            row["answer"] = each.sentence.en
            row["problem"] = each.case.problem.en if each.case.problem else ""
    shown = {words_of(names): [_cell(row[column]) for row in rows] for column, names in _NAMES.items()}
    st.dataframe(
        pd.DataFrame(shown),
        hide_index=True,
        height=230,
        on_select=_choose_row,
        selection_mode="single-row",
        key=_TABLE,
        column_config={words_of(_NAMES["answer"]): st.column_config.TextColumn(width="large")},
    )


def _cell(value: object) -> str:
    return format_km(value) if isinstance(value, float) else str(value)


def _choose_row() -> None:
    """Jump to the place of the chosen case."""
    state: Any = st.session_state.get(_TABLE)
    rows = state.selection.rows if state is not None else []
    desk = current_desk()
    report = report_of(desk)
    if not rows or report is None or rows[0] >= len(report.answers):
        return
    place = report.answers[rows[0]].place
    if place is not None:
        desk.extra[SPOT] = place
        desk.jump(Target(place=place, zoom=16.0))
