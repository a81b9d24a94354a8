"""The papers as a word processor and a PDF reader draw them: LibreOffice and poppler, where this machine has them."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geo.travel import build_travel_graph
from patrol.planner import Search
from plan.model import Plan
from tests.views.papers.conftest import NUMBER
from views.crews import owners_of, targets_of, units_of
from views.papers.minutes import Meeting
from views.papers.order import Order
from views.papers.pack import PACKS, choose_items, make_files

OFFICE, PICTURES = shutil.which("soffice"), shutil.which("pdftoppm")
DPI = 40
needs_office = pytest.mark.skipif(OFFICE is None, reason="no LibreOffice on this machine: apt-get install libreoffice")
needs_poppler = pytest.mark.skipif(PICTURES is None, reason="no poppler on this machine: apt-get install poppler-utils")
pytestmark = [needs_office, needs_poppler, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(met: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with every paper of every pack; Word files have been printed by LibreOffice, all in one go."""
    from patrol.day import plan_day

    folder = tmp_path_factory.mktemp("papers")
    graph, search = build_travel_graph(met.derived.network), Search(iterations=20, seed=1)
    day = plan_day(graph, units_of(met), targets_of(met), shift_h=8, owner_of_segment=owners_of(met), search=search)
    order = Order(met, number=NUMBER, since="2026-11-10", meeting=Meeting(), day=day)
    for pack in PACKS.values():
        for name, body in make_files(choose_items(pack), order):
            if name.endswith((".docx", ".pdf")):
                (folder / f"{pack.key}_{name}").write_bytes(body)
    assert OFFICE is not None
    home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    words = [str(path) for path in sorted(folder.glob("*.docx"))]
    subprocess.run(
        [OFFICE, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *words],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder


def pages(pdf: Path) -> list[np.ndarray]:
    """Return how dark each page is, as poppler draws it: arrays of 0 (paper) to 1 (ink)."""
    assert PICTURES is not None
    stem = pdf.with_suffix("")
    subprocess.run([PICTURES, "-r", str(DPI), "-gray", "-png", str(pdf), str(stem)], check=True, timeout=120)
    found = sorted(pdf.parent.glob(f"{stem.name}-*.png"))
    return [1 - np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("L"), dtype=float) / 255 for path in found]


def text_of(pdf: Path) -> list[str]:
    """Return the text of each page."""
    import pypdfium2

    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def test_every_paper_is_printed(folder: Path) -> None:
    """Each pack gives its Word papers and maps, and LibreOffice opens and prints each Word file."""
    words = {path.stem for path in folder.glob("*.docx")}
    assert {name.partition("_")[0] for name in words} == {"monthly", "agreement", "minutes", "crew"}
    assert len(words) == 8
    assert words <= {path.stem for path in folder.glob("*.pdf")}
    assert len(list(folder.glob("*.pdf"))) >= len(words) + 6


def test_no_page_is_empty_or_runs_off_the_paper(folder: Path) -> None:
    """Each page of each paper has ink in its text block, none in the outer 5 mm, and tells its number of all."""
    edge = round(5 / 25.4 * DPI)
    for pdf in sorted(folder.glob("*.pdf")):
        drawn, texts = pages(pdf), text_of(pdf)
        assert len(drawn) == len(texts) > 0
        for number, (ink, text) in enumerate(zip(drawn, texts, strict=True), start=1):
            where = f"{pdf.name} page {number}"
            high, wide = ink.shape
            # The foot alone, page number and stamp, is no page.
            assert ink[edge : round(0.82 * high)].sum() > 20, f"{where} is empty"
            inside = ink[edge : high - edge, edge : wide - edge].sum()
            assert ink.sum() - inside < 1, f"{where} runs off the paper"
            assert f"第{number}页共{len(drawn)}页" in "".join(text.split()), where
            assert "未经地图审核" in text, where


def test_layout_on_paper_is_that_of_official_papers(folder: Path) -> None:
    """The agreement on A4 keeps margins of 37 mm and 28 mm, and no page holds signatures without a sentence."""
    pdf = folder / "agreement_01_界点协议.pdf"
    ink = pages(pdf)[0]
    assert ink.shape == pytest.approx((297 / 25.4 * DPI, 210 / 25.4 * DPI), abs=1.5)
    rows, columns = np.flatnonzero(ink.sum(axis=1) > 0.5), np.flatnonzero(ink.sum(axis=0) > 0.5)
    to_mm = 25.4 / DPI
    assert 36 <= rows[0] * to_mm <= 48
    assert 27 <= columns[0] * to_mm <= 30
    assert columns[-1] * to_mm <= 28 + 156 + 2
    signed = next(text for text in text_of(pdf) if "代表签字" in text)
    assert "本协议校验码" in signed
