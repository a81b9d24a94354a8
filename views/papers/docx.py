"""Papers as Word files in the layout of GB/T 9704-2012; fonts are named, never bundled.

A4; margins 37 mm at the top and 28 mm at the binding edge; a text block of 156 x 225 mm with 22 lines of 28
characters; title 2号小标宋, body 3号仿宋, headings 黑体 and 楷体.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from views.papers.docxflow import WHOLE_ROWS, begin_page, keep, keep_last_text, keep_rows
from views.papers.fixedzip import settle_zip
from views.papers.model import Block, Column, Gap, Heading, Line, NewPage, Paper, Para, Signatures, Table, Title
from views.papers.text import ATTRIBUTION_TEXT, FOOTER_TEXT, clean, date_zh

if TYPE_CHECKING:
    from docx.document import Document
    from docx.section import Section
    from docx.text.paragraph import Paragraph

FACES = {
    "title": "方正小标宋简体",
    "body": "仿宋_GB2312",
    "hei": "黑体",
    "kai": "楷体_GB2312",
    "song": "宋体",
}
"""Fonts by what they are for, as GB/T 9704-2012 names them."""
_LATIN = "Times New Roman"
TITLE_PT, BODY_PT, PAGE_PT, SMALL_PT = 22.0, 16.0, 14.0, 9.0
"""2号, 3号, 4号 and 小五."""
PAGE_MM, TOP_MM, BINDING_MM, BLOCK_MM = (210.0, 297.0), 37.0, 28.0, (156.0, 225.0)
LINE_PITCH = round(BLOCK_MM[1] / 22 / 25.4 * 1440)
"""Twips from line to line: 22 lines in 225 mm."""
CHAR_SPACE = round((BLOCK_MM[0] / 28 / 25.4 * 72 - BODY_PT) * 4096)
"""1/4096 points added to each character of the grid: 28 characters in 156 mm."""
CLOSER = 5
"""Twentieths of a point taken off each character, so that 28 of 3号 (448 points) fit in 156 mm (442 points)."""
_MM_TWIPS = 1440 / 25.4
_ALIGN = {"left": 0, "center": 1, "right": 2, "justify": 3}


def write_docx(paper: Paper) -> bytes:
    """Return a paper as a ``.docx``; the same paper gives the same bytes."""
    import docx

    document = docx.Document()
    _set_styles(document)
    _date(document, paper)
    body = document.element.body
    for child in list(body):
        if not child.tag.endswith("}sectPr"):
            body.remove(child)
    _lay_out(document.sections[0], landscape=False)
    _foot(document.sections[0], paper)
    is_across = is_turned = False
    for block in paper.blocks:
        if isinstance(block, NewPage):
            is_turned = block.landscape == is_across
            if not is_turned:
                _lay_out(document.add_section(), landscape=block.landscape)
            is_across = block.landscape
            continue
        first = len(body)
        _write(document, block, is_across=is_across)
        # The sheet's properties stay the last child: what was written begins one before where they stood.
        begin_page(body[first - 1], is_wanted=is_turned)
        is_turned = False
    out = io.BytesIO()
    document.save(out)
    return settle_zip(out.getvalue())


def _set_styles(document: Document) -> None:
    """Set body type, pitch and language; Word, WPS and LibreOffice read a grid differently, a fixed pitch alike."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styles = document.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    normal: Any = styles["Normal"]
    normal.font.name, normal.font.size = _LATIN, Pt(BODY_PT)
    properties = normal.element.get_or_add_rPr()
    _name_face(properties, "body")
    pitch = OxmlElement("w:spacing")
    pitch.set(qn("w:val"), str(-CLOSER))
    properties.insert_element_before(pitch, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:lang")
    layout = normal.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE_PITCH / 20)
    grid = OxmlElement("w:snapToGrid")
    grid.set(qn("w:val"), "0")
    normal.element.get_or_add_pPr().insert_element_before(grid, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _name_face(properties: Any, face: str) -> None:
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{key}"), _LATIN)
    fonts.set(qn("w:eastAsia"), FACES[face])


def _date(document: Document, paper: Paper) -> None:
    facts = document.core_properties
    day = datetime.fromisoformat(f"{paper.day[:10]}T00:00:00+00:00").replace(tzinfo=None)
    facts.title, facts.author, facts.last_modified_by = clean(paper.title, limit=120), "Roadseam", "Roadseam"
    facts.created = facts.modified = facts.last_printed = day
    facts.comments, facts.keywords, facts.language, facts.revision = FOOTER_TEXT, "", "zh-CN", 1


def _lay_out(section: Section, *, landscape: bool) -> None:
    """Set page, margins and grid; across, the binding edge becomes the top."""
    from docx.enum.section import WD_ORIENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    width, height = PAGE_MM
    right, bottom = width - BINDING_MM - BLOCK_MM[0], height - TOP_MM - BLOCK_MM[1]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(height), Mm(width)) if landscape else (Mm(width), Mm(height))
    edges = (BINDING_MM, TOP_MM, right, bottom) if landscape else (TOP_MM, right, bottom, BINDING_MM)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(Mm, edges)
    section.header_distance, section.footer_distance = Mm(15), Mm(10 if landscape else 14)
    properties = section._sectPr  # noqa: SLF001 - the library has no door to the grid of a page
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(LINE_PITCH))
    grid.set(qn("w:charSpace"), str(CHAR_SPACE))
    properties.append(grid)


