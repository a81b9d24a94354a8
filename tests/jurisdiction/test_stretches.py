from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from jurisdiction.agencies import End, Stretch
from jurisdiction.brigades import Why
from jurisdiction.routeaxis import make_axis, route_mask
from jurisdiction.stretches import resolve_stretches
from tests.jurisdiction.corridor import STEP, assign, corridor, metres, reach, stakes

EAST, WEST = [10, 11], [12, 13]
WHOLE_M = 10 * STEP * 111_319.49


def stretch(start, end, agency="exp1", *, route="G1", direction="", ident=""):
    """Return a stretch between two ends given as stake or name."""
    ends = [e if isinstance(e, End) else (End(e) if e.startswith("K") else End("", e)) for e in (start, end)]
    return Stretch(agency, route, *ends, direction, ident or f"{route}:{start}-{end}")


def resolve(*stretches, network=None, stakes_of=None, outline=None):
    """Return network and claims."""
    network = network or corridor()
    calibration = (stakes_of or stakes())(network)
    return network, resolve_stretches(network, stretches, stakes=calibration, outline=outline)


def test_both_carriageways_between_stakes():
    """A stretch between two stakes takes exactly the metres between them, on both carriageways, cut inside a segment."""
    network, claims = resolve(stretch("K102+500", "K106+200"))
    cut, expressway, found = assign(network, claims)
    for way in (EAST, WEST):
        low, high = reach(cut, found, "exp1", way=way)
        assert (low, high) == (pytest.approx(2500, abs=2), pytest.approx(6200, abs=2))
    assert metres(cut, found, expressway)["exp1"] == pytest.approx(2 * 3700, abs=4)
    assert cut.network.length_mm == network.length_mm


def test_one_carriageway():
    """A stretch with a direction takes that carriageway only."""
    network, claims = resolve(stretch("K102+500", "K106+200", direction="上行"))
    cut, expressway, found = assign(network, claims)
    assert metres(cut, found, expressway)["exp1"] == pytest.approx(3700, abs=4)
    mine = np.isin(cut.network.ways.id[cut.network.segments.way], EAST) & (found.why == Why.STRETCH)
    assert cut.network.segments.length_m[mine].sum() == pytest.approx(3700, abs=4)


def test_ends_in_either_order_are_the_same():
    """A table may list a stretch from the higher stake to the lower one."""
    _, one = resolve(stretch("K102+500", "K106+200"))
    _, other = resolve(stretch("K106+200", "K102+500"))
    assert one.row.tolist() == other.row.tolist()
    assert one.from_mm.tolist() == other.from_mm.tolist()


@pytest.mark.parametrize(
    ("end", "east_m"),
    [
        ("甲互通", 4 * STEP * 111_319.49),
        ("甲", 4 * STEP * 111_319.49),
        ("104", 4 * STEP * 111_319.49),
        ("出口104", 4 * STEP * 111_319.49),
        ("乙收费站", 0.0705 * 111_319.49),
        ("乙", 0.0705 * 111_319.49),
        ("东区界", WHOLE_M),
        (End(place=(0.031, 0.0001)), 0.031 * 111_319.49),
    ],
)
def test_ends_by_name(end, east_m):
    """Interchange, exit number, station, border and place all end a stretch; a junction nearby is the end itself."""
    network, claims = resolve(stretch("西区界", end))
    assert [p.code for s in claims.spans for p in s.problems] == []
    cut, _, found = assign(network, claims)
    low, high = reach(cut, found, "exp1", way=EAST)
    assert low == 0
    assert high == pytest.approx(east_m, abs=40)


def test_another_route_ends_a_stretch():
    """The number of a route that crosses ends a stretch where the two come nearest."""
    extra = [(30, [40, 41], {"highway": "motorway", "ref": "S9"})]
    network, claims = resolve(stretch("西区界", "S9"), network=corridor(extra=extra))
    cut, _, found = assign(network, claims)
    assert reach(cut, found, "exp1", way=EAST)[1] == pytest.approx(0.09 * 111_319.49, abs=40)


def test_a_border_lies_on_the_outline():
    """With a district outline the border is where the route crosses it, and roads beyond have no agency but are no gap."""
    outline = shapely.box(0.015, -1, 0.085, 1)
    network, claims = resolve(stretch("西区界", "东区界"), outline=outline)
    cut, _, found = assign(network, claims)
    assert reach(cut, found, "exp1", way=EAST) == (
        pytest.approx(0.015 * 111_319.49, abs=2),
        pytest.approx(0.085 * 111_319.49, abs=2),
    )
    assert set(found.agency[found.why == Why.BEYOND].tolist()) == {"none"}
    assert not (found.why == Why.GAP).any()


