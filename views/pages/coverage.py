"""Coverage 覆盖: who can be there within minutes? Time limit, shares, response times, units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from geo.errors import InputError, RoadseamError
from patrol.coverage import Coverage, Reached, Response, classify, time_response
from patrol.units import LOCAL, Unit
from views.catalogue import both
from views.crews import TABLE, units_of, units_value
from views.i18n import format_km, format_minutes, pick_sentence, say, say_in, term
from views.map.palette import COVERAGE
from views.pages.page import Page
from views.pictures.coverage import draw_coverage
from views.pictures.owners import describe, draw_owners
from views.state import Desk, current_desk, graph_of, keep
from views.widgets.charts import Curve, show_curves
from views.widgets.map_view import Picture
from views.widgets.parts import empty, facts, heading, labelled, next_step, note, section, table, warn

_LIMIT = "limit_min"
_LIMITS = (5, 60)
_FIRST = 15
_STEPS = tuple(range(_LIMITS[0], _LIMITS[1] + 1, 5))
_ORDER = (Reached.BOTH, Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY, Reached.NONE)
_LONGEST_ID = 40


def limit_min(desk: Desk) -> int:
    """Return the time limit in minutes."""
    return int(desk.extra.get(_LIMIT, _FIRST))


def response_of(desk: Desk) -> Response:
    """Return the arrival times of the plan's units.

    Raises
    ------
    InputError
        There is no unit that can leave, or one stands far from every road.
    """
    units = units_of(desk.plan)
    if not units:
        raise InputError("尚无单元，请在下表添加。 / no unit yet: add one in the table below.")
    return keep(("response", desk.key), lambda: time_response(graph_of(desk), units))


def coverage_of(desk: Desk, minutes: int) -> Coverage:
    """Return the coverage within a limit."""
    return keep(
        ("coverage", desk.key, minutes),
        lambda: classify(response_of(desk), limit_s=minutes * 60.0, owners=desk.plan.derived.agency),
    )


def picture(desk: Desk) -> Picture:
    """Return the coverage, or the split where there is none."""
    plan, minutes = desk.plan, limit_min(desk)
    try:
        coverage = coverage_of(desk, minutes)
    except RoadseamError:
        return Picture(("owners", desk.key), lambda: draw_owners(plan), describe(plan))
    key = ("coverage", desk.key, minutes)
    return Picture(key, lambda: draw_coverage(plan.derived.network, coverage, units_of(desk.plan)), describe(plan))


def card(desk: Desk) -> None:
    """Show limit, shares and response times."""
    heading(say("谁能在几分钟内赶到？"), say("联合覆盖"))
    minutes = st.slider(
        say("时限（分钟）"),
        *_LIMITS,
        value=limit_min(desk),
        step=1,
        key="limit_slider",
        on_change=_set_limit,
    )
    try:
        coverage = coverage_of(desk, minutes)
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        empty(
            say("尚不能计算覆盖"),
            say("在地图下方的单元表中给出驻点和车辆。"),
        )
    else:
        _show_shares(coverage)
        _show_response(coverage)
        _show_chart(desk, minutes)
        _show_selected(desk, coverage)
    next_step(say("安排勤务"), "patrol")


def _set_limit() -> None:
    current_desk().extra[_LIMIT] = int(st.session_state.get("limit_slider", _FIRST))


def _show_shares(coverage: Coverage) -> None:
    total = coverage.total_mm or 1
    colors = {style.key: style.color for style in COVERAGE}
    rows = [
        (
            labelled(colors[state.name.lower()], term("none_reached" if state is Reached.NONE else state.name.lower())),
            f"{coverage.length_mm[state] / total:.1%}",
            format_km(coverage.length_mm[state] / 1000),
        )
        for state in _ORDER
    ]
    table((say("按行车方向"), say("占比"), say("里程")), rows, numbers=2)


def _show_response(coverage: Coverage) -> None:
    times: Mapping[str, float] = coverage.response_s
    facts(
        [
            (say("一半路段"), f"{format_minutes(times['p50'])} · p50"),
            (say("九成路段"), f"{format_minutes(times['p90'])} · p90"),
            (say("最远处"), format_minutes(times["max"])),
            (
                say("任何时候都到不了"),
                format_km(coverage.unreachable_mm / 1000) if coverage.unreachable_mm else "",
            ),
        ]
    )


def _show_chart(desk: Desk, minutes: int) -> None:
    section(say("可达占比随时限"))
    found = [coverage_of(desk, step) for step in _STEPS]
    colors = {style.key: style.color for style in COVERAGE}

    def shares(*states: Reached) -> tuple[float, ...]:
        return tuple(sum(c.length_mm[s] for s in states) / (c.total_mm or 1) for c in found)

    curves = [
        Curve(say("联合"), colors["both"], shares(Reached.BOTH, Reached.LOCAL_ONLY, Reached.EXPRESSWAY_ONLY)),
        Curve(say("普通"), colors["local_only"], shares(Reached.BOTH, Reached.LOCAL_ONLY)),
        Curve(say("高速"), colors["expressway_only"], shares(Reached.BOTH, Reached.EXPRESSWAY_ONLY)),
    ]
    show_curves(_STEPS, curves, here=minutes, unit=say_in("long", "分钟"))
    note(say("里程按行车方向计，双向道路计两次；图上双向道路按较差的方向着色，时限用尽处断开。"))


def _show_selected(desk: Desk, coverage: Coverage) -> None:
    if desk.selection.kind != "unit":
        return
    share = next((u for u in coverage.units if u.id == desk.selection.id), None)
    if share is None:
        return
    section(say("选中的单元"))
    names = {a.id: a.name for a in desk.plan.agencies}
    facts(
        [
            (say("单元"), share.id),
            (say("单位"), names.get(share.agency, term(share.agency))),
            (say("最先赶到"), f"{format_km(share.nearest_m)} · {share.share:.1%}"),
            (say("驻点离道路"), format_km(share.snap_m)),
        ]
    )


def tray(desk: Desk) -> None:
    """Show the units as a table to be edited; each change is a decision."""
    import pandas as pd

    units = units_of(desk.plan)
    agencies = list(
        dict.fromkeys([*(a.id for a in desk.plan.agencies), LOCAL, "expressway", "joint", *(u.agency for u in units)])
    )
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies}

    def label(agency: object) -> str:
        return names.get(str(agency), term(str(agency)))

    columns = {
        "id": st.column_config.TextColumn(say("单元"), required=True, max_chars=_LONGEST_ID),
        "agency": st.column_config.SelectboxColumn(
            say("单位"),
            options=agencies,
            required=True,
            format_func=lambda a: names.get(str(a), term(str(a))),
        ),
        "lon": st.column_config.NumberColumn(say("经度"), required=True, min_value=-180, max_value=180, format="%.6f"),
        "lat": st.column_config.NumberColumn(say("纬度"), required=True, min_value=-90, max_value=90, format="%.6f"),
        "available": st.column_config.NumberColumn(say("可出动车辆"), required=True, min_value=0, max_value=99, step=1),
    }
    rows = [[u.id, u.agency, u.lon, u.lat, u.available] for u in units]
    frame = pd.DataFrame(rows, columns=list(columns)).astype({"lon": float, "lat": float, "available": int})
    edited = st.data_editor(
        frame,
        key=f"units-{desk.key}",
        num_rows="dynamic",
        hide_index=True,
        column_config=columns,
        height=192,
        width="stretch",
    )
    if not edited.equals(frame):
        _set_units(desk, edited.to_dict("records"))


def _set_units(desk: Desk, records: list[dict[Any, Any]]) -> None:
    try:
        units = tuple(_read_unit(row) for row in records)
    except (ValueError, TypeError):
        # A row that is still being filled in is no mistake yet.
        return
    if len({u.id for u in units}) < len(units):
        warn(say("单元名称重复，请改成不同的名称。"), kind="error")
        return
    if units != units_of(desk.plan):
        desk.decide("set_units", TABLE, units_value(units), why=say("在覆盖页修改"))
        st.rerun()


def _read_unit(row: Mapping[str, Any]) -> Unit:
    return Unit(
        str(row["id"] or "").strip(),
        str(row["agency"] or ""),
        float(row["lon"]),
        float(row["lat"]),
        int(row["available"]),
    )


def has_tray(_desk: Desk) -> bool:
    """Return that the table of units is always there."""
    return True


COVERAGE_PAGE = Page(
    "coverage",
    both("覆盖"),
    both("谁能在几分钟内赶到？"),
    picture,
    card,
    tray=tray,
    has_tray=has_tray,
)
