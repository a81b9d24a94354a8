"""The only builder of map text: everything from a map, a plan or an upload passes here before it meets markup.

folium and branca compile rendered text as a Jinja template a second time, on the server, and a browser runs what it
finds in markup. So the rule is: text travels in the data file and enters the page through ``textContent``. What must
stand in a script or in markup all the same (an id that is selected, a file name) is encoded here so that no character
with a meaning to HTML, JavaScript or Jinja is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLAIN = frozenset(" .,-_·()（）：")


def clean_text(text: str) -> str:
    """Return the text with lone surrogates replaced by U+FFFD, so that it can be written as UTF-8.

    Examples
    --------
    >>> clean_text("东岗" + chr(0xDC80))
    '东岗�'
    """
    return _SURROGATE.sub("�", text)


def escape_html(text: str) -> str:
    """Return text for a markup sink: all but letters, digits and a few harmless signs become ``&#N;``.

    Examples
    --------
    >>> escape_html("东岗 {{x}}")
    '东岗 &#123;&#123;x&#125;&#125;'
    """
    return "".join(c if c.isalnum() or c in _PLAIN else f"&#{ord(c)};" for c in clean_text(text))


def _escape_string(text: str) -> str:
    out = []
    for char in clean_text(text):
        if char.isascii() and char.isalnum():
            out.append(char)
        else:
            units = char.encode("utf-16-be")
            out += [f"\\u{units[k] * 256 + units[k + 1]:04x}" for k in range(0, len(units), 2)]
    return '"' + "".join(out) + '"'


def escape_json(value: object) -> str:
    r"""Return a JSON document that is inert in a script, in an attribute and in a Jinja template.

    Every character of every string but ASCII letters and digits is written ``\uXXXX``, so the only signs left are
    JSON's own; two opening braces never meet, nor a brace and a percent sign.

    Raises
    ------
    TypeError
        When a value is not plain JSON.

    Examples
    --------
    >>> escape_json({"id": "{{x}}", "zoom": 12.5})
    '{"id":"\\u007b\\u007bx\\u007d\\u007d","zoom":12.5}'
    """
    if isinstance(value, str):
        return _escape_string(value)
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value, allow_nan=False)
    if isinstance(value, Mapping):
        pairs: list[tuple[Any, Any]] = list(value.items())
        return "{" + ",".join(f"{_escape_string(str(k))}:{escape_json(v)}" for k, v in pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(escape_json(item) for item in value) + "]"
    message = f"map options: {type(value).__name__} is not plain JSON"
    raise TypeError(message)
