"""The preview: a paper as pages, made in the background, leafed through beside the card."""

from __future__ import annotations

import streamlit as st

from views.i18n import pick_sentence, say, words_of
from views.papers.order import Item, Order
from views.papers.preview import can_show, count_pages, draw_page
from views.state import Desk, current_desk
from views.widgets.papersorder import stoppable, store_of
from views.widgets.parts import empty, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job

JOB = "paper_preview"
AT_ONCE = 4
"""Pages shown together."""
_WIDTH_PX = 1200


def show_preview(desk: Desk, item: Item | None, order: Order, *, key: tuple[object, ...]) -> None:
    """Show the pages of a paper; ``key`` names everything it depends on."""
    if item is None or item.view is None or item.is_blocked(order):
        empty(
            say("没有可预览的页面"),
            say("勾选一份有页面的文书；表格和图层直接下载。"),
        )
        return
    if not can_show():
        empty(say("此处不能预览"), say("文书照常生成。"))
        return
    store = store_of(desk)
    shown = store.get("preview")
    if shown is None or shown[0] != key:
        pdf = _make(desk, item, order, key=key)
        if pdf is None:
            return
        store["preview"], store["first_page"] = (key, pdf), 0
        shown = store["preview"]
    _leaf(desk, item, shown[1])


def _make(desk: Desk, item: Item, order: Order, *, key: tuple[object, ...]) -> bytes | None:
    """Return the paper once the background has made it; until then show how far it is."""
    store, job = store_of(desk), job_of(desk, JOB)
    if job is not None and store.get("preview_of") == key:
        if not job.is_finished:
            watch_job(JOB)
            return None
        drop_job(desk, JOB)
        if job.error:
            store["preview_error"] = (key, job.error)
        elif job.result is not None:
            return bytes(job.result)
    failed = store.get("preview_error")
    if failed is not None and failed[0] == key:
        warn(pick_sentence(failed[1]), kind="error")
        return None
    view = item.view

    def work(running: Job) -> bytes | None:
        return view(order, stoppable(running)) if view is not None else None

    store["preview_of"] = key
    start_job(desk, JOB, work)
    watch_job(JOB)
    return None


def _leaf(desk: Desk, item: Item, pdf: bytes) -> None:
    store, total = store_of(desk), count_pages(pdf)
    first = min(int(store.get("first_page", 0)), max(0, total - 1))
    last = min(first + AT_ONCE, total)
    with st.container(key="papers_leaf", horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{words_of(item.label)}**")
        st.caption(say("第 {first}–{last} 页，共 {total} 页", first=first + 1, last=last, total=total))
        if total > AT_ONCE:
            back, on = say("上一组"), say("下一组")
            st.button(back, key="papers_back", disabled=first == 0, on_click=_turn, args=(first - AT_ONCE,))
            st.button(on, key="papers_on", disabled=last >= total, on_click=_turn, args=(first + AT_ONCE,))
    with st.container(key="papers_sheets", horizontal=True):
        for page in range(first, last):
            st.image(draw_page(pdf, page, width_px=_WIDTH_PX), width="stretch")


def _turn(first: int) -> None:
    store_of(current_desk())["first_page"] = max(0, first)
