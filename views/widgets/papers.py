"""The card of the papers screen: contents with ticks, what is missing, one button to make and one to download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from views.i18n import pick_sentence, say, words_of
from views.papers.order import Item, Order
from views.papers.pack import Pack, make_pack
from views.state import Desk, current_desk
from views.widgets.papersorder import stoppable, store_of
from views.widgets.parts import note, section, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job

JOB = "papers"


def tick_items(desk: Desk, pack: Pack, order: Order) -> tuple[Item, ...]:
    """Show the papers of a pack with ticks and what is missing; return those that are ticked and can be made."""
    section(say("内容"))
    ticks: dict[str, bool] = store_of(desk).setdefault("ticks", {})
    chosen = []
    for item in pack.items:
        name = f"{pack.key}/{item.key}"
        blocked = item.is_blocked(order)
        ticked = st.checkbox(
            words_of(item.label),
            value=ticks.get(name, item.key not in pack.off) and not blocked,
            key=f"papers_tick_{pack.key}_{item.key}_{int(blocked)}",
            disabled=blocked,
        )
        if not blocked:
            ticks[name] = ticked
        if ticked or blocked:
            for lack in item.missing(order):
                note(f"△ {words_of(lack)}")
        if ticked and not blocked:
            chosen.append(item)
    return tuple(chosen)


def choose_preview(desk: Desk, chosen: Sequence[Item]) -> Item | None:
    """Let a person choose which paper is shown as pages."""
    shown = {item.key: item for item in chosen if item.view is not None}
    if not shown:
        return None
    store, keys = store_of(desk), list(shown)
    known = store.get("shown")
    key = st.selectbox(
        say("预览"),
        keys,
        index=keys.index(known) if known in keys else 0,
        key="papers_shown",
        format_func=lambda k: words_of(shown[k].label),
    )
    store["shown"] = key
    return shown[key]


def show_making(desk: Desk, pack: Pack, order: Order, *, chosen: Sequence[Item], key: tuple[object, ...]) -> None:
    """Show the one next step: make the papers, see how far they are, download them."""
    job = job_of(desk, JOB)
    store = store_of(desk)
    with st.container(key="next_step"):
        if job is not None and not job.is_finished:
            watch_job(JOB)
            return
        if job is not None:
            _take(desk, job)
        done = store.get("made")
        if done is not None and done[0] == key:
            st.download_button(
                say("下载 {count} 份文书（{size}） →", count=len(chosen), size=_size(done[1])),
                data=done[1],
                file_name=f"{pack.key}.zip",
                mime="application/zip",
                key="papers_download",
                type="primary",
                width="stretch",
                on_click="ignore",
            )
            return
        label = say("生成 {count} 份文书", count=len(chosen))
        if done is not None:
            label = say("内容已变 · 重新生成 {count} 份", count=len(chosen))
        st.button(
            label,
            key="papers_make",
            type="primary",
            width="stretch",
            disabled=not chosen,
            on_click=_start,
            args=(pack, order, [item.key for item in chosen], key),
        )


def show_error(desk: Desk) -> None:
    """Show the sentence the last attempt failed with."""
    told = store_of(desk).pop("error", "")
    if told:
        warn(pick_sentence(told), kind="error")


def _take(desk: Desk, job: Job) -> None:
    drop_job(desk, JOB)
    store = store_of(desk)
    if job.error:
        store["error"] = job.error
        desk.is_moved = True
    elif job.result is not None:
        store["made"] = job.result


def _size(body: bytes) -> str:
    return f"{max(1, len(body) // 1024):,} KB"


def _start(pack: Pack, order: Order, keys: list[str], key: tuple[object, ...]) -> None:
    def work(job: Job) -> Any:
        body = make_pack(pack, order, ticked=keys, tell=stoppable(job))
        return (key, body)

    start_job(current_desk(), JOB, work)
