"""The real app in a real browser: a server on a free port, and hands that click what a person sees."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page
from playwright.sync_api import TimeoutError as TooLate

FRAME = "iframe[title='streamlit_folium.st_folium']"
_DRAWN = "window.map && window.__roadseam && window.__roadseam.ready && window.__roadseam.drawn > 0"
_SPOT = """(id) => {
  const state = window.map._roadseam, layer = state.layers[state.layers.length - 1], found = layer.find(id);
  const { table, row } = found, map = window.map, origin = map.getPixelOrigin(), view = layer._view;
  if (table.lines) {
    const k = Math.floor((table.ptr[row] + table.ptr[row + 1] - 1) / 2);
    const middle = [0, 1].map((by) => map.project(map.unproject(L.point(table.x[k + by] * 256, table.y[k + by] * 256), 0)));
    const at = middle[0].add(middle[1]).divideBy(2).subtract(origin);
    const place = map.layerPointToContainerPoint(at);
    return [place.x, place.y];
  }
  const spots = view.spots.filter((one) => one.table === table && one.row === row);
  const box = (spots.find((one) => !one.symbol) || spots[0]).box;
  const at = L.point((box[0] + box[2]) / 2 + view.x, (box[1] + box[3]) / 2 + view.y).subtract(origin);
  const place = map.layerPointToContainerPoint(at);
  return [place.x, place.y];
}"""


@contextmanager
def serve(root: Path, plan: Path | None = None) -> Iterator[str]:
    """Start the app on a free port and yield its address."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    environment.pop("ROADSEAM_PLAN", None)
    if plan is not None:
        environment["ROADSEAM_PLAN"] = str(plan)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port=0"]
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        address = next((line.split()[-1] for line in process.stdout if "URL: http" in line), "")
        yield address
        process.kill()


class Screen:
    """One open tab: the page, the map's frame, and how often a click had to be repeated."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.retries = 0
        page.set_default_timeout(60_000)

    def open(self, name: str = "boundary", language: str = "zh") -> Frame:
        """Open a screen and wait until the map has drawn."""
        self.page.goto(f"{self.address}/?page={name}&lang={language}&tour=0")
        return self.frame()

    def frame(self) -> Frame:
        """Return the map's frame once it has drawn."""
        handle = self.page.wait_for_selector(FRAME)
        frame = handle.content_frame() if handle else None
        assert frame is not None
        frame.wait_for_function(_DRAWN)
        return frame

    def go(self, name: str) -> None:
        """Turn to a screen by the rail."""
        self.page.locator(f".st-key-go_{name} button").click()

    def press(self, key: str) -> None:
        """Press a button by its key."""
        self.page.locator(f".st-key-{key} button").first.click()

    def choose(self, key: str, label: str) -> None:
        """Choose one of the tabs of the card."""
        self.page.locator(f".st-key-{key}").get_by_text(label, exact=True).click()

    def click_thing(self, ident: str, expected: str) -> None:
        """Click a road or symbol and wait for a text in the card; a click without answer is repeated and counted."""
        frame = self.frame()
        for attempt in range(3):
            x, y = frame.evaluate(_SPOT, ident)
            box = self.page.locator(FRAME).bounding_box()
            assert box is not None
            self.page.mouse.click(box["x"] + x, box["y"] + y)
            try:
                self.page.wait_for_function(
                    "text => document.querySelector('.st-key-card')?.innerText.includes(text)",
                    arg=expected,
                    timeout=6_000,
                )
            except TooLate:
                self.retries += 1
                if attempt == 2:
                    raise
            else:
                return

    def show_place(self, lon: float, lat: float, zoom: float) -> None:
        """Move the map the way a person does, without telling the app."""
        self.frame().evaluate(
            "([lon, lat, zoom]) => void window.map.setView([lat, lon], zoom, { animate: false })", [lon, lat, zoom]
        )

    def card(self) -> str:
        """Return what the side card says."""
        return self.page.locator(".st-key-card").inner_text()

    def wait_card(self, text: str) -> None:
        """Wait until the side card says something."""
        wanted = "text => document.querySelector('.st-key-card')?.innerText.includes(text)"
        try:
            self.page.wait_for_function(wanted, arg=text)
        except TooLate as error:
            raise AssertionError(f"the card never said {text!r}, it says {self.card()!r}") from error

    def ledger(self) -> str:
        """Return the figures of the ledger bar."""
        return self.page.locator(".st-key-ledger").inner_text()

    def state(self) -> dict[str, Any]:
        """Return what the map's layer reports of itself."""
        return dict(self.frame().evaluate("({ ...window.__roadseam, map: null })"))
