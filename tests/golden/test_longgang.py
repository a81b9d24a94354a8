"""The Longgang clip of 2019: three expressways, eight booths that are seams, one leak."""

from __future__ import annotations

import bz2
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import cli
from geo.load import load_network
from jurisdiction.splitting import split

CLI = cli.__file__
NAME = "shenzhen-longgang-heao-2019.osm.bz2"
BOOTHS = {653144238, 1825094020, 5697614151, 5518311322, 5694122602, 1948589502, 5694122604, 4875637779}
SERVICE_AREA_ENDS = {5549450394, 5552125513}
"""Where the roads of 荷坳 service area join a ramp beyond its booth, and a back road to a village."""
LEAK = 1948589627
RAMP_ENDS = {1300790358, 1948589638, 1948589470, 1948589473, 1948589536, 653144238, 1825094020, 5697614151}


@pytest.fixture(scope="module")
def network(shared_data):
    """Return the clip, loaded once."""
    return load_network(shared_data / "osm" / NAME)


@pytest.fixture(scope="module")
def ownership(network):
    """Return the split under the default convention."""
    return split(network)


def seam_nodes(ownership):
    """Return the OSM ids of the seams."""
    return {int(ownership.network.nodes.id[s.node]) for s in ownership.seams}


def test_seams_at_the_toll_island(ownership):
    """The eight booths are seams, one seam lies without a booth at the leak, two where the service area opens."""
    assert seam_nodes(ownership) == BOOTHS | {LEAK} | SERVICE_AREA_ENDS
    kinds = {int(ownership.network.nodes.id[s.node]): s.kind for s in ownership.seams}
    assert {kinds[node] for node in BOOTHS} == {"booth"}
    assert kinds[LEAK] == "junction"


def test_booth_inside_the_service_area_is_no_seam(ownership):
    """The booth of 荷坳 service area has expressway on both sides."""
    assert 6919452092 not in seam_nodes(ownership)


def test_the_leak_and_its_path(ownership):
    """The leak runs from the ramps through the S202 down to 龙岗大道, way by way as a person finds it."""
    (leak,) = ownership.leaks
    network = ownership.network
    assert int(network.nodes.id[leak.junction]) == LEAK
    ways = list(dict.fromkeys(network.ways.id[network.segments.way[list(leak.path)]].tolist()))
    wanted = [184373319, 219001041, 184373320, 330900056, 184373331]
    assert [way for way in ways if way in wanted] == wanted
    assert not leak.is_drivable
    assert "leak" in {f.code for f in ownership.findings}


def owners_by(ownership, tag, value):
    """Return the owners of all segments whose tag holds a value."""
    network = ownership.network
    rows = np.flatnonzero(network.ways.text[tag].take(network.segments.way).where(lambda text: value in text))
    return {str(o) for o in ownership.owner[rows]}


def test_owners(ownership):
    """The G15 is expressway, the trunk roads are ordinary, the roads of 荷坳 service area are expressway."""
    assert owners_by(ownership, "ref", "G15") == {"expressway"}
    assert owners_by(ownership, "highway", "trunk") == {"ordinary"}
    assert owners_by(ownership, "name", "荷坳服务区") == {"expressway"}
    assert owners_by(ownership, "highway", "residential") == {"ordinary"}


def test_open_service_area_is_a_finding(ownership):
    """That the service area opens on a ramp beyond a booth and on a village road is reported with both places."""
    (finding,) = [f for f in ownership.findings if f.code == "service_area_open"]
    assert set(finding.things) == {f"n{node}" for node in SERVICE_AREA_ENDS}


def test_seams_at_the_ramp_end(network):
    """Under ``ramp_end`` the seams are the eight ramp ends, and the back road of the service area."""
    assert seam_nodes(split(network, "ramp_end")) == RAMP_ENDS | {5552125513}


def test_stations(network):
    """Two stations: 龙岗, and 荷坳 under its two names."""
    named = {s.names: len(s.booths) for s in network.stations}
    assert named == {("龙岗收费站",): 3, ("惠盐荷坳收费站", "荷坳收费站"): 6}


def test_an_agreement_of_both_sides_to_the_millimetre(ownership):
    """Fault 68: the owners' metres add up to the network, whose length has not changed since it was written down."""
    length = ownership.network.segments.length_mm
    ours, theirs = int(length[ownership.expressway].sum()), int(length[~ownership.expressway].sum())
    assert ours + theirs == ownership.network.length_mm == 185_233_570
    assert ours == 33_687_464


def test_five_runs_give_the_same_bytes(shared_data, tmp_path):
    """Fault 68: five whole processes with different hash seeds give the same plan file and JSON, byte for byte."""
    outcomes = set()
    for seed in range(5):
        path = tmp_path / f"{seed}.gpkg"
        command = [sys.executable, CLI, "split", shared_data / "osm" / NAME, "--json", "--out", path]
        done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONHASHSEED": str(seed)}, check=True)
        outcomes.add((done.stdout, path.read_bytes()))
    assert len(outcomes) == 1
    stdout, _ = next(iter(outcomes))
    assert len(json.loads(stdout)["seams"]) == 11


def relabel(text: str) -> str:
    """Return OSM XML with every node, way and relation under another id, in another order of ids."""

    def other(match: re.Match[str]) -> str:
        return f'{match[1]}"{(int(match[2]) * 7919 + 13) % 8_589_934_583 + 1}"'

    return re.sub(r'((?:<(?:node|way|relation) |<nd |<member type="\w+" ).*?(?:\bid|\bref)=)"(\d+)"', other, text)


@pytest.mark.parametrize("convention", ["toll_island", "ramp_end"])
def test_other_ids_give_the_same_owners(shared_data, network, tmp_path, convention):
    """Fault 68: with every id changed, also their order, owners and seams are the same by place."""
    text = relabel(bz2.decompress((shared_data / "osm" / NAME).read_bytes()).decode())
    path = tmp_path / "relabelled.osm"
    path.write_text(text, encoding="utf-8")
    other = load_network(path)
    assert not set(other.ways.id.tolist()) & set(network.ways.id.tolist())
    assert by_place(split(other, convention)) == by_place(split(network, convention))


def by_place(ownership):
    """Return owners and seams by coordinates alone."""
    network = ownership.network
    owners = sorted(
        (network.points(k).tolist(), int(network.segments.length_mm[k]), bool(ownership.expressway[k]))
        for k in range(len(network.segments))
    )
    return owners, [(s.lon, s.lat, s.kind, s.margin_m) for s in ownership.seams]
