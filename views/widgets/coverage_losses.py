"""What is lost while one unit is away, unit by unit."""

from __future__ import annotations

import streamlit as st

from patrol.posts.compare import Loss, lose_units
from views.i18n import format_km, format_number, say
from views.state import Desk, current_desk
from views.widgets.coverage_jobs import Result, result_of, running
from views.widgets.coverage_roads import answering, conditions_key, index_of, limit_min, roads_of
from views.widgets.parts import note, table
from views.widgets.progress import Job, start_job, watch_job
from views.widgets.safe_text import one_line
from views.widgets.stale import stale_bar

_JOB = "losses"


def show_losses(desk: Desk, minutes: int) -> None:
    """Show the loss of each unit, or the button that computes it."""
    with st.expander(say("若缺一个单元"), expanded=result_of(desk, _JOB) is not None):
        if running(desk, _JOB) is not None:
            watch_job(_JOB)
            return
        result = result_of(desk, _JOB)
        if result is None:
            note(say("逐个试算：某单元出动或停驶时，{minutes} 分钟内少覆盖多少。", minutes=minutes))
            st.button(say("试算缺员"), key="losses_run", width="stretch", on_click=_start)
            return
        if result.key != _key(desk):
            stale_bar(_JOB, _start)
        losses: tuple[Loss, ...] = result.value
        rows = [
            (
                one_line(loss.unit, limit=16),
                format_km(loss.lost_m),
                format_km(loss.single_m),
                format_number(loss.delay_s / 60, digits=1),
            )
            for loss in losses
        ]
        table((say("缺"), say("失去"), say("只剩一家"), say("晚到")), rows, numbers=3)
        note(say("按失去的里程排列；晚到为平均分钟数。"))


def _key(desk: Desk) -> tuple[object, ...]:
    return (*conditions_key(desk), limit_min(desk))


def _start() -> None:
    from views.catalogue import both

    desk = current_desk()
    key, graph, units, index = _key(desk), roads_of(desk), answering(desk), index_of(desk)
    limit_s = limit_min(desk) * 60.0

    def work(job: Job) -> Result:
        job.report(0, 0, both("试算缺员"))
        return Result(key, lose_units(graph, units, limit_s=limit_s, index=index))

    start_job(desk, _JOB, work)
