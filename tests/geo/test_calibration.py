from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.calibration import calibrate
from geo.chains import BrokenChain, find_paired_rows, parse_chain
from geo.errors import InputError
from geo.measure import measure_between
from geo.stakeplaces import locate_stake, make_ticks, read_stake, read_stakes
from geo.stakes import Direction, Stake, parse_stake
from geo.staketable import StakeTable, make_stake_table
from tests.geo.stakeplay import HALF_M, LAT, LON, M_LAT, Road


def codes(calibration):
    return [finding.code for finding in calibration.findings]


def edit(table: StakeTable, **columns) -> StakeTable:
    return replace(table, **columns)


def true_errors(calibration, road, table, along, *, travel=1, shift_m=250.0):
    """Return, halfway between stakes, the error of the place found and of the stake read, with their bounds."""
    line = road.side(travel)
    spots = line.places_at(along[:-1] + shift_m)
    stakes = table.mm[:-1] // 1000 + shift_m
    rows = []
    for stake, lon, lat in zip(stakes, spots.lon, spots.lat, strict=True):
        place = locate_stake(calibration, Stake(round(stake * 1000), "G15"))[0]
        reading = read_stake(calibration, (lon, lat))
        rows.append(
            (
                measure_between((place.lon, place.lat), (lon, lat)),
                place.error_m,
                abs(reading.stake.length_m - stake),
                reading.error_m,
            )
        )
    return np.array(rows)


def test_both_ways_without_a_map():
    """Without a map the line is drawn through the table, and both questions are answered within their bounds."""
    road = Road()
    table, along = road.table()
    calibration = calibrate(table)
    found = true_errors(calibration, road, table, along)
    assert calibration.carriageways[0].is_drawn
    assert (found[:, 0] <= found[:, 1]).all()
    assert (found[:, 2] <= found[:, 3]).all()
    assert found[:, 0].max() < 10
    assert codes(calibration) == []


def test_both_ways_on_a_map():
    """With a map places lie on its segments: right segment, right offset, both carriageways by driving direction."""
    road = Road()
    table, along = road.table()
    network = road.network()
    calibration = calibrate(table, network=network)
    assert [way.travel for way in calibration.carriageways] == [1, -1]
    assert not any(way.is_drawn for way in calibration.carriageways)
    spot = road.side(1).places_at([along[10] + 123.0])
    for place in locate_stake(calibration, Stake(int(table.mm[10]) + 123_000, "G15")):
        line = network.points(place.segment)
        steps = np.hypot(*(np.diff(line, axis=0) * (96_486, 110_852)).T)
        at = np.interp(place.offset_m, np.concatenate(([0], steps.cumsum())), np.arange(len(line)))
        on = line[int(at)] + (at % 1) * (line[min(int(at) + 1, len(line) - 1)] - line[int(at)])
        assert measure_between(tuple(on), (place.lon, place.lat)) < 2
        is_forward = network.segment_ids[place.segment].startswith("w1")
        assert is_forward == (place.travel == 1)
        assert measure_between((place.lon, place.lat), (spot.lon[0], spot.lat[0])) < (
            3 if is_forward else 2 * HALF_M + 3
        )


def test_two_tables_take_two_carriageways():
    """Stakes of 上行 and 下行 are put on the carriageways they lie on, whichever way the words are used."""
    road = Road()
    up, _ = road.table(travel=-1, direction=Direction.UP)
    down, _ = road.table(travel=1, direction=Direction.DOWN)
    rows = [
        (t.route[k], t.direction[k], int(t.mm[k]), float(t.lon[k]), float(t.lat[k]))
        for t in (up, down)
        for k in range(len(t))
    ]
    calibration = calibrate(make_stake_table(rows), network=road.network())
    assert [(w.direction, w.travel, w.is_carried_over) for w in calibration.carriageways] == [
        (Direction.UP, -1, False),
        (Direction.DOWN, 1, False),
    ]


def test_one_table_serves_the_other_side():
    """A table of one direction is carried over to the other carriageway, with a larger error bound."""
    road = Road()
    table, _ = road.table(direction=Direction.UP)
    calibration = calibrate(table, network=road.network())
    own, other = calibration.carriageways
    assert (own.direction, other.direction, other.is_carried_over) == (Direction.UP, Direction.DOWN, True)
    stake = Stake(105_000_000, "G15")
    assert {p.stake.direction for p in locate_stake(calibration, stake)} == {Direction.UP, Direction.DOWN}
    assert other.errors.source_m > own.errors.source_m


