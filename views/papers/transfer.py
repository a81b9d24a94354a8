"""案件移送函: the letter that passes a case to the agency that has the road."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from views.papers.docx import write_docx
from views.papers.model import Block, Column, Gap, Heading, Line, NewPage, Paper, Para, Signatures, Table, Title
from views.papers.text import DRAFT, clean, date_zh, paragraphs

TITLE = "案件移送函"
FIELDS: Mapping[str, str] = {
    "no": "移送函编号",
    "date": "移送日期",
    "place": "违法地点",
    "category": "案件类别",
    "from": "移送单位",
    "to": "接收单位",
    "reason": "移送理由",
    "law": "法律依据",
}
"""Keys of the data, and how the letter names them."""
NEEDED = ("place", "from", "to", "reason")
_LAW = "《中华人民共和国行政处罚法》第二十二条、第二十五条"
_FIRST_DAY = "1980-01-01"


def missing_fields(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of what a letter needs and the data does not tell."""
    return tuple(FIELDS[key] for key in NEEDED if not clean(data.get(key) or ""))


def transfer_docx(data: Mapping[str, Any]) -> bytes:
    """Return a letter of transfer with evidence list and receipt as a Word file.

    Parameters
    ----------
    data
        Texts by key: ``no``, ``date`` (ISO), ``place``, ``category``, ``from``, ``to``, ``reason``, ``law``; also
        ``title`` of the case, ``contact``, ``evidence`` (a list of texts), ``stake``, ``lon``, ``lat``, ``plan``
        (where the answer came from), ``sentence`` (the answer in one sentence). What is missing is left as room to
        write, and the letter is marked 草稿 until place, sender, receiver and reason are told.
    """
    return write_docx(transfer_paper(data))


def transfer_paper(data: Mapping[str, Any]) -> Paper:
    """Return the letter as a paper, see `transfer_docx`."""

    def told(key: str, blank: str = "＿＿＿＿＿＿", limit: int = 400) -> str:
        return clean(data.get(key) or "", limit=limit) or blank

    missing = missing_fields(data)
    number, day = clean(data.get("no") or "", limit=60), clean(data.get("date") or "", limit=10)
    law = told("law", _LAW)
    blocks: list[Block] = [
        Title(TITLE),
        Line(number or "〔    〕  号"),
        Gap(),
        Para(f"{told('to')}：", indent=False),
        Para(
            f"我单位于{date_zh(clean(data.get('offence_date') or data.get('date') or '', limit=10))}在{told('place')}"
            f"发现{told('category')}类涉嫌违法行为。经核对执法界点，该处不属我单位管辖，"
            f"依据{law}，现将该案移送你单位处理。"
        ),
        Heading(1, "一、移送理由"),
        *(Para(line) for line in paragraphs(data.get("reason") or "") or ["＿＿＿＿＿＿"]),
    ]
    if data.get("sentence"):
        blocks.append(Para(f"界点查询结果：{told('sentence')}"))
    blocks += [Heading(1, "二、案件情况"), _case(data, told("category", ""), law)]
    blocks += [Heading(1, "三、移送材料"), _evidence(data)]
    blocks += [
        Para("请接收后将受理情况函告我单位；认为不属你单位管辖的，请依法报请共同的上一级主管部门指定管辖。"),
        Gap(),
        Line(told("from"), "right"),
        Line(date_zh(day), "right"),
        *_receipt(data, number),
    ]
    stamp = clean(data.get("plan") or "", limit=120) or f"{TITLE} {number}".strip()
    dated = day if _is_day(day) else _FIRST_DAY
    return Paper(f"{TITLE} {number}".strip(), tuple(blocks), stamp, dated, DRAFT if missing else "")


def _is_day(day: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _case(data: Mapping[str, Any], category: str, law: str) -> Table:
    place = clean(data.get("place") or "")
    lon, lat = data.get("lon"), data.get("lat")
    where = f"{float(lon):.6f}, {float(lat):.6f}（WGS-84）" if lon is not None and lat is not None else ""
    rows = [
        ("案件名称", clean(data.get("title") or "")),
        ("案件类别", category),
        ("违法地点", place),
        ("桩号", clean(data.get("stake") or "")),
        ("坐标", where),
        ("联系岗位", clean(data.get("contact") or "")),
        ("法律依据", law),
    ]
    return Table((Column("项目", 1, "center"), Column("内容", 3.6)), rows, size_pt=12.0, row_mm=9.0)


def _evidence(data: Mapping[str, Any]) -> Table:
    given = data.get("evidence") or ()
    items = [clean(item, limit=200) for item in ([given] if isinstance(given, str) else given)]
    rows = [(str(k), item, "", "") for k, item in enumerate(items, start=1)]
    rows += [(str(k), "", "", "") for k in range(len(rows) + 1, 6)]
    columns = (Column("序号", 0.5, "center"), Column("材料名称", 3), Column("份数", 0.6, "center"), Column("备注", 1))
    return Table(columns, rows, size_pt=12.0, row_mm=9.0)


def _receipt(data: Mapping[str, Any], number: str) -> list[Block]:
    sender, receiver = clean(data.get("from") or ""), clean(data.get("to") or "")
    return [
        NewPage(),
        Title(f"{TITLE}（回执）"),
        Gap(),
        Para(f"{sender or '＿＿＿＿＿＿'}：", indent=False),
        Para(f"你单位{date_zh('')}移送的{number or '〔    〕  号'}案件及材料收悉。处理意见："),
        Para("□ 受理　　□ 不予受理，理由："),
        Gap(4),
        Signatures([receiver or "接收单位"], ""),
    ]
