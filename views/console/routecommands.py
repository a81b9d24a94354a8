"""Commands that hand out work: a day's routes, a week, checkpoints and where overloaded trucks go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from views.console.roadstate import ClosuresFile, RoadState, SpeedsFile, When
from views.console.terminal import show, tell
from views.console.workcommands import AsJson, Convention, Seed, Source

routes = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Units = Annotated[Path, typer.Option("--units", help="单元表 CSV：id,agency,lon,lat,available / units")]
Shift = Annotated[float, typer.Option("--shift", help="班次小时数 / hours of a shift")]


@routes.command()
def route(
    source: Source,
    *,
    units: Units,
    targets: Annotated[Path | None, typer.Option("--targets", help="目标表 CSV：id,lon,lat,service_min,…")] = None,
    tasks: Annotated[
        Path | None,
        typer.Option("--tasks", help="任务表 CSV：id,type（place/zone/checkpoint/stretch）,… / mixed tasks"),
    ] = None,
    shift: Shift = 8.0,
    start: Annotated[str, typer.Option("--start", help="班次开始 HH:MM / start of the shift")] = "08:00",
    rest: Annotated[float, typer.Option("--rest", help="每班组休息分钟数 / minutes of rest of a crew", min=0)] = 0.0,
    rest_window: Annotated[
        str, typer.Option("--rest-window", help="休息开始的时段 / when a rest begins")
    ] = "11:00-13:00",
    fair: Annotated[
        float | None, typer.Option("--fair", help="均衡：行驶最多增加百分之几 / driving may grow by %", min=0)
    ] = None,
    lot: Annotated[int | None, typer.Option("--lot", help="抽签定序的种子 / order drawn by lot")] = None,
    drop: Annotated[str | None, typer.Option("--drop", help="中途退出的班组 / crew that drops out")] = None,
    at: Annotated[str | None, typer.Option("--at", help="退出时刻 HH:MM / when it drops out")] = None,
    sheets: Annotated[Path | None, typer.Option("--sheets", help="巡查单文件夹 / folder for crew sheets")] = None,
    gpx: Annotated[Path | None, typer.Option("--gpx", help="GPX 文件夹 / folder for GPX files")] = None,
    gantt: Annotated[bool, typer.Option("--gantt", help="附甘特图数据 / bars of a chart")] = False,
    iterations: Annotated[int, typer.Option("--iterations", help="求解步数上限 / iteration limit", min=1)] = 3_000,
    closures: ClosuresFile = None,
    when: When = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """一个巡查日的线路：会合、休息、均衡、抽签、管段 / routes of one day with all that is asked of them."""
    from views.console import routejobs

    question = routejobs.RouteQuestion(
        units=units,
        targets=targets,
        tasks=tasks,
        shift_h=shift,
        start=start,
        iterations=iterations,
        seed=seed,
        convention=convention,
        rest_min=rest,
        rest_window=rest_window,
        fair=fair,
        lot=lot,
        drop=drop,
        at=at,
        sheets=sheets,
        gpx=gpx,
        gantt=gantt,
        roads=RoadState(closures, when, speeds),
    )
    show(routejobs.route(source, question, tell=tell), as_json=as_json)


@routes.command()
def week(
    source: Source,
    *,
    units: Units,
    targets: Annotated[Path, typer.Option("--targets", help="目标表 CSV / targets")],
    shift: Shift = 8.0,
    days: Annotated[int, typer.Option("--days", help="每周工作日 / working days", min=1, max=7)] = 5,
    number: Annotated[int, typer.Option("--week", help="第几周，从 0 起 / number of the week", min=0)] = 0,
    rest: Annotated[float, typer.Option("--rest", help="每班组休息分钟数 / minutes of rest of a crew", min=0)] = 0.0,
    rest_window: Annotated[
        str, typer.Option("--rest-window", help="休息开始的时段 / when a rest begins")
    ] = "11:00-13:00",
    iterations: Annotated[int, typer.Option("--iterations", help="每日求解步数 / iterations a day", min=1)] = 1_000,
    closures: ClosuresFile = None,
    when: When = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """一周巡查计划：先定日子，再排线路 / a week: days first, then routes."""
    from views.console import routejobs

    question = routejobs.WeekQuestion(
        units=units,
        targets=targets,
        shift_h=shift,
        days=days,
        week=number,
        iterations=iterations,
        seed=seed,
        convention=convention,
        rest_min=rest,
        rest_window=rest_window,
        roads=RoadState(closures, when, speeds),
    )
    show(routejobs.week(source, question, tell=tell), as_json=as_json)


@routes.command()
def checkpoints(
    source: Source,
    *,
    places: Annotated[Path | None, typer.Option("--places", help="拟设卡点 CSV：id,lon,lat / places to check")] = None,
    trucks: Annotated[
        Path | None, typer.Option("--trucks", help="车辆 CSV：id,lon,lat,axles,mass_t,train,single_drive / trucks")
    ] = None,
    closures: ClosuresFile = None,
    when: When = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """哪里可以设卡；超限车辆送哪个检测站 / where checkpoints may stand; where overloaded trucks are taken."""
    from views.console import checkjobs

    question = checkjobs.CheckQuestion(places, trucks, convention, RoadState(closures, when, speeds))
    show(checkjobs.checkpoints(source, question, tell=tell), as_json=as_json)
