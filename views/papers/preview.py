"""Pages of a PDF as pictures, for the screen."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.util import find_spec
from threading import Lock

_DPI = 72.0
_ONE_AT_A_TIME = Lock()
"""pdfium's library is not safe for threads; sessions take turns."""


def can_show() -> bool:
    """Whether pages can be shown here; papers are made all the same where they cannot."""
    return find_spec("pypdfium2") is not None


def count_pages(pdf: bytes) -> int:
    """Return how many pages a PDF has."""
    import pypdfium2

    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            return len(document)
        finally:
            document.close()


@lru_cache(maxsize=64)
def draw_page(pdf: bytes, page: int, *, width_px: int = 900) -> bytes:
    """Return a page (from 0) of a PDF as PNG, so many pixels wide."""
    import pypdfium2

    with _ONE_AT_A_TIME:
        document = pypdfium2.PdfDocument(pdf)
        try:
            sheet = document[page]
            image = sheet.render(scale=width_px / sheet.get_width()).to_pil()
            out = io.BytesIO()
            image.save(out, "PNG")
            return out.getvalue()
        finally:
            document.close()
