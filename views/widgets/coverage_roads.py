"""Under which conditions coverage is asked: time limit, hour and day, agencies that answer; and what follows."""

from __future__ import annotations

from datetime import date, datetime, time

import streamlit as st

from geo.closures import graph_at
from geo.snapping import SnapIndex, build_snap_index
from geo.travel import TravelGraph
from patrol.coverage import Coverage, Response, classify, time_response
from patrol.hours import is_on_duty
from patrol.stranded import IdleUnit, leave_home
from patrol.units import JOINT, Unit
from plan.closures import closures_of
from views.crews import shifts_of, units_of
from views.i18n import format_day, say, say_in, term
from views.state import Desk, current_desk, graph_of, keep
from views.widgets.parts import note
from views.widgets.safe_text import one_line

LIMITS_MIN = (5, 60)
FIRST_LIMIT_MIN = 15
_LIMIT, _HOUR, _DAY, _OFF = "limit_min", "cover_hour", "cover_day", "cover_off"
_MONDAY = date(2026, 1, 5)
_HOURS, _HOUR_MIN = 24, 60
_ANY_HOUR = -1


def limit_min(desk: Desk) -> int:
    """Return the time limit in minutes."""
    return int(desk.extra.get(_LIMIT, FIRST_LIMIT_MIN))


def day_of(desk: Desk) -> date:
    """Return the day whose hours are meant; a Monday where none was chosen."""
    day: date = desk.extra.get(_DAY) or _MONDAY
    return day


def moment_of(desk: Desk) -> datetime | None:
    """Return the moment for which coverage is asked, ``None`` for what always holds."""
    hour: int | None = desk.extra.get(_HOUR)
    return None if hour is None else datetime.combine(day_of(desk), time(hour))


def roads_of(desk: Desk) -> TravelGraph:
    """Return the travel graph of that moment, under the closures of the plan."""
    at = moment_of(desk)
    if at is None:
        return graph_of(desk)
    return keep(
        ("graph", desk.key, at.isoformat()),
        lambda: graph_at(desk.plan.derived.network, closures_of(desk.plan), at=at),
    )


def index_of(desk: Desk) -> SnapIndex:
    """Return the search tree of the plan's network."""
    return keep(("snaps", desk.key), lambda: build_snap_index(desk.plan.derived.network))


def _parted(desk: Desk) -> tuple[tuple[Unit, ...], tuple[IdleUnit, ...]]:
    """Return the units on the network, and those far from every road.

    Raises
    ------
    InputError
        Every unit is far from every road.
    """
    units = units_of(desk.plan)
    return keep(("home", desk.key), lambda: leave_home(desk.plan.derived.network, units, index=index_of(desk)))


def crews_of(desk: Desk) -> tuple[Unit, ...]:
    """Return the units on the map of the agencies that are switched on, whatever their shift.

    Raises
    ------
    InputError
        Every unit is far from every road.
    """
    off = desk.extra.get(_OFF) or frozenset()
    return tuple(unit for unit in _parted(desk)[0] if unit.agency not in off)


def crew_key(desk: Desk) -> tuple[object, ...]:
    """Return what names the plan and the agencies that are switched on."""
    return (desk.key, tuple(sorted(desk.extra.get(_OFF) or ())))


def answering(desk: Desk) -> tuple[Unit, ...]:
    """Return the units that answer: of `crews_of`, those on duty at the hour; all where no hour was chosen."""
    hour, shifts = desk.extra.get(_HOUR), shifts_of(desk.plan)
    return tuple(u for u in crews_of(desk) if hour is None or is_on_duty(u, hour * _HOUR_MIN, shifts))


def idle_units(desk: Desk) -> tuple[IdleUnit, ...]:
    """Return the units that cannot answer because they stand far from every road."""
    return _parted(desk)[1]


def conditions_key(desk: Desk) -> tuple[object, ...]:
    """Return what names plan, moment and agencies."""
    return (*crew_key(desk), str(moment_of(desk)))


