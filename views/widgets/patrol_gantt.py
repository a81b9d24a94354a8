"""The day of all crews as rows over the hours: drive, wait, work, rest; a click chooses a stop or a crew."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from patrol.day import Route
from patrol.sheets import cut_blocks
from views.catalogue import Words
from views.i18n import format_clock, format_minutes, say
from views.map.palette import contrast, route_style
from views.state import Desk, Target, current_desk
from views.widgets.patrol_state import Planned, day_of, store_of
from views.widgets.safe_text import one_line

CREW = "crew"
"""Where the store of the page keeps the crew that is looked at; ``""`` for all of them."""
_HERE = Path(__file__).resolve().parents[1]
_ZOOM = 14.0
_MARGIN_DEG = 0.01
_DARK = "#111111"
_READABLE = 4.0
_HOUR_S = 3600


@cache
def _component() -> Any:
    script, sheet = ((_HERE / name).read_text(encoding="utf-8") for name in ("gantt.js", "gantt.css"))
    return st.components.v2.component("roadseam_gantt", html="<div class='gantt'></div>", css=sheet, js=script)


def show_gantt(planned: Planned, *, selected: str = "", at_s: float | None = None, key: str = "gantt") -> None:
    """Show the crews as rows.

    Parameters
    ----------
    planned
        The day.
    selected
        Id of the task that is chosen.
    at_s
        A moment to be marked, seconds since midnight.
    key
        Key of the widget.
    """
    desk = current_desk()
    only = str(store_of(desk).get(CREW, ""))
    data = gantt_data(planned, selected=selected, only=only, at_s=at_s)

    def take() -> None:
        _take(key)

    _component()(key=key, data=data, on_chosen_change=take)


def gantt_data(planned: Planned, *, selected: str = "", only: str = "", at_s: float | None = None) -> dict[str, Any]:
    """Return what the chart draws, as plain JSON values in the language of the session."""
    joint = {meeting.task for meeting in planned.made.meetings}
    names = planned.names
    routes: dict[str, list[tuple[Route, bool]]] = {crew: [] for crew in planned.crews}
    for name, route, _ in planned.kept:
        routes[name].append((route, True))
    for route in planned.plan.routes:
        routes[planned.label(route)].append((route, False))
    rows = []
    colors = planned.palette
    for crew in planned.crews:
        color = route_style(colors.index(crew), Words("")).color
        blocks, count = list[dict[str, Any]](), 0
        for route, is_done in routes[crew]:
            made = _blocks(route, names, joint, first=count, is_done=is_done)
            blocks += made
            count += len(route.stops)
        spans = [r for r, _ in routes[crew]]
        out = f"{format_clock(min(r.leave_s for r in spans))}–{format_clock(max(r.return_s for r in spans))}"
        ink = "#FFFFFF" if contrast(color, "#FFFFFF") >= _READABLE else _DARK
        rows.append({"crew": crew, "name": one_line(crew, limit=12), "color": color, "ink": ink, "blocks": blocks})
        rows[-1]["amount"] = f"{out} · {count}"
    low, high = _span(planned)
    return {
        "rows": rows,
        "from": low,
        "to": high,
        "hours": [[h * _HOUR_S, format_clock(h * _HOUR_S)] for h in range(25) if low <= h * _HOUR_S <= high],
        "selected": selected,
        "only": only,
        "at": at_s,
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "drive": say("行驶"),
        "wait": say("等候"),
        "work": say("检查"),
        "break": say("休息"),
        "joint": say("两家会合"),
        "done": say("已完成"),
        "label": say("班组时间表"),
    }


def _blocks(
    route: Route, names: Mapping[str, str], joint: set[str], *, first: int, is_done: bool
) -> list[dict[str, Any]]:
    made, number, words = list[dict[str, Any]](), first, _words()
    for block in cut_blocks(route):
        is_work = block.kind == "work"
        number += is_work
        title = f"{words[block.kind]} {format_clock(block.from_s)}–{format_clock(block.to_s)}"
        title += f" · {format_minutes(block.to_s - block.from_s)}"
        if is_work:
            title = f"{number} {one_line(names.get(block.task, block.task), limit=40)} · {title}"
            title += f" · {words['joint']}" if block.task in joint else ""
        made.append(
            {
                "kind": block.kind,
                "from": block.from_s,
                "to": block.to_s,
                "text": str(number) if is_work else "",
                "title": title,
                "task": block.task if is_work else "",
                "joint": is_work and block.task in joint,
                "done": is_done,
            }
        )
    return made


def _span(planned: Planned) -> tuple[float, float]:
    """Return begin and end of the axis: whole hours around all crews."""
    routes = [*planned.plan.routes, *(part.route for part in planned.kept)]
    low = min((r.leave_s for r in routes), default=planned.asked.start_s)
    high = max((r.return_s for r in routes), default=planned.asked.start_s + planned.asked.shift_h * _HOUR_S)
    low = min(low, planned.asked.start_s)
    return low // _HOUR_S * _HOUR_S, -(-high // _HOUR_S) * _HOUR_S


def _take(key: str) -> None:
    """Take a click on the chart: a stop is chosen and shown, a crew is looked at alone or with the others again."""
    desk = current_desk()
    chosen = getattr(st.session_state.get(key), "chosen", None)
    if not isinstance(chosen, dict):
        return
    crew, task = str(chosen.get("crew", "")), str(chosen.get("task", ""))
    if task:
        show_stop(desk, task, crew)
    else:
        look_at_crew(desk, "" if store_of(desk).get(CREW) == crew else crew)


def look_at_crew(desk: Desk, crew: str) -> None:
    """Look at one crew alone, or at all of them again, and bring the map there."""
    store_of(desk)[CREW] = crew
    planned = day_of(desk)
    routes = [r for r in planned.plan.routes if not crew or planned.label(r) == crew] if planned else []
    places = [(stop.lon, stop.lat) for route in routes for stop in route.stops]
    if places:
        lon, lat = ([place[k] for place in places] for k in (0, 1))
        bounds = (min(lon) - _MARGIN_DEG, min(lat) - _MARGIN_DEG, max(lon) + _MARGIN_DEG, max(lat) + _MARGIN_DEG)
        desk.jump(Target(bounds=bounds))


def show_stop(desk: Desk, task: str, crew: str = "") -> None:
    """Choose a stop and bring the map there; with ``crew`` the side of a joint visit is known."""
    planned = day_of(desk)
    target = next((t for t in planned.plan.day.targets if t.id == task), None) if planned else None
    if target is None:
        return
    store_of(desk)["side"] = crew
    desk.select("target", task, (target.lon, target.lat))
    desk.jump(Target(place=(target.lon, target.lat), zoom=_ZOOM))
