"""Commands of the working day beyond coverage and routes: posts, mutual aid, incidents, zones, targets, the week."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from views.console.roadstate import At, ClosuresFile, RoadState, SpeedsFile, When
from views.console.terminal import show, tell

work = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Source = Annotated[str, typer.Argument(help="地图文件、方案、demo 或地名 / map file, plan, demo or place")]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")]
Convention = Annotated[str | None, typer.Option("--convention", help="划界方式 / toll_island, ramp_end, …")]
Units = Annotated[Path | None, typer.Option("--units", help="单元表 CSV（demo 可省）/ units; optional for demo")]
Minutes = Annotated[float, typer.Option("--minutes", help="时限（分钟）/ limit in minutes")]
Province = Annotated[str, typer.Option("--province", help="适用省份的规定 / whose rules hold")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="类型，可多次 / kind, may be repeated")]


def need_units(source: str, units: Path | None) -> None:
    """Insist on a table of units, which only the demo district brings along.

    Raises
    ------
    typer.BadParameter
        Wrong usage, exit code 2.
    """
    if units is None and source != "demo":
        raise typer.BadParameter("请给出单元表 / give a table of units", param_hint="--units")


@work.command()
def cover(
    source: Source,
    *,
    units: Units = None,
    minutes: Minutes = 15.0,
    by_hour: Annotated[bool, typer.Option("--by-hour", help="逐小时 / for each hour of the day")] = False,
    closures: ClosuresFile = None,
    at: At = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """联合覆盖：谁几分钟能到，按单位、等级、乡镇 / joint coverage, by agency, class and town."""
    from views.console import coverjobs

    need_units(source, units)
    question = coverjobs.CoverQuestion(units, minutes, by_hour, convention, RoadState(closures, at, speeds))
    show(coverjobs.cover(source, question, tell=tell), as_json=as_json)


@work.command()
def seal(
    source: Source,
    *,
    units: Units = None,
    exits: Annotated[
        Path | None, typer.Option("--exits", help="出口表 CSV：id,lon,lat,need；默认图上的收费站和出界道路 / exits")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="图上的出口：station, border，可多次 / exits of the map")
    ] = None,
    each: Annotated[int, typer.Option("--each", help="每个出口几辆车 / cars an exit", min=1)] = 1,
    seen: Annotated[str | None, typer.Option("--from", help="逃逸者最后位置 经度,纬度 / last seen at")] = None,
    head_start: Annotated[float, typer.Option("--head-start", help="对方已先行分钟数 / head start", min=0)] = 0.0,
    faster: Annotated[float, typer.Option("--faster", help="对方车速倍数 / times free flow", min=0.1)] = 1.0,
    closures: ClosuresFile = None,
    at: At = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """封控：最慢者最先到；有逃逸者时哪些出口还来得及 / seal: the slowest first; which exits can still be closed."""
    from views.console import coverjobs

    need_units(source, units)
    question = coverjobs.SealQuestion(
        units=units,
        exits=exits,
        kinds=tuple(kind or ()),
        each=each,
        seen=seen,
        head_start_min=head_start,
        faster=faster,
        convention=convention,
        roads=RoadState(closures, at, speeds),
    )
    show(coverjobs.seal(source, question, tell=tell), as_json=as_json)


@work.command()
def post(
    source: Source,
    *,
    units: Units = None,
    add: Annotated[int, typer.Option("--add", help="新增驻点数 / posts to add", min=0)] = 1,
    minutes: Minutes = 15.0,
    model: Annotated[str, typer.Option("--model", help="mclp, lscp, bacop, mexclp, dsm, pmedian, pcenter")] = "mclp",
    points: Annotated[Path | None, typer.Option("--points", help="候选点 CSV：id,lon,lat / own candidates")] = None,
    fixed: Annotated[list[str] | None, typer.Option("--fixed", help="必选点 / site that must be used")] = None,
    forbidden: Annotated[list[str] | None, typer.Option("--forbidden", help="禁选点 / site not to be used")] = None,
    agency: Annotated[str | None, typer.Option("--agency", help="只计该单位的路 / only roads of this agency")] = None,
    capacity_km: Annotated[
        float | None, typer.Option("--capacity-km", help="一个单元最多看护公里数（mclp）/ km a unit looks after", min=0)
    ] = None,
    wide_minutes: Annotated[
        float | None, typer.Option("--wide-minutes", help="较长时限（dsm），默认两倍 / the longer limit", min=0)
    ] = None,
    share: Annotated[
        float | None, typer.Option("--share", help="应达比例（lscp 1，dsm 0.8）/ share to be reached", min=0, max=1)
    ] = None,
    busy: Annotated[float, typer.Option("--busy", help="单元忙碌比例（mexclp）/ part of the time busy")] = 0.3,
    nodes: Annotated[int, typer.Option("--nodes", help="精确搜索步数，0 只要贪心 / steps; 0: greedy", min=0)] = 3_000,
    compare: Annotated[Path | None, typer.Option("--compare", help="另一布点的单元表 / other units to compare")] = None,
    lose: Annotated[bool, typer.Option("--lose", help="逐一去掉现有单元看损失 / what losing each unit costs")] = False,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """联合驻点选址，给出界与差距 / where to post cars, with bound and gap."""
    from views.console import workjobs

    need_units(source, units)
    question = workjobs.PostQuestion(
        add=add,
        minutes=minutes,
        model=model,
        points=points,
        fixed=tuple(fixed or ()),
        forbidden=tuple(forbidden or ()),
        agency=agency,
        capacity_km=capacity_km,
        wide_minutes=wide_minutes,
        share=share,
        busy=busy,
        nodes=nodes,
        other=compare,
        lose=lose,
        seed=seed,
        convention=convention,
    )
    show(workjobs.post(source, units, question, tell=tell), as_json=as_json)


@work.command()
def aid(
    source: Source,
    *,
    units: Units = None,
    minutes: Minutes = 15.0,
    top: Annotated[int, typer.Option("--top", help="列出前几条 / how many to list", min=1)] = 50,
    needs_pass: Annotated[
        list[str] | None,
        typer.Option("--needs-pass", help="须获准才能经过的收费站编号或名称，可多次；none 为不计 / stations"),
    ] = None,
    by_unit: Annotated[bool, typer.Option("--by-unit", help="按单元而非单位 / for single units")] = False,
    closures: ClosuresFile = None,
    at: At = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """互助收益：一项准许换来多少公里和分钟 / what one permission buys in km and minutes."""
    from views.console import workjobs

    need_units(source, units)
    roads = RoadState(closures, at, speeds)
    question = workjobs.AidQuestion(minutes, tuple(needs_pass or ()), by_unit, top, convention, roads)
    show(workjobs.aid(source, units, question, tell=tell), as_json=as_json)


@work.command()
def incident(
    source: Source,
    *,
    at: Annotated[str, typer.Option("--at", help="经度,纬度（WGS-84）/ LON,LAT")],
    units: Units = None,
    exits: Annotated[Path | None, typer.Option("--exits", help="出口表 CSV：id,lon,lat / exits")] = None,
    head_start: Annotated[float, typer.Option("--head-start", help="对方已先行分钟数 / head start in minutes")] = 0.0,
    closures: ClosuresFile = None,
    when: When = None,
    speeds: SpeedsFile = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """突发事件卡：谁最先合法到达、关哪些站、怎么绕 / incident card: who is there first, what to close, detour."""
    from views.console import workjobs

    need_units(source, units)
    roads = RoadState(closures, when, speeds)
    question = workjobs.IncidentQuestion(
        at=at, exits=exits, head_start_min=head_start, convention=convention, roads=roads
    )
    show(workjobs.incident(source, units, question, tell=tell), as_json=as_json)


@work.command()
def zones(
    source: Source,
    *,
    province: Province = "national",
    kind: Kinds = None,
    owner: Annotated[list[str] | None, typer.Option("--owner", help="只要该单位的，可多次 / of these agencies")] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", help="叠加的面图层：建筑、地块 / polygons to lay over")
    ] = None,
    overlay_kind: Annotated[str, typer.Option("--overlay-kind", help="面是什么 / what they are")] = "building",
    rivers: Annotated[Path | None, typer.Option("--rivers", help="河流线图层（禁采砂河段）/ river lines")] = None,
    crs: Annotated[str | None, typer.Option("--crs", help="图层未注明时的坐标系 / CRS of the layers")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写入 .geojson 或 .gpkg / file to write")] = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """公路用地、建筑控制区等（参考线）/ highway land, control zones and more, reference only."""
    from views.console import zonejobs

    options = zonejobs.ZoneOptions(
        province=province,
        kinds=tuple(kind or ()),
        owners=tuple(owner or ()),
        polygons=overlay,
        polygon_kind=overlay_kind,
        rivers=rivers,
        crs=crs,
        convention=convention,
    )
    show(zonejobs.zones(source, options=options, out=out, tell=tell), as_json=as_json)


@work.command()
def targets(
    source: Source,
    *,
    province: Province = "national",
    kind: Kinds = None,
    owner: Annotated[list[str] | None, typer.Option("--owner", help="只要该单位的，可多次 / of these agencies")] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", help="叠加的面图层：建筑、地块 / polygons to lay over")
    ] = None,
    overlay_kind: Annotated[str, typer.Option("--overlay-kind", help="面是什么 / what they are")] = "building",
    crs: Annotated[str | None, typer.Option("--crs", help="图层未注明时的坐标系 / CRS of the layers")] = None,
    most: Annotated[int | None, typer.Option("--most", help="最急的几个 / the most urgent few", min=1)] = None,
    priority: Annotated[
        int | None, typer.Option("--priority", help="只要优先级 0 至此 / of a priority up to this", min=0)
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写入目标表 CSV / table to write")] = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """由各类区域列出巡查目标 / inspection targets that follow from the zones."""
    from views.console import zonejobs

    options = zonejobs.ZoneOptions(
        province=province,
        kinds=tuple(kind or ()),
        owners=tuple(owner or ()),
        polygons=overlay,
        polygon_kind=overlay_kind,
        crs=crs,
        convention=convention,
    )
    show(
        zonejobs.targets(source, options=options, most_urgent=priority, most=most, out=out, tell=tell), as_json=as_json
    )
