"""A planner settles a boundary in a real browser: compares, adopts, drags a seam, agrees, locks, undoes, saves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from plan.model import Plan
from plan.planfile import open_book, save_plan
from tests.browser.screens import FRAME, Screen, serve
from tests.sketches import expressway_with_ramp

pytestmark = pytest.mark.browser

_PLACE = """([track, place]) => {
  const [lat, lng] = window.__roadseam.drag._data.tracks[track].places[place], p = window.map.latLngToContainerPoint([lat, lng]);
  return [p.x, p.y];
}"""
_HELD = "() => window.__roadseam.drag && window.__roadseam.drag._at && window.__roadseam.drag._at.join(':')"


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Wait longer than for a text that is there already."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plan file of an expressway with one toll station."""
    folder = tmp_path_factory.mktemp("office")
    path = folder / "office.gpkg"
    save_plan(path, Plan(expressway_with_ramp().load(folder), title="界点"))
    return path


@pytest.fixture(scope="module")
def server(repo_root: Path, office: Path) -> Iterator[str]:
    """Start the app with that plan."""
    with serve(repo_root, office) as address:
        yield address


@pytest.fixture
def screen(page: Page, server: str, outside: list[str], errors: list[str]) -> Iterator[Screen]:
    """Return a screen; at its end nothing was asked of the outside and no script failed."""
    screen = Screen(page, server)
    yield screen
    assert outside == []
    assert errors == []


def take_up(screen: Screen) -> Frame:
    """Select the station in the list, take its weakest seam up, and return the map's frame with the handle on it."""
    screen.page.locator("[class*='st-key-row_']").get_by_text("梅坞收费站").first.click()
    screen.wait_card("改变此界点需否定")
    screen.press("drag_from_card")
    frame = screen.frame()
    frame.wait_for_selector(".roadseam-handle")
    screen.wait_card("沿路位置")
    return frame


def pull(screen: Screen, frame: Frame, at: tuple[int, int]) -> None:
    """Drag the handle to a place of its tracks, past places where no seam may lie."""
    box = screen.page.locator(FRAME).bounding_box()
    handle = frame.locator(".roadseam-handle").bounding_box()
    assert box is not None
    assert handle is not None
    x, y = frame.evaluate(_PLACE, list(at))
    mouse = screen.page.mouse
    mouse.move(handle["x"] + 16, handle["y"] + 16)
    mouse.down()
    mouse.move(box["x"] + x + 9, box["y"] + y + 40)
    mouse.move(box["x"] + x, box["y"] + y)
    assert frame.evaluate(_HELD) == f"{at[0]}:{at[1]}"
    mouse.up()


def test_a_planner_settles_a_boundary(screen: Screen, office: Path) -> None:
    """Options are compared and one adopted; a seam is dragged, its numbers follow, it is agreed on, locked and saved."""
    page = screen.page
    screen.open()
    ledger = screen.ledger()
    expect(page.locator(".st-key-option_other_ramp_end")).to_contain_text("km")
    screen.press("preview_ramp_end")
    screen.frame().wait_for_function("window.map._roadseam.layers.at(-1)._file?.tables.some((t) => t.key === 'moved')")
    assert screen.ledger() == ledger
    screen.press("adopt_ramp_end")
    page.wait_for_function("before => document.querySelector('.st-key-ledger').innerText !== before", arg=ledger)
    adopted = screen.ledger()
    frame = take_up(screen)
    pull(screen, frame, (0, 5))
    screen.wait_card("移到这里的后果")
    expect(page.locator(".st-key-option_preview_agreed")).to_contain_text("0.06")
    expect(page.locator(".st-key-drag_from_card")).to_have_count(0)
    page.locator(".st-key-drag_why input").fill("现场核对")
    screen.press("drag_agree_write")
    expect(page.locator(".st-key-option_now_agreed")).to_be_visible()
    screen.wait_card("撤回商定")
    agreed = screen.ledger()
    assert agreed != adopted
    screen.press("lock_one")
    screen.wait_card("已锁定")
    expect(page.locator(".st-key-undo")).to_contain_text("1")
    screen.press("undo")
    expect(page.locator(".st-key-redo")).to_contain_text("1")
    screen.press("redo")
    expect(page.locator(".st-key-undo")).to_contain_text("1")
    page.wait_for_function("before => document.querySelector('.st-key-ledger').innerText === before", arg=agreed)
    screen.press("save")
    expect(page.locator(".rs-plan")).to_contain_text("已保存")
    saved = open_book(office).plan.decisions
    assert {d.kind for d in saved} == {"choose_convention", "place_seam"}


def test_a_handle_answers_to_keys_and_escape(screen: Screen) -> None:
    """The handle is a slider: arrows step along the road, Enter asks for the numbers, Esc puts the seam down."""
    screen.open()
    frame = take_up(screen)
    handle = frame.locator(".roadseam-handle")
    handle.focus()
    for _ in range(3):
        handle.press("ArrowLeft")
    assert handle.get_attribute("role") == "slider"
    assert (handle.get_attribute("aria-valuetext") or "").endswith(" m")
    handle.press("Enter")
    screen.wait_card("移到这里的后果")
    frame.locator(".roadseam-handle").press("Escape")
    screen.wait_card("沿路移动界点")
    expect(frame.locator(".roadseam-handle")).to_have_count(0)
