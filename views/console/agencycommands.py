"""Commands about agencies: stretches and the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from views.console.terminal import show, tell

agencies = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Source = Annotated[str, typer.Argument(help="地图文件、方案、demo 或地名 / map file, plan, demo or place")]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")]
Convention = Annotated[str | None, typer.Option("--convention", help="划界方式 / toll_island, ramp_end, …")]
Agencies = Annotated[Path | None, typer.Option("--agencies", help="单位表 CSV/XLSX / table of agencies")]
Table = Annotated[Path | None, typer.Option("--table", help="管段表 CSV/XLSX / table of stretches")]
Towns = Annotated[Path | None, typer.Option("--towns", help="乡镇或辖区面 GeoJSON/GPKG / outlines of towns")]
Stakes = Annotated[Path | None, typer.Option("--stakes", help="桩号表 CSV/XLSX / stake table")]
Out = Annotated[Path | None, typer.Option("--out", help="写入的方案文件 / plan file to write")]


@agencies.command()
def stretches(
    source: Source,
    *,
    table: Table = None,
    agencies: Agencies = None,
    towns: Towns = None,
    stakes: Stakes = None,
    balance: Annotated[int | None, typer.Option("--balance", help="重新划给几个大队 / split anew among N")] = None,
    balance_agencies: Annotated[
        str | None, typer.Option("--balance-agencies", help="在现状上均衡，编号用逗号分开 / rebalance among A,B,…")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="工作量：length, lane, cases / what counts as work")] = "length",
    cases: Annotated[Path | None, typer.Option("--cases", help="案件表 CSV：id,lon,lat,category / cases")] = None,
    convention: Convention = None,
    out: Out = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """管段：里程、空档、重叠、共线，可均衡划分 / stretches: metres, gaps, overlaps, concurrencies, balanced split."""
    from views.console import agencyjobs

    names = tuple(part.strip() for part in (balance_agencies or "").replace("，", ",").split(",") if part.strip())
    tables = agencyjobs.AgencyTables(agencies, table, towns, stakes, convention)
    wish = agencyjobs.BalanceWish(balance, names, by, cases, seed)
    show(agencyjobs.stretches(source, tables, wish, out=out, tell=tell), as_json=as_json)


@agencies.command()
def ledger(
    source: Source,
    *,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="owner, state, agency, class, route, town，可多次或用逗号分开 / may be repeated"),
    ] = None,
    agencies: Agencies = None,
    table: Table = None,
    towns: Towns = None,
    stakes: Stakes = None,
    convention: Convention = None,
    out: Out = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """账目：每一米归谁，合计等于路网，每行可跳到图上 / ledger: every metre once, each line with its place."""
    from views.console import agencyjobs

    groups = [part.strip() for text in by or () for part in text.replace("，", ",").split(",") if part.strip()]
    tables = agencyjobs.AgencyTables(agencies, table, towns, stakes, convention)
    show(agencyjobs.ledger(source, groups, tables, out=out, tell=tell), as_json=as_json)
