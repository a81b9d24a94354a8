"""A real browser for the tests that need one; every request that leaves the machine is stopped and written down."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, Route, sync_playwright

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
LOCAL = {"127.0.0.1", "localhost"}


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, or ``None``."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start one browser for the whole run; skip where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium, or run `python3 run.py test` as root")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        except Error as error:
            pytest.skip(f"Chromium at {Path(path).name} does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def outside() -> list[str]:
    """Return the addresses outside this machine that the page asked for; none of them was answered."""
    return []


@pytest.fixture
def errors() -> list[str]:
    """Return the script errors of the page."""
    return []


@pytest.fixture
def page(chromium: Browser, outside: list[str], errors: list[str]) -> Iterator[Page]:
    """Open a page of 1280 x 720 that reaches this machine only."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")

    def stop_outside(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"file", "data", "blob"} or address.hostname in LOCAL:
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", stop_outside)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
