"""What a person fills in for a pack of papers; it stays on the desk through every rerun and page change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from geo.errors import RoadseamError
from patrol.day import DayPlan
from plan.disputes import list_disputes
from views.catalogue import Words
from views.i18n import say, say_in, words_of
from views.papers.minutes import Meeting
from views.papers.order import Order, Tell
from views.papers.pack import PACKS, Pack
from views.state import Desk
from views.widgets.progress import Job
from views.widgets.safe_text import one_line, plain

_STORE = "papers"
_SCALES = ("", "10000", "25000", "50000", "100000", "200000")


class StoppedError(RoadseamError):
    """The person stopped the work."""

    def __init__(self) -> None:
        super().__init__("已停止，文书未生成。 / stopped, nothing was made.")


def stoppable(job: Job) -> Tell:
    """Return what tells a job how far its papers are, and ends it once the person has pressed stop."""

    def tell(done: int, total: int, stage: Words) -> None:
        if job.stop.is_set():
            raise StoppedError
        job.report(done, total, stage)

    return tell


def store_of(desk: Desk) -> dict[str, Any]:
    """Return what this desk keeps for its papers."""
    store: dict[str, Any] = desk.extra.setdefault(_STORE, {})
    return store


def choose_pack(desk: Desk) -> Pack:
    """Show the packs and return the chosen one."""
    store, keys = store_of(desk), list(PACKS)
    chosen = st.selectbox(
        say_in("one", "文书"),
        keys,
        index=keys.index(store.get("pack", keys[0])),
        key="papers_pack",
        format_func=lambda key: words_of(PACKS[key].label),
    )
    store["pack"] = chosen
    return PACKS[chosen]


def fill_in(desk: Desk, pack: Pack, day: DayPlan | None) -> Order:
    """Show the fields of a pack and return the order they make."""
    plan = desk.plan
    number, since, scale, paper, route = "", "", None, "A3", ""
    disputes: tuple[str, ...] = ()
    meeting = Meeting()
    if pack.key == "agreement":
        number = _choose_agreement(desk)
    if pack.key in {"monthly", "minutes"}:
        meeting = _meeting(desk)
    if pack.key == "monthly":
        since = _field(desk, "since", say("自何日或何版本起的变化"), "2026-10-25 / v12")
    if pack.key == "minutes":
        disputes = _choose_disputes(desk)
    if pack.key == "crew":
        meeting = Meeting(day=_field(desk, "duty", say("勤务日期"), "2026-11-25"))
    if pack.key in {"atlas", "agreement", "monthly"}:
        scale, paper = _sheet(desk, with_scale=pack.key == "atlas")
    if pack.key == "atlas":
        route = _field(desk, "route", say("条带图路线"), say("全部高速路线"))
    return Order(plan, number, disputes, since, meeting, scale, paper, route.strip().upper(), day)


def _field(desk: Desk, name: str, label: str, hint: str = "") -> str:
    store = store_of(desk)
    typed = st.text_input(label, value=str(store.get(name, "")), key=f"papers_{name}", placeholder=hint, max_chars=80)
    store[name] = typed
    return typed.strip()


def _meeting(desk: Desk) -> Meeting:
    left, right = st.columns(2)
    with left:
        day = _field(desk, "day", say("会议日期"), "2026-11-25")
    with right:
        place = _field(desk, "place", say("地点"))
    number = _field(desk, "number", say("纪要文号"))
    return Meeting(number=number, day=day, place=place)


def _choose_agreement(desk: Desk) -> str:
    numbers = ["", *reversed(desk.plan.latest("sign"))]
    store = store_of(desk)
    known = store.get("agreement")
    chosen = st.selectbox(
        say("协议"),
        numbers,
        index=numbers.index(known) if known in numbers else min(1, len(numbers) - 1),
        key="papers_agreement",
        format_func=lambda n: one_line(n, limit=40) if n else say("草稿（按现有决定）"),
    )
    store["agreement"] = chosen
    return str(chosen)


def _choose_disputes(desk: Desk) -> tuple[str, ...]:
    titles = {d.id: f"{d.id} {d.title}" for d in list_disputes(desk.plan)}
    store = store_of(desk)
    kept: Sequence[str] = [d for d in store.get("disputes", ()) if d in titles]
    chosen = st.multiselect(
        say_in("many", "争议"),
        list(titles),
        default=kept,
        key="papers_disputes",
        placeholder=say("全部"),
        format_func=lambda d: plain(titles[d], limit=40),
    )
    store["disputes"] = tuple(chosen)
    return tuple(chosen)


def _sheet(desk: Desk, *, with_scale: bool) -> tuple[float | None, str]:
    store, scale = store_of(desk), ""
    left, right = st.columns(2)
    with left:
        paper = st.selectbox(
            say("图纸"), ("A3", "A4"), index=("A3", "A4").index(store.get("paper", "A3")), key="papers_paper"
        )
    if with_scale:
        with right:
            scale = st.selectbox(
                say("比例尺"),
                _SCALES,
                index=_SCALES.index(store.get("scale", "")),
                key="papers_scale",
                format_func=lambda s: f"1:{int(s):,}" if s else say("自动"),
            )
    store["paper"], store["scale"] = paper, scale
    return (float(scale) if scale else None), paper
