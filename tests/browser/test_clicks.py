"""No click is lost: not before the first picture, not while a layer waits for its file, not one right after the last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_map_click import click_place, open_map, serve_map

pytestmark = pytest.mark.browser

ROADS = ((31.302, "w101/3-4"), (31.304, "w102/5-6"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, repo_root: Path) -> Iterator[str]:
    """Start the small app of the map."""
    with serve_map(tmp_path_factory.mktemp("clicks"), repo_root) as address:
        yield address


class Gate:
    """Keeps back every data file the map asks for, until it is opened."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._is_open = False
        page.route("**/static/plan/**", self._meet)

    def _meet(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        """Let the files through: those that wait, and all that follow."""
        self._is_open = True
        for route in self._held:
            route.continue_()


def expect_answer(page: Page, ident: str) -> None:
    """Wait until the app names a road."""
    expect(page.get_by_text(f'answer {{"kind": "segment", "id": "{ident}"')).to_be_visible(timeout=10_000)


def test_a_click_is_answered_while_the_next_file_loads(page: Page, server: str) -> None:
    """A click while the new layer waits for its file is judged by the picture that is seen, and the choice stays."""
    frame = open_map(page, server)
    gate = Gate(page)
    click_place(page, frame, ROADS[0][0])
    expect_answer(page, ROADS[0][1])
    frame.wait_for_function("window.map._roadseam.layers.length === 1 && !window.map._roadseam.layers[0]._file")
    click_place(page, frame, ROADS[1][0])
    expect_answer(page, ROADS[1][1])
    gate.open()
    frame.wait_for_function("window.map._roadseam.layers[0]._file && window.map._roadseam.last === null")
    assert frame.evaluate("window.map._roadseam.selected.id") == ROADS[1][1]
    assert frame.evaluate("document.querySelectorAll('canvas.roadseam-canvas').length") == 1


def test_a_click_before_the_first_picture_waits_for_it(page: Page, server: str) -> None:
    """A click on a map whose first file is on its way is answered when the file is there."""
    gate = Gate(page)
    page.set_default_timeout(30_000)
    page.goto(server)
    handle = page.wait_for_selector("iframe")
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function("window.map && window.map._roadseam && window.map.getSize().y > 400")
    click_place(page, frame, ROADS[0][0])
    frame.wait_for_function("window.map._roadseam.waiting !== null")
    gate.open()
    expect_answer(page, ROADS[0][1])


def test_forty_clicks_in_a_row_are_forty_answers(page: Page, server: str) -> None:
    """Each click made at the moment the last one was answered gets its own answer, once."""
    frame = open_map(page, server)
    before = frame.evaluate("window.__roadseam.clicks")
    for turn in range(40):
        lat, ident = ROADS[turn % 2]
        click_place(page, frame, lat)
        expect_answer(page, ident)
    assert frame.evaluate("window.__roadseam.clicks") - before == 40
