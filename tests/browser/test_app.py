"""The screens in a real browser, on the demo district: open, click, decide, cover, plan, switch the language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from plan.demo import demo_plan
from plan.doctor import examine_plan
from plan.model import Plan
from tests.browser.screens import FRAME, Screen, serve
from tests.sketches import expressway_with_ramp
from views.pictures.points import NOT_OURS
from views.search import middle_of_segment

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(repo_root: Path) -> Iterator[str]:
    """Start the app with the demo district."""
    with serve(repo_root) as address:
        yield address


@pytest.fixture(scope="module")
def demo() -> Plan:
    """Return the demo district, to know what lies where."""
    return demo_plan()


@pytest.fixture
def screen(page: Page, server: str, outside: list[str], errors: list[str]) -> Iterator[Screen]:
    """Return a screen; at its end nothing was asked of the outside and no script failed."""
    screen = Screen(page, server)
    yield screen
    print(f"clicks repeated: {screen.retries}")
    assert outside == []
    assert errors == []


def test_demo_opens_and_fills_the_window(screen: Screen) -> None:
    """The demo opens at once, the map takes two thirds of the window, and nothing has to be scrolled."""
    frame = screen.open()
    width, height = frame.evaluate("[innerWidth, innerHeight]")
    assert width >= 0.65 * 1280
    assert height >= 720 - 48 - 40
    assert frame.evaluate("document.getElementById('map_div').getBoundingClientRect().height") == height
    rooms = "e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
    assert screen.page.locator("html").evaluate(rooms) == [0, 0]
    assert screen.page.locator("[data-testid='stMain']").evaluate(rooms) == [0, 0]
    assert screen.page.locator("[data-testid='stHeader']").is_hidden()


def test_a_click_explains_station_and_road_and_keeps_the_map(screen: Screen, demo: Plan) -> None:
    """A click on a station, then on a road, says what it is and why; the map keeps its view and is never loaded again."""
    frame = screen.open()
    frame.evaluate("window.kept = window.map")
    stations = [s for s in demo.network.stations if s.kind not in NOT_OURS]
    station = next(s for s in stations if len(s.names) == 2)
    screen.show_place(station.lon, station.lat, 13)
    screen.click_thing(station.id, "改变此界点需否定")
    assert station.name in screen.card()
    network = demo.derived.network
    row = max(
        range(len(network.segments)), key=lambda k: network.segments.length_mm[k] * (network.segment_class[k] == 0)
    )
    screen.show_place(*middle_of_segment(network, row), 14)
    screen.click_thing(network.segment_ids[row], network.segment_ids[row])
    assert "距界点" in screen.card()
    assert frame.evaluate("window.kept === window.map && window.map.getZoom() === 14")
    for name in ("coverage", "network", "boundary"):
        screen.go(name)
        expect(screen.page.locator(f".st-key-go_{name} button[kind='primary']")).to_be_visible()
    screen.wait_card("距界点")
    assert frame.evaluate("window.kept === window.map && window.map.getZoom() === 14")


def test_switching_the_convention_moves_kilometres(screen: Screen) -> None:
    """A preview leaves the ledger alone, adopting moves it, Ctrl+Z brings it back."""
    frame = screen.open()
    before = screen.ledger()
    screen.press("preview_ramp_end")
    frame.wait_for_function("window.map._roadseam.layers.at(-1)._file?.tables.some((t) => t.key === 'moved')")
    assert screen.ledger() == before
    screen.press("adopt_ramp_end")
    screen.page.wait_for_function("before => document.querySelector('.st-key-ledger').innerText !== before", arg=before)
    expect(screen.page.locator(".rs-plan")).to_contain_text("未保存")
    screen.page.locator(".rs-plan").click()
    screen.page.keyboard.press("Control+z")
    screen.page.wait_for_function("before => document.querySelector('.st-key-ledger').innerText === before", arg=before)


def test_before_key_shows_the_plan_without_the_last_decision(screen: Screen) -> None:
    """After a decision the key B shows the map as it was, as long as it is held."""
    frame = screen.open()
    screen.press("adopt_ramp_end")
    frame.wait_for_function("window.map._roadseam.layers.at(-1)._file?.tables.some((t) => t.before)")
    frame.locator("#map_div").focus()
    screen.page.keyboard.down("b")
    assert frame.evaluate("window.map._roadseam.before") is True
    screen.page.keyboard.up("b")
    assert frame.evaluate("window.map._roadseam.before") is False
    screen.press("undo")
    expect(screen.page.locator(".rs-plan")).to_contain_text("未改动")


def test_coverage_changes_with_limit_and_units(screen: Screen) -> None:
    """The coverage has a picture of its own; a shorter limit reaches less."""
    frame = screen.open("coverage")
    frame.wait_for_function("window.map._roadseam.layers.at(-1)._file?.tables.some((t) => t.key === 'coverage')")
    before = screen.card()
    handle = screen.page.locator(".st-key-limit_slider input[type='range']")
    handle.focus()
    for _ in range(5):
        handle.press("ArrowLeft")
    screen.page.wait_for_function("before => document.querySelector('.st-key-card').innerText !== before", arg=before)
    screen.wait_card("均不可达")


def test_whose_road_answers_typed_places_and_clicks(screen: Screen, demo: Plan) -> None:
    """A typed place is answered in one sentence, and so is a click on the map."""
    screen.open("whose")
    box = screen.page.locator(".st-key-where input")
    box.fill("118.6503,31.2742")
    box.press("Enter")
    screen.wait_card("请核实")
    station = next(s for s in demo.network.stations if s.name == "柳汀收费站")
    screen.show_place(station.lon, station.lat, 15)
    frame = screen.page.locator("iframe").bounding_box()
    assert frame is not None
    screen.page.mouse.click(frame["x"] + frame["width"] * 0.6, frame["y"] + frame["height"] * 0.6)
    screen.page.wait_for_function("!document.querySelector('.st-key-card').innerText.includes('118.650300')")
    screen.wait_card("WGS-84")


def test_language_switch_turns_screen_and_legend(screen: Screen) -> None:
    """The language switch turns page, card and the map's legend, and the address remembers it."""
    screen.open()
    screen.press("switch_language")
    screen.wait_card("Stations")
    expect(screen.page.locator(FRAME)).to_have_count(1)
    legend = screen.page.locator(FRAME).last.content_frame.locator(".roadseam-legend")
    expect(legend).to_contain_text("Seam at a station", timeout=30_000)
    assert "lang=en" in screen.page.url
    assert "Ordinary" in screen.ledger()


