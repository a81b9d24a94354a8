"""A leader compares two placements in a real browser, and puts a unit where the map was clicked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screens import FRAME, Screen, serve

pytestmark = pytest.mark.browser

_TWO = ".st-key-cover_two iframe"


@pytest.fixture(scope="module")
def server(repo_root: Path) -> Iterator[str]:
    """Start the app with the demo district."""
    with serve(repo_root) as address:
        yield address


@pytest.fixture
def screen(page: Page, server: str, outside: list[str], errors: list[str]) -> Iterator[Screen]:
    """Return a screen; at its end nothing was asked of the outside and no script failed."""
    yield Screen(page, server)
    assert outside == []
    assert errors == []


def turn_to(screen: Screen, tab: str) -> None:
    """Open a tab of the page and wait until it is chosen."""
    screen.choose("cover_tab", tab)
    chosen = screen.page.locator(".st-key-cover_tab button[aria-checked='true']")
    expect(chosen).to_have_text(tab)


def test_a_leader_compares_two_placements(screen: Screen) -> None:
    """Posts are searched, compared with today on two maps that move together, and adopted as one decision."""
    page = screen.page
    screen.open("coverage")
    turn_to(screen, "驻点")
    screen.press("posts_run")
    page.wait_for_selector(".st-key-posts_as_b")
    assert "已证最优" in screen.card()
    screen.press("posts_as_b")
    handle = page.wait_for_selector(_TWO)
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function("window.map && window.__roadseam && window.__roadseam.ready && window.__roadseam.drawn > 0")
    left = page.locator(_TWO).bounding_box()
    assert left is not None
    assert left["width"] >= 0.6 * 1280
    expect(page.locator(".st-key-tray .rs-table")).to_contain_text("B − A")
    for side, name in (("a", "现有单元"), ("b", "增设 1 处")):
        expect(page.locator(f".st-key-cover_label_{side}")).to_contain_text(name)
    frame.evaluate("window.map.setView([31.30, 118.72], 14, { animate: false })")
    frame.wait_for_function("document.querySelectorAll('#map_div2 canvas').length > 0")
    frame.wait_for_function("window.map_div2 && Math.abs(window.map_div2.getZoom() - 14) < 1e-6")
    screen.press("take_b")
    expect(page.locator(".st-key-undo")).to_contain_text("↶ 1")
    expect(page.locator(_TWO)).to_have_count(0)
    screen.wait_card("结果已过期")


def test_a_unit_is_put_where_the_map_was_clicked(screen: Screen) -> None:
    """A unit is added by a click on the map and taken away again; the map keeps its view and is never loaded again."""
    page = screen.page
    frame = screen.open("coverage")
    frame.evaluate("window.kept = window.map")
    turn_to(screen, "单元")
    screen.press("unit_add")
    screen.wait_card("请点选地图")
    box = page.locator(FRAME).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"])
    screen.wait_card("单元 普9")
    expect(page.locator(".st-key-undo")).to_contain_text("↶ 1")
    screen.press("unit_remove")
    screen.wait_card("16 个单元")
    assert screen.frame().evaluate("window.kept === window.map")
