import pytest

from plan.decisions import Decision
from plan.diff import diff_plans
from plan.model import EVERY_STATION, Plan
from plan.replay import Fate, anchor, replay
from tests.sketches import expressway_with_ramp


@pytest.fixture
def sketch():
    return expressway_with_ramp()


@pytest.fixture
def plan(sketch, tmp_path):
    return Plan(sketch.load(tmp_path))


def choose(key, convention):
    return Decision("choose_convention", key, {"convention": convention})


def test_a_plan_does_not_differ_from_itself(plan):
    """Comparing a plan with itself finds nothing."""
    assert diff_plans(plan, plan).is_empty


def test_moved_metres_are_those_that_change_hands(plan):
    """The metres of a diff are exactly what one ledger has more than the other."""
    other = plan.decide(choose(EVERY_STATION, "ramp_end"))
    difference = diff_plans(plan, other)
    gained = other.derived.ledger.of("owner")["expressway"] - plan.derived.ledger.of("owner")["expressway"]
    assert difference.moved_mm == {("local", "expressway"): gained}
    assert [c.change for c in difference.decisions] == ["added"]
    assert diff_plans(other, plan).decisions[0].change == "removed"


def test_metres_are_compared_by_interval_where_a_seam_cuts_a_segment(plan, sketch):
    """A seam inside a segment moves part of it, to the millimetre."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    other = plan.decide(Decision("place_seam", "x", {"segment": segment, "offset_m": 100.0}))
    moved = diff_plans(plan, other).moved_mm["local", "expressway"]
    lanes = sum(
        int(plan.network.segments.length_mm[plan.network.row_of_segment[s]])
        for s in (f"w107/{sketch.id('e0')}-{sketch.id('b')}",)
    )
    assert moved >= 100_000 + lanes - 1
    assert diff_plans(plan, other).to_json()["same"] is False


def test_another_map_shows_roads_that_only_one_has(plan, tmp_path):
    """Roads that only one map has are counted apart from metres that changed hands."""
    folder = tmp_path / "more"
    folder.mkdir()
    more = Plan(expressway_with_ramp(lanes=3).load(folder))
    difference = diff_plans(plan, more)
    assert difference.only_after_mm > 0


def redrawn(sketch, folder, *, ids=1000, shift_m=0.0):
    """Load the same map with new way ids and every point moved."""
    for name, (ident, x, y, tags) in list(sketch.points.items()):
        sketch.points[name] = (ident + ids, x + shift_m, y, tags)
    sketch.ways = [(way + ids, points, tags) for way, points, tags in sketch.ways]
    return sketch.load(folder)


def decided(plan, sketch):
    """Make one decision of each placed kind, anchored."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    station = plan.network.stations[0].id
    for decision in (
        Decision("override_class", "w111", {"class": "expressway"}),
        Decision("place_seam", "x", {"segment": segment, "offset_m": 100.0}),
        choose(station, "ramp_end"),
        Decision("open_dispute", "D1", {"segments": [segment], "positions": {}}),
        Decision("set_handover", plan.derived.ownership.seams[0].id, {"status": "pending"}),
        Decision("set_agency", "local", {"name": "区大队", "kind": "local", "letter": "普"}),
    ):
        plan = plan.decide(anchor(plan, decision))
    return plan


def test_replay_on_the_same_map_keeps_everything(plan, sketch):
    """Nothing moves when the map did not change."""
    made = decided(plan, sketch)
    result = replay(made, plan.network)
    assert result.count(Fate.KEPT) == len(made.decisions)
    assert result.plan.decisions == made.decisions


def test_replay_finds_renumbered_and_moved_roads_by_place_and_name(plan, sketch, tmp_path):
    """New ids and ten metres of shift: the decisions move with their roads, and say how far."""
    made = decided(plan, sketch)
    folder = tmp_path / "new"
    folder.mkdir()
    result = replay(made, redrawn(sketch, folder, shift_m=10.0))
    fates = {row.decision.kind: row.fate for row in result.rows}
    assert fates["override_class"] is Fate.MOVED
    assert fates["place_seam"] is Fate.MOVED
    assert fates["choose_convention"] is Fate.MOVED
    assert fates["open_dispute"] is Fate.MOVED
    assert fates["set_agency"] is Fate.KEPT
    assert 0 < max(row.moved_m for row in result.rows) < 15
    assert "stale_decision" not in {f.code for f in result.plan.derived.findings}
    assert result.to_json()["moved"] == result.count(Fate.MOVED)


def test_what_has_gone_is_stale_and_stays_in_the_plan(plan, sketch, tmp_path):
    """A decision whose road is gone is kept, marked stale, and named in the findings."""
    made = decided(plan, sketch)
    folder = tmp_path / "gone"
    folder.mkdir()
    result = replay(made, redrawn(sketch, folder, shift_m=90_000.0))
    assert result.count(Fate.STALE) >= 4
    assert len(result.plan.decisions) == len(made.decisions)
    assert "stale_decision" in {f.code for f in result.plan.derived.findings}


def test_anchors_are_written_once(plan, sketch):
    """An anchored decision keeps the anchor of the day it was made."""
    once = anchor(plan, Decision("override_class", "w111", {"class": "expressway"}))
    assert anchor(plan, once) is once
    assert once.value["anchors"][0][2] == "岚柳路"
