"""Every screen in both languages, without a browser: it runs, says what it should, and answers its buttons."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from geo.errors import InputError
from plan.planfile import save_plan
from views.pages import all_pages
from views.state import DESK_KEY
from views.widgets.progress import start_job
from views.words import word, word_en

PAGES = ("network", "boundary", "coverage", "patrol", "whose")


def body(app):
    """Return the markup on the page with its character references resolved."""
    parts = [getattr(e.proto, "body", "") for e in app.get("html")]
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), " ".join(parts))


def button(app, key):
    """Return a button by its key."""
    return next(b for b in app.button if b.key == key)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_page_runs_in_both_languages(open_app, page, language):
    """Each page runs without an error and asks its question in the language of the reader."""
    app = open_app(page, language)
    assert not app.exception
    assert app.session_state[DESK_KEY].page == page
    question = next(p.question for p in all_pages() if p.name == page)
    assert (question.zh if language == "zh" else question.en) in body(app)
    assert ("合计" if language == "zh" else "Total") in body(app)


def test_unknown_addresses_count_for_nothing(open_app):
    """Fault 51: an unknown page or language in the address opens the first screen in Chinese."""
    app = open_app("../../etc/passwd", "{{ 7*7 }}")
    assert not app.exception
    assert app.session_state[DESK_KEY].page == "boundary"
    assert "合计" in body(app)


def test_language_switch(open_app):
    """The language switch turns every word of ours, and turns back."""
    app = open_app()
    assert word("toll_island") in body(app)
    button(app, "switch_language").click().run()
    assert word_en("toll_island") in body(app)
    assert word("toll_island") not in body(app)
    button(app, "switch_language").click().run()
    assert word("toll_island") in body(app)


def test_adopting_a_convention_moves_kilometres_and_can_be_undone(open_app):
    """Adopting a convention is one decision: the ledger moves, undo brings every figure back, redo repeats it."""
    app = open_app()
    figures = [b.label for b in app.button if b.key.startswith("ledger_")]
    button(app, "adopt_ramp_end").click().run()
    moved = [b.label for b in app.button if b.key.startswith("ledger_")]
    assert moved != figures
    assert app.session_state[DESK_KEY].plan.convention == "ramp_end"
    button(app, "undo").click().run()
    assert [b.label for b in app.button if b.key.startswith("ledger_")] == figures
    button(app, "redo").click().run()
    assert [b.label for b in app.button if b.key.startswith("ledger_")] == moved
    assert not app.exception


def test_a_station_explains_itself(open_app):
    """A station chosen in the list shows name, second name, votes and margin."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    station = next(s for s in desk.plan.network.stations if len(s.names) == 2)
    button(app, f"row_{station.id}").click().run()
    page = body(app)
    assert f"又名 {'、'.join(n for n in station.names if n != station.name)}" in page
    assert "改变此界点需否定" in page
    assert desk.selection.id == station.id


def test_judging_a_road_anew_needs_a_reason(open_app):
    """A road is judged anew only with a reason; then its owner changes and the decision can be undone."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    network = desk.plan.derived.network
    ordinary = [owner == "ordinary" for owner in desk.plan.derived.owner]
    row = int(np.argmax(network.segments.length_mm * ordinary))
    desk.select("segment", desk.plan.derived.network.segment_ids[row])
    app.run()
    submit = next(b for b in app.button if "改判整条道路" in b.label)
    submit.click().run()
    assert desk.undo_steps == 0
    assert "改判需要理由" in body(app)
    next(t for t in app.text_input if t.key == "override_why").set_value("现场核对")
    next(b for b in app.button if "改判整条道路" in b.label).click().run()
    assert desk.undo_steps == 1
    assert desk.plan.derived.owner[row] == "expressway"
    assert desk.plan.decisions[-1].why == "现场核对"
    assert not app.exception


def test_ledger_and_leaks_tabs(open_app):
    """The ledger lists all groups, the leaks tab names each leak and draws its path."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    app.segmented_control(key="boundary_tab").set_value("ledger").run()
    assert "各种分组的合计相同" in body(app)
    app.segmented_control(key="boundary_tab").set_value("leaks").run()
    assert f"{len(desk.plan.derived.ownership.leaks)} 处泄漏" in body(app)
    button(app, "leak_0").click().run()
    assert desk.extra["leak"] == 0
    assert not app.exception


