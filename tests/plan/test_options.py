import numpy as np
import pytest

from geo.errors import InputError
from patrol.units import Unit
from plan.decisions import Decision
from plan.diff import diff_plans
from plan.disputes import Claim, Position, open_dispute, state_position
from plan.effects import weighted_quantiles
from plan.incremental import SeamMover
from plan.model import Plan
from plan.options import Case, OptionDesk, find_station, read_cases
from plan.replay import Fate, replay
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def sketch():
    return expressway_with_ramp()


@pytest.fixture(scope="module")
def plan(sketch, tmp_path_factory):
    return Plan(sketch.load(tmp_path_factory.mktemp("options")))


@pytest.fixture(scope="module")
def desk(plan, sketch):
    units = (Unit("普1", "local", *sketch.place("o1")), Unit("高1", "expressway", *sketch.place("n0")))
    cases = (Case("1", *sketch.place("o0"), "超限超载"), Case("2", *sketch.place("b"), "危化品"))
    return OptionDesk(plan, units, cases)


def test_each_option_moves_what_a_diff_says(plan, desk):
    """The metres of an option are exactly those by which the two plans differ."""
    station = plan.network.stations[0]
    for option in desk.price(station).options:
        other = plan.decide(Decision("choose_convention", station.id, {"convention": option.convention}))
        moved = sum(diff_plans(plan, other).moved_mm.values())
        assert option.moved_mm.get("expressway", 0) == moved
        assert option.moved_mm.get("local", 0) == -moved


def test_the_present_option_moves_nothing_and_is_marked(plan, desk):
    """Today's convention costs nothing and is the only one marked present."""
    options = desk.price(plan.network.stations[0]).options
    present = [o for o in options if o.is_present]
    assert [o.convention for o in present] == ["toll_island"]
    assert (present[0].moved_mm, present[0].cases, present[0].plaza_lanes) == ({}, 0, 0)


def test_options_count_cases_and_lanes_that_change_hands(plan, desk):
    """At ramp_end the case on the plaza and the four toll lanes move to the expressway."""
    options = {o.convention: o for o in desk.price(plan.network.stations[0]).options}
    assert options["ramp_end"].plaza_lanes == 4
    assert options["ramp_end"].cases == 1
    assert options["ramp_end"].lane_mm["expressway"] >= options["ramp_end"].moved_mm["expressway"]


def test_both_sides_have_response_times(plan, desk):
    """Each option gives p50 and p90 for both sides, and p50 is never above p90."""
    for option in desk.price(plan.network.stations[0]).options:
        assert set(option.response_s) == {"local", "expressway"}
        assert all(t["p50"] <= t["p90"] for t in option.response_s.values())


def test_without_units_and_cases_the_metres_still_stand(plan):
    """Options need no tables: what needs them is left empty."""
    option = OptionDesk(plan).price(plan.network.stations[0]).options[1]
    assert option.response_s == {}
    assert option.cars_per_100km == {}
    assert option.moved_mm


def test_a_dominated_option_is_not_marked_pareto(plan, desk):
    """At least one option stands, and one that is worse in everything does not."""
    options = desk.price(plan.network.stations[0]).options
    assert any(o.is_pareto for o in options)
    for o in options:
        if not o.is_pareto:
            assert any(
                x is not o and sum(map(abs, x.moved_mm.values())) <= sum(map(abs, o.moved_mm.values())) for x in options
            )


def test_positions_of_an_open_dispute_are_named(plan):
    """An option that one side proposes in an open dispute says whose proposal it is."""
    station = plan.network.stations[0]
    value = {"station": station.id, "segments": [], "positions": {"local": {"convention": "ramp_end"}}}
    disputed = plan.decide(Decision("open_dispute", "D1", value))
    options = {o.convention: o for o in OptionDesk(disputed).price(station).options}
    assert options["ramp_end"].proposed_by == ("local",)
    assert options["toll_island"].to_json()["proposed_by"] == []


def test_a_station_is_found_by_id_name_or_part_of_it(plan):
    """The id, the name and an unambiguous part of the name all find the station."""
    station = plan.network.stations[0]
    assert find_station(plan, station.id) is find_station(plan, "梅坞收费站") is find_station(plan, "梅坞")


def test_no_station_of_that_name_is_an_input_error(plan):
    """An unknown name is refused with the names there are."""
    with pytest.raises(InputError, match="梅坞"):
        find_station(plan, "天涯")


def test_cases_need_their_columns(tmp_path):
    """A case table without coordinates is refused in one sentence."""
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("id,lon,lat,category\n1,118.5,31.3,危化品\n", encoding="utf-8")
    bad.write_text("id,place\n1,here\n", encoding="utf-8")
    assert read_cases(good) == (Case("1", 118.5, 31.3, "危化品"),)
    with pytest.raises(InputError, match="columns"):
        read_cases(bad)


def test_weighted_quantiles_agree_with_repeating_values():
    """A weight of three is the same as the value three times."""
    values, weights = np.array([5.0, 1.0, 3.0]), np.array([1.0, 3.0, 2.0])
    repeated = np.repeat(values, weights.astype(int))
    for share in (0.1, 0.5, 0.75, 1.0):
        expected = np.sort(repeated)[int(np.ceil(share * 6)) - 1]
        assert weighted_quantiles(values, weights, [share]) == [expected]


