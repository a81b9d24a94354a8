"""Light and dark screens: what can be read, what can be seen, and that both know the same names."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from views import scheme
from views.catalogue import Words
from views.map import palette
from views.map.palette import THEME, THEME_DARK, contrast
from views.widgets.markup import element, in_both_schemes

SCHEMES = pytest.mark.parametrize("theme", [THEME, THEME_DARK], ids=["light", "dark"])
_GROUNDS = ("ground", "card", "paper")
_LINES = (
    *(palette.owner_style(k, Words("x")) for k in range(8)),
    *(palette.route_style(k, Words("x")) for k in range(9)),
    *palette.COVERAGE,
    palette.NOBODY,
    palette.CLOSED_ROAD,
    palette.SLOW_ROAD,
)


@SCHEMES
def test_every_text_reads_on_every_ground(theme: dict[str, str]) -> None:
    """Each colour of text has a contrast of 4.5 on map, card and halo (WCAG 2.2 AA), turned round as well."""
    for text in ("ink", "quiet", "name", "accent", "warning"):
        for ground in _GROUNDS:
            assert contrast(theme[text], theme[ground]) >= 4.5, (text, ground)
    assert contrast(theme["card"], theme["ink"]) >= 4.5
    assert contrast(theme["card"], theme["accent"]) >= 4.5


@SCHEMES
def test_the_edge_of_a_field_is_seen(theme: dict[str, str]) -> None:
    """The line that alone shows where a field is has a contrast of 3 to what lies on both sides of it."""
    assert all(contrast(theme["edge"], theme[ground]) >= 3 for ground in _GROUNDS)


def test_both_schemes_know_the_same_names() -> None:
    """A custom property that one scheme lacks would fall back to the other's colour."""
    assert THEME.keys() == THEME_DARK.keys()


def test_lines_are_seen_on_dark_ground() -> None:
    """Each line of the dark map reaches a contrast of 3, owners' letters and texts on cards 4.5."""
    for style in _LINES:
        dark = palette.style_json(style)["dark"]
        assert contrast(dark["color"], THEME_DARK["ground"]) >= 3, style.key
        assert contrast(dark["text"], THEME_DARK["card"]) >= 4.5, style.key
    mixed = palette.contested_style(_LINES[0], _LINES[1])
    assert contrast(palette.style_json(mixed)["dark"]["second"], THEME_DARK["ground"]) >= 3


def test_greys_stay_as_quiet_in_the_dark() -> None:
    """The grey of roads that are not meant does not shine on dark ground."""
    quiet = contrast(palette.GHOST.color, THEME["ground"])
    assert contrast(palette.dark_color(palette.GHOST.color), THEME_DARK["ground"]) == pytest.approx(quiet, abs=0.15)


def test_the_style_sheets_name_no_colour_and_no_unknown_property() -> None:
    """Colours come from the palette alone, and each property that a sheet uses is set somewhere."""
    text = "".join(sheet.read_text(encoding="utf-8") for sheet in scheme.SHEETS)
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b(?![\w-])|rgba?\(|hsla?\(", text)
    used = set(re.findall(r"var\(--rs-([\w-]+)", text))
    made = set(re.findall(r"--rs-([\w-]+)\s*:", text)) | THEME.keys() | {"fonts"}
    assert used <= made


def test_a_scheme_is_one_sheet() -> None:
    """Light and dark are set at the root whatever the system says; auto asks the system."""
    light, dark, auto = (scheme.style_of(name) for name in ("light", "dark", "auto"))
    assert f"--rs-ink:{THEME['ink']}" in light
    assert THEME_DARK["ink"] not in light
    assert f"--rs-ink:{THEME_DARK['ink']}" in dark
    assert f"--rs-ink:{THEME['ink']};" not in dark
    assert auto.index(THEME["ink"]) < auto.index("prefers-color-scheme:dark") < auto.index(THEME_DARK["ink"])


def test_the_widgets_of_streamlit_wear_our_colours(repo_root: Path) -> None:
    """The server's settings name the colours of the palette, for light and for dark."""
    theme = tomllib.loads((repo_root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    for name, ours in (("light", THEME), ("dark", THEME_DARK)):
        named = {"primaryColor": "accent", "backgroundColor": "card", "secondaryBackgroundColor": "ground"}
        for setting, key in {**named, "textColor": "ink", "borderColor": "line"}.items():
            assert theme[name][setting] == ours[key], (name, setting)


def test_an_inline_colour_brings_its_dark_one() -> None:
    """Texts and dots given in a light colour carry the dark one; a text on its own background keeps both."""
    assert in_both_schemes("width:4px") == "width:4px"
    both = in_both_schemes("background:linear-gradient(135deg,#111111 50%,#0072B2 50%)")
    assert both.count("var(--rs-light,") == both.count("var(--rs-dark,") == 2
    assert in_both_schemes("background:#E69F00;color:#111111") == "background:#E69F00;color:#111111"
    assert "rs" in element("b", "x", style="color:#0072B2").html
