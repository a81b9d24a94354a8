"""Closures on the coverage page: the road that is selected is closed, a table is read in, a closure is ended."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import time
from pathlib import Path

import streamlit as st

from geo.closures import CLOSED, DAY_MIN, Closure
from geo.errors import RoadseamError
from plan.closures import KIND, closure_value, closures_of
from plan.model import Plan
from views.i18n import language, pick_sentence, say
from views.pictures.land import write_times
from views.state import Desk, Target, current_desk
from views.widgets.parts import empty, note, section, warn
from views.widgets.safe_text import one_line, plain

_PIECE_RADIUS_M = 2.0
_LONGEST_REASON = 120
_MOST_SHOWN = 30


def closure_of_road(plan: Plan, ident: str) -> tuple[str, tuple[str, ...], tuple[tuple[float, float], ...]]:
    """Return id, road and line of a closure of one piece of road of the plan.

    A segment of the map is named; a piece that a seam has cut out of one is drawn, for it has no name that lasts.
    """
    if ident in plan.network.row_of_segment:
        return ident, (ident,), ()
    network = plan.derived.network
    row = network.row_of_segment.get(ident)
    if row is None:
        return "", (), ()
    return ident, (), tuple((float(lon), float(lat)) for lon, lat in network.points(row))


def road_name(plan: Plan, ident: str) -> str:
    """Return number and name of a piece of road, its id where it has neither."""
    network = plan.derived.network
    row = network.row_of_segment.get(ident)
    if row is None:
        return one_line(ident, limit=24)
    words = (network.text("ref", row), network.text("name", row))
    return one_line(" ".join(word for word in words if word) or ident, limit=24)


def show_closures_here(desk: Desk) -> None:
    """Show the closures that are on the map; close the road that is selected, read a table, open a road again."""
    closures = closures_of(desk.plan)
    section(say("封闭与施工"))
    if not closures:
        empty(say("没有封闭"), say("点选图上一段路即可封闭；也可导入封闭表。"))
    _show_list(desk, closures)
    if desk.selection.kind == "segment":
        _show_form(desk, desk.selection.id, taken={c.id for c in closures})
    elif closures:
        note(say("点选图上一段路可封闭它。"))
    _show_import(desk)


def _show_list(desk: Desk, closures: Sequence[Closure]) -> None:
    english = language() == "en"
    for number, closure in enumerate(closures[:_MOST_SHOWN]):
        with st.container(key=f"cover_closure_{number}", horizontal=True, vertical_alignment="center", gap="small"):
            name = road_name(desk.plan, closure.roads[0]) if closure.roads else one_line(closure.id, limit=24)
            words = f"**{plain(name)}**  \n{plain(' · '.join((_effect(closure), write_times(closure)[english])))}"
            st.button(words, key=f"row_closure_{number}", type="tertiary", on_click=_look_at, args=(closure.id,))
            st.button(
                say("恢复"),
                key=f"cover_open_{number}",
                on_click=_open_again,
                args=(closure.id,),
                disabled=desk.is_read_only,
                help=say("恢复通行"),
            )
    if len(closures) > _MOST_SHOWN:
        note(say("另有 {count} 条，见路网页。", count=len(closures) - _MOST_SHOWN))


def _effect(closure: Closure) -> str:
    if closure.speed_kmh is not None:
        return f"≤ {closure.speed_kmh:g} km/h"
    return say("封闭") if closure.factor == CLOSED else f"× {closure.factor:g}"


def _show_form(desk: Desk, ident: str, *, taken: set[str]) -> None:
    key, roads, line = closure_of_road(desk.plan, ident)
    if not key:
        return
    if key in taken:
        note(say("选中的路段已在封闭中。"))
        return
    with st.form("cover_close", border=True):
        st.markdown(say("封闭 **{road}**", road=plain(road_name(desk.plan, ident))))
        left, right = st.columns(2)
        start = left.time_input(say("从"), value=time(0, 0), key="cover_close_from")
        end = right.time_input(say("到（同从 = 全天）"), value=time(0, 0), key="cover_close_to")
        names = {"both": say("双向"), "forward": say("顺地图方向"), "backward": say("逆地图方向")}
        direction = left.selectbox(say("方向"), list(names), format_func=names.__getitem__, key="cover_close_direction")
        slow = right.number_input(say("耗时倍数，0 = 封闭"), 0.0, 100.0, 0.0, key="cover_close_factor")
        why = st.text_input(say("原因"), max_chars=_LONGEST_REASON, key="cover_close_why")
        if not st.form_submit_button(say("封闭选中的路段"), width="stretch", disabled=desk.is_read_only):
            return
    window = (0, DAY_MIN) if start == end else (start.hour * 60 + start.minute, end.hour * 60 + end.minute)
    try:
        closure = Closure(
            key,
            roads,
            line,
            _PIECE_RADIUS_M,
            direction=direction,
            from_min=window[0],
            to_min=window[1],
            factor=slow or CLOSED,
            reason=why.strip() or say("在覆盖页封闭"),
        )
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        return
    _put(desk, [closure])
    desk.clear()
    st.rerun()


def _show_import(desk: Desk) -> None:
    with st.expander(say("导入封闭表"), expanded=False):
        upload = st.file_uploader(say("封闭表 CSV、XLSX 或 GeoJSON"), key="cover_closures_file")
        ready = upload is not None and not desk.is_read_only
        if not st.button(say("导入封闭"), key="cover_import", width="stretch", disabled=not ready) or upload is None:
            return
        try:
            closures = read_upload(upload.getvalue())
        except RoadseamError as error:
            warn(pick_sentence(str(error)), kind="error")
            return
        _put(desk, closures)
        st.rerun()


def read_upload(data: bytes) -> tuple[Closure, ...]:
    """Return the closures of an uploaded table; what it is, its content says and not its name.

    Raises
    ------
    InputError
        It is no table of closures; the sentence names row and column.
    """
    from geo.closuretable import read_closures
    from geo.intake import admit_file
    from geo.sniff import TABLE_FORMATS, Format

    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / "closures"
        path.write_bytes(data)
        kind = admit_file(path, accept=TABLE_FORMATS | {Format.GEOJSON}).format
        return read_closures(path.rename(path.with_name(f"closures.{kind}")))


def _put(desk: Desk, closures: Sequence[Closure]) -> None:
    for closure in closures:
        desk.decide(KIND, closure.id, closure_value(closure), why=closure.reason)


def _open_again(ident: str) -> None:
    current_desk().decide(KIND, ident, {}, why=say("在覆盖页恢复通行"))


def _look_at(ident: str) -> None:
    """Show the road of a closure on the map."""
    from geo.closures import find_segments

    desk = current_desk()
    closure = next((c for c in closures_of(desk.plan) if c.id == ident), None)
    network = desk.plan.derived.network
    rows = find_segments(network, closure).tolist() if closure is not None else []
    if not rows:
        desk.message = "本路网上没有这条封闭的道路。 / No road of this map belongs to this closure."
        return
    points = network.points(rows[0])
    lon, lat = points[len(points) // 2]
    desk.clear()
    desk.jump(Target(place=(float(lon), float(lat)), zoom=15.0))
