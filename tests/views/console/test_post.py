"""``post`` from a terminal: every model with bound and gap, wishes, comparisons and what losing a unit costs."""

from __future__ import annotations

import sys

import pytest

import cli

MODELS = ("mclp", "lscp", "bacop", "mexclp", "dsm", "pmedian", "pcenter")


@pytest.fixture
def ask(run, place, units, table):
    """Return a function that asks for posts among three points of the user."""
    at = place[1]
    points = table(
        "points.csv", "id,lon,lat,name", ("A", *at["r"], "甲"), ("B", *at["n1"], "乙"), ("C", *at["u"], "丙")
    )

    def runner(*words):
        return run("post", place[0] / "map.osm", "--units", units, "--points", points, "--minutes", 2, *words)

    return runner


@pytest.mark.parametrize("model", MODELS)
def test_every_model_says_how_sure_it_is(ask, model):
    """Each model gives sites, objective, greedy answer, bound and gap, and counts road within the limit."""
    code, body, err = ask("--model", model, "--add", 2, "--share", 0.3) if model == "dsm" else ask("--model", model)
    assert code == 0, err
    assert body["model"] == model
    assert body["proven"]
    assert body["gap"] <= 1e-6
    assert {"objective", "bound", "greedy", "unit", "chosen", "kept"} <= set(body)
    assert 0 < body["covered_m"] <= body["total_m"]
    if "compared" in body:
        assert body["compared"]["second"]["covered_m"] == pytest.approx(body["covered_m"])
        assert body["compared"]["second"]["twice_m"] == pytest.approx(body["twice_m"])


def test_wishes_hold(ask):
    """A fixed site is taken, a forbidden one is not, capacity lowers what counts, 0 steps give the greedy answer."""
    free = ask("--add", 1)[1]
    wanted = next(name for name in "ABC" if name not in {c["id"] for c in free["chosen"]})
    fixed = ask("--add", 1, "--fixed", wanted)[1]
    assert [c["id"] for c in fixed["chosen"]] == [wanted]
    shut = [word for c in free["chosen"] for word in ("--forbidden", c["id"])]
    assert not {c["id"] for c in ask("--add", 1, *shut)[1]["chosen"]} & {c["id"] for c in free["chosen"]}
    small = ask("--add", 1, "--capacity-km", 0.5)[1]
    assert small["objective"] < free["objective"]
    quick = ask("--add", 2, "--nodes", 0)[1]
    assert quick["greedy"] <= quick["bound"] * (1 + 1e-9)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--capacity-km", 3, "--model", "pmedian"), "--capacity-km belongs to mclp"),
        (("--wide-minutes", 9), "--wide-minutes belongs to dsm"),
        (("--share", 0.5), "--share belongs to lscp, dsm"),
        (("--model", "best"), "unknown model best"),
        (("--fixed", "Z"), "no candidate site Z"),
        (("--fixed", "A", "--forbidden", "A"), "both fixed and forbidden"),
    ],
)
def test_wrong_wishes_are_named(ask, words, said):
    """An option of another model, an unknown model or site, and a contradiction are refused by name."""
    code, body, err = ask(*words)
    assert (code, body) == (3, None)
    assert said in err


def test_no_placement_meets_both_standards(ask):
    """Where so few units cannot meet the double standard nothing is feasible: exit code 4."""
    code, _, err = ask("--model", "dsm", "--add", 1, "--wide-minutes", 3, "--share", 1)
    assert code == 4, err
    assert "double standard" in err or "both standards" in err


@pytest.fixture
def read(monkeypatch, capsys):
    """Return a function that runs a command and gives what a person reads."""

    def runner(*words):
        monkeypatch.setattr(sys, "argv", ["roadseam", *map(str, words)])
        with pytest.raises(SystemExit):
            cli.main()
        return capsys.readouterr().out

    return runner


def test_two_placements_and_a_lost_unit(ask, table, place, read, units):
    """Another table of units is compared with the placement, and losing each unit is told, for a person too."""
    at = place[1]
    other = table("other.csv", "id,agency,lon,lat,available", ("普1", "local", *at["r"], 1))
    body = ask("--add", 1, "--compare", other, "--lose")[1]
    both = body["compared_with"]
    assert both["file"] == "other.csv"
    assert both["first"]["units"] == 4
    assert both["second"]["units"] == 1
    assert both["first"]["covered_m"] == pytest.approx(body["covered_m"])
    assert {row["unit"] for row in body["losing"]} == {"普1", "普2", "高1"}
    words = ["post", place[0] / "map.osm", "--units", units, "--minutes", 2, "--compare", other, "--lose", "--add", 0]
    out = read(*words)
    for text in ("无需增设", "已证明最优", "新方案 new", "对照 other", "缺 without 普1"):
        assert text in out
    assert "{" not in out
