"""Disputes as a meeting sees them: what a position means, options with prices, closing, signing, undo by strokes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.errors import InputError
from plan.agreements import Terms, check_head, find_tampering, head
from plan.decisions import Decision
from plan.disputes import Claim, DisputeState, Position, list_disputes, open_dispute, state_position
from plan.model import Plan
from plan.planfile import open_plan, save_plan
from tests.sketches import expressway_with_ramp
from views.pictures.difference import codes_of, draw_difference, measure_difference
from views.pictures.positions import MEETING_SIZE, draw_position, tint
from views.state import Opened, put_on_desk
from views.widgets.meeting_case import agency_of_side, claimed_mask, hear, place_on, station_of, without_settlement
from views.widgets.meeting_raise import next_number, raise_dispute
from views.widgets.meeting_words import minute_of
from views.widgets.meeting_work import (
    END,
    Closing,
    agenda,
    choices_of,
    close,
    hearing_of,
    meeting_of,
    redo_stroke,
    settled_subjects,
    short_head,
    sides_of,
    sign_all,
    undo_stroke,
)

OFFICES = ("区大队", "高速一大队")
PLAZA, NORTH = "D-2026-01", "D-2026-02"


@pytest.fixture
def desk(demo):
    return put_on_desk(Opened(demo, "demo"), network_key="demo")


def agree(desk, number, name, document="纪要11号"):
    choice = next(c for c in choices_of(desk, number) if c.name == name)
    closing = Closing(DisputeState.AGREED, OFFICES, "2026-11-25", document)
    close(desk, number, closing, choice=choice, minute=minute_of(hearing_of(desk, number), closing, choice))


def put_off(desk, number, outcome=DisputeState.RESERVED, **words):
    closing = Closing(outcome, OFFICES, "2026-11-25", "", **({"reason": "待查", "authority": "省厅"} | words))
    close(desk, number, closing, choice=None, minute=minute_of(hearing_of(desk, number), closing, None))


def test_a_position_is_what_its_convention_makes_of_the_disputed_metres(demo):
    """Under the local side's position the plaza is the expressway's, under the other side's it is local."""
    hearing = hear(demo, PLAZA)
    assert hearing.station is not None
    assert hearing.station.name == "东岗收费站"
    assert set(hearing.metres("local")) == {"exp1", "local"}
    assert set(hearing.metres("expressway")) == {"local"}
    total = hearing.dispute.length_mm / 1000
    for side in ("local", "expressway"):
        assert sum(hearing.metres(side).values()) == pytest.approx(total)


def test_a_place_stands_for_a_convention(demo):
    """A side that names a place instead of a convention gets the metres up to that place."""
    hearing = hear(demo, NORTH)
    assert hearing.stands["local"].place is not None
    assert set(hearing.metres("local")) == {"exp2"}
    assert [c.name for c in choices_of(put_on_desk(Opened(demo, "demo"), network_key="demo"), NORTH)][-1] == (
        "place:local"
    )


def test_a_position_that_names_nothing_is_the_opposite(demo):
    """Words without a convention mean the opposite of the other side; without any position each side claims all."""
    plan = state_position(demo, PLAZA, Position("local", "不同意"), when="2026-11-20")
    assert set(hear(plan, PLAZA).metres("local")) == {"exp1"}
    dispute = list_disputes(demo)[0]
    bare = open_dispute(demo, "X1", Claim("无主张", dispute.segments), when="2026-11-01")
    hearing = hear(bare, "X1")
    assert set(hearing.metres("local")) == {"local"}
    assert set(hearing.metres("expressway")) == {"exp1"}


def test_a_position_may_name_the_owner(demo):
    """The preparation form lets a side say outright who should own the disputed metres."""
    plan = state_position(demo, PLAZA, Position("local", "归高速"), when="2026-11-20")
    last = plan.decisions[-1]
    named = replace(plan, decisions=(*plan.decisions[:-1], replace(last, value={**last.value, "gives": "local"})))
    assert set(hear(named, PLAZA).metres("local")) == {"local"}


