"""One seam moved near by equals the plan derived anew."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from plan import nearby
from plan.changes import Holding, find_changes, slice_line
from plan.decisions import Decision
from plan.incremental import SeamMover, move_seam
from plan.model import Plan
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def sketch():
    return expressway_with_ramp()


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    return [expressway_with_ramp(lanes=k).load(tmp_path_factory.mktemp("move")) for k in (1, 2, 4)]


@pytest.fixture(scope="module")
def plan(networks):
    return Plan(networks[1])


def afresh(plan, move):
    """Return the plan with a seam moved, derived anew."""
    kept = tuple(d for d in plan.decisions if d.subject != move.decision.subject)
    return Plan(plan.network, (*kept, move.decision))


def agrees(plan, move):
    """Whether a move equals the plan derived anew, in every piece and total."""
    fresh = afresh(plan, move)
    assert move.changes == find_changes(plan.network, Holding.of(plan), Holding.of(fresh))
    for group, found in (("owner", move.owner_mm), ("agency", move.agency_mm)):
        expected = fresh.derived.ledger.of(group)
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}


DECISIONS = st.one_of(
    st.tuples(st.just("choose_convention"), st.sampled_from(["ramp_end", "toll_island", "plaza_outer_edge"])),
    st.tuples(st.just("override_class"), st.tuples(st.integers(0, 99), st.sampled_from(["expressway", "ordinary"]))),
    st.tuples(st.just("place_seam"), st.tuples(st.integers(0, 99), st.integers(0, 999))),
    st.tuples(st.just("open_dispute"), st.integers(0, 99)),
)


def apply(plan, step):
    """Return the plan with one more decision of any kind."""
    kind, value = step
    seams, ways = plan.derived.ownership.seams, plan.network.ways.id.tolist()
    if kind == "choose_convention":
        return plan.decide(Decision(kind, "*", {"convention": value}))
    if kind == "override_class":
        return plan.decide(Decision(kind, f"w{ways[value[0] % len(ways)]}", {"class": value[1]}))
    if kind == "open_dispute":
        segment = plan.network.segment_ids[value % len(plan.network.segments)]
        return plan.decide(Decision(kind, f"d{value}", {"segments": [segment]}))
    if not seams:
        return plan
    mover = SeamMover(plan, seams[value[0] % len(seams)].id)
    places = mover.tracks(reach_m=500).places
    place = places[value[1] % len(places)]
    return plan.decide(mover.move(place.segment, place.offset_m).decision)


@settings(max_examples=60)
@given(
    st.integers(0, 2),
    st.lists(DECISIONS, max_size=3),
    st.tuples(st.integers(0, 99), st.integers(0, 99), st.floats(0, 1)),
)
def test_a_move_equals_a_fresh_derivation(networks, which, steps, place):
    """Whatever was decided before, a seam moved to any metre of any road gives the owners of a fresh derivation."""
    plan, (seam, segment, share) = Plan(networks[which]), place
    for step in steps:
        plan = apply(plan, step)
    seams = plan.derived.ownership.seams
    if not seams:
        return
    row = segment % len(plan.network.segments)
    offset = share * int(plan.network.segments.length_mm[row]) / 1000
    agrees(plan, move_seam(plan, seams[seam % len(seams)].id, plan.network.segment_ids[row], offset_m=offset))


def test_the_neighbourhood_grows_until_the_change_lies_inside_it(plan, monkeypatch):
    """Started from a few metres, the window still ends with the answer of a fresh derivation."""
    monkeypatch.setattr(nearby, "_FIRST_REACH_M", 5.0)
    monkeypatch.setattr(nearby, "LEAST_SEGMENTS", 1)
    mover = SeamMover(plan, plan.derived.ownership.seams[0].id)
    for place in mover.tracks(reach_m=600, step_m=60).places:
        agrees(plan, mover.move(place.segment, place.offset_m))


def test_a_move_tells_metres_places_and_lines(plan, sketch):
    """Moved out to the ramp, the plaza is the expressway's: metres, decision, lines and JSON say the same."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    mover = SeamMover(plan, f"s{sketch.id('e0')}")
    move = mover.move(segment, 100.0)
    assert move.decision.subject == ("place_seam", f"s{sketch.id('e0')}")
    assert move.owner_gain_mm["expressway"] == -move.owner_gain_mm["ordinary"] > 100_000
    assert move.agency_gain_mm == {k: v for k, v in sum_by_agency(move).items() if v}
    assert (move.lon, move.lat) in move.seams
    lines = move.lines()
    assert len(lines) == len(move.changes)
    assert all(line.shape[0] >= 2 for line in lines)
    body = move.to_json()
    assert body["segment"] == segment
    assert body["owner_gain_m"]["expressway"] == move.owner_gain_mm["expressway"] / 1000
    assert sum(body["owner_m"].values()) == pytest.approx(plan.network.length_mm / 1000)


