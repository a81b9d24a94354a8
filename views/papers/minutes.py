"""会议纪要: what a meeting said about disputes, one item a dispute, with both positions and the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.errors import InputError
from plan.agreements import COMPETENCE_SENTENCE, SHORT
from plan.disputes import OUTCOMES, Dispute, DisputeState, list_disputes
from plan.model import Plan
from views.papers.docx import write_docx
from views.papers.facts import Facts, facts_of
from views.papers.model import Block, Column, Gap, Heading, Line, NewPage, Paper, Para, Signatures, Table, Title
from views.papers.seamrows import road_of
from views.papers.text import DRAFT, clean, date_zh, km, number_zh
from views.words import word

TITLE = "高速公路与普通公路执法管辖会议纪要"
STATE_WORDS = {
    DisputeState.OPEN: "待双方陈述",
    DisputeState.OPTIONS: "待议",
    DisputeState.AGREED: "同意",
    DisputeState.RESERVED: "保留",
    DisputeState.REFERRED: "报请共同上级指定",
}
_SIDE_WORDS = (("local", "普通公路一方"), ("expressway", "高速公路一方"))
_MOST_SEGMENTS = 400


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a person fills in about a meeting; blanks are left as room to write.

    Attributes
    ----------
    number
        Document number of the minutes.
    day, place
        ISO date and place.
    offices
        Offices that met; the plan's agencies where none is named.
    chair, recorder
        Posts, never persons.
    """

    number: str = ""
    day: str = ""
    place: str = ""
    offices: tuple[str, ...] = ()
    chair: str = ""
    recorder: str = ""


def minutes_docx(plan: Plan, disputes: Sequence[str] = (), *, meeting: Meeting | None = None) -> bytes:
    """Return the minutes of a meeting as a Word file.

    Parameters
    ----------
    plan
        The plan.
    disputes
        Ids of disputes, document numbers of agreements, or both; every dispute of the plan when empty.
    meeting
        Date, place, offices.

    Raises
    ------
    InputError
        Neither a dispute nor an agreement has one of these numbers.
    """
    return write_docx(minutes_paper(plan, disputes, meeting=meeting))


def minutes_paper(plan: Plan, disputes: Sequence[str] = (), *, meeting: Meeting | None = None) -> Paper:
    """Return the minutes as a paper, see `minutes_docx`."""
    held = meeting or Meeting()
    items, agreements = _choose(plan, disputes)
    facts = facts_of(plan)
    ends = [d.when for d in plan.decisions if d.kind == "close_dispute" and d.key in {i.id for i in items}]
    day = held.day or max(ends, default="")
    is_draft = not (items or agreements) or any(item.state not in OUTCOMES for item in items)
    offices = held.offices or tuple(a.name for a in plan.agencies)
    blocks: list[Block] = [Title(TITLE), Line(f"文号：{clean(held.number, limit=60) or '〔    〕  号'}"), Gap()]
    blocks += _situation(held, day, offices)
    blocks += _matters(plan, items, day or facts.day)
    blocks += _agreed(plan, agreements)
    blocks += _validity(facts, 4 if agreements else 3)
    blocks += [Gap(), Signatures([clean(o, limit=60) for o in offices], day)]
    blocks += _annex(plan, items)
    mark = DRAFT if is_draft else ""
    return Paper(f"{TITLE} {clean(held.number, limit=60)}".strip(), tuple(blocks), facts.stamp, day or facts.day, mark)


def _choose(plan: Plan, wanted: Sequence[str]) -> tuple[list[Dispute], list[str]]:
    found = {d.id: d for d in list_disputes(plan)}
    signed = plan.latest("sign")
    if not wanted:
        return list(found.values()), list(signed)
    for number in wanted:
        if number not in found and number not in signed:
            known = "、".join([*found, *signed]) or "（无）"
            msg = f"没有编号为 {number[:40]} 的争议或协议，现有：{known[:120]}。 / no dispute or agreement has this id."
            raise InputError(msg)
    return [found[n] for n in wanted if n in found], [n for n in wanted if n in signed and n not in found]


def _situation(held: Meeting, day: str, offices: Sequence[str]) -> list[Block]:
    rows = [
        ("时间", date_zh(day)),
        ("地点", clean(held.place, limit=80)),
        ("参加单位", "、".join(clean(o, limit=60) for o in offices)),
        ("主持", clean(held.chair, limit=60)),
        ("记录", clean(held.recorder, limit=60)),
    ]
    return [
        Heading(1, "一、会议情况"),
        Table((Column("项目", 1, "center"), Column("内容", 4)), rows, size_pt=14.0, row_mm=10.0),
    ]