def test_the_difference_is_the_same_from_both_sides(demo):
    """The metres in which two positions differ do not depend on whose plan they are drawn on, and each is in one table."""
    for number in (PLAZA, NORTH):
        hearing = hear(demo, number)
        pair = [(hearing.outcomes[s].plan, hearing.outcomes[s].agency) for s in ("local", "expressway")]
        masks = [claimed_mask(plan, hearing.dispute) for plan, _ in pair]
        metres = measure_difference(pair[0], pair[1], masks[0])
        assert metres == pytest.approx(measure_difference(pair[1], pair[0], masks[1]))
        tables = {t.key: t for t in draw_difference(pair[0], pair[1], masks[0])}
        assert float(tables["differ"].length_m.sum()) == pytest.approx(metres)
        assert len(tables["differ"]) + len(tables["same"]) == int(masks[0].sum())
        one, other = codes_of(*pair)
        assert len(one) == len(other) == len(masks[0])


def test_a_position_picture_lifts_the_disputed_roads_and_keeps_the_rest_calm(demo):
    """Every road is drawn once; disputed ones above all others, at least 5 px wide at the scale of a meeting."""
    hearing = hear(demo, PLAZA)
    outcome = hearing.outcomes["local"]
    claimed = claimed_mask(outcome.plan, hearing.dispute)
    tables = {t.key: t for t in draw_position(outcome.plan, outcome.agency, claimed)}
    roads = [tables[key] for key in ("hint", "rest", "claimed")]
    assert sum(len(t) for t in roads) == len(outcome.plan.derived.network.segments)
    assert len(tables["claimed"]) == int(claimed.sum())
    assert min(s.level for s in tables["claimed"].styles) > max(s.level for s in tables["rest"].styles)
    assert 3 * MEETING_SIZE >= 5  # the map keeps 3 px at scale 1 for raised lines
    assert 13 * MEETING_SIZE >= 20  # and 13 px for its text
    assert tint("#000000", 0.5) == "#7A7A7C"


def test_station_speakers_and_places(demo):
    """A dispute finds its station and its speakers; a place far from the disputed road is refused in one sentence."""
    dispute = list_disputes(demo)[1]
    assert station_of(demo, dispute).name == "北垣收费站"
    assert agency_of_side(demo, dispute, "local") == "local"
    assert agency_of_side(demo, dispute, "expressway") == "exp2"
    with pytest.raises(InputError, match="不在争议路段上"):
        place_on(demo, dispute, (118.0, 31.0))
    with pytest.raises(InputError, match="没有编号"):
        hear(demo, "没有")


def test_agreeing_writes_everything_in_one_stroke(desk):
    """Agreeing writes the option and the closing with its minute; one undo takes both back, one redo brings both."""
    before = desk.history.decisions
    agree(desk, PLAZA, "ramp_end")
    written = desk.history.decisions[len(before) :]
    assert [d.kind for d in written] == ["choose_convention", "close_dispute"]
    assert {d.who for d in written} == {" / ".join(OFFICES)}
    item = agenda(desk)[0]
    assert item.state is DisputeState.AGREED
    assert "以“匝道终点”为界" in item.minute
    assert "纪要11号" in item.minute
    assert desk.plan.derived.ledger.of("owner")["contested"] < 1_200_000
    undo_stroke(desk)
    assert desk.history.decisions == before
    assert meeting_of(desk).number == PLAZA
    redo_stroke(desk)
    assert desk.history.decisions == (*before, *written)
    redo_stroke(desk)
    undo_stroke(desk)
    undo_stroke(desk)
    assert desk.history.decisions == before


def test_what_the_sides_argue_about_stays_on_the_maps(desk):
    """After the closing both positions and all options are what they were before."""
    before = {s: hearing_of(desk, PLAZA).metres(s) for s in ("local", "expressway")}
    names = [c.option.moved_mm for c in choices_of(desk, PLAZA)]
    agree(desk, PLAZA, "plaza_outer_edge")
    assert {s: hearing_of(desk, PLAZA).metres(s) for s in ("local", "expressway")} == before
    assert [c.option.moved_mm for c in choices_of(desk, PLAZA)] == names
    assert without_settlement(desk.plan, PLAZA).decisions == desk.opened.plan.decisions


