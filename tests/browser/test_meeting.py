"""A meeting in a real browser: two disputes settled and signed by keyboard and hand, one reserved, nothing scrolled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, Frame, Page, expect

from tests.browser.screens import FRAME, serve

pytestmark = pytest.mark.browser

_SMALL = """(least) => [...document.body.querySelectorAll('*')].filter((e) => {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const box = e.getBoundingClientRect();
  return own && box.width > 1 && box.height > 1 && getComputedStyle(e).visibility === 'visible'
    && !['STYLE', 'SCRIPT', 'NOSCRIPT'].includes(e.tagName) && !e.closest('[data-testid="stIconMaterial"]')
    && parseFloat(getComputedStyle(e).fontSize) < least;
}).map((e) => `${e.textContent.trim().slice(0, 30)} ${getComputedStyle(e).fontSize}`)"""
_NAMELESS = """() => [...document.querySelectorAll('button, input, textarea, [role="combobox"], [role="radio"]')].filter((e) =>
  e.offsetParent !== null && e.tabIndex >= 0 && !(e.getAttribute('aria-label') || e.innerText || e.labels?.length || e.title
    || e.getAttribute('aria-labelledby')) && e.type !== 'hidden').map((e) => e.outerHTML.slice(0, 160))"""
_TWO = """() => window.map && window.map_div2 && window.map._roadseam?.layers.at(-1)?._file
  && window.map_div2._roadseam?.layers.at(-1)?._file && Math.abs(window.map.getCenter().lng - window.map_div2.getCenter().lng) < 1e-6
  && window.map.getZoom() === window.map_div2.getZoom()"""


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Wait longer for what a meeting prices: six splits of a district."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def server(repo_root: Path) -> Iterator[str]:
    """Start the app with the demo district."""
    with serve(repo_root) as address:
        yield address


@pytest.fixture
def screen(page: Page, server: str, outside: list[str], errors: list[str]) -> Iterator[Page]:
    """Open the meeting; at its end nothing was asked of the outside and no script failed."""
    page.set_default_timeout(45_000)
    page.goto(f"{server}/?page=meeting&lang=zh")
    expect(page.locator(".st-key-meet_agree button")).to_be_visible(timeout=60_000)
    both_maps(page)
    yield page
    assert outside == []
    assert errors == []


def both_maps(page: Page) -> Frame:
    """Return the frame of the two maps once both have drawn the same place."""
    handle = page.wait_for_selector(f".st-key-meet_maps {FRAME}")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function(_TWO)
    return frame


def press(page: Page, key: str) -> None:
    """Press a button by its key."""
    page.locator(f".st-key-{key} button:visible").first.click()


def is_readable(page: Page) -> bool:
    """Whether no text is below 20 px on the screen or below 18 px on its maps; the last row sits six metres away."""
    small = page.evaluate(_SMALL, 20)
    for frame in page.frames[1:]:
        try:
            small += frame.evaluate(_SMALL, 18)
        except Error:
            # A map that is leaving the page shows no text any more; any other trouble is one.
            if not frame.is_detached():
                raise
    assert small == []
    return not small


def agree(page: Page, option: int) -> str:
    """Choose an option by its number and agree on it; return the minute line."""
    page.locator(f".st-key-meet_pick_{option} button").click()
    expect(page.locator(f".st-key-meet_card_on_{option}")).to_be_visible()
    press(page, "meet_agree")
    expect(page.locator(".st-key-meet_office_0 input")).to_have_value(re.compile("大队"))
    page.locator(".st-key-meet_document input").fill("联席纪要〔2026〕11号")
    assert is_readable(page)
    press(page, "meet_write")
    line = page.locator(".rs-meet-minute")
    expect(line).to_contain_text("议定")
    assert is_readable(page)
    return line.inner_text()


def test_a_meeting_closes_two_disputes_and_signs(screen: Page) -> None:
    """Both disputes are agreed on, each line of the minutes is shown at once, and the list ends with the head hash."""
    assert "东岗收费站" in agree(screen, 1)
    expect(screen.locator(".st-key-chip_0 button:visible").first).to_contain_text("✓")
    press(screen, "meet_on")
    expect(screen.locator(".rs-meet-question")).to_contain_text("北垣")
    expect(screen.locator(".st-key-meet_agree button")).to_be_visible()
    assert "北垣收费站" in agree(screen, 0)
    press(screen, "meet_on")
    expect(screen.locator(".st-key-meet_list")).to_contain_text("同意 2")
    assert is_readable(screen)
    press(screen, "meet_sign_all")
    mark = screen.locator(".rs-meet-hash")
    expect(mark).to_be_visible()
    assert re.fullmatch(r"[0-9a-f]{12}", mark.inner_text())
    assert float(mark.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 44
    expect(screen.locator(".st-key-sign_number")).to_have_count(0)
    with screen.expect_download() as waiting:
        press(screen, "meet_print")
    assert waiting.value.suggested_filename == "minutes.docx"
    assert waiting.value.path().read_bytes()[:2] == b"PK"
    press(screen, "meet_undo")
    expect(mark).to_have_count(0)


def test_a_dispute_is_reserved_by_keyboard_alone(screen: Page) -> None:
    """N and P turn the items, Tab and Enter reach every control, and a reserved item says why in its line."""
    keys = screen.keyboard
    keys.press("n")
    expect(screen.locator(".rs-meet-question")).to_contain_text("北垣")
    keys.press("p")
    expect(screen.locator(".rs-meet-question")).to_contain_text("东岗")
    expect(screen.locator(".st-key-meet_reserve button")).to_be_visible()
    button = screen.locator(".st-key-meet_reserve button")
    for _ in range(60):
        keys.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    keys.press("Enter")
    reason = screen.locator(".st-key-meet_reason input")
    expect(reason).to_be_visible()
    for _ in range(60):
        keys.press("Tab")
        if reason.evaluate("e => e === document.activeElement"):
            break
    keys.type("待界桩资料")
    keys.press("Enter")
    expect(screen.locator(".rs-meet-minute")).to_contain_text("待界桩资料")
    expect(screen.locator(".st-key-chip_0 button:visible").first).to_contain_text("保留")
    keys.press("Control+z")
    expect(screen.locator(".rs-meet-minute")).to_have_count(0)


def test_a_projector_shows_it_all(screen: Page) -> None:
    """At 1280 x 720 nothing is scrolled away, text has 20 px and lines 5, controls have names, both maps move as one."""
    frame = both_maps(screen)
    box = screen.locator(".st-key-meet_maps").bounding_box()
    assert box is not None
    assert box["height"] >= 320
    assert box["width"] == 1280
    for key in ("meet_strip", "meet_title", "meet_foot"):
        part = screen.locator(f".st-key-{key}")
        assert part.evaluate("e => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]") == [0, 0], key
    assert is_readable(screen)
    assert screen.evaluate(_NAMELESS) == []
    width = "l => Roadseam.lineWidth(l._view, l._file.tables.find((t) => t.key === 'claimed').head.styles[0], 7)"
    assert frame.evaluate(f"({width})(window.map._roadseam.layers.at(-1))") >= 5
    for k in range(2):
        screen.locator(".st-key-meet_grounds button").nth(k).click()
        expect(screen.locator("[data-testid='stPopoverBody'] .rs-meet-text").first).to_be_visible()
        assert is_readable(screen)
        screen.locator(".st-key-meet_grounds button").nth(k).click()
    frame.evaluate("void window.map.setView([31.28, 118.65], 15, { animate: false })")
    frame.wait_for_function(_TWO)
    screen.locator(".st-key-meet_view button").nth(1).click()
    one = screen.wait_for_selector(f".st-key-meet_maps {FRAME}")
    assert one is not None
    expect(screen.locator(".st-key-meet_label_left")).to_contain_text("相差")
