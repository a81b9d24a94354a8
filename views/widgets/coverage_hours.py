"""Coverage hour by hour as work in the background: closures hold during their window, crews during their shift."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

import streamlit as st

from geo.closures import Closure
from geo.network import Network
from patrol.coverage import Reached
from patrol.hours import cover_by_hour, is_on_duty
from patrol.units import Unit
from plan.closures import closures_of
from views.catalogue import both
from views.crews import Shift, shifts_of
from views.i18n import say, say_in
from views.map.palette import COVERAGE
from views.state import Desk, current_desk
from views.widgets.charts import show_columns
from views.widgets.coverage_figures import bare_minutes
from views.widgets.coverage_jobs import Result, result_of, running
from views.widgets.coverage_roads import crew_key, crews_of, day_of, limit_min
from views.widgets.parts import note, table
from views.widgets.progress import Job, start_job, watch_job
from views.widgets.stale import stale_bar

_JOB = "hours"
_COLOR = {style.key: style.color for style in COVERAGE}
_DAY_H, _HOUR_MIN = 24, 60
_LABEL_EVERY_H = 3


@dataclass(frozen=True, slots=True)
class HourRow:
    """One hour: cars on duty, closures that hold, the share reached in time, and p90 in seconds (nan for none)."""

    hour: int
    cars: int
    closures: int
    share: float
    p90_s: float

    @property
    def state(self) -> tuple[object, ...]:
        """All but the hour; equal hours are shown as one row."""
        return (self.cars, self.closures, self.share, str(self.p90_s))


@dataclass(frozen=True)
class DayQuestion:
    """What is asked of a day: network, units that answer, closures, shifts, the day and the limit."""

    network: Network
    units: tuple[Unit, ...]
    closures: tuple[Closure, ...]
    shifts: Mapping[str, Shift]
    day: date
    limit_s: float


def work_hours(
    question: DayQuestion,
    *,
    report: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[HourRow, ...]:
    """Compute the coverage of every hour of a day; hours in which the same holds are computed once.

    Parameters
    ----------
    question
        What is asked.
    report
        Told how many hours of how many are done.
    stop
        Asked before each hour; ``True`` ends the work with the hours done so far.
    """
    known: dict[object, HourRow] = {}
    rows: list[HourRow] = []
    for hour in range(_DAY_H):
        if stop is not None and stop():
            break
        if report is not None:
            report(hour, _DAY_H)
        at = datetime.combine(question.day, time(hour))
        crews = tuple(u for u in question.units if is_on_duty(u, hour * _HOUR_MIN, question.shifts))
        active = tuple(c.id for c in question.closures if c.holds_at(at))
        key = (active, tuple(u.id for u in crews))
        if key not in known:
            known[key] = _one_hour(question, crews, hour=hour, closures=len(active))
        same = known[key]
        rows.append(HourRow(hour, same.cars, same.closures, same.share, same.p90_s))
    return tuple(rows)


def _one_hour(question: DayQuestion, crews: Sequence[Unit], *, hour: int, closures: int) -> HourRow:
    cars = sum(unit.available for unit in crews)
    if not cars:
        return HourRow(hour, 0, closures, 0.0, float("nan"))
    found = cover_by_hour(
        question.network,
        crews,
        limit_s=question.limit_s,
        closures=question.closures,
        day=question.day,
        hours=(hour,),
    )[0].coverage
    share = 1 - found.length_mm[Reached.NONE] / (found.total_mm or 1)
    return HourRow(hour, cars, closures, share, found.response_s["p90"])


def join_hours(rows: Sequence[HourRow]) -> list[tuple[int, int, HourRow]]:
    """Return runs of hours in which the same holds: first hour, last hour, and what holds.

    Examples
    --------
    >>> day = [HourRow(0, 2, 0, 0.5, 60.0), HourRow(1, 2, 0, 0.5, 60.0), HourRow(2, 1, 0, 0.25, 90.0)]
    >>> [(first, last) for first, last, _ in join_hours(day)]
    [(0, 1), (2, 2)]
    """
    runs = [list(group) for _, group in groupby(rows, key=lambda row: row.state)]
    return [(run[0].hour, run[-1].hour, run[0]) for run in runs]


def show_hours(desk: Desk) -> None:
    """Show the share reached hour by hour, or the button that computes it."""
    if running(desk, _JOB) is not None:
        watch_job(_JOB)
        return
    result = result_of(desk, _JOB)
    if result is None:
        note(say("逐个整点计算：当时有效的封闭与施工、当班的单元。"))
        st.button(say("计算 24 小时"), key="hours_run", type="primary", width="stretch", on_click=_start)
        return
    if result.key != _key(desk):
        stale_bar(_JOB, _start)
    _show_day(result.value)


def _show_day(rows: Sequence[HourRow]) -> None:
    if not rows:
        note(say("已停止，没有算完的整点。"))
        return
    show_columns(
        [str(row.hour) if row.hour % _LABEL_EVERY_H == 0 else "" for row in rows],
        [row.share for row in rows],
        colors=[_COLOR["both"]] * len(rows),
        unit=say("时限内可达占比，按钟点"),
        top=1.0,
    )
    table(
        (say("时段"), say("车"), say_in("many", "封闭"), say("可达"), "p90"),
        [
            (
                f"{first:02d}–{last + 1:02d}",
                str(row.cars),
                str(row.closures),
                f"{row.share:.1%}",
                bare_minutes(row.p90_s),
            )
            for first, last, row in join_hours(rows)
        ],
        numbers=4,
    )
    note(say("相同的时段合并为一行；p90 以分钟计。"))
    if len(rows) < _DAY_H:
        note(say("已提前停止，只算到 {hour}:00。", hour=f"{rows[-1].hour:02d}"))


def _key(desk: Desk) -> tuple[object, ...]:
    return (*crew_key(desk), str(day_of(desk)), limit_min(desk))


def _start() -> None:
    desk = current_desk()
    units = crews_of(desk)
    names = {unit.id for unit in units}
    shifts = {name: shift for name, shift in shifts_of(desk.plan).items() if name in names}
    question = DayQuestion(
        desk.plan.derived.network, units, closures_of(desk.plan), shifts, day_of(desk), limit_min(desk) * 60.0
    )
    key = _key(desk)

    def work(job: Job) -> Result:
        words = both("逐时计算")
        rows = work_hours(question, report=lambda done, total: job.report(done, total, words), stop=job.stop.is_set)
        return Result(key, rows)

    start_job(desk, _JOB, work)
