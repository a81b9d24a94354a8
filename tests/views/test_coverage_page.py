"""The Coverage page without a browser: every tab, its long work, its empty, stale, failed and read-only states."""

from __future__ import annotations

import re

import pytest

from patrol.aid import rank_permissions
from patrol.units import Unit
from views.crews import TABLE, units_of, units_value
from views.search import middle_of_segment
from views.state import DESK_KEY
from views.widgets.coverage_aid import passable_stations
from views.widgets.coverage_jobs import Result, keep_result, result_of
from views.widgets.coverage_roads import answering, conditions_key, roads_of
from views.widgets.progress import job_of

TABS = ("cover", "units", "aid", "posts", "seal")


def body(app):
    """Return the markup on the page with its character references resolved."""
    parts = [getattr(e.proto, "body", "") for e in app.get("html")]
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), " ".join(parts))


def press(app, key):
    """Press a button by its key and draw the page anew."""
    next(b for b in app.button if b.key == key).click().run()
    assert not app.exception


def is_there(app, key):
    """Return whether a button is on the page and can be pressed."""
    return any(b.key == key and not b.disabled for b in app.button)


def turn_to(app, tab):
    """Open a tab of the page."""
    app.segmented_control(key="cover_tab").set_value(tab).run()
    assert not app.exception


def finish(app, name):
    """Wait for the work in the background and draw the page with its result."""
    desk = app.session_state[DESK_KEY]
    job = job_of(desk, name)
    if job is not None:
        job.thread.join(60)
        assert not job.error
        app.run()
    assert not app.exception
    assert result_of(desk, name) is not None


@pytest.fixture
def app(open_app):
    """Return the page of the demo."""
    return open_app("coverage")


def test_conditions_change_the_figures_and_survive_the_tabs(app):
    """Hour, agencies and limit change the figures; they and the open tab are there again after other tabs and pages."""
    desk = app.session_state[DESK_KEY]
    before = body(app)
    desk.decide("set_units", TABLE, units_value(units_of(desk.plan), {"普1": (1200, 1260)}))
    app.selectbox(key="cover_hour_box").set_value(8).run()
    assert body(app) != before
    assert "普1" not in {unit.id for unit in answering(desk)}
    for view in ("parts", "hours", "closures"):
        app.segmented_control(key="cover_view").set_value(view).run()
        assert not app.exception
    for tab in TABS[1:]:
        turn_to(app, tab)
        assert "08:00" in body(app)
    press(app, "go_network")
    press(app, "go_coverage")
    assert app.segmented_control(key="cover_tab").value == "seal"
    turn_to(app, "cover")
    assert app.selectbox(key="cover_hour_box").value == 8
    assert app.segmented_control(key="cover_view").value == "closures"


def test_without_units_each_tab_says_what_to_do(app):
    """A plan without units has no figures; every tab says so in a sentence, none fails."""
    desk = app.session_state[DESK_KEY]
    desk.decide("set_units", TABLE, units_value(()))
    app.run()
    assert "尚不能计算覆盖" in body(app)
    for tab, text in (("units", "还没有单元"), ("seal", "没有出口或单元")):
        turn_to(app, tab)
        assert text in body(app)
    for tab in ("aid", "posts"):
        turn_to(app, tab)
    press(app, "undo")
    turn_to(app, "cover")
    assert "尚不能计算覆盖" not in body(app)


def test_a_unit_far_from_every_road_is_named_and_left_out(app):
    """One unit with a wrong coordinate does not take the coverage away; it is named."""
    desk = app.session_state[DESK_KEY]
    desk.decide("set_units", TABLE, units_value((*units_of(desk.plan), Unit("远", "local", 100.0, 30.0))))
    app.run()
    assert "时限内可达" in body(app)
    turn_to(app, "units")
    assert "远 距道路太远" in body(app)


def test_hours_and_aid_run_in_the_background_and_grow_stale(app):
    """Both run in a thread; their results stand, and a decision marks them out of date with a button to recompute."""
    desk = app.session_state[DESK_KEY]
    app.segmented_control(key="cover_view").set_value("hours").run()
    press(app, "hours_run")
    finish(app, "hours")
    assert "00–24" in body(app)
    turn_to(app, "aid")
    press(app, "aid_run")
    job_of(desk, "aid").stop.set()
    finish(app, "aid")
    assert "已提前停止" in body(app)
    asked = {"owners": desk.plan.derived.holder, "limit_s": 900.0, "needs_pass": passable_stations(desk.plan)}
    gains = rank_permissions(roads_of(desk), answering(desk), kinds=("pass",), **asked).gains
    keep_result(desk, "aid", Result((*conditions_key(desk), 15, False), (gains, False)))
    app.run()
    assert "准许 高2 经 砚塘收费站 上下高速" in body(app) + " ".join(b.label for b in app.button)
    press(app, "aid_show_0")
    assert desk.extra["aid_shown"].permission.kind == "pass"
    assert "−" in body(app)
    assert not is_there(app, "again_aid")
    desk.decide("set_units", TABLE, units_value(units_of(desk.plan)[1:]))
    app.run()
    assert is_there(app, "again_aid")
    turn_to(app, "cover")
    assert is_there(app, "again_hours")


