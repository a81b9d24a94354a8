"""What can be done with a road, a station or a seam: lock it, dispute it, comment on it, hand it over."""

from __future__ import annotations

import streamlit as st

from geo.errors import RoadseamError
from plan.comments import LONGEST_TEXT, Comment, Thread, add_comment, thread_comments
from plan.decisions import Decision
from plan.disputes import Claim, open_dispute
from plan.handover import DONE, connector_of
from plan.history import concerns_agency
from plan.model import Plan
from views.i18n import format_day, format_km, say, say_count, say_in
from views.state import Desk, Selection, current_desk
from views.widgets.boundary_work import (
    act,
    change_locks,
    is_locked,
    lock,
    seam_named,
    segments_about,
    spot_of,
    unlock,
)
from views.widgets.markup import element, show
from views.widgets.meeting_raise import next_number
from views.widgets.meeting_work import today
from views.widgets.parts import note, sentence, warn
from views.widgets.safe_text import one_line, plain

_LONGEST = 80
_SHOWN_ANSWERS = 12


def show_lock(desk: Desk, chosen: Selection) -> None:
    """Show whether a thing is locked, and the button that changes it."""
    held = is_locked(desk, chosen)
    if held:
        warn(say("已锁定：不能改动，撤销也不影响它。"), kind="note")
    st.button(
        say("解锁") if held else say("锁定"),
        key="lock_one",
        icon=":material/lock_open:" if held else ":material/lock:",
        on_click=_change_lock,
        args=(not held,),
        disabled=desk.newest is not None,
        width="stretch",
    )


def _change_lock(wanted: bool) -> None:  # noqa: FBT001 - a callback's argument
    desk = current_desk()
    if wanted:
        lock(desk, desk.selection)
    else:
        unlock(desk, desk.selection)


def agency_subjects(plan: Plan, agency: str) -> frozenset[tuple[str, str]]:
    """Return everything that was decided about an agency."""
    return frozenset(d.subject for d in plan.decisions if concerns_agency(d, agency))


def show_agency_lock(desk: Desk, agency: str, *, name: str) -> None:
    """Show the button that locks or unlocks everything decided about an agency."""
    subjects = agency_subjects(desk.plan, agency)
    held = bool(subjects) and subjects <= desk.history.locks
    words = say("解锁 {name} 的全部决定", name=name) if held else say("锁定 {name} 的全部决定", name=name)
    st.button(
        f"{plain(words, limit=60)}（{len(subjects)}）",
        key=f"lock_agency_{agency}",
        icon=":material/lock_open:" if held else ":material/lock:",
        on_click=_change_agency_lock,
        args=(agency, not held),
        disabled=not subjects or desk.newest is not None,
        width="stretch",
    )


def _change_agency_lock(agency: str, wanted: bool) -> None:  # noqa: FBT001 - a callback's argument
    desk = current_desk()
    subjects = agency_subjects(desk.plan, agency)
    change_locks(desk, desk.history.lock(subjects) if wanted else desk.history.unlock(subjects))


def threads_about(plan: Plan, chosen: Selection) -> tuple[Thread, ...]:
    """Return the threads about a selected thing: those on its segments."""
    segments = segments_about(plan, chosen)
    return tuple(t for t in thread_comments(plan) if t.comment.segment in segments)


def show_comments(desk: Desk, chosen: Selection) -> None:
    """Show what was said about a thing, and let a person answer or begin."""
    threads = threads_about(desk.plan, chosen)
    count = sum(_size(thread) for thread in threads)
    with st.expander(f"{say('批注')} · {count}" if count else say("批注")):
        for thread in threads[:_SHOWN_ANSWERS]:
            _show_thread(thread, depth=0)
        with st.form("comment", border=False, clear_on_submit=True):
            answers = {"": say("新的一条")} | {
                t.comment.id: say("回复：{text}", text=one_line(t.comment.text, limit=24)) for t in threads
            }
            if threads:
                st.selectbox(say("写给"), list(answers), format_func=answers.__getitem__, key="comment_to")
            st.text_area(say("批注内容"), key="comment_text", max_chars=LONGEST_TEXT, height=80)
            st.text_input(say("署名（单位）"), key="comment_who", max_chars=_LONGEST)
            st.form_submit_button(
                say("写入批注"),
                key="comment_write",
                on_click=_comment,
                disabled=desk.newest is not None,
                width="stretch",
            )


def _size(thread: Thread) -> int:
    return 1 + sum(_size(answer) for answer in thread.answers)


def _show_thread(thread: Thread, *, depth: int) -> None:
    said = thread.comment
    who = " · ".join(filter(None, [one_line(said.who, limit=40), format_day(said.when) if said.when else ""]))
    show(
        element(
            "div",
            element("div", who or say("未署名"), css="rs-kicker"),
            element("div", one_line(said.text, limit=LONGEST_TEXT)),
            css="rs-said",
            style=f"margin-left:{min(depth, 4) * 16}px",
        )
    )
    for answer in thread.answers[:_SHOWN_ANSWERS]:
        _show_thread(answer, depth=depth + 1)


