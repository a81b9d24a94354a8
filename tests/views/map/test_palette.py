"""The palette: one source, readable, and known to the browser only through the data file."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from geo.classes import RoadClass
from tests.views.map.seeing import delta_e, difference
from views.catalogue import Words
from views.map import palette
from views.map.assets import EXPORT_SCRIPTS, EXPORT_STYLES, LAYER_SCRIPTS, STATIC


def test_no_browser_file_names_a_colour() -> None:
    """Our scripts and styles hold no colour of their own: palette.py is the one source."""
    for name in (*LAYER_SCRIPTS, *EXPORT_SCRIPTS, "roadseam.css", *EXPORT_STYLES):
        text = (STATIC / name).read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b(?![\w-])|rgba?\(|hsla?\(", text), name


def test_owners_differ_in_letter_and_look() -> None:
    """The first eleven owners have letters of their own, and no two share colour and centre line."""
    styles = [palette.owner_style(k, Words("x")) for k in range(11)]
    assert [style.letter for style in styles][:4] == ["普", "高1", "高2", "高3"]
    assert len({style.letter for style in styles}) == 11
    assert len({(style.color, style.core) for style in styles}) >= 10


OWNERS = [palette.owner_style(k, Words("x")) for k in range(6)] + [palette.NOBODY]


@pytest.mark.parametrize("eye", ["usual", "deuteranopia", "protanopia"])
def test_owners_differ_by_colour_to_every_eye(eye: str) -> None:
    """Any two of six owners and nobody's road differ by 15 and more (CIEDE2000), to colour-blind eyes too."""
    pairs = [(a, b, difference(a.color, b.color, eye)) for a, b in combinations(OWNERS, 2)]
    assert [(a.key, b.key, round(d, 1)) for a, b, d in pairs if d < 15] == []


def test_owners_differ_in_grey_by_lightness_or_line() -> None:
    """In a grey print, two owners nearer than 15 have other centre lines or dashes; all have letters of their own."""
    near = [(a, b) for a, b in combinations(OWNERS, 2) if difference(a.color, b.color, "grey") < 15]
    assert [(a.key, b.key) for a, b in near if (a.core, a.dash) == (b.core, b.dash)] == []
    assert len({style.letter for style in OWNERS[:6]}) == 6


def test_the_difference_of_colours_is_the_published_one() -> None:
    """CIEDE2000 gives the values of the paper's table of test pairs."""
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ]
    assert [delta_e(np.array(a), np.array(b)) for a, b, _ in pairs] == pytest.approx([d for *_, d in pairs], abs=1e-4)


def test_every_line_stands_out_from_the_ground() -> None:
    """Each line has a contrast of 3 and more to the map's ground, itself or by the rim it is given; so has the dark map."""
    styles = OWNERS + [palette.route_style(k, Words("x")) for k in range(9)]
    for style in styles:
        told = palette.style_json(style)
        shown = told["edge"] if told["pale"] else style.color
        assert palette.contrast(shown, palette.THEME["ground"]) >= palette.STANDS_OUT, style.key
        assert palette.contrast(told["dark"]["color"], palette.THEME_DARK["ground"]) >= palette.STANDS_OUT, style.key


def test_text_on_the_map_can_be_read() -> None:
    """Owner letters reach a contrast of 4.5 on the ground, and every shield's text 4 on its own colour."""
    styles = [palette.owner_style(k, Words("x")) for k in range(6)] + [
        palette.route_style(k, Words("x")) for k in range(9)
    ]
    for style in styles:
        assert palette.contrast(palette.text_color(style.color), palette.THEME["ground"]) >= 4.5
    for fill, text, _ in palette.SHIELDS.values():
        assert palette.contrast(fill, text) >= 4
    for name in ("ink", "quiet", "accent", "warning"):
        assert palette.contrast(palette.THEME[name], palette.THEME["ground"]) >= 4.5


def test_each_road_class_has_a_row() -> None:
    """Ranks are the road classes, in their order, with one width for each zoom step."""
    assert [row["name"] for row in palette.RANKS] == [item.name.lower() for item in RoadClass]
    assert all(len(row["px"]) == len(palette.ZOOMS) for row in palette.RANKS)
    assert all(list(row["px"]) == sorted(row["px"]) for row in palette.RANKS)


@pytest.mark.parametrize("color", ["red", "#12345", "url(x)", "#12345g", "#123456;"])
def test_other_colours_are_refused(color: str) -> None:
    """A colour that is not #RRGGBB cannot enter a style."""
    with pytest.raises(ValueError, match="palette"):
        palette.LineStyle("x", Words("x"), color)
    with pytest.raises(ValueError, match="palette"):
        palette.PointStyle("x", Words("x"), "dot", "#111111", color)


def test_styles_are_named_for_what_they_mean() -> None:
    """Contested shows both owners, handover is dotted in the owner's colour, routes carry arrows and stops match."""
    local, first = palette.owner_style(0, Words("a")), palette.owner_style(1, Words("b"))
    contested = palette.contested_style(local, first)
    assert (contested.color, contested.second) == (local.color, first.color)
    assert palette.handover_style(local).color == local.color
    route = palette.route_style(3, Words("r"))
    assert route.arrows
    assert palette.stop_style(3, Words("r")).fill == route.color


def test_vendored_folder_exists() -> None:
    """The static folder lies at the root of the project, where Streamlit serves it."""
    assert Path("leaflet/leaflet.js").name in {path.name for path in (STATIC / "leaflet").iterdir()}
