"""Network 路网: can this road network be trusted? Source, doctor's findings, and how to open another one."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from geo.classes import RoadClass
from geo.findings import Finding
from geo.intake import admit_file
from plan.model import Plan
from views.i18n import format_km, language, pick_sentence, say, term
from views.map.palette import Words
from views.pages.page import Page
from views.pictures.classes import draw_classes
from views.pictures.owners import describe
from views.pictures.points import finding_id
from views.state import Desk, Opened, Target, current_desk, open_demo_again, open_file, replace_desk
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, facts, heading, next_step, note, section, sentence, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job

_LOAD = "load"
_TAB = "network_tab"
_LONGEST_NAME = 120


def picture(desk: Desk) -> Picture:
    """Return the network by road class, with its findings."""
    plan = desk.plan
    key = ("classes", desk.key)
    return Picture(key, lambda: draw_classes(plan.network, plan.derived.findings), describe(plan))


def marks(desk: Desk) -> list[Mark]:
    """Return a ring around the finding that is looked at."""
    found = _chosen(desk)
    return [Mark((found[0].places[found[1]],))] if found and found[0].places else []


def card(desk: Desk) -> None:
    """Show what was read, and the ways to open something else."""
    job = job_of(desk, _LOAD)
    if job is not None:
        _show_loading(job)
        return
    tabs = {"doctor": say("体检", "Doctor"), "open": say("打开数据", "Open data")}
    tab = st.segmented_control(
        say("视图", "View"),
        list(tabs),
        format_func=tabs.__getitem__,
        key=_TAB,
        default="doctor",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    if tab == "open":
        _show_opening(desk)
    elif (found := _chosen(desk)) is not None:
        _show_finding(desk, *found)
    else:
        _show_summary(desk)
    next_step("划分管辖", "Split jurisdiction", "boundary")


def _show_summary(desk: Desk) -> None:
    plan = desk.plan
    network, source = plan.network, plan.network.source
    heading(say("这张路网可信吗？", "Can this network be trusted?"), plan.title or say("路网", "Network"))
    counts = [sum(f.severity == level for f in plan.derived.findings) for level in ("error", "warning", "note")]
    facts(
        [
            (say("数据来源", "Source"), source.name),
            (say("最近编辑", "Newest edit"), source.newest_edit[:10]),
            (say("数据指纹", "Data hash"), source.sha256[:12]),
            (say("路段", "Segments"), f"{len(network.segments):,}"),
            (say("总里程", "Length"), format_km(network.length_mm / 1000)),
            (say("收费站", "Toll stations"), str(len(network.stations))),
            (
                say("体检", "Doctor"),
                say("严重 {} · 警告 {} · 提示 {}", "{} errors · {} warnings · {} notes").format(*counts),
            ),
        ]
    )
    section(say("按等级的里程", "Length by class"))
    length = np.bincount(network.segment_class, weights=network.segments.length_m, minlength=len(RoadClass))
    rows = [(term(kind.name.lower()), format_km(length[kind])) for kind in RoadClass if length[kind]]
    table((say("等级", "Class"), say("里程", "Length")), rows)


def _show_finding(desk: Desk, finding: Finding, place: int) -> None:
    heading(f"{term(finding.severity)} · {finding.code}", say("体检发现", "Finding"))
    sentence(finding.message if language() == "zh" else finding.message_en)
    facts(
        [
            (say("数量", "Count"), str(finding.count)),
            (say("涉及里程", "Length"), format_km(finding.length_m) if finding.length_m else ""),
            (say("对象", "Thing"), finding.things[place] if place < len(finding.things) else ""),
        ]
    )
    if len(finding.places) > 1:
        left, right = st.columns(2)
        left.button(
            say("← 上一处 P", "← Previous P"), key="previous_place", width="stretch", on_click=_step, args=(-1,)
        )
        right.button(say("下一处 N →", "Next N →"), key="next_place", width="stretch", on_click=_step, args=(1,))
        note(say(f"第 {place + 1} / {len(finding.places)} 处", f"Place {place + 1} of {len(finding.places)}"))
    st.button(say("返回概览", "Back to the summary"), key="back", on_click=desk.clear, width="stretch")


def _chosen(desk: Desk) -> tuple[Finding, int] | None:
    """Return the finding that is selected and the number of its place."""
    if desk.selection.kind != "finding":
        return None
    row, _, place = desk.selection.id.removeprefix("f").partition(".")
    findings = desk.plan.derived.findings
    if not (row.isdecimal() and place.isdecimal()) or int(row) >= len(findings):
        return None
    return findings[int(row)], min(int(place), max(len(findings[int(row)].places) - 1, 0))


def _step(by: int) -> None:
    desk = current_desk()
    found = _chosen(desk)
    if found is not None:
        row = desk.plan.derived.findings.index(found[0])
        _look_at(desk, row, (found[1] + by) % len(found[0].places))


def _look_at(desk: Desk, row: int, place: int = 0) -> None:
    finding = desk.plan.derived.findings[row]
    where = finding.places[place] if finding.places else None
    desk.select("finding", finding_id(row, place), where)
    if where is not None:
        desk.jump(Target(place=where, zoom=16.5))


def tray(desk: Desk) -> None:
    """Show the findings as a table; a row is a place on the map."""
    import pandas as pd

    findings = desk.plan.derived.findings
    frame = pd.DataFrame(
        {
            say("程度", "Severity"): [term(f.severity) for f in findings],
            say("数量", "Count"): [f.count for f in findings],
            say("里程", "Length"): [format_km(f.length_m) if f.length_m else "–" for f in findings],
            say("发现与处理", "Finding and remedy"): [
                f.message if language() == "zh" else f.message_en for f in findings
            ],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        key="findings",
        on_select=_choose_row,
        selection_mode="single-row",
        height=188,
        column_config={say("发现与处理", "Finding and remedy"): st.column_config.TextColumn(width="large")},
    )


def _choose_row() -> None:
    state: Any = st.session_state.get("findings")
    rows = state.selection.rows if state is not None else []
    desk = current_desk()
    if rows and rows[0] < len(desk.plan.derived.findings):
        st.session_state[_TAB] = "doctor"
        _look_at(desk, int(rows[0]))
    else:
        desk.clear()


def has_findings(desk: Desk) -> bool:
    """Whether there is anything to list."""
    return bool(desk.plan.derived.findings)


def _show_opening(desk: Desk) -> None:
    heading(say("打开", "Open"), say("换一张路网或方案", "Another network or plan"))
    upload = st.file_uploader(
        say("地图文件或方案（.osm .gz .bz2 .pbf .gpkg .geojson …）", "Map file or plan (.osm .gz .bz2 .pbf .gpkg …)"),
        key="upload",
    )
    if upload is not None and st.button(say("读取文件", "Read the file"), key="read", type="primary", width="stretch"):
        data = upload.getvalue()
        start_job(desk, _LOAD, lambda job: _load_bytes(data, job))
        st.rerun()
    section(say("按地名下载", "Download by place name"))
    name = st.text_input(
        say("地名", "Place"),
        key="place",
        max_chars=_LONGEST_NAME,
        label_visibility="collapsed",
        placeholder=say("例如：南京市江宁区", "For example: Jiangning, Nanjing"),
    )
    note(say("只有这一步需要网络（OpenStreetMap）。", "This step alone needs the network (OpenStreetMap)."))
    if st.button(say("联网下载", "Download"), key="download_place", width="stretch", disabled=not name.strip()):
        start_job(desk, _LOAD, lambda job: _load_place(name.strip(), job))
        st.rerun()
    section(say("示范区", "Demo district"))
    st.button(say("打开示范区", "Open the demo district"), key="demo", width="stretch", on_click=open_demo_again)
    if not desk.is_saved:
        warn(say("当前方案有未保存的决定，换开前请先保存或下载。", "This plan has unsaved decisions: save it first."))


def _load_bytes(data: bytes, job: Job) -> Opened:
    """Read an upload under a name of our own; its own name is a stranger's text and is never used as a path."""
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        # The suffix comes from what the file holds; readers go by it.
        named = path.rename(path.with_name(f"upload.{admit_file(path).format}"))
        opened = open_file(named, origin="upload", progress=_teller(job))
    plan = opened.plan
    title = plan.title if plan.decisions else ""
    return replace(opened, plan=_settled(Plan(plan.network, plan.decisions, title), job))


