import pytest

from geo.errors import InputError
from plan.decisions import Decision
from plan.disputes import (
    Claim,
    DisputeState,
    Position,
    close_dispute,
    contested_mm,
    list_disputes,
    open_dispute,
    refer_to,
    state_position,
)
from plan.model import Plan
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return Plan(expressway_with_ramp().load(tmp_path_factory.mktemp("disputes")))


@pytest.fixture(scope="module")
def ramp(plan):
    return next(s for s in plan.network.segment_ids if s.startswith("w104/"))


@pytest.fixture(scope="module")
def opened(plan, ramp):
    return open_dispute(plan, "D1", Claim("匝道归谁", (ramp,)), when="2026-11-01", who="区大队")


def positions(plan):
    plan = state_position(plan, "D1", Position("local", "由高速管", "ramp_end", ("函〔2026〕3号",)), when="2026-11-02")
    return state_position(plan, "D1", Position("expressway", "由区管", "toll_island"), when="2026-11-03")


def test_claimed_metres_are_contested_in_the_ledger(opened, plan, ramp):
    """The claimed road leaves its owner's total and is contested, to the millimetre."""
    length = int(plan.network.segments.length_mm[plan.network.row_of_segment[ramp]])
    assert opened.derived.ledger.of("owner")["contested"] == length
    assert list_disputes(opened)[0].length_mm == length


def test_metres_of_two_disputes_count_once(opened, ramp):
    """Two disputes about one road contest it once in the ledger."""
    twice = open_dispute(opened, "D2", Claim("又一次", (ramp,)), when="2026-11-05")
    assert twice.derived.ledger.of("owner")["contested"] == opened.derived.ledger.of("owner")["contested"]


def test_a_dispute_has_options_once_both_sides_have_spoken(opened):
    """Open until both positions are there; a later position replaces the earlier one."""
    assert list_disputes(opened)[0].state is DisputeState.OPEN
    both = list_disputes(positions(opened))[0]
    assert both.state is DisputeState.OPTIONS
    assert both.positions["local"].attachments == ("函〔2026〕3号",)
    again = state_position(positions(opened), "D1", Position("local", "改主张"), when="2026-11-09")
    assert list_disputes(again)[0].positions["local"].text == "改主张"


@pytest.mark.parametrize(
    ("outcome", "contested"),
    [(DisputeState.AGREED, False), (DisputeState.RESERVED, True), (DisputeState.REFERRED, True)],
)
def test_only_an_agreement_ends_the_claim(opened, outcome, contested):
    """Reserved and referred metres stay contested, agreed ones go back to their owner."""
    closed = close_dispute(opened, "D1", outcome, when="2026-11-20", who="区大队 / 高速一大队", minute="一致同意。")
    assert (closed.derived.ledger.of("owner")["contested"] > 0) is contested
    assert list_disputes(closed)[0].state is outcome
    assert list_disputes(closed)[0].minute == "一致同意。"


def test_days_are_counted_from_opening(opened):
    """The desk shows how long a dispute has waited."""
    assert list_disputes(opened)[0].days_open("2026-11-24") == 23


def test_a_number_is_used_once_and_roads_must_exist(opened, ramp):
    """A second dispute needs its own number and roads that are on the map."""
    with pytest.raises(InputError, match="taken"):
        open_dispute(opened, "D1", Claim("x", (ramp,)), when="2026-11-01")
    for segments in ((), ("w9/1-2",)):
        with pytest.raises(InputError, match="claimed roads"):
            open_dispute(opened, "D3", Claim("x", segments), when="2026-11-01")


def test_only_open_disputes_take_positions_and_an_end(opened):
    """Nobody speaks to, or closes, a dispute that is not there, for a side that is not there, without offices."""
    with pytest.raises(InputError, match="no open dispute"):
        state_position(opened, "D9", Position("local", ""), when="2026-11-02")
    with pytest.raises(InputError, match="side"):
        state_position(opened, "D1", Position("police", ""), when="2026-11-02")
    for outcome, who in ((DisputeState.OPEN, "区大队"), (DisputeState.AGREED, " ")):
        with pytest.raises(InputError, match="agree"):
            close_dispute(opened, "D1", outcome, when="2026-11-20", who=who, minute="")


