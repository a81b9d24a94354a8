"""The meeting's screen without a browser: it runs in both languages, is empty, read-only, prepared and asked in vain."""

from __future__ import annotations

import os
import re

import pytest
from streamlit.testing.v1 import AppTest

from plan.disputes import list_disputes
from plan.planfile import save_plan
from views.state import DESK_KEY
from views.widgets.meeting_maps import _read


def body(app):
    """Return the markup on the page with its character references resolved."""
    parts = [getattr(e.proto, "body", "") for e in app.get("html")]
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), " ".join(parts))


def button(app, key):
    """Return a button by its key."""
    return next(b for b in app.button if b.key == key)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_meeting_fills_the_screen(open_app, language):
    """The meeting has no rail and no ledger; it asks its question with kilometres and days."""
    app = open_app("meeting", language)
    assert not app.exception
    keys = {b.key for b in app.button}
    assert not {key for key in keys if key and key.startswith(("go_", "ledger_"))}
    assert {"meet_agree", "meet_reserve", "meet_refer", "chip_0", "chip_1", "chip_2", "meet_undo"} <= keys
    assert ("归谁" if language == "zh" else "whose?") in body(app)
    assert re.search(r"已 \d+ 天" if language == "zh" else r"\d+ days", body(app))


def test_leaving_goes_back_to_the_frame(open_app):
    """Esc closes the open form first, then leaves the meeting."""
    app = open_app("meeting")
    button(app, "meet_refer").click().run()
    assert any(t.key == "meet_reason" for t in app.text_input)
    button(app, "meet_leave").click().run()
    assert app.session_state[DESK_KEY].page == "meeting"
    button(app, "meet_leave").click().run()
    assert app.session_state[DESK_KEY].page == "boundary"
    assert not app.exception


def test_positions_are_prepared_on_the_spot(open_app):
    """A side's words, convention and papers are written as one decision and stand on its map at once."""
    app = open_app("meeting")
    button(app, "meet_prepare").click().run()
    app.text_area(key="meet_text_local").set_value("改为匝道终点")
    app.selectbox(key="meet_convention_local").set_value("ramp_end")
    app.text_input(key="meet_files_local").set_value("函〔2026〕3号; 图纸")
    button(app, "meet_save_local").click().run()
    desk = app.session_state[DESK_KEY]
    stand = list_disputes(desk.plan)[0].positions["local"]
    assert (stand.text, stand.convention) == ("改为匝道终点", "ramp_end")
    assert stand.attachments == ("函〔2026〕3号", "图纸")
    assert "改为匝道终点" in body(app)
    button(app, "meet_undo").click().run()
    assert desk.undo_steps == 0
    assert not app.exception


def test_what_is_missing_is_said_in_the_form(open_app):
    """Agreeing without an option writes nothing, says what is missing and leaves the form open."""
    app = open_app("meeting")
    button(app, "meet_agree").click().run()
    button(app, "meet_write").click().run()
    assert "请先选定一个方案" in body(app)
    assert app.session_state[DESK_KEY].undo_steps == 0
    button(app, "meet_cancel").click().run()
    assert {"meet_agree"} <= {b.key for b in app.button}


def test_a_plan_without_disputes_says_what_to_do(open_app):
    """Without a dispute the page says how one is raised, and leads there."""
    app = open_app("meeting")
    desk = app.session_state[DESK_KEY]
    kept = tuple(d for d in desk.plan.decisions if d.kind != "open_dispute")
    desk.history = type(desk.history).of(type(desk.plan)(desk.plan.network, kept))
    app.run()
    assert "没有待议的争议" in body(app)
    button(app, "meet_go").click().run()
    assert desk.page == "boundary"
    assert not app.exception


def test_a_read_only_plan_says_why(demo, repo_root, tmp_path, monkeypatch):
    """A plan that cannot be written shows everything; the buttons are off and the reason stands there."""
    path = tmp_path / "plan.gpkg"
    save_plan(path, demo)
    real = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: False if mode == os.W_OK else real(p, mode))
    monkeypatch.setenv("ROADSEAM_PLAN", str(path))
    monkeypatch.chdir(repo_root)
    app = AppTest.from_file(str(repo_root / "app.py"), default_timeout=60)
    app.query_params["page"] = "meeting"
    app.run()
    assert not app.exception
    assert all(button(app, f"meet_{mode}").disabled for mode in ("agree", "reserve", "refer"))
    assert "只读方案" in body(app)


def test_a_dispute_is_raised_from_the_station_card(open_app):
    """The card of a station raises a dispute; the meeting opens on it."""
    app = open_app("boundary")
    desk = app.session_state[DESK_KEY]
    station = next(s for s in desk.plan.stations if s.name == "柳汀收费站")
    desk.select("station", station.id)
    app.run()
    button(app, "raise_write").click().run()
    assert desk.undo_steps == 1
    number = list_disputes(desk.plan)[-1].id
    button(app, "raise_go").click().run()
    assert desk.page == "meeting"
    assert "柳汀收费站" in body(app)
    assert desk.extra["meeting"].number == number
    assert not app.exception


@pytest.mark.parametrize(
    "drawing",
    [None, {}, {"properties": {"kind": "segment"}}, {"properties": {"kind": "x"}, "geometry": {"coordinates": [1, 2]}}],
)
def test_a_report_of_another_form_counts_for_nothing(drawing):
    """Fault 51: what a browser reports is believed in one form only."""
    assert _read(drawing) == ("", None)


def test_keys_and_clicks_on_the_map_are_understood():
    """N, P and a click on a road are read from the map's report."""
    place = {"coordinates": [118.5, 31.5]}
    assert _read({"properties": {"kind": "next", "id": ""}, "geometry": place}) == ("next", (118.5, 31.5))
