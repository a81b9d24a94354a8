"""Where the pages of a Word file end: what opens a page, and what is not parted."""

from __future__ import annotations

from typing import Any

WHOLE_ROWS = 10
"""Tables up to this length are not parted by the end of a page."""


def begin_page(first: Any, *, is_wanted: bool) -> None:
    """Let a paragraph, or the first one of a table, open a page: a break of its own would leave an empty one."""
    from docx.oxml.ns import qn

    if is_wanted:
        paragraph = first if first.tag == qn("w:p") else next(first.iter(qn("w:p")))
        paragraph.get_or_add_pPr().get_or_add_pageBreakBefore()


def keep_rows(table: Any) -> None:
    """Keep the rows of a small table on one page."""
    for row in table._tbl.tr_lst[:-1]:  # noqa: SLF001 - the library has no door to the rows
        keep(row)


def keep(element: Any) -> None:
    """Keep every paragraph of an element on the page of the next one."""
    from docx.oxml.ns import qn

    for paragraph in [element] if element.tag == qn("w:p") else element.iter(qn("w:p")):
        paragraph.get_or_add_pPr().get_or_add_keepNext()


def keep_last_text(body: Any) -> None:
    """Keep the last sentence, and what stands below it, with what follows: no page holds signatures alone."""
    from docx.oxml.ns import qn

    for element in reversed([child for child in body if not child.tag.endswith("}sectPr")]):
        is_text = element.tag == qn("w:p")
        if not is_text and len(element.tr_lst) > WHOLE_ROWS + 1:
            return
        keep(element)
        if is_text and len("".join(element.itertext()).strip()) > 1:
            return