def test_halves_look_along_growing_stakes():
    """右幅 is the carriageway that drives towards higher stakes even where the points lie on the median."""
    road = Road()
    table, _ = road.table(direction=Direction.RIGHT)
    middle, _ = Road(two_way=True).table(direction=Direction.RIGHT)
    for one in (table, middle):
        calibration = calibrate(one, network=road.network())
        assert {w.direction: w.travel for w in calibration.carriageways} == {Direction.RIGHT: 1, Direction.LEFT: -1}


def test_a_road_without_carriageways():
    """A two-way road has one carriageway, without a driving direction."""
    road = Road(two_way=True)
    table, _ = road.table()
    calibration = calibrate(table, network=road.network())
    assert [(w.travel, w.is_drawn) for w in calibration.carriageways] == [(0, False)]


def test_concurrent_numbers_count():
    """A stretch with two numbers (G6;G15) belongs to the route; ramps with the number do not."""
    road = Road(refs=("G15", "G6;G15", "G15；G42"))
    table, _ = road.table()
    calibration = calibrate(table, network=road.network())
    assert codes(calibration) == []
    assert all((w.line.segment >= 0).all() for w in calibration.carriageways)
    other = calibrate(edit(table, route=("G1",) * len(table)), network=road.network())
    assert other.carriageways[0].is_drawn


def test_a_gap_of_the_map_is_bridged_and_said():
    """Where the map lacks the route the line follows the table, and a finding tells how many metres."""
    road = Road(missing=(4,))
    table, _ = road.table()
    calibration = calibrate(table, network=road.network())
    gap = next(f for f in calibration.findings if f.code == "route_gap")
    assert gap.count == 1
    assert 1_900 < gap.length_m < 3_100
    place = locate_stake(calibration, Stake(round((100_000 + 9_000 - 500) * 1e6 / 1000), "G15"))[0]
    assert place.segment == -1
    assert read_stake(calibration, (place.lon, place.lat)).stake.mm == pytest.approx(place.stake.mm, abs=2_000)


def test_the_carriageway_goes_on_beyond_the_table():
    """Beyond the first and last stake the map is followed for a while, with a growing bound, and then refused."""
    road = Road()
    table, _ = road.table()
    part = table.take(range(8, len(table) - 8))
    calibration = calibrate(part, network=road.network())
    near = locate_stake(calibration, Stake(int(table.mm[7]), "G15"))[0]
    far = locate_stake(calibration, Stake(int(table.mm[5]), "G15"))[0]
    assert measure_between((near.lon, near.lat), (table.lon[7], table.lat[7])) < 30
    assert near.error_m < far.error_m
    with pytest.raises(InputError, match="超出已定标范围"):
        locate_stake(calibration, Stake(int(table.mm[0]), "G15"))


def test_long_chain_repeats_stakes():
    """In a declared long chain a stake has two places, and each place reads its own stake back."""
    road = Road()
    table, along = road.table()
    mm = table.mm.copy()
    mm[20:] -= 200_000
    chain = BrokenChain(int(table.mm[20]) - 100_000, int(table.mm[20]) - 300_000)
    marked = edit(table, mm=mm, chains={("G15", Direction.NONE): (chain,)})
    calibration = calibrate(marked)
    assert codes(calibration) == []
    inside = locate_stake(calibration, Stake(chain.after_mm + 100_000, "G15"))
    assert len(inside) == 2
    assert inside[1].along_m - inside[0].along_m == pytest.approx(200, abs=1)
    for place in inside:
        assert read_stake(calibration, (place.lon, place.lat)).stake.mm == pytest.approx(place.stake.mm, abs=1_000)
    spot = road.side(1).places_at([along[30]])
    assert read_stake(calibration, (spot.lon[0], spot.lat[0])).stake.mm == pytest.approx(mm[30], abs=2_000)


def test_short_chain_lacks_stakes():
    """In a declared short chain there is no such stake, and the sentence says so; beyond it stakes are right."""
    road = Road()
    table, along = road.table()
    mm = table.mm.copy()
    mm[20:] += 300_000
    chain = BrokenChain(int(table.mm[20]) - 250_000, int(table.mm[20]) + 50_000)
    calibration = calibrate(edit(table, mm=mm, chains={("G15", Direction.NONE): (chain,)}))
    with pytest.raises(InputError, match="短链"):
        locate_stake(calibration, Stake(chain.before_mm + 100_000, "G15"))
    spot = road.side(1).places_at([along[30]])
    assert read_stake(calibration, (spot.lon[0], spot.lat[0])).stake.mm == pytest.approx(mm[30], abs=2_000)
    assert codes(calibration) == []


