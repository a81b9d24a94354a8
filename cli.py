"""The same jobs as the screens, from a terminal: ``roadseam COMMAND``.

Heavy libraries are imported by the commands that need them, so that ``--help`` answers at once. Results go to
stdout (one JSON document with ``--json``), messages and progress to stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from geo.errors import RoadseamError

app = typer.Typer(
    name="roadseam",
    help="路界 Roadseam：谁管哪一米路，谁几分钟能到，今天怎么巡。 Who enforces which metre of road.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Source = Annotated[str, typer.Argument(help="地图文件、方案、demo 或地名 / map file, plan, demo or place")]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")]
Convention = Annotated[str | None, typer.Option("--convention", help="划界方式 / toll_island, ramp_end")]
Out = Annotated[Path | None, typer.Option("--out", help="写入的方案文件 / plan file to write")]
Units = Annotated[Path, typer.Option("--units", help="单元表 CSV：id,agency,lon,lat,available")]


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="写入的文件夹 / folder to write")] = Path("demo-out"),
    *,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """在示范区上跑完整条线，写出方案、离线地图和报告 / run the whole line on the demo district."""
    from views.console import jobs

    _print(jobs.run_demo(out, seed=seed, tell=_tell), as_json=as_json)


@app.command()
def load(source: Source, *, out: Out = None, as_json: AsJson = False, seed: Seed = 1) -> None:
    """读入地图，列出可疑数据 / read a map and list what is doubtful."""
    from views.console import jobs

    _print(jobs.load(source, out, tell=_tell), as_json=as_json)


@app.command()
def split(
    source: Source, *, convention: Convention = None, out: Out = None, as_json: AsJson = False, seed: Seed = 1
) -> None:
    """划分管辖：每一米归谁、界点、泄漏 / split: owner of each metre, seams, leaks."""
    from views.console import jobs

    _print(jobs.split(source, convention, out, tell=_tell), as_json=as_json)


@app.command()
def owner(
    source: Source,
    *,
    at: Annotated[str | None, typer.Option("--at", help="经度,纬度（WGS-84）/ LON,LAT")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="CSV 表 id,lon,lat / table of places")] = None,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """查询某处归谁管 / whose road a place is."""
    from views.console import jobs

    _print(jobs.whose(source, at, file, convention=convention, tell=_tell), as_json=as_json)


@app.command()
def cover(
    source: Source,
    *,
    units: Units,
    minutes: Annotated[float, typer.Option("--minutes", help="时限（分钟）/ limit in minutes")] = 15.0,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """联合覆盖：谁几分钟能到 / joint coverage: whose cars reach what in time."""
    from views.console import jobs

    _print(jobs.cover(source, units, minutes, convention=convention, tell=_tell), as_json=as_json)


@app.command()
def seal(
    source: Source,
    *,
    units: Units,
    exits: Annotated[Path, typer.Option("--exits", help="出口表 CSV：id,lon,lat")],
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """封控：每个出口一个单元，最慢者最先到 / seal: one unit an exit, the slowest as early as can be."""
    from views.console import jobs

    _print(jobs.seal(source, units, exits, tell=_tell), as_json=as_json)


@app.command()
def route(
    source: Source,
    *,
    units: Units,
    targets: Annotated[Path, typer.Option("--targets", help="目标表 CSV：id,lon,lat,service_min,…")],
    shift: Annotated[float, typer.Option("--shift", help="班次小时数 / hours of a shift")] = 8.0,
    iterations: Annotated[int, typer.Option("--iterations", help="求解步数上限 / iteration limit", min=1)] = 3_000,
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """一个巡查日的线路 / routes of one inspection day."""
    from views.console import jobs

    options = jobs.RouteOptions(shift, iterations, seed, convention)
    _print(jobs.route(source, units, targets, options=options, tell=_tell), as_json=as_json)


@app.command()
def export(
    source: Source,
    *,
    to: Annotated[list[Path], typer.Option("--to", help="目标文件 .html .gpkg .geojson，可多次 / may be repeated")],
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """导出离线地图、GeoPackage 或 GeoJSON / export an offline map, GeoPackage or GeoJSON."""
    from views.console import jobs

    _print(jobs.export(source, to, convention=convention, tell=_tell), as_json=as_json)


@app.command()
def check(source: Source, *, as_json: AsJson = False, seed: Seed = 1) -> None:
    """体检：有问题则退出码为 1 / doctor: exit code 1 when something is not in order."""
    from views.console import jobs

    document = jobs.check(source, tell=_tell)
    _print(document, as_json=as_json)
    if not document["in_order"]:
        raise typer.Exit(1)


@app.command(name="app")
def start_app(
    plan: Annotated[Path | None, typer.Argument(help="打开的方案 / plan to open")] = None,
    *,
    port: Annotated[int, typer.Option("--port", help="端口 / port")] = 8501,
) -> None:
    """打开界面 / open the screens in a browser."""
    from views.console import server

    raise typer.Exit(server.serve(plan, port=port))


def _tell(text: str) -> None:
    """Tell the person at the terminal what is going on."""
    print(text, file=sys.stderr, flush=True)


def _print(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        import json

        print(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    from views.console.summary import summarise

    print(summarise(document))


def main() -> None:
    """Run the command line; a known error is one sentence on stderr and its exit code."""
    try:
        app(standalone_mode=True)
    except RoadseamError as error:
        _tell(" ".join(str(error).split()))
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        _tell("已取消。 / cancelled.")
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
