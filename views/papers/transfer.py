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
    told = _settle(data)
    return tuple(FIELDS[key] for key in NEEDED if not clean(told.get(key) or ""))


def transfer_docx(data: Mapping[str, Any]) -> bytes:
    """Return a letter of transfer with evidence list and receipt as a Word file.

    Parameters
    ----------
    data
        Texts by key: ``no``, ``date`` (ISO, of the offence; ``issued`` that of the letter), ``place``,
        ``category``, ``from``, ``to``, ``reason``, ``law``; also
        ``title`` of the case, ``contact``, ``evidence`` (a list of texts), ``stake``, ``lon``, ``lat``, ``plan``
        (where the answer came from), ``sentence`` (the answer in one sentence). What is missing is left as room to
        write, and the letter is marked 草稿 until place, sender, receiver and reason are told.
    """
    return write_docx(transfer_paper(data))


def transfer_paper(data: Mapping[str, Any]) -> Paper:
    """Return the letter as a paper, see `transfer_docx`."""
    told = _settle(data)

    def entry(key: str, blank: str = "＿＿＿＿＿＿") -> str:
        return clean(told.get(key) or "") or blank

    number, issued = clean(told.get("no") or "", limit=60), clean(told.get("issued") or "", limit=10)
    law = entry("law", _LAW)
    offence = date_zh(clean(told.get("date") or "", limit=10))
    blocks: list[Block] = [
        Title(TITLE),
        Line(number or "〔    〕  号"),
        Gap(),
        Para(f"{entry('to')}：", indent=False),
        Para(
            f"我单位于{offence}在{entry('place')}发现{entry('category')}类涉嫌违法行为。经核对执法界点，"
            "该处不属我单位管辖，依法将该案移送你单位处理。"
        ),
        Heading(1, "一、移送理由"),
        *(Para(line) for line in paragraphs(told.get("reason") or "") or ["＿＿＿＿＿＿"]),
        Para(f"法律依据：{law.rstrip('。')}。"),
    ]
    if told.get("agreement"):
        blocks.append(Para(f"依据协议：{entry('agreement')}。"))
    if told.get("sentence"):
        blocks.append(Para(f"界点查询结果：{entry('sentence')}"))
    blocks += [Heading(1, "二、案件情况"), _case(told)]
    blocks += [Heading(1, "三、移送材料"), _evidence(told)]
    blocks += [
        Para("请接收后将受理情况函告我单位；认为不属你单位管辖的，请依法报请共同的上一级主管部门指定管辖。"),
        Gap(),
        Line(entry("from"), "right"),
        Line(date_zh(issued), "right"),
        *_receipt(told, number),
    ]
    stamp = clean(told.get("plan") or "", limit=120) or f"{TITLE} {number}".strip()
    dated = next((day for day in (issued, clean(told.get("date") or "", limit=10)) if _is_day(day)), _FIRST_DAY)
    is_draft = bool(missing_fields(data)) or told.get("ready") is False
    return Paper(f"{TITLE} {number}".strip(), tuple(blocks), stamp, dated, DRAFT if is_draft else "")


def _settle(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data under our keys: the draft of `jurisdiction.ask.transfer` calls some of them otherwise."""
    told = dict(data)
    for key, other in (("no", "number"), ("from", "from_office"), ("to", "to_office"), ("no_case", "case")):
        told[key] = data.get(key) or data.get(other)
    if "issued" not in data and "from_office" not in data:
        told["issued"] = data.get("date")
    posts = [clean(data.get(key) or "", limit=80) for key in ("to_post", "to_phone")]
    told["contact"] = data.get("contact") or " ".join(part for part in posts if part)
    return told


def _is_day(day: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _case(data: Mapping[str, Any]) -> Table:
    lon, lat = data.get("lon"), data.get("lat")
    where = f"{float(lon):.6f}, {float(lat):.6f}（WGS-84）" if lon is not None and lat is not None else ""
    texts = {
        "案件编号": "no_case",
        "案件名称": "title",
        "案件类别": "category",
        "违法地点": "place",
        "桩号": "stake",
        "案情摘要": "facts",
        "接收岗位": "contact",
    }
    rows = [(name, clean(data.get(key) or "")) for name, key in texts.items() if data.get(key) != TITLE]
    rows.insert(5, ("坐标", where))
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
