"""``stretches`` and ``ledger`` from a terminal: tables in, metres out, plan saved, bad input in one sentence."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cli import app
from geo.errors import RoadseamError
from plan.planfile import open_plan
from views.console.summary import summarise


def run(*words):
    """Run a command; return its JSON document and what it said."""
    done = CliRunner().invoke(app, [str(w) for w in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def demo():
    """Return the document of ``stretches demo``."""
    return run("stretches", "demo", "--json")


def test_stretches_of_the_demo(demo):
    """The demo's table resolves whole: metres, stakes, kinds of ends, the concurrency, nothing open or claimed twice."""
    rows = {row["id"]: row for row in demo["stretches"]}
    assert set(rows) == {"G98#1", "G98#2", "S101#1"}
    first = rows["G98#1"]
    assert (first["from_stake"], first["to_stake"]) == ("K212+150", "K232+817")
    assert (first["from_kind"], first["to_kind"]) == ("border", "stake")
    assert all(row["resolved"] and row["length_m"] == row["claimed_m"] > 0 for row in rows.values())
    assert demo["gaps"] == demo["overlaps"] == []
    assert {tuple(row["routes"]) for row in demo["concurrencies"]} == {("G98", "S17")}
    assert all(not agency["missing"] for agency in demo["agencies"])
    assert sum(row["length_m"] for row in demo["outside"]) == pytest.approx(demo["agency_length_m"]["none"])
    assert "G98#1 exp1 G98 K212+150 — K232+817" in summarise(demo)


def test_own_tables_and_a_saved_plan(tmp_path):
    """Own tables replace the plan's; gaps and overlaps come with route, stakes and metres; the plan opens again."""
    table = tmp_path / "stretches.csv"
    table.write_text(
        "agency,route,from_name,to_name,from_stake,to_stake\n"
        "exp1,G98,岚西区界,,K212+150,K225+000\nexp2,G98,,,K224+000,K230+000\nexp1,G98,,岚东区界,K231+000,K239+620\n"
        "exp2,S101,砚塘南区界,北垣收费站,,\n",
        encoding="utf-8",
    )
    towns = tmp_path / "towns.geojson"
    ring = [[118, 31], [119, 31], [119, 32], [118, 32], [118, 31]]
    body = {"type": "Feature", "properties": {"name": "全区"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    towns.write_text(json.dumps({"type": "FeatureCollection", "features": [body]}), encoding="utf-8")
    out = tmp_path / "plan.gpkg"
    document = run("stretches", "demo", "--table", table, "--towns", towns, "--out", out, "--json")
    assert {(r["from_stake"], r["to_stake"]) for r in document["gaps"]} == {("K230+000", "K231+000")}
    assert {(r["from_stake"], r["to_stake"]) for r in document["overlaps"]} == {("K224+000", "K225+000")}
    assert sum(r["length_m"] for r in document["gaps"]) == pytest.approx(2000, abs=10)
    text = summarise(document)
    assert "空档 gap: G98 K230+000—K231+000" in text
    assert "重叠 overlap: G98" in text
    saved = open_plan(out)
    assert len(saved.stretches) == 4
    ledger = run("ledger", out, "--by", "town,owner", "--json")
    assert ledger["balanced"]
    assert ledger["towns_decided"]
    assert [row["key"] for row in ledger["by"]["town"]] == ["全区"]
    none = next(row for row in ledger["by"]["owner"] if row["key"] == "none")
    assert none["length_m"] == pytest.approx(2000, abs=10)
    assert none["bounds"] is not None
    assert none["first_segment"]


def test_a_balanced_split(tmp_path):
    """``--balance`` proposes a split, lists what moves, and the plan it saves has these stretches; a seed repeats it."""
    out = tmp_path / "plan.gpkg"
    document = run("stretches", "demo", "--balance", 5, "--out", out, "--json")
    balance = document["balance"]
    assert balance["balanced"]
    assert balance["over_mean"] <= 0.01
    assert len(balance["load"]) == 5
    assert document["gaps"] == document["overlaps"] == []
    assert balance["moved_m"] > 0
    for name, load in balance["load"].items():
        assert document["agency_length_m"][name] == pytest.approx(load, rel=0.01)
    assert {s.agency for s in open_plan(out).stretches} == set(balance["load"])
    assert run("stretches", "demo", "--balance", 5, "--json")["balance"] == balance
    assert "均衡 balance:" in summarise(document)


def test_rebalancing_named_agencies_by_cases():
    """``--balance-agencies`` starts from the present owners; cases of the demo count as work."""
    balance = run("stretches", "demo", "--balance-agencies", "exp1，exp2", "--by", "cases", "--json")["balance"]
    assert (balance["start"], balance["by"], balance["agencies"]) == ("present", "cases", ["exp1", "exp2"])


def test_the_whole_ledger():
    """Without ``--by`` every group is listed, each equal to the network to the millimetre."""
    document = run("ledger", "demo", "--json")
    assert set(document["by"]) == {"owner", "state", "agency", "class", "route", "town"}
    assert document["total_mm"] == document["network_mm"]
    for rows in document["by"].values():
        assert sum(round(row["length_m"] * 1000) for row in rows) == document["total_mm"]
    assert set(document["state_m"]) == {"owned", "none", "contested", "pending_handover"}
    assert "合计 total: 1485.735 km" in summarise(document)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ledger", "demo", "--by", "luck"), "luck"),
        (("stretches", "demo", "--balance", "2", "--balance-agencies", "exp1"), "either"),
        (("stretches", "demo", "--balance", "0"), "one brigade"),
        (("stretches", "demo", "--balance", "5000"), "5000"),
        (("stretches", "demo", "--table", "nowhere.csv"), "nowhere.csv"),
    ],
)
def test_bad_questions_are_one_sentence(words, told):
    """Unknown groups, two ways at once, no brigade, too many, and missing tables are refused in one sentence."""
    with pytest.raises(RoadseamError, match=told):
        run(*words, "--json")
