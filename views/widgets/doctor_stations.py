"""Step 3 of the network page: stations against the agency's table, corrections, stakes, closures."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import streamlit as st

from geo.errors import RoadseamError
from geo.stations import Station, StationKind
from plan.stationfixes import KIND, corrections, list_stations
from views.i18n import pick_sentence, say, say_in, term
from views.state import Desk, Target, current_desk, keep
from views.widgets.doctor import MORE, land_key, question
from views.widgets.doctor_closures import show_closures
from views.widgets.parts import facts, heading, link_button, note, section, table, warn
from views.widgets.safe_text import one_line

_MATCH = "station_table"
_MOST_ROWS = 40
_ZOOM = 16.0
_LONGEST = 60


def show_stations(desk: Desk) -> None:
    """Show stations and stakes, or the station that is selected."""
    chosen = desk.selection.id if desk.selection.kind == "station" else ""
    station = next((s for s in desk.plan.stations if s.id == chosen), None)
    if station is not None:
        _show_station(desk, station)
        return
    stations = desk.plan.stations
    count = Counter(s.kind for s in stations)
    heading(question(), say("{count} 个收费站", count=len(stations)))
    rows = [(term(str(kind)), str(count[kind])) for kind in StationKind if count[kind]]
    if rows:
        table((say("类型"), say("个数")), rows)
    else:
        warn(say("地图上没有收费站，请导入收费站表。"))
    _show_table(desk)
    _show_stakes(desk)
    show_closures(desk)
    section(say("全部收费站"))
    for one in stations[:_MOST_ROWS]:
        name = one.name or one.id
        if link_button(f"{name}　{term(str(one.kind))}", f"station_{one.id}"):
            _select(desk, one)


def _select(desk: Desk, station: Station) -> None:
    place = (station.lon, station.lat)
    desk.select("station", station.id, place)
    desk.jump(Target(place=place, zoom=_ZOOM))
    st.rerun()


def _show_station(desk: Desk, station: Station) -> None:
    row = next(r for r in _rows(desk) if r["id"] == station.id)
    heading(f"{say('收费站')} · {term(str(station.kind))}", station.name or station.id)
    others = [name for name in station.names if name != station.name]
    lanes = " · ".join(f"{term(way)} {n}" for way, n in row["lanes_by_direction"].items())
    facts(
        [
            (say("又名"), one_line("、".join(others))),
            (say("车道"), str(station.lanes) if station.lanes else ""),
            (say("分方向"), lanes),
            (say("收费亭"), str(len(station.booths)) if station.booths else ""),
            (say("位置"), f"{station.lon:.6f}, {station.lat:.6f} (WGS-84)"),
            (say_in("code", "编号"), station.id),
        ]
    )
    made = corrections(desk.plan.decisions).get(station.id, [])
    section(say("人工订正"))
    for decision in made[-3:]:
        what = "、".join(sorted(k for k in decision.value if k != "anchors"))
        note(f"{decision.when} {what} {one_line(decision.why, limit=_LONGEST)}")
    if not made:
        note(say("订正单独保存，不改动地图；换新地图后仍有效。"))
    _show_form(station)
    if made:
        st.button(
            say("撤回全部订正"),
            key="uncorrect",
            width="stretch",
            on_click=_correct,
            args=(station.id, {}, ""),
        )
    st.button(say("返回清单"), key="back_stations", on_click=desk.clear, width="stretch")


def _show_form(station: Station) -> None:
    kinds = [str(kind) for kind in StationKind]
    with st.form(f"correct_{station.id}", border=False):
        name = st.text_input(say("名称"), value=station.name, max_chars=_LONGEST)
        kind = st.selectbox(say("类型"), kinds, index=kinds.index(str(station.kind)), format_func=term)
        lanes = st.number_input(say("车道数"), 0, 60, station.lanes)
        why = st.text_input(say("理由"), max_chars=200, placeholder=say("例如：现场核对"))
        if st.form_submit_button(say("保存订正"), width="stretch"):
            asked: dict[str, Any] = {"name": name.strip(), "kind": kind, "lanes": int(lanes)}
            now = {"name": station.name, "kind": str(station.kind), "lanes": station.lanes}
            value = {key: new for key, new in asked.items() if new and new != now[key]}
            if not value or not why.strip():
                warn(say("请改动至少一项并写明理由。"), kind="error")
            else:
                _correct(station.id, value, why.strip())
                st.rerun()


def _correct(station: str, value: dict[str, Any], why: str) -> None:
    current_desk().decide(KIND, station, value, why=why)


def _rows(desk: Desk) -> list[dict[str, Any]]:
    plan = desk.plan
    return keep(("stations", land_key(desk)), lambda: list_stations(plan.land, plan.decisions))


def _show_table(desk: Desk) -> None:
    section(say("与单位的收费站表核对"))
    said: dict[str, Any] | None = desk.extra.get(_MATCH)
    if said is not None:
        facts(
            [
                (say("表内"), str(said["rows"])),
                (say("匹配"), str(said["matched"])),
                (say("表内有、图上无"), str(said["rows_left"])),
                (say("图上有、表内无"), str(said["stations_left"])),
            ]
        )
        note(say("每一处不符列在下表中。"))
    upload = st.file_uploader(
        say("收费站表 CSV 或 XLSX：名称、经度、纬度、路线、桩号"),
        key="station_table_file",
    )
    if upload is not None and st.button(say("核对"), key="match_stations", width="stretch"):
        try:
            _match(desk, upload.getvalue())
        except RoadseamError as error:
            warn(pick_sentence(str(error)), kind="error")
        else:
            st.rerun()


def _match(desk: Desk, data: bytes) -> None:
    from geo.intake import admit_file
    from geo.sniff import TABLE_FORMATS
    from views.console.landjobs import StationQuestion, match_table

    with tempfile.TemporaryDirectory(prefix="roadseam-") as folder:
        path = Path(folder) / "stations"
        path.write_bytes(data)
        path = path.rename(path.with_name(f"stations.{admit_file(path, accept=TABLE_FORMATS).format}"))
        table_read, match = match_table(desk.plan, StationQuestion(table=path))
    desk.extra[_MATCH] = {
        "rows": len(table_read.rows),
        "matched": len(match.pairs),
        "rows_left": len(match.rows_left),
        "stations_left": len(match.stations_left),
    }
    desk.extra.setdefault(MORE, {})[_MATCH] = match.findings
    desk.is_moved = True


def _show_stakes(desk: Desk) -> None:
    section(say_in("many", "桩号"))
    stakes = desk.plan.derived.stakes
    rows = []
    for route in stakes.routes:
        said = stakes.of(route).to_json()
        error = said["error_m"]
        rows.append((route, term(str(said["source"])), f"±{error:.0f} m" if isinstance(error, float) else "–"))
    if rows:
        table((say("路线"), say("来源"), say("误差界")), rows)
        note(say("图上每公里一桩，放大后每百米一桩。"))
    else:
        note(say("没有桩号表，地图上也没有里程碑；请导入桩号表。"))
