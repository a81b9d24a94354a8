"""The desk: decisions, undo, saving, what counts as the same plan."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from geo.errors import InputError
from plan.planfile import open_plan, save_plan
from views.crews import set_tables, targets_of, units_of, units_value
from views.state import Opened, hash_file, open_named, plan_key, put_on_desk
from views.widgets.exporting import geojson_bytes, map_bytes, plan_bytes


@pytest.fixture
def desk(demo):
    """Return a desk with the demo."""
    return put_on_desk(Opened(demo, "demo"))


def test_undo_takes_back_decisions_of_this_session_only(desk):
    """Undo and redo count the decisions made since opening; what was opened stays."""
    opened = desk.key
    desk.undo()
    assert (desk.key, desk.undo_steps) == (opened, 0)
    desk.decide("choose_convention", "*", {"convention": "ramp_end"})
    changed = desk.key
    assert (desk.undo_steps, desk.is_saved, desk.plan.convention) == (1, False, "ramp_end")
    desk.undo()
    assert (desk.key, desk.redo_steps, desk.plan.convention) == (opened, 1, "toll_island")
    desk.redo()
    assert (desk.key, desk.redo_steps) == (changed, 0)


def test_what_is_read_only_is_not_changed(demo, tmp_path, monkeypatch):
    """Fault 5: a plan whose file may not be written, or an older version, takes no decision and says why."""
    path = tmp_path / "plan.gpkg"
    save_plan(path, demo)
    desk = put_on_desk(Opened(open_plan(path), "file", path))
    desk.decide("choose_convention", "*", {"convention": "ramp_end"})
    newest = desk.key
    desk.look_back(len(demo.decisions))
    desk.decide("choose_convention", "*", {"convention": "plaza_outer_edge"})
    assert (desk.plan.convention, desk.undo_steps, desk.redo_steps) == ("toll_island", 0, 0)
    assert "取代" in desk.message
    desk.look_ahead()
    assert desk.key == newest
    real = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: mode != os.W_OK and real(p, mode))
    desk.decide("choose_convention", "*", {"convention": "plaza_outer_edge"})
    assert (desk.key, desk.is_read_only) == (newest, True)
    assert "不可写" in desk.message


def test_results_are_shared_by_content(desk, demo):
    """Two desks with equal plans get the same computed plan; another decision makes another one."""
    other = put_on_desk(Opened(replace(demo), "demo"))
    assert other.plan is desk.plan
    other.decide("choose_convention", "*", {"convention": "ramp_end"})
    assert other.plan is not desk.plan


def test_a_preview_is_no_decision(desk):
    """Looking at another convention leaves plan and history alone."""
    before = desk.key
    key, plan = desk.with_convention("ramp_end")
    assert key != before == desk.key
    assert plan.convention == "ramp_end"
    assert desk.undo_steps == 0


def test_saving_keeps_what_somebody_else_saved(demo, tmp_path):
    """Promise 6: a plan file that changed on disk since it was read is not overwritten, and the person is told."""
    path = tmp_path / "plan.gpkg"
    save_plan(path, demo)
    desk = put_on_desk(Opened(open_plan(path), "file", path))
    desk.decide("choose_convention", "*", {"convention": "ramp_end"})
    desk.save()
    assert desk.is_saved
    assert open_plan(path).convention == "ramp_end"
    path.write_bytes(path.read_bytes() + b"\0")
    theirs = hash_file(path)
    desk.decide("choose_convention", "*", {"convention": "toll_island"})
    with pytest.raises(InputError, match="已被他人改动"):
        desk.save()
    assert hash_file(path) == theirs


def test_a_plan_file_is_read_once_and_again_when_it_changes(demo, tmp_path):
    """Sessions of a server share the plan it was started with; once the file is saved anew, the next one reads it."""
    path = tmp_path / "plan.gpkg"
    save_plan(path, demo)
    first, second = open_named(path), open_named(path)
    assert first.opened is second.opened
    assert (first.on_disk, first.network_key, first.is_saved) == (hash_file(path), second.network_key, True)
    first.decide("choose_convention", "*", {"convention": "ramp_end"})
    first.save()
    third = open_named(path)
    assert third.opened is not second.opened
    assert third.plan.convention == "ramp_end"


def test_the_key_names_network_and_decisions(demo):
    """The key of a plan depends on the network and on each decision, in order."""
    keys = {plan_key("n", demo.decisions), plan_key("m", demo.decisions), plan_key("n", demo.decisions[:-1])}
    keys.add(plan_key("n", (*demo.decisions[1:], demo.decisions[0])))
    assert len(keys) == 4
    assert plan_key("n", demo.decisions) == plan_key("n", tuple(demo.decisions))


def test_units_and_targets_survive_the_plan(demo):
    """Units and targets come back from their decisions as they went in, and are not set twice."""
    units, targets = units_of(demo), targets_of(demo)
    assert len(units) > 5
    assert any(t.window for t in targets)
    again = set_tables(demo, (), ())
    assert (units_of(again), targets_of(again)) == (units, targets)
    assert units_value(units)["units"][0]["cars"] == units[0].available


def test_downloads_are_what_the_command_line_writes(demo, tmp_path):
    """The downloads are a plan file that opens, a page, and GeoJSON."""
    path = tmp_path / "down.gpkg"
    path.write_bytes(plan_bytes(demo))
    assert open_plan(path).decisions == demo.decisions
    assert map_bytes(demo).startswith(b"<!DOCTYPE html>")
    assert geojson_bytes(demo).startswith(b'{"type": "FeatureCollection"')
    assert list(Path(tmp_path).iterdir()) == [path]
