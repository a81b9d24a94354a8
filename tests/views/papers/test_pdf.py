"""Map sheets and PDF papers: size, page n of m, scale, text as text, lines as vectors, poison inert, same bytes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.errors import InputError
from plan.model import Plan
from tests.views.papers.conftest import NUMBER, pages_of
from views.papers import pdffonts
from views.papers.agreement import agreement_paper
from views.papers.atlas import MOST_SHEETS, atlas_pdf, fit_frame, lay_sheets
from views.papers.fontfiles import find_fonts
from views.papers.mapframe import MM, MapFrame
from views.papers.maplabels import ranges
from views.papers.mapscene import choose_projection, make_scene
from views.papers.pdfpaper import write_pdf
from views.papers.preview import count_pages, draw_page
from views.papers.sheetpage import nice_scale
from views.papers.strips import cut_strips, route_lines, strip_pdf

FOOTER = "内部工作用图，未经地图审核，不得公开"

needs_font = pytest.mark.skipif(not find_fonts(), reason="no Chinese font on this machine: text is not embedded")


@pytest.fixture(scope="module")
def scene(met: Plan):
    """Return the demo district, projected."""
    return make_scene(met)


@needs_font
@pytest.mark.parametrize(("paper", "size"), [("A3", (420.0, 297.0)), ("A4", (297.0, 210.0))])
def test_one_sheet_shows_everything(met, paper, size):
    """A sheet of the size asked for carries title, scale, CRS, sources, legend, stations, stakes, footer, page n of m."""
    pages = pages_of(atlas_pdf(met, paper=paper))
    assert [page[:2] for page in pages] == [size]
    text = pages[0][2]
    for wanted in (
        "执法管辖图",
        "比例尺 1:",
        "EPSG:4549",
        "图例",
        "东岗收费站",
        "公里桩",
        "北",
        FOOTER,
        "第 1 页 共 1 页",
    ):
        assert wanted in text
    assert "© OpenStreetMap contributors" in text
    assert "路网指纹" in text


@needs_font
def test_atlas_has_an_index_and_numbers_its_pages(met):
    """At a scale an index sheet comes first; every sheet is numbered, and progress ends at its total."""
    told = []
    pages = pages_of(atlas_pdf(met, scale=50_000, progress=lambda done, total: told.append((done, total))))
    assert len(pages) > 2
    assert "总览与分幅" in pages[0][2]
    for number, page in enumerate(pages, start=1):
        assert f"第 {number} 页 共 {len(pages)} 页" in page[2]
        assert "1:50,000" in page[2] or number == 1
    assert told[-1] == (len(pages), len(pages))


def test_sheets_cover_every_road(scene):
    """Every road of the district lies on a sheet of its atlas."""
    cells = [sheet.frames[0].reach for sheet in lay_sheets(scene, title="t", scale=50_000, paper="A4") if sheet.here]
    middle = (scene.boxes[:, :2] + scene.boxes[:, 2:]) / 2
    held = np.zeros(len(middle), dtype=bool)
    for x0, y0, x1, y1 in cells:
        held |= (middle[:, 0] >= x0) & (middle[:, 0] <= x1) & (middle[:, 1] >= y0) & (middle[:, 1] <= y1)
    assert held.all()


def test_the_scale_is_true(scene):
    """A kilometre on land is 1000 m / N on paper, whichever way the frame is turned."""
    for turn in (0.0, 0.7):
        frame = MapFrame(10, 10, 300, 200, 0.0, 0.0, 25_000, turn)
        a, b = frame.to_page(np.array([[0.0, 0.0], [600.0, 800.0]]))
        assert math.hypot(*(b - a)) / MM == pytest.approx(1000 / 25, rel=1e-9)
    assert fit_frame(scene.bounds, "A3").scale == 100_000
    assert nice_scale(1.0) == 1_000
    assert nice_scale(9e6) == 9e6


def test_projections():
    """Inside China the nearest 3-degree zone of CGCS2000, elsewhere UTM north and south."""
    assert choose_projection(114.2, 22.7)[0] == 4547
    assert choose_projection(75.0, 39.0)[0] == 4534
    assert choose_projection(135.0, 48.0)[0] == 4554
    assert choose_projection(2.3, 48.9)[0] == 32631
    assert choose_projection(151.2, -33.9)[0] == 32756


def test_bad_orders_are_refused(met, scene):
    """An unknown paper, a senseless scale, too many sheets and an unknown route each raise one sentence."""
    with pytest.raises(InputError, match="A3 或 A4"):
        atlas_pdf(met, paper="B5")
    with pytest.raises(InputError, match="比例尺"):
        atlas_pdf(met, scale=1)
    with pytest.raises(InputError, match=str(MOST_SHEETS)):
        lay_sheets(scene, title="t", scale=1_000, paper="A4")
    with pytest.raises(InputError, match="没有编号"):
        strip_pdf(met, "G9999")


@needs_font
def test_strips_follow_the_route(met, scene):
    """Strips of a route overlap, hold the whole line, and print its stakes; the paper says which page of how many."""
    line = route_lines(met, scene, "G98")[0]
    frames = cut_strips(line, paper="A3", scale=25_000)
    for x, y in line.tolist():
        assert any(frame.holds(x, y) for frame in frames)
    pages = pages_of(strip_pdf(met, "G98"))
    text = "".join(page[2] for page in pages)
    assert "条带图" in text
    assert "K215" in text
    assert f"第 1 页 共 {len(pages)} 页" in text


@needs_font
def test_papers_as_pdf_say_the_same(met):
    """The PDF of an agreement has A4 pages, numbers them, and holds number and competence sentence as text."""
    pages = pages_of(write_pdf(agreement_paper(met, NUMBER)))
    text = "".join(page[2] for page in pages).replace("\r\n", "").replace("\n", "")
    assert {page[:2] for page in pages} == {(210.0, 297.0), (297.0, 210.0)}
    assert NUMBER in text
    assert "不创设、不变更法定管辖权" in text
    assert f"第 {len(pages)} 页 共 {len(pages)} 页" in text


def test_lines_are_vectors(met):
    """A sheet holds no picture: roads are paths."""
    data = atlas_pdf(met)
    assert b"/Subtype /Image" not in data


@pytest.mark.parametrize(
    "make", [atlas_pdf, lambda plan: strip_pdf(plan, "G98"), lambda plan: write_pdf(agreement_paper(plan))]
)
def test_same_plan_same_bytes(met, make):
    """Promise P8: the same plan gives the same bytes."""
    assert make(met) == make(met)


@needs_font
def test_poison_in_names_is_text(poisoned):
    """Fault 56: poisoned names are drawn as text in sheets and papers; nothing runs, nothing is missing."""
    assert b"/JavaScript" not in atlas_pdf(poisoned)
    text = "".join(page[2] for page in pages_of(write_pdf(agreement_paper(poisoned))))
    assert "<script>" in text.replace("\r\n", "").replace("\n", "")


def test_without_a_font_a_reader_font_is_named(met, monkeypatch):
    """Where the machine has no Chinese font the PDF names one of the reader's and says so in one sentence."""
    monkeypatch.setattr(pdffonts, "find_fonts", dict)
    with pdffonts.open_faces("路") as faces:
        assert faces.warning == pdffonts.NO_FONT
        assert faces["kai"] == pdffonts.FALLBACK
    assert b"STSong-Light" in atlas_pdf(met)


def test_an_empty_folder_has_no_font(tmp_path):
    """Fonts are looked for in folders; an empty one, and a file that is no font, give none."""
    (tmp_path / "simhei.ttf").write_text("no font")
    assert find_fonts((tmp_path,)) == {}


def test_pages_as_pictures(met):
    """The preview counts pages and draws each as PNG."""
    pdf = atlas_pdf(met, paper="A4")
    assert count_pages(pdf) == 1
    assert draw_page(pdf, 0, width_px=300).startswith(b"\x89PNG")


def test_ranges_of_numbers():
    """Numbers of seams that lie together are written as ranges."""
    assert ranges([]) == ""
    assert ranges([5, 3, 4, 9]) == "3–5,9"
