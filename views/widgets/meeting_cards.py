"""Under the maps: option cards with gains and losses for both sides, evidence and law, the three big buttons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import streamlit as st

from plan.agreements import COMPETENCE_SENTENCE
from plan.disputes import DisputeState
from plan.model import Plan
from plan.options import Option
from views.i18n import format_km, say, say_in, term
from views.map.palette import text_color
from views.pictures.owners import owner_styles
from views.state import Desk, current_desk
from views.widgets.markup import Markup, Part, element, join, show
from views.widgets.meeting_case import Hearing, agency_of_side, claimed_mask
from views.widgets.meeting_strip import step
from views.widgets.meeting_words import choice_word, side_word, state_word
from views.widgets.meeting_work import Choice, closing_value, meeting_of, sides_of
from views.widgets.parts import bars
from views.widgets.safe_text import one_line, plain

_SIDES = ("local", "expressway")
_KM = 1000.0


def show_options(desk: Desk, hearing: Hearing, choices: Sequence[Choice]) -> None:
    """Show one card an option; a card is one button, chosen by click, Tab and Enter, or its number."""
    chosen = meeting_of(desk).chosen.get(hearing.dispute.id)
    with st.container(key="meet_options", horizontal=True, gap="small"):
        for k, choice in enumerate(choices):
            state = "on" if choice.name == chosen else "off"
            with st.container(key=f"meet_card_{state}_{k}", gap=None):
                rows = _rows(hearing, choice.option)
                show(_card(hearing.plan, choice, rows))
                st.button(
                    plain(_spoken(choice, rows), limit=200),
                    key=f"meet_pick_{k}",
                    on_click=_pick,
                    args=(hearing.dispute.id, choice.name),
                    shortcut=str(k + 1) if k < 9 else None,  # noqa: PLR2004 - keys 1 to 9
                )
        if not desk.is_read_only and not any(choice.name == "place:map" for choice in choices):
            with st.container(key="meet_hint", gap=None):
                _show_hint()


def _show_hint() -> None:
    """Say how the meeting agrees on a place of its own: a card of the row, filled by a click on a map."""
    show(
        element("div", element("b", say("商定界点")), css="rs-meet-card-title"),
        element("p", say("在图上点一下争议路段：界点就在那里，得失随即算出。"), css="rs-meet-hint"),
    )


def _pick(number: str, name: str) -> None:
    meeting = meeting_of(current_desk())
    if meeting.chosen.get(number) == name:
        del meeting.chosen[number]
    else:
        meeting.chosen[number] = name


Row = tuple[str, str, str, str, str, str]
"""Who speaks for a side, its letter, and what the side gains: kilometres, p90, cases and bridges, as text."""


def _rows(hearing: Hearing, option: Option) -> list[Row]:
    plan, gains = hearing.plan, sides_of(hearing.plan, option)
    letters = {a.id: a.letter for a in plan.agencies}
    rows: list[Row] = []
    for side in _SIDES:
        speaker = agency_of_side(plan, hearing.dispute, side)
        gain = gains[side]
        p90 = option.response_s.get(side, {}).get("p90")
        minutes = "–" if p90 is None else f"{p90 / 60:.1f}′"
        counts = [_signed(n, gain) for n in (option.cases, option.bridges)]
        rows.append((speaker, letters.get(speaker, speaker), _signed_km(gain), minutes, *counts))  # type: ignore[arg-type]
    return rows


def _signed_km(metres: float) -> str:
    if abs(metres) < 5:  # noqa: PLR2004 - rounds to nothing
        return "0"
    return f"{'+' if metres > 0 else '−'}{abs(metres) / _KM:.2f}"


def _signed(count: int, gain: float) -> str:
    return "0" if not count or not gain else f"{'+' if gain > 0 else '−'}{count}"


def _card(plan: Plan, choice: Choice, rows: Sequence[Row]) -> Markup:
    styles, index = owner_styles(plan.agencies)
    # The name of an agreed place says whose it is already.
    marks = [
        say("普通方主张") if s == "local" else say("高速方主张") for s in choice.proposed_by if ":" not in choice.name
    ]
    if choice.option.is_present:
        marks.insert(0, say_in("short", "现行"))
    title = element(
        "div",
        element("b", choice_word(choice.name)),
        element("span", " · ".join(marks), css="rs-meet-mark"),
        css="rs-meet-card-title",
    )
    head = ("", "km", "p90", say("案件"), say("桥"))
    body = []
    for agency, letter, *figures in rows:
        color = text_color(styles[index.get(agency, index["none"])].color)
        cells = [element("td", element("b", letter, style=f"color:{color}"))]
        cells += [
            element("td", text, css="rs-number", style=f"color:{color}" if text[0] in "+−" else "") for text in figures
        ]
        body.append(element("tr", *cells))
    table = element(
        "table",
        element("thead", element("tr", *(element("th", name, css="rs-number" if name else "") for name in head))),
        element("tbody", *body),
        css="rs-meet-grid",
    )
    return element("div", title, table)


def _spoken(choice: Choice, rows: Sequence[Row]) -> str:
    """Return the name of a card for those who hear the screen."""
    parts = [
        say(
            "{letter} {km} 公里，p90 {p90}，案件 {cases}，桥梁 {bridges}",
            letter=letter,
            km=km,
            p90=p90,
            cases=cases,
            bridges=bridges,
        )
        for _, letter, km, p90, cases, bridges in rows
    ]
    return say("方案 ") + choice_word(choice.name) + say("：") + "; ".join(parts)


def show_grounds(hearing: Hearing) -> None:
    """Show evidence and law in one line each; a click or Enter opens the rest."""
    votes = sum_votes(hearing)
    text = say("；").join(f"{term(vote)} {format_km(size)} → {term(side)}" for side, vote, size in votes[:2])
    law = " · ".join(filter(None, [hearing.dispute.law, hearing.dispute.next_authority]))
    with st.container(key="meet_grounds", horizontal=True, gap="small"):
        with st.popover(plain(say("证据：") + (text or "–"), limit=120), width="stretch"):
            _show_evidence(hearing, votes)
        with st.popover(plain(say("法条：") + (law or "–"), limit=120), width="stretch"):
            show(
                element("p", law, css="rs-meet-text"),
                element("p", COMPETENCE_SENTENCE, css="rs-meet-text"),
                element(
                    "p",
                    say("方案比较不设总分：每一项得失都由双方自己衡量。"),
                    css="rs-meet-quiet",
                ),
            )


def sum_votes(hearing: Hearing) -> list[tuple[str, str, float]]:
    """Return (side, vote, metres of evidence) over the disputed metres, the weightiest first."""
    ownership = hearing.plan.derived.ownership
    total: defaultdict[tuple[str, str], float] = defaultdict(float)
    for row in np.flatnonzero(claimed_mask(hearing.plan, hearing.dispute)).tolist():
        vote = ownership.reasons(row)[0]
        total[str(vote["for"]), str(vote["vote"])] += float(str(vote.get("evidence_m", 0.0)))
    rows = [(side, vote, size) for (side, vote), size in total.items() if size > 0]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _show_evidence(hearing: Hearing, votes: Sequence[tuple[str, str, float]]) -> None:
    styles, index = owner_styles(hearing.plan.agencies)
    speaker = {side: agency_of_side(hearing.plan, hearing.dispute, side) for side in _SIDES}
    color = {
        "ordinary": styles[index.get(speaker["local"], 0)].color,
        "expressway": styles[index.get(speaker["expressway"], index["none"])].color,
    }
    bars([(f"{term(vote)} → {term(side)}", size, color[side], "") for side, vote, size in votes])
    for side, stand in hearing.stands.items():
        named: list[Part] = [element("b", side_word(side)), say("：") + one_line(stand.text, limit=400)]
        show(element("p", *named, css="rs-meet-text"))
        if stand.attachments:
            listed = "、".join(one_line(a, limit=60) for a in stand.attachments)
            show(element("p", say("附件：") + listed, css="rs-meet-quiet"))


def show_buttons(desk: Desk) -> None:
    """Show the three big buttons; a plan that cannot be written says why they are off."""
    off = desk.is_read_only
    with st.container(key="meet_buttons", horizontal=True, gap="small"):
        for mode, label, kind in (
            ("agree", say("同意"), "primary"),
            ("reserve", say("保留"), "secondary"),
            ("refer", say("报请"), "secondary"),
        ):
            st.button(
                label,
                key=f"meet_{mode}",
                type="primary" if kind == "primary" else "secondary",
                on_click=_open,
                args=(mode,),
                disabled=off,
                width="stretch",
            )
    if off:
        with st.container(key="meet_read_only", horizontal=True, vertical_alignment="center", gap="small"):
            show(element("p", read_only_reason(desk), css="rs-meet-off"))
            if desk.newest is not None:
                version = len(desk.newest.decisions)
                st.button(say("打开 v{version}", version=version), key="open_newest", on_click=desk.look_ahead)


def read_only_reason(desk: Desk) -> str:
    """Return why nothing can be written."""
    if desk.newest is not None:
        return say("此版本已被 v{version} 取代，只能查看；请先打开最新版本。", version=len(desk.newest.decisions))
    return say("只读方案：文件不可写，不能写入决定；请打开可写的副本。")


def _open(mode: str) -> None:
    meeting_of(current_desk()).mode = mode


def show_minute(desk: Desk, hearing: Hearing, state: DisputeState) -> None:
    """Show how the dispute was closed, with its line of the minutes, and the way on."""
    value = closing_value(desk, hearing.dispute.id)
    show(
        element(
            "div",
            element("b", f"{state_word(state)} · {value.get('when', '')}", css="rs-meet-state"),
            element("p", one_line(str(value.get("minute", "")), limit=600), css="rs-meet-text"),
            css="rs-meet-minute",
        )
    )
    with st.container(key="meet_buttons", horizontal=True, gap="small"):
        if state is not DisputeState.AGREED:
            st.button(
                say("重新议定"),
                key="meet_again",
                on_click=_open,
                args=("again",),
                disabled=desk.is_read_only,
                width="stretch",
            )
        st.button(say("继续 ›"), key="meet_on", type="primary", on_click=step, args=(1,), width="stretch")


def show_position_label(hearing: Hearing, side: str, *, key: str) -> None:
    """Show over a map whose position it is, what it proposes, and who would own how much."""
    plan = hearing.plan
    styles, index = owner_styles(plan.agencies)
    speaker = agency_of_side(plan, hearing.dispute, side)
    named = {a.id: a for a in plan.agencies}
    color = text_color(styles[index.get(speaker, index["none"])].color)
    stand = hearing.stands.get(side)
    name = named[speaker].name if speaker in named else side_word(side)
    proposes = ""
    if stand is not None:
        proposes = term(stand.convention) if stand.convention else say("指定界点") if stand.place else ""
    shares: list[Markup] = []
    for agency, metres in hearing.metres(side).items():
        style = styles[index.get(agency, index["none"])]
        box = element("span", css="rs-meet-box", style=f"background:{style.color}")
        shares.append(join([box, element("b", style.letter or agency), f" {format_km(metres)}"]))
    said = say("尚未提出主张")
    if stand is not None:
        said = one_line(stand.text, limit=120) or say("文字主张待补")
    with st.container(key=key):
        show(
            element(
                "div",
                element(
                    "div", element("b", name, style=f"color:{color}"), element("span", proposes), css="rs-meet-who"
                ),
                element("div", said, css="rs-meet-said"),
                element("div", *(element("span", share) for share in shares), css="rs-meet-share"),
                css="rs-meet-label",
            )
        )
