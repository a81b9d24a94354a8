"""Step 1 of the network page: what was read, how it compares with another edition, and how to open something else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from geo.classes import RoadClass
from geo.intake import admit_file
from plan.model import Plan
from plan.source import open_source
from views.catalogue import both
from views.i18n import format_km, pick_sentence, say, say_in, term
from views.state import Desk, Opened, open_demo_again
from views.widgets.doctor import MORE, question
from views.widgets.parts import empty, facts, heading, note, section, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

if TYPE_CHECKING:
    from geo.load import LayerReading
    from geo.update import NetworkUpdate

LOAD = "load"
COMPARE = "compare"
_COMPARED = "compared"
_LONGEST_NAME = 120


def show_source(desk: Desk) -> None:
    """Show where the network comes from, its kilometres, the last comparison, and the ways to open something else."""
    plan = desk.plan
    network, source = plan.network, plan.network.source
    heading(question(), plan.title or say("路网"))
    facts(
        [
            (say("文件"), one_line(source.name)),
            (say("最近编辑"), source.newest_edit[:10]),
            (say("数据指纹"), source.sha256[:12]),
            (say_in("many", "路段"), f"{len(network.segments):,}"),
            (say("总里程"), format_km(network.length_mm / 1000)),
            (say_in("input", "坐标系"), "WGS-84 (EPSG:4326)"),
        ]
    )
    section(say("按等级的里程"))
    length = np.bincount(network.segment_class, weights=network.segments.length_m, minlength=len(RoadClass))
    rows = [(term(kind.name.lower()), format_km(length[kind])) for kind in RoadClass if length[kind]]
    table((say("等级"), say("里程")), rows)
    _show_comparison(desk)
    _show_opening(desk)


def _show_comparison(desk: Desk) -> None:
    section(say("与另一版地图比较"))
    job = job_of(desk, COMPARE)
    if job is not None and not job.is_finished:
        watch_job(COMPARE)
        return
    if job is not None:
        drop_job(desk, COMPARE)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif job.result is not None:
            update, findings = job.result
            desk.extra[_COMPARED] = update.to_json() | {"name": update.old.source.name}
            desk.extra.setdefault(MORE, {})[COMPARE] = findings
            desk.is_moved = True
            st.rerun()
    compared: dict[str, Any] | None = desk.extra.get(_COMPARED)
    if compared is not None:
        changes = compared["changes"]
        if changes:
            rows = [(term(kind), str(c["segments"]), format_km(c["length_m"])) for kind, c in changes.items()]
            table((say("变化"), say_in("many", "路段"), say("里程")), rows, numbers=2)
            note(say("各处变化列在下表中。"))
        else:
            note(say("两版地图没有差别。"))
    else:
        note(say("还没有比较过。放入旧版地图，看增减、改级和移位。"))
    other = st.file_uploader(say("旧版地图"), key="other_edition", label_visibility="collapsed")
    if other is not None and st.button(say("比较"), key="compare", width="stretch"):
        data, plan = other.getvalue(), desk.plan
        start_job(desk, COMPARE, lambda job: _compare(data, plan, job))
        st.rerun()


def _compare(data: bytes, plan: Plan, job: Job) -> tuple[NetworkUpdate, tuple[Any, ...]]:
    from geo.update import compare_networks, update_findings

    job.report(0, 0, both("正在读取旧版地图"))
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        old = open_source(str(_keep_upload(data, Path(folder)))).network
    job.report(0, 0, both("正在比较"))
    update = compare_networks(old, plan.network)
    return update, update_findings(update)


def _keep_upload(data: bytes, folder: Path) -> Path:
    """Write an upload under a name of our own; its own name is a stranger's text and is never used as a path."""
    path = folder / "upload"
    path.write_bytes(data)
    # The suffix comes from what the file holds; readers go by it.
    return path.rename(path.with_name(f"upload.{admit_file(path).format}"))


def _show_opening(desk: Desk) -> None:
    section(say("打开别的路网或方案"))
    upload = st.file_uploader(
        say("地图文件或方案（.osm .gz .bz2 .pbf .gpkg .geojson …）"),
        key="upload",
    )
    with st.expander(say("单位图层的读法")):
        mapping = st.file_uploader(say("字段对照表 .toml"), key="upload_mapping", type=["toml"])
        crs = st.text_input(
            say("坐标系（图层未注明时），如 EPSG:4547"),
            key="upload_crs",
            max_chars=40,
        )
    if upload is not None and st.button(say("读取文件"), key="read", type="primary", width="stretch"):
        data, table_text = upload.getvalue(), mapping.getvalue() if mapping is not None else b""
        start_job(desk, LOAD, lambda job: _load_bytes(data, (table_text, crs.strip()), job))
        st.rerun()
    name = st.text_input(
        say("按地名下载（OpenStreetMap，需要联网）"),
        key="place",
        max_chars=_LONGEST_NAME,
        placeholder=say("例如：南京市江宁区"),
    )
    if st.button(say("联网下载"), key="download_place", width="stretch", disabled=not name.strip()):
        start_job(desk, LOAD, lambda job: _load_place(name.strip(), job))
        st.rerun()
    st.button(say("打开示范区"), key="demo", width="stretch", on_click=open_demo_again)
    if not desk.is_saved:
        warn(say("当前方案有未保存的决定，换开前请先保存或下载。"))


def _load_bytes(data: bytes, reading: tuple[bytes, str], job: Job) -> Opened:
    mapping, crs = reading
    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = _keep_upload(data, Path(folder))
        plan = open_source(str(path), reading=_reading(Path(folder), mapping, crs), progress=_teller(job))
    return Opened(_settled(Plan(plan.network, plan.decisions, plan.title if plan.decisions else ""), job), "upload")


def _reading(folder: Path, mapping: bytes, crs: str) -> LayerReading:
    from geo.load import LayerReading

    if not mapping:
        return LayerReading(None, crs or None)
    table = folder / "mapping.toml"
    table.write_bytes(mapping)
    return LayerReading(table, crs or None)


def _load_place(name: str, job: Job) -> Opened:
    from geo.load import complete
    from geo.place import read_place

    job.report(0, 0, both("正在下载路网"))
    network = complete(read_place(name))
    return Opened(_settled(Plan(network, (), name), job), "place")


def _settled(plan: Plan, job: Job) -> Plan:
    job.report(0, 0, both("正在划分管辖"))
    _ = plan.derived
    return plan


def _teller(job: Job) -> Any:
    names = {"ways": both("正在读取道路"), "segments": both("正在切分路段")}

    def tell(stage: str, count: int) -> bool:
        job.report(count, 0, names.get(stage, both("正在读取")))
        return not job.stop.is_set()

    return tell


def show_not_opened(job: Job) -> None:
    """Show why nothing was opened."""
    heading(say("读取数据"), say("没有打开"))
    if job.error:
        warn(pick_sentence(job.error), kind="error")
    else:
        empty(say("已停止"), say("原来的方案没有改动。"))
    st.button(say("返回"), key="back_from_load", width="stretch")
