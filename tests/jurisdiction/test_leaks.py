from __future__ import annotations

import numpy as np
import pytest

from jurisdiction.evidence import collect_evidence
from jurisdiction.leaks import find_leaks
from jurisdiction.rules import seam_rules
from tests.builders import make_network

PLACES = {k: (k * 0.001, 0.0) for k in range(1, 12)} | {20: (0.003, 0.002), 21: (0.004, 0.002)}
MAIN = {"highway": "motorway", "oneway": "no"}
RAMP = {"highway": "motorway_link", "oneway": "yes"}
ROAD = {"highway": "primary"}


def leaks(ways, inside, junction, *, booths=(), places=PLACES):
    """Return the leaks at a node when the given OSM ways are expressway."""
    network = make_network(places, ways)
    evidence = collect_evidence(network, seam_rules(), np.ones(len(network.segments), dtype=bool))
    expressway = np.isin(network.ways.id[network.segments.way], inside)
    row = np.flatnonzero(network.nodes.id == junction)
    blocked = np.isin(network.nodes.id, booths)
    found = find_leaks(network, evidence, expressway, junctions=row, blocked=blocked)
    return [(network.ways.id[network.segments.way[list(leak.path)]].tolist(), leak) for leak in found]


CHAIN = [(10, [1, 2], MAIN), (11, [2, 3], RAMP), (12, [3, 4], RAMP), (13, [4, 5], ROAD)]


def test_path_from_core_to_core():
    """A leak runs from the main line over the junction to the ordinary road, with its metres."""
    ((ways, leak),) = leaks(CHAIN, [10, 11], 3)
    assert ways == [10, 11, 12, 13]
    assert leak.is_drivable
    assert leak.length_m == pytest.approx(4 * 111.3, abs=1)


@pytest.mark.parametrize(("booth", "count"), [(2, 0), (4, 0), (5, 1)])
def test_a_booth_on_the_way_stops_the_leak(booth, count):
    """A booth on either side of the junction closes the leak, one beyond the ordinary core does not."""
    assert len(leaks(CHAIN, [10, 11], 3, booths=[booth])) == count


@pytest.mark.parametrize("inside", [[11], [10, 11, 12, 13]])
def test_no_core_no_leak(inside):
    """Without a main line on one side, or an ordinary road on the other, nothing leaks."""
    assert leaks(CHAIN, inside, 3) == []


def test_merging_ramps_leak_without_a_drivable_path():
    """Two ramps that merge before a booth leak, though no car drives from one into the other."""
    ways = [
        (10, [20, 21], MAIN),
        (11, [20, 3], RAMP),
        (12, [2, 3], RAMP),
        (13, [3, 6], RAMP),
        (14, [1, 2], ROAD),
    ]
    ((path, leak),) = leaks(ways, [10, 11], 3, booths=[6])
    assert path == [10, 11, 12, 14]
    assert not leak.is_drivable


def test_shortest_path_wins():
    """Of two open ways the shorter one is shown, the shorter of parallel pieces too."""
    ways = [*CHAIN, (14, [2, 20, 3], RAMP), (15, [2, 21, 3], RAMP)]
    ((path, _),) = leaks(ways, [10, 11, 14, 15], 3)
    assert path == [10, 11, 12, 13]


def test_drivable_against_the_path():
    """A path counts as drivable when a car drives it from the ordinary road to the main line."""
    ways = [(10, [1, 2], MAIN), (11, [3, 2], RAMP), (12, [4, 3], RAMP), (13, [4, 5], ROAD)]
    ((_, leak),) = leaks(ways, [10, 11], 3)
    assert leak.is_drivable


def test_core_at_the_junction_itself():
    """Where main line and ordinary road meet at the junction, the path is these two."""
    ways = [(10, [1, 2], MAIN), (13, [2, 3], ROAD)]
    ((path, _),) = leaks(ways, [10], 2)
    assert path == [10, 13]
