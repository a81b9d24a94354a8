import numpy as np

from geo.stations import StationKind
from geo.turns import allowed_arcs, find_forbidden_turns, find_station_turns, is_expressway, turn_places
from tests.builders import make_network

NODES = {1: (116.00, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0), 4: (116.01, 40.001)}
TWO_WAY = {"highway": "motorway_link", "oneway": "no"}


def forbidden(network):
    """Return the forbidden turns as a set of (arriving arc, leaving arc)."""
    a, b = find_forbidden_turns(network, allowed_arcs(network))
    return set(zip(a.tolist(), b.tolist(), strict=True))


def test_turning_back_on_a_ramp_is_forbidden():
    """On a two-way ramp a car may go straight on at a node and not back, at either end of either segment."""
    network = make_network(NODES, [(1, [1, 2], TWO_WAY), (2, [2, 3], TWO_WAY)])
    assert forbidden(network) == {(0, 1), (1, 0), (2, 3), (3, 2)}


def test_turning_back_on_an_ordinary_road_is_free():
    """Ordinary roads forbid no turn."""
    network = make_network(NODES, [(1, [1, 2], {"highway": "primary"}), (2, [2, 3], {"highway": "service"})])
    assert forbidden(network) == set()


def test_one_way_carriageway_forbids_nothing_extra():
    """A one-way carriageway that runs on has no turn to forbid: there is no way back in the network."""
    network = make_network(NODES, [(1, [1, 2], {"highway": "motorway"}), (2, [2, 3], {"highway": "motorway"})])
    assert forbidden(network) == set()


def test_sharp_turn_from_one_carriageway_to_the_other_is_forbidden():
    """Where both carriageways meet in a node, driving from one to the other is a U-turn and forbidden."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.0, 40.0005)}
    network = make_network(nodes, [(1, [1, 2], {"highway": "motorway"}), (2, [2, 3], {"highway": "motorway"})])
    assert forbidden(network) == {(0, 2)}


def test_right_angle_between_ramps_is_allowed():
    """A bend of ninety degrees between two ramps is no U-turn."""
    link = {"highway": "motorway_link", "oneway": "yes"}
    network = make_network(NODES, [(1, [1, 2], link), (2, [2, 4], link)])
    assert forbidden(network) == set()


def test_repeated_point_is_no_heading():
    """Fault 35: a segment without length has no heading and forbids no turn but the way back."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.01, 40.0)}
    link = {"highway": "motorway_link", "oneway": "yes"}
    network = make_network(nodes, [(1, [1, 2], link), (2, [2, 3], link)])
    assert forbidden(network) == set()


def test_turn_round_at_a_toll_station():
    """At a booth of a toll station turning back is allowed."""
    network = make_network(NODES, [(1, [1, 2], TWO_WAY), (2, [2, 3], TWO_WAY)], stations={"s": [2]})
    assert forbidden(network) == {(1, 0), (2, 3)}


def test_gate_is_no_place_to_turn():
    """A gate that is no toll station of ours offers no turn."""
    ways = [(1, [1, 2], TWO_WAY), (2, [2, 3], TWO_WAY)]
    network = make_network(NODES, ways, stations={"s": [2]}, kind=StationKind.GATE)
    assert (0, 1) in forbidden(network)
    assert len(find_station_turns(network).time_ms) == 0


def test_marked_turn_round_is_a_place_to_turn():
    """At a marked turning circle turning back is allowed."""
    nodes = {**NODES, 2: (116.01, 40.0, {"highway": "turning_circle"})}
    network = make_network(nodes, [(1, [1, 2], TWO_WAY), (2, [2, 3], TWO_WAY)])
    assert turn_places(network).tolist() == [1]
    assert forbidden(network) == {(1, 0), (2, 3)}


def test_station_turns_join_every_booth_to_every_other():
    """A station of three booths offers six turns, each of 60 s and the way across at 20 km/h."""
    network = make_network(NODES, [(1, [1, 2], TWO_WAY), (2, [2, 3], TWO_WAY)], stations={"s": [1, 2, 3]})
    turns = find_station_turns(network)
    assert len(turns.time_ms) == 6
    one = (turns.from_node == 0) & (turns.to_node == 1)
    apart_m = float(network.segments.length_m[0])
    assert turns.time_ms[one].tolist() == [round(60_000 + apart_m / 20 * 3600)]


def test_network_without_stations_has_no_station_turns():
    """Without stations the table of turns is empty, not an error."""
    network = make_network(NODES, [(1, [1, 2], TWO_WAY)])
    turns = find_station_turns(network)
    assert len(turns.from_node) == len(turns.to_node) == len(turns.time_ms) == 0


def test_closed_arcs_are_not_considered():
    """A turn into a closed arc is no turn."""
    network = make_network(NODES, [(1, [1, 2], TWO_WAY)])
    a, _ = find_forbidden_turns(network, np.array([True, False]))
    assert len(a) == 0


def test_expressway_is_motorway_and_its_ramps():
    """Motorways and their ramps are expressway, trunks are not."""
    ways = [(1, [1, 2], {"highway": "motorway"}), (2, [2, 3], TWO_WAY), (3, [2, 4], {"highway": "trunk"})]
    assert is_expressway(make_network(NODES, ways)).tolist() == [True, True, False]