def test_coverage_follows_the_limit(open_app):
    """A longer limit reaches more road."""
    app = open_app("coverage")
    before = body(app)
    app.slider(key="limit_slider").set_value(5).run()
    assert body(app) != before
    assert app.session_state[DESK_KEY].extra["limit_min"] == 5
    assert not app.exception


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("118.6503,31.2742", "请核实"), ("东岗收费站", "为什么"), ("0,0", "路网之外"), ("没有这条路", "没有找到")],
)
def test_whose_road_answers_in_one_sentence(open_app, text, wanted):
    """A place, a station, a place outside and a name that does not exist are answered in one sentence."""
    app = open_app("whose")
    next(t for t in app.text_input if t.key == "where").set_value(text).run()
    assert wanted in body(app)
    assert not app.exception


def test_search_finds_and_selects(open_app):
    """The search box of the top bar selects what it finds, on any page."""
    app = open_app("network")
    next(t for t in app.text_input if t.key == "search").set_value("柳汀").run()
    desk = app.session_state[DESK_KEY]
    assert desk.selection.kind == "station"
    assert desk.jumps == 1
    assert not app.exception


def test_a_damaged_plan_is_one_sentence(open_app, repo_root, tmp_path, monkeypatch):
    """Promise 3: a plan that cannot be opened gives one sentence and no traceback."""
    path = tmp_path / "plan.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 100)
    monkeypatch.setenv("ROADSEAM_PLAN", str(path))
    opened = AppTest.from_file(str(repo_root / "app.py"), default_timeout=60).run()
    assert not opened.exception
    assert "方案打不开" in body(opened)


def test_a_named_plan_is_opened_and_saved(open_app, demo, repo_root, tmp_path, monkeypatch):
    """The plan named at the start opens; saving writes that file and says so."""
    path = tmp_path / "office.gpkg"
    save_plan(path, demo)
    monkeypatch.setenv("ROADSEAM_PLAN", str(path))
    app = AppTest.from_file(str(repo_root / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert "已保存" in body(app)
    button(app, "adopt_ramp_end").click().run()
    assert "未保存" in body(app)
    button(app, "save").click().run()
    assert "已保存" in body(app)
    assert not app.exception


def wait_for_job(app, name):
    """Run the page until its work in the background is finished."""
    job = app.session_state[DESK_KEY].extra[f"job:{name}"]
    job.thread.join(60)
    assert job.is_finished
    return app.run()


def test_a_day_is_planned_goes_stale_and_is_planned_again(open_app):
    """A planned day shows its crews; a later decision marks it as out of date until it is computed again."""
    app = open_app("patrol")
    app.segmented_control(key="patrol_tab").set_value("plan").run()
    app.number_input(key="iterations").set_value(20).run()
    button(app, "run").click().run()
    wait_for_job(app, "route")
    assert "45 / 45 个目标" in body(app)
    assert "最长班次" in body(app)
    desk = app.session_state[DESK_KEY]
    desk.decide("choose_convention", "*", {"convention": "ramp_end"})
    app.run()
    assert "结果已过期" in body(app)
    button(app, "again_day").click().run()
    wait_for_job(app, "route")
    assert "结果已过期" not in body(app)
    assert not app.exception


def test_a_failed_job_is_one_sentence(open_app):
    """Work that fails leaves the plan alone and says one sentence; work that breaks names no path."""
    app = open_app("network")
    desk = app.session_state[DESK_KEY]

    def fail(_job):
        raise InputError("坏文件，请换一个。 / a bad file: choose another one.")

    before = desk.key
    start_job(desk, "load", fail)
    wait_for_job(app, "load")
    assert "坏文件，请换一个。" in body(app)
    start_job(desk, "load", lambda _job: 1 / 0)
    wait_for_job(app, "load")
    assert "ZeroDivisionError" in body(app)
    assert desk.key == before
    assert not app.exception
