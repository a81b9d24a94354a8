from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from geo.errors import InputError
from jurisdiction.rules import parse_rules, seam_rules


@pytest.fixture
def table():
    """Return the shipped table, parsed."""
    return tomllib.loads(files("data.rules").joinpath("seam.toml").read_text(encoding="utf-8"))


DESIGN_VOTES = {
    "motorway": (True, 1.0),
    "stub": (False, 0.3),
    "link": (True, 0.3),
    "toll_free_link": (True, 0.02),
    "service_area": (True, 0.5),
    "service": (False, 0.05),
    "ordinary": (False, 1.0),
    "ordinary_link": (False, 0.3),
}


@pytest.mark.parametrize("name", DESIGN_VOTES)
def test_votes_are_those_of_the_design(name):
    """Each row of the design's evidence table stands in the rule table with its label and weight."""
    vote = seam_rules().votes[name]
    assert (vote.for_expressway, vote.weight) == DESIGN_VOTES[name]


def test_prices_are_those_of_the_design():
    """Booth, plaza, gate, ramp end and elsewhere cost what the design says; ``ramp_end`` swaps booth and ramp end."""
    island = seam_rules().convention("toll_island")
    assert (island.booth, island.plaza, island.gate, island.ramp_end, island.elsewhere) == (0, 5, 5, 50, 200)
    ramp = seam_rules().convention("ramp_end")
    assert (ramp.booth, ramp.plaza, ramp.gate, ramp.ramp_end, ramp.elsewhere) == (50, 5, 5, 0, 200)
    assert (island.stub_vote, ramp.stub_vote) == (True, False)


def test_every_row_has_its_source(table):
    """Each row of the table names where it comes from."""
    rows = [row for part in table.values() for row in part.values()]
    assert all(row["source"] for row in rows)


def test_a_shift_has_the_prices_it_starts_from():
    """A convention that shifts seams is priced by its base row, and is listed by name."""
    rules = seam_rules()
    assert rules.convention("plaza_outer_edge") == rules.convention("toll_island")
    assert set(rules.names) >= {"toll_island", "ramp_end", "plaza_outer_edge", "land_boundary"}


def test_unknown_convention():
    """An unknown convention is refused in a sentence that names the known ones."""
    with pytest.raises(InputError, match="toll_island, ramp_end"):
        seam_rules().convention("by_dice")


def test_rules_come_from_the_table_only(table):
    """A changed weight, price or limit in the table is what the rules say."""
    table["votes"]["stub"]["weight"] = 0.7
    table["conventions"]["ramp_end"]["booth"] = 77
    table["limits"]["plaza_m"]["value"] = 61
    table.pop("shifts")
    rules = parse_rules(table)
    assert rules.votes["stub"].weight == 0.7
    assert rules.convention("ramp_end").booth == 77
    assert rules.plaza_m == 61.0
    assert rules.names == ("toll_island", "ramp_end")
