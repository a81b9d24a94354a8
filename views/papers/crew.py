"""勤务单: one sheet a crew with its timetable, the way in numbered legs, and the patrol record to fill in."""

from __future__ import annotations

from geo.travel import TravelGraph
from patrol.day import DayPlan
from patrol.roadlegs import TURN_WORDS
from patrol.sheets import CrewSheet, make_sheets
from plan.model import Plan
from views.papers.docx import write_docx
from views.papers.facts import agency_names, facts_of
from views.papers.limits import sources
from views.papers.model import Block, Column, Gap, Heading, Line, NewPage, Paper, Para, Table, Title
from views.papers.stakes import stake_reader
from views.papers.tasks import kind_word
from views.papers.text import clean, clock, date_zh
from views.words import word

TITLE = "巡查勤务单"
_KINDS = {"drive": "行驶", "wait": "等候", "work": "检查", "break": "休息"}


def crew_docx(plan: Plan, day: DayPlan, *, date: str = "") -> bytes:
    """Return the sheets of all crews as a Word file.

    Parameters
    ----------
    plan
        The plan that the day was made on.
    day
        The plan of the day.
    date
        ISO date of the day, ``""`` leaves room to write.
    """
    return write_docx(crew_paper(plan, day, date=date))


def crew_paper(plan: Plan, day: DayPlan, *, date: str = "", graph: TravelGraph | None = None) -> Paper:
    """Return the sheets as a paper, see `crew_docx`; ``graph`` is the one the day was made on, if it is at hand."""
    from geo.closures import graph_at
    from plan.closures import closures_of

    graph = graph_at(plan.derived.network, closures_of(plan)) if graph is None else graph
    facts, blocks = facts_of(plan), list[Block]()
    names = {t.id: clean(t.name or t.id, limit=40) for t in day.day.targets}
    agencies = agency_names(plan)
    for sheet in make_sheets(graph, day, stake_of=stake_reader(plan)):
        if blocks:
            blocks.append(NewPage())
        blocks += _sheet(sheet, names, agency=agencies.get(sheet.agency, word(sheet.agency)), date=date)
    if not blocks:
        blocks += [Title(TITLE), Gap(), Para("没有安排勤务。")]
    blocks += _left_out(day, names)
    blocks += [Heading(1, "出处"), sources(facts)]
    return Paper(TITLE, tuple(blocks), facts.stamp, facts.day)


def _sheet(sheet: CrewSheet, names: dict[str, str], *, agency: str, date: str) -> list[Block]:
    crew = clean(sheet.unit, limit=24) + (f" 第{sheet.car}车" if sheet.car > 1 else "")
    worked = sum(b.to_s - b.from_s for b in sheet.blocks if b.kind == "work")
    about = [
        ("单位", clean(agency, limit=60), "班组", crew),
        ("日期", date_zh(date), "出发—返回", f"{clock(sheet.leave_s)}—{clock(sheet.return_s)}"),
        ("检查任务", f"{len(sheet.records)} 处，{worked / 60:.0f} 分钟", "行驶里程", f"{sheet.length_m / 1000:.1f} km"),
        ("执法人员（两人以上）", "", "车牌", ""),
    ]
    columns = (Column("项目", 1.15, "center"), Column("内容", 2), Column("项目", 1, "center"), Column("内容", 1.4))
    blocks: list[Block] = [Title(TITLE), Line(crew), Table(columns, about, size_pt=12.0, row_mm=9.0)]
    times = [
        (
            f"{clock(b.from_s)}—{clock(b.to_s)}",
            _KINDS[b.kind],
            names.get(b.task, "返回驻地" if b.kind == "drive" else ""),
        )
        for b in sheet.blocks
    ]
    head = (Column("时间", 1, "center"), Column("事项", 0.6, "center"), Column("目标", 3))
    blocks += [Heading(1, "一、时间表"), Table(head, times, size_pt=12.0)]
    blocks += [Heading(1, "二、行车路线"), _way(sheet), Heading(1, "三、巡查记录"), _records(sheet, names)]
    return blocks


def _way(sheet: CrewSheet) -> Table:
    columns = (
        Column("序号", 0.5, "center"),
        Column("时刻", 0.6, "center"),
        Column("动作", 0.9),
        Column("道路", 1.6),
        Column("方向", 0.5, "center"),
        Column("里程（km）", 0.8, "right"),
        Column("桩号", 1.3),
    )
    rows = []
    for legs in sheet.legs:
        for leg in legs:
            stakes = "—".join(dict.fromkeys(s for s in (leg.from_stake, leg.to_stake) if s)) or "—"
            turn = TURN_WORDS[leg.turn][0]
            road = clean(leg.road, limit=30) + (f"（过{'、'.join(map(clean, leg.stations))}）" if leg.stations else "")
            length = f"{leg.length_m / 1000:.2f}"
            rows.append((str(leg.number), clock(leg.start_s), turn, road, leg.heading, length, stakes))
    return Table(columns, rows, size_pt=10.0)


def _records(sheet: CrewSheet, names: dict[str, str]) -> Table:
    columns = (
        Column("目标", 1.3),
        Column("类别", 0.8),
        Column("路线与桩号", 1.3),
        Column("起止时间", 0.9, "center"),
        Column("天气", 0.5, "center"),
        Column("异常情况", 1.3),
        Column("处置", 1.2),
    )
    rows = []
    for r in sheet.records:
        stakes = "—".join(dict.fromkeys(s for s in (r.from_stake, r.to_stake) if s))
        road = " ".join(clean(part, limit=24) for part in (r.road_number, r.road_name, stakes) if part)
        span = f"{clock(r.start_s)}—{clock(r.end_s)}"
        rows.append((names.get(r.task, r.task), kind_word(r.category), road, span, "", "", ""))
    return Table(columns, rows, size_pt=10.0, row_mm=14.0)


def _left_out(day: DayPlan, names: dict[str, str]) -> list[Block]:
    if not day.left_out:
        return []
    rows = [(names.get(item.target, item.target), clean(item.message, limit=120)) for item in day.left_out]
    return [
        NewPage(),
        Line("附件　未安排的目标", "left", "hei"),
        Table((Column("目标", 1.2), Column("原因", 2.4)), rows, size_pt=10.5),
    ]
