"""The map in a real browser: first roads, click to card, zoom frames, heap, exported pages, up to 200,000 segments.

Run from the repository: ``python benchmarks/browser.py [--only NAME …] [--runs N] [--clicks N]``. Needs Chromium; it
runs without a GPU, the server is warm (one opening before counts for nothing), and every request that leaves the
machine is stopped and counted. The demo district, and the same laid side by side 4 and 16 times (52,932 and 211,728
segments, stations and seams included), opened as plan files.

* first roads: from navigation until the map has painted its first roads;
* click -> card: from the mouse button until the side card names the road clicked, a click every time on another road;
* zoom frame: the longest time between two frames over six turns of the wheel;
* heap: used JavaScript heap of the whole tab after a collection, and with it all typed arrays of the map;
* clicks lost: clicks at places where the map knows a road, whose card never came.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Frame, Page, Route, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.plan import large_plan
from plan.demo import demo_plan
from plan.model import Plan
from plan.planfile import save_plan
from tests.browser.screens import FRAME, Screen, serve

COPIES = {"demo": 1, "50,000": 4, "200,000": 16}
BAR_FIRST_S = {"demo": 2.0, "50,000": 3.0, "200,000": 5.0}
BAR_HTML_MB = {"demo": 1.0, "50,000": 2.0, "200,000": 7.0}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
LOCAL = {"127.0.0.1", "localhost"}
ZOOM = 14.5

WAIT_CARD = "text => document.querySelector('.st-key-card')?.innerText.includes(text)"
TARGETS = """(wanted) => {
  const map = window.map, state = map._roadseam, layer = state.layers[state.layers.length - 1];
  const table = layer._file.tables.find((one) => one.kind === 'segment'), found = [];
  const view = layer._view, step = Math.max(1, Math.floor(table.n / 50000));
  const inside = map.getSize(), margin = 10;
  for (let row = 0; row < table.n && found.length < wanted; row += step) {
    const k = table.ptr[row];
    const x = (table.x[k] + table.x[k + 1]) / 2, y = (table.y[k] + table.y[k + 1]) / 2;
    if (x < view.left || x > view.right || y < view.top || y > view.bottom) continue;
    const place = map.unproject(L.point(x * 256, y * 256), 0), at = map.latLngToContainerPoint(place);
    if (at.x < margin || at.y < margin || at.x > inside.x - margin || at.y > inside.y - margin) continue;
    const top = document.elementFromPoint(at.x, at.y);
    if (!top || (top !== map.getContainer() && !top.closest('.leaflet-pane'))) continue;
    const hit = layer.hit(map.containerPointToLatLng(at.round()));
    if (hit && hit.table === table && hit.row === row) found.push([Math.round(at.x), Math.round(at.y), table.id(row)]);
  }
  return found;
}"""
IS_BARE = "([x, y]) => document.elementFromPoint(x, y)?.tagName === 'IFRAME'"
WATCH_FRAMES = """() => {
  const seen = window.__frames = []; let last = performance.now(), on = true;
  const tick = (now) => { seen.push(now - last); last = now; if (on) requestAnimationFrame(tick); };
  requestAnimationFrame(tick); window.__stop_frames = () => { on = false; };
}"""
ARRAYS = """() => {
  const seen = new Set(); let sum = 0;
  const walk = (thing, depth) => {
    if (!thing || typeof thing !== 'object' || seen.has(thing) || depth > 6) return;
    seen.add(thing);
    if (ArrayBuffer.isView(thing)) {
      if (!seen.has(thing.buffer)) sum += thing.buffer.byteLength;
      seen.add(thing.buffer);
      return;
    }
    if (thing instanceof Node || thing === window) return;
    for (const value of thing instanceof Map ? thing.values() : Object.values(thing)) walk(value, depth + 1);
  };
  const map = window.map || window.__roadseam.map;
  for (const layer of map._roadseam.layers) walk(layer._file, 0);
  return sum;
}"""


@dataclass
class Row:
    """One line of the table."""

    what: str
    bar: str
    measured: str
    is_met: bool


@dataclass
class Bench:
    """The browser, the plans, and what was found."""

    browser: Browser
    folder: Path
    runs: int
    clicks: int
    rows: list[Row] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)

    def add(self, what: str, bar: str, measured: str, *, is_met: bool) -> None:
        """Print a line at once and keep it."""
        self.rows.append(Row(what, bar, measured, is_met))
        print(f"| {what} | {bar} | {measured}{'' if is_met else ', **missed**'} |", flush=True)

    def plan(self, size: str) -> Plan:
        """Return the plan of a size."""
        if size not in self.plans:
            self.plans[size] = demo_plan() if size == "demo" else large_plan(COPIES[size])
        return self.plans[size]

    def plan_file(self, size: str) -> Path | None:
        """Return a plan file of a size; the demo district needs none."""
        if size == "demo":
            return None
        path = self.folder / f"plan{COPIES[size]}.gpkg"
        if not path.exists():
            save_plan(path, self.plan(size))
        return path

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Open a tab that reaches this machine only."""
        context = self.browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")

        def stop_outside(route: Route) -> None:
            address = urlsplit(route.request.url)
            if address.scheme in {"file", "data", "blob"} or address.hostname in LOCAL:
                route.continue_()
            else:
                self.outside.append(route.request.url)
                route.abort()

        context.route("**/*", stop_outside)
        page = context.new_page()
        page.set_default_timeout(180_000)
        yield page
        context.close()


