"""A week: how often each target is due, a plan for each day, appointments of joint visits; one day is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st

from geo.travel import TravelGraph
from patrol.day import DayPlan
from patrol.planner import Wish, WorkPlan
from patrol.quality import Quality, measure_quality
from patrol.solver import Search
from patrol.stranded import leave_home
from patrol.week import MOST_DAYS, WeekPlan, plan_week
from views.catalogue import both
from views.i18n import choose, format_clock, format_day, format_minutes, format_number, pick_sentence, say, say_in
from views.pictures.routes import crew_label
from views.state import Desk, current_desk, graph_of, keep
from views.widgets.parts import empty, facts, heading, note, section, table, warn
from views.widgets.patrol_state import Asked, Planned, check_day, keep_day, store_of
from views.widgets.progress import Job, drop_job, job_of, start_job, watch_job
from views.widgets.safe_text import one_line
from views.widgets.stale import stale_bar

JOB = "week"
_WEEK = "week_plan"
_DAY_S = 86_400.0
_FIRST = date(2024, 1, 1)
"""A Monday: weeks are counted from it, so that what is due every second week takes turns."""
_ITERATIONS = 300


@dataclass(frozen=True)
class Week:
    """A planned week: the key of its plan, its roads, what was asked, its days and how good they are together."""

    key: str
    graph: TravelGraph
    asked: Asked
    made: WeekPlan
    quality: Quality

    def day(self, number: int) -> Planned:
        """Return one day as a day of its own; rests and the like are not part of a week."""
        plan = self.made.days[number]
        meetings = self.made.meetings[number] if self.made.meetings else ()
        made = WorkPlan(plan, meetings, "", exact=False, pauses=(), curve=(), idle=(), wish=Wish())
        return Planned(self.key, self.graph, made, self.asked)


def week_result(desk: Desk) -> Week | None:
    """Return the week last planned."""
    week: Week | None = desk.extra.get(_WEEK)
    return week


def week_of(desk: Desk) -> WeekPlan | None:
    """Return the week plan that holds for the plan as it is, ``None`` where there is none."""
    week = week_result(desk)
    return week.made if week is not None and week.key == desk.key else None


def monday_of(desk: Desk) -> date:
    """Return the first day of the week that is planned."""
    first: date = store_of(desk).get("monday") or datetime.now(tz=UTC).date()
    return first - timedelta(days=first.weekday())


def week_number(desk: Desk) -> int:
    """Return the number of the week that is planned."""
    return max(0, (monday_of(desk) - _FIRST).days // 7)


def weekday(number: int) -> str:
    """Return the short name of a day of the week, 0 for Monday."""
    names = (say("周一"), say("周二"), say("周三"), say("周四"), say("周五"), say("周六"), say("周日"))
    return names[number]


def chosen_day(desk: Desk) -> Planned | None:
    """Return the day of the week that is looked at, ``None`` without a week."""
    week = week_result(desk)
    if week is None:
        return None
    number = min(int(store_of(desk).get("week_day", 0)), len(week.made.days) - 1)
    return keep(("week_day", *week_key(week), number), lambda: check_day(week.day(number)))


def show_week(desk: Desk, asked: Asked) -> None:
    """Show the week's form, its progress and its result."""
    heading(say("先定哪几天去，再定每天怎么走"), say("一周计划"))
    job = job_of(desk, JOB)
    if job is not None and not job.is_finished:
        watch_job(JOB)
        note(say("停止时保留已排好的各天。"))
        return
    if job is not None:
        drop_job(desk, JOB)
        if job.error:
            warn(pick_sentence(job.error), kind="error")
        elif isinstance(job.result, Week):
            desk.extra[_WEEK] = job.result
            store_of(desk)["week_day"] = 0
    week = week_result(desk)
    if week is not None:
        if week.key != desk.key:
            stale_bar("week", _start, (asked,))
        _show_result(desk, week)
    elif not asked.targets or not asked.units:
        empty(say("还没有目标或班组"), say("先在“目标”页列出目标，在覆盖页填写单元。"))
    with st.expander(say("周计划设置"), expanded=week is None):
        _show_form(desk, asked)


def _show_form(desk: Desk, asked: Asked) -> None:
    store = store_of(desk)
    store["monday"] = st.date_input(say("哪一周"), monday_of(desk), key="monday")
    left, right = st.columns(2)
    store["week_days"] = left.number_input(say("天数"), 1, MOST_DAYS, store.get("week_days", 5), 1, key="week_days")
    store["week_iterations"] = right.number_input(
        say("每天步数"), 10, 20_000, store.get("week_iterations", _ITERATIONS), 100, key="week_iterations"
    )
    note(say("{day} 起；班次、班组和种子同排班页。", day=format_day(monday_of(desk).isoformat())))
    st.button(
        say("排一周：{count} 个目标", count=len(asked.targets)),
        key="run_week",
        type="primary",
        width="stretch",
        disabled=not asked.targets or not asked.units,
        on_click=_start,
        args=(asked,),
    )


