"""Texts of maps in markdown labels and in markup."""

from __future__ import annotations

import re

import pytest

from tests.views.map.samples import ODD_NAMES, PAYLOADS
from views.widgets.markup import element, join
from views.widgets.safe_text import one_line, plain

MARKDOWN = (
    "![x](http://evil.example/x.png)",
    "[x](http://evil.example/)",
    "<http://evil.example>",
    "http://evil.example/x",
    "www.evil.example",
    "a@evil.example",
    ":material/delete:",
    ":red[x]",
    ":red-background[x]",
    "$\\LaTeX$",
    "# head",
    "- item",
    "1. item",
    "> quote",
    "`code`",
    "**bold** __bold__ ~~gone~~",
    "| a | b |",
    "---",
)


@pytest.mark.parametrize("text", [*MARKDOWN, *PAYLOADS])
def test_every_ascii_sign_is_escaped(text):
    """Fault 56: in a label each ASCII sign of a map text has a backslash before it, so markdown has no meaning."""
    label = plain(text, limit=400)
    bare = re.sub(r"\\.", "", label)
    assert re.search(r"[!-/:-@\[-`{-~]", bare) is None
    assert "\n" not in label


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        (":smile:", ":smile"),
        ("http://x", "://"),
        ("www.x.cn", "www."),
        ("a@x.cn", "@x"),
        (":material/home:", ":material"),
    ],
)
def test_what_streamlit_finds_after_parsing_is_parted(text, broken):
    """Fault 56: icons and bare addresses, which are found in the finished text, are parted by a joiner of no width."""
    shown = re.sub(r"\\(.)", r"\1", plain(text))
    assert broken not in shown
    assert shown.replace("\N{WORD JOINER}", "") == text


@pytest.mark.parametrize("text", ODD_NAMES)
def test_odd_names_stay_on_one_short_line(text):
    """Fault 39: control characters, long names and lone surrogates become one printable line."""
    line = one_line(text)
    assert len(line) <= 80
    assert all(letter.isprintable() for letter in line)


@pytest.mark.parametrize("text", [*MARKDOWN, *PAYLOADS])
def test_markup_encodes_texts_and_attributes(text):
    """Fault 57: a text that goes into markup leaves no sign that opens an element, a template or an attribute."""
    made = element("td", text, title=text, style=text, css="rs-name").html
    inner = made.removeprefix("<td ").removesuffix("</td>")
    assert inner.count("<") == 0
    assert inner.count(">") == 1
    assert inner.count('"') == 6
    assert not set("{}`$\\") & set(inner)


def test_markup_refuses_what_is_not_on_its_list():
    """The builder makes no element that loads or runs anything, and no event attribute."""
    for name in ("script", "img", "a", "iframe", "style", "svg"):
        with pytest.raises(ValueError, match="element"):
            element(name)
    with pytest.raises(ValueError, match="attribute"):
        element("div", onclick="x")
    with pytest.raises(ValueError, match="attribute"):
        element("div", src="x")


def test_markup_nests():
    """Finished markup goes into markup unchanged; text beside it is encoded."""
    inner = element("b", "&")
    assert join([inner, "&"]).html == "<b>&#38;</b>&#38;"
