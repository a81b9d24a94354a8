"""Reading the text of tags."""

from __future__ import annotations


def split_values(text: str) -> tuple[str, ...]:
    """Return the values of a tag, sorted, each once.

    Examples
    --------
    >>> split_values("G6; G0611;G6;"), split_values("")
    (('G0611', 'G6'), ())
    """
    return tuple(sorted({part.strip() for part in text.split(";")} - {""}))