def _foot(section: Section, paper: Paper) -> None:
    """Write the mark of a draft at the head; page n of m, stamp and default footer at the foot."""
    head = section.header.paragraphs[0]
    _shape(head, "right", line_pt=-1)
    _say(head, paper.mark, face="hei", size=BODY_PT)
    first = section.footer.paragraphs[0]
    _shape(first, "center", line_pt=-1)
    _say(first, "第 ", face="song", size=PAGE_PT)
    _field(first, "PAGE")
    _say(first, " 页 共 ", face="song", size=PAGE_PT)
    _field(first, "NUMPAGES")
    _say(first, " 页", face="song", size=PAGE_PT)
    for text in (clean(paper.stamp), f"{FOOTER_TEXT}　{ATTRIBUTION_TEXT}"):
        line = section.footer.add_paragraph()
        _shape(line, "center", line_pt=-1)
        _say(line, text, face="song", size=SMALL_PT)


def _field(paragraph: Paragraph, code: str) -> None:
    """Write a field that Word counts: PAGE or NUMPAGES."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    parts: list[tuple[str, str]] = [("fldChar", "begin"), ("instrText", code), ("fldChar", "separate")]
    for tag, value in [*parts, ("t", "1"), ("fldChar", "end")]:
        run = _say(paragraph, "", face="song", size=PAGE_PT)
        element = OxmlElement(f"w:{tag}")
        if tag == "fldChar":
            element.set(qn("w:fldCharType"), value)
        else:
            element.text = value
        run._r.append(element)  # noqa: SLF001 - as above


def _write(document: Document, block: Block, *, is_across: bool) -> None:
    if isinstance(block, Title):
        line = document.add_paragraph()
        _shape(line, "center", is_kept=True)
        _say(line, block.text, face="title", size=TITLE_PT)
    elif isinstance(block, Line):
        line = document.add_paragraph()
        _shape(line, block.align)
        _say(line, block.text, face=block.face)
    elif isinstance(block, Heading):
        line = document.add_paragraph()
        _shape(line, "left", indent=2, is_kept=True)
        _say(line, block.text, face="hei" if block.level == 1 else "kai")
    elif isinstance(block, Para):
        line = document.add_paragraph()
        _shape(line, "justify", indent=2 if block.indent else 0)
        _say(line, block.text)
    elif isinstance(block, Gap):
        for _ in range(block.lines):
            document.add_paragraph()
    elif isinstance(block, Table):
        _write_table(document, block, width_mm=BLOCK_MM[1] if is_across else BLOCK_MM[0])
    elif isinstance(block, Signatures):
        _write_signatures(document, block)


def _shape(paragraph: Paragraph, align: str, *, indent: int = 0, is_kept: bool = False, line_pt: float = 0.0) -> None:
    """Set alignment, indent in characters, whether it stays with the next paragraph, and an own line height.

    ``line_pt`` below zero gives every line the height its type needs; 0 keeps the pitch of the page.
    """
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph.alignment = _ALIGN[align]  # type: ignore[assignment]
    layout = paragraph.paragraph_format
    layout.keep_with_next = is_kept or None
    if line_pt < 0:
        layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    elif line_pt:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line_pt)
    if indent:
        inset = paragraph._p.get_or_add_pPr().get_or_add_ind()  # noqa: SLF001 - as above
        inset.set(qn("w:firstLineChars"), str(indent * 100))
        inset.set(qn("w:firstLine"), str(round(indent * BODY_PT * 20)))


def _say(paragraph: Paragraph, text: str, *, face: str = "body", size: float = BODY_PT, bold: bool = False) -> Any:
    from docx.shared import Pt

    run = paragraph.add_run(clean(text, limit=4_000) if text.strip() else "")
    if text and text != run.text:
        run.text = text if text.isspace() else _padded(text, run.text)
    run.font.size, run.font.bold = Pt(size), bold or None
    _name_face(run._r.get_or_add_rPr(), face)  # noqa: SLF001 - as above
    return run


def _padded(text: str, cleaned: str) -> str:
    """Return a cleaned text with the blanks our own words begin and end with."""
    return " " * (text[:1] == " ") + cleaned + " " * (text[-1:] == " ")


def _write_table(document: Document, block: Table, *, width_mm: float) -> None:
    if block.caption:
        caption = document.add_paragraph()
        _shape(caption, "left", is_kept=True)
        _say(caption, block.caption, face="hei", size=BODY_PT - 2)
    columns = list(block.columns)
    rows = [list(row) for row in block.rows]
    table = document.add_table(rows=1, cols=len(columns))
    table.style, table.autofit = document.styles["Table Grid"], False
    total = sum(c.share for c in columns)
    widths = [round(width_mm * c.share / total * _MM_TWIPS) for c in columns]
    _fill_row(table.rows[0]._tr, [c.head for c in columns], columns, face="hei", size=block.size_pt, height=0.0)  # noqa: SLF001
    _repeat(table.rows[0]._tr)  # noqa: SLF001
    template = table.rows[0]._tr  # noqa: SLF001
    for row in rows:
        _fill_row(_new_row(table, template), row, columns, face="body", size=block.size_pt, height=block.row_mm)
    if len(rows) <= WHOLE_ROWS:
        keep_rows(table)
    _set_widths(table, widths)
    if not rows:
        _say_empty(table, block, width=sum(widths))
    # A table must be followed by a paragraph; a high one would open an empty page after a full one.
    after = document.add_paragraph()
    _shape(after, "left", line_pt=-1 if block.note else 4.0)
    _say(after, block.note, size=SMALL_PT if block.note else 1.0)


def _say_empty(table: Any, block: Table, *, width: int) -> None:
    """Write one cell across the table that says there is nothing."""
    from docx.oxml import OxmlElement

    row, cell = OxmlElement("w:tr"), OxmlElement("w:tc")
    cell.append(OxmlElement("w:p"))
    row.append(cell)
    table._tbl.append(row)  # noqa: SLF001 - as above
    cell.width = width * 635  # English metric units a twip
    cell.grid_span = len(block.columns)
    _fill_row(row, [block.empty], [Column("", 1, "center")], face="body", size=block.size_pt, height=0.0)


def _new_row(table: Any, template: Any) -> Any:
    """Append a row of empty cells; the library's own way searches the whole table for every cell."""
    from docx.oxml import OxmlElement

    row = OxmlElement("w:tr")
    for _ in template.tc_lst:
        cell = OxmlElement("w:tc")
        cell.append(OxmlElement("w:p"))
        row.append(cell)
    table._tbl.append(row)  # noqa: SLF001
    return row


