"""The commands ``week`` and the extended ``route``: open, compute, return the JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.errors import InputError
from geo.travel import TravelGraph, build_travel_graph
from views.console.jobs import Tell, open_for

if TYPE_CHECKING:
    from patrol.day import DayPlan
    from patrol.solver import Search


@dataclass(frozen=True, slots=True)
class WeekOptions:
    """Hours of a shift, days worked, number of the week, iteration limit of each day, seed, convention."""

    shift_h: float = 8.0
    days: int = 5
    week: int = 0
    iterations: int = 1_000
    seed: int = 1
    convention: str | None = None


@dataclass(frozen=True, slots=True)
class DayOptions:
    """What a day is planned with, and what is written about it.

    Attributes
    ----------
    shift_h, iterations, seed, convention
        As for ``views.console.jobs.RouteOptions``.
    rest_min
        Minutes of rest of every crew that is out between 11:00 and 13:00; 0 for none.
    fair
        Share by which driving may grow for the shortest longest day, ``None`` for none.
    lot
        Seed by which the order is drawn by lot, ``None`` for the shortest.
    sheets
        Whether timetable, legs and records of every crew are part of the document.
    gpx
        Folder for one GPX file a crew, ``None`` for none.
    """

    shift_h: float = 8.0
    iterations: int = 1_000
    seed: int = 1
    convention: str | None = None
    rest_min: float = 0.0
    fair: float | None = None
    lot: int | None = None
    sheets: bool = False
    gpx: Path | None = None


def week(source: str, units: Path, targets: Path, *, options: WeekOptions, tell: Tell) -> dict[str, Any]:
    """Plan a week: ``days[]`` each as ``route``, ``pattern``, ``missed[]``, ``quality``."""
    from patrol.quality import measure_quality
    from patrol.solver import Search
    from patrol.targets import read_targets
    from patrol.units import read_units
    from patrol.week import plan_week

    crews, tasks = read_units(units), read_targets(targets)
    plan = open_for(source, options.convention, tell=tell)
    tell("排周计划 … / planning the week")
    graph = build_travel_graph(plan.derived.network)
    made = plan_week(
        graph,
        crews,
        tasks,
        shift_h=options.shift_h,
        owner_of_segment=plan.derived.holder,
        days=options.days,
        week=options.week,
        search=Search(options.iterations, options.seed, progress=_report(tell)),
    )
    quality = measure_quality(graph, made.days, day_s=86_400)
    return made.to_json() | {"quality": quality.to_json()}


def route_day(source: str, units: Path, targets: Path, *, options: DayOptions, tell: Tell) -> dict[str, Any]:
    """Plan one day with joint visits, checkpoints, rests, fair shares or an order by lot, as the options say."""
    from patrol.solver import Search
    from patrol.targets import read_targets
    from patrol.units import read_units

    crews, tasks = read_units(units), read_targets(targets)
    plan = open_for(source, options.convention, tell=tell)
    tell("排班 … / planning routes")
    graph = build_travel_graph(plan.derived.network)
    search = Search(options.iterations, options.seed, progress=_report(tell))
    day, document = _plan(graph, (crews, tasks), plan.derived.holder, options=options, search=search)
    return document | describe_day(graph, day, options=options, tell=tell)


def describe_day(graph: TravelGraph, day: DayPlan, *, options: DayOptions, tell: Tell) -> dict[str, Any]:
    """Return quality and bars of a day, and sheets and GPX files where wanted."""
    from patrol.quality import measure_quality
    from patrol.sheets import gantt, make_sheets

    more: dict[str, Any] = {"quality": measure_quality(graph, [day]).to_json(), "gantt": gantt(day)}
    if options.sheets:
        more["sheets"] = [sheet.to_json() for sheet in make_sheets(graph, day)]
    if options.gpx is not None:
        more["written"] = write_gpx_files(graph, day, options.gpx)
        tell(f"已写入 {len(more['written'])} 个 GPX / written")
    return more


def write_gpx_files(graph: TravelGraph, day: DayPlan, folder: Path) -> list[str]:
    """Write one GPX file a crew and return their names; a crew's id cannot lead out of the folder.

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    from patrol.gpx import write_gpx

    names = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, route in enumerate(day.routes, 1):
            safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in route.unit)[:40]
            name = f"{number:02}-{safe}-{route.car}.gpx"
            (folder / name).write_bytes(write_gpx(graph, day, route))
            names.append(name)
    except OSError as error:
        raise InputError(
            f"{folder.name} 无法写入，请换一个文件夹。"
            f" / {folder.name} cannot be written ({error.strerror}); choose another folder"
        ) from error
    return names


def _plan(
    graph: TravelGraph, crews_and_tasks: tuple[Any, Any], owners: Sequence[str], *, options: DayOptions, search: Search
) -> tuple[DayPlan, dict[str, Any]]:
    """Plan the day in the one way the options ask for; two ways at once are refused."""
    from patrol.breaks import Rest, plan_with_breaks
    from patrol.fairness import plan_fairly
    from patrol.joint import partners_of, plan_joint
    from patrol.modes import measure_tasks, plan_tasks
    from patrol.random_order import shuffle_plan

    crews, tasks = crews_and_tasks
    joint = any(partners_of(task, crews) for task in tasks)
    ways = [joint, options.rest_min > 0, options.fair is not None]
    if sum(ways) > 1:
        raise InputError(
            "会合、休息和均衡不能同时求解，请只选一项。"
            " / joint visits, rests and fair shares cannot be planned at once; choose one"
        )
    common: dict[str, Any] = {"shift_h": options.shift_h, "owner_of_segment": owners}
    if joint:
        met = plan_joint(graph, crews, tasks, search=search, **common)
        return met.plan, met.to_json()
    if options.rest_min > 0:
        day = measure_tasks(graph, crews, tasks, stretches=(), **common)
        rested = plan_with_breaks(day, search, rest=Rest(options.rest_min * 60))
        return rested.plan, rested.to_json()
    if options.fair is not None:
        day = measure_tasks(graph, crews, tasks, stretches=(), **common)
        fair = plan_fairly(day, search, rise=options.fair)
        return fair.plan, fair.to_json()
    made = plan_tasks(graph, crews, tasks, search=search, **common)
    if options.lot is not None:
        made = shuffle_plan(made, seed=options.lot)
    return made, made.to_json()


def _report(tell: Tell) -> Any:
    """Return a progress callback that speaks every tenth of the way."""
    told: set[int] = set()

    def report(done: int, total: int, best_s: float | None) -> None:
        tenth = 10 * done // max(total, 1)
        if tenth not in told:
            told.add(tenth)
            best = "" if best_s is None else f"，目前行驶 {best_s / 60:.0f} 分钟"
            best_en = "" if best_s is None else f", best so far {best_s / 60:.0f} min of driving"
            tell(f"已完成 {10 * tenth}%{best} / {10 * tenth} % done{best_en}")

    return report
