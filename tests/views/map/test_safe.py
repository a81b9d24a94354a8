"""One module builds map text (fault 57), and nothing with a meaning to HTML, JavaScript or Jinja leaves it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.views.map.samples import PAYLOADS
from views.map.safe import clean_text, escape_html, escape_json

WHOLE = st.text(st.characters(codec="utf-8"), max_size=30)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)


@given(
    st.dictionaries(
        WHOLE, st.one_of(WHOLE, st.integers(), st.booleans(), st.none(), st.lists(WHOLE, max_size=3)), max_size=4
    )
)
def test_options_mean_the_same_and_are_inert(value: dict[str, object]) -> None:
    """Escaped JSON reads back as the value, and a Jinja engine leaves it as it is."""
    text = escape_json(value)
    assert json.loads(text) == value
    assert not re.search(r"[<>&'`$%#]|\{\{|\{\s*[%#]", text)
    assert jinja2.Environment(autoescape=False).from_string(text).render() == text  # noqa: S701


@given(TEXTS)
def test_markup_text_is_inert_and_reads_the_same(text: str) -> None:
    """Text for markup shows the same letters and holds no sign but letters, digits, blanks and references."""
    out = escape_html(text)
    if not re.search(r"[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]", text) and all(ord(c) < 0x1FFFE for c in text):
        assert html.unescape(out) == clean_text(text)
    assert not re.search(r"[<>\"'`${}%\\]", out)


@pytest.mark.parametrize("text", PAYLOADS)
def test_payloads_are_inert(text: str) -> None:
    """No attack text keeps a sign that could start markup, a script or a template (fault 56)."""
    for out in (escape_html(text), escape_json([text])[2:-2]):
        assert not re.search(r"[<>\"'`${}%]", out)


@pytest.mark.parametrize("value", [{1, 2}, object(), float("nan"), float("inf"), b"x"])
def test_other_values_are_refused(value: object) -> None:
    """What is not plain JSON raises instead of being written somehow."""
    with pytest.raises((TypeError, ValueError)):
        escape_json(value)


def test_no_other_module_builds_map_text(repo_root: Path) -> None:
    """Outside views/map/safe.py no module of the room escapes by hand, nor fills a text sink of folium (fault 57)."""
    sinks = r"html\.escape|markupsafe|\bPopup\(|\bTooltip\(|DivIcon|GeoJsonTooltip|GeoJsonPopup|folium\.GeoJson|folium\.Marker"
    for path in sorted((repo_root / "views").rglob("*.py")):
        if path.name != "safe.py":
            assert not re.findall(sinks, path.read_text(encoding="utf-8")), path.name
