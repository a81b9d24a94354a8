"""The tasks of a plan: where targets come from and stretches survive writing and reading; uploads name bad rows."""

from __future__ import annotations

import dataclasses

import pytest

from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.reasons import Reason
from patrol.targets import Target, Window
from patrol.tasks import Stretch
from patrol.week import WeekPlan
from patrol.zones.rules import NATIONAL, provinces
from plan.decisions import Decision
from views.crews import TABLE, targets_of
from views.widgets.patrol_rows import ALL, Filters, choose_rows, make_rows, values_of
from views.widgets.patrol_sources import read_upload, zone_targets
from views.widgets.patrol_tables import Origin, TaskTable, read_stretches, stretch_rows, table_of
from views.widgets.progress import Job

HEAD = b"id,lon,lat,service_min,kind,window,visits_per_week,agency,name,skill\n"


@pytest.fixture(scope="module")
def graph(demo):
    """Return the demo district's roads."""
    return build_travel_graph(demo.derived.network)


def test_tasks_survive_the_plan(demo, graph):
    """Targets with skill and origin, and stretches, are the same after they were written into a decision."""
    made = Target("A", 118.6, 31.3, 600.0, "land", Window(0, 3600), 2.0, "local", "甲", "drone")
    arc = next(k for k in range(0, len(graph.arc_ms), 2) if graph.arc_ms[k] > 0)
    stretch = Stretch("S", ((arc,),), 2.0, 60.0, "stretch", Window(0, 7200), "local", "管段", "drone")
    origins = {"A": Origin("z1", "national/land/G", "公路法", "w1/1-2"), "gone": Origin("z2")}
    table = TaskTable((made,), origins, stretch_rows(graph.network, [stretch]))
    plan = demo.decide(Decision("set_targets", TABLE, table.value()))
    again = table_of(plan)
    assert targets_of(plan) == (made,)
    assert again.origins == {"A": origins["A"]}
    assert read_stretches(graph.network, again.stretches) == ((stretch,), ())
    assert table_of(demo.decide(Decision("set_targets", TABLE, {"targets": []}))).targets == ()


def test_a_stretch_cut_anew_is_named(demo, graph):
    """A stretch whose segments a moved seam has cut anew is left out with a reason, the others stay."""
    rows = stretch_rows(graph.network, [Stretch("S", ((0,),)), Stretch("R", ((2,),))])
    rows[0]["ways"][0][0][0] = "w0/gone"
    found, lost = read_stretches(graph.network, rows)
    assert [s.id for s in found] == ["R"]
    assert [(item.target, item.reason) for item in lost] == [("S", Reason.NO_ACCESS)]


def test_targets_are_added_replaced_and_removed():
    """A target of the same id takes the place of the old one; what is removed takes its origin along."""
    old = TaskTable((Target("A", 1, 1), Target("B", 2, 2)), {"A": Origin("z")}, ({"id": "S"},))
    more = old.with_targets([Target("B", 3, 3), Target("C", 4, 4)], {"C": Origin("y")})
    assert [(t.id, t.lon) for t in more.targets] == [("A", 1), ("B", 3), ("C", 4)]
    left = more.without(["A", "S"])
    assert [t.id for t in left.targets] == ["B", "C"]
    assert set(left.origins) == {"C"}
    assert left.stretches == ()


def test_rows_say_owner_agency_and_road(demo):
    """Each target has an owner, an agency and a road; one without an agency gets its road's owner."""
    rows = make_rows(demo)
    assert len(rows) == len(targets_of(demo))
    assert all(row.owner and row.agency and (row.road or row.road_class) for row in rows)
    by_id = {row.target.id: row for row in rows}
    assert by_id["T45"].agency == by_id["T45"].owner
    assert by_id["T08"].agency == "joint"