def test_an_agreed_place_moves_what_its_card_says(desk):
    """An agreed seam moves the metres of its option, to the millimetre."""
    option = next(c.option for c in choices_of(desk, NORTH) if c.name == "place:local")
    old = desk.plan.derived.ledger.of("agency")
    agree(desk, NORTH, "place:local")
    new = desk.plan.derived.ledger.of("agency")
    assert {a: new[a] - old[a] for a in new if new[a] != old[a]} == dict(option.moved_mm)
    assert "界点商定于岚东高速" in agenda(desk)[1].minute
    gains = sides_of(desk.plan, option)
    assert gains["local"] == -gains["expressway"]


def test_a_clicked_place_is_an_option(desk):
    """A place clicked on the disputed road becomes an option between the others."""
    line = desk.plan.network.points(desk.plan.network.row_of_segment[list_disputes(desk.plan)[1].segments[-1]])
    lon, lat = line.mean(axis=0).tolist()
    meeting_of(desk).points[NORTH] = (lon, lat)
    assert choices_of(desk, NORTH)[-1].name == "place:map"
    meeting_of(desk).points[NORTH] = (0.0, 0.0)
    assert choices_of(desk, NORTH)[-1].name == "place:local"


@pytest.mark.parametrize("outcome", [DisputeState.RESERVED, DisputeState.REFERRED])
def test_reserved_and_referred_stay_contested_and_can_be_taken_up_again(desk, outcome):
    """Reserving and referring write reason and authority, move nothing, and end in an agreement later."""
    contested = desk.plan.derived.ledger.of("owner")["contested"]
    put_off(desk, NORTH, outcome)
    assert desk.plan.derived.ledger.of("owner")["contested"] == contested
    item = agenda(desk)[1]
    assert item.state is outcome
    assert "待查" in item.minute
    assert "省厅" in item.minute
    agree(desk, NORTH, "toll_island")
    assert agenda(desk)[1].state is DisputeState.AGREED
    undo_stroke(desk)
    assert agenda(desk)[1].state is outcome


@pytest.mark.parametrize(
    ("closing", "words"),
    [
        (Closing(DisputeState.AGREED, ("区大队", ""), "2026-11-25", "1"), "双方单位"),
        (Closing(DisputeState.AGREED, OFFICES, "2026-11-25", "1"), "选定一个方案"),
        (Closing(DisputeState.RESERVED, OFFICES, "2026-11-25", ""), "理由"),
        (Closing(DisputeState.REFERRED, OFFICES, "2026-11-25", "", "待查"), "机关"),
    ],
)
def test_what_is_missing_is_named(desk, closing, words):
    """A closing without offices, option, reason or authority is refused in one sentence and writes nothing."""
    before = desk.history.decisions
    with pytest.raises(InputError, match=words):
        close(desk, PLAZA, closing, choice=None, minute="")
    assert desk.history.decisions == before


def test_agreeing_needs_a_document_number(desk):
    """An agreement without a document number is refused."""
    with pytest.raises(InputError, match="文号"):
        agree(desk, PLAZA, "ramp_end", document=" ")


def test_signing_covers_what_was_agreed_and_prints_the_head(desk, tmp_path):
    """Signing covers the agreed items alone; the printed characters are found again after saving and loading."""
    with pytest.raises(InputError, match="没有可签"):
        sign_all(desk, Terms("1号", OFFICES, "2026-12-01"), when="2026-11-25")
    agree(desk, PLAZA, "ramp_end")
    put_off(desk, NORTH)
    assert short_head(desk) == ""
    mark = sign_all(desk, Terms("1号", OFFICES, "2026-12-01"), when="2026-11-25")
    assert len(mark) == 12
    covers = desk.plan.latest("sign")["1号"].value["covers"]
    assert [kind for kind, _ in covers] == ["choose_convention"]
    assert settled_subjects(desk) == ()
    path = tmp_path / "plan.gpkg"
    save_plan(path, desk.plan)
    read = open_plan(path)
    assert find_tampering(read) == ()
    assert check_head(read, mark)
    assert head(read).startswith(mark)
    again = put_on_desk(Opened(read, "file", path), network_key="demo")
    assert [d.id for d in agenda(again)] == [NORTH]
    undo_stroke(desk)
    assert short_head(desk) == ""
    assert meeting_of(desk).number == END


