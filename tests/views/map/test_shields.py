"""Road shields: one drawing a class, as the signs look, from escaped text only."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.views.map.samples import PAYLOADS
from views.map.palette import SHIELDS, contrast
from views.map.shields import LOOKS, TEXT_PX, shield_class, shield_size, shield_svg, shields_json

SVG = "{http://www.w3.org/2000/svg}"
MEETING = 1.5


def parse(text: str) -> ET.Element:
    """Return the drawing, which must be well-formed."""
    return ET.fromstring(text)  # noqa: S314 - our own text


@pytest.mark.parametrize(
    ("number", "is_expressway", "kind", "fill", "head"),
    [
        ("G25", True, "national", "#00873C", "国家高速"),
        ("S17", True, "provincial", "#00873C", "省级高速"),
        ("G312", False, "G", "#C1121F", ""),
        ("S202", False, "S", "#FFCC00", ""),
        ("X201", False, "X", "#FFFFFF", ""),
        ("Y302", False, "Y", "#FFFFFF", ""),
        ("C185", False, "C", "#FFFFFF", ""),
    ],
)
def test_each_class_has_its_sign(number, is_expressway, kind, fill, head):
    """Green with a head for expressways, red for G, yellow for S, white for X, Y and C, the number once and whole."""
    assert shield_class(number, is_expressway=is_expressway) == kind
    root = parse(shield_svg(number, kind))
    assert root.find(f"{SVG}rect").get("fill") == fill
    assert [text.text for text in root.iter(f"{SVG}text")] == ([head] if head else []) + [number]
    assert all(float(text.get("font-size")) >= 13 for text in root.iter(f"{SVG}text"))


def test_heads_are_red_for_the_nation_and_yellow_for_a_province():
    """The head has the colour of its sign with the words and without, in which case it is a strip."""
    for kind, color in (("national", SHIELDS["G"][0]), ("provincial", SHIELDS["S"][0])):
        for is_full in (True, False):
            root = parse(shield_svg("G25", kind, is_full=is_full))
            assert root.find(f"{SVG}path").get("fill") == color
            assert len(list(root.iter(f"{SVG}text"))) == 1 + is_full


@pytest.mark.parametrize("kind", LOOKS)
def test_shields_can_be_read(kind):
    """Number and head stand out from their ground, at 13 px and more on screens and at 18 and more in a meeting."""
    look = LOOKS[kind]
    assert contrast(look.fill, look.text) >= 4.5
    assert not look.head or contrast(look.head_fill, look.head_text) >= 4.5
    assert TEXT_PX >= 13
    assert TEXT_PX * MEETING >= 18


@pytest.mark.parametrize("text", ["", "M25", "g25", "G", "G25 ", "G25;S17", "G12345678", "G２5", "京沪高速", *PAYLOADS])
def test_what_is_no_road_number_has_no_shield(text):
    """Any other text than a letter of a class with digits and capitals gets no shield at all."""
    assert shield_class(text, is_expressway=True) == shield_class(text, is_expressway=False) == ""


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_text_is_only_text(text):
    """Even a text that got past the check would be one text node of the drawing (fault 56)."""
    root = parse(shield_svg(text, "national"))
    assert [node.tag for node in root.iter()] == [f"{SVG}{tag}" for tag in ("svg", "rect", "path", "text", "text")]
    assert next(reversed(list(root.iter()))).text == text


def test_sizes_grow_with_number_and_scale():
    """The words of a head set the least width; the scale multiplies the picture, not its drawing."""
    assert shield_size("G1", "national", is_full=True)[0] > shield_size("G1", "national", is_full=False)[0]
    assert shield_size("S12345", "S", is_full=True)[0] > shield_size("S1", "S", is_full=True)[0]
    one, two = (parse(shield_svg("S17", "S", size=size)) for size in (1, 1.5))
    assert float(two.get("width")) == 1.5 * float(one.get("width"))
    assert one.get("viewBox") == two.get("viewBox")


def test_the_browser_gets_every_class():
    """The header of a map file has a drawing with and without head for each class, with the marks to be filled in."""
    kinds = shields_json()["kinds"]
    assert set(kinds) == set(LOOKS)
    assert all("@t@" in look["full"] and "@t@" in look["plain"] for look in kinds.values())
    assert {kind for kind, look in kinds.items() if look["head"]} == {"national", "provincial"}