def test_filters_choose_and_combine(demo):
    """Filters by kind, owner, agency, skill and due day combine; no filter passes everything."""
    rows = make_rows(demo)
    assert choose_rows(rows, ALL) == list(rows)
    values = values_of(rows)
    assert values["skills"] == []
    kind = choose_rows(rows, Filters(kinds=frozenset({"plaza"})))
    assert {r.target.kind for r in kind} == {"plaza"}
    both = choose_rows(rows, Filters(kinds=frozenset({"plaza"}), agencies=frozenset({"exp1"})))
    assert 0 < len(both) < len(kind)
    owner = choose_rows(rows, Filters(owners=frozenset({"exp1"})))
    assert all("exp1" in r.owner.split("+") for r in owner)
    assert choose_rows(rows, Filters(skills=frozenset({"drone"}))) == []


def test_what_is_due_follows_the_week(demo):
    """Due this week leaves out what takes turns; due on a day takes what the week plan visits then."""
    rows = [
        dataclasses.replace(row, target=dataclasses.replace(row.target, visits_per_week=0.5 if k else 1.0))
        for k, row in enumerate(make_rows(demo)[:3])
    ]
    assert len(choose_rows(rows, Filters(due="week"), number=0)) == 1
    assert len(choose_rows(rows, Filters(due="week"), number=1)) == 3
    week = WeekPlan((), {rows[0].target.id: (0, 2), rows[1].target.id: (1,)}, (), 0.0, 0.0, 0)
    assert choose_rows(rows, Filters(due="2"), week=week) == [rows[0]]
    assert len(choose_rows(rows, Filters(due="2"))) == 3


def test_an_upload_names_its_bad_rows(demo, graph):
    """Fault 46: rows that contradict themselves are named and left out, the others are read; a table without any fails."""
    body = (
        HEAD
        + b"A,118.6,31.3,20,land,,1,local,,drone\nA,118.6,31.3,20,land,,1,local,,\nB,118.6,31.3,-5,land,,1,local,,\n"
    )
    found = read_upload(body, demo, graph)
    assert [(t.id, t.skill) for t in found.tasks.targets] == [("A", "drone")]
    assert {item.reason for item in found.bad} == {Reason.DUPLICATE, Reason.SERVICE}
    with pytest.raises(InputError, match="is missing"):
        read_upload(b"id,lon\nA,118\n", demo, graph)
    with pytest.raises(InputError):
        read_upload(b"\x00\x01", demo, graph)


def test_a_task_table_brings_stretches(demo, graph):
    """A table with a column ``type`` is read as tasks: places, checkpoints and stretches."""
    units = [t for t in targets_of(demo) if t.agency == "local"][:2]
    (a, b) = ((t.lon, t.lat) for t in units)
    body = (
        "id,type,lon,lat,to_lon,to_lat,service_min\n"
        f"P,place,{a[0]},{a[1]},,,10\nC,checkpoint,{b[0]},{b[1]},,,30\nS,stretch,{a[0]},{a[1]},{b[0]},{b[1]},\n"
    ).encode()
    found = read_upload(body, demo, graph)
    assert {t.id: t.kind for t in found.tasks.targets} == {"P": "", "C": "checkpoint"}
    assert [row["id"] for row in found.tasks.stretches] == ["S"]
    stretches, lost = read_stretches(graph.network, found.tasks.stretches)
    assert len(stretches[0].ways[0]) > 1
    assert lost == ()


def test_zones_become_targets_with_their_rules(demo):
    """Targets made from zones say from which zone and by which rule, and tell how far the work is."""
    job = Job("targets")
    found = zone_targets(demo, ("plaza", "connector"), province=NATIONAL, most_urgent=2, job=job)
    targets = found.tasks.targets
    assert {t.kind for t in targets} == {"plaza", "connector"}
    assert all(found.tasks.origins[t.id].rule and found.tasks.origins[t.id].zone for t in targets)
    assert job.done == 2
    urgent = zone_targets(demo, ("visible_range",), province="zhejiang", most_urgent=1, job=job)
    assert {t.agency for t in urgent.tasks.targets} == {"joint"}


def test_provinces_can_be_named():
    """Every province of the rule table can be chosen by its Chinese name."""
    names = provinces()
    assert names["zhejiang"] == "浙江"
    assert NATIONAL not in names
    assert len(names) == len(set(names.values())) == 31
