"""界点协议: the agreement on seams that both sides sign, and its draft before they do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from geo.errors import InputError
from plan.agreements import COMPETENCE_SENTENCE, SHORT, find_tampering, is_stale
from plan.decisions import Decision
from plan.model import EVERY_STATION, Plan
from views.papers.docx import write_docx
from views.papers.facts import Facts, agency_names, facts_of
from views.papers.model import Block, Column, Gap, Heading, Line, NewPage, Paper, Para, Signatures, Table, Title
from views.papers.seamrows import SeamRow, letter_key, seam_rows, seam_table
from views.papers.text import DRAFT, clean, date_zh, km
from views.words import word

TITLE = "高速公路与普通公路执法界点协议"
KIND_WORDS: Mapping[str, str] = {
    "override_class": "改判路段类别",
    "place_seam": "商定界点",
    "choose_convention": "选定划界方式",
    "set_stretch": "划定管段",
    "set_handover": "移交状态",
}
"""Kinds of decisions an agreement covers, as papers name them."""


@dataclass(frozen=True)
class _Deal:
    """An agreement as it is printed: the plan it stands on, and what was (or will be) signed."""

    plan: Plan
    value: Mapping[str, Any]
    covered: tuple[Decision, ...]
    number: str
    day: str
    is_draft: bool


def agreement_docx(plan: Plan, number: str = "", *, draft: bool = False) -> bytes:
    """Return the agreement of a document number as a Word file; a draft of what stands decided for no number.

    Parameters
    ----------
    plan
        The plan.
    number
        Document number of a signed agreement; ``""`` prints a draft.
    draft
        Whether a number that is not signed yet prints a draft under that number.

    Raises
    ------
    InputError
        No agreement of this number is signed.
    """
    return write_docx(agreement_paper(plan, number, draft=draft))


def agreement_paper(plan: Plan, number: str = "", *, draft: bool = False) -> Paper:
    """Return the agreement as a paper, see `agreement_docx`."""
    deal = _find(plan, number, draft=draft)
    facts = facts_of(deal.plan)
    rows = seam_rows(deal.plan, only=None if deal.is_draft else set(deal.value.get("seams", ())))
    blocks: list[Block] = [Title(TITLE), Line(_number_line(deal)), Gap()]
    blocks += _terms(deal, rows)
    blocks += _checks(plan, deal, facts)
    blocks += [Gap(), Signatures([clean(o, limit=60) for o in deal.value["offices"]], deal.day)]
    blocks += [NewPage(landscape=True), Line("附件 1　界点一览表", "left", "hei")]
    blocks += [seam_table(rows, note=letter_key(deal.plan))]
    blocks += [Line("附件 2　本协议所依据的决定", "left", "hei"), _decisions(deal)]
    mark = DRAFT if deal.is_draft else ""
    return Paper(f"{TITLE} {clean(number, limit=60)}".strip(), tuple(blocks), facts.stamp, deal.day or facts.day, mark)


def _find(plan: Plan, number: str, *, draft: bool) -> _Deal:
    if number and number in plan.latest("sign"):
        last = max(k for k, d in enumerate(plan.decisions) if d.kind == "sign" and d.key == number)
        signed = plan.decisions[last]
        then = plan if last + 1 == len(plan.decisions) else replace(plan, decisions=plan.decisions[: last + 1])
        covered = tuple(Decision.from_json(body) for body in signed.value.get("decisions", ()))
        return _Deal(then, signed.value, covered, number, signed.when, is_draft=False)
    if number and not draft:
        known = "、".join(plan.latest("sign")) or "（无）"
        msg = f"没有文号为 {number[:40]} 的已签协议，已签：{known[:80]}。 / no signed agreement has this number."
        raise InputError(msg)
    last_of = {d.subject: d for d in plan.decisions if d.kind in KIND_WORDS}
    lengths = plan.derived.ledger.of("agency")
    value = {"offices": [a.name for a in plan.agencies], "valid_from": "", "valid_to": "", "length_mm": lengths}
    return _Deal(plan, value, tuple(last_of[s] for s in sorted(last_of)), number, "", is_draft=True)


def _number_line(deal: _Deal) -> str:
    return f"文号：{clean(deal.number, limit=60)}" if deal.number else "文号：〔    〕  号"


def _terms(deal: _Deal, rows: list[SeamRow]) -> list[Block]:
    offices = "、".join(clean(o, limit=60) for o in deal.value["offices"])
    pending = [r for r in rows if r.handover == "待移交"]
    starts, ends = str(deal.value.get("valid_from", "")), str(deal.value.get("valid_to", ""))
    term = f"自{date_zh(starts)}起" + (f"至{date_zh(ends)}止。" if ends or deal.is_draft else "，至另有协议时止。")
    with_station = len({r.station for r in rows if r.station})
    blocks: list[Block] = [
        Para(
            f"{offices}就{clean(deal.plan.title or '本区', limit=40)}高速公路与普通公路的执法界点进行协商，"
            "对照路网逐处核对，商定如下："
        ),
        Heading(1, "一、界点"),
        Para(
            f"确认界点{len(rows)}处，涉及收费站{with_station}座，总的划界方式为“{word(deal.plan.convention)}”。"
            "每处界点的路线、桩号、路段、坐标、两侧单位和理由见附件1；作为依据的决定见附件2。"
        ),
        Heading(1, "二、管辖里程"),
        Para("按上述界点，各单位管辖的行车道里程如下，合计与路网总长一致。"),
        _lengths(deal),
        Heading(1, "三、移交"),
        Para(
            f"尚待移交的界点{len(pending)}处（附件1序号{'、'.join(str(r.number) for r in pending)}），"
            "移交完成前由现管理单位负责。"
            if pending
            else "附件1所列界点没有待移交事项。"
        ),
        Heading(1, "四、有效期"),
        Para(f"本协议{term}修改界点须另行协商并另立文号。"),
        Heading(1, "五、效力"),
        Para(COMPETENCE_SENTENCE.replace("本纪要", "本协议", 1)),
    ]
    return blocks


def _lengths(deal: _Deal) -> Table:
    names = agency_names(deal.plan)
    lengths = {str(k): int(v) for k, v in deal.value["length_mm"].items()}
    body = [(clean(names.get(key, key), limit=60), km(mm / 1000)) for key, mm in sorted(lengths.items())]
    body.append(("合计", km(sum(lengths.values()) / 1000)))
    return Table((Column("单位", 3), Column("行车道里程（km）", 1.4, "right")), body, size_pt=12.0)


def _checks(plan: Plan, deal: _Deal, facts: Facts) -> list[Block]:
    code = str(deal.value.get("hash", ""))
    sealed = f"{code[:SHORT]}" if code else "（签署后生成）"
    blocks: list[Block] = [
        Heading(1, "六、校验"),
        Para(f"本协议校验码（前{SHORT}位）：{sealed}。双方以此核对电子方案是否被改动。"),
        Table((Column("项目", 1), Column("内容", 3)), _fact_rows(deal, facts, code), size_pt=10.5),
    ]
    problems = find_tampering(plan) if not deal.is_draft else ()
    if problems:
        blocks.append(Para("校验未通过：" + "".join(clean(p.partition(" / ")[0], limit=120) for p in problems)))
    if not deal.is_draft and is_stale(plan, deal.number):
        blocks.append(Para("注意：现用路网与签署时的路网不同，界点位置请重新核对。"))
    return blocks


def _fact_rows(deal: _Deal, facts: Facts, code: str) -> list[tuple[str, str]]:
    rows = facts.rows()
    if code:
        rows = [(n, code if n == "完整校验码" else code[:SHORT] if n == "协议校验码" else v) for n, v in rows]
        rows = [(n, str(deal.value.get("network", v)) if n == "路网指纹" else v) for n, v in rows]
    return rows


def _decisions(deal: _Deal) -> Table:
    columns = (
        Column("序号", 0.4, "center"),
        Column("事项", 0.9),
        Column("对象", 1.4),
        Column("内容", 2.2),
        Column("理由", 1.6),
        Column("日期", 0.8, "center"),
    )
    stations = {s.id: s.name or s.id for s in deal.plan.network.stations}
    names = agency_names(deal.plan)
    body = []
    for k, d in enumerate(deal.covered, start=1):
        key = "全部收费站" if d.key == EVERY_STATION else clean(stations.get(d.key, d.key), limit=60)
        told = describe_decision(d, names)
        body.append((str(k), KIND_WORDS.get(d.kind, d.kind), key, told, clean(d.why, limit=200) or "—", d.when[:10]))
    return Table(columns, body, size_pt=9.0, empty="无（按默认划界方式）")


def describe_decision(decision: Decision, names: Mapping[str, str]) -> str:
    """Return in words what a decision says."""
    value = decision.value
    if decision.kind == "choose_convention":
        return word(str(value.get("convention", "")))
    if decision.kind == "override_class":
        return "改为" + word(str(value.get("class", "")))
    if decision.kind == "place_seam":
        if value.get("withdrawn"):
            return "撤回商定，按划界方式"
        offset = value.get("offset_m", 0.0)
        metres = f"{offset:,.1f}" if isinstance(offset, int | float) else clean(offset, limit=20)
        return f"{clean(value.get('segment', ''), limit=60)} +{metres} m"
    if decision.kind == "set_stretch":
        agency = str(value.get("agency", ""))
        return clean(names.get(agency, agency), limit=60)
    if decision.kind == "set_handover":
        return {"pending": "待移交"}.get(str(value.get("status", "")), clean(value.get("status", ""), limit=20))
    return clean(value.get("title") or value.get("text") or value.get("name") or "", limit=120)
