"""The frame in a real browser: links, keys, language, ledger bar."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reading import faint_texts, nameless_controls
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
    """At 1280 pixels nothing of the top bar or the ledger bar runs off the right edge, however long the title is."""
    screen.open(language=language)
    expect(screen.page.locator(".st-key-ledger_leaks button")).to_be_visible()
    screen.page.evaluate("document.querySelector('.rs-plan b').textContent = '岚溪区公路管辖划分方案'.repeat(5)")
    for bar in ("topbar", "ledger"):
        edges = screen.page.evaluate(
            "(bar) => [...document.querySelectorAll(`.st-key-${bar} button, .st-key-${bar} input, .st-key-${bar} span`)]"
            ".map((one) => one.getBoundingClientRect().right)",
            bar,
        )
        assert max(edges) <= 1280


def walk_to(screen: Screen, selector: str, most: int = 120) -> None:
    """Press Tab until the focus is where the selector says, as a person without a mouse does."""
    for _ in range(most):
        screen.page.keyboard.press("Tab")
        if screen.page.evaluate("(s) => Boolean(document.activeElement?.closest(s))", selector):
            return
    raise AssertionError(f"Tab never came to {selector}")


def wait_steps(screen: Screen, label: str) -> None:
    """Wait until the undo button says how many steps can be taken back."""
    told = "label => document.querySelector('.st-key-undo button')?.innerText.startsWith(label)"
    screen.page.wait_for_function(told, arg=label)


def test_the_boundary_is_settled_by_keyboard_alone(screen: Screen) -> None:
    """Tab and Enter choose a station, preview and adopt an option; Ctrl+Z takes it back; the focus can be seen."""
    screen.open()
    keyboard = screen.page.keyboard
    walk_to(screen, "[class*='st-key-row_']")
    outline = screen.page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 2
    keyboard.press("Enter")
    screen.page.wait_for_function("new URL(location.href).searchParams.get('sel')?.startsWith('station:')")
    screen.page.wait_for_selector(".st-key-adopt_ramp_end button:enabled")
    walk_to(screen, ".st-key-preview_ramp_end")
    keyboard.press("Enter")
    screen.page.wait_for_selector("[class*='st-key-option_preview_ramp_end']")
    walk_to(screen, ".st-key-adopt_ramp_end")
    keyboard.press("Enter")
    wait_steps(screen, "↶ 1")
    keyboard.press("Control+z")
    wait_steps(screen, "↶ 0")


def test_keys_pressed_on_the_map_are_heard_by_the_page(screen: Screen) -> None:
    """With the focus in the map's frame N goes on, F fills the window, Esc leaves, Ctrl+Z and Ctrl+Y undo and redo."""
    frame = screen.open()
    keyboard = screen.page.keyboard
    narrow = frame.evaluate("innerWidth")
    frame.locator("#map_div").focus()
    keyboard.press("n")
    screen.page.wait_for_function("new URL(location.href).searchParams.get('sel')?.startsWith('seam:')")
    keyboard.press("f")
    frame.wait_for_function("innerWidth === 1280")
    keyboard.press("Escape")
    frame.wait_for_function("(width) => innerWidth === width", arg=narrow)
    keyboard.press("Escape")
    screen.page.wait_for_function("!new URL(location.href).searchParams.has('sel')")
    screen.press("adopt_ramp_end")
    wait_steps(screen, "↶ 1")
    frame.locator("#map_div").focus()
    keyboard.press("Control+z")
    wait_steps(screen, "↶ 0")
    screen.page.wait_for_selector(".st-key-redo button:enabled")
    keyboard.press("Control+y")
    wait_steps(screen, "↶ 1")


_INK = {"light": "rgb(26, 29, 33)", "dark": "rgb(238, 241, 244)"}
_SETTLED = """ink => getComputedStyle(document.querySelector('.stApp')).color === ink
  && document.getAnimations().every((one) => one.playState === 'finished' || one instanceof CSSAnimation)"""


def test_every_control_has_a_name_and_every_text_can_be_read(screen: Screen) -> None:
    """On each of the seven pages screen readers find a word for each control, and texts reach AA, light and dark."""
    frame = screen.open()
    faults = {}
    for name in ("boundary", "network", "coverage", "patrol", "whose", "papers", "meeting"):
        if name != "boundary":
            screen.go(name)
        screen.page.wait_for_function(
            "name => new URL(location.href).searchParams.get('page') === name"
            " && !document.querySelector('[data-testid=stSpinner], [data-testid=stSkeleton]')",
            arg=name,
        )
        frame = screen.frame()
        found = nameless_controls(screen.page)
        for scheme in ("dark", "light"):
            screen.page.emulate_media(color_scheme=scheme)
            screen.page.wait_for_function(_SETTLED, arg=_INK[scheme])
            found += [f"{scheme} {text}" for text in (*faint_texts(screen.page), *faint_texts(frame))]
        faults[name] = found
    assert {name: found for name, found in faults.items() if found} == {}


def test_the_switch_in_the_rail_outdoes_the_system(screen: Screen) -> None:
    """Auto, light and dark go round; dark is dark on a light system, the map's ground too, and the map stays loaded."""
    frame = screen.open()
    frame.evaluate("window.kept = window.map")
    for _ in ("light", "dark"):
        screen.press("switch_scheme")
    screen.page.wait_for_function("new URL(location.href).searchParams.get('theme') === 'dark'")
    frame.wait_for_function("window.map._roadseam.layers.at(-1)._file?.isDark === true")
    ground = "getComputedStyle(document.querySelector('.roadseam-map')).backgroundColor"
    assert frame.evaluate(ground) == "rgb(20, 24, 29)"
    assert frame.evaluate("window.kept === window.map")
    card = "getComputedStyle(document.querySelector('.st-key-card')).backgroundColor"
    assert screen.page.evaluate(card) == "rgb(29, 34, 41)"
