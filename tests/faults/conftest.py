"""A small plan, a saved one, and a program that saves it."""

from __future__ import annotations

import pytest

from plan.decisions import Decision
from plan.model import Plan
from plan.planfile import save_plan
from tests.faults.planplay import Savers
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan with one decision."""
    network = expressway_with_ramp().load(tmp_path_factory.mktemp("faults"))
    return Plan(network, (Decision("choose_convention", "*", {"convention": "ramp_end"}),), "梅坞")


@pytest.fixture
def path(plan, tmp_path):
    """Return a saved plan, alone in its folder."""
    folder = tmp_path / "plans"
    folder.mkdir()
    save_plan(folder / "a.gpkg", plan)
    return folder / "a.gpkg"


@pytest.fixture
def savers(path):
    """Return the program that forks savers of the plan."""
    program = Savers(path)
    yield program
    program.close()
