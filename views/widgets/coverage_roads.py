"""Under which conditions coverage is asked: hour and day, agencies that answer, closures of the plan."""

from __future__ import annotations

from datetime import date, datetime, time

import streamlit as st

from geo.closures import CLOSED, Closure, graph_at
from geo.travel import TravelGraph
from patrol.units import Unit
from plan.closures import KIND, closure_value, closures_of
from views.crews import units_of
from views.i18n import say, say_in, term
from views.state import Desk, current_desk, graph_of, keep
from views.widgets.parts import note, section
from views.widgets.safe_text import one_line

_HOUR, _DAY, _OFF = "cover_hour", "cover_day", "cover_off"
_MONDAY = date(2026, 1, 5)
_HOURS = 24


def moment_of(desk: Desk) -> datetime | None:
    """Return the moment for which coverage is asked, ``None`` for what always holds."""
    hour: int | None = desk.extra.get(_HOUR)
    day: date = desk.extra.get(_DAY) or _MONDAY
    return None if hour is None else datetime.combine(day, time(hour))


def roads_of(desk: Desk) -> TravelGraph:
    """Return the travel graph of that moment, under the closures of the plan."""
    at = moment_of(desk)
    if at is None:
        return graph_of(desk)
    return keep(
        ("graph", desk.key, at.isoformat()),
        lambda: graph_at(desk.plan.derived.network, closures_of(desk.plan), at=at),
    )


def answering(desk: Desk) -> tuple[Unit, ...]:
    """Return the units of the agencies that are switched on."""
    off = desk.extra.get(_OFF) or frozenset()
    return tuple(unit for unit in units_of(desk.plan) if unit.agency not in off)


def conditions_key(desk: Desk) -> tuple[object, ...]:
    """Return what names plan, moment and agencies."""
    return (desk.key, str(moment_of(desk)), tuple(sorted(desk.extra.get(_OFF) or ())))


def show_conditions(desk: Desk) -> None:
    """Show hour, day and the switches of the agencies."""
    agencies = list(dict.fromkeys(unit.agency for unit in units_of(desk.plan)))
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies}
    left, right = st.columns(2)
    left.selectbox(
        say("时刻"),
        [None, *range(_HOURS)],
        index=([None, *range(_HOURS)]).index(desk.extra.get(_HOUR)),
        key="cover_hour_box",
        format_func=lambda h: say("不分时段") if h is None else f"{h:02d}:00",
        on_change=_set_hour,
    )
    if desk.extra.get(_HOUR) is not None:
        right.date_input(
            say_in("day", "日期"), value=desk.extra.get(_DAY) or _MONDAY, key="cover_day_box", on_change=_set_day
        )
    if len(agencies) > 1:
        off = desk.extra.get(_OFF) or frozenset()
        st.pills(
            say("参与的单位"),
            agencies,
            selection_mode="multi",
            default=[a for a in agencies if a not in off],
            format_func=lambda a: one_line(names.get(a, term(a)), limit=16),
            key="cover_agencies",
            on_change=_set_agencies,
        )


def _set_hour() -> None:
    current_desk().extra[_HOUR] = st.session_state.get("cover_hour_box")


def _set_day() -> None:
    current_desk().extra[_DAY] = st.session_state.get("cover_day_box")


def _set_agencies() -> None:
    desk = current_desk()
    on = set(st.session_state.get("cover_agencies") or ())
    desk.extra[_OFF] = frozenset(unit.agency for unit in units_of(desk.plan)) - on


def show_closures_here(desk: Desk) -> None:
    """Show the closures that are on the map; close the road that is selected, open one again."""
    section(say_in("many", "封闭"))
    closures = closures_of(desk.plan)
    if not closures:
        note(say("没有封闭。点选图上一段路即可封闭。"))
    for number, closure in enumerate(closures):
        st.button(
            say("恢复通行：{desk}", desk=_name(desk, closure)),
            key=f"cover_open_{number}",
            width="stretch",
            on_click=_open_again,
            args=(closure.id,),
        )
    chosen = desk.selection.id if desk.selection.kind == "segment" else ""
    if not chosen:
        return
    road = _base(desk, chosen)
    if road and road not in {c.id for c in closures}:
        st.button(
            say("封闭选中的路段：{desk}", desk=_road(desk, road)),
            key="cover_close",
            width="stretch",
            on_click=_close,
            args=(road,),
        )


def _base(desk: Desk, ident: str) -> str:
    """Return the segment of the map a piece belongs to: pieces cut at a seam are named after it."""
    known = desk.plan.network.row_of_segment
    if ident in known:
        return ident
    base = ident.rsplit("/", 1)[0]
    return base if base in known else ""


def _road(desk: Desk, ident: str) -> str:
    network = desk.plan.network
    row = network.row_of_segment.get(ident)
    name = "" if row is None else network.text("ref", row) or network.text("name", row)
    return one_line(name or ident, limit=20)


def _name(desk: Desk, closure: Closure) -> str:
    return _road(desk, closure.roads[0]) if closure.roads else one_line(closure.id, limit=20)


def _close(road: str) -> None:
    closure = Closure(road, (road,), factor=CLOSED, reason=say("在覆盖页封闭"))
    current_desk().decide(KIND, road, closure_value(closure), why=closure.reason)


def _open_again(ident: str) -> None:
    current_desk().decide(KIND, ident, {})
