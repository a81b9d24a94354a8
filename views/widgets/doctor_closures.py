"""Closures and works on the network page: those of the plan, from a table, or of the road that is selected."""

from __future__ import annotations

import tempfile
from datetime import time
from pathlib import Path

import streamlit as st

from geo.closures import CLOSED, DAY_MIN, Closure
from geo.errors import RoadseamError
from plan.closures import KIND, closure_value, closures_of
from views.i18n import language, pick_sentence, say, say_in
from views.pictures.land import write_times
from views.state import Desk, current_desk
from views.widgets.parts import note, section, table, warn
from views.widgets.safe_text import one_line

_MOST_ROWS = 20
_LONGEST_REASON = 120


def show_closures(desk: Desk) -> None:
    """Show the closures of the plan and the ways to add or end one."""
    closures = closures_of(desk.plan)
    section(say("封闭与施工"))
    if closures:
        rows = [
            (one_line(c.id, limit=20), write_times(c)[language() == "en"], _effect(c)) for c in closures[:_MOST_ROWS]
        ]
        table((say_in("code", "编号"), say("时间"), say("影响")), rows)
        chosen = st.selectbox(
            say("恢复通行"),
            [c.id for c in closures],
            index=None,
            key="reopen",
            format_func=lambda ident: one_line(ident, limit=40),
            placeholder=say("选一条恢复通行"),
            label_visibility="collapsed",
        )
        if chosen is not None:
            st.button(say("恢复通行"), key="reopen_now", width="stretch", on_click=_reopen, args=(chosen,))
    else:
        note(say("没有封闭。点选图上一段路可封闭它，或导入表格。"))
    if desk.selection.kind == "segment":
        _show_form(desk, desk.selection.id)
    _show_import()


def _effect(closure: Closure) -> str:
    if closure.speed_kmh is not None:
        return f"≤ {closure.speed_kmh:g} km/h"
    return say("封闭") if closure.factor == CLOSED else f"× {closure.factor:g}"


def _show_form(desk: Desk, segment: str) -> None:
    network = desk.plan.network
    base = segment if segment in network.row_of_segment else ""
    if not base:
        note(say("这一段在界点处被切开，请点选相邻路段。"))
        return
    row = network.row_of_segment[base]
    name = network.text("name", row) or network.text("ref", row) or base
    with st.form("close_segment", border=True):
        st.markdown(say("封闭选中的路段"))
        note(one_line(name))
        left, right = st.columns(2)
        start = left.time_input(say("从"), value=time(0, 0), key="close_from")
        end = right.time_input(say("到（同从 = 全天）"), value=time(0, 0), key="close_to")
        slow = st.number_input(say("耗时倍数，0 = 封闭"), 0.0, 100.0, 0.0, key="close_factor")
        why = st.text_input(say("原因"), max_chars=_LONGEST_REASON, key="close_why")
        if st.form_submit_button(say("写入方案"), width="stretch"):
            window = (0, DAY_MIN) if start == end else (start.hour * 60 + start.minute, end.hour * 60 + end.minute)
            try:
                closure = Closure(
                    base,
                    (base,),
                    from_min=window[0],
                    to_min=window[1],
                    factor=slow or CLOSED,
                    reason=why.strip(),
                )
            except RoadseamError as error:
                warn(pick_sentence(str(error)), kind="error")
                return
            _put(closure)
            st.rerun()


def _show_import() -> None:
    upload = st.file_uploader(say("封闭表 CSV、XLSX 或 GeoJSON"), key="closures_file")
    if upload is None or not st.button(say("导入封闭"), key="import_closures", width="stretch"):
        return
    from geo.closuretable import read_closures
    from geo.intake import admit_file
    from geo.sniff import TABLE_FORMATS, Format

    try:
        with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
            path = Path(folder) / "closures"
            path.write_bytes(upload.getvalue())
            kind = admit_file(path, accept=TABLE_FORMATS | {Format.GEOJSON}).format
            closures = read_closures(path.rename(path.with_name(f"closures.{kind}")))
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        return
    for closure in closures:
        _put(closure)
    st.rerun()


def _put(closure: Closure) -> None:
    current_desk().decide(KIND, closure.id, closure_value(closure), why=closure.reason)


def _reopen(ident: str) -> None:
    current_desk().decide(KIND, ident, {})
