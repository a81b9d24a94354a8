"""The commands ``route`` and ``week``: open, compute, return the JSON document."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from geo.travel import TravelGraph
from views.console.interrupt import listen_for_stop
from views.console.jobs import Tell, open_for
from views.console.roadstate import USUAL, RoadState, open_roads

if TYPE_CHECKING:
    from patrol.breaks import Rest
    from patrol.day import DayPlan
    from patrol.planner import Wish, WorkPlan
    from patrol.reasons import LeftOut
    from patrol.solver import Progress, Search
    from patrol.stranded import IdleUnit
    from patrol.targets import Target
    from patrol.tasks import Stretch
    from patrol.units import Unit
    from plan.model import Plan

_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")


@dataclass(frozen=True, slots=True)
class RouteQuestion:
    """What a day is planned with, and what is written about it.

    Attributes
    ----------
    units, targets, tasks
        Tables; targets or tasks or both.
    shift_h, start
        Hours of the shift, and the clock time ``HH:MM`` at which it starts.
    iterations, seed, convention
        Limit and dice of each search; where seams lie, ``None`` for the plan's own.
    rest_min, rest_window
        Minutes of rest of every crew that is out within the window ``HH:MM-HH:MM``; 0 for none.
    fair
        Percent by which driving may grow for the shortest longest day, ``None`` for none.
    lot
        Seed by which the order is drawn by lot, ``None`` for the shortest.
    drop, at
        A crew (``unit`` or ``unit#car``) that drops out, and when, ``HH:MM``.
    sheets, gpx
        Folders for crew sheets and GPX files, ``None`` for none.
    gantt
        Whether the bars of a chart are part of the document.
    roads
        Closures and speeds, and the moment they hold for.
    """

    units: Path
    targets: Path | None = None
    tasks: Path | None = None
    shift_h: float = 8.0
    start: str = "08:00"
    iterations: int = 3_000
    seed: int = 1
    convention: str | None = None
    rest_min: float = 0.0
    rest_window: str = "11:00-13:00"
    fair: float | None = None
    lot: int | None = None
    drop: str | None = None
    at: str | None = None
    sheets: Path | None = None
    gpx: Path | None = None
    gantt: bool = False
    roads: RoadState = USUAL

    def wish(self) -> Wish:
        """Return rests, fair shares and lot in seconds and shares."""
        from patrol.planner import Wish

        rest = parse_rest(self.rest_min, self.rest_window)
        return Wish(rest, None if self.fair is None else self.fair / 100, self.lot)


@dataclass(frozen=True, slots=True)
class WeekQuestion:
    """Tables, hours of a shift, days worked, number of the week, iterations a day, seed, convention, rests, roads."""

    units: Path
    targets: Path
    shift_h: float = 8.0
    days: int = 5
    week: int = 0
    iterations: int = 1_000
    seed: int = 1
    convention: str | None = None
    rest_min: float = 0.0
    rest_window: str = "11:00-13:00"
    roads: RoadState = USUAL


@dataclass(frozen=True)
class _Day:
    """A day's material: the plan, its graph, crews and tasks, and what of the tables could not be used."""

    plan: Plan
    graph: TravelGraph
    crews: tuple[Unit, ...]
    targets: tuple[Target, ...]
    stretches: tuple[Stretch, ...]
    left_out: tuple[LeftOut, ...]
    idle: tuple[IdleUnit, ...]
    said: dict[str, Any]


def route(source: str, question: RouteQuestion, *, tell: Tell) -> dict[str, Any]:
    """Plan one day, and plan its rest anew where a crew drops out."""
    from patrol.planner import plan_work

    wish, start_s = question.wish(), parse_clock(question.start, "--start")
    gone = None if question.drop is None else (question.drop, parse_clock(question.at or "", "--at"))
    day = _open_day(source, question, tell=tell)
    tell("排班 … / planning routes")
    with listen_for_stop(tell) as stopped:
        search = _search(question.iterations, question.seed, tell=tell, cancel=stopped)
        made = plan_work(
            day.graph,
            day.crews,
            day.targets,
            stretches=day.stretches,
            shift_h=question.shift_h,
            owner_of_segment=day.plan.derived.holder,
            start_s=start_s,
            wish=wish,
            search=search,
        )
        document: dict[str, Any] = made.to_json()
        if gone is not None:
            document["replan"] = _replan(day.graph, made, gone, search=search)
    document["left_out"] = [*document["left_out"], *(item.to_json() for item in day.left_out)]
    document["idle_units"] = [*document["idle_units"], *(unit.to_json() for unit in day.idle)]
    return document | describe_day(day, made, document, question=question, tell=tell) | day.said


def describe_day(
    day: _Day, made: WorkPlan, document: dict[str, Any], *, question: RouteQuestion, tell: Tell
) -> dict[str, Any]:
    """Add legs and roads to the routes; return re-pricing, quality, bars, and the files that were written."""
    from patrol.audit import audit_plan
    from patrol.quality import measure_quality
    from patrol.sheets import gantt, make_sheets

    graph, plan = day.graph, made.plan
    sheets = make_sheets(graph, plan, stake_of=stakes_of(day.plan))
    for row, route_, sheet in zip(document["routes"], plan.routes, sheets, strict=True):
        row["length_m"] = round(sheet.length_m, 3)
        row["legs"] = [
            leg.to_json() | {"to": stop} for stop, legs in zip(_goals(route_), sheet.legs, strict=True) for leg in legs
        ]
        for cell, stop in zip(row["stops"], route_.stops, strict=True):
            cell.update(_access(graph, plan, stop.row))
    more: dict[str, Any] = {
        "check": audit_plan(graph, plan, meetings=made.meetings, rest=made.wish.rest).to_json(),
        "quality": measure_quality(graph, [plan]).to_json(),
    }
    if question.gantt:
        more["gantt"] = gantt(plan)
    if question.sheets is not None:
        from views.console.crewfiles import write_sheet_files

        more["sheets"] = [sheet.to_json() for sheet in sheets]
        more["sheet_files"] = write_sheet_files(sheets, plan, question.sheets)
        tell(f"已写入 {len(more['sheet_files'])} 个巡查单文件 / sheets written")
    if question.gpx is not None:
        from views.console.crewfiles import write_gpx_files

        more["gpx_files"] = write_gpx_files(graph, plan, question.gpx)
        tell(f"已写入 {len(more['gpx_files'])} 个 GPX / written")
    return more


def week(source: str, question: WeekQuestion, *, tell: Tell) -> dict[str, Any]:
    """Plan a week: ``days[]`` each as ``route``, ``pattern``, ``missed[]``, ``quality``."""
    from patrol.quality import measure_quality
    from patrol.rejects import read_targets_or_say_why, read_units_or_say_why
    from patrol.stranded import leave_home
    from patrol.week import plan_week

    rest = parse_rest(question.rest_min, question.rest_window)
    crews, twice = read_units_or_say_why(question.units)
    tasks, left = read_targets_or_say_why(question.targets)
    plan = open_for(source, question.convention, tell=tell)
    tell("排周计划 … / planning the week")
    graph, said = open_roads(plan, question.roads)
    crews, lost = leave_home(graph.network, crews)
    with listen_for_stop(tell) as stopped:
        made = plan_week(
            graph,
            crews,
            tasks,
            shift_h=question.shift_h,
            owner_of_segment=plan.derived.holder,
            days=question.days,
            week=question.week,
            search=_search(question.iterations, question.seed, tell=tell, cancel=stopped),
            rest=rest,
        )
    document: dict[str, Any] = made.to_json()
    document["missed"] = [*document["missed"], *(item.to_json() for item in left)]
    document["idle_units"] = [unit.to_json() for unit in (*lost, *twice)]
    return document | {"quality": measure_quality(graph, made.days, day_s=86_400).to_json()} | said


def stakes_of(plan: Plan) -> Callable[[int, float], str]:
    """Return a function that tells the stake of a place on a segment, ``""`` where none is known."""
    desk = plan.derived.stakes

    @lru_cache(maxsize=100_000)
    def stake(segment: int, offset_m: float) -> str:
        reading = desk.read_on([segment], [offset_m])[0]
        return "" if reading is None else str(reading.stake)

    return stake


def parse_rest(minutes: float, window: str) -> Rest | None:
    """Read the rest of every crew, ``None`` for no minutes.

    Raises
    ------
    InputError
        Where the window is none, or ends before it begins.
    """
    from patrol.breaks import Rest

    if minutes <= 0:
        return None
    begin, _, end = window.replace("–", "-").partition("-")
    low, high = parse_clock(begin, "--rest-window"), parse_clock(end, "--rest-window")
    if high < low:
        raise InputError("休息时间窗的结束早于开始。 / the window of the rest ends before it begins.")
    return Rest(minutes * 60, low, high)


def parse_clock(text: str, option: str) -> float:
    """Read ``HH:MM`` as seconds since midnight.

    Raises
    ------
    InputError
        Naming the option whose text is no time of day.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[2]) >= 60 or int(match[1]) > 24:  # noqa: PLR2004
        raise InputError(f"{option} 应为 HH:MM，例如 10:30。 / {option} takes HH:MM, for example 10:30.")
    return 3600.0 * int(match[1]) + 60.0 * int(match[2])


def report_progress(tell: Tell) -> Progress:
    """Return a progress callback that speaks every tenth of the way."""
    told: set[int] = set()

    def report(done: int, total: int, best_s: float | None) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth not in told:
            told.add(tenth)
            best = "" if best_s is None else f"，目前行驶 {best_s / 60:.0f} 分钟"
            best_en = "" if best_s is None else f", best so far {best_s / 60:.0f} min of driving"
            tell(f"排班已完成 {10 * tenth}%{best} … / {10 * tenth} % done{best_en}")

    return report


def _search(iterations: int, seed: int, *, tell: Tell, cancel: Callable[[], bool]) -> Search:
    from patrol.solver import Search

    return Search(iterations, seed, progress=report_progress(tell), cancel=cancel)


def _open_day(source: str, question: RouteQuestion, *, tell: Tell) -> _Day:
    from patrol.rejects import read_targets_or_say_why, read_units_or_say_why
    from views.console.tasklookup import make_lookup

    if question.targets is None and question.tasks is None:
        raise InputError("请用 --targets 或 --tasks 给出目标。 / give targets with --targets or --tasks.")
    crews, twice = read_units_or_say_why(question.units)
    targets, left = read_targets_or_say_why(question.targets) if question.targets else ((), ())
    plan = open_for(source, question.convention, tell=tell)
    graph, said = open_roads(plan, question.roads)
    stretches: tuple[Stretch, ...] = ()
    if question.tasks is not None:
        from patrol.tasktable import read_tasks

        asked = read_tasks(question.tasks, graph, make_lookup(plan, tell=tell))
        targets, stretches, left = (*targets, *asked.targets), asked.stretches, (*left, *asked.left_out)
        if not targets and not stretches:
            from patrol.rejects import require_some

            require_some(question.tasks, [], list(left))
    return _Day(plan, graph, crews, targets, stretches, left, twice, said)


def _replan(graph: TravelGraph, made: WorkPlan, gone: tuple[str, float], *, search: Search) -> dict[str, Any]:
    from patrol.replan import replan

    (text, at_s), cars = gone, {unit.id for unit in made.plan.day.units}
    unit, _, car = (text, "", "") if text in cars else text.rpartition("#")
    if not unit or (car and not car.isdigit()):
        unit, car = text, ""
    after = replan(graph, made.plan, unit=unit, at_s=at_s, car=int(car or 1), search=search, rest=made.wish.rest)
    return after.to_json()


def _goals(route_: Any) -> list[str]:
    """Return where each part of a route leads: its tasks, then home."""
    return [*(stop.target for stop in route_.stops), ""]


def _access(graph: TravelGraph, plan: DayPlan, row: int) -> dict[str, str]:
    """Return segment and road on which a crew stops."""
    from patrol.access import road_of

    segment = int(plan.day.places.segment[len(plan.day.units) + row])
    return {"segment": graph.network.segment_ids[segment], "road": road_of(graph.network, segment)}
