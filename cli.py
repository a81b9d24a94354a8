"""The same jobs as the screens, from a terminal: ``roadseam COMMAND``.

Heavy libraries are imported by the commands that need them, so that ``--help`` answers at once. Results go to
stdout (one JSON document with ``--json``), messages and progress to stderr.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from geo.errors import RoadseamError
from views.console.agencycommands import agencies
from views.console.askcommands import ask
from views.console.disputecommands import disputes
from views.console.historycommands import histories
from views.console.landcommands import land
from views.console.papercommands import papers
from views.console.routecommands import routes
from views.console.terminal import show, tell
from views.console.workcommands import work

INPUT_EXIT = 3
"""Exit code of an input that cannot be used."""

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
PlanFile = Annotated[Path, typer.Argument(help="方案文件 / plan file")]
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

    show(jobs.run_demo(out, seed=seed, tell=tell), as_json=as_json)


@app.command()
def load(
    source: Source,
    *,
    out: Out = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="线图层的列名对照 TOML / columns of a layer")
    ] = None,
    crs: Annotated[
        str | None, typer.Option("--crs", help="图层未注明时的坐标系，如 EPSG:4547 / CRS of a layer")
    ] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="用哪一个图层 / which layer of the file")] = None,
    suggest: Annotated[
        Path | None, typer.Option("--suggest", help="只写出列名对照建议 TOML / write a mapping to check")
    ] = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """读入地图，列出可疑数据 / read a map and list what is doubtful."""
    from geo.load import LayerReading
    from views.console import jobs, landjobs

    if suggest is not None:
        show(landjobs.suggest(source, suggest, layer=layer, tell=tell), as_json=as_json)
        return
    show(jobs.load(source, out, reading=LayerReading(mapping, crs, layer), tell=tell), as_json=as_json)


@app.command()
def split(
    source: Source, *, convention: Convention = None, out: Out = None, as_json: AsJson = False, seed: Seed = 1
) -> None:
    """划分管辖：每一米归谁、界点、泄漏 / split: owner of each metre, seams, leaks."""
    from views.console import jobs

    show(jobs.split(source, convention, out, tell=tell), as_json=as_json)


@app.command()
def options(
    source: Source,
    *,
    station: Annotated[str, typer.Option("--station", help="收费站名称或编号 / name or id of a station")],
    units: Annotated[Path | None, typer.Option("--units", help="单元表 CSV / units")] = None,
    cases: Annotated[Path | None, typer.Option("--cases", help="去年案件 CSV：id,lon,lat,category / cases")] = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """界点各方案的代价：里程、分钟、案件、桥梁 / what each place of a seam would move."""
    from views.console import planjobs

    tables = planjobs.Tables(units, cases)
    show(planjobs.options(source, station, tables=tables, tell=tell), as_json=as_json)


@app.command()
def diff(first: Source, second: Source, *, as_json: AsJson = False, seed: Seed = 1) -> None:
    """比较两个方案：决定与里程；不同则退出码为 1 / compare two plans: exit code 1 when they differ."""
    from views.console import planjobs

    document = planjobs.diff(first, second, tell=tell)
    show(document, as_json=as_json)
    if not document["same"]:
        raise typer.Exit(1)


@app.command()
def merge(
    base: PlanFile, mine: PlanFile, theirs: PlanFile, *, out: Out = None, as_json: AsJson = False, seed: Seed = 1
) -> None:
    """三方合并，冲突逐条列出；有冲突则退出码为 1 / three-way merge: exit code 1 with conflicts."""
    from views.console import planjobs

    document = planjobs.merge(base, mine, theirs, out=out, tell=tell)
    show(document, as_json=as_json)
    if not document["merged"]:
        raise typer.Exit(1)


@app.command()
def replay(plan: PlanFile, source: Source, *, out: Out = None, as_json: AsJson = False, seed: Seed = 1) -> None:
    """把决定搬到新地图上：保留、移动、失效 / carry decisions over to a new map."""
    from views.console import planjobs

    show(planjobs.replay_on(plan, source, out=out, tell=tell), as_json=as_json)


@app.command()
def sign(
    plan: PlanFile,
    *,
    number: Annotated[str, typer.Option("--number", help="文号 / document number")],
    office: Annotated[list[str], typer.Option("--office", help="签署单位，两个以上 / signing office, twice or more")],
    valid_from: Annotated[str, typer.Option("--from", help="生效日 / first day")],
    valid_to: Annotated[str, typer.Option("--to", help="终止日 / last day")] = "",
    when: Annotated[str, typer.Option("--when", help="签署日，默认生效日 / day of signing")] = "",
    cover: Annotated[list[str] | None, typer.Option("--cover", help="只签这些 类型:对象 / only these KIND:KEY")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="只拟草案，不进校验链 / prepare it, sign nothing")] = False,
    out: Out = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """签署：把已定的界点写入校验链 / sign: put what was decided into the hash chain."""
    from plan.agreements import Terms
    from views.console import planjobs

    terms = Terms(number, tuple(office), valid_from, valid_to)
    wish = planjobs.SignWish(when or valid_from, tuple(cover or ()), draft, out)
    show(planjobs.sign(plan, terms, wish, tell=tell), as_json=as_json)


@app.command()
def verify(
    plan: PlanFile,
    *,
    code: Annotated[str | None, typer.Option("--code", help="纸面校验码，12 位以上 / code on the paper")] = None,
    on: Annotated[str | None, typer.Option("--on", help="状态日期，默认今天 / status on this day")] = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """核验协议：被改动则退出码为 1 / verify agreements: exit code 1 when one was changed."""
    from datetime import UTC, datetime

    from views.console import planjobs

    day = on or datetime.now(UTC).date().isoformat()
    document = planjobs.verify(plan, code, day, tell=tell)
    show(document, as_json=as_json)
    if not document["intact"]:
        raise typer.Exit(1)


@app.command()
def export(
    source: Source,
    *,
    to: Annotated[
        list[Path],
        typer.Option("--to", help=".html .gpkg .geojson .kml .gpx .zip .xlsx .docx .pdf，可多次 / may be repeated"),
    ],
    convention: Convention = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """导出离线地图、GIS 图层、附表、协议或图幅 / export an offline map, layers, annex, agreement or map sheet."""
    from views.console import jobs

    show(jobs.export(source, to, convention=convention, tell=tell), as_json=as_json)


@app.command()
def check(
    source: Source,
    *,
    on: Annotated[str | None, typer.Option("--on", help="从哪天起算地图的年龄，默认今天 / count age from")] = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """体检：有问题则退出码为 1 / doctor: exit code 1 when something is not in order."""
    from datetime import UTC, datetime

    from views.console import jobs, landjobs

    day = landjobs.read_day(on) if on else datetime.now(UTC).date()
    document = jobs.check(source, today=day, tell=tell)
    show(document, as_json=as_json)
    if not document["in_order"]:
        raise typer.Exit(1)


@app.command(name="app")
def start_app(
    plan: Annotated[Path | None, typer.Argument(help="打开的方案 / plan to open")] = None,
    *,
    port: Annotated[int, typer.Option("--port", help="端口 / port")] = 8501,
    basemap: Annotated[
        str | None,
        typer.Option(
            "--basemap", help="底图：PMTiles、MBTiles 文件或 tianditu:vec / base map: a file, or Tianditu by key"
        ),
    ] = None,
) -> None:
    """打开界面 / open the screens in a browser."""
    from views.console import server

    raise typer.Exit(server.serve(plan, port=port, basemap=basemap))


app.add_typer(work)
app.add_typer(routes)
app.add_typer(land)
app.add_typer(disputes)
app.add_typer(histories)
app.add_typer(ask)
app.add_typer(agencies)
app.add_typer(papers)


def main() -> None:
    """Run the command line; any error is one sentence on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show must not stop a result
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(standalone_mode=True)
    except RoadseamError as error:
        tell(" ".join(str(error).split()))
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        tell("已取消。 / cancelled.")
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(1) from None
    except OSError as error:
        name = Path(str(error.filename or "")).name
        tell(f"{name}: 文件无法读写（{error.strerror or error}），请检查路径、权限和空间。 / cannot read or write it.")
        raise SystemExit(INPUT_EXIT) from None
    except MemoryError:
        tell("内存不足，请换成裁剪到本区的地图。 / not enough memory: use a map cut to your district.")
        raise SystemExit(INPUT_EXIT) from None
    except Exception as error:  # noqa: BLE001 - a person reads one sentence, whatever went wrong
        tell(f"程序内部错误（{_where(error)}），请连同输入文件反馈。 / internal error: report it with the input.")
        raise SystemExit(INPUT_EXIT) from None


def _where(error: Exception) -> str:
    """Name an unforeseen error and the line it came from, without folders."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else "?"
    return f"{type(error).__name__}, {line}"


if __name__ == "__main__":
    main()
