"""The Boundary page without a browser: cards get their numbers, a seam is moved by key alone, tabs answer."""

from __future__ import annotations

import re

import pytest

from views.state import DESK_KEY
from views.widgets.boundary_drag import present_drag

STATION = "n7600003333"


def body(app):
    """Return the markup on the page with its character references resolved."""
    parts = [getattr(e.proto, "body", "") for e in app.get("html")]
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), " ".join(parts))


def press(app, key):
    """Press a button by its key and run the page."""
    return next(b for b in app.button if b.key == key).click().run()


def wait_for(app, name):
    """Run the page until its work in the background is finished."""
    job = app.session_state[DESK_KEY].extra.get(f"job:{name}")
    if job is not None:
        job.thread.join(60)
    return app.run()


@pytest.fixture
def at_seam(open_app):
    """Return the page with a seam of a station selected."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    seam = next(s for s in desk.plan.derived.ownership.seams if s.station == STATION)
    desk.select("seam", seam.id, (seam.lon, seam.lat))
    return app.run()


def test_numbers_come_after_the_cards(open_app):
    """The cards can be used before their numbers are there; then they say what each option moves and costs."""
    app = open_app()
    assert {"adopt_ramp_end", "preview_ramp_end", "adopt_plaza_outer_edge"} <= {b.key for b in app.button}
    page = body(wait_for(app, "prices"))
    assert "−8.95" in page
    assert "劣于他案" in page
    assert not app.exception


def test_a_seam_is_moved_and_agreed_on_by_key_alone(at_seam):
    """Slider, buttons and number move the same seam; a reason makes it agreed; locked, undo leaves it alone."""
    app = press(at_seam, "drag_start")
    desk = app.session_state[DESK_KEY]
    press(app, "drag_by_100")
    assert "移到这里的后果" in body(app)
    first = present_drag(desk).at
    app.number_input(key="drag_number").set_value(-55.0).run()
    assert present_drag(desk).at != first
    assert app.select_slider(key="drag_slider").value < 0
    app.select_slider(key="drag_slider").set_value(-100.0).run()
    press(app, "drag_by_-10")
    press(app, "drag_agree_write")
    assert desk.undo_steps == 0
    assert "商定需要理由" in body(app)
    app.text_input(key="drag_why").set_value("现场核对")
    press(app, "drag_agree_write")
    made = desk.plan.decisions[-1]
    assert (made.kind, made.why) == ("place_seam", "现场核对")
    assert made.value["along_m"] == pytest.approx(-110, abs=6)
    assert "撤回商定" in [b.label for b in app.button]
    press(app, "lock_one")
    assert "已锁定" in body(app)
    assert desk.undo_steps == 0
    press(app, "lock_one")
    press(app, "withdraw")
    assert desk.selection.kind == "station"
    assert not app.exception


def test_a_drag_ends_with_cancel_and_with_another_plan(at_seam):
    """Cancel puts the seam down; a decision made meanwhile does so too; a hostile report is one sentence."""
    app = press(at_seam, "drag_start")
    desk = app.session_state[DESK_KEY]
    desk.extra["dragged"] = "../../etc:0:0"
    app.run()
    assert "不是界点可放之处" in body(app)
    press(app, "drag_cancel")
    assert present_drag(desk) is None
    press(app, "drag_start")
    press(app, "adopt_ramp_end")
    assert present_drag(desk) is None
    assert not app.exception


def test_a_seam_with_forks_offers_each_way(open_app):
    """Where several roads leave a seam on one side, a person chooses which one it goes along."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    desk.select("seam", "s7600002886", None)
    app.run()
    press(app, "drag_start")
    press(app, "drag_by_100")
    was = present_drag(desk).at
    ways = app.segmented_control(key="drag_path")
    ways.set_value(next(t for t in (1, 2, 3) if t != was[0])).run()
    assert present_drag(desk).at[0] != was[0]
    assert not app.exception


def test_roads_say_why_and_take_comments(open_app):
    """A road's card names the agency's reason and the law; a comment written there is shown there."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    network = desk.plan.derived.network
    row = int(desk.plan.derived.settlement.assignment.stretch.argmax())
    desk.select("segment", network.segment_ids[row], None)
    app.run()
    assert "为什么是这个单位" in body(app)
    assert "S101#1" in body(app)
    app.text_area(key="comment_text").set_value("此段夜间施工 <b>")
    press(app, "comment_write")
    assert "此段夜间施工 <b>" in body(app)
    assert desk.plan.decisions[-1].kind == "comment"
    assert not app.exception


def test_stretches_are_listed_changed_and_balanced(open_app):
    """The table lists each stretch; an end is changed with a reason; a balanced split shows before and after, then stands."""
    app = open_app()
    desk = app.session_state[DESK_KEY]
    app.segmented_control(key="boundary_tab").set_value("stretches").run()
    assert "3 个管段" in body(app)
    press(app, "row_stretch_0")
    app.text_input(key="stretch_to").set_value("K230+000")
    press(app, "stretch_write")
    assert "改管段需要理由" in body(app)
    app.text_input(key="stretch_to").set_value("K230+000")
    app.text_input(key="stretch_why").set_value("会议纪要")
    press(app, "stretch_write")
    assert desk.plan.decisions[-1].key == "G98#1"
    press(app, "balance_run")
    wait_for(app, "balance")
    assert "最重的大队比平均多" in body(app)
    before = desk.plan.derived.ledger.of("agency")
    press(app, "balance_preview")
    press(app, "balance_preview")
    press(app, "balance_adopt")
    assert desk.plan.derived.ledger.of("agency") != before
    assert not app.exception


@pytest.mark.parametrize("group", ["owner", "state", "class", "route", "town"])
def test_each_figure_of_the_ledger_jumps(open_app, group):
    """Every grouping lists its metres, and a row moves the map to its roads."""
    app = open_app()
    app.segmented_control(key="boundary_tab").set_value("ledger").run()
    app.segmented_control(key="ledger_group").set_value(group).run()
    desk = app.session_state[DESK_KEY]
    before = desk.jumps
    press(app, f"row_{group}_0")
    assert desk.jumps == before + 1
    assert desk.target.bounds is not None
    assert not app.exception


def test_the_cheapest_repair_is_one_press(open_app):
    """The leak's card draws its path and takes the cheapest repair; the tab says how many leaks are left."""
    app = open_app(language="en")
    app.segmented_control(key="boundary_tab").set_value("leaks").run()
    assert "The map lacks a booth" in body(app)
    press(app, "repair_0_0")
    assert "Leaks: 1 before, 0 now" in body(app)
    assert not app.exception
