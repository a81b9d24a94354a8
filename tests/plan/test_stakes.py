from __future__ import annotations

import pytest

from geo.datum import Datum, convert
from geo.errors import InputError
from geo.stakes import parse_stake
from plan.decisions import Decision
from plan.demo import demo_plan
from plan.model import Plan
from plan.planfile import open_plan, save_plan
from plan.stakes import make_stake_decisions, read_stakes_value
from tests.geo.stakeplay import Road


@pytest.fixture(scope="module")
def road():
    """Return the road with stakes."""
    return Road(tags={"name": "沈海高速"})


def write(path, road, *, route="G15", shift=None, extra=""):
    """Write the stake table of a road as CSV."""
    table, _ = road.table()
    lon, lat = (
        (table.lon, table.lat) if shift is None else convert(table.lon, table.lat, source=Datum.WGS84, target=shift)
    )
    head = "route,stake,lon,lat" if route else "stake,lon,lat"
    rows = [
        f"{route + ',' if route else ''}K{mm // 1_000_000}+{mm // 1000 % 1000:03d},{x:.7f},{y:.7f}"
        for mm, x, y in zip(table.mm.tolist(), lon.tolist(), lat.tolist(), strict=True)
    ]
    path.write_text("\n".join([head, *rows, *([extra] if extra else [])]) + "\n", encoding="utf-8")
    return path


def test_a_table_becomes_one_decision_a_route(road, tmp_path):
    """A stake table is one decision for its route, and the plan answers with it from then on."""
    network = road.network()
    (decision,) = make_stake_decisions(write(tmp_path / "a.csv", road), network, when="2026-11-25")
    assert (decision.kind, decision.key, decision.when) == ("set_stakes", "G15", "2026-11-25")
    plan = Plan(network).decide(decision)
    assert plan.derived.stakes.tables == ("G15",)
    assert plan.derived.stakes.of("G15").to_json()["source"] == "table"
    assert Plan(network).derived.stakes.tables == ()


def test_a_decision_survives_its_json_form(road, tmp_path):
    """Chains, findings and rows of a table come back from the decision's JSON text unchanged."""
    path = write(tmp_path / "a.csv", road, extra="G15,K3+050,200,95")
    text = path.read_text(encoding="utf-8").replace("route,stake,lon,lat", "route,stake,lon,lat,断链")
    path.write_text(text.replace("\n", ",K5+050=K5+000\n", 2).replace("断链,K5+050=K5+000", "断链"), encoding="utf-8")
    (decision,) = make_stake_decisions(path, road.network())
    again = Decision.from_json(decision.to_json())
    first, second = (read_stakes_value("G15", d.value) for d in (decision, again))
    assert first[0].mm.tolist() == second[0].mm.tolist()
    assert first[0].chains == second[0].chains != {}
    assert first[1] == second[1]
    assert "stake_row_unreadable" in [f.code for f in second[1]]


def test_a_road_known_by_name_becomes_its_number(road, tmp_path):
    """A table that names the road instead of its number is kept under the number."""
    (decision,) = make_stake_decisions(write(tmp_path / "a.csv", road, route="沈海高速"), road.network())
    assert decision.key == "G15"


def test_rows_without_a_route(road, tmp_path):
    """Rows that name no route are refused, or take the route that was given."""
    path = write(tmp_path / "a.csv", road, route="")
    with pytest.raises(InputError, match="--route"):
        make_stake_decisions(path, road.network())
    assert make_stake_decisions(path, road.network(), route="G15")[0].key == "G15"


def test_shifted_coordinates_are_suspected_and_converted_only_when_told(road, tmp_path):
    """Coordinates in GCJ-02 are kept as given with a finding that asks; stated as GCJ-02 they are converted."""
    path = write(tmp_path / "a.csv", road, shift=Datum.GCJ02)
    network = road.network()
    (as_given,) = make_stake_decisions(path, network)
    assert [f["code"] for f in as_given.value["findings"]] == ["datum_suspect"]
    (told,) = make_stake_decisions(path, network, datum=Datum.GCJ02)
    assert told.value["findings"] == []
    assert told.value["lon"] == pytest.approx(road.table()[0].lon.tolist(), abs=1e-6)


def test_a_route_off_the_map_is_not_judged(road, tmp_path):
    """A table of a route that the map lacks is taken without a verdict on its coordinates."""
    (decision,) = make_stake_decisions(write(tmp_path / "a.csv", road, route="S99"), road.network())
    assert decision.value["findings"] == []


@pytest.mark.parametrize("value", [{}, {"direction": [], "mm": [1], "lon": [], "lat": [], "line": []}, {"mm": 3}])
def test_a_broken_decision_is_one_sentence(value):
    """A stake decision that lost its columns is refused with the way out."""
    with pytest.raises(InputError, match="重新导入"):
        read_stakes_value("G15", value)


def test_the_demo_plan_carries_its_stakes(tmp_path):
    """The demo plan holds the stakes of G98 on both carriageways with their broken chain, also after save and open."""
    plan = demo_plan()
    save_plan(tmp_path / "demo.gpkg", plan)
    for made in (plan, open_plan(tmp_path / "demo.gpkg")):
        desk = made.derived.stakes
        assert desk.tables == ("G98",)
        assert desk.findings == ()
        places = desk.locate(parse_stake("G98 K230+000"))
        assert [str(p.stake.direction) for p in places] == ["上行", "下行"]
        assert max(p.error_m for p in places) < 10
        with pytest.raises(InputError, match="短链"):
            desk.locate(parse_stake("G98 K228+850"))