def _fill_row(row: Any, texts: list[str], columns: list[Column], *, face: str, size: float, height: float) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph as Text

    properties = row.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if height:
        least = OxmlElement("w:trHeight")
        least.set(qn("w:val"), str(round(height * _MM_TWIPS)))
        properties.append(least)
    for cell, text, column in zip(row.tc_lst, texts, columns, strict=True):
        middle = OxmlElement("w:vAlign")
        middle.set(qn("w:val"), "center")
        cell.get_or_add_tcPr().append(middle)
        paragraph = Text(cell.p_lst[0], cell)
        _shape(paragraph, "center" if face == "hei" else column.align, line_pt=-1)
        _say(paragraph, text, face=face, size=size)


def _repeat(row: Any) -> None:
    from docx.oxml import OxmlElement

    row.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _set_widths(table: Any, widths: list[int]) -> None:
    """Fix the columns: the grid and every cell say the same, so that no program guesses."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):  # noqa: SLF001
        column.set(qn("w:w"), str(width))
    for row in table._tbl.tr_lst:  # noqa: SLF001
        for cell, width in zip(row.tc_lst, widths, strict=True):
            properties = cell.get_or_add_tcPr()
            for old in properties.findall(qn("w:tcW")):
                properties.remove(old)
            said = OxmlElement("w:tcW")
            said.set(qn("w:w"), str(width))
            said.set(qn("w:type"), "dxa")
            properties.insert(0, said)
    margins = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 40), ("left", 57), ("bottom", 40), ("right", 57)):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    settings = table._tbl.tblPr  # noqa: SLF001
    look = settings.find(qn("w:tblLook"))
    settings.append(margins) if look is None else look.addprevious(margins)


def _write_signatures(document: Document, block: Signatures) -> None:
    keep_last_text(document.element.body)
    offices = list(block.offices)
    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    columns = [Column("", 1, "left"), Column("", 1, "left")]
    for k in range(0, len(offices), 2):
        pair = [*offices[k : k + 2], ""][:2]
        rows = [
            pair,
            ["（盖章）　代表签字：" if office else "" for office in pair],
            [date_zh(block.day) if office else "" for office in pair],
        ]
        for texts, height in zip(rows, (16.0 if k == 0 else 26.0, 18.0, 12.0), strict=True):
            row = table.add_row()._tr  # noqa: SLF001
            _fill_row(row, texts, columns, face="body", size=BODY_PT, height=height)
            keep(row)
    _set_widths(table, [round(BLOCK_MM[0] / 2 * _MM_TWIPS)] * 2)
    document.add_paragraph()
