"""XLSX annex: ledger, seams, leaks, disputes and stretches as text and numbers; no cell of it is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from plan.disputes import list_disputes
from plan.model import Plan
from plan.results import leaks_json
from views.papers.facts import agency_names, facts_of
from views.papers.fixedzip import settle_zip
from views.papers.limits import limit_rows
from views.papers.minutes import STATE_WORDS
from views.papers.seamrows import seam_rows
from views.papers.text import FOOTER_TEXT, clean
from views.words import word

Cell = str | int | float
MOST_ROWS = 1_048_575
"""Rows a sheet of Excel holds under its head."""
_LONGEST = 32_000
_WIDEST = 60
_RISKY = "=+-@\t\r"
_SHEET_NAME = re.compile(r"[\\/*?:\[\]]")
_GROUPS = {"owner": "归属", "agency": "单位", "class": "等级", "route": "路线"}


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its heads, its rows (an iterable, read once)."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def annex_xlsx(plan: Plan) -> bytes:
    """Return the annex of a plan: provenance, ledger, seams, leaks, disputes, stretches."""
    return write_xlsx(annex_sheets(plan), day=facts_of(plan).day)


def annex_sheets(plan: Plan) -> list[Sheet]:
    """Return the sheets of the annex."""
    about = [*facts_of(plan).rows(), ("提示", FOOTER_TEXT)]
    return [
        Sheet("说明", ("项目", "内容"), about),
        Sheet("账目", ("类别", "名称", "里程（m）", "路段数"), _ledger(plan)),
        Sheet("界点", _SEAM_HEADS, _seams(plan)),
        Sheet("泄漏", _LEAK_HEADS, _leaks(plan)),
        Sheet("争议", _DISPUTE_HEADS, _disputes(plan)),
        Sheet("管段", _LIMIT_HEADS, _limits(plan)),
    ]


_SEAM_HEADS = (
    "序号", "编号", "收费站", "类型", "路线", "桩号", "路段", "起点起米数", "经度", "纬度", "高速侧", "普通侧",
    "划界方式", "理由", "移交",
)  # fmt: skip
_LEAK_HEADS = ("序号", "经度", "纬度", "路径长（m）", "通行", "OSM 节点", "路径")
_DISPUTE_HEADS = (
    "编号", "名称", "状态", "提出日期", "里程（m）", "路段数", "普通公路一方", "高速公路一方", "结论", "依据",
)  # fmt: skip
_LIMIT_HEADS = ("单位", "路线", "名称", "里程（km）", "起点桩号", "止点桩号", "路段数")


def _ledger(plan: Plan) -> Iterable[Sequence[Cell]]:
    names = agency_names(plan)
    for row in plan.derived.ledger.rows:
        name = _ledger_name(row.group, row.key, names)
        yield (_GROUPS.get(row.group, row.group), name, row.length_mm / 1000, row.segments)


def _seams(plan: Plan) -> Iterable[Sequence[Cell]]:
    for r in seam_rows(plan):
        where: tuple[Cell, ...] = (r.road, r.stake, r.segment, r.offset_m, r.lon, r.lat)
        yield (r.number, r.id, r.station, r.kind, *where, r.expressway, r.ordinary, r.convention, r.reason, r.handover)


def _leaks(plan: Plan) -> Iterable[Sequence[Cell]]:
    for k, row in enumerate(leaks_json(plan.derived), start=1):
        drivable = "可通行" if row["drivable"] else "不可通行"
        path = " ".join(row["path"])[:_LONGEST]
        yield (k, row["lon"], row["lat"], row["length_m"], drivable, str(row["osm_node"]), path)


def _disputes(plan: Plan) -> Iterable[Sequence[Cell]]:
    for d in list_disputes(plan):
        said = [d.positions[side].text if side in d.positions else "" for side in ("local", "expressway")]
        size: tuple[Cell, ...] = (d.length_mm / 1000, len(d.segments))
        yield (d.id, d.title, STATE_WORDS[d.state], d.opened, *size, *said, d.minute, d.law)


def _limits(plan: Plan) -> Iterable[Sequence[Cell]]:
    for r in limit_rows(plan):
        yield (r.agency, r.route, r.name, r.length_m / 1000, r.from_stake, r.to_stake, r.segments)


def _ledger_name(group: str, key: str, names: Any) -> str:
    if group == "agency":
        return clean(names.get(key, key))
    return clean(key) or "（无编号）" if group == "route" else word(key)


def write_xlsx(sheets: Sequence[Sheet], *, day: str) -> bytes:
    """Return a workbook of texts and numbers; a sheet with more rows than Excel holds goes on in the next one.

    Parameters
    ----------
    sheets
        What to write; texts are cleaned, and one that begins like a formula is marked as text for good.
    day
        ISO date for the properties of the file.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        name = _SHEET_NAME.sub("", sheet.name)[:25]
        rows, number, ahead = iter(sheet.rows), 1, list[Sequence[Cell]]()
        while number == 1 or ahead:
            page = book.create_sheet(name if number == 1 else f"{name} {number}")
            _write_sheet(page, sheet.heads, chain(ahead, islice(rows, MOST_ROWS - len(ahead))))
            ahead, number = list(islice(rows, 1)), number + 1
    out = io.BytesIO()
    book.save(out)
    return settle_zip(out.getvalue(), replace={"docProps/core.xml": _core(day)})


def _write_sheet(page: Any, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write one sheet, its columns as wide as the first rows need."""
    body = iter(rows)
    sample = list(islice(body, 200))
    for k, head in enumerate(heads):
        longest = max([_width(head), *(_width(row[k]) for row in sample)])
        page.column_dimensions[_letter(k)].width = min(_WIDEST, longest + 2)
    page.freeze_panes = "A2"
    page.append([_bold(page, head) for head in heads])
    for row in chain(sample, body):
        page.append([_cell(page, value) for value in row])


def _width(value: Cell) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in str(value)[:_WIDEST])  # noqa: PLR2004 - the first CJK block


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column + 1))


def _bold(page: Any, text: str) -> Any:
    from openpyxl.styles import Font

    cell = _text_cell(page, text)
    cell.font = Font(bold=True)
    return cell


def _cell(page: Any, value: Cell) -> Any:
    if isinstance(value, str):
        return _text_cell(page, value)
    return value


def _text_cell(page: Any, text: str) -> Any:
    """Return a cell that is text whatever it says; one that looks like a formula stays text when it is edited."""
    from openpyxl.cell import WriteOnlyCell

    told = clean(text, limit=_LONGEST)
    if told[:1] not in _RISKY or not told:
        cell = WriteOnlyCell(page, value=told)
        cell.data_type = "s"
        return cell
    cell = WriteOnlyCell(page, value="x")
    cell._value, cell.data_type = told, "s"  # noqa: SLF001 - the setter would make a formula of it
    cell.quotePrefix = True
    return cell


def _core(day: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>Roadseam</dc:creator>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day[:10]}T00:00:00Z</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{day[:10]}T00:00:00Z</dcterms:modified></cp:coreProperties>'
    ).encode()
