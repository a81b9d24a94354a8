"""Story: the patrol leader plans a day, gives a task to another crew after seeing the price, and prints the sheet."""

from __future__ import annotations

import zipfile
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


def test_a_crew_sheet_is_printed(page: Page, server: str, outside: list[str], errors: list[str]) -> None:
    """Plan with few iterations, choose a stop in the timetable, give it away, take the sheet of the crew that has it."""
    screen = Screen(page, server)
    frame = screen.open("patrol")
    screen.choose("patrol_tab", "排班")
    page.get_by_role("spinbutton", name="求解步数").fill("20")
    page.keyboard.press("Enter")
    screen.press("run")
    stops = page.locator(".gantt button.block.work")
    expect(page.locator(".st-key-next_papers")).to_be_visible(timeout=60_000)
    frame.wait_for_function("window.map._roadseam.layers.at(-1)._file?.tables.some((t) => t.key === 'stops')")
    assert "45 / 45 个目标" in screen.card()
    assert "20 · 1" in screen.card()

    stop = page.locator(".gantt button.block.work[data-task='T27']")
    stop.click()
    screen.wait_card("S278茶亭段建筑控制区")
    frame.wait_for_function("window.map._roadseam.selected?.id === 'T27'")
    expect(stop).to_have_class("block work chosen", timeout=30_000)
    screen.wait_card("独立复核通过")
    price = screen.card().partition("改派给")[2]
    assert "min" in price
    assert "km" in price
    taker = page.locator(".st-key-give").inner_text().removeprefix("改派给")
    screen.press("give")
    screen.wait_card(f"已把“S278茶亭段建筑控制区”改派给 {taker}")
    row = page.locator(".gantt .line", has=page.locator("button.name", has_text=taker))
    expect(row.locator("button.block.work[data-task='T27']")).to_be_visible(timeout=30_000)

    page.locator(".gantt button.name", has_text=taker).click()
    screen.wait_card("出发，")
    count = row.locator("button.block.work").count()
    frame.wait_for_function(
        "n => window.map._roadseam.layers.at(-1)._file?.tables.find((t) => t.key === 'stops')?.n === n", arg=count
    )
    page.locator(".st-key-card summary", has_text="勤务单与导航").click()
    expect(page.get_by_role("combobox", name="谁的勤务单")).to_have_value(taker, timeout=30_000)
    with page.expect_download(timeout=60_000) as sheet:
        screen.press("sheet_docx")
    assert zipfile.ZipFile(sheet.value.path()).testzip() is None
    assert sheet.value.suggested_filename.endswith(".docx")

    screen.press("undo_change")
    expect(page.locator(".st-key-undo_change")).to_have_count(0, timeout=30_000)
    expect(stops).to_have_count(45, timeout=30_000)
    assert (outside, errors) == ([], [])
