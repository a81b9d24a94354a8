"""How the day shall be: crews, shift, rest, fair shares, joint visits, an order by lot, how long to search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

import streamlit as st

from patrol.breaks import Rest
from patrol.planner import Wish
from patrol.targets import Target
from patrol.tasks import Stretch
from patrol.units import JOINT, Unit
from views.i18n import format_clock, say, say_count, say_in, term
from views.state import Desk
from views.widgets.parts import note
from views.widgets.patrol_state import Asked, store_of
from views.widgets.safe_text import one_line, plain

_HALF_HOUR = timedelta(minutes=30)
_FIRST: dict[str, Any] = {
    "shift_h": 8.0,
    "start": time(8, 0),
    "rest": False,
    "rest_min": 60,
    "rest_window": (time(11, 0), time(13, 0)),
    "fair": False,
    "fair_percent": 5,
    "joint": "crew",
    "lot": False,
    "lot_seed": 1,
    "iterations": 1_000,
    "seed": 1,
}


def wish_of(desk: Desk) -> dict[str, Any]:
    """Return what the form holds now."""
    wish: dict[str, Any] = store_of(desk).setdefault("wish", dict(_FIRST))
    return wish


def show_wish(desk: Desk, units: Sequence[Unit]) -> None:
    """Show the form; what is filled in stays through reruns and page changes."""
    wish = wish_of(desk)
    left, right = st.columns(2)
    wish["start"] = left.time_input(say("上班"), wish["start"], step=900, key="start")
    wish["shift_h"] = right.number_input(say("班次（小时）"), 0.5, 24.0, float(wish["shift_h"]), 0.5, key="shift_h")
    _show_crews(desk, units)
    if any(u.agency == JOINT and u.available for u in units):
        ways = {"crew": say("联合班组前往"), "meet": say("两家派车会合")}
        wish["joint"] = st.segmented_control(
            say("联合检查"),
            list(ways),
            format_func=ways.__getitem__,
            default=wish["joint"],
            required=True,
            key="joint",
            width="stretch",
        )
    _show_rest(wish)
    _show_fair(wish)
    wish["lot"] = st.toggle(say("抽签定序"), wish["lot"], key="lot")
    if wish["lot"]:
        note(say("先后顺序抽签决定，让人猜不到巡查时间。"))
        wish["lot_seed"] = st.number_input(say("抽签种子"), 0, 9_999, wish["lot_seed"], 1, key="lot_seed")
    left, right = st.columns(2)
    wish["iterations"] = left.number_input(say("求解步数"), 10, 20_000, wish["iterations"], 100, key="iterations")
    wish["seed"] = right.number_input(say("种子"), 0, 9_999, wish["seed"], 1, key="seed")
    note(say("同样的步数和种子得到同样的方案。"))


def _show_crews(desk: Desk, units: Sequence[Unit]) -> None:
    store = store_of(desk)
    ready = [u.id for u in units if u.available]
    off: frozenset[str] = store.get("crews_off", frozenset())
    cars = {u.id: u.available for u in units}
    kept = [u for u in ready if u not in off]
    label = say("班组 {count} / {total}", count=sum(cars[u] for u in kept), total=sum(cars[u] for u in ready))
    with st.expander(label, expanded=False), st.container(key="patrol_pills"):
        chosen = st.pills(
            say_in("many", "班组"),
            ready,
            selection_mode="multi",
            default=kept,
            key="crews",
            format_func=lambda u: plain(u if cars[u] == 1 else f"{u} ×{cars[u]}", limit=16),
            label_visibility="collapsed",
        )
        home = [one_line(u.id, limit=12) for u in units if not u.available]
        if home:
            note(say("没有车辆：{names}。车辆在覆盖页填写。", names="、".join(home)))
    store["crews_off"] = frozenset(ready) - set(chosen or ())


def _show_rest(wish: dict[str, Any]) -> None:
    wish["rest"] = st.toggle(say("安排休息"), wish["rest"], key="rest")
    if wish["rest"]:
        left, right = st.columns([2, 3])
        wish["rest_min"] = left.number_input(say("休息（分钟）"), 5, 240, wish["rest_min"], 5, key="rest_min")
        low, high = wish["rest_window"]
        begin = right.slider(
            say("开始于"), time(6, 0), time(22, 0), (low, high), step=_HALF_HOUR, format="HH:mm", key="rest_window"
        )
        wish["rest_window"] = (begin[0], begin[1])


def _show_fair(wish: dict[str, Any]) -> None:
    wish["fair"] = st.toggle(say("均衡班次"), wish["fair"], key="fair")
    if wish["fair"]:
        note(say("缩短最长的班次；求解约需七倍时间。"))
        wish["fair_percent"] = st.slider(
            say("行驶最多增加（%）"), 0, 30, wish["fair_percent"], 1, key="fair_percent", format="%d %%"
        )


def asked_of(
    desk: Desk, units: Sequence[Unit], *, targets: Sequence[Target], stretches: Sequence[Stretch] = ()
) -> Asked:
    """Return what is asked for by the form as it is filled in."""
    wish = wish_of(desk)
    off: frozenset[str] = store_of(desk).get("crews_off", frozenset())
    crews = [u for u in units if u.available and u.id not in off]
    if wish["joint"] == "meet":
        crews = [u for u in crews if u.agency != JOINT]
    rest = None
    if wish["rest"]:
        low, high = wish["rest_window"]
        rest = Rest(60.0 * wish["rest_min"], seconds_of(low), seconds_of(high))
    return Asked(
        tuple(crews),
        tuple(targets),
        tuple(stretches),
        float(wish["shift_h"]),
        seconds_of(wish["start"]),
        Wish(rest, wish["fair_percent"] / 100 if wish["fair"] else None, wish["lot_seed"] if wish["lot"] else None),
        int(wish["iterations"]),
        int(wish["seed"]),
    )


def seconds_of(clock: time) -> float:
    """Return seconds since midnight.

    Examples
    --------
    >>> seconds_of(time(8, 30))
    30600.0
    """
    return 3600.0 * clock.hour + 60.0 * clock.minute


def describe_asked(asked: Asked) -> str:
    """Return what was asked for in one line."""
    parts = [
        say("{start} 起 {hours:g} 小时", start=format_clock(asked.start_s), hours=asked.shift_h),
        say_count("{count} 车", sum(u.available for u in asked.units)),
    ]
    wish = asked.wish
    if wish.rest is not None:
        parts.append(say("休息 {minutes:.0f} 分钟", minutes=wish.rest.length_s / 60))
    if wish.fair is not None:
        parts.append(say("均衡 ≤ +{percent:.0f}%", percent=100 * wish.fair))
    if wish.lot is not None:
        parts.append(say("抽签 {seed}", seed=wish.lot))
    return " · ".join(parts)


def agency_letter(desk: Desk, agency: str) -> str:
    """Return the letter of an agency, or the word for what is no agency."""
    found = next((a for a in desk.plan.agencies if a.id == agency), None)
    return term(agency) if found is None else found.letter


def agency_name(desk: Desk, agency: str) -> str:
    """Return the name of an agency with its letter, or the word for what is no agency."""
    found = next((a for a in desk.plan.agencies if a.id == agency), None)
    return term(agency) if found is None else f"{found.letter} {found.name}"
