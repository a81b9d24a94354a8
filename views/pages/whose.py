"""Whose road 查询: whose is this place? One box, one sentence, why, whom to call; and tables of cases."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from geo.errors import RoadseamError
from jurisdiction.ask.reply import Reply
from views.catalogue import both
from views.i18n import pick_sentence, say
from views.pages.page import Page
from views.pictures.owners import describe, draw_owners
from views.state import Desk
from views.widgets.ask import DATUMS, SPOT, ask_photo, ask_typed, categories_of, datum_names, reply_now
from views.widgets.ask_answer import show_reply
from views.widgets.ask_batch import report_of, show_batch, show_cases
from views.widgets.map_view import Mark, Picture
from views.widgets.parts import empty, heading, next_step, warn

_TAB = "whose_tab"
_LONGEST_TEXT = 2_000


def picture(desk: Desk) -> Picture:
    """Return the split."""
    plan = desk.plan
    return Picture(("owners", desk.key), lambda: draw_owners(plan), describe(plan))


def marks(desk: Desk) -> Sequence[Mark]:
    """Return a ring around the place that was asked about, and lines over the roads it may mean."""
    spot = desk.extra.get(SPOT)
    if not spot:
        return []
    if st.session_state.get(_TAB) == "batch":
        return [Mark((spot,))]
    try:
        reply = reply_now(desk)
    except RoadseamError:
        reply = None
    if reply is None or reply.spot is None:
        return [Mark((spot,))]
    # Under another datum the same words are another place.
    return [*_lines(desk, reply), Mark(((reply.spot.lon, reply.spot.lat),))]


def _lines(desk: Desk, reply: Reply) -> list[Mark]:
    network = desk.plan.derived.network
    found = []
    for road in reply.roads:
        row = network.row_of_segment.get(road.candidate.segment)
        if row is not None:
            found.append(Mark(tuple((float(lon), float(lat)) for lon, lat in network.points(row))))
    return found


def card(desk: Desk) -> None:
    """Show the box and the answer, or the table of cases."""
    names = {"ask": say("查一处"), "batch": say("查一批")}
    heading(say("查询"), say("这里归谁管？"))
    tab = st.segmented_control(
        say("查询方式"),
        list(names),
        default="ask",
        required=True,
        key=_TAB,
        format_func=names.__getitem__,
        label_visibility="collapsed",
        width="stretch",
    )
    if tab == "batch":
        show_batch(desk)
    else:
        _show_question(desk)
        _show_answer(desk)
    next_step(say("查看划界"), "boundary")


def _show_question(desk: Desk) -> None:
    st.text_input(
        say("地点"),
        key="where",
        on_change=ask_typed,
        label_visibility="collapsed",
        max_chars=_LONGEST_TEXT,
        placeholder=say("桩号 / 坐标 / 收费站 / 路名 / 粘贴一句话"),
    )
    left, right = st.columns(2)
    left.date_input(say("违法日期"), value=None, key="whose_day", format="YYYY-MM-DD")
    names = {"": say("不限")} | {name: name for name in categories_of(desk.plan)}
    right.selectbox(say("业务类别"), list(names), key="whose_category", format_func=names.__getitem__)
    with st.expander(say("坐标系与照片")):
        st.selectbox(
            say("输入坐标的坐标系"),
            list(DATUMS),
            key="whose_datum",
            format_func=datum_names().__getitem__,
        )
        st.file_uploader(
            say("带定位的照片（JPG 原图）"),
            type=["jpg", "jpeg"],
            key="whose_photo",
            on_change=ask_photo,
        )


def _show_answer(desk: Desk) -> None:
    try:
        reply = reply_now(desk)
    except RoadseamError as error:
        warn(pick_sentence(str(error)), kind="error")
        return
    if reply is None:
        empty(
            say("输入一个地点，或点击地图"),
            say("例如 G98 上行K230+000，或 118.6503,31.2742。"),
        )
        return
    show_reply(reply, desk.plan.derived.ownership.rules.uncertainty_m)


def tray(desk: Desk) -> None:
    """Show the answers to a table."""
    show_cases(desk)


def has_cases(desk: Desk) -> bool:
    """Whether there are answers to a table to show."""
    return st.session_state.get(_TAB) == "batch" and report_of(desk) is not None


WHOSE = Page(
    "whose",
    both("查询"),
    both("这里归谁管？"),
    picture,
    card,
    marks=marks,
    tray=tray,
    has_tray=has_cases,
)
