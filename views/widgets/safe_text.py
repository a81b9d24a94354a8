"""Text of maps, plans and uploads on the screens.

Streamlit reads most labels as markdown, which knows images (a request to the outside), links, LaTeX, icons and
coloured text; ``st.html`` reads markup. So texts that are not ours take one of three ways: `plain` into a label,
`views.widgets.markup` into markup, or a widget that shows text as it is (``st.text``, ``st.code``, tables).
"""

from __future__ import annotations

import re
from string import punctuation

_JOINER = "\N{WORD JOINER}"
_SPECIAL = re.compile("([" + re.escape(punctuation) + "])")
_LONGEST = 80


def one_line(text: str, *, limit: int = _LONGEST) -> str:
    """Return a text on one line, without control characters, cut to a readable length.

    Examples
    --------
    >>> one_line("东岗" + chr(10) + "收费站")
    '东岗 收费站'
    """
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def plain(text: str, *, limit: int = _LONGEST) -> str:
    r"""Return a text that markdown shows as it is: nothing in it is an image, link, formula, icon or colour.

    Every ASCII sign is escaped; a joiner of no width parts what Streamlit finds after parsing (``:icon:``, bare web
    and mail addresses).

    Examples
    --------
    >>> plain("a*b").replace("\\", "/")
    'a/*b'
    """
    escaped = _SPECIAL.sub(r"\\\1", one_line(text, limit=limit))
    escaped = re.sub(r"(\\[:@])", rf"\1{_JOINER}", escaped)
    return re.sub(r"(?i)(www)(?=\\\.)", rf"\1{_JOINER}", escaped)
