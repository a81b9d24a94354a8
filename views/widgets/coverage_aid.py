"""Mutual aid on the screen: permissions ranked by what they buy, and one of them shown on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from geo.stations import StationKind
from patrol.aid import ACT, PASS, Gain, rank_gains, rank_permissions
from patrol.aidsides import sum_sides
from views.catalogue import both
from views.i18n import pick_sentence, say
from views.state import Desk, current_desk
from views.widgets.coverage_roads import answering, conditions_key, roads_of
from views.widgets.map_view import Mark
from views.widgets.parts import empty, note, section, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

_JOB, _RESULT, _SHOWN = "aid", "aid", "aid_shown"
_MOST = 30
_MOST_LINES = 300


def show_aid(desk: Desk, minutes: int) -> None:
    """Show what each permission between the two sides buys."""
    section(say("互助收益"))
    job = job_of(desk, _JOB)
    if job is not None and not job.is_finished:
        watch_job(_JOB)
        return
    if job is not None:
        drop_job(desk, _JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif job.result is not None:
            desk.extra[_RESULT] = job.result
    result = desk.extra.get(_RESULT)
    key = (*conditions_key(desk), minutes)
    if result is not None and result[0] != key:
        warn(say("结果已过期 · 请重新计算"), kind="stale")
    st.button(say("计算互助收益"), key="aid_run", type="primary", width="stretch", on_click=_start, args=(minutes,))
    if result is not None:
        _show(desk, result[1])


def _start(minutes: int) -> None:
    desk = current_desk()
    key, graph, units = (*conditions_key(desk), minutes), roads_of(desk), answering(desk)
    owners = desk.plan.derived.holder
    gates = [s.id for s in graph.network.stations if s.kind != StationKind.GATE]

    def work(job: Job) -> Any:
        job.report(0, 2, both("执法许可"))
        gains = list(rank_permissions(graph, units, owners=owners, limit_s=minutes * 60.0, kinds=(ACT,)).gains)
        job.report(1, 2, both("通行许可"))
        if gates and not job.stop.is_set():
            shut = rank_permissions(
                graph, units, owners=owners, limit_s=minutes * 60.0, needs_pass=gates, kinds=(PASS,)
            )
            gains = rank_gains([*gains, *shut.gains])
        return key, tuple(gains)

    start_job(desk, _JOB, work)


def _show(desk: Desk, gains: Sequence[Gain]) -> None:
    if not gains:
        empty(say("没有可增益的许可"), say("可调长时限再算。"))
        return
    sides = sum_sides(gains)
    rows = [
        (
            name,
            f"{sides[side]['held']}",
            f"+{sides[side]['best_gained_km']:.1f} km",
            f"−{sides[side]['best_saved_min']:.1f}′",
        )
        for side, name in (("local", say("普通")), ("expressway", say("高速")))
    ]
    table(
        (say("一方"), say("许可数"), say("本方路最多"), say("最多提前")),
        rows,
        numbers=3,
    )
    shown = list(gains[:_MOST])
    labels = [_label(desk, gain) for gain in shown]
    number = st.selectbox(
        say("许可（共 {count} 项，按收益排列）", count=len(gains)),
        range(len(shown)),
        format_func=lambda k: f"{k + 1}. {labels[k]}",
        key="aid_pick",
    )
    gain = shown[number or 0]
    on = st.toggle(say("在图上显示"), key="aid_toggle")
    desk.extra[_SHOWN] = gain if on else None
    table(
        (say("路权单位"), say("时限内"), say("平均提前")),
        [
            (_agency(desk, owner), f"+{b.gained_m / 1000:.1f} km", f"−{b.saved_s / 60:.1f}′")
            for owner, b in gain.bought.items()
        ],
        numbers=2,
    )
    table(
        (say("许可"), say("增加")),
        [
            (f"{k + 1}. {label}", f"+{gain.gained_m / 1000:.1f} km")
            for k, (label, gain) in enumerate(zip(labels, shown, strict=True))
        ][:12],
    )
    note(say("里程按行车方向计；只计有权执法者在时限内可达的增量。"))


def _agency(desk: Desk, ident: str) -> str:
    names = {a.id: a.letter or a.name for a in desk.plan.agencies}
    return one_line(names.get(ident, ident), limit=20)


def _label(desk: Desk, gain: Gain) -> str:
    p = gain.permission
    holder, name = _agency(desk, p.holder), one_line(p.name, limit=20)
    if p.kind == ACT:
        owner = _agency(desk, p.owner)
        return say("准许 {holder} 在 {owner} 的 {name} 执法", holder=holder, owner=owner, name=name)
    return say("准许 {holder} 经 {name} 上下高速", holder=holder, name=name)


def aid_marks(desk: Desk) -> list[Mark]:
    """Return the road or the station of the permission that is shown."""
    gain: Gain | None = desk.extra.get(_SHOWN)
    if gain is None:
        return []
    network, subject = desk.plan.derived.network, gain.permission.subject
    if gain.permission.kind == PASS:
        return [Mark(((s.lon, s.lat),)) for s in network.stations if s.id == subject]
    ref, name = (network.ways.text[key].take(network.segments.way).tolist() for key in ("ref", "name"))
    holder = desk.plan.derived.holder
    rows = [k for k in range(len(ref)) if (ref[k] or name[k]) == subject and holder[k] == gain.permission.owner]
    step = max(1, -(-len(rows) // _MOST_LINES))
    return [Mark(tuple((float(x), float(y)) for x, y in np.asarray(network.points(row)))) for row in rows[::step]]