def percentile(values: list[float], share: float) -> float:
    """Return a percentile by the nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))]


def ms(values: list[float]) -> str:
    """Return p50 and p95 of seconds."""
    middle, high = statistics.median(values) * 1000, percentile(values, 0.95) * 1000
    return f"p50 {middle:.0f} ms, p95 {high:.0f} ms (n = {len(values)})"


def time_opening(bench: Bench, screen: Screen, size: str) -> Frame:
    """Measure navigation to roads; the first opening warms the server."""
    screen.open()
    times = []
    for _ in range(bench.runs):
        screen.page.goto("about:blank")
        begun = time.perf_counter()
        frame = screen.open()
        times.append(time.perf_counter() - begun)
    bar = BAR_FIRST_S[size]
    bench.add(f"first roads, {size}", f"< {bar:.0f} s", ms(times), is_met=percentile(times, 0.95) < bar)
    return frame


def click_roads(screen: Screen, wanted: int) -> tuple[list[float], int]:
    """Click on so many roads; return seconds to the card, and how many never came."""
    page, frame = screen.page, screen.frame()
    frame.evaluate("(zoom) => void window.map.setZoom(zoom, { animate: false })", ZOOM)
    page.wait_for_timeout(800)
    box = page.locator(FRAME).bounding_box()
    assert box is not None
    targets = [
        spot
        for spot in frame.evaluate(TARGETS, 120)
        if page.evaluate(IS_BARE, [box["x"] + spot[0], box["y"] + spot[1]])
    ]
    times, lost = [], 0
    for turn in range(wanted):
        x, y, ident = targets[turn % len(targets)]
        begun = time.perf_counter()
        page.mouse.click(box["x"] + x, box["y"] + y)
        try:
            page.wait_for_function(WAIT_CARD, arg=ident, timeout=8_000, polling="raf")
        except TooLate:
            lost += 1
        else:
            times.append(time.perf_counter() - begun)
    return times, lost


def time_zoom(frame: Frame, page: Page, place: tuple[float, float]) -> list[float]:
    """Return the frame times over six turns of the wheel, seconds."""
    page.mouse.move(*place)
    frame.evaluate(WATCH_FRAMES)
    for turn in (-1, -1, -1, 1, 1, 1):
        page.mouse.wheel(0, 180 * turn)
        page.wait_for_timeout(900)
    frame.evaluate("window.__stop_frames()")
    return [value / 1000 for value in frame.evaluate("window.__frames")]


def used_heap(page: Page, frame: Frame) -> tuple[float, float]:
    """Return the used heap of the tab and the bytes of the map's typed arrays, MB."""
    client = page.context.new_cdp_session(page)
    client.send("HeapProfiler.collectGarbage")
    used = float(frame.evaluate("performance.memory.usedJSHeapSize"))
    return used / 1e6, float(frame.evaluate(ARRAYS)) / 1e6


