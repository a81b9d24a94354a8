"""The card of a seam in hand: slider, number and buttons beside the handle on the map, its numbers, agreeing on it."""

from __future__ import annotations

import streamlit as st

from plan.options import Option
from plan.seamtracks import SeamPlace, Tracks
from views.i18n import format_km, format_number, say, say_in, term
from views.state import Desk, Target, current_desk
from views.widgets.boundary_drag import (
    DRAG,
    REASON,
    At,
    Drag,
    Result,
    agree,
    nearest_along,
    place_at,
    present_drag,
    result_of,
    shift_along,
    stake_of,
    stop_drag,
    tracks_of,
)
from views.widgets.meeting_work import sides_of
from views.widgets.options import minutes_text, signed_count, signed_km
from views.widgets.parts import facts, heading, note, section, table

_LONGEST_REASON = 200
_STEPS_M = (-100, -10, 10, 100)
_SLIDER, _NUMBER, _PATH = "drag_slider", "drag_number", "drag_path"


def show_move(desk: Desk, drag: Drag, *, about: str) -> None:
    """Show the card of a seam in hand."""
    tracks = tracks_of(desk, drag.seam)
    heading(say("界点 · 沿路移动"), about)
    places = sorted({round(p.along_m, 1) for p in tracks.places} | {0.0})
    if len(places) < 2:  # noqa: PLR2004 - nothing but where it lies
        note(say("此界点没有可移动的路段。"))
        st.button(say("取消（Esc）"), key="drag_cancel", on_click=stop_drag, width="stretch")
        return
    note(
        say(
            "在图上拖动圆点，或用下面的滑块。可放在沿路 {low} m … {high} m 之间；高速一侧为负，普通公路一侧为正。",
            low=format_number(places[0], signed=True),
            high=format_number(places[-1], signed=True),
        )
    )
    _show_controls(drag, tracks, places)
    result = result_of(desk, drag)
    if result is not None:
        show_result(desk, result)
    _show_agree(desk, drag, result)


def _show_controls(drag: Drag, tracks: Tracks, places: list[float]) -> None:
    """Show slider, number and buttons; all of them say where the seam is held, wherever it was moved from."""
    now = place_at(tracks, drag.at)
    along = round(now.along_m, 1) if now else 0.0
    st.session_state[_SLIDER] = min(places, key=lambda metres: (abs(metres - along), metres))
    st.session_state[_NUMBER] = along
    st.select_slider(say("沿路位置"), places, key=_SLIDER, format_func=_metres, on_change=_slide)
    with st.container(key="drag_steps", horizontal=True, gap="xsmall"):
        for by in _STEPS_M:
            st.button(_metres(by), key=f"drag_by_{by}", on_click=_shift, args=(by,))
    st.number_input(say("沿路（米）"), places[0], places[-1], key=_NUMBER, step=10.0, format="%.1f", on_change=_type)
    _show_paths(drag, tracks)


def _show_paths(drag: Drag, tracks: Tracks) -> None:
    """Let a person choose which way the seam goes where several roads leave it on the side it is on."""
    side = tracks.tracks[drag.at[0]].side if drag.at else ""
    ways = [t for t, track in enumerate(tracks.tracks) if track.side == side]
    if drag.at is None or len(ways) < 2:  # noqa: PLR2004 - one way is no choice
        return
    st.session_state[_PATH] = drag.at[0]
    st.segmented_control(
        say("沿哪条路"),
        ways,
        key=_PATH,
        format_func=lambda t: say("岔路 {number}", number=ways.index(t) + 1),
        on_change=_turn,
        required=True,
    )


def _metres(metres: float) -> str:
    digits = 0 if float(metres).is_integer() else 1
    return f"{format_number(metres, digits=digits, signed=True)} m"


def _put(at: At | None) -> None:
    desk = current_desk()
    drag = present_drag(desk)
    if drag is None:
        return
    desk.extra[DRAG] = Drag(drag.seam, drag.key, at)
    place = place_at(tracks_of(desk, drag.seam), at)
    if place is not None:
        desk.jump(Target(place=(place.lon, place.lat), zoom=16.5))