def test_findings_lead_to_their_place(screen: Screen, demo: Plan) -> None:
    """The doctor's first finding zooms the map to its place and is explained; N goes on to the next place."""
    frame = screen.open("network")
    canvas = screen.page.locator(
        ".st-key-tray [data-testid='stDataFrameResizable'], .st-key-tray [data-testid='stDataFrame']"
    )
    canvas.first.click(position={"x": 17, "y": 52})
    finding = examine_plan(demo)[0]
    screen.wait_card(finding.message[:12])
    frame.wait_for_function("window.map.getZoom() > 15")
    screen.wait_card(f"第 1 / {len(finding.places)} 处")
    screen.page.keyboard.press("n")
    screen.wait_card(f"第 2 / {len(finding.places)} 处")


def test_an_upload_is_read_under_our_own_name(screen: Screen) -> None:
    """Fault 45: a map with a hostile file name is read, its name is used nowhere; what is no map gives one sentence."""
    screen.open("network")
    screen.choose("network_tab", "① 数据来源")
    xml = expressway_with_ramp().xml().encode()
    name = "../../{{ 7*7 }}<img src=x onerror=alert(1)>.osm"
    upload = screen.page.locator(".st-key-upload input[type='file']")
    upload.set_input_files([{"name": name, "mimeType": "text/xml", "buffer": xml}])
    screen.press("read")
    screen.wait_card("upload.osm")
    assert "49" not in screen.page.locator(".rs-plan").inner_text()
    screen.choose("network_tab", "① 数据来源")
    upload.set_input_files([{"name": "map.osm", "mimeType": "text/xml", "buffer": b"<html>no map</html>"}])
    screen.press("read")
    screen.wait_card("不能使用")
