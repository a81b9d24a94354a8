"""Papers to sign, parsed back: layout of GB/T 9704-2012, fonts named, hashes, the sentence on competence, poison inert."""

from __future__ import annotations

import re
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from geo.errors import InputError
from plan.agreements import COMPETENCE_SENTENCE, fingerprint, head
from plan.disputes import DisputeState, close_dispute
from tests.views.papers.conftest import NUMBER, members, words_of
from views.papers.agreement import agreement_docx
from views.papers.docx import write_docx
from views.papers.minutes import Meeting, minutes_docx
from views.papers.model import Column, NewPage, Paper, Para, Table, Title
from views.papers.transfer import missing_fields, transfer_docx

LETTER = {
    "no": "移〔2026〕3号",
    "date": "2026-11-21",
    "place": "G98 上行K214+350",
    "category": "非法营运",
    "from": "岚溪区大队",
    "to": "澜陵一大队",
    "reason": "在收费站以内。",
    "law": "《行政处罚法》第二十二条",
}


def paper(*blocks, mark=""):
    """Return a paper with a title and blocks."""
    return Paper("试", (Title("标题"), *blocks), "戳记", "2026-11-01", mark)


def faces_of(document, text):
    """Return East Asian font and size of the run that says a text."""
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            if text in run.text:
                return run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt
    raise AssertionError(text)


def test_layout_is_that_of_official_papers(met):
    """A4, 37 mm top, 28 mm binding edge, a block of 156 x 225 mm, a grid of 22 lines of 28 characters."""
    document = docx.Document(BytesIO(agreement_docx(met, NUMBER)))
    page = document.sections[0]
    width, height = page.page_width - page.left_margin - page.right_margin, page.page_height - page.top_margin
    sizes = [page.page_width, page.page_height, page.top_margin, page.left_margin, width, height - page.bottom_margin]
    assert [size / Mm(1) for size in sizes] == pytest.approx([210, 297, 37, 28, 156, 225], abs=0.03)
    grid = page._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert round(225 / 25.4 * 1440 / int(grid.get(qn("w:linePitch")))) == 22
    pitch_pt = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    assert 156 / 25.4 * 72 / pitch_pt == pytest.approx(28, abs=0.02)
    layout = document.styles["Normal"].paragraph_format
    assert layout.line_spacing.pt * 22 <= 225 / 25.4 * 72 + 0.5


def test_fonts_are_named_and_never_bundled(met):
    """Title 2号小标宋, body 3号仿宋, level 1 黑体, level 2 楷体; the file holds no font."""
    document = docx.Document(BytesIO(minutes_docx(met)))
    assert faces_of(document, "会议纪要") == ("方正小标宋简体", 22.0)
    assert faces_of(document, "一、会议情况") == ("黑体", 16.0)
    assert faces_of(document, "（一）") == ("楷体_GB2312", 16.0)
    assert faces_of(document, "普通公路一方") == ("仿宋_GB2312", 16.0)
    assert not [
        name for name in members(minutes_docx(met)) if "font" in name.lower() and name.endswith(("ttf", "odttf"))
    ]


def test_agreement_says_all_that_is_signed(met):
    """The agreement holds number, offices, term, head hash, network hash, version, sentence, footer and every seam."""
    text = words_of(agreement_docx(met, NUMBER))
    signed = met.latest("sign")[NUMBER].value
    for wanted in (
        NUMBER,
        *signed["offices"],
        "2026年12月1日",
        "2027年11月30日",
        head(met)[:12],
        fingerprint(met.network),
    ):
        assert wanted in text
    assert COMPETENCE_SENTENCE.replace("本纪要", "本协议", 1) in text
    assert "内部工作用图，未经地图审核，不得公开" in text
    assert "© OpenStreetMap contributors" in text
    assert "待移交" in text
    assert "草稿" not in text
    for seam in met.derived.ownership.seams:
        assert f"{seam.lon:.6f}, {seam.lat:.6f}" in text


def test_pages_are_counted_by_the_word_processor(met):
    """The foot of every page holds the fields PAGE and NUMPAGES."""
    feet = b"".join(body for name, body in members(agreement_docx(met, NUMBER)).items() if "footer" in name)
    assert re.findall(rb"<w:instrText>(\w+)</w:instrText>", feet) == [b"PAGE", b"NUMPAGES"]


