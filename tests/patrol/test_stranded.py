from geo.travel import build_travel_graph
from patrol.stranded import IdleReason, find_islanders
from patrol.units import Unit
from tests.builders import make_network

PLACES = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0), 4: (116.0, 40.02), 5: (116.01, 40.02)}


def test_a_unit_on_an_island_is_named():
    """A unit on roads not joined to the main part is named; one on the main part, one far away and one at home are not."""
    tags = {"highway": "primary"}
    network = make_network(PLACES, [(10, [1, 2], tags), (11, [2, 3], tags), (12, [4, 5], tags)])
    graph = build_travel_graph(network)
    units = [
        Unit("main", "local", 116.005, 40.0),
        Unit("island", "local", 116.005, 40.02),
        Unit("far", "local", 117.0, 41.0),
        Unit("home", "local", 116.005, 40.02, 0),
    ]
    found = find_islanders(graph, units)
    assert [(unit.unit, unit.reason) for unit in found] == [("island", IdleReason.ISLAND)]
    assert "island" in found[0].message
    assert "island of the map" in found[0].message_en
    assert find_islanders(graph, units[3:]) == ()
