import pytest

from plan.comments import Comment, add_comment, list_comments
from plan.decisions import Decision
from plan.diff import diff_plans
from plan.disputes import Claim, contested_mm, open_dispute
from plan.model import EVERY_STATION, Plan
from plan.replay import Fate, anchor, replay
from plan.stakes import make_stake_decisions
from tests.sketch import Sketch
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


def test_comments_and_parts_move_with_their_road(plan, sketch, tmp_path):
    """A comment goes to the same metre of the redrawn road, the part of a claim with its segment; words without a place stay."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    made = add_comment(plan, Comment("", "堆物", segment, 100.0))
    made = open_dispute(made, "D1", Claim("x", (segment,), parts=((segment, 20.0, 80.0),)), when="2026-11-01")
    made = made.decide(Decision("comment", "old", {"text": "旧"}))
    folder = tmp_path / "new"
    folder.mkdir()
    result = replay(made, redrawn(sketch, folder, shift_m=10.0))
    assert [row.fate for row in result.rows] == [Fate.MOVED, Fate.MOVED, Fate.KEPT]
    assert list_comments(result.plan)[0].offset_m == pytest.approx(100.0, abs=15)
    assert contested_mm(result.plan) == 60_000
    assert result.plan.derived.ledger.of("owner")["contested"] == 60_000


def test_a_road_of_the_same_name_counts_farther_away(plan, sketch, tmp_path):
    """Moved by a hundred metres a named road is found by its name, a ramp without a name is lost."""
    made = decided(plan, sketch)
    folder = tmp_path / "far"
    folder.mkdir()
    fates = {row.decision.kind: row.fate for row in replay(made, redrawn(sketch, folder, shift_m=100.0)).rows}
    assert fates["override_class"] is Fate.MOVED
    assert fates["place_seam"] is Fate.STALE


def staked(tmp_path, *, shift_m, ids=0):
    """Return a plan of one numbered road with a stake table that moves with it."""
    road = Sketch().put(a=(0, shift_m), b=(4000, shift_m))
    road.way("a b", "primary", ref="S1", name="")
    if ids:
        road.points = {n: (i + ids, x, y, t) for n, (i, x, y, t) in road.points.items()}
        road.ways = [(w + ids, p, t) for w, p, t in road.ways]
    network = road.load(tmp_path)
    table = tmp_path / "stakes.csv"
    rows = [f"S1,K{k}+000,{lon:.7f},{lat:.7f}" for k, (lon, lat) in enumerate(ends(road, shift_m))]
    table.write_text("\n".join(["route,stake,lon,lat", *rows]) + "\n", encoding="utf-8")
    plan = Plan(network)
    for decision in make_stake_decisions(table, network, when="2026-01-01"):
        plan = plan.decide(decision)
    return plan


def ends(road, y_m):
    """Return the places of five stakes, a kilometre apart."""
    return [Sketch(road.origin).point("p", 1000.0 * k, y_m).place("p") for k in range(5)]


def test_a_stake_finds_what_place_and_name_do_not(tmp_path):
    """Where the road was re-aligned by half a kilometre its stake still tells where the seam lies; without one it is stale."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    old, new = staked(tmp_path / "old", shift_m=0.0), staked(tmp_path / "new", shift_m=500.0, ids=900)
    place = Decision("place_seam", "x", {"segment": old.network.segment_ids[0], "offset_m": 1500.0})
    anchored = anchor(old, place)
    assert anchored.value["anchors"][0][2] == "S1"
    assert anchored.value["anchors"][0][3].startswith("S1 K1+49")
    tables = tuple(new.latest("set_stakes").values())
    moved = replay(Plan(old.network, (anchored, *tables)), new.network)
    assert moved.rows[0].fate is Fate.MOVED
    assert moved.rows[0].decision.value["offset_m"] == pytest.approx(1500, abs=20)
    assert moved.rows[0].moved_m == pytest.approx(500, abs=20)
    for anchors in (anchored.value["anchors"], [[114.2, 22.7, "S1", "S1 K99+000"]], [[0.0, 0.0, "S1", "S1 K1+500"]]):
        lost = Decision("place_seam", "x", {**place.value, "anchors": anchors})
        tables_now = () if anchors is anchored.value["anchors"] else tables
        assert replay(Plan(old.network, (lost, *tables_now)), new.network).rows[0].fate is Fate.STALE