def test_contested_metres_of_a_plan_count_once(opened, plan, ramp):
    """However many disputes claim a road, its metres are contested once; an agreement on one leaves the other."""
    length = int(plan.network.segments.length_mm[plan.network.row_of_segment[ramp]])
    twice = open_dispute(opened, "D2", Claim("又一次", (ramp, ramp)), when="2026-11-05")
    assert contested_mm(plan) == 0
    assert contested_mm(twice) == twice.derived.ledger.of("owner")["contested"] == length
    one = close_dispute(twice, "D1", DisputeState.AGREED, when="2026-11-20", who="甲 / 乙", minute="")
    assert contested_mm(one) == length
    assert [d.length_mm for d in list_disputes(one)] == [length, length]


def test_days_stop_at_the_agreement(opened):
    """A settled dispute waited until it was settled; one that was referred up still waits."""
    for outcome, days in ((DisputeState.AGREED, 9), (DisputeState.REFERRED, 23)):
        closed = close_dispute(opened, "D1", outcome, when="2026-11-10", who="甲", minute="", document="联〔2026〕4号")
        dispute = list_disputes(closed)[0]
        assert (dispute.days_open("2026-11-24"), dispute.days_open("2026-11-05")) == (days, 4)
        assert (dispute.closed, dispute.who, dispute.document) == ("2026-11-10", "甲", "联〔2026〕4号")
        assert dispute.is_claimed is (outcome is DisputeState.REFERRED)
    assert list_disputes(opened)[0].days_open("2026-10-01") == 0


def test_a_meeting_cannot_end_what_is_not_yet_open(opened):
    """The end of a dispute does not lie before its beginning."""
    with pytest.raises(InputError, match="opened after"):
        close_dispute(opened, "D1", DisputeState.AGREED, when="2026-10-31", who="甲", minute="")


def test_a_dispute_may_name_its_station(plan, ramp):
    """The station is kept, and must be on the map."""
    station = plan.network.stations[0].id
    named = open_dispute(plan, "D1", Claim("站", (ramp,), station=station), when="2026-11-01")
    assert list_disputes(named)[0].station == station
    with pytest.raises(InputError, match="station"):
        open_dispute(plan, "D1", Claim("站", (ramp,), station="t0"), when="2026-11-01")


def test_a_position_names_a_place_and_papers_by_their_hash(opened, tmp_path):
    """An attachment is a name and a hash, never the file; a place comes back as given; old places are read."""
    paper = tmp_path / "函.pdf"
    paper.write_bytes(b"abc")
    reference = refer_to(paper)
    assert reference == "函.pdf sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    stated = state_position(opened, "D1", Position("local", "至此", "", (reference,), (114.2, 22.7)), when="2026-11-02")
    position = list_disputes(stated)[0].positions["local"]
    assert (position.attachments, position.place) == ((reference,), (114.2, 22.7))
    value = {"segments": [], "positions": {"local": {"text": "旧", "lon": 1.0, "lat": 2.0}}}
    assert list_disputes(opened.decide(Decision("open_dispute", "D7", value)))[1].positions["local"].place == (1.0, 2.0)
    with pytest.raises(InputError, match="attachment"):
        refer_to(tmp_path / "none.pdf")
    with pytest.raises(InputError, match="convention"):
        state_position(opened, "D1", Position("local", "", "moon"), when="2026-11-02")


def test_a_claim_between_two_metres_contests_exactly_those(plan, ramp):
    """The road is cut at the ends of the claim: its metres are contested, the rest keeps its owner; overlaps count once."""
    first = open_dispute(plan, "D1", Claim("a", (ramp,), parts=((ramp, 20.0, 80.5),)), when="2026-11-01")
    second = open_dispute(first, "D2", Claim("b", (ramp,), parts=((ramp, 60.0, 100.0),)), when="2026-11-01")
    assert first.derived.ledger.of("owner")["contested"] == contested_mm(first) == 60_500
    assert second.derived.ledger.of("owner")["contested"] == contested_mm(second) == 80_000
    assert [d.length_mm for d in list_disputes(second)] == [60_500, 40_000]
    total = sum(second.derived.ledger.of("owner").values())
    assert total == plan.network.length_mm


def test_parts_that_make_no_sense_claim_what_they_can(plan, ramp):
    """A part beyond the road ends with it, a broken one claims the whole segment, one a step from the end goes to it."""
    length = int(plan.network.segments.length_mm[plan.network.row_of_segment[ramp]])
    for part, expected in (([50.0, 1e9], length - 50_000), (["x"], length), ([0.2, length / 1000 - 0.3], length)):
        value = {"segments": [ramp, "w1/2-3"], "parts": {ramp: part}}
        odd = plan.decide(Decision("open_dispute", "D1", value, when="2026-11-01"))
        assert contested_mm(odd) == odd.derived.ledger.of("owner")["contested"] == expected
