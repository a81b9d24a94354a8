from __future__ import annotations

import csv
import io
import re

import pytest
from PIL import Image

from jurisdiction.ask.cases import read_cases
from plan.askcases import answer_cases
from plan.askdesk import AskDesk, Question
from views.pages.whose import marks
from views.state import DESK_KEY
from views.widgets.ask import guess_category
from views.widgets.ask_answer import transfer_csv
from views.widgets.progress import Job


def body(app):
    """Return the markup on the page with its character references resolved."""
    parts = [getattr(e.proto, "body", "") for e in app.get("html")]
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), " ".join(parts))


def box(app, text):
    """Type into the box."""
    next(t for t in app.text_input if t.key == "where").set_value(text).run()


@pytest.mark.parametrize(
    ("text", "language"),
    [("G98 上行K230+000", "zh"), ("皖A12345在澜陵高速上行K215+200处", "en"), ("东经118.5687 北纬31.2862", "zh")],
)
def test_one_box_takes_everything(open_app, text, language):
    """Stake, sentence and coordinates in any form are answered in one sentence, with stake, contacts and a letter."""
    app = open_app("whose", language)
    box(app, text)
    assert not app.exception
    page = body(app)
    assert "高速公路交通综合执法支队澜陵一大队" in page
    assert "危货科值班室" in page
    assert "WGS-84" in app.code[0].value
    assert "A12345" not in app.code[-1].value
    assert ("下载移送函（Word）" if language == "zh" else "The letter (Word)") in [
        b.proto.label for b in app.get("download_button")
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("发现货车涉嫌超限", "超限超载"), ("旅游车未经许可", "旅游包车"), ("超限的大件车", ""), ("一辆车", "")],
)
def test_a_sentence_names_its_category(text, wanted):
    """The category is taken from the words where they name one; two or none leave it to the person."""
    assert guess_category(text, ["班线客运", "旅游包车", "大件运输", "超限超载"]) == wanted


def test_a_chosen_category_stays(open_app):
    """A pasted sentence chooses its category, the next one another; what a person chose is kept."""
    app = open_app("whose")
    box(app, "在澜陵高速上行K215+200处货车涉嫌超限")
    assert app.selectbox(key="whose_category").value == "超限超载"
    box(app, "G98 上行K230+000")
    assert app.selectbox(key="whose_category").value == ""
    app.selectbox(key="whose_category").set_value("路政").run()
    box(app, "在澜陵高速上行K215+200处货车涉嫌超限")
    assert app.selectbox(key="whose_category").value == "路政"


def test_category_date_and_datum_change_the_answer(open_app):
    """Category narrows the contacts, a date names its day, another datum moves the place; a click stays WGS-84."""
    app = open_app("whose")
    box(app, "118.5687,31.2862")
    app.selectbox(key="whose_category").set_value("危化品").run()
    assert "危货科值班室" in body(app)
    assert "客运科值班室" not in body(app)
    app.selectbox(key="whose_datum").set_value("gcj02").run()
    assert "GCJ-02" in body(app)
    assert not app.exception
    app.session_state[DESK_KEY].extra["spot"] = (118.56871, 31.2862)
    app.run()
    assert "G98 下行K214" in body(app)
    app.date_input(key="whose_day").set_value("2025-03-01").run()
    assert "早于方案" in body(app)


def test_near_a_seam_the_page_asks_to_verify(open_app):
    """Near a seam: 请核实, both sides with their contacts, and a letter that says it may not go out yet."""
    app = open_app("whose")
    box(app, "118.6503,31.2742")
    page = body(app)
    assert "请核实" in page
    assert "岚溪区交通综合执法大队" in page
    assert "核实前不得发出" in page
    desk = app.session_state[DESK_KEY]
    assert desk.selection.kind == "segment"
    assert desk.extra["spot"] == (pytest.approx(118.6503), pytest.approx(31.2742))


@pytest.mark.parametrize("text", ["G98 K228+850", "火星收费站", "999,99"])
def test_what_cannot_be_answered_is_one_sentence(open_app, text):
    """A stake in a short chain, an unknown name, impossible coordinates: one sentence, no exception."""
    app = open_app("whose")
    box(app, text)
    assert not app.exception
    assert "rs-error" in body(app)


def test_a_photograph_is_answered_or_refused(open_app, demo):
    """Fault 45: a photograph is read under our own name; one without a place is refused in one sentence."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (31.2862, 0.0, 0.0), 3: "E", 4: (118.5687, 0.0, 0.0)})
    for info, wanted in ((exif, "G98 下行K214"), (Image.Exif(), "没有定位")):
        buffer = io.BytesIO()
        Image.new("RGB", (4, 4)).save(buffer, "JPEG", exif=info)
        app = open_app("whose")
        upload = next(u for u in app.get("file_uploader") if u.key == "whose_photo")
        upload.set_value(("../../x{{7*7}}.jpg", buffer.getvalue(), "image/jpeg")).run()
        assert not app.exception
        assert wanted in body(app)
        assert "7*7" not in body(app)


def test_a_table_is_answered_in_the_background(open_app, repo_root):
    """A table gets its answers, counts, findings and downloads; the answers stand in the tray."""
    app = open_app("whose")
    app.session_state["whose_tab"] = "batch"
    app.run()
    desk = app.session_state[DESK_KEY]
    report = answer_cases(desk.plan, read_cases(repo_root / "data" / "demo" / "cases.csv"))
    job = Job("cases", result=(desk.key, report), is_finished=True)
    desk.extra["job:cases"] = job
    app.run()
    assert not app.exception
    assert "结果：150 件" in body(app)
    assert {"CSV", "Excel"} <= {b.proto.label for b in app.get("download_button")}
    assert len(app.dataframe[0].value) == 150
    desk.decide("choose_convention", "*", {"convention": "ramp_end"})
    app.run()
    assert "结果：150 件" not in body(app)


def test_a_case_is_found_by_its_number(open_app):
    """The search box of the top bar finds a case of the demo district and a stake, and turns to this page."""
    for text, place in (("2025-003", 118.637294), ("G98 上行K230+000", 118.71382)):
        app = open_app("boundary")
        next(t for t in app.text_input if t.key == "search").set_value(text).run()
        desk = app.session_state[DESK_KEY]
        assert not app.exception
        assert desk.page == "whose"
        assert desk.extra["spot"][0] == pytest.approx(place, abs=1e-5)


def test_both_carriageways_are_marked(open_app):
    """The map marks the place and the roads it may mean, the other carriageway among them."""
    app = open_app("whose")
    box(app, "118.5687,31.2862")
    found = marks(app.session_state[DESK_KEY])
    assert len(found) >= 3
    assert len(found[-1].line) == 1


def test_the_letter_as_a_table_runs_nothing(demo):
    """Fault 46: the letter as CSV holds every field, and no cell a spreadsheet would run."""
    reply = AskDesk(demo).ask(Question(text="=HYPERLINK(1) G98 上行K230+000", case="=1+1"))
    rows = dict(csv.reader(io.StringIO(transfer_csv(reply.transfer).decode("utf-8-sig"))))
    assert rows["case"] == "'=1+1"
    assert rows["facts"].startswith("'=HYPERLINK")
    assert {"number", "date", "place", "category", "from_office", "to_office", "reason", "law", "evidence"} <= set(rows)