def sum_by_agency(move):
    gained = {}
    for change in move.changes:
        gained[change.agency[0]] = gained.get(change.agency[0], 0) - change.length_mm
        gained[change.agency[1]] = gained.get(change.agency[1], 0) + change.length_mm
    return gained


def test_a_placed_seam_is_picked_up_again_under_its_first_name(plan, sketch):
    """A seam that was placed keeps its key, so that dragging it again replaces the decision."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    first = move_seam(plan, f"s{sketch.id('e0')}", segment, offset_m=100.0)
    placed = plan.decide(first.decision)
    agreed = next(s for s in placed.derived.ownership.seams if s.kind == "agreed")
    again = SeamMover(placed, agreed.id).move(segment, 40.0)
    assert again.decision.subject == first.decision.subject
    assert SeamMover(placed, first.decision.key).key == first.decision.key
    agrees(placed, again)


def test_two_placements_on_one_road_are_derived_afresh(plan, sketch):
    """Where another agreed seam claims the road, or lies within half a metre, the answer is a fresh derivation."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    placed = plan.decide(move_seam(plan, f"s{sketch.id('e0')}", segment, offset_m=100.0).decision)
    for offset in (150.0, 50.0, 100.2):
        agrees(placed, move_seam(placed, f"s{sketch.id('f0')}", segment, offset_m=offset))


def test_what_is_not_there_is_refused(plan, sketch):
    """A seam, a segment or a metre that does not exist is refused in one sentence."""
    seam = f"s{sketch.id('e0')}"
    with pytest.raises(InputError, match="no such seam"):
        SeamMover(plan, "s0")
    with pytest.raises(InputError, match="not on the map"):
        move_seam(plan, seam, "w1/2-3", offset_m=0.0)
    with pytest.raises(InputError, match="long"):
        move_seam(plan, seam, plan.network.segment_ids[0], offset_m=1e6)


def test_tracks_lead_both_ways_and_every_place_takes_the_seam(plan, sketch):
    """Places run outwards on both sides, lie on the segments they name, and taking one puts a seam there."""
    mover = SeamMover(plan, f"s{sketch.id('e0')}")
    tracks = mover.tracks(reach_m=400, step_m=25)
    assert {t.side for t in tracks.tracks} == {"expressway", "ordinary"}
    for track in tracks.tracks:
        sign = 1 if track.side == "ordinary" else -1
        far = [sign * p.along_m for p in track.places]
        assert far == sorted(far)
        assert far[0] > 0
        assert far[-1] <= 400
        assert track.along_m[-1] == pytest.approx(400, abs=0.01)
        for place in track.places:
            row = plan.network.row_of_segment[place.segment]
            at_mm = round(place.offset_m * 1000)
            at = slice_line(plan.network, row, from_mm=at_mm, to_mm=at_mm + 1)[0]
            assert np.allclose(at, (place.lon, place.lat), atol=2e-6)
    assert "junction" in {p.kind for p in tracks.places}
    outer = max((p for p in tracks.places if p.kind == "metre"), key=lambda p: p.along_m)
    move = mover.move(outer.segment, outer.offset_m)
    assert (move.lon, move.lat) == (pytest.approx(outer.lon, abs=2e-6), pytest.approx(outer.lat, abs=2e-6))
    assert any(s.kind == "agreed" for s in afresh(plan, move).derived.ownership.seams)


def test_the_nearest_place_prefers_a_junction(plan, sketch):
    """A hand that lets go near a junction gets the junction, elsewhere the nearest metre; JSON has all of them."""
    tracks = SeamMover(plan, f"s{sketch.id('e0')}").tracks(reach_m=400, step_m=5)
    junction = next(p for p in tracks.places if p.kind == "junction")
    assert tracks.nearest(junction.lon + 4e-5, junction.lat).kind == "junction"
    metre = next(p for p in tracks.places if p.kind == "metre" and 45 < p.along_m < 100)
    assert tracks.nearest(metre.lon, metre.lat) == metre
    body = tracks.to_json()
    assert sum(len(t["places"]) for t in body["tracks"]) == len(tracks.places)
    with pytest.raises(ValueError, match="no road"):
        type(tracks)("s1", ()).nearest(0.0, 0.0)


def test_a_track_ends_where_the_road_ends(plan, sketch):
    """Followed without limit, a track ends at a dead end or where the other owner begins, and never turns in circles."""
    for seam in plan.derived.ownership.seams:
        for track in SeamMover(plan, seam.id).tracks(reach_m=50_000, step_m=500).tracks:
            assert track.along_m[-1] < 50_000
            assert len(track.places) < 400