@pytest.mark.parametrize("jump_m", [-5_000, 40_000])
def test_an_undeclared_jump_is_found(jump_m):
    """A lasting jump of the stakes is found as a broken chain with its metres, and no row is lost."""
    table, _ = Road().table()
    mm = table.mm.copy()
    mm[18:] += jump_m * 1000
    calibration = calibrate(edit(table, mm=mm))
    way = calibration.carriageways[0]
    assert "stake_chain_found" in codes(calibration)
    assert "stake_contradicts" not in codes(calibration)
    assert sum(len(piece.row[piece.row >= 0]) for piece in way.pieces) == len(table)
    assert way.chains[0].extra_m == pytest.approx(-jump_m, abs=40)
    assert way.chains[0].is_long == (jump_m < 0)


def test_wrong_rows_are_named_and_left_out():
    """Rows with a wrong digit, a decreasing run and duplicates are named by line and spoil nothing."""
    table, _ = Road().table()
    mm, lon, lat = table.mm.copy(), table.lon.copy(), table.lat.copy()
    mm[7] += 90_000_000
    mm[15], mm[16] = mm[16], mm[15]
    lat[25] += 5_000 / M_LAT
    double = [*range(len(table)), 30]
    broken = edit(table, mm=mm, lon=lon, lat=lat).take(double)
    calibration = calibrate(replace(broken, line=np.arange(2, len(double) + 2)))
    by = {f.code: f for f in calibration.findings}
    assert set(by["stake_contradicts"].things) >= {"line 9", "line 27"}
    assert by["stake_duplicate"].things == (f"line {len(double) + 1}",)
    assert "stake_decreasing" in by
    reading = read_stake(calibration, (float(table.lon[12]), float(table.lat[12])))
    assert reading.stake.mm == pytest.approx(table.mm[12], abs=1_000)


def test_a_displaced_row_makes_odd_intervals():
    """One row 90 m off along the road gives two odd intervals, named with stakes and metres; no other does."""
    road = Road()
    table, along = road.table(drift_m=5.0)
    spot = road.side(1).places_at([along[12] + 90.0])
    lon, lat = table.lon.copy(), table.lat.copy()
    lon[12], lat[12] = spot.lon[0], spot.lat[0]
    calibration = calibrate(edit(table, lon=lon, lat=lat))
    odd = next(f for f in calibration.findings if f.code == "stake_odd_interval")
    assert set(odd.things) == {"line 12-13", "line 13-14"}
    assert "K105+500—K106+000 +" in odd.message


def test_gaps_are_named():
    """A stretch without stakes is named with its two ends."""
    table, _ = Road().table()
    calibration = calibrate(table.take([*range(12), *range(20, len(table))]))
    gap = next(f for f in calibration.findings if f.code == "stake_gap")
    assert (gap.count, gap.length_m) == (1, 4_500.0)


def test_order_of_the_table_does_not_matter():
    """A table against the stakes, or in no order at all, gives the same carriageway."""
    road = Road(length_m=12_000)
    table, _ = road.table()
    straight = calibrate(table).carriageways[0]
    shuffled = np.random.default_rng(3).permutation(len(table))
    for order in (np.arange(len(table))[::-1], shuffled):
        way = calibrate(table.take(order)).carriageways[0]
        assert way.pieces[0].stake_m.tolist() == straight.pieces[0].stake_m.tolist()
        assert way.line.length_m == pytest.approx(straight.line.length_m, abs=1e-6)
    assert "stake_unsorted" in codes(calibrate(table.take(shuffled)))


def test_the_bound_covers():
    """Over roads whose stakes wander, at least nine of ten true places and stakes lie within their bounds."""
    hits = []
    for seed in range(6):
        road = Road(length_m=24_000)
        table, _ = road.table(drift_m=15.0, seed=seed)
        for network in (None, road.network()):
            shown = table.take(range(0, len(table), 2))
            calibration = calibrate(shown, network=network)
            for k in range(1, len(table) - 1, 2):
                place = locate_stake(calibration, Stake(int(table.mm[k]), "G15"))[0]
                spot = (float(table.lon[k]), float(table.lat[k]))
                reading = read_stake(calibration, spot)
                hits.append(measure_between((place.lon, place.lat), spot) <= place.error_m)
                hits.append(abs(reading.stake.mm - table.mm[k]) / 1000 <= reading.error_m)
    assert np.mean(hits) >= 0.9


