"""管段表: which brigade has which route, from where to where, how many kilometres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plan.model import Plan
from views.papers.facts import Facts, agency_names, facts_of
from views.papers.model import Block, Column, Heading, Line, Paper, Para, Table, Title
from views.papers.stakes import read_places
from views.papers.text import clean, date_zh, km, number_zh

TITLE = "各大队管段表"
_MOST_ROUTES = 60


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One route of one agency.

    Attributes
    ----------
    agency, route, name
        Name of the agency, number of the route (``""`` without one), name most of its metres carry.
    length_m, segments
        Metres of carriageway and segments.
    from_stake, to_stake
        Least and greatest stake on it, ``""`` where not known.
    contested_m
        Metres of it that another agency claims too.
    """

    agency: str
    route: str
    name: str
    length_m: float
    segments: int
    from_stake: str
    to_stake: str
    contested_m: float


def limit_rows(plan: Plan) -> list[LimitRow]:
    """Return the routes of every agency, expressway brigades first, longest route first."""
    derived = plan.derived
    network = derived.network
    names, order = agency_names(plan), {a.id: (a.kind == "local", k) for k, a in enumerate(plan.agencies)}
    refs = network.ways.text["ref"].take(network.segments.way).tolist()
    titles = network.ways.text["name"].take(network.segments.way).tolist()
    contested = np.array([owner == "contested" for owner in derived.owner], dtype=bool)
    groups: dict[tuple[str, str], list[int]] = {}
    for row, (agency, ref) in enumerate(zip(derived.agency, refs, strict=True)):
        groups.setdefault((agency, ref.partition(";")[0].strip()), []).append(row)
    found = []
    for (agency, route), members in groups.items():
        rows = np.array(members)
        length = network.segments.length_mm[rows]
        by_name: dict[str, int] = {}
        for row, mm in zip(members, length.tolist(), strict=True):
            if route and titles[row]:
                by_name[titles[row]] = by_name.get(titles[row], 0) + mm
        low, high = _ends(plan, members) if route else ("", "")
        found.append(
            LimitRow(
                clean(names.get(agency, agency), limit=40),
                clean(route, limit=16),
                clean(min(by_name, key=lambda n: (-by_name[n], n)), limit=30) if by_name else "",
                float(length.sum()) / 1000,
                len(members),
                low,
                high,
                float(length[contested[rows]].sum()) / 1000,
            )
        )
    place = {clean(names.get(a, a), limit=40): rank for a, rank in order.items()}
    return sorted(found, key=lambda r: (place.get(r.agency, (True, 999)), not r.route, -r.length_m, r.route))


def _ends(plan: Plan, rows: list[int]) -> tuple[str, str]:
    """Return the least and the greatest stake on segments."""
    length = plan.derived.network.segments.length_m
    places = [(row, 0.0) for row in rows] + [(row, float(length[row])) for row in rows]
    told = sorted({text for text in read_places(plan, places) if text}, key=_kilometres)
    return (told[0], told[-1]) if told else ("", "")


def _kilometres(text: str) -> tuple[float, str]:
    number = text.rpartition("K")[2].replace("+", "").replace("-", "")
    try:
        return float(number), text
    except ValueError:
        return 0.0, text


def limits_paper(plan: Plan) -> Paper:
    """Return the table of stretches, one section a brigade."""
    facts = facts_of(plan)
    rows = limit_rows(plan)
    blocks: list[Block] = [Title(TITLE), Line(f"{clean(plan.title or '本区', limit=40)}　{date_zh(facts.day)}")]
    columns = (
        Column("路线", 0.8, "center"),
        Column("名称", 1.3),
        Column("起点桩号", 1.3),
        Column("止点桩号", 1.3),
        Column("里程（km）", 0.95, "right"),
        Column("其中争议", 0.8, "right"),
    )
    for number, agency in enumerate(dict.fromkeys(r.agency for r in rows), start=1):
        mine = [r for r in rows if r.agency == agency]
        total, disputed = sum(r.length_m for r in mine), sum(r.contested_m for r in mine)
        body = [
            (
                r.route or "无编号",
                r.name or "—",
                r.from_stake or "—",
                r.to_stake or "—",
                km(r.length_m),
                km(r.contested_m) if r.contested_m else "—",
            )
            for r in mine[:_MOST_ROUTES]
        ]
        rest = sum(r.length_m for r in mine[_MOST_ROUTES:])
        if rest:
            body.append(("其余", f"{len(mine) - _MOST_ROUTES} 条路线", "—", "—", km(rest), "—"))
        body.append(("合计", "", "", "", km(total), km(disputed) if disputed else "—"))
        blocks += [Heading(1, f"{number_zh(number)}、{agency}"), Table(columns, body, size_pt=10.5)]
    blocks.append(Para("里程为行车道里程，分幅道路两幅分别计算；桩号空缺的路线未导入桩号表。", indent=False))
    blocks += [Heading(1, "出处"), sources(facts)]
    return Paper(TITLE, tuple(blocks), facts.stamp, facts.day)


def sources(facts: Facts) -> Table:
    """Return the table of where a paper came from."""
    return Table((Column("项目", 1), Column("内容", 3)), facts.rows(), size_pt=10.5)
