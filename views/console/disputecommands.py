"""The dispute desk from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from views.console.terminal import show, tell

disputes = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def _text(name: str, words: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, help=words)
    return option


@disputes.command()
def dispute(
    plan: Annotated[str, typer.Argument(help="方案文件或 demo / plan file or demo")],
    action: Annotated[str, typer.Argument(help="list, open, position, comment, close")] = "list",
    *,
    number: Annotated[str, _text("--number", "争议编号 / number of the dispute")] = "",
    title: Annotated[str, _text("--title", "事由 / what it is about")] = "",
    segment: Annotated[list[str] | None, typer.Option("--segment", help="路段编号，可多次 / segment ids")] = None,
    route: Annotated[str, _text("--route", "路线，如 G98 / route of the stakes")] = "",
    start: Annotated[str, _text("--from", "起点桩号，或一段桩号 / first stake, or a range")] = "",
    end: Annotated[str, _text("--to", "止点桩号 / last stake")] = "",
    station: Annotated[str, _text("--station", "收费站名称或编号 / station it is about")] = "",
    law: Annotated[str, _text("--law", "法条 / row of law")] = "",
    next_authority: Annotated[str, _text("--next-authority", "共同上级 / who decides in the end")] = "",
    side: Annotated[str, _text("--side", "local 或 expressway / whose position")] = "",
    text: Annotated[str, _text("--text", "主张或批注 / words of a position or comment")] = "",
    convention: Annotated[str, _text("--convention", "主张的划界方式 / convention a side proposes")] = "",
    attach: Annotated[
        list[Path] | None, typer.Option("--attach", help="附件，只记名称和哈希 / by name and hash")
    ] = None,
    at: Annotated[str, _text("--at", "经度,纬度 / LON,LAT of a place")] = "",
    offset: Annotated[float, typer.Option("--offset", help="批注在路段上的米数 / metres on the segment")] = 0.0,
    stake: Annotated[str, _text("--stake", "批注桩号 / stake of a comment")] = "",
    reply_to: Annotated[str, _text("--reply-to", "回复的批注编号 / comment that is answered")] = "",
    outcome: Annotated[str, _text("--outcome", "agree, reserve, refer")] = "",
    office: Annotated[list[str] | None, typer.Option("--office", help="参会单位，可多次 / offices that met")] = None,
    document: Annotated[str, _text("--document", "文号 / document number")] = "",
    minute: Annotated[str, _text("--minute", "纪要文字 / line of the minutes")] = "",
    who: Annotated[str, _text("--who", "经办单位 / office that writes")] = "",
    when: Annotated[str, _text("--when", "日期，默认今天 / day, today by default")] = "",
    on: Annotated[str, _text("--on", "未决天数算到哪天，默认今天 / count days open to this day")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="写入的方案文件，默认原地 / plan to write")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")] = False,
    seed: Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")] = 1,
) -> None:
    """争议：列出、提出、主张、批注、了结 / disputes: list, open, position, comment, close."""
    given = dict(locals())
    from views.console import disputejobs

    wish = disputejobs.read_wish(given, today=datetime.now(UTC).date().isoformat())
    found = disputejobs.dispute(plan, action, wish, out=out, tell=tell)
    if as_json:
        show(found, as_json=True)
    else:
        typer.echo(disputejobs.summarise_disputes(found))