def test_a_dragged_seam_has_the_numbers_of_an_option(plan, desk, sketch):
    """Priced near by, a seam at another place has the metres, minutes, cases and lanes of the plan derived anew."""
    station = plan.network.stations[0]
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    move = SeamMover(plan, f"s{sketch.id('e0')}").move(segment, 120.0)
    option = desk.price_move(move)
    anew = desk.price(station, others={"x": plan.decide(move.decision)}).options[-1]
    assert option.place == (segment, 120.0)
    same = ("moved_mm", "lane_mm", "response_s", "bridges", "plaza_lanes", "plazas", "cases", "gained_mm", "lost_mm")
    assert all(getattr(option, name) == getattr(anew, name) for name in same)
    assert option.plazas == 1
    assert option.cases == 1
    assert option.gained_mm["expressway"] == option.moved_mm["expressway"]
    assert desk.price_move(move, station=station) == option


def test_gains_and_losses_stand_apart(plan, desk):
    """What an agency gains less what it loses is what it moves by."""
    for option in desk.price(plan.network.stations[0]).options:
        names = {*option.gained_mm, *option.lost_mm}
        net = {a: option.gained_mm.get(a, 0) - option.lost_mm.get(a, 0) for a in names}
        assert {a: mm for a, mm in net.items() if mm} == option.moved_mm


def test_a_placed_seam_is_the_present_option(plan, desk, sketch):
    """Where a meeting placed the seam, that place is today's and every convention is priced without it."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    placed = plan.decide(SeamMover(plan, f"s{sketch.id('e0')}").move(segment, 120.0).decision)
    station = placed.network.stations[0]
    options = OptionDesk(placed).price(station).options
    present = [o for o in options if o.is_present]
    assert [(o.convention, o.place, o.moved_mm) for o in present] == [("agreed", (segment, 120.0), {})]
    toll_island = next(o for o in options if o.convention == "toll_island")
    moved = diff_plans(placed, plan).moved_mm
    assert toll_island.moved_mm == {"expressway": -moved["expressway", "local"], "local": moved["expressway", "local"]}


def test_the_place_that_a_side_names_is_an_option(plan, sketch):
    """A position with a place is priced as the seam there; far from every road it is left out."""
    station, place = plan.network.stations[0], sketch.place("d")
    claim = Claim("连接线", (f"w104/{sketch.id('b')}-{sketch.id('r')}",))
    disputed = open_dispute(plan, "D1", claim, when="2026-11-01")
    disputed = state_position(disputed, "D1", Position("local", "至 d", place=place), when="2026-11-02")
    nowhere = Position("expressway", "海上", place=(0.0, 0.0))
    disputed = state_position(disputed, "D1", nowhere, when="2026-11-02")
    options = [o for o in OptionDesk(disputed).price(station).options if o.convention == "agreed"]
    assert [o.proposed_by for o in options] == [("local",)]
    assert options[0].moved_mm
    assert OptionDesk(disputed).price(station, others={}).options[-1].convention != "agreed"


def test_zones_that_change_hands_are_counted(plan, sketch):
    """With zones, the plaza that moves is counted once; without them nothing is drawn."""
    station = plan.network.stations[0]
    options = {o.convention: o for o in OptionDesk(plan, with_zones=True).price(station).options}
    assert options["toll_island"].zones == {"under_bridge": 0, "plaza": 0, "connector": 0}
    assert options["ramp_end"].zones["plaza"] + options["ramp_end"].zones["connector"] > 0
    assert OptionDesk(plan).price(station).options[0].zones == {}
    assert options["ramp_end"].to_json()["zones"] == options["ramp_end"].zones


def test_conventions_for_every_station_at_once(plan, desk):
    """Chosen for all stations, a convention moves what the plan moves, and the present one moves nothing."""
    options = {option.convention: option for option in desk.price_everywhere()}
    assert options[plan.convention].is_present
    assert not options[plan.convention].moved_mm
    after = plan.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}))
    old, new = plan.derived.ledger.of("agency"), after.derived.ledger.of("agency")
    assert options["ramp_end"].moved_mm == {a: new.get(a, 0) - mm for a, mm in old.items() if new.get(a, 0) != mm}
    assert set(options["ramp_end"].response_s) == {"local", "expressway"}


def test_a_withdrawn_place_leaves_the_seam_to_its_convention(plan):
    """A placed seam that is withdrawn lies where it lay, and the withdrawal names no road that is missing."""
    seam = plan.derived.ownership.seams[0]
    place = SeamMover(plan, seam.id).tracks().places[3]
    placed = plan.decide(SeamMover(plan, seam.id).move(place.segment, place.offset_m).decision)
    gone = placed.decide(Decision("place_seam", seam.id, {"segment": "", "withdrawn": True}))
    assert placed.derived.ledger.of("agency") != plan.derived.ledger.of("agency")
    assert gone.derived.ledger.of("agency") == plan.derived.ledger.of("agency")
    assert "stale_decision" not in {f.code for f in gone.derived.findings}
    assert [row.fate for row in replay(gone, plan.network).rows] == [Fate.KEPT, Fate.KEPT]