def response_of(desk: Desk) -> Response:
    """Return the arrival times of the units that answer.

    Raises
    ------
    InputError
        No unit can leave, or every one stands far from every road.
    """
    units = answering(desk)
    return keep(("response", *conditions_key(desk)), lambda: time_response(roads_of(desk), units, index=index_of(desk)))


def coverage_of(desk: Desk, minutes: int) -> Coverage:
    """Return the coverage within a limit; raises what `response_of` raises."""
    return keep(
        ("coverage", *conditions_key(desk), minutes),
        lambda: classify(response_of(desk), limit_s=minutes * 60.0, owners=desk.plan.derived.agency),
    )


def show_conditions(desk: Desk) -> None:
    """Show time limit, hour, day and the switches of the agencies."""
    st.slider(
        say("时限（分钟）"), *LIMITS_MIN, step=1, key=_seed("limit_slider", limit_min(desk)), on_change=_set_limit
    )
    agencies = list(dict.fromkeys(unit.agency for unit in units_of(desk.plan)))
    left, right = st.columns(2)
    hour: int | None = desk.extra.get(_HOUR)
    left.selectbox(
        say("时刻"),
        [_ANY_HOUR, *range(_HOURS)],
        key=_seed("cover_hour_box", _ANY_HOUR if hour is None else hour),
        format_func=lambda h: say("不分时段") if h == _ANY_HOUR else f"{h:02d}:00",
        on_change=_set_hour,
    )
    right.date_input(
        say_in("day", "日期"),
        key=_seed("cover_day_box", day_of(desk)),
        on_change=_set_day,
        disabled=hour is None,
    )
    if len(agencies) > 1:
        off = desk.extra.get(_OFF) or frozenset()
        st.pills(
            say("参与的单位"),
            agencies,
            selection_mode="multi",
            format_func=lambda a: agency_letter(desk, a),
            key=_seed("cover_agencies", [a for a in agencies if a not in off]),
            on_change=_set_agencies,
        )


def tell_conditions(desk: Desk) -> None:
    """Show the conditions in one quiet line, where another tab has the controls."""
    at, off = moment_of(desk), desk.extra.get(_OFF) or frozenset()
    when = say("不分时段") if at is None else f"{format_day(at.date().isoformat())} {at:%H:%M}"
    agencies = list(dict.fromkeys(unit.agency for unit in units_of(desk.plan)))
    who = (
        say("、").join(agency_letter(desk, a) for a in agencies if a not in off)
        if off & set(agencies)
        else say("全部单位")
    )
    note(say("{minutes} 分钟 · {when} · {who}", minutes=limit_min(desk), when=when, who=who))


def agency_letter(desk: Desk, agency: str) -> str:
    """Return the letter of an agency, or its word where the plan does not know it."""
    letters = {JOINT: say_in("letter", "联")} | {a.id: a.letter for a in desk.plan.agencies}
    return one_line(letters.get(agency) or term(agency), limit=16)


def agency_label(desk: Desk, agency: str) -> str:
    """Return letter and name of an agency, each once."""
    return " ".join(dict.fromkeys((agency_letter(desk, agency), agency_name(desk, agency))))


def agency_name(desk: Desk, agency: str) -> str:
    """Return the name of an agency, or its word where the plan does not know it."""
    names = {a.id: a.name for a in desk.plan.agencies}
    return one_line(names.get(agency) or term(agency), limit=40)


def _seed(key: str, value: object) -> str:
    """Set a control to what the desk knows, and return its key: the desk outlives it, and its name stays its own."""
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return key


def _set_limit() -> None:
    current_desk().extra[_LIMIT] = int(st.session_state.get("limit_slider", FIRST_LIMIT_MIN))


def _set_hour() -> None:
    hour = int(st.session_state.get("cover_hour_box", _ANY_HOUR))
    current_desk().extra[_HOUR] = None if hour == _ANY_HOUR else hour


def _set_day() -> None:
    current_desk().extra[_DAY] = st.session_state.get("cover_day_box")


def _set_agencies() -> None:
    desk = current_desk()
    on = set(st.session_state.get("cover_agencies") or ())
    desk.extra[_OFF] = frozenset(unit.agency for unit in units_of(desk.plan)) - on
