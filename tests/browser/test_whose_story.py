"""An officer asks whose road, in each of the ways a place comes along, and takes the answers away."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.screens import Screen, serve

pytestmark = pytest.mark.browser
BRIGADE = "高速公路交通综合执法支队澜陵一大队"


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Wait longer for the first answer: the split is made first."""
    expect.set_options(timeout=30_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def server(repo_root: Path) -> Iterator[str]:
    """Start the app with the demo district."""
    with serve(repo_root) as address:
        yield address


@pytest.fixture
def screen(page: Page, server: str, outside: list[str], errors: list[str]) -> Iterator[Screen]:
    """Open the page of questions; at its end nothing was asked of the outside and no script failed."""
    screen = Screen(page, server)
    screen.open("whose")
    yield screen
    assert outside == []
    assert errors == []


def ask(screen: Screen, text: str, answer: str) -> None:
    """Type into the box and wait for the sentence in large type."""
    box = screen.page.locator(".st-key-where input")
    box.fill(text)
    box.press("Enter")
    expect(screen.page.locator(".rs-answer")).to_contain_text(answer)


def photograph() -> bytes:
    """Return a photograph with a place in its EXIF data."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (31.2862, 0.0, 0.0), 3: "E", 4: (118.5687, 0.0, 0.0)})
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_an_officer_asks_whose_road(screen: Screen) -> None:
    """Stake, station, coordinates, sentence and photograph are answered in one sentence; the letter is a Word file."""
    page = screen.page
    ask(screen, "G98 上行K230+000", f"归{BRIGADE}（G98 上行K230+000")
    ask(screen, "东岗收费站", "请核实：距界点")
    ask(screen, "118.5687,31.2862", "K214")
    page.locator(".st-key-card summary").filter(has_text="坐标系与照片").click()
    for datum in ("GCJ-02", "WGS-84"):
        box = page.locator(".st-key-whose_datum").get_by_role("combobox")
        box.fill(datum)
        box.press("Enter")
        screen.wait_card("按 GCJ-02 读取" if datum == "GCJ-02" else "K214")
    photo: FilePayload = {"name": "../a<b>.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    page.locator(".st-key-whose_photo input[type='file']").set_input_files([photo])
    expect(page.locator(".rs-answer")).to_contain_text("K214")
    ask(screen, "在G98高速公路上行方向K214+500处发现货车涉嫌超限", f"归{BRIGADE}（G98 上行K214+500")
    expect(page.get_by_role("combobox", name="业务类别")).to_have_value("超限超载")
    expect(page.locator(".st-key-card table").first).to_contain_text("治超科值班室")
    page.locator(".st-key-card summary").filter(has_text="案件移送函").click()
    with page.expect_download() as waiting:
        screen.press("transfer_docx")
    assert waiting.value.suggested_filename == "transfer.docx"
    with zipfile.ZipFile(waiting.value.path()) as paper:
        text = paper.read("word/document.xml").decode()
    assert "治超科值班室" in text
    assert "K214+500" in re.sub(r"<[^>]+>", "", text)


def test_an_officer_brings_a_table(screen: Screen, repo_root: Path) -> None:
    """A table is answered row by row, shown under the map and taken away as CSV and XLSX; a chosen row is shown."""
    page = screen.page
    screen.choose("whose_tab", "查一批")
    page.locator(".st-key-cases_upload input[type='file']").set_input_files(repo_root / "data" / "demo" / "cases.csv")
    screen.press("cases_run")
    screen.wait_card("结果：150 件")
    with page.expect_download() as waiting:
        screen.press("cases_csv")
    rows = list(csv.DictReader(waiting.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 150
    assert all(row["answer"] for row in rows)
    with page.expect_download() as waiting:
        screen.press("cases_xlsx")
    assert waiting.value.suggested_filename == "cases.xlsx"
    before = screen.frame().evaluate("[window.map.getCenter().lng, window.map.getZoom()]")
    page.locator(".st-key-tray [data-testid='stDataFrameResizable']").first.click(position={"x": 17, "y": 52})
    screen.frame().wait_for_function("([lng, zoom]) => window.map.getCenter().lng !== lng", arg=before)