def test_posts_are_found_compared_and_adopted(app):
    """A placement has value, bound and gap; compared with today it adds road; adopted it is one decision, undoable."""
    desk = app.session_state[DESK_KEY]
    turn_to(app, "posts")
    for model in ("pcenter", "lscp", "dsm", "mclp"):
        app.selectbox(key="posts_model").set_value(model).run()
        assert not app.exception
    app.multiselect(key="posts_fixed").set_value([app.multiselect(key="posts_fixed").options[0]]).run()
    assert not app.exception
    app.multiselect(key="posts_fixed").set_value([]).run()
    press(app, "posts_run")
    finish(app, "posts")
    assert "0 · 已证最优" in body(app)
    press(app, "posts_as_b")
    assert "B − A" in body(app)
    press(app, "compare_end")
    assert "B − A" not in body(app)
    count = len(units_of(desk.plan))
    press(app, "posts_adopt")
    assert len(units_of(desk.plan)) == count + 1
    assert desk.plan.decisions[-1].why == "采用联合驻点"
    assert is_there(app, "again_posts")
    press(app, "undo")
    assert len(units_of(desk.plan)) == count
    press(app, "losses_run")
    finish(app, "losses")
    assert "只剩一家" in body(app)


def test_sealing_race_and_incident(app, demo):
    """Exits are sealed; with a fugitive it is told which can still be closed; a place on a road gives the card."""
    desk = app.session_state[DESK_KEY]
    turn_to(app, "seal")
    press(app, "seal")
    assert "最慢到位" in body(app)
    app.toggle(key="seal_flight").set_value(True).run()
    assert not is_there(app, "race")
    desk.extra["spot"] = (118.6, 31.3)
    app.run()
    press(app, "race")
    assert re.search(r"封得住.*\d+ / 10", body(app))
    app.segmented_control(key="seal_mode").set_value("incident").run()
    network = demo.derived.network
    row = max(
        range(len(network.segments)), key=lambda k: network.segments.length_mm[k] * (network.segment_class[k] == 0)
    )
    desk.select("segment", network.segment_ids[row], middle_of_segment(network, row))
    app.run()
    assert not app.exception
    for text in ("最先到且有权", "关站分流", "绕行", "谁指挥", "现场指挥"):
        assert text in body(app)


def test_units_on_the_map_and_closures_are_decisions(app, demo):
    """A unit is added, moved and removed by clicks; a road is opened again; each is one decision of the plan."""
    desk = app.session_state[DESK_KEY]
    count = len(units_of(desk.plan))
    turn_to(app, "units")
    press(app, "unit_add")
    desk.extra["spot"] = (118.65, 31.3)
    app.run()
    assert len(units_of(desk.plan)) == count + 1
    name = desk.selection.id
    assert name == "普9"
    press(app, "unit_move")
    press(app, "unit_cancel")
    desk.select("unit", name)
    app.run()
    press(app, "unit_move")
    desk.extra["spot"] = (118.66, 31.31)
    app.run()
    assert next(u for u in units_of(desk.plan) if u.id == name).lon == 118.66
    press(app, "unit_remove")
    assert len(units_of(desk.plan)) == count
    assert desk.undo_steps == 3
    road = demo.network.segment_ids[0]
    desk.decide("close_road", road, {"roads": [road], "factor": None})
    turn_to(app, "cover")
    app.segmented_control(key="cover_view").set_value("closures").run()
    press(app, "cover_open_0")
    assert "没有封闭" in body(app)


def test_an_older_version_is_only_looked_at(app):
    """Read-only: figures and long work are there, what would change the plan cannot be pressed."""
    desk = app.session_state[DESK_KEY]
    desk.look_back(len(desk.history.decisions))
    app.run()
    assert "时限内可达" in body(app)
    turn_to(app, "units")
    assert not is_there(app, "unit_add")
    turn_to(app, "posts")
    press(app, "posts_run")
    finish(app, "posts")
    assert is_there(app, "posts_as_b")
    assert not is_there(app, "posts_adopt")
