"""Figures of a coverage: response distribution, by agency, class and town, by hour, and what is out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from patrol.breakdown import OUT_OF_REACH_WORDS, break_down, class_labels, explain_unreached
from patrol.coverage import Coverage, Reached, Response
from patrol.hours import HourCover, cover_by_hour
from plan.closures import closures_of
from views.catalogue import both
from views.i18n import choose, format_km, format_minutes, pick_sentence, say, say_in, term
from views.map.palette import COVERAGE
from views.state import Desk, current_desk, keep
from views.widgets.coverage_roads import answering, conditions_key
from views.widgets.parts import bars, note, section, table, warn
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line

_JOB, _RESULT = "hours", "hours"
_COLOR = {style.key: style.color for style in COVERAGE}
_MOST_ROWS = 12


def show_distribution(steps: Sequence[int], found: Sequence[Coverage]) -> None:
    """Show how much road is first reached within each five minutes."""
    section(say("响应时间分布"))
    reached = [c.total_mm - c.length_mm[Reached.NONE] for c in found]
    before = [0, *reached[:-1]]
    starts = [0, *steps[:-1]]
    rows = [
        (f"{low}–{high}′", (now - then) / 1000, _COLOR["both"], "")
        for low, high, now, then in zip(starts, steps, reached, before, strict=True)
    ]
    late = found[-1].total_mm - reached[-1]
    bars([*rows, (f"> {steps[-1]}′", late / 1000, _COLOR["none"], "")])


def show_parts(desk: Desk, response: Response, minutes: int) -> None:
    """Show the share reached by agency, class or town."""
    section(say("分项"))
    kinds = {"agency": say("单位"), "class": say("等级"), "town": say("乡镇")}
    kind = st.segmented_control(
        say("按"), list(kinds), format_func=kinds.__getitem__, default="agency", required=True, key="parts_by"
    )
    derived = desk.plan.derived
    labels: Sequence[str]
    if kind == "class":
        labels = class_labels(response.graph.network)
    else:
        labels = derived.settlement.town if kind == "town" else derived.agency
    found = keep(
        ("parts", conditions_key(desk), minutes, kind),
        lambda: break_down(response, labels, limit_s=minutes * 60.0),
    )
    names = {a.id: a.name for a in desk.plan.agencies}
    rows = []
    for label, part in list(found.items())[:_MOST_ROWS]:
        total = sum(part.length_mm.values())
        share = 1 - part.length_mm[Reached.NONE] / total if total else 0.0
        name = one_line(names.get(label) or term(label) if label else "—", limit=16)
        rows.append((name, format_km(total / 1000), f"{share:.0%}", format_minutes(part.response_s["p90"])))
    table((kinds[kind or "agency"], say("里程"), say("可达"), "p90"), rows, numbers=3)


def show_unreached(response: Response) -> None:
    """Show what no unit reaches in any time, with the reason."""
    found = explain_unreached(response)
    if not found:
        return
    section(say("到不了的路"))
    table(
        (say("原因"), say("里程")),
        [(choose(*OUT_OF_REACH_WORDS[reason]), format_km(mm / 1000)) for reason, mm in found.items()],
    )


def show_hours(desk: Desk, minutes: int) -> None:
    """Show the share reached hour by hour; closures hold during their window."""
    section(say("逐时"))
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
    if result is None or result[0] != (conditions_key(desk), minutes):
        st.button(say("计算 24 小时"), key="hours_run", width="stretch", on_click=_start, args=(minutes,))
        return
    hours: tuple[HourCover, ...] = result[1]
    shown = []
    for first, last, one in _spans(hours):
        share = 1 - one.coverage.length_mm[Reached.NONE] / (one.coverage.total_mm or 1)
        closed = say("封闭 {count}", count=len(one.active)) if one.active else "—"
        shown.append(
            (f"{first:02d}–{last + 1:02d}", closed, f"{share:.1%}", format_minutes(one.coverage.response_s["p90"]))
        )
    table((say("时段"), say_in("many", "封闭"), say("可达"), "p90"), shown, numbers=2)
    note(say("相同的时段合并为一行。"))


def _spans(hours: Sequence[HourCover]) -> list[tuple[int, int, HourCover]]:
    spans: list[tuple[int, int, HourCover]] = []
    for one in hours:
        if spans and spans[-1][2].coverage is one.coverage:
            spans[-1] = (spans[-1][0], one.hour, one)
        else:
            spans.append((one.hour, one.hour, one))
    return spans


def _start(minutes: int) -> None:
    desk = current_desk()
    network, units, closures = desk.plan.derived.network, answering(desk), closures_of(desk.plan)
    key = (conditions_key(desk), minutes)

    def work(job: Job) -> Any:
        found: list[HourCover] = []
        for hour in range(24):
            if job.stop.is_set():
                return None
            job.report(hour, 24, both("逐时计算"))
            found += _one_hour(network, units, closures, hour=hour, minutes=minutes)
        return key, tuple(found)

    start_job(desk, _JOB, work)


def _one_hour(network: Any, units: Any, closures: Any, *, hour: int, minutes: int) -> list[HourCover]:
    return list(cover_by_hour(network, units, limit_s=minutes * 60.0, closures=closures, hours=(hour,)))