def _comment() -> None:
    desk = current_desk()
    text = str(st.session_state.get("comment_text") or "")
    who, above = (str(st.session_state.get(key) or "") for key in ("comment_who", "comment_to"))
    comment_on(desk, desk.selection, text, who=who, above=above)


def comment_on(desk: Desk, chosen: Selection, text: str, *, who: str, above: str = "") -> bool:
    """Write a comment where a thing lies, or an answer to one; return whether it stands."""
    if desk.is_read_only:
        desk.message = desk.why_read_only()
        return False
    spot = spot_of(desk.plan, chosen)
    if spot is None:
        desk.message = "这里没有可批注的道路，请在图上选一条路。 / There is no road here to comment on: choose one."
        return False
    said = Comment(
        "", text, "" if above else spot.segment, spot.offset_m, reply_to=above, who=who.strip(), when=today()
    )
    try:
        made = add_comment(desk.plan, said).decisions[-1]
        desk.history = desk.history.decide(made)
    except RoadseamError as error:
        desk.message = str(error)
        return False
    desk.is_moved = True
    return True


def show_handover(desk: Desk, seam_id: str) -> None:
    """Show the connector of a seam: whether it is pending handover, and the buttons that say so."""
    plan, seam = desk.plan, seam_named(desk.plan, seam_id)
    if seam is None:
        return
    mask = connector_of(plan.derived.ownership, seam)
    length = format_km(float(plan.derived.network.segments.length_m[mask].sum()))
    made = plan.latest("set_handover").get(seam_id)
    status = str(made.value.get("status", "pending")) if made else ""
    label = {"": say("待移交"), DONE: say("移交 · 已完成")}.get(status, say("移交 · 待移交"))
    with st.expander(label):
        sentence(say("此界点外侧的连接线共 {length}，到第一条普通公路为止。", length=length))
        if made is not None and made.why:
            note(one_line(made.why, limit=200))
        if status != DONE:
            st.text_input(say("依据或约定（必填）"), key="handover_why", max_chars=_LONGEST)
        with st.container(key="handover_buttons", horizontal=True, gap="small"):
            if status in {"", DONE}:
                st.button(say("标为待移交"), key="handover_pending", on_click=_hand_over, args=(seam_id, "pending"))
            else:
                st.button(say("已移交"), key="handover_done", on_click=_hand_over, args=(seam_id, DONE))


def _hand_over(seam_id: str, status: str) -> None:
    hand_over(current_desk(), seam_id, status, why=str(st.session_state.get("handover_why") or ""))


def hand_over(desk: Desk, seam_id: str, status: str, *, why: str) -> bool:
    """Say that a seam's connector is to be handed over, or was; the first needs a reason."""
    if status != DONE and not why.strip():
        desk.message = "待移交需要依据，请写明文号或约定。 / Name the document or the agreement it rests on."
        return False
    return act(desk, Decision("set_handover", seam_id, {"seam": seam_id, "status": status}, why=why.strip()))


def show_road_dispute(desk: Desk, segment: str, *, title: str) -> None:
    """Show the form that raises a dispute about one road."""
    with st.expander(say("提出争议")), st.form("raise_road", border=False):
        st.text_input(say("争议名称"), value=title, key=f"raise_road_{segment}", max_chars=_LONGEST)
        note(say("双方都主张此路段；会商时再写明主张和依据。"))
        st.form_submit_button(
            say_in("short", "提出争议"),
            key="raise_road_write",
            on_click=_raise_road,
            args=(segment,),
            disabled=desk.is_read_only,
            width="stretch",
        )


def _raise_road(segment: str) -> None:
    desk = current_desk()
    raise_road(desk, segment, title=str(st.session_state.get(f"raise_road_{segment}") or "").strip())


def raise_road(desk: Desk, segment: str, *, title: str) -> str:
    """Raise a dispute about one segment of the plan's network; return its number, ``""`` where it was refused."""
    number = next_number(desk.plan, today())
    try:
        if not title:
            desk.message = "请给争议取名，例如“东岗收费站界点”。 / Give the dispute a name."
            return ""
        made = open_dispute(desk.plan, number, Claim(title, (segment,)), when=today()).decisions[-1]
    except RoadseamError as error:
        desk.message = str(error)
        return ""
    return number if act(desk, made) else ""


def told_comments(plan: Plan, chosen: Selection) -> str:
    """Return how much was said about a thing, ``""`` where nothing was."""
    count = sum(_size(thread) for thread in threads_about(plan, chosen))
    return say_count("{count} 条批注", count) if count else ""