@pytest.mark.parametrize(
    ("one", "code", "length_m"),
    [
        (stretch("K090+000", "K103+000"), "stake_outside_route", 2 * 3000),
        (stretch("K103+000", "K200+000"), "stake_outside_route", 2 * (WHOLE_M - 3000)),
        (stretch("K300+000", "K400+000"), "stretch_empty", 0),
        (stretch("丙互通", "K103+000"), "stretch_end_unknown", 0),
        (stretch(End(place=(0.05, 0.5)), "K103+000"), "stretch_end_unknown", 0),
        (stretch("K103+000", "K103+000"), "stretch_empty", 0),
        (stretch("K1+000", "K2+000", route="G77"), "stretch_off_map", 0),
        (Stretch("exp1", "G77"), "stretch_off_map", 0),
        (stretch("甲互通", "K103+000", direction="上坡"), "stretch_direction_unknown", 2 * 1453),
    ],
)
def test_what_is_wrong_is_a_finding(one, code, length_m):
    """Fault 67: a stake outside the route, an unknown end, a vanished route: a sentence, a finding, nothing dropped."""
    network, claims = resolve(one)
    assert len(claims.spans) == 1
    finding = next(f for f in claims.findings if f.code == code)
    assert one.name in finding.things
    assert one.name in finding.message
    assert finding.message_en
    cut, expressway, found = assign(network, claims)
    claimed = expressway & (found.why == Why.STRETCH)
    assert cut.network.segments.length_m[claimed].sum() == pytest.approx(length_m, abs=8)
    assert cut.network.length_mm == network.length_mm


def test_without_a_stake_table_the_name_counts():
    """Where a route has no stakes an end with stake and name is found by name; with a stake alone it is named as lost."""
    network = corridor()
    claims = resolve_stretches(
        network, [Stretch("exp1", "G1", End("K100+000", "西区界"), End("K104+450", "甲互通"), id="a")]
    )
    cut, _, found = assign(network, claims)
    assert reach(cut, found, "exp1", way=EAST) == (0, pytest.approx(4 * STEP * 111_319.49, abs=40))
    lost = resolve_stretches(network, [Stretch("exp1", "G1", End("K100+000"), End("K104+450"), id="a")])
    assert [f.code for f in lost.findings] == ["stretch_end_unknown"]
    assert "桩号表" in lost.findings[0].message


def test_a_border_without_compass_is_named():
    """A border that does not say at which end of an uncalibrated route it lies is taken at one, and told."""
    claims = resolve_stretches(corridor(), [Stretch("exp1", "G1", End("", "区界"), End("", "甲互通"), id="a")])
    assert [f.code for f in claims.findings] == ["border_ambiguous"]


@pytest.mark.parametrize(("direction", "sign"), [("东向", 1), ("西向", -1)])
def test_compass_directions_need_no_stakes(direction, sign):
    """East and west are told by the axis where there is no stake table."""
    network = corridor()
    claims = resolve_stretches(network, [Stretch("exp1", "G1", direction=direction, id="a")])
    axis = claims.axes["G1"]
    rows = set(claims.row.tolist())
    assert rows == set(axis.rows[axis.travel == sign].tolist())


def test_the_axis_orders_the_whole_route():
    """Both carriageways are measured along one axis as long as the route, and every point has a place on it."""
    network = corridor()
    axis = make_axis(network, "G1")
    assert axis.length_m == pytest.approx(WHOLE_M, abs=1)
    assert axis.low_m.min() == 0
    assert axis.turned().turned().position_m.tolist() == pytest.approx(axis.position_m.tolist())
    assert make_axis(network, "G77") is None
    assert route_mask(network, "东西高速").sum() == 2
    assert not route_mask(network, "").any()


def test_an_axis_joins_what_the_map_tears():
    """A route in two parts, one beyond a gap of the map, is one axis in order."""
    places = {60: (0.15, 0.0), 61: (0.2, 0.0)}
    network = corridor(extra=[(40, [60, 61], {"highway": "motorway", "ref": "G1"})], places=places)
    axis = make_axis(network, "G1")
    assert axis.length_m == pytest.approx(0.2 * 111_319.49, abs=2)
    assert (~axis.joined).sum() == 1
    position, gap = axis.locate([0.18, 0.05], [0.0, 0.0])
    assert position.tolist() == pytest.approx([0.18 * 111_319.49, 0.05 * 111_319.49], abs=3)
    assert gap.max() < 1


def test_a_carriageway_far_away_is_no_part_of_its_own():
    """Where the carriageways part by some hundred metres and meet again the axis still runs along one of them."""
    places = {70 + k: (0.02 + k * 0.01, 0.004) for k in range(4)}
    extra = [(41, [3, 70, 71, 72, 73, 8], {"highway": "motorway", "oneway": "yes", "ref": "G1"})]
    axis = make_axis(corridor(extra=extra, places=places), "G1")
    assert axis.length_m == pytest.approx(WHOLE_M, abs=20)


@given(st.lists(st.integers(1, 110), min_size=2, max_size=6, unique=True))
def test_stretches_in_a_row_cover_each_metre_once(hectometres):
    """Stretches that follow each other cover the route between the outer ends once, whatever the stakes are."""
    marks = [f"K{100 + h // 10}+{h % 10}00" for h in sorted(hectometres)]
    rows = [stretch(a, b, f"exp{1 + k % 2}") for k, (a, b) in enumerate(itertools.pairwise(marks))]
    network, claims = resolve(*rows)
    cut, expressway, found = assign(network, claims)
    claimed = expressway & (found.stretch >= 0) & (found.why == Why.STRETCH)
    length = (max(hectometres) - min(hectometres)) * 100
    assert cut.network.segments.length_m[claimed].sum() == pytest.approx(2 * length, abs=5 * len(marks))
    assert cut.network.length_mm == network.length_mm
    assert not (found.why == Why.OVERLAP).any()