def _load_place(name: str, job: Job) -> Opened:
    from geo.load import complete
    from geo.place import read_place

    job.report(0, 0, ("正在下载路网", "Downloading roads"))
    network = complete(read_place(name))
    return Opened(_settled(Plan(network, (), name), job), "place")


def _settled(plan: Plan, job: Job) -> Plan:
    job.report(0, 0, ("正在划分管辖", "Splitting"))
    _ = plan.derived
    return plan


def _teller(job: Job) -> Any:
    names = {"ways": ("正在读取道路", "Reading roads"), "segments": ("正在切分路段", "Cutting segments")}

    def tell(stage: str, count: int) -> bool:
        job.report(count, 0, names.get(stage, ("正在读取", "Reading")))
        return not job.stop.is_set()

    return tell


def _show_loading(job: Job) -> None:
    if not job.is_finished:
        heading(say("读取数据", "Reading data"), say("正在打开 …", "Opening …"))
        watch_job(_LOAD)
        return
    desk = current_desk()
    if job.error or job.stop.is_set() or job.result is None:
        drop_job(desk, _LOAD)
        heading(say("读取数据", "Reading data"), say("没有打开", "Not opened"))
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        else:
            empty(say("已停止", "Stopped"), say("原来的方案没有改动。", "The plan you had is unchanged."))
        st.button(say("返回", "Back"), key="back_from_load", width="stretch")
        return
    replace_desk(job.result)
    st.session_state.pop(_TAB, None)
    st.rerun()


NETWORK = Page(
    "network",
    Words("路网", "Network"),
    Words("这张路网可信吗？", "Can this network be trusted?"),
    picture,
    card,
    marks=marks,
    tray=tray,
    has_tray=has_findings,
)
