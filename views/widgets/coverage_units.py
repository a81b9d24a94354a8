"""Units of the plan: edited in a table, added, moved and taken away on the map; each change is a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from patrol.coverage import Coverage
from patrol.units import JOINT, LOCAL, Unit
from plan.model import Plan
from views.crews import NO_SHIFTS, TABLE, Shift, shifts_of, units_of, units_value
from views.i18n import format_km, say, say_in, term
from views.state import Desk, current_desk
from views.widgets.coverage_roads import agency_label, agency_letter, agency_name, coverage_of, idle_units, index_of
from views.widgets.coverage_table import COLUMNS, LONGEST_NAME, read_table, rows_of
from views.widgets.parts import empty, facts, note, section, table, warn
from views.widgets.safe_text import one_line, plain

_MODE, _AGENCY = "unit_mode", "unit_agency"
_TRAY_PX = 190


def put_units(desk: Desk, units: Sequence[Unit], *, why: str, shifts: Mapping[str, Shift] = NO_SHIFTS) -> None:
    """Make the decision that sets the units; units that stay keep their shift where none is given."""
    names = {unit.id for unit in units}
    kept = {name: shift for name, shift in shifts_of(desk.plan).items() if name in names}
    desk.decide("set_units", TABLE, units_value(units, kept | dict(shifts)), why=why)


def agencies_of(plan: Plan) -> list[str]:
    """Return the agencies a unit may belong to: those of the plan, mixed crews, and what units have already."""
    own = [agency.id for agency in plan.agencies] or [LOCAL, "expressway"]
    return list(dict.fromkeys([*own, JOINT, *(unit.agency for unit in units_of(plan))]))


def name_unit(plan: Plan, agency: str, taken: Sequence[str]) -> str:
    """Return a free name for one more unit of an agency: its letter and the next number."""
    letters = {a.id: a.letter for a in plan.agencies} | {JOINT: say_in("letter", "联")}
    letter = letters.get(agency) or agency[:4]
    mark = "-" if letter[-1:].isdigit() else ""
    number = 1
    while f"{letter}{mark}{number}" in taken:
        number += 1
    return f"{letter}{mark}{number}"


def add_unit(units: Sequence[Unit], unit: Unit) -> tuple[Unit, ...]:
    """Return units with one more."""
    return (*units, unit)


def move_unit(units: Sequence[Unit], name: str, place: tuple[float, float]) -> tuple[Unit, ...]:
    """Return units with one of them at another place, longitude and latitude in degrees."""
    lon, lat = round(place[0], 6), round(place[1], 6)
    return tuple(Unit(u.id, u.agency, lon, lat, u.available, u.skills) if u.id == name else u for u in units)


def take_unit_click(desk: Desk) -> None:
    """Put the unit that waits for a place where the map was clicked since."""
    mode: tuple[str, str] | None = desk.extra.get(_MODE)
    place: tuple[float, float] | None = desk.extra.get("spot")
    if mode is None or place is None:
        return
    desk.extra.pop(_MODE)
    units = units_of(desk.plan)
    kind, name = mode
    if kind == "add":
        unit = Unit(name_unit(desk.plan, name, [u.id for u in units]), name, round(place[0], 6), round(place[1], 6))
        put_units(desk, add_unit(units, unit), why=say("在图上新增单元"))
        desk.select("unit", unit.id, place)
    elif any(u.id == name for u in units):
        put_units(desk, move_unit(units, name, place), why=say("在图上移动单元"))
        desk.select("unit", name, place)
    st.rerun()


def leave_mode(desk: Desk) -> None:
    """Forget that a unit waits for a place."""
    desk.extra.pop(_MODE, None)


def show_units(desk: Desk, minutes: int) -> None:
    """Show the units in figures, the one that is selected, and how to add one on the map."""
    units = units_of(desk.plan)
    mode: tuple[str, str] | None = desk.extra.get(_MODE)
    if mode is not None:
        _show_mode(desk, mode)
    if not units:
        empty(say("还没有单元"), say("在图上新增，或在地图下方的表中填写；也可导入 CSV 表。"))
    for idle in idle_units(desk) if units else ():
        warn(say("{unit} 距道路太远，不参加计算。", unit=one_line(idle.unit, limit=20)))
    unit = next((u for u in units if desk.selection.kind == "unit" and u.id == desk.selection.id), None)
    coverage = _coverage(desk, minutes)
    if unit is not None:
        _show_one(desk, unit, coverage)
    else:
        _show_all(desk, units, coverage)
    if mode is None:
        _show_add(desk)
    _show_import(desk)


def _coverage(desk: Desk, minutes: int) -> Coverage | None:
    from geo.errors import RoadseamError

    try:
        return coverage_of(desk, minutes)
    except RoadseamError:
        return None


def _show_mode(desk: Desk, mode: tuple[str, str]) -> None:
    kind, name = mode
    if kind == "add":
        warn(say("请点选地图：新单元（{agency}）的驻点。", agency=agency_letter(desk, name)), kind="note")
    else:
        warn(say("请点选地图：{unit} 的新驻点。", unit=one_line(name, limit=20)), kind="note")
    st.button(say("取消 Esc"), key="unit_cancel", width="stretch", on_click=leave_mode, args=(desk,), shortcut="Esc")


def _show_one(desk: Desk, unit: Unit, coverage: Coverage | None) -> None:
    section(say("单元 {unit}", unit=one_line(unit.id, limit=30)))
    share = next((u for u in coverage.units if u.id == unit.id), None) if coverage is not None else None
    shift = shifts_of(desk.plan).get(unit.id)
    facts(
        [
            (say("单位"), agency_name(desk, unit.agency)),
            (say("可出动车辆"), str(unit.available)),
            (say("技能"), say("、").join(one_line(term(skill), limit=16) for skill in unit.skills)),
            (say("班次"), write_shift(shift) if shift else say("全天")),
            (say("最先赶到"), f"{format_km(share.nearest_m)} · {share.share:.1%}" if share else ""),
            (say("驻点离道路"), format_km(share.snap_m) if share else ""),
        ]
    )
    left, right = st.columns(2)
    locked = desk.is_read_only
    left.button(say("移动"), key="unit_move", width="stretch", on_click=_begin, args=("move", unit.id), disabled=locked)
    right.button(say("删除"), key="unit_remove", width="stretch", on_click=_remove, args=(unit.id,), disabled=locked)
    note(say("名称、单位、班次、车辆在地图下方的表中修改。"))


def _show_all(desk: Desk, units: Sequence[Unit], coverage: Coverage | None) -> None:
    if not units:
        return
    near = {u.id: u for u in coverage.units} if coverage is not None else {}
    rows = [
        (
            one_line(unit.id, limit=14),
            agency_letter(desk, unit.agency),
            str(unit.available),
            format_km(near[unit.id].nearest_m) if unit.id in near else "–",
        )
        for unit in sorted(units, key=lambda u: (-near[u.id].nearest_m if u.id in near else 0.0, u.id))
    ]
    section(say("{count} 个单元，按最先赶到的里程", count=len(units)))
    table((say("单元"), say("单位"), say("车"), say("最先赶到")), rows, numbers=2)
    note(say("点选图上的单元可移动或删除。"))


def _show_add(desk: Desk) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    agency = left.selectbox(
        say("新单元的单位"),
        agencies_of(desk.plan),
        key=_AGENCY,
        format_func=lambda a: plain(agency_label(desk, a), limit=24),
    )
    right.button(
        say("在图上新增"),
        key="unit_add",
        width="stretch",
        on_click=_begin,
        args=("add", agency),
        disabled=desk.is_read_only,
    )


def _begin(kind: str, name: str) -> None:
    desk = current_desk()
    desk.clear()
    desk.extra.pop("spot", None)
    desk.extra[_MODE] = (kind, name)


def _remove(name: str) -> None:
    desk = current_desk()
    put_units(desk, [u for u in units_of(desk.plan) if u.id != name], why=say("在图上删除单元"))
    desk.clear()


def write_shift(shift: Shift) -> str:
    """Return a shift as ``08:00–20:00``."""
    return "–".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in shift)


def show_unit_table(desk: Desk) -> None:
    """Show the units as a table to be edited; what is wrong in it is named row by row and changes nothing."""
    import pandas as pd

    agencies = agencies_of(desk.plan)
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies}
    shown = rows_of(desk.plan, index=index_of(desk))
    frame = pd.DataFrame(shown, columns=list(COLUMNS)).astype({"lon": float, "lat": float, "cars": "Int64"})
    said = st.container(key="unit_faults")
    edited = st.data_editor(
        frame,
        key=f"units-{desk.key}",
        num_rows="dynamic",
        hide_index=True,
        column_config=_columns(agencies, names),
        disabled=True if desk.is_read_only else ["road"],
        height=_TRAY_PX,
        width="stretch",
    )
    records: list[dict[Any, Any]] = edited.to_dict("records")
    if edited.equals(frame):
        return
    read = read_table(records, desk.plan, index=index_of(desk))
    if read.faults:
        with said:
            for fault in read.faults:
                warn(fault, kind="error")
        return
    if (read.units, dict(read.shifts)) != (units_of(desk.plan), shifts_of(desk.plan)):
        value = units_value(read.units, read.shifts)
        desk.decide("set_units", TABLE, value, why=say("在覆盖页修改"))
        st.rerun()


def _columns(agencies: Sequence[str], names: Mapping[str, str]) -> dict[str, Any]:
    column = st.column_config
    return {
        "id": column.TextColumn(say("单元"), max_chars=LONGEST_NAME, width=90),
        "agency": column.SelectboxColumn(
            say("单位"), options=agencies, width=150, format_func=lambda a: names.get(str(a), term(str(a)))
        ),
        "cars": column.NumberColumn(say("车"), step=1, width=60, help=say("可出动车辆，0 = 不出动")),
        "skills": column.TextColumn(say("技能"), width=90, help=say("以顿号或分号隔开")),
        "shift": column.TextColumn(say("班次"), width=100, help=say("如 08:00-20:00，空 = 全天")),
        "lon": column.NumberColumn(say_in("place", "经度"), format="%.6f", width=100),
        "lat": column.NumberColumn(say_in("place", "纬度"), format="%.6f", width=100),
        "road": column.TextColumn(say("所在道路"), width=120),
    }


def _show_import(desk: Desk) -> None:
    with st.expander(say("导入单元表"), expanded=False):
        upload = st.file_uploader(say("单元表 CSV：id, agency, lon, lat, available, skills, duty"), key="units_file")
        ready = upload is not None and not desk.is_read_only
        if not st.button(say("导入单元"), key="units_import", width="stretch", disabled=not ready) or upload is None:
            return
        from geo.errors import RoadseamError
        from views.i18n import choose, pick_sentence
        from views.widgets.coverage_table import read_units_file

        try:
            units, shifts, idle = read_units_file(upload.getvalue())
        except RoadseamError as error:
            warn(pick_sentence(str(error)), kind="error")
            return
        for one in idle:
            warn(choose(one.message, one.message_en))
        desk.decide("set_units", TABLE, units_value(units, shifts), why=say("导入单元表"))
        if not idle:
            st.rerun()