def _start(asked: Asked) -> None:
    desk = current_desk()
    store = store_of(desk)
    key, graph, owners = desk.key, graph_of(desk), list(desk.plan.derived.holder)
    days, number, iterations = int(store.get("week_days", 5)), week_number(desk), int(store["week_iterations"])

    def work(job: Job) -> Week:
        def tell(done: int, total: int, _best_s: float | None) -> None:
            job.report(done, total, both("正在排周计划"))

        units, _ = leave_home(graph.network, asked.units)
        made = plan_week(
            graph,
            units,
            asked.targets,
            shift_h=asked.shift_h,
            owner_of_segment=owners,
            days=days,
            week=number,
            start_s=asked.start_s,
            search=Search(iterations, asked.seed, progress=tell, cancel=job.stop.is_set),
        )
        return Week(key, graph, asked, made, measure_quality(graph, made.days, day_s=_DAY_S))

    start_job(desk, JOB, work)


def _show_result(desk: Desk, week: Week) -> None:
    made, store = week.made, store_of(desk)
    visits = sum(len(days) for days in made.pattern.values())
    facts(
        [
            (say("到访"), say("{visits} 次 · 未排 {missed} 次", visits=visits, missed=len(made.missed))),
            (say("行驶"), format_minutes(made.drive_s)),
            (say("换日"), say("{count} 次到访换到更顺路的一天", count=made.moved) if made.moved else ""),
            (say("最长间隔"), say("{hours} 小时", hours=format_number(week.quality.idle_max_s / 3600))),
            (say("重复"), f"{week.quality.duplication:.1%}"),
        ]
    )
    if any(plan.cancelled for plan in made.days):
        warn(say("已提前停止，这是当时最好的方案。"), kind="note")
    last = len(made.days) - 1
    chosen = st.segmented_control(
        say("看哪一天"),
        list(range(last + 1)),
        format_func=weekday,
        default=min(int(store.get("week_day", 0)), last),
        required=True,
        key="week_day",
        width="stretch",
    )
    store["week_day"] = chosen
    _show_table(week)
    _show_meetings(week, int(chosen))
    st.button(
        say("用{day}作为当天排班", day=weekday(int(chosen))),
        key="use_day",
        width="stretch",
        on_click=_use,
        args=(int(chosen),),
        disabled=not made.days[int(chosen)].routes,
    )
    _show_missed(week)


def _show_table(week: Week) -> None:
    """Show days by crews: stops and hours out."""
    cells = week_table(week.made)
    head = (say_in("many", "班组"), *(weekday(d) for d in range(len(week.made.days))))
    rows = [
        (one_line(crew, limit=10), *(f"{days[d][0]}" if d in days else "·" for d in range(len(week.made.days))))
        for crew, days in cells.items()
    ]
    total = [f"{sum(len(r.stops) for r in plan.routes)}" for plan in week.made.days]
    table(head, [*rows, (say("合计"), *total)], numbers=len(week.made.days))
    note(say("每格是当天的停靠数。"))


def week_table(made: WeekPlan) -> Mapping[str, Mapping[int, tuple[int, float]]]:
    """Return stops and seconds out of each crew that leaves, by day."""
    found: dict[str, dict[int, tuple[int, float]]] = {}
    for number, plan in enumerate(made.days):
        for route in plan.routes:
            label = crew_label(plan.day, route)
            found.setdefault(label, {})[number] = (len(route.stops), route.return_s - route.leave_s)
    return {crew: found[crew] for crew in sorted(found)}


def _show_meetings(week: Week, number: int) -> None:
    meetings = week.made.meetings[number] if week.made.meetings else ()
    if not meetings:
        return
    section(say("会合约定"))
    names = _names(week.made.days[number])
    table(
        (say("时刻"), say("目标"), say_in("many", "班组")),
        [
            (format_clock(m.start_s), one_line(names.get(m.task, m.task), limit=24), "＋".join(m.crews))
            for m in meetings
        ],
        numbers=0,
    )


def _names(plan: DayPlan) -> dict[str, str]:
    return {t.id: t.name or t.id for t in plan.day.targets}


def _show_missed(week: Week) -> None:
    if not week.made.missed:
        return
    section(say("未排的到访 {count} 次", count=len(week.made.missed)))
    names = _names(week.made.days[0])
    for item in week.made.missed[:12]:
        warn(f"{one_line(names.get(item.target, item.target), limit=30)}：{choose(item.message, item.message_en)}")


def _use(number: int) -> None:
    desk = current_desk()
    week = week_result(desk)
    if week is not None:
        keep_day(desk, chosen_day(desk) or check_day(week.day(number)))
        st.session_state["patrol_tab"] = "result"


def week_key(week: Week) -> tuple[Any, ...]:
    """Return what names a week's pictures."""
    return (week.key, repr([[(r.unit, r.car, [s.target for s in r.stops]) for r in d.routes] for d in week.made.days]))
