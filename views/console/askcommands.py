"""Commands of questions: whose road a place is, and the stakes of a source."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from views.console.terminal import show, tell

ask = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Source = Annotated[str, typer.Argument(help="地图文件、方案、demo 或地名 / map file, plan, demo or place")]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")]
Convention = Annotated[str | None, typer.Option("--convention", help="划界方式 / toll_island, ramp_end")]
DatumName = Annotated[
    str | None, typer.Option("--datum", help="坐标系 / wgs84, cgcs2000, gcj02 (高德), bd09 (百度), auto")
]


@ask.command()
def owner(
    source: Source,
    *,
    at: Annotated[str | None, typer.Option("--at", help="经度,纬度（默认 WGS-84）/ LON,LAT")] = None,
    stake: Annotated[str | None, typer.Option("--stake", help="桩号，如 G98 上行K212+300 / a stake")] = None,
    text: Annotated[str | None, typer.Option("--text", help="一句话，含桩号、坐标、站名或路名 / a sentence")] = None,
    station: Annotated[str | None, typer.Option("--station", help="收费站名称 / name of a toll station")] = None,
    photo: Annotated[Path | None, typer.Option("--photo", help="带定位的 JPG 照片 / photograph with GPS")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="案件表 CSV、XLSX / table of cases")] = None,
    datum: DatumName = None,
    on: Annotated[str | None, typer.Option("--on", help="违法日期 / date of the offence")] = None,
    category: Annotated[str, typer.Option("--category", help="业务类别，如 危化品 / category of the case")] = "",
    case: Annotated[str, typer.Option("--case", help="案件编号，写入移送函 / number of the case")] = "",
    sender: Annotated[str, typer.Option("--from", help="移送单位（单位编号）/ id of the agency that asks")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="表格结果写入 .csv 或 .xlsx / write the table")] = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """查询某处归谁管：坐标、桩号、一句话、站名、照片或案件表 / whose road a place is."""
    from views.console import askjobs

    options = askjobs.AskOptions(
        at=at,
        stake=stake,
        text=text,
        station=station,
        photo=photo,
        file=file,
        datum=datum,
        on=on,
        category=category,
        case=case,
        sender=sender,
        convention=convention,
        today=datetime.now(UTC).date().isoformat(),
    )
    show(askjobs.owner(source, options, out=out, tell=tell), as_json=as_json)


@ask.command()
def stakes(
    source: Source,
    *,
    table: Annotated[Path | None, typer.Option("--table", help="桩号表 CSV、XLSX / stake table")] = None,
    datum: DatumName = None,
    route: Annotated[
        str, typer.Option("--route", help="路线；表中未写路线时用它 / route, also of rows without one")
    ] = "",
    when: Annotated[str, typer.Option("--when", help="决定日期 / date of the decision")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="写入的方案文件 / plan file to write")] = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """桩号定标：来源、误差、可疑行 / stakes: source, error bound and doubtful rows."""
    from views.console import askjobs

    options = askjobs.StakeOptions(table, datum, route, when)
    show(askjobs.stakes(source, options, out=out, tell=tell), as_json=as_json)