def _matters(plan: Plan, items: Sequence[Dispute], day: str) -> list[Block]:
    blocks: list[Block] = [Heading(1, "二、议定事项")]
    if not items:
        return [*blocks, Para("本次会议没有争议事项。")]
    done = {state: sum(i.state is state for i in items) for state in OUTCOMES}
    rest = len(items) - sum(done.values())
    told = "，".join(f"{STATE_WORDS[state]}{count}项" for state, count in done.items() if count)
    more = f"待议{rest}项" if rest else ""
    blocks.append(Para(f"会议审议争议{len(items)}项：" + "，".join(part for part in (told, more) if part) + "。"))
    for k, item in enumerate(items, start=1):
        blocks += _matter(plan, item, k, day=day)
    return blocks


def _matter(plan: Plan, item: Dispute, number: int, *, day: str) -> list[Block]:
    opened = f"，至{date_zh(day)}已{max(0, item.days_open(day))}天" if item.opened and day >= item.opened else ""
    blocks: list[Block] = [
        Heading(2, f"（{number_zh(number)}）{clean(item.title, limit=60)}（{clean(item.id, limit=24)}）"),
        Para(
            f"争议路段{len(item.segments)}段，行车道{km(item.length_mm / 1000)} km，"
            f"{date_zh(item.opened)}提出{opened}。"
        ),
    ]
    for side, name in _SIDE_WORDS:
        position = item.positions.get(side)
        if position is None:
            blocks.append(Para(f"{name}：未陈述。"))
            continue
        rule = f"（主张划界方式：{word(position.convention)}）" if position.convention else ""
        proof = f"附：{'、'.join(clean(a, limit=40) for a in position.attachments)}。" if position.attachments else ""
        blocks.append(Para(f"{name}：{clean(position.text, limit=1_000)}{rule}{proof}"))
    who = plan.latest("close_dispute").get(item.id)
    offices = f"（{clean(who.who, limit=120)}）" if who is not None and who.who else ""
    said = clean(item.minute, limit=1_000)
    blocks.append(Para(f"结论：{STATE_WORDS[item.state]}{offices}。{said}"))
    if item.state is not DisputeState.AGREED:
        law, above = clean(item.law, limit=80), clean(item.next_authority, limit=60)
        blocks.append(
            Para(f"依据：{law or '行政处罚法 第二十五条'}；协商不成的，报请{above or '共同的上一级主管部门'}指定。")
        )
    return blocks


def _agreed(plan: Plan, numbers: Sequence[str]) -> list[Block]:
    if not numbers:
        return []
    rows = []
    for number in numbers:
        value = plan.latest("sign")[number].value
        term = f"{value.get('valid_from', '')} 至 {value.get('valid_to', '') or '另有协议'}"
        seams, code = str(len(value.get("seams", ()))), str(value.get("hash", ""))[:SHORT]
        rows.append((clean(number, limit=40), seams, term, code))
    columns = (
        Column("文号", 1.4),
        Column("界点", 0.5, "right"),
        Column("有效期", 1.6),
        Column("校验码", 1.1, "center"),
    )
    return [Heading(1, "三、签署的界点协议"), Table(columns, rows, size_pt=12.0)]


def _validity(facts: Facts, number: int) -> list[Block]:
    chain = f"协议校验码（前{SHORT}位）：{facts.head[:SHORT]}。" if facts.is_signed else "本方案尚无已签协议。"
    return [
        Heading(1, f"{number_zh(number)}、效力与校验"),
        Para(COMPETENCE_SENTENCE),
        Para(chain),
        Table((Column("项目", 1), Column("内容", 3)), facts.rows(), size_pt=10.5),
    ]


def _annex(plan: Plan, items: Sequence[Dispute]) -> list[Block]:
    """List the claimed roads: what both sides mean, in words a map can answer."""
    if not any(item.segments for item in items):
        return []
    columns = (
        Column("争议", 0.9, "center"),
        Column("路段", 2),
        Column("路线", 1.5),
        Column("长度（m）", 0.8, "right"),
        Column("现判归属", 1.1),
    )
    network, rows = plan.network, []
    for item in items:
        for segment in item.segments[:_MOST_SEGMENTS]:
            row = network.row_of_segment.get(segment)
            if row is None:
                rows.append((clean(item.id, limit=24), clean(segment, limit=60), "（已不在地图上）", "—", "—"))
                continue
            road, side = _road_and_side(plan, segment)
            length = f"{float(network.segments.length_m[row]):,.1f}"
            rows.append((clean(item.id, limit=24), segment, road, length, side))
    more = sum(max(0, len(i.segments) - _MOST_SEGMENTS) for i in items)
    said: list[Block] = [Para(f"另有{more}段未列出，见电子方案。")] if more else []
    return [NewPage(), Line("附件　争议路段表", "left", "hei"), Table(columns, rows, size_pt=10.0), *said]


def _road_and_side(plan: Plan, segment: str) -> tuple[str, str]:
    cut = plan.derived.ownership.cut
    base = plan.network.row_of_segment[segment]
    piece = int(cut.base.searchsorted(base))
    side = "高速一侧" if plan.derived.ownership.expressway[piece] else "普通一侧"
    return road_of(plan.derived, piece), side
