"""Top of a meeting: the agenda as numbered chips, the way on, undo, the question."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from plan.disputes import Dispute
from views.i18n import format_km, say
from views.state import Desk, current_desk
from views.widgets.markup import element, show
from views.widgets.meeting_words import MARKS, state_word
from views.widgets.meeting_work import END, agenda, meeting_of, redo_stroke, today, undo_stroke
from views.widgets.parts import go
from views.widgets.safe_text import one_line, plain


def show_strip(desk: Desk, items: tuple[Dispute, ...]) -> None:
    """Show meeting, agenda, previous and next, undo and redo, and the way out."""
    meeting = meeting_of(desk)
    with st.container(key="meet_strip", horizontal=True, vertical_alignment="center", gap="small"):
        show(element("div", say("联席会议 "), today()[:7], css="rs-meet-name"))
        with st.container(key="meet_chips", horizontal=True, vertical_alignment="center", gap="xsmall"):
            for k, item in enumerate(items):
                label = " ".join(filter(None, [str(k + 1), MARKS[item.state], state_word(item.state)]))
                _chip(label, k, is_on=meeting.number == item.id, number=item.id, title=item.title)
            if items:
                label = say("≡ 决定")
                _chip(label, len(items), is_on=meeting.number == END, number=END, title=say("会议决定"))
        with st.container(key="meet_keys", horizontal=True, vertical_alignment="center", gap="xsmall"):
            none = not items
            st.button(say("‹ 上一项"), key="meet_back", on_click=step, args=(-1,), shortcut="P", disabled=none)
            st.button(say("下一项 ›"), key="meet_next", on_click=step, args=(1,), shortcut="N", disabled=none)
            st.button(
                say("↶ 撤销 {undo_steps}", undo_steps=desk.undo_steps),
                key="meet_undo",
                on_click=_undo,
                disabled=not desk.undo_steps,
                shortcut="Ctrl+Z",
                help=say("撤销上一步（Ctrl+Z）"),
            )
            st.button(
                say("↷ 重做 {redo_steps}", redo_steps=desk.redo_steps),
                key="meet_redo",
                on_click=_redo,
                disabled=not desk.redo_steps,
                shortcut="Ctrl+Y",
                help=say("重做（Ctrl+Y）"),
            )
            st.button(say("退出"), key="meet_leave", on_click=_leave, shortcut="Esc")


def _chip(label: str, k: int, *, is_on: bool, number: str, title: str) -> None:
    kind: Literal["primary", "secondary"] = "primary" if is_on else "secondary"
    st.button(label, key=f"chip_{k}", type=kind, on_click=turn_to, args=(number,), help=plain(title))


def show_title(desk: Desk, dispute: Dispute) -> None:
    """Show the question with its kilometres and days, and what the maps show."""
    meeting = meeting_of(desk)
    with st.container(key="meet_title", horizontal=True, vertical_alignment="center", gap="small"):
        km = format_km(dispute.length_mm / 1000)
        show(
            element(
                "h2",
                element("span", one_line(dispute.title, limit=60), css="rs-meet-about"),
                element("span", say("："), element("b", km), say(" 归谁？")),
                css="rs-meet-question",
            ),
            element("span", _days(dispute), css="rs-meet-days"),
        )
        views = {"positions": say("双方主张"), "difference": say("差异")}
        st.session_state.setdefault("meet_view", meeting.view)
        chosen = st.segmented_control(
            say("地图"),
            list(views),
            format_func=views.__getitem__,
            key="meet_view",
            required=True,
            label_visibility="collapsed",
        )
        meeting.view = str(chosen)
        label = say("收起") if meeting.mode == "prepare" else say("准备")
        st.button(label, key="meet_prepare", on_click=_prepare)


def _days(dispute: Dispute) -> str:
    if not dispute.opened:
        return ""
    days = dispute.days_open(today())
    return say("已 {days} 天", days=days)


def turn_to(number: str) -> None:
    """Put another item on the table."""
    meeting = meeting_of(current_desk())
    meeting.number, meeting.mode = number, ""


def step(by: int) -> None:
    """Go to the next or the previous item; after the last comes the decision list."""
    desk = current_desk()
    stops = [*(d.id for d in agenda(desk)), END]
    at = stops.index(meeting_of(desk).number)
    turn_to(stops[min(max(at + by, 0), len(stops) - 1)])


def _prepare() -> None:
    meeting = meeting_of(current_desk())
    meeting.mode = "" if meeting.mode == "prepare" else "prepare"


def _undo() -> None:
    undo_stroke(current_desk())


def _redo() -> None:
    redo_stroke(current_desk())


def _leave() -> None:
    """Close what is open, else leave the meeting."""
    desk = current_desk()
    meeting = meeting_of(desk)
    if meeting.mode:
        meeting.mode = ""
    else:
        go("boundary")
