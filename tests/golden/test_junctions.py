"""Made-up junctions: where a person would draw the seam, there it lies."""

from __future__ import annotations

import numpy as np
import pytest

from geo.load import load_network
from jurisdiction.splitting import split
from tests.golden.junctions import BUILDERS, Junction


def seams(built: Junction, folder, convention: str) -> set[str]:
    """Return the names of the points where seams lie; a booth made of a building is named after its lane."""
    network = built.sketch.load(folder)
    names = set()
    for seam in split(network, convention).seams:
        ident = int(network.nodes.id[seam.node])
        names.add(built.sketch.name(ident) if ident > 0 else near(built, seam.lon, seam.lat))
    return names


def near(built: Junction, lon: float, lat: float) -> str:
    """Return the name of the sketch's point at a place."""
    places = {name: built.sketch.place(name) for name in built.sketch.points}
    return min(places, key=lambda n: abs(places[n][0] - lon) + abs(places[n][1] - lat))


@pytest.mark.parametrize("name", BUILDERS)
def test_seams_at_the_toll_island(name, tmp_path):
    """Under ``toll_island`` the seams lie at the expected points and nowhere else."""
    built = BUILDERS[name]()
    assert seams(built, tmp_path, "toll_island") == built.toll_island


@pytest.mark.parametrize("name", BUILDERS)
def test_seams_at_the_ramp_end(name, tmp_path):
    """Under ``ramp_end`` the seams lie at the expected points and nowhere else."""
    built = BUILDERS[name]()
    assert seams(built, tmp_path, "ramp_end") == built.ramp_end


@pytest.mark.parametrize("name", BUILDERS)
def test_owners_leaks_and_findings(name, tmp_path):
    """Under ``toll_island`` whole ways belong where they should, and leaks and doubts are reported."""
    built = BUILDERS[name]()
    ownership = split(built.sketch.load(tmp_path))
    network = ownership.network
    way = network.ways.id[network.segments.way]
    for ident in built.expressway:
        assert ownership.expressway[way == ident].all(), f"way {ident} should be expressway"
    for ident in built.ordinary:
        assert not ownership.expressway[way == ident].any(), f"way {ident} should be ordinary"
    leaks = {built.sketch.name(int(network.nodes.id[leak.junction])) for leak in ownership.leaks}
    assert leaks == built.leaks
    assert set(built.findings) <= {f.code for f in ownership.findings}


@pytest.mark.parametrize("scale", [0.4, 1.6, 3.0])
@pytest.mark.parametrize("name", BUILDERS)
def test_size_does_not_matter(name, scale, tmp_path):
    """A junction drawn smaller or larger has its seams at the same points, unless a stub becomes a long main line."""
    built = BUILDERS[name]()
    if scale * 1400 > 2500 and name == "motorway_into_trunk":
        pytest.skip("with 2,500 m of main line beyond the booths it is no stub by the rule table")
    built.sketch.points = {n: (i, scale * x, scale * y, t) for n, (i, x, y, t) in built.sketch.points.items()}
    assert seams(built, tmp_path, "toll_island") == built.toll_island
    assert seams(built, tmp_path, "ramp_end") == built.ramp_end


@pytest.mark.parametrize("convention", ["toll_island", "ramp_end"])
@pytest.mark.parametrize("name", BUILDERS)
def test_relabelled_and_shuffled(name, convention, tmp_path):
    """Fault 68: other ids and any order of elements, ways before nodes too, give the same owners and seams by place."""
    built = BUILDERS[name]()
    tidy = outcome(built.sketch.load(tmp_path), convention)
    sketch = built.sketch
    order = np.random.default_rng(len(name)).permutation(len(sketch.points)) + 1000
    sketch.points = {n: (int(order[k]), x, y, tags) for k, (n, (_, x, y, tags)) in enumerate(sketch.points.items())}
    new_way = np.random.default_rng(7).permutation(len(sketch.ways)) + 5000
    sketch.ways = [(int(new_way[k]), points, tags) for k, (_, points, tags) in enumerate(sketch.ways)]
    path = tmp_path / "mixed.osm"
    path.write_text(sketch.shuffled_xml(3), encoding="utf-8")
    assert outcome(load_network(path), convention) == tidy


def outcome(network, convention):
    """Return owners and seams by place alone."""
    ownership = split(network, convention)
    cut = ownership.network
    owners = sorted(
        (tuple(map(tuple, cut.points(k).tolist())), str(ownership.owner[k])) for k in range(len(cut.segments))
    )
    return owners, sorted((s.lon, s.lat, s.kind, s.margin_m) for s in ownership.seams)
