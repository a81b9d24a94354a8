"""Commands on the history of a plan, and on its file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from views.console.terminal import show, tell

histories = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

PlanFile = Annotated[Path, typer.Argument(help="方案文件 / plan file")]
Out = Annotated[Path | None, typer.Option("--out", help="写入的方案文件，默认原地 / plan file to write")]
AsJson = Annotated[bool, typer.Option("--json", help="只输出一个 JSON 文档 / one JSON document on stdout")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子，同种子同结果 / same seed, same result")]


@histories.command()
def history(
    plan: PlanFile,
    *,
    lock: Annotated[list[str] | None, typer.Option("--lock", help="锁定 类型:对象 / lock KIND:KEY")] = None,
    unlock: Annotated[list[str] | None, typer.Option("--unlock", help="解锁 类型:对象 / unlock KIND:KEY")] = None,
    lock_all: Annotated[bool, typer.Option("--lock-all", help="全部锁定 / lock all")] = False,
    unlock_all: Annotated[bool, typer.Option("--unlock-all", help="全部解锁 / unlock all")] = False,
    lock_agency: Annotated[list[str] | None, typer.Option("--lock-agency", help="锁定某单位 / by agency")] = None,
    branch: Annotated[str, typer.Option("--branch", help="新建或切换分支 / start or switch to a branch")] = "",
    undo: Annotated[int, typer.Option("--undo", help="撤销几步 / steps to undo", min=0)] = 0,
    redo: Annotated[int, typer.Option("--redo", help="重做几步 / steps to redo", min=0)] = 0,
    compare: Annotated[str, typer.Option("--compare", help="与哪个分支比较 / branch to compare with")] = "",
    out: Out = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """历史：全部决定、分支、锁定、撤销与重做 / history: decisions, branches, locks, undo and redo."""
    from views.console import historyjobs

    wish = historyjobs.HistoryWish(
        tuple(lock or ()),
        tuple(unlock or ()),
        lock_all=lock_all,
        unlock_all=unlock_all,
        lock_agency=tuple(lock_agency or ()),
        branch=branch,
        undo=undo,
        redo=redo,
        compare=compare,
    )
    show(historyjobs.history(plan, wish, out=out, tell=tell), as_json=as_json)


@histories.command(name="import")
def take_in(
    plan: PlanFile,
    theirs: Annotated[str, typer.Argument(help="同事的方案 / a colleague's plan")],
    *,
    mine_wins: Annotated[list[str] | None, typer.Option("--mine", help="冲突取己方 类型:对象 / KIND:KEY")] = None,
    theirs_win: Annotated[list[str] | None, typer.Option("--theirs", help="冲突取对方 类型:对象 / KIND:KEY")] = None,
    as_branch: Annotated[str, typer.Option("--as-branch", help="不合并，另存为分支 / beside mine, as a branch")] = "",
    out: Out = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """并入同事的方案，冲突逐条列出；有冲突则退出码为 1 / take in a colleague's plan: exit code 1 with conflicts."""
    from plan.importing import ImportWish
    from views.console import historyjobs

    choices = historyjobs.read_choices(tuple(mine_wins or ()), tuple(theirs_win or ()))
    document = historyjobs.take_in(plan, theirs, ImportWish(choices, as_branch), out=out, tell=tell)
    show(document, as_json=as_json)
    if not document["merged"]:
        raise typer.Exit(1)


@histories.command()
def backup(plan: PlanFile, *, out: Out = None, as_json: AsJson = False, seed: Seed = 1) -> None:
    """备份方案，不覆盖任何文件 / copy a plan, overwriting nothing."""
    from views.console import historyjobs

    show(historyjobs.backup(plan, out, tell=tell), as_json=as_json)


@histories.command()
def restore(
    copy: Annotated[Path, typer.Argument(help="备份 / backup")],
    plan: PlanFile,
    *,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """用备份恢复方案，原文件另存 / bring a backup back; what stood there is kept."""
    from views.console import historyjobs

    show(historyjobs.bring_back(copy, plan, tell=tell), as_json=as_json)


@histories.command()
def upgrade(plan: PlanFile, *, as_json: AsJson = False, seed: Seed = 1) -> None:
    """把旧版方案升级到最新版，先留备份 / rewrite an older plan in the latest version, a copy first."""
    from views.console import historyjobs

    show(historyjobs.upgrade(plan, tell=tell), as_json=as_json)


@histories.command()
def seam(
    source: Annotated[str, typer.Argument(help="地图文件、方案、demo 或地名 / map file, plan, demo or place")],
    *,
    ident: Annotated[str, typer.Option("--seam", help="界点编号 / id of the seam")],
    at: Annotated[str, typer.Option("--at", help="移到 经度,纬度 附近可放之处 / to the place nearest LON,LAT")] = "",
    segment: Annotated[str, typer.Option("--segment", help="移到此路段 / to this segment")] = "",
    offset: Annotated[float, typer.Option("--offset", help="路段上的米数 / metres on the segment")] = 0.0,
    reach: Annotated[float, typer.Option("--reach", help="沿路多远 / how far along the road, m", min=1.0)] = 800.0,
    step: Annotated[float, typer.Option("--step", help="可放之处的间距 / distance of places, m", min=0.5)] = 10.0,
    units: Annotated[Path | None, typer.Option("--units", help="单元表 CSV / units")] = None,
    cases: Annotated[Path | None, typer.Option("--cases", help="去年案件 CSV / cases of last year")] = None,
    out: Out = None,
    as_json: AsJson = False,
    seed: Seed = 1,
) -> None:
    """移动一个界点：可放之处，或随之变化的里程、分钟、案件 / where a seam may lie, or what follows when it moves."""
    from views.console import planjobs

    wish = planjobs.SeamWish(ident, at, segment, offset, reach, step)
    document = planjobs.seam(source, wish, tables=planjobs.Tables(units, cases), out=out, tell=tell)
    show(document, as_json=as_json)
