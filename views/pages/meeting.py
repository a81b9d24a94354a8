"""Meeting 会商: what is settled today? Full screen, one dispute a screen, both positions side by side."""

from __future__ import annotations

import streamlit as st

from geo.errors import InputError
from plan.disputes import Dispute, DisputeState
from views.catalogue import both
from views.i18n import format_km, say
from views.pages.page import Page
from views.pictures.difference import draw_difference, measure_difference
from views.pictures.moved import draw_moved
from views.pictures.owners import describe, draw_owners
from views.pictures.positions import draw_position, shrink_points
from views.state import Desk
from views.widgets.map_view import Picture
from views.widgets.markup import element, show
from views.widgets.meeting_cards import show_buttons, show_grounds, show_minute, show_options, show_position_label
from views.widgets.meeting_case import Hearing, claimed_mask, decide_all, place_on
from views.widgets.meeting_end import show_end, show_no_dispute
from views.widgets.meeting_forms import OUTCOME, show_closing_form, show_preparation
from views.widgets.meeting_maps import focus_on, read_report, show_one_map, show_two_maps
from views.widgets.meeting_strip import show_strip, show_title, step
from views.widgets.meeting_words import choice_word
from views.widgets.meeting_work import END, Choice, agenda, argued_key, choices_of, hearing_of, meeting_of
from views.widgets.parts import empty

_CLICK_M = 30.0
"""A click on a disputed road lies on it up to this distance."""
_OPEN = frozenset({DisputeState.OPEN, DisputeState.OPTIONS})


def whole(desk: Desk) -> None:
    """Fill the screen with the item on the table, or with the decision list."""
    _take_report(desk)
    items = agenda(desk)
    meeting = meeting_of(desk)
    show_strip(desk, items)
    if not items:
        show_no_dispute(desk)
        return
    if meeting.number == END:
        show_end(desk, items)
        return
    item = next(d for d in items if d.id == meeting.number)
    show_title(desk, item)
    hearing = hearing_of(desk, item.id)
    _show_maps(desk, hearing)
    with st.container(key="meet_foot", gap="small"):
        _show_foot(desk, hearing, item)


def _take_report(desk: Desk) -> None:
    """Take what was done on a map: a place on the disputed road, or the keys N and P."""
    kind, place = read_report(desk)
    if kind in {"next", "previous"} and agenda(desk):
        step(1 if kind == "next" else -1)
    meeting = meeting_of(desk)
    if kind != "segment" or meeting.number == END or place is None:
        return
    hearing = hearing_of(desk, meeting.number)
    try:
        place_on(hearing.plan, hearing.dispute, place, reach_m=_CLICK_M)
    except InputError:
        return
    meeting.points[meeting.number] = place
    meeting.chosen[meeting.number] = "place:map"


def _price(desk: Desk, number: str) -> tuple[Choice, ...]:
    with st.spinner(say("正在计算各方案的得失 …")):
        return choices_of(desk, number)


def _show_maps(desk: Desk, hearing: Hearing) -> None:
    meeting = meeting_of(desk)
    number, focus = hearing.dispute.id, focus_on(hearing.bounds)
    chosen = _chosen(desk, number, _price(desk, number)) if meeting.view == "difference" else None
    with st.container(key="meet_maps"):
        if meeting.view == "difference":
            show_one_map(desk, _difference(desk, hearing, chosen), focus=focus)
        else:
            left, right = (_position(desk, hearing, side) for side in ("local", "expressway"))
            show_two_maps(desk, left, right, focus=focus)
    # Both views have the same parts, so that what stands under the maps stays while they are loaded.
    if meeting.view != "difference":
        show_position_label(hearing, "local", key="meet_label_left")
        show_position_label(hearing, "expressway", key="meet_label_right")
        return
    st.empty()
    if chosen is not None:
        moved = format_km(sum(abs(mm) for mm in chosen.option.moved_mm.values()) / 2000)
        name = choice_word(chosen.name)
        text = say("采用“{name}”将移交 {moved}", name=name, moved=moved)
    else:
        metres = format_km(_differ(hearing))
        text = say("双方主张相差 {metres}：两色虚线", metres=metres)
    with st.container(key="meet_label_left"):
        show(element("div", element("div", element("b", text), css="rs-meet-who"), css="rs-meet-label"))


def _position(desk: Desk, hearing: Hearing, side: str) -> Picture:
    outcome = hearing.outcomes[side]
    claimed = claimed_mask(outcome.plan, hearing.dispute)
    return Picture(
        ("position", argued_key(desk, hearing.dispute.id), hearing.dispute.id, side),
        lambda: draw_position(outcome.plan, outcome.agency, claimed),
        describe(hearing.plan),
    )


def _difference(desk: Desk, hearing: Hearing, chosen: Choice | None) -> Picture:
    number = hearing.dispute.id
    if chosen is not None:
        after = decide_all(hearing.plan, chosen.decisions)
        key = ("would-move", argued_key(desk, number), number, chosen.name, meeting_of(desk).points.get(number))
        return Picture(key, lambda: shrink_points(draw_moved(after, hearing.plan)), describe(hearing.plan))
    first, second = (hearing.outcomes[side] for side in ("local", "expressway"))
    claimed = claimed_mask(first.plan, hearing.dispute)
    return Picture(
        ("difference", argued_key(desk, number), number),
        lambda: draw_difference((first.plan, first.agency), (second.plan, second.agency), claimed),
        describe(hearing.plan),
    )


def _differ(hearing: Hearing) -> float:
    first, second = (hearing.outcomes[side] for side in ("local", "expressway"))
    claimed = claimed_mask(first.plan, hearing.dispute)
    return measure_difference((first.plan, first.agency), (second.plan, second.agency), claimed)


def _chosen(desk: Desk, number: str, choices: tuple[Choice, ...]) -> Choice | None:
    name = meeting_of(desk).chosen.get(number)
    return next((choice for choice in choices if choice.name == name and choice.option.moved_mm), None)


def _show_foot(desk: Desk, hearing: Hearing, item: Dispute) -> None:
    meeting = meeting_of(desk)
    if meeting.mode == "prepare":
        show_preparation(desk, hearing)
    elif meeting.mode in OUTCOME and not desk.is_read_only:
        show_closing_form(desk, hearing, _price(desk, item.id), mode=meeting.mode)
    elif item.state in _OPEN or meeting.mode == "again":
        show_options(desk, hearing, _price(desk, item.id))
        show_grounds(hearing)
        show_buttons(desk)
    else:
        show_minute(desk, hearing, item.state)


def _picture(desk: Desk) -> Picture:
    plan = desk.plan
    return Picture(("owners", desk.key), lambda: draw_owners(plan), describe(plan))


def _card(desk: Desk) -> None:
    del desk
    empty(say("会商为全屏"), say("请重新打开此页。"))


MEETING = Page(
    "meeting",
    both("会商"),
    both("今天定下什么？"),
    _picture,
    _card,
    whole=whole,
)
