"""Papers: what a meeting signs and takes home, as Word, PDF, Excel and map files; one idea a module.

Every paper is a pure function of the plan: no clock is read, and the same plan gives the same bytes. A paper is first
a list of blocks (`views.papers.model`), which the Word writer (`views.papers.docx`) and the PDF writer
(`views.papers.pdfpaper`) both read; map sheets are drawn straight into PDF (`views.papers.atlas`,
`views.papers.strips`).
"""

from __future__ import annotations

from views.papers.agreement import agreement_docx, agreement_paper
from views.papers.minutes import Meeting, minutes_docx, minutes_paper
from views.papers.transfer import transfer_docx, transfer_paper

__all__ = [
    "Meeting",
    "agreement_docx",
    "agreement_paper",
    "minutes_docx",
    "minutes_paper",
    "transfer_docx",
    "transfer_paper",
]