def test_ticks_for_maps():
    """There is a tick at every 100 m between the first and last stake, whole kilometres marked."""
    table, _ = Road(length_m=6_000).table(start_m=99_900.0)
    calibration = calibrate(table)
    ticks = make_ticks(calibration)
    span = int(table.mm[-1] - table.mm[0]) // 100_000
    assert len(ticks) == span + 1
    assert [t.mm for t in ticks if t.is_kilometre] == [k * 1_000_000 for k in range(100, 105)]
    assert len(make_ticks(calibration, step_m=1_000)) == 5


def test_questions_that_have_no_answer():
    """An unknown route, an unknown direction and a place far away are refused, each in its own sentence."""
    table, _ = Road(length_m=6_000).table(direction=Direction.UP)
    calibration = calibrate(table)
    with pytest.raises(InputError, match="没有定标"):
        locate_stake(calibration, parse_stake("G99 K101+000"))
    with pytest.raises(InputError, match="没有 下行 方向"):
        locate_stake(calibration, parse_stake("下行K101+000"))
    with pytest.raises(InputError, match="超过 200 米"):
        read_stake(calibration, (LON, LAT + 1))
    assert read_stakes(calibration, [(LON, LAT + 1)]) == (None,)


def test_a_table_that_cannot_be_calibrated():
    """One row, or rows that all contradict each other, raise an error instead of an empty calibration."""
    table, _ = Road(length_m=6_000).table()
    with pytest.raises(InputError, match="两个以上相符"):
        calibrate(table.take([0]))


def test_same_input_same_answer():
    """Calibrating twice gives the same line, anchors and findings."""
    road = Road(length_m=8_000)
    table, _ = road.table(drift_m=20.0)
    a, b = (calibrate(table, network=road.network()) for _ in range(2))
    assert a.findings == b.findings
    for one, two in zip(a.carriageways, b.carriageways, strict=True):
        assert one.line.lon.tobytes() == two.line.lon.tobytes()
        assert one.errors == two.errors


def test_chain_equations():
    """Chain equations are read, long and short; anything else is refused."""
    assert parse_chain("K10+050=K10+000").is_long
    assert str(parse_chain("K10+000＝K10+050")) == "K10+000=K10+050（短链 50 m）"
    for text in ("K10+050", "K10+050=K10+050", "K1+1=K2+2=K3+3", "a=b"):
        with pytest.raises(InputError):
            parse_chain(text)


def short_chain_table(road, *, backwards=False):
    """Return a table whose stakes lack 300 m from row 8 on, declared by two rows at one place."""
    table, _ = road.table()
    after = np.where(np.arange(len(table)) >= 8, table.mm + 300_000, table.mm)
    rows = [("G15", Direction.NONE, int(after[k]), float(table.lon[k]), float(table.lat[k])) for k in range(len(table))]
    rows.insert(8, ("G15", Direction.NONE, int(table.mm[8]), float(table.lon[8]), float(table.lat[8])))
    return make_stake_table(rows[::-1] if backwards else rows), int(table.mm[8])


@pytest.mark.parametrize("backwards", [False, True])
def test_two_stakes_at_one_place_declare_a_chain(backwards):
    """Two successive rows at one place are the stakes before and after a broken chain, not a duplicate."""
    road = Road()
    table, before = short_chain_table(road, backwards=backwards)
    calibration = calibrate(table, network=road.network())
    (way, *_) = calibration.carriageways
    assert way.chains == (BrokenChain(before, before + 300_000),)
    assert "stake_duplicate" not in codes(calibration)
    assert "stake_chain_found" not in codes(calibration)
    with pytest.raises(InputError, match="短链"):
        locate_stake(calibration, Stake(before + 150_000, "G15"))


def test_a_place_copied_by_mistake_is_no_chain():
    """A row that repeats the place of the row before, while the rest runs on evenly, is a duplicate."""
    road = Road()
    table, _ = road.table()
    lon, lat = table.lon.copy(), table.lat.copy()
    lon[8], lat[8] = lon[7], lat[7]
    assert find_paired_rows(table.mm / 1000.0, lon, lat) == ()
    calibration = calibrate(edit(table, lon=lon, lat=lat), network=road.network())
    assert "stake_duplicate" in codes(calibration)
    assert calibration.carriageways[0].chains == ()


def test_a_pair_at_the_end_declares_nothing():
    """Two rows at one place at the end of a table have no road beyond them that could prove a chain."""
    stakes = np.array([0.0, 1000.0, 1300.0])
    assert find_paired_rows(stakes, np.array([114.0, 114.01, 114.01]), np.array([30.0, 30.0, 30.0])) == ()
