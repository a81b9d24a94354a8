"""All that is doubtful about a plan in one list, and the ticks of whoever looked at it."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from geo.closures import CLOSED, Closure
from geo.errors import InputError
from geo.findings import Finding, Severity
from plan.closures import close_road, closure_from, closure_value, closures_of, reopen_road
from plan.decisions import Decision
from plan.doctor import edit_days, examine_plan, review, review_key, reviews
from plan.model import Plan
from plan.planfile import open_plan, save_plan
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder with the map."""
    return tmp_path_factory.mktemp("map")


@pytest.fixture(scope="module")
def plan(folder):
    """Return the plan of an expressway with one station."""
    return Plan(expressway_with_ramp().load(folder))


def test_every_source_of_doubt_is_in_the_list(plan):
    """Reading, split, doctor and closures are listed once each, the gravest first."""
    odd = plan.decide(close_road(Closure("c1", ("G999",), to_min=60)))
    found = examine_plan(odd, today=date(2026, 11, 25))
    assert {f.code for f in found} >= {"closure_off_map", *(f.code for f in odd.derived.findings)}
    assert len(found) == len(set(found))
    rank = [("error", "warning", "note").index(f.severity) for f in found]
    assert rank == sorted(rank)
    assert all(f.remedy and f.remedy_en for f in found)


def test_a_tick_holds_while_the_finding_is_the_same(plan):
    """A reviewed finding carries who, when and why; it is open again when it grows, or when the tick is taken back."""
    finding = Finding(
        "island", Severity.WARNING, 2, "两处，请改。", "two: mend.", places=((114.2, 22.7),), things=("w1/1-2",)
    )
    other = Finding("island", Severity.WARNING, 2, "两处，请改。", "two: mend.", places=((114.3, 22.7),))
    ticked = plan.decide(review(finding, "地图裁剪边缘", who="张三", when="2026-11-25"))
    found = reviews(ticked, [other, finding])
    assert list(found) == [1]
    assert (found[1].who, found[1].when, found[1].reason) == ("张三", "2026-11-25", "地图裁剪边缘")
    more = Finding("island", Severity.WARNING, 3, "三处。", "three.", places=finding.places, things=finding.things)
    assert review_key(more) == review_key(finding)
    assert reviews(ticked, [more]) == {}
    assert reviews(ticked.decide(review(finding, " ")), [finding]) == {}


def test_edit_days_are_read_from_the_map_itself(plan, folder):
    """The age check looks into the OSM file that was opened, and into no other file."""
    days = edit_days(str(folder / "sketch.osm"), plan.network)
    assert days is not None
    assert len(days) == len(plan.network.ways)
    assert edit_days("demo", plan.network) is None
    assert edit_days(str(folder / "other.osm"), plan.network) is None


CLOSURES = (
    Closure("a", ("w1", "G98"), factor=2.5, direction="north", reason="养护", source="公告"),
    Closure("b", line=((114.2, 22.7), (114.3, 22.8)), radius_m=40.0, from_min=1320, to_min=300, days=frozenset({4, 5})),
    Closure("c", ("w2",), start=datetime.fromisoformat("2026-11-25T08:00"), speed_kmh=40.0, factor=1.0),
    Closure("d", line=((114, 22), (114.1, 22), (114, 22.1), (114, 22)), is_area=True),
)


@pytest.mark.parametrize("closure", CLOSURES, ids=lambda c: c.id)
def test_closures_survive_a_plan_file(closure, plan, tmp_path):
    """A closure in a plan is read back from its file as it was put in; reopening takes it away."""
    assert closure_from(closure.id, closure_value(closure)) == closure
    closed = plan.decide(close_road(closure, who="张三", when="2026-11-25"))
    save_plan(tmp_path / "a.gpkg", closed)
    assert closures_of(open_plan(tmp_path / "a.gpkg")) == (closure,)
    assert closures_of(closed.decide(reopen_road(closure.id))) == ()


def test_a_closure_that_cannot_be_read_stops_nothing(plan):
    """A value of another program that is no closure is left out; asked for itself it is refused in one sentence."""
    odd = Decision("close_road", "x", {"roads": ["w1"], "days": ["someday"]})
    assert closures_of(plan.decide(odd).decide(close_road(Closure("y", ("w1",))))) == (Closure("y", ("w1",)),)
    with pytest.raises(InputError, match="enter it anew"):
        closure_from("x", odd.value)
    assert closure_from("x", {"roads": ["w1"]}).factor == CLOSED


def test_the_doctors_list_is_whole(tmp_path):
    """A map with many troubles: each class of finding is listed with code, severity, count, place and remedy."""
    s = expressway_with_ramp()
    s.put(i0=(-5000, 3000), i1=(-4500, 3000), t0=(2600, 500), t1=(2800, 700), z0=(2000, 900), z1=(2000, 900))
    s.way("i0 i1", "tertiary", name="孤岛路")
    s.way("o1 t0", "tertiary", oneway="yes")
    s.way("t0 t1 t0", "tertiary")
    s.way("o0 r", "primary", name="重复路")
    s.way("o1 z0", "tertiary", maxspeed="fast", oneway="sideways")
    s.way("z0 z1", "tertiary")
    s.point("gone", 0, 400, **{"removed:barrier": "toll_booth", "name": "省界站"})
    s.put(g0=(0, -900), g1=(100, -800), g2=(100, -900), g3=(0, -800))
    s.outline("g0 g1 g2 g3", highway="services", name="服务区")
    s.point("lane", 380, 235)
    s.way("a lane b", "motorway_link", oneway="yes")
    plan = Plan(s.load(tmp_path))
    found = {f.code: f for f in examine_plan(plan, today=date(2026, 11, 25))}
    wanted = {
        "island", "one_way_trap", "missing_booth", "duplicate_way", "zero_length", "odd_maxspeed", "odd_oneway",
        "removed_border_station", "self_crossing_area",
    }  # fmt: skip
    assert wanted - set(found) == set()
    for code in wanted:
        finding = found[code]
        assert finding.count >= 1
        assert finding.places
        assert finding.remedy
        assert finding.remedy_en