def test_a_later_decision_does_not_change_a_signed_paper(met):
    """An agreement is printed as of its signing: what was decided later is not in it."""
    later = close_dispute(met, "D-2026-02", DisputeState.RESERVED, when="2026-11-24", who="甲", minute="保留。")
    assert words_of(agreement_docx(later, NUMBER)) == words_of(agreement_docx(met, NUMBER))


def test_drafts_are_marked_and_unknown_numbers_refused(met):
    """A draft says 草稿 on its pages; a number nobody signed raises unless a draft is asked for."""
    assert "草稿" in words_of(agreement_docx(met))
    assert "草稿" in words_of(agreement_docx(met, "新〔2026〕1号", draft=True))
    with pytest.raises(InputError, match="没有文号"):
        agreement_docx(met, "新〔2026〕1号")


def test_minutes_hold_both_positions_and_the_outcome(met):
    """Minutes name each dispute, both positions, outcome, law and authority; with an open one they are a draft."""
    text = words_of(minutes_docx(met, meeting=Meeting("纪〔2026〕5号", "2026-11-20", "大队会议室")))
    for wanted in (
        "D-2026-01",
        "D-2026-02",
        "结论：同意",
        "界点定于收费岛。",
        "纪〔2026〕5号",
        "大队会议室",
        COMPETENCE_SENTENCE,
    ):
        assert wanted in text
    assert "草稿" in text
    assert "草稿" not in words_of(minutes_docx(met, ["D-2026-01"]))
    assert head(met)[:12] in words_of(minutes_docx(met, [NUMBER]))
    with pytest.raises(InputError, match="没有编号为"):
        minutes_docx(met, ["D-0"])


def test_transfer_letter_and_what_it_lacks():
    """A letter says who sends what to whom and why, has an evidence list and a receipt, and is a draft until complete."""
    text = words_of(transfer_docx(LETTER))
    for wanted in (*LETTER.values(), "材料名称", "回执", "2026年11月21日"):
        assert wanted.rstrip("。") in text or wanted == "2026-11-21"
    assert "草稿" not in text
    assert missing_fields({"place": "x"}) == ("移送单位", "接收单位", "移送理由")
    assert "草稿" in words_of(transfer_docx({}))
    desk = {
        "number": "",
        "from_office": "甲",
        "to_office": "乙",
        "reason": "丙",
        "place": "丁",
        "ready": False,
        "lon": 1.0,
        "lat": 2.0,
    }
    draft = words_of(transfer_docx(desk))
    assert "草稿" in draft
    assert "乙：" in draft
    assert "1.000000, 2.000000" in draft


@pytest.mark.parametrize("make", [agreement_docx, minutes_docx], ids=["agreement", "minutes"])
def test_poison_in_names_is_text(poisoned, make):
    """Fault 39, 56: markup, formula, template and control characters in names open as plain text, controls gone."""
    data = make(poisoned)
    document = docx.Document(BytesIO(data))
    body = members(data)["word/document.xml"].decode()
    assert "<script" not in body
    assert "\u202e" not in body
    assert "\x07" not in body
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    assert any("<script>alert(1)</script>" in text for text in (*cells, *(p.text for p in document.paragraphs)))


@pytest.mark.parametrize("make", [agreement_docx, minutes_docx, lambda _plan: transfer_docx(LETTER)])
def test_same_plan_same_bytes(met, make):
    """Promise P8: the same plan gives the same bytes, and the file is dated by the plan."""
    assert make(met) == make(met)
    assert docx.Document(BytesIO(make(met))).core_properties.created.year == 2026


def test_tables_without_rows_and_pages_that_lie_across():
    """Fault 61: a table without rows says so in one cell; a page that lies across keeps the block's size."""
    data = write_docx(paper(Table([Column("甲"), Column("乙")], [], empty="没有"), NewPage(landscape=True), Para("横")))
    document = docx.Document(BytesIO(data))
    assert [c.text for c in document.tables[0].rows[1].cells] == ["没有", "没有"]
    across = document.sections[-1]
    sizes = (across.page_width, across.page_height, across.page_width - across.left_margin - across.right_margin)
    assert [size / Mm(1) for size in sizes] == pytest.approx([297, 210, 225], abs=0.03)
