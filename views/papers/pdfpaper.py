"""Papers as PDF, for the preview and for desks without Word: the same blocks, margins and sizes as the Word file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from views.papers.docx import BINDING_MM, BLOCK_MM, BODY_PT, FACES, PAGE_MM, PAGE_PT, SMALL_PT, TITLE_PT, TOP_MM
from views.papers.model import (
    Block,
    Column,
    Gap,
    Heading,
    Line,
    NewPage,
    Paper,
    Para,
    Signatures,
    Table,
    Title,
    texts_of,
)
from views.papers.pdffonts import Faces, open_faces
from views.papers.text import ATTRIBUTION_TEXT, FOOTER_TEXT, clean, date_zh

MM = 72 / 25.4
_LEADING = BLOCK_MM[1] / 22 * MM
"""Points from line to line: 22 lines in 225 mm."""
_EXTRA = "第页共（盖章）代表签字：" + FOOTER_TEXT + ATTRIBUTION_TEXT + date_zh("2026-01-01") + "0123456789"
_ALIGN = {"left": 0, "center": 1, "right": 2, "justify": 4}

Progress = Callable[[int, int], None]


def write_pdf(paper: Paper) -> bytes:
    """Return a paper as a PDF with page n of m; the same paper gives the same bytes.

    Where this machine has no Chinese font, a font of the PDF reader is named instead (`open_faces`).
    """
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    out = io.BytesIO()
    with open_faces(texts_of(paper) + _EXTRA, tuple(FACES)) as faces:
        document = BaseDocTemplate(
            out, pagesize=(PAGE_MM[0] * MM, PAGE_MM[1] * MM), invariant=1, title=clean(paper.title, limit=120)
        )
        document.author = document.creator = "Roadseam"
        templates = []
        for name, (width, height), (left, bottom) in (
            ("upright", PAGE_MM, (BINDING_MM, PAGE_MM[1] - TOP_MM - BLOCK_MM[1])),
            ("across", PAGE_MM[::-1], (PAGE_MM[1] - TOP_MM - BLOCK_MM[1], PAGE_MM[0] - BINDING_MM - BLOCK_MM[0])),
        ):
            block = BLOCK_MM if name == "upright" else BLOCK_MM[::-1]
            frame = Frame(
                left * MM, bottom * MM, block[0] * MM, block[1] * MM,
                leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
            )  # fmt: skip
            size = (width * MM, height * MM)
            templates.append(PageTemplate(id=name, frames=[frame], pagesize=size))
        document.addPageTemplates(templates)
        document.build(_story(paper, faces), canvasmaker=_canvas(paper, faces))
    return out.getvalue()


def _canvas(paper: Paper, faces: Faces) -> Any:
    """Return a canvas that writes the foot of every page once it knows how many there are."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):  # type: ignore[misc]
        """A canvas that holds its pages back until the last."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._held: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._held.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            held = list(self._held)
            for number, state in enumerate(held, start=1):
                self.__dict__.update(state)
                _foot(self, paper, faces, number=number, total=len(held))
                super().showPage()
            super().save()

    return Numbered


def _foot(canvas: Any, paper: Paper, faces: Faces, *, number: int, total: int) -> None:
    width, height = canvas._pagesize  # noqa: SLF001 - the library's own record of a page's size
    middle, low = width / 2, (16 if width < height else 12) * MM
    canvas.setFont(faces["song"], PAGE_PT)
    canvas.drawCentredString(middle, low, f"第 {number} 页 共 {total} 页")
    canvas.setFont(faces["song"], SMALL_PT)
    canvas.drawCentredString(middle, low - 12, clean(paper.stamp))
    canvas.drawCentredString(middle, low - 23, f"{FOOTER_TEXT}　{ATTRIBUTION_TEXT}")
    if paper.mark:
        canvas.setFont(faces["hei"], BODY_PT)
        canvas.drawRightString(width - 26 * MM, height - 20 * MM, paper.mark)


def _story(paper: Paper, faces: Faces) -> list[Any]:
    from reportlab.platypus import NextPageTemplate, PageBreak

    story: list[Any] = []
    is_across = False
    for block in paper.blocks:
        if isinstance(block, NewPage):
            is_across = block.landscape
            story += [NextPageTemplate("across" if is_across else "upright"), PageBreak()]
        else:
            story += _flow(block, faces, width=BLOCK_MM[1] if is_across else BLOCK_MM[0])
    return story


def _flow(block: Block, faces: Faces, *, width: float) -> list[Any]:
    from reportlab.platypus import Spacer

    if isinstance(block, Title):
        return [_text(block.text, faces, face="title", size=TITLE_PT, align="center", is_kept=True)]
    if isinstance(block, Line):
        return [_text(block.text, faces, face=block.face, align=block.align, is_kept=True)]
    if isinstance(block, Heading):
        face = "hei" if block.level == 1 else "kai"
        return [_text(block.text, faces, face=face, indent=2, is_kept=True)]
    if isinstance(block, Para):
        return [_text(block.text, faces, align="justify", indent=2 if block.indent else 0)]
    if isinstance(block, Gap):
        return [Spacer(1, _LEADING * block.lines)]
    if isinstance(block, Table):
        return _table(block, faces, width=width)
    if isinstance(block, Signatures):
        return [_signatures(block, faces, width=width)]
    return []


def _text(
    text: str,
    faces: Faces,
    *,
    face: str = "body",
    size: float = BODY_PT,
    align: str = "left",
    indent: int = 0,
    leading: float = 0.0,
    is_kept: bool = False,
) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        f"{face}{size}{align}{indent}{leading}{is_kept}",
        fontName=faces[face],
        fontSize=size,
        leading=leading or max(_LEADING, size * 1.35),
        alignment=_ALIGN[align],
        firstLineIndent=indent * size,
        wordWrap="CJK",
        keepWithNext=int(is_kept),
    )
    return Paragraph(escape(clean(text, limit=4_000)), style)


def _table(block: Table, faces: Faces, *, width: float) -> list[Any]:
    from reportlab.platypus import LongTable, Spacer, TableStyle

    size, leading = block.size_pt, block.size_pt * 1.35
    total = sum(c.share for c in block.columns)
    widths = [width * c.share / total * MM for c in block.columns]
    head = [_text(c.head, faces, face="hei", size=size, align="center", leading=leading) for c in block.columns]
    centred = [Column("", 1, "center")] * len(block.columns)
    empty = [(block.empty, *([""] * (len(block.columns) - 1)))]
    columns = block.columns if block.rows else centred
    body = [
        [_text(cell, faces, size=size, align=c.align, leading=leading) for cell, c in zip(row, columns, strict=True)]
        for row in (block.rows or empty)
    ]
    heights = [None] + [_height(row, widths, block.row_mm) for row in body] if block.row_mm else None
    table = LongTable([head, *body], colWidths=widths, rowHeights=heights, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                *([] if block.rows else [("SPAN", (0, 1), (-1, 1))]),
                ("GRID", (0, 0), (-1, -1), 0.5, "#000000"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("LEFTPADDING", (0, 0), (-1, -1), 3),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    caption = [_text(block.caption, faces, face="hei", size=BODY_PT - 2, is_kept=True)] if block.caption else []
    note = [_text(block.note, faces, size=SMALL_PT, leading=SMALL_PT * 1.4)] if block.note else []
    return [*caption, table, Spacer(1, 3), *note, Spacer(1, 5)]


def _height(row: list[Any], widths: list[float], least_mm: float) -> float:
    """Return the height of a row: what its texts need, and no less than room for handwriting."""
    need = max(cell.wrap(width - 6, 1e6)[1] for cell, width in zip(row, widths, strict=True))
    return max(float(need) + 6, least_mm * MM)


def _signatures(block: Signatures, faces: Faces, *, width: float) -> Any:
    from reportlab.platypus import KeepTogether
    from reportlab.platypus import Table as Grid

    offices, rows, heights = list(block.offices), list[list[Any]](), list[float]()
    for k in range(0, len(offices), 2):
        pair = [*offices[k : k + 2], ""][:2]
        for texts, height in (
            (pair, 16.0),
            (["（盖章）　代表签字：" if office else "" for office in pair], 18.0),
            ([date_zh(block.day) if office else "" for office in pair], 12.0),
        ):
            rows.append([_text(text, faces, leading=BODY_PT * 1.3) for text in texts])
            heights.append(height * MM)
    return KeepTogether([Grid(rows, colWidths=[width / 2 * MM] * 2, rowHeights=heights)])
