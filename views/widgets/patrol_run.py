"""Planning in the background: a first draft at once, the whole wish after it, and what was best when it is stopped."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from geo.errors import CancelledError
from geo.travel import TravelGraph
from patrol.planner import Wish, WorkPlan, plan_work
from patrol.reasons import LeftOut
from patrol.solver import Progress, Search
from views.catalogue import both
from views.i18n import format_minutes, pick_sentence, say, say_in, words_of
from views.state import Desk, current_desk, graph_of
from views.widgets.parts import facts, note, warn
from views.widgets.patrol_state import Asked, Planned, check_day, day_of, keep_day
from views.widgets.progress import Job, drop_job, job_of, start_job

JOB = "route"
_LOOK_EVERY_S = 0.5
_DRAFT = 60
"""Iterations of the first draft, which nobody hands out."""
_SEEN, _ERROR = "patrol_seen", "patrol_error"


def start_day(asked: Asked, lost: tuple[LeftOut, ...] = ()) -> None:
    """Begin to plan a day; the plan, its roads and owners are those of this moment."""
    desk = current_desk()
    key, graph, owners = desk.key, graph_of(desk), list(desk.plan.derived.holder)

    def work(job: Job) -> Planned:
        return plan_in_steps(job, asked, owners=owners, key=key, graph=graph, lost=lost)

    desk.extra.pop(_SEEN, None)
    start_job(desk, JOB, work)


def plan_in_steps(
    job: Job, asked: Asked, *, owners: Sequence[str], key: str, graph: TravelGraph, lost: tuple[LeftOut, ...] = ()
) -> Planned:
    """Plan a day: a short search without further wishes first, so that there is something to see, then the whole.

    Parameters
    ----------
    job
        Told how far it is; its ``result`` is the best so far.
    asked
        What to plan.
    owners
        Owner label of each segment.
    key, graph, lost
        Key of the plan, its travel graph, and tasks that could not be asked for.
    """

    def solve(wish: Wish, iterations: int) -> WorkPlan:
        return plan_work(
            graph,
            asked.units,
            asked.targets,
            stretches=asked.stretches,
            shift_h=asked.shift_h,
            start_s=asked.start_s,
            owner_of_segment=owners,
            wish=wish,
            search=Search(iterations, asked.seed, progress=_teller(job), cancel=job.stop.is_set),
        )

    draft = solve(Wish(), min(_DRAFT, asked.iterations))
    job.result = Planned(key, graph, draft, asked, lost=lost)
    if job.stop.is_set() or (asked.wish == Wish() and asked.iterations <= _DRAFT):
        return check_day(job.result)
    try:
        made = solve(asked.wish, asked.iterations)
    except CancelledError:
        made = draft
    job.report(1, 1, both("正在复核"))
    return check_day(Planned(key, graph, made, asked, lost=lost))


def _teller(job: Job) -> Progress:
    def tell(done: int, total: int, best_s: float | None) -> None:
        best = None if best_s is None else format_minutes(best_s)
        stage = both("正在排班，目前最好行驶 {best}", best=best) if best else both("正在排班")
        job.report(done, total, stage)

    return tell


def best_so_far(desk: Desk) -> Planned | None:
    """Return the best day of a search that still runs, ``None`` where there is none yet."""
    job = job_of(desk, JOB)
    found = job.result if job is not None and not job.is_finished else None
    return found if isinstance(found, Planned) else None


def is_running(desk: Desk) -> bool:
    """Whether a day is being planned now."""
    job = job_of(desk, JOB)
    return job is not None and not job.is_finished


def take_day(desk: Desk) -> bool:
    """Take a finished day from its job to the desk; return whether there is a new one to look at."""
    job = job_of(desk, JOB)
    if job is None or not job.is_finished:
        return False
    drop_job(desk, JOB)
    if job.error:
        desk.extra[_ERROR] = job.error
    if not isinstance(job.result, Planned):
        return False
    found = job.result if job.result.audit is not None else check_day(job.result)
    keep_day(desk, found)
    return True


def take_error(desk: Desk) -> str:
    """Return the sentence the last search failed with, once."""
    return str(desk.extra.pop(_ERROR, ""))


@st.fragment(run_every=_LOOK_EVERY_S)
def watch_day() -> None:
    """Show how far the search is, and a button that stops it; a better day and the end draw the page again."""
    desk = current_desk()
    job = job_of(desk, JOB)
    if job is None or job.is_finished:
        st.rerun()
    text = words_of(job.stage) or say("正在准备 …")
    if job.total:
        text = f"{text} · {job.done:,} / {job.total:,}"
    st.progress(job.share, text=text)
    st.button(say("停止，保留最好的方案"), key="stop_route", on_click=job.stop.set, width="stretch")
    best = best_so_far(desk)
    if best is not None and desk.extra.get(_SEEN) is not best:
        desk.extra[_SEEN] = best
        st.rerun()


def show_running(desk: Desk) -> None:
    """Show the search that runs, and the best day so far in figures."""
    watch_day()
    best = best_so_far(desk)
    if best is None:
        note(say("正在量算各处之间的行车时间 …"))
        return
    plan = best.plan
    facts(
        [
            (say_in("many", "班组"), str(len(plan.routes))),
            (say("已安排"), _share_done(best)),
            (say("行驶"), format_minutes(plan.drive_s)),
        ]
    )
    note(say("图上是目前最好的方案；休息、均衡、会合等要求还在求解。"))


def _share_done(planned: Planned) -> str:
    every = {t.id for t in planned.plan.day.targets}
    return f"{len(every) - len({i.target for i in planned.plan.left_out})} / {len(every) + len(planned.lost)}"


def show_errors(desk: Desk) -> None:
    """Show that the last search ended early, or that the day did not pass its re-pricing."""
    planned = day_of(desk)
    if planned is None:
        return
    if planned.plan.cancelled:
        warn(say("已提前停止，这是当时最好的方案。"), kind="note")
    if planned.audit is not None and planned.audit.problems:
        warn(say("独立复核发现 {count} 处不符：", count=len(planned.audit.problems)), kind="error")
        for problem in planned.audit.problems[:5]:
            note(pick_sentence(problem))
