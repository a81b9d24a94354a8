"""变化情况: what was decided since a date or a version, and which metres changed hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.errors import InputError
from plan.agreements import read_day
from plan.decisions import Decision
from plan.diff import diff_plans
from plan.model import EVERY_STATION, Plan
from views.papers.agreement import KIND_WORDS, describe_decision
from views.papers.facts import agency_names, facts_of
from views.papers.limits import sources
from views.papers.model import Block, Column, Heading, Line, Paper, Para, Table, Title
from views.papers.text import clean, date_zh, km

TITLE = "上次会议以来的变化"
_MOST = 300
_KINDS = {
    **KIND_WORDS,
    "set_agency": "单位资料",
    "open_dispute": "提出争议",
    "position": "陈述主张",
    "close_dispute": "争议结论",
    "sign": "签署协议",
    "set_units": "单元表",
    "set_targets": "目标表",
    "close_road": "道路封闭",
    "set_stakes": "桩号表",
    "correct_station": "收费站核对",
    "set_town": "乡镇",
    "comment": "批注",
}


def plan_before(plan: Plan, since: str) -> Plan:
    """Return the plan as it was on a day (ISO date: decisions of that day count) or at a version (``v12``).

    Raises
    ------
    InputError
        The text is neither a day nor a version of the plan.
    """
    text = since.strip().lower()
    if text.removeprefix("v").isdecimal() and "-" not in text:
        version = int(text.removeprefix("v"))
        if version > len(plan.decisions):
            msg = f"方案只有 v{len(plan.decisions)}，没有 v{version}；请核对版本。 / the plan has no version {version}."
            raise InputError(msg)
        return replace(plan, decisions=plan.decisions[:version])
    today = read_day(since)
    kept = tuple(d for d in plan.decisions if not d.when or read_day(d.when) <= today)
    return replace(plan, decisions=kept)


def changes_paper(plan: Plan, since: str = "") -> Paper:
    """Return what changed since a day or a version; since the first decision when nothing is named.

    Raises
    ------
    InputError
        ``since`` is neither a day nor a version of the plan.
    """
    facts = facts_of(plan)
    before = plan_before(plan, since) if since else replace(plan, decisions=())
    start = date_zh(since) if "-" in since else since or "方案建立"
    known = {d.to_json() for d in before.decisions}
    made = [d for d in plan.decisions if d.to_json() not in known]
    blocks: list[Block] = [
        Title(TITLE),
        Line(f"{clean(plan.title or '本区', limit=40)}　{clean(start, limit=20)}—{date_zh(facts.day)}"),
        Heading(1, "一、新的决定"),
        Para(f"v{len(before.decisions)} 至 v{len(plan.decisions)}，共{len(made)}项。"),
        _decisions(plan, made[:_MOST]),
    ]
    blocks += _metres(plan, before)
    blocks += [Heading(1, "出处"), sources(facts)]
    return Paper(TITLE, tuple(blocks), facts.stamp, facts.day)


def _decisions(plan: Plan, made: Sequence[Decision]) -> Table:
    names = agency_names(plan)
    stations = {s.id: s.name or s.id for s in plan.network.stations} | {EVERY_STATION: "全部收费站"}
    rows = [
        (
            d.when[:10] or "—",
            _KINDS.get(d.kind, d.kind),
            clean(stations.get(d.key, d.key), limit=40),
            describe_decision(d, names) or "—",
            clean(d.who, limit=40) or "—",
        )
        for d in made
    ]
    columns = (
        Column("日期", 1.05, "center"),
        Column("事项", 0.9),
        Column("对象", 1.3),
        Column("内容", 1.9),
        Column("单位", 1.1),
    )
    return Table(columns, rows, size_pt=10.0, empty="没有新的决定")


def _metres(plan: Plan, before: Plan) -> list[Block]:
    told = agency_names(plan)
    result = diff_plans(before, plan)
    rows = [
        (told.get(a, clean(a, limit=40)), told.get(b, clean(b, limit=40)), km(mm / 1000))
        for (a, b), mm in sorted(result.moved_mm.items(), key=lambda item: (-item[1], item[0]))
    ]
    columns = (Column("原单位", 2), Column("现单位", 2), Column("里程（km）", 1, "right"))
    lost, new = len(result.seams_gone), len(result.seams_new)
    return [
        Heading(1, "二、管辖变化"),
        Table(columns, rows, size_pt=10.5, empty="管辖没有变化"),
        Para(f"界点新增{new}处，取消{lost}处。"),
    ]
