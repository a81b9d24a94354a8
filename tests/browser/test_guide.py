"""The pictures of the user guide, taken from the real app on the demo district in both languages."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.screens import FRAME, Screen, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLOURS, LARGEST_BYTES = 128, 150_000
BUSY = "[data-testid='stSpinner'], [data-testid='stStatusWidgetRunningIcon'], [data-testid='stSkeleton']"


@pytest.fixture
def album(repo_root: Path, tmp_path: Path) -> Path:
    """Return where pictures go: ``docs/images`` where they are wanted anew, else a folder of the test."""
    return repo_root / "docs" / "images" if os.environ.get("ROADSEAM_PICTURES") == "1" else tmp_path


@pytest.fixture(scope="module")
def server(repo_root: Path) -> Iterator[str]:
    """Start the app with the demo district."""
    with serve(repo_root) as address:
        yield address


def settle(screen: Screen) -> None:
    """Wait until nothing is computed or drawn any more."""
    page = screen.page
    page.wait_for_function(f"!document.querySelector({BUSY!r})", timeout=60_000)
    if page.locator(FRAME).count():
        screen.frame()
    page.evaluate("document.fonts.ready")
    page.wait_for_function(
        """() => new Promise((done) => {
          let quiet = setTimeout(() => done(true), 1200);
          new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(() => done(true), 1200); })
            .observe(document.body, { childList: true, subtree: true, characterData: true });
        })"""
    )


def show_boundary(screen: Screen) -> None:
    """Choose a toll station: the map goes there, the card says why its seams lie where they lie."""
    screen.page.locator(".st-key-card").get_by_text("东岗收费站").first.click()
    screen.wait_card("改变此界点需否定" if "lang=zh" in screen.page.url else "must be overturned")


def show_patrol(screen: Screen) -> None:
    """Plan the day."""
    screen.press("run")
    screen.page.locator(".gantt .line").nth(1).wait_for(timeout=60_000)


def show_answer(screen: Screen) -> None:
    """Ask for a stake."""
    box = screen.page.locator(".st-key-where input")
    box.fill("G98 上行K230+000")
    box.press("Enter")
    screen.wait_card("K230")


def nothing(_screen: Screen) -> None:
    """Show the screen as it opens."""


SHOTS: dict[str, Callable[[Screen], None]] = {
    "network": nothing,
    "boundary": show_boundary,
    "coverage": nothing,
    "patrol": show_patrol,
    "meeting": nothing,
    "whose": show_answer,
    "papers": nothing,
}
"""Screen and what is done on it before its picture is taken."""


def to_palette(png: bytes) -> bytes:
    """Return a picture with 128 colours, as small as PNG makes it."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", SHOTS)
def test_a_picture_of_the_guide(page: Page, server: str, album: Path, name: str, language: str) -> None:
    """Each screen of the guide is photographed at 1280 × 720, fits 150 kB, and shows something.

    With ``ROADSEAM_PICTURES=1`` the picture takes its place in ``docs/images``.
    """
    screen = Screen(page, server)
    page.goto(f"{server}/?page={name}&lang={language}&tour=0")
    page.wait_for_selector(".stApp [data-testid='stMarkdownContainer']")
    if name != "meeting":
        screen.frame()
    settle(screen)
    SHOTS[name](screen)
    settle(screen)
    png = to_palette(page.screenshot())
    path = album / f"{name}-{language}.png"
    path.write_bytes(png)
    assert 10_000 < len(png) <= LARGEST_BYTES
