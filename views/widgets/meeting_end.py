"""End of a meeting: the decision list, the signature with its hash, the minutes to print; a meeting without items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib.util import find_spec

import streamlit as st

from geo.errors import RoadseamError
from plan.agreements import COMPETENCE_SENTENCE, Terms
from plan.disputes import OUTCOMES, Dispute, DisputeState
from views.i18n import format_km, pick_sentence, say
from views.state import Desk, current_desk, keep
from views.widgets.markup import element, show
from views.widgets.meeting_cards import read_only_reason
from views.widgets.meeting_strip import turn_to
from views.widgets.meeting_words import MARKS, state_word
from views.widgets.meeting_work import (
    agenda,
    closing_value,
    meeting_of,
    settled_subjects,
    short_head,
    sign_all,
    today,
)
from views.widgets.parts import go
from views.widgets.safe_text import one_line

_ERROR = "meet_error"
_LONGEST = 200


def show_end(desk: Desk, items: Sequence[Dispute]) -> None:
    """Show what was decided, and sign it."""
    with st.container(key="meet_list", gap="small"):
        counts = {state: sum(item.state is state for item in items) for state in OUTCOMES}
        told = " · ".join(f"{MARKS[state]} {state_word(state)} {n}" for state, n in counts.items() if n)
        left = len(items) - sum(counts.values())
        told = " · ".join(filter(None, [told, say("未议 {left}", left=left) if left else ""]))
        show(
            element(
                "h2",
                say("会议决定"),
                element("span", told, css="rs-meet-days"),
                css="rs-meet-question",
            )
        )
        for k, item in enumerate(items):
            _show_item(item, k)
    with st.container(key="meet_sign", gap="small"):
        _show_signature(desk)


def _show_item(item: Dispute, k: int) -> None:
    with st.container(key=f"meet_item_{k}", gap=None):
        mark = f"{k + 1} {MARKS[item.state]} {state_word(item.state)}"
        km = format_km(item.length_mm / 1000)
        show(
            element(
                "div",
                element(
                    "div", element("b", mark), " ", one_line(item.title, limit=60), f" · {km}", css="rs-meet-state"
                ),
                element("p", one_line(item.minute, limit=600) or say("尚未议定。"), css="rs-meet-text"),
            )
        )
        label = say("回到第 {k} 项", k=k + 1)
        st.button(label, key=f"meet_to_{k}", on_click=turn_to, args=(item.id,), type="tertiary")


def _show_signature(desk: Desk) -> None:
    mark, open_subjects = short_head(desk), settled_subjects(desk)
    if mark:
        signed = [d for d in desk.history.decisions if d.kind == "sign"][-1]
        show(
            element("div", say("已签署 ") + one_line(signed.key, limit=60), css="rs-meet-state"),
            element("div", mark, css="rs-meet-hash"),
            element(
                "p",
                say("协议链首哈希前 12 位：抄在纸上，可随时核对。"),
                css="rs-meet-quiet",
            ),
        )
    if open_subjects:
        _show_form(desk, len(open_subjects))
    elif not mark:
        show(
            element("div", say("尚无可签事项"), css="rs-meet-state"),
            element(
                "p",
                say("有争议经“同意”后，在这里一并签署。"),
                css="rs-meet-text",
            ),
        )
    show(element("p", COMPETENCE_SENTENCE, css="rs-meet-quiet"))
    _show_print(desk)


def _show_form(desk: Desk, count: int) -> None:
    terms = meeting_of(desk).terms
    offices = _offices(desk)
    with st.form("meet_sign_form", border=False):
        show(element("div", say("签署 {count} 项同意", count=count), css="rs-meet-state"))
        if desk.extra.get(_ERROR):
            show(element("div", pick_sentence(str(desk.extra.pop(_ERROR))), css="rs-box rs-error rs-meet-error"))
        st.text_input(
            say("签署单位（分号隔开）"),
            value="；".join(offices),
            key="sign_offices",
            max_chars=400,
        )
        with st.container(key="meet_row_sign", horizontal=True, gap="small"):
            st.text_input(say("文号"), value=terms.get("document", ""), key="sign_number", max_chars=80)
            day = date.fromisoformat(terms.get("when", today()))
            st.date_input(say("生效日"), value=day, key="sign_from", format="YYYY-MM-DD")
            st.date_input(say("终止日（可空）"), value=None, key="sign_to", format="YYYY-MM-DD")
        st.form_submit_button(
            say("签署全部"),
            key="meet_sign_all",
            type="primary",
            on_click=_sign,
            disabled=desk.is_read_only,
            width="stretch",
        )
    if desk.is_read_only:
        show(element("p", read_only_reason(desk), css="rs-meet-off"))


def _offices(desk: Desk) -> tuple[str, ...]:
    """Return the offices that closed the agreed items, each once."""
    values = (closing_value(desk, item.id) for item in agenda(desk) if item.state is DisputeState.AGREED)
    names = [name for value in values for name in value.get("offices") or str(value.get("who", "")).split(" / ")]
    return tuple(dict.fromkeys(filter(None, names)))


def _sign() -> None:
    desk = current_desk()
    typed = {
        name: str(st.session_state.get(f"sign_{name}") or "").strip() for name in ("number", "offices", "from", "to")
    }
    offices = tuple(name.strip() for name in typed["offices"].replace(";", "；").split("；") if name.strip())
    meeting = meeting_of(desk)
    try:
        terms = Terms(typed["number"], offices, typed["from"] or today(), typed["to"])
        sign_all(desk, terms, when=meeting.terms.get("when", today()))
    except RoadseamError as error:
        desk.extra[_ERROR] = str(error)


def can_print() -> bool:
    """Whether the papers of a meeting can be written."""
    return find_spec("docx") is not None and find_spec("views.papers") is not None


def _show_print(desk: Desk) -> None:
    done = tuple(item for item in agenda(desk) if item.state in OUTCOMES)
    if not done or not can_print():
        return
    st.download_button(
        say("打印纪要（.docx）"),
        # Made before the button is shown: what is pressed while the page is drawn anew is never an older paper.
        data=keep(("minutes", desk.key), lambda: _minutes(desk, done)),
        file_name="minutes.docx",
        mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        key="meet_print",
        on_click="ignore",
        width="stretch",
    )


def _minutes(desk: Desk, items: Sequence[Dispute]) -> bytes:
    from views.papers.minutes import Meeting, minutes_docx

    values = [closing_value(desk, item.id) for item in items]
    offices = tuple(dict.fromkeys(name for value in values for name in value.get("offices", ())))
    numbers = [str(value["document"]) for value in values if value.get("document")]
    day = max((str(value.get("when", "")) for value in values), default="")
    signed = [key for key in desk.plan.latest("sign") if key in numbers]
    held = Meeting(number=numbers[-1] if numbers else "", day=day, offices=offices)
    return minutes_docx(desk.plan, [*(item.id for item in items), *signed], meeting=held)


def show_no_dispute(desk: Desk) -> None:
    """Show that there is nothing to meet about, and what to do."""
    with st.container(key="meet_empty", gap="small"):
        show(
            element("h2", say("没有待议的争议"), css="rs-meet-question"),
            element(
                "p",
                say("在“划界”页选中一个收费站或界点，按“提出争议”，写明双方主张；这里随即成为一项议程。"),
                css="rs-meet-text",
            ),
        )
        if desk.is_read_only:
            show(element("p", read_only_reason(desk), css="rs-meet-off"))
        st.button(say("去划界"), key="meet_go", type="primary", on_click=go, args=("boundary",))
