"""The command that makes papers: agreements, minutes, monthly packs, crew sheets, atlases, letters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from views.console.terminal import show, tell
from views.console.workcommands import AsJson, Seed, Source

papers = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

_KINDS = "monthly, agreement, minutes, crew, atlas, strip, transfer, agenda, changes, limits, tasks, annex, overview"


@papers.command(name="papers")
def make_papers(
    source: Source,
    *,
    kind: Annotated[str, typer.Option("--kind", help=f"种类 / {_KINDS}")],
    out: Annotated[Path, typer.Option("--out", help="写入 .zip .docx .pdf .xlsx / file to write")],
    number: Annotated[str, typer.Option("--number", help="文号 / document number")] = "",
    dispute: Annotated[list[str] | None, typer.Option("--dispute", help="争议编号，可多次 / dispute")] = None,
    since: Annotated[str, typer.Option("--since", help="上次会议日期或版本 v12 / day or version")] = "",
    on: Annotated[str, typer.Option("--on", help="会议日期 / day of the meeting")] = "",
    place: Annotated[str, typer.Option("--place", help="会议地点 / place of the meeting")] = "",
    office: Annotated[list[str] | None, typer.Option("--office", help="参加单位，可多次 / office")] = None,
    scale: Annotated[float | None, typer.Option("--scale", help="比例尺分母 / 1:N")] = None,
    paper: Annotated[str, typer.Option("--paper", help="A3 或 A4 / A3 or A4")] = "A3",
    route: Annotated[str, typer.Option("--route", help="条带图的路线 / route of a strip map")] = "",
    data: Annotated[Path | None, typer.Option("--data", help="移送函数据 JSON / data of a transfer letter")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="只要其中几份 / only these papers")] = None,
    shift: Annotated[float, typer.Option("--shift", help="班次小时数 / hours of a shift")] = 8.0,
    iterations: Annotated[int, typer.Option("--iterations", help="排班步数上限 / iteration limit", min=1)] = 1_000,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """生成文书：协议、纪要、月度材料、勤务单、图集、移送函 / make papers to sign and to take along."""
    from views.console import paperjobs

    question = paperjobs.PaperQuestion(
        kind=kind,
        out=out,
        number=number,
        disputes=tuple(dispute or ()),
        since=since,
        day=on,
        place=place,
        offices=tuple(office or ()),
        scale=scale,
        paper=paper.upper(),
        route=route,
        data=data,
        only=tuple(only or ()),
        shift_h=shift,
        iterations=iterations,
        seed=seed,
    )
    show(paperjobs.papers(source, question, tell=tell), as_json=as_json)