def _go(along_m: object) -> None:
    desk = current_desk()
    drag = present_drag(desk)
    if drag is not None and isinstance(along_m, int | float):
        _put(nearest_along(tracks_of(desk, drag.seam), float(along_m), drag.at[0] if drag.at else None))


def _slide() -> None:
    _go(st.session_state.get(_SLIDER))


def _type() -> None:
    _go(st.session_state.get(_NUMBER))


def _shift(by_m: int) -> None:
    desk = current_desk()
    drag = present_drag(desk)
    if drag is not None:
        _put(shift_along(tracks_of(desk, drag.seam), drag.at, by_m))


def _turn() -> None:
    desk = current_desk()
    drag, path = present_drag(desk), st.session_state.get(_PATH)
    place = place_at(tracks_of(desk, drag.seam), drag.at) if drag else None
    if drag is not None and place is not None and isinstance(path, int):
        _put(nearest_along(tracks_of(desk, drag.seam), place.along_m, path))


def show_result(desk: Desk, result: Result) -> None:
    """Show what follows from the place: kilometres, minutes, cases, bridges, toll lanes, for both sides."""
    option, now = result.option, result.now
    gains = sides_of(desk.plan, option)
    section(say("移到这里的后果"))
    rows = [(say_in("short", "里程"), *(f"{signed_km(gains[side])} km" for side in ("local", "expressway")))]
    rows.append(("p90", *(_change(now, option, side) for side in ("local", "expressway"))))
    for name, count in (
        (say("案件"), option.cases),
        (say("桥梁"), option.bridges),
        (say("收费车道"), option.plaza_lanes),
    ):
        rows.append((name, *(signed_count(count, gains[side]) for side in ("local", "expressway"))))
    table(("", say_in("class", "普通"), say("高速")), rows, numbers=2)
    names = {a.id: f"{a.letter} {a.name}" for a in desk.plan.agencies}
    moved = [(names.get(a, a), format_km(mm / 1000, signed=True)) for a, mm in sorted(option.moved_mm.items()) if mm]
    if len(moved) > 2:  # noqa: PLR2004 - two sides are told already
        table((say("单位"), say_in("short", "里程")), moved)


def _change(now: Option, after: Option, side: str) -> str:
    old, new = (minutes_text(o.response_s.get(side, {}).get("p90")) for o in (now, after))
    return new if old == new else f"{old} → {new}"


def _show_agree(desk: Desk, drag: Drag, result: Result | None) -> None:
    place: SeamPlace | None = place_at(tracks_of(desk, drag.seam), drag.at)
    if result is not None and place is not None:
        stake = stake_of(result.move)
        facts(
            [
                (say("距现界点"), _metres(round(place.along_m, 1))),
                (say("桩号"), stake),
                (say_in("place", "位置"), say("路口") if place.kind == "junction" else ""),
            ]
        )
    with st.form("drag_agree", border=False):
        st.text_input(say("商定理由（必填：文号、会议、现场情况）"), key=REASON, max_chars=_LONGEST_REASON)
        st.form_submit_button(
            say("采用为商定"),
            key="drag_agree_write",
            type="primary",
            on_click=_agree,
            width="stretch",
            disabled=desk.is_read_only or result is None,
        )
    if desk.is_read_only:
        note(say("只读方案：可以移动比较，不能采用；请打开可写的副本。"))
    st.button(say("取消（Esc）"), key="drag_cancel", on_click=stop_drag, width="stretch")


def _agree() -> None:
    desk = current_desk()
    drag = present_drag(desk)
    if drag is not None and agree(desk, drag, why=str(st.session_state.get(REASON) or "")):
        st.session_state[REASON] = ""


def seam_title(desk: Desk, seam: str) -> str:
    """Return what a seam is called: its station and its kind."""
    found = next((s for s in desk.plan.derived.ownership.seams if s.id == seam), None)
    if found is None:
        return ""
    station = next((s.name or s.id for s in desk.plan.stations if s.id == found.station), "")
    return f"{station} · {term(found.kind)}" if station else term(found.kind)
