"""How a day is searched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import make_patrol_day
from patrol.check import check_routes
from patrol.matrices import Day
from patrol.recipe import Recipe, choose_recipes, share_iterations
from patrol.solver import Search, find_routes


@pytest.fixture(scope="module")
def day() -> Day:
    """Give a small day of the benchmark: crews with skills, windows, two tables."""
    return make_patrol_day(40).day


def test_shares_fill_the_iterations() -> None:
    """Searches share the iterations by weight, and the last ends with them."""
    recipes = [Recipe(1, 1, weight=2), Recipe(1, 1), Recipe(1, 1)]
    assert share_iterations(recipes, 4) == [2, 3, 4]
    assert share_iterations(recipes, 1)[-1] == 1


def test_a_day_of_places_is_searched_once_and_one_of_stretches_several_times(day: Day) -> None:
    """Places need one search; tasks with two ways get several from different seeds, also where they are many."""
    assert len(choose_recipes(day, range(40))) == 1
    two = replace(day, task=np.arange(40) // 2)
    assert len(choose_recipes(two, range(40))) > 1
    many = replace(day, task=np.arange(300) // 2)
    long = choose_recipes(many, range(300))
    assert len(long) > 1
    assert long != choose_recipes(two, range(40))
    assert choose_recipes(day, range(300)) != choose_recipes(day, range(40))


def test_crews_that_share_no_task_still_serve_everything(day: Day) -> None:
    """Where tasks of different crews are no neighbours all are served, the same for the same seed."""
    everyone = list(range(40))
    found = find_routes(day, everyone, Search(200, 3))
    assert sorted(j for _, stops in found.routes for j in stops) == everyone
    assert check_routes(day, found.routes, []) == []
    assert find_routes(day, everyone, Search(200, 3)) == found


def test_leaving_out_strangers_among_neighbours_changes_no_plan_where_there_are_none(day: Day) -> None:
    """Where any crew may serve everything the filter is off and windows alone decide; nothing is left out."""
    free = replace(day, allowed=np.ones_like(day.allowed))
    found = find_routes(free, list(range(40)), Search(200, 3))
    assert sorted(j for _, stops in found.routes for j in stops) == list(range(40))