def measure_app(bench: Bench, size: str) -> None:
    """Measure the app on a plan of a size."""
    with serve(ROOT, bench.plan_file(size)) as address, bench.page() as page:
        screen = Screen(page, address)
        page.set_default_timeout(180_000)
        frame = time_opening(bench, screen, size)
        box = page.locator(FRAME).bounding_box()
        assert box is not None
        frames = time_zoom(frame, page, (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
        bench.add(
            f"longest zoom frame, app, {size}",
            "< 500 ms" if size != "200,000" else "–",
            f"longest {max(frames) * 1000:.0f} ms, {ms(frames)}",
            is_met=size == "200,000" or max(frames) < 0.5,
        )
        times, lost = click_roads(screen, bench.clicks if size == "50,000" else min(60, bench.clicks))
        p95 = percentile(times, 0.95)
        bench.add(f"click → card, {size}", "p95 < 600 ms", ms(times), is_met=p95 < 0.6)
        bench.add(f"lost clicks, {size}", "0", f"{lost} of {len(times) + lost}", is_met=lost == 0)
        heap, arrays = used_heap(page, screen.frame())
        bench.add(
            f"heap, app, {size}",
            "< 120 MB" if size == "200,000" else "–",
            f"{heap:.0f} MB, with typed arrays {heap + arrays:.0f} MB",
            is_met=size != "200,000" or heap + arrays < 120,
        )


def measure_export(bench: Bench, size: str) -> None:
    """Measure the exported page of a plan of a size."""
    from views.map import write_html
    from views.pictures.owners import describe, draw_owners

    plan, path = bench.plan(size), bench.folder / f"map{COPIES[size]}.html"
    bytes_written = write_html(path, draw_owners(plan), meta=describe(plan))
    bar = BAR_HTML_MB[size]
    bench.add(
        f"exported page, {size} ({len(plan.derived.network.segments):,} segments)",
        f"< {bar:.0f} MB",
        f"{bytes_written / 1e6:.2f} MB",
        is_met=bytes_written < bar * 1e6,
    )
    with bench.page() as page:
        begun = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_function("window.__roadseam && window.__roadseam.ready")
        opened = time.perf_counter() - begun
        frames = time_zoom(page.main_frame, page, (600, 450))
        heap, arrays = used_heap(page, page.main_frame)
        bench.add(
            f"exported page opened, {size}",
            "–",
            f"roads after {opened * 1000:.0f} ms, longest zoom frame {max(frames) * 1000:.0f} ms, "
            f"heap {heap:.0f} MB, with typed arrays {heap + arrays:.0f} MB",
            is_met=True,
        )


JOBS: dict[str, Callable[[Bench, str], Any]] = {"app": measure_app, "export": measure_export}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(COPIES), choices=list(COPIES), help="sizes")
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--runs", type=int, default=10, help="openings of a size")
    parser.add_argument("--clicks", type=int, default=500, help="clicks at 50,000 segments")
    told = parser.parse_args()
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        bench = Bench(browser, Path(folder), told.runs, told.clicks)
        print("| what | bar | measured |\n|---|---|---|")
        for size in told.only:
            for job in told.jobs:
                JOBS[job](bench, size)
        bench.add("requests outside", "0", str(len(bench.outside)), is_met=not bench.outside)
        browser.close()
    sys.exit(any(not row.is_met for row in bench.rows))


if __name__ == "__main__":
    main()