def test_locked_subjects_are_not_decided(desk):
    """A locked station is not settled over the heads of those who locked it, and nothing is half written."""
    station = hearing_of(desk, PLAZA).station.id
    desk.history = desk.history.lock([("choose_convention", station)])
    before = desk.history.decisions
    with pytest.raises(InputError, match="锁定"):
        agree(desk, PLAZA, "ramp_end")
    assert desk.history.decisions == before


def test_a_dispute_without_a_station_can_be_given_to_a_side(tmp_path):
    """Where no station is near, the options judge the disputed ways as roads of one side."""
    plan = Plan(expressway_with_ramp().load(tmp_path))
    bare = Plan(replace(plan.network, stations=()))
    way = next(s for s in bare.network.segment_ids if s.startswith("w104/"))
    opened = open_dispute(bare, "D1", Claim("匝道归谁", (way,)), when="2026-11-01")
    desk = put_on_desk(Opened(opened, "upload"))
    names = [c.name for c in choices_of(desk, "D1")]
    assert names == ["give:local", "give:expressway"]
    moved = [c.option.moved_mm for c in choices_of(desk, "D1")]
    assert any(moved)
    agree(desk, "D1", "give:expressway")
    row = desk.plan.network.row_of_segment[way]
    owned = np.asarray(desk.plan.derived.agency)[desk.plan.derived.ownership.cut.base == row]
    assert set(owned) == {"expressway"}
    assert "全部归高速方" in agenda(desk)[0].minute


def test_raising_a_dispute_claims_what_the_positions_differ_by(demo):
    """The disputed metres are those the two conventions give to different agencies, and the number is the next free one."""
    station = next(s for s in demo.stations if s.name == "柳汀收费站")
    wanted = {"local": "toll_island", "expressway": "ramp_end"}
    decision = raise_dispute(demo, station.id, seam="", title="柳汀", conventions=wanted, when="2026-11-25")
    plan = demo.decide(decision)
    hearing = hear(plan, decision.key)
    assert decision.key == "D-2026-03" == next_number(demo, "2026-11-25")
    assert hearing.station.id == station.id
    assert set(hearing.metres("local")) != set(hearing.metres("expressway"))
    with pytest.raises(InputError, match="没有差别"):
        raise_dispute(
            demo, station.id, seam="", title="x", conventions=dict.fromkeys(wanted, "ramp_end"), when="2026-11-25"
        )
    with pytest.raises(InputError, match="取名"):
        raise_dispute(demo, station.id, seam="", title="", conventions=wanted, when="2026-11-25")


def test_a_seam_without_a_station_can_be_disputed(demo):
    """A seam that belongs to no station claims the roads that meet there; an unknown seam claims none."""
    seam = demo.derived.ownership.seams[0]
    decision = raise_dispute(demo, "", seam=seam.id, title="界点", conventions={}, when="2026-11-25")
    assert decision.value["segments"]
    with pytest.raises(InputError, match="没有差别"):
        raise_dispute(demo, "", seam="没有", title="界点", conventions={}, when="2026-11-25")


def test_a_decision_of_somebody_else_is_no_settlement(demo):
    """Undo takes back one decision when the last one is not part of a closing."""
    desk = put_on_desk(Opened(demo, "demo"), network_key="demo")
    desk.history = desk.history.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}))
    desk.history = desk.history.decide(Decision("comment", "c1", {"text": "?"}))
    undo_stroke(desk)
    assert desk.undo_steps == 1
    redo_stroke(desk)
    assert desk.undo_steps == 2
