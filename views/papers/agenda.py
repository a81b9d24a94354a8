"""联席会议议程: open items of a plan, in the order in which a meeting should take them."""

from __future__ import annotations

from geo.findings import Severity
from plan.agreements import Status, status_on
from plan.disputes import OUTCOMES, Dispute, DisputeState, list_disputes
from plan.model import Plan
from plan.results import leaks_json
from views.papers.facts import facts_of
from views.papers.limits import sources
from views.papers.minutes import STATE_WORDS
from views.papers.model import Block, Column, Heading, Line, Paper, Para, Table, Title
from views.papers.seamrows import seam_rows
from views.papers.text import clean, date_zh, km, number_zh

TITLE = "月度联席会议议程"
_MOST = 40
_STATUS = {
    Status.SIGNED: "已签未生效",
    Status.IN_FORCE: "有效",
    Status.SUPERSEDED: "已被取代",
    Status.EXPIRED: "已到期",
}


def agenda_paper(plan: Plan, *, day: str = "") -> Paper:
    """Return the agenda: disputes, pending handovers, leaks, agreements with their status, findings.

    Parameters
    ----------
    plan
        The plan.
    day
        ISO date of the meeting; the plan's own date counts the days when there is none.
    """
    facts = facts_of(plan)
    today = day or facts.day
    items = [d for d in list_disputes(plan) if d.state is not DisputeState.AGREED]
    blocks: list[Block] = [Title(TITLE), Line(f"{clean(plan.title or '本区', limit=40)}　{date_zh(day)}")]
    sections = [
        ("争议事项", _disputes(items, today)),
        ("待移交界点", _handovers(plan)),
        ("泄漏（不经收费站相通处）", _leaks(plan)),
        ("协议状态", _agreements(plan, today)),
        ("数据问题", _findings(plan)),
    ]
    for number, (name, body) in enumerate(sections, start=1):
        blocks += [Heading(1, f"{number_zh(number)}、{name}"), *body]
    blocks += [Heading(1, f"{number_zh(len(sections) + 1)}、其他"), Para("各大队通报案件、联合行动与下月安排。")]
    blocks += [Heading(1, "出处"), sources(facts)]
    return Paper(TITLE, tuple(blocks), facts.stamp, today)


def count_open(plan: Plan) -> int:
    """Return how many disputes a meeting still has to decide."""
    return sum(d.state not in OUTCOMES for d in list_disputes(plan))


def _disputes(items: list[Dispute], day: str) -> list[Block]:
    columns = (
        Column("序号", 0.5, "center"),
        Column("编号", 0.95, "center"),
        Column("争议", 2.0),
        Column("里程（km）", 1.05, "right"),
        Column("提出", 1.1, "center"),
        Column("天数", 0.5, "right"),
        Column("状态", 0.9, "center"),
    )
    rows = [
        (
            str(k),
            clean(d.id, limit=24),
            clean(d.title, limit=80),
            km(d.length_mm / 1000),
            d.opened,
            str(d.days_open(day)) if d.opened else "—",
            STATE_WORDS[d.state],
        )
        for k, d in enumerate(sorted(items, key=lambda d: (d.opened, d.id)), start=1)
    ]
    return [Table(columns, rows, size_pt=10.5, empty="没有待议争议")]


def _handovers(plan: Plan) -> list[Block]:
    rows = [
        (str(r.number), r.station or r.kind, r.road, f"{r.lon:.6f}, {r.lat:.6f}")
        for r in seam_rows(plan)
        if r.handover == "待移交"
    ]
    columns = (Column("附件序号", 0.7, "center"), Column("收费站", 1.2), Column("路线", 1.4), Column("经度，纬度", 1.4))
    return [Table(columns, rows, size_pt=10.5, empty="没有待移交界点")]


def _leaks(plan: Plan) -> list[Block]:
    columns = (
        Column("序号", 0.5, "center"),
        Column("经度，纬度", 1.4),
        Column("路径长（m）", 0.9, "right"),
        Column("可否通行", 0.7, "center"),
        Column("建议", 2),
    )
    rows = [
        (
            str(k),
            f"{row['lon']:.6f}, {row['lat']:.6f}",
            f"{row['length_m']:,.1f}",
            "可" if row["drivable"] else "否",
            f"在 OSM 节点 {row['osm_node']} 处商定界点",
        )
        for k, row in enumerate(leaks_json(plan.derived)[:_MOST], start=1)
    ]
    return [Table(columns, rows, size_pt=10.5, empty="没有泄漏")]


def _agreements(plan: Plan, day: str) -> list[Block]:
    rows = []
    for number, decision in plan.latest("sign").items():
        value = decision.value
        term = f"{value.get('valid_from', '')} 至 {value.get('valid_to', '') or '另有协议'}"
        rows.append((clean(number, limit=40), term, _STATUS[status_on(plan, number, day)], str(value["hash"])[:12]))
    columns = (Column("文号", 1.5), Column("有效期", 1.7), Column("状态", 0.8, "center"), Column("校验码", 1, "center"))
    return [Table(columns, rows, size_pt=10.5, empty="尚无已签协议")]


def _findings(plan: Plan) -> list[Block]:
    words = {Severity.ERROR: "严重", Severity.WARNING: "警告"}
    rows = [
        (words[f.severity], str(f.count), clean(f.message, limit=200))
        for f in plan.derived.findings
        if f.severity in words
    ]
    columns = (Column("程度", 0.5, "center"), Column("处数", 0.5, "right"), Column("问题与办法", 4))
    return [Table(columns, rows[:_MOST], size_pt=10.5, empty="没有数据问题")]
