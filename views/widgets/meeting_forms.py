"""Forms of a meeting: agree, reserve, refer up, and the positions of both sides beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from geo.errors import RoadseamError
from plan.decisions import Decision
from plan.disputes import SIDES, DisputeState, Position, state_position
from plan.model import Plan
from views.i18n import pick_sentence, say, term
from views.state import Desk, current_desk
from views.widgets.markup import element, show
from views.widgets.meeting_case import Hearing, Stand, agency_of_side
from views.widgets.meeting_words import choice_word, minute_of, side_word
from views.widgets.meeting_work import (
    Choice,
    Closing,
    choices_of,
    close,
    hearing_of,
    meeting_of,
    require_writable,
    today,
)

OUTCOME = {
    "agree": DisputeState.AGREED,
    "reserve": DisputeState.RESERVED,
    "refer": DisputeState.REFERRED,
}
_LONGEST = 200
_CONVENTIONS = ("", "toll_island", "plaza_outer_edge", "ramp_end", "land_boundary")
_ERROR = "meet_error"


def show_closing_form(desk: Desk, hearing: Hearing, choices: Sequence[Choice], *, mode: str) -> None:
    """Show the form of one of the three big buttons."""
    terms = meeting_of(desk).terms
    offices = default_offices(hearing.plan, hearing)
    with st.form("meet_form", border=False):
        if desk.extra.get(_ERROR):
            show(element("div", pick_sentence(str(desk.extra.pop(_ERROR))), css="rs-box rs-error rs-meet-error"))
        if mode != "agree":
            _ask_reason(hearing)
        with st.container(key="meet_row", horizontal=True, gap="small"):
            if mode == "agree":
                names = [choice.name for choice in choices]
                chosen = meeting_of(desk).chosen.get(hearing.dispute.id)
                st.selectbox(
                    say("方案"),
                    names,
                    index=names.index(chosen) if chosen in names else None,
                    format_func=choice_word,
                    key="meet_choice",
                    placeholder=say("选择方案"),
                )
            for k, office in enumerate(offices):
                st.text_input(
                    say("单位 {k}", k=k + 1),
                    value=terms.get(f"{hearing.dispute.id}/{k}", office),
                    key=f"meet_office_{k}",
                    max_chars=_LONGEST,
                )
            st.date_input(
                say("日期"),
                value=date.fromisoformat(terms.get("when", today())),
                key="meet_date",
                format="YYYY-MM-DD",
            )
            st.text_input(
                say("文号"),
                value=terms.get("document", ""),
                key="meet_document",
                max_chars=80,
                placeholder=say("〔2026〕11号"),
            )
        with st.container(key="meet_buttons", horizontal=True, gap="small"):
            st.form_submit_button(
                {
                    "agree": say("写入：同意"),
                    "reserve": say("写入：保留"),
                    "refer": say("写入：报请"),
                }[mode],
                key="meet_write",
                type="primary",
                on_click=_write,
                args=(hearing.dispute.id, mode),
                width="stretch",
            )
            st.form_submit_button(say("取消"), key="meet_cancel", on_click=close_form, width="stretch")


def _ask_reason(hearing: Hearing) -> None:
    with st.container(key="meet_row_why", horizontal=True, gap="small"):
        st.text_input(say("理由（必填）"), key="meet_reason", max_chars=_LONGEST)
        st.text_input(
            say("协调或指定管辖的机关"),
            value=hearing.dispute.next_authority,
            key="meet_authority",
            max_chars=_LONGEST,
        )


def default_offices(plan: Plan, hearing: Hearing) -> tuple[str, ...]:
    """Return the names of the offices that speak for both sides."""
    names = {a.id: a.name for a in plan.agencies}
    return tuple(names.get(agency_of_side(plan, hearing.dispute, side), "") for side in SIDES)


def close_form() -> None:
    """Close the open form."""
    meeting_of(current_desk()).mode = ""


def _typed(key: str) -> str:
    return str(st.session_state.get(key) or "").strip()


def _write(number: str, mode: str) -> None:
    desk = current_desk()
    meeting = meeting_of(desk)
    offices = tuple(_typed(f"meet_office_{k}") for k in range(len(SIDES)))
    closing = Closing(
        OUTCOME[mode],
        offices,
        _typed("meet_date") or today(),
        _typed("meet_document"),
        _typed("meet_reason").rstrip("。."),
        _typed("meet_authority"),
    )
    meeting.terms |= {"when": closing.when, "document": closing.document}
    meeting.terms |= {f"{number}/{k}": office for k, office in enumerate(offices)}
    wanted = _typed("meet_choice")
    choice = next((c for c in choices_of(desk, number) if c.name == wanted), None) if mode == "agree" else None
    if wanted:
        meeting.chosen[number] = wanted
    try:
        minute = minute_of(hearing_of(desk, number), closing, choice)
        close(desk, number, closing, choice=choice, minute=minute)
    except RoadseamError as error:
        desk.extra[_ERROR] = str(error)
    else:
        meeting.mode = ""


def show_preparation(desk: Desk, hearing: Hearing) -> None:
    """Show the position of each side to be written down before the meeting."""
    conventions = [c for c in _CONVENTIONS if c != "land_boundary" or hearing.plan.choices.land]
    with st.container(key="meet_sides", horizontal=True, gap="medium"):
        for side in SIDES:
            stand = hearing.stands.get(side) or Stand(side, "")
            with st.form(f"meet_side_{side}", border=False):
                st.text_area(
                    say("{side}主张", side=side_word(side)),
                    value=stand.text,
                    key=f"meet_text_{side}",
                    max_chars=400,
                    height=76,
                    disabled=desk.is_read_only,
                )
                with st.container(key=f"meet_row_{side}", horizontal=True, gap="small"):
                    st.selectbox(
                        say("划界方式"),
                        conventions,
                        index=conventions.index(stand.convention) if stand.convention in conventions else 0,
                        format_func=lambda name: term(name) if name else say("未定"),
                        key=f"meet_convention_{side}",
                        disabled=desk.is_read_only,
                    )
                    gives = ("", *SIDES)
                    st.selectbox(
                        say("争议路段应归"),
                        gives,
                        index=gives.index(stand.gives) if stand.gives in gives else 0,
                        format_func=lambda name: side_word(name) if name else say("按划界方式"),
                        key=f"meet_gives_{side}",
                        disabled=desk.is_read_only,
                    )
                    st.text_input(
                        say("附件文号"),
                        value="；".join(stand.attachments),
                        key=f"meet_files_{side}",
                        placeholder=say("分号隔开"),
                        max_chars=_LONGEST,
                        disabled=desk.is_read_only,
                    )
                st.form_submit_button(
                    say("记下{side}主张", side=side_word(side)),
                    key=f"meet_save_{side}",
                    on_click=_state,
                    args=(hearing.dispute.id, side),
                    disabled=desk.is_read_only,
                    width="stretch",
                )


def _state(number: str, side: str) -> None:
    desk = current_desk()
    files = _typed(f"meet_files_{side}").replace(";", "；").split("；")
    position = Position(
        side,
        _typed(f"meet_text_{side}"),
        _typed(f"meet_convention_{side}"),
        tuple(name.strip() for name in files if name.strip()),
    )
    old = hearing_of(desk, number).stands.get(side)
    try:
        require_writable(desk)
        plan = state_position(desk.plan, number, position, when=today(), who=side)
        decision = with_more(plan, old, gives=_typed(f"meet_gives_{side}"))
        desk.history = desk.history.decide(decision)
    except RoadseamError as error:
        desk.message = str(error)


def with_more(plan: Plan, old: Stand | None, *, gives: str) -> Decision:
    """Return the last decision of a plan, a position, with the owner it names and the place it named before."""
    decision = plan.decisions[-1]
    extra: dict[str, Any] = {"gives": gives} if gives else {}
    if old is not None and old.place is not None and not decision.value["convention"] and not gives:
        extra |= {"place": {"lon": old.place[0], "lat": old.place[1]}}
    return replace(decision, value={**decision.value, **extra})
