"""The network page without a browser: three steps, ticks, corrections, closures, the agency's table."""

from __future__ import annotations

import re

import pytest

from plan.closures import closures_of
from plan.doctor import reviews
from views.state import DESK_KEY
from views.widgets.doctor import listed_findings
from views.widgets.doctor_stations import _match
from views.words import word


def body(app):
    """Return the markup on the page with its character references resolved."""
    parts = [getattr(e.proto, "body", "") for e in app.get("html")]
    return re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), " ".join(parts))


def button(app, key):
    """Return a button by its key."""
    return next(b for b in app.button if b.key == key)


@pytest.fixture
def app(open_app):
    """Return the page, opened at the doctor."""
    found = open_app("network")
    assert not found.exception
    return found


def test_a_finding_is_explained_and_ticked_with_a_reason(app):
    """The gravest finding leads to its place; it is ticked only with a reason, and the tick can be taken back."""
    desk = app.session_state[DESK_KEY]
    first = listed_findings(desk)[0]
    button(app, "first_finding").click().run()
    assert first.remedy in body(app)
    assert desk.jumps == 1
    submit = next(b for b in app.button if "标记为已复核" in b.label)
    submit.click().run()
    assert "请写明理由" in body(app)
    next(t for t in app.text_input if t.key.startswith("review_")).set_value("实地相连")
    next(b for b in app.button if "标记为已复核" in b.label).click().run()
    held = reviews(desk.plan, [first])
    assert held[0].reason == "实地相连"
    assert "实地相连" in body(app)
    button(app, "untick").click().run()
    assert reviews(desk.plan, [first]) == {}
    assert not app.exception


def test_source_names_file_hash_classes_and_last_comparison(app):
    """Step 1 names the file, its hash and kilometres by class; classes are no technical classes."""
    app.segmented_control(key="network_tab").set_value("source").run()
    page = body(app)
    desk = app.session_state[DESK_KEY]
    assert desk.plan.network.source.sha256[:12] in page
    assert word("primary") in page
    assert "还没有比较过" in page
    assert not any("一级" in word(kind) or "二级" in word(kind) for kind in ("primary", "secondary", "tertiary"))
    assert not app.exception


def test_a_station_is_corrected(app):
    """Step 3 lists stations; a correction needs a change and a reason, is one decision, and can be taken back."""
    desk = app.session_state[DESK_KEY]
    station = next(s for s in desk.plan.stations if s.kind == "ramp")
    app.segmented_control(key="network_tab").set_value("stations").run()
    assert "±" in body(app)
    button(app, f"row_station_{station.id}").click().run()
    assert station.name in body(app)
    next(b for b in app.button if b.label == "保存订正").click().run()
    assert "请改动至少一项" in body(app)
    next(t for t in app.text_input if t.label == "名称").set_value("新名收费站")
    next(t for t in app.text_input if t.label == "理由").set_value("现场核对")
    next(b for b in app.button if b.label == "保存订正").click().run()
    assert next(s for s in desk.plan.stations if s.id == station.id).name == "新名收费站"
    assert desk.undo_steps == 1
    button(app, "uncorrect").click().run()
    assert next(s for s in desk.plan.stations if s.id == station.id).name == station.name
    assert not app.exception


def test_a_road_is_closed_and_opened_again(app):
    """The selected road is closed in a window of hours, listed, and opened again; each is one decision."""
    desk = app.session_state[DESK_KEY]
    desk.select("segment", desk.plan.network.segment_ids[0])
    app.run()
    next(b for b in app.button if b.label == "写入方案").click().run()
    (closure,) = closures_of(desk.plan)
    assert closure.roads == (desk.plan.network.segment_ids[0],)
    next(s for s in app.selectbox if s.key == "reopen").set_value(closure.id).run()
    button(app, "reopen_now").click().run()
    assert closures_of(desk.plan) == ()
    assert not app.exception


def test_the_agencys_table_fills_the_list(app):
    """A table held against the map adds its misfits to the findings of the page."""
    desk = app.session_state[DESK_KEY]
    before = len(listed_findings(desk))
    station = next(s for s in desk.plan.stations if s.kind == "ramp")
    rows = f"名称,经度,纬度\n{station.name},{station.lon},{station.lat}\n无坐标站,,\n"
    _match(desk, rows.encode("utf-8"))
    assert len(listed_findings(desk)) > before
    app.segmented_control(key="network_tab").set_value("stations").run()
    assert "表内有、图上无" in body(app)
    assert not app.exception
