"""The frame in a real browser: links, keys, language, ledger bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screens import Screen, serve

pytestmark = pytest.mark.browser


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


def test_a_language_switch_keeps_the_map(screen: Screen) -> None:
    """The map is not loaded again when the language changes; its legend speaks the other language, its view stays."""
    frame = screen.open()
    frame.evaluate("window.kept = window.map; window.map.setView([31.3, 118.7], 13.5, {animate: false})")
    screen.press("switch_language")
    frame.wait_for_function("document.querySelector('.roadseam-legend').innerText.includes('Legend')")
    assert frame.evaluate("window.kept === window.map && window.map.getZoom() === 13.5")


def test_a_link_brings_another_person_to_the_same_place(screen: Screen) -> None:
    """The link that is copied names plan, version, selection and view; opened anew it shows the same."""
    frame = screen.open()
    screen.press("key_next")
    screen.page.wait_for_function("new URL(location.href).searchParams.has('sel')")
    frame.wait_for_function("window.map.getZoom() === 16")
    frame.evaluate("window.map.setView([31.31, 118.71], 14.5, {animate: false})")
    frame.locator(".roadseam-link").click()
    link = frame.evaluate("window.__roadseam.copied")
    wanted = screen.page.evaluate("new URL(location.href).searchParams.get('sel')")
    screen.page.goto("about:blank")
    screen.page.goto(link)
    frame = screen.frame()
    frame.wait_for_function("Math.abs(window.map.getZoom() - 14.5) < 0.01")
    chosen = frame.evaluate("window.map._roadseam.selected && window.map._roadseam.selected.id")
    assert wanted == f"seam:{chosen}"


def test_full_screen_gives_the_window_to_the_map(screen: Screen) -> None:
    """F gives the whole window to the map, and Esc gives it back."""
    frame = screen.open()
    narrow = frame.evaluate("innerWidth")
    screen.press("key_full")
    frame.wait_for_function("innerWidth === 1280")
    screen.press("key_leave")
    frame.wait_for_function("(width) => innerWidth === width", arg=narrow)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bar_and_ledger_fit_a_small_screen(screen: Screen, language: str) -> None:
    """At 1280 pixels nothing of the top bar or the ledger bar runs off the right edge."""
    screen.open(language=language)
    expect(screen.page.locator(".st-key-ledger_leaks button")).to_be_visible()
    for bar in ("topbar", "ledger"):
        edges = screen.page.evaluate(
            "(bar) => [...document.querySelectorAll(`.st-key-${bar} button, .st-key-${bar} input, .st-key-${bar} span`)]"
            ".map((one) => one.getBoundingClientRect().right)",
            bar,
        )
        assert max(edges) <= 1280
