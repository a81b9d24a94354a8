"""Public routing instances through the solver and the check of a patrol day; the whole sets by benchmarks/routes.py."""

import pytest

from benchmarks.instances import make_patrol_day, read_carp, read_mcgrp, read_mdvrp, read_solomon, read_values
from benchmarks.routes import solve

GDB = ("gdb1", "gdb4", "gdb17", "gdb19")
MGGDB = ("mggdb_0.25_1", "mggdb_0.35_19", "mggdb_0.45_7")
SLOW_GDB = ("gdb9", "gdb11", "gdb20", "gdb22")


@pytest.fixture(scope="module")
def bench(shared_data):
    """Return the folder of the instances."""
    return shared_data / "bench"


def carp(bench, name):
    """Return a CARP instance with its listed value."""
    return read_carp(
        bench / "carp" / f"{name}.dat", read_values(bench / "carp" / "best_known.csv", "instance", "best_known")
    )


def solomon(bench, name):
    """Return a Solomon instance with its listed distance."""
    values = read_values(bench / "vrptw" / "bks.csv", "instance", "best_known", of="distance")
    return read_solomon(bench / "vrptw" / "solomon" / f"{name}.txt", values)


def mixed(bench, name):
    """Return a mixed instance, whatever its suffix."""
    (file,) = [path for path in (bench / "mcgrp").iterdir() if name in (path.stem, path.name)]
    return read_mcgrp(file, {})


@pytest.mark.parametrize("name", GDB)
def test_arcs_either_way_at_the_listed_value(bench, name):
    """Small arc-routing instances, whose edges may be driven either way, are solved to the listed value."""
    found = solve(carp(bench, name), 2_000, to_target=True)
    assert (found.left_out, found.cost) == (0, found.best_known)
    assert found.bound <= found.cost


@pytest.mark.parametrize("name", MGGDB)
def test_places_and_arcs_together_at_the_listed_value(bench, name):
    """Mixed instances of nodes, edges and arcs with a hard fleet are solved to the value in the file, one corrected."""
    found = solve(mixed(bench, name), 2_000, to_target=True)
    assert (found.left_out, found.cost) == (0, found.best_known)
    assert found.bound <= found.cost


@pytest.mark.parametrize("name", ["C101", "R101"])
def test_windows_within_a_percent(bench, name):
    """Solomon instances are solved to within 1 % of the listed distance, and never below it."""
    found = solve(solomon(bench, name), 400)
    assert found.left_out == 0
    assert -0.01 <= found.gap <= 1.0


def test_same_seed_same_cost(bench):
    """Promise P8: the same instance, seed and iterations give the same routes."""
    one, two = (solve(carp(bench, "gdb8"), 300) for _ in range(2))
    assert (one.cost, one.routes, one.iterations) == (two.cost, two.routes, two.iterations)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_GDB)
def test_larger_arc_sets(bench, name):
    """Larger arc-routing instances come within 1 % of the listed value, and never below it."""
    found = solve(carp(bench, name), 10_000, to_target=True)
    assert found.left_out == 0
    assert 0 <= found.gap <= 1.0


@pytest.mark.slow
def test_several_depots(bench):
    """A multi-depot instance comes within 2 % of the listed value, and never below it."""
    values = read_values(bench / "pvrp" / "bks.csv", "Instance Name", "BKS", of="MDVRP")
    found = solve(read_mdvrp(bench / "mdvrp" / "p01", values), 3_000)
    assert found.left_out == 0
    assert -0.01 <= found.gap <= 2.0


@pytest.mark.slow
def test_patrol_day_of_the_prototype():
    """300 targets, 17 crews, four skills and windows: nobody is left out, and driving is that of the prototype."""
    found = solve(make_patrol_day(), 3_000)
    assert found.left_out == 0
    assert found.cost <= 175_000
