"""任务清单: what each agency is to visit in a month, from the plan's targets."""

from __future__ import annotations

from patrol.targets import Target
from patrol.zones.columns import KINDS
from plan.model import Plan
from views.crews import targets_of, units_of
from views.papers.facts import agency_names, facts_of
from views.papers.limits import sources
from views.papers.model import Block, Column, Heading, Line, Paper, Para, Table, Title
from views.papers.text import clean, clock, date_zh, number_zh
from views.words import word

TITLE = "巡查任务清单"
_JOINT = "联合班组"


def tasks_paper(plan: Plan) -> Paper:
    """Return the task lists, one section an agency; a target without an agency is its road owner's."""
    facts, names = facts_of(plan), agency_names(plan)
    groups: dict[str, list[Target]] = {}
    for target in targets_of(plan):
        groups.setdefault(target.agency or _owner(plan, target), []).append(target)
    ranks = {a.id: k for k, a in enumerate(plan.agencies)}
    cars: dict[str, int] = {}
    for unit in units_of(plan):
        cars[unit.agency] = cars.get(unit.agency, 0) + unit.available
    blocks: list[Block] = [Title(TITLE), Line(f"{clean(plan.title or '本区', limit=40)}　{date_zh(facts.day)}")]
    for number, agency in enumerate(sorted(groups, key=lambda a: (ranks.get(a, len(ranks)), a)), start=1):
        mine = groups[agency]
        visits = sum(t.visits_per_week for t in mine)
        told = _JOINT if agency == "joint" else names.get(agency, word(clean(agency, limit=40)))
        blocks += [
            Heading(1, f"{number_zh(number)}、{told}"),
            Para(f"目标{len(mine)}处，每周{visits:g}次，现有车辆{cars.get(agency, 0)}台。"),
            _table(mine),
        ]
    if not groups:
        blocks.append(Para("方案中没有巡查目标，请先导入目标表。"))
    blocks += [Heading(1, "出处"), sources(facts)]
    return Paper(TITLE, tuple(blocks), facts.stamp, facts.day)


def kind_word(kind: str) -> str:
    """Return a kind of target in Chinese; an unknown one stands for itself.

    Examples
    --------
    >>> kind_word("control_zone"), kind_word("校车检查")
    ('建筑控制区', '校车检查')
    """
    return KINDS.get(kind) or clean(kind, limit=24)


def _owner(plan: Plan, target: Target) -> str:
    return plan.derived.whose.ask(target.lon, target.lat).agency or "none"


def _table(targets: list[Target]) -> Table:
    columns = (
        Column("编号", 0.7, "center"),
        Column("目标", 1.8),
        Column("类型", 0.9),
        Column("经度，纬度", 1.3),
        Column("分钟", 0.5, "right"),
        Column("每周", 0.5, "right"),
        Column("时间窗", 0.9, "center"),
        Column("完成", 0.6, "center"),
    )
    rows = [
        (
            clean(t.id, limit=16),
            clean(t.name or t.id, limit=40),
            kind_word(t.kind),
            f"{t.lon:.5f}, {t.lat:.5f}",
            f"{t.service_s / 60:.0f}",
            f"{t.visits_per_week:g}",
            f"{clock(t.window.from_s)}—{clock(t.window.to_s)}" if t.window else "—",
            "□",
        )
        for t in targets
    ]
    return Table(columns, rows, size_pt=10.0)
