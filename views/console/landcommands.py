"""Commands of the land: stations and their table, comparison of two maps, an agency's layer against the map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geo.datum import Datum
from views.console.terminal import show, tell

land = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Source = Annotated[str, typer.Argument(help="地图文件、方案、demo 或地名 / map file, plan, demo or place")]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")]
Mapping = Annotated[Path | None, typer.Option("--mapping", help="线图层的列名对照 TOML / columns of the layer")]
Crs = Annotated[str | None, typer.Option("--crs", help="图层未注明时的坐标系，如 EPSG:4547 / CRS of the layer")]
LayerNamed = Annotated[str | None, typer.Option("--layer", help="用哪一个图层 / which layer of the file")]


@land.command()
def stations(
    source: Source,
    *,
    table: Annotated[Path | None, typer.Option("--table", help="收费站表 CSV/XLSX / the agency's table")] = None,
    datum: Annotated[Datum, typer.Option("--datum", help="表的坐标系 / datum of the table")] = Datum.WGS84,
    stakes: Annotated[
        Path | None, typer.Option("--stakes", help="桩号表，用来核对 / stake table to check with")
    ] = None,
    fixes: Annotated[Path | None, typer.Option("--fixes", help="人工订正表 CSV/XLSX / reviewed corrections")] = None,
    who: Annotated[str, typer.Option("--by", help="订正人，表中未写时用 / who corrected")] = "",
    when: Annotated[str, typer.Option("--on", help="订正日期，表中未写时用 / day of the corrections")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="写入的方案文件 / plan file to write")] = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """收费站清单，与单位表逐条核对，导入人工订正 / stations, the agency's table against them, corrections."""
    from views.console import landjobs

    question = landjobs.StationQuestion(table, datum, stakes, fixes, who, when)
    show(landjobs.stations(source, question, out=out, tell=tell), as_json=as_json)


@land.command()
def compare(old: Source, new: Source, *, as_json: AsJson = False, seed: Seed = 1) -> None:
    """比较同一地区的新旧地图：增减、改级、移位；不同则退出码为 1 / compare two maps: exit code 1 when they differ."""
    from views.console import landjobs

    document = landjobs.compare(old, new, tell=tell)
    show(document, as_json=as_json)
    if not document["same"]:
        raise typer.Exit(1)


@land.command()
def conflate(
    source: Source,
    layer_file: Annotated[Path, typer.Argument(metavar="LAYER", help="单位的道路图层 / the agency's line layer")],
    *,
    mapping: Mapping = None,
    crs: Crs = None,
    layer: LayerNamed = None,
    within: Annotated[float, typer.Option("--within", help="两图最多相距几米 / metres apart at most", min=0.5)] = 15.0,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """单位图层与地图互相核对：哪些路对方没有，按等级计里程 / which roads of a layer and of the map lack a partner."""
    from geo.load import LayerReading
    from views.console import landjobs

    reading = LayerReading(mapping, crs, layer)
    show(landjobs.conflate(source, layer_file, reading=reading, within_m=within, tell=tell), as_json=as_json)
