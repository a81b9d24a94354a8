import pytest

from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.weigh import Truck, WeighStation, find_weigh_stations, mass_limit_t, send_to_weigh
from tests.builders import make_network
from tests.patrol.town import GRAPH

NEAR = WeighStation("near", "甲超限检测站", 116.024, 40.0)
FAR = WeighStation("far", "乙超限检测站", 116.06, 40.045)


def test_nearest_by_road_and_the_next():
    """A truck goes to the station that is nearest by road; the second is named beside it."""
    (found,) = send_to_weigh(GRAPH, [Truck("t", 116.006, 40.0)], [FAR, NEAR])
    assert (found.station, found.next_station) == ("near", "far")
    assert found.time_s < found.next_time_s
    assert found.length_m == pytest.approx(1_537, rel=0.01)


def test_one_way_roads_decide_who_is_nearest():
    """A station behind a one-way road is farther than one ahead, though nearer as the crow flies."""
    nodes = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.05, 40.0)}
    ways = [(1, [1, 2], {"highway": "primary", "oneway": "yes"}), (2, [2, 3], {"highway": "primary", "oneway": "yes"})]
    graph = build_travel_graph(make_network(nodes, ways))
    stations = [WeighStation("behind", "", 116.0, 40.0), WeighStation("ahead", "", 116.05, 40.0)]
    (found,) = send_to_weigh(graph, [Truck("t", 116.011, 40.0)], stations)
    assert (found.station, found.next_station, found.next_time_s) == ("ahead", "", None)
    assert send_to_weigh(graph, [Truck("t", 116.011, 40.0)], stations[:1]) == ()


def test_no_trucks_no_answer_and_no_station_is_refused():
    """Without trucks there is nothing to do; without stations the person is told."""
    assert send_to_weigh(GRAPH, [], [NEAR]) == ()
    with pytest.raises(InputError, match="no weigh station"):
        send_to_weigh(GRAPH, [Truck("t", 116.0, 40.0)], [])
    with pytest.raises(InputError, match="truck t"):
        send_to_weigh(GRAPH, [Truck("t", 110.0, 40.0)], [NEAR])


def test_stations_of_the_map():
    """Weighbridges are read from the map, those called 超限检测站 before a quarry's."""
    nodes = {
        1: (116.0, 40.0, {"amenity": "weighbridge", "name": "石料厂地磅"}),
        2: (116.01, 40.0, {"amenity": "weighbridge", "name": "岚西超限检测站"}),
    }
    network = make_network(nodes, [(1, [1, 2], {"highway": "primary"})])
    assert [(s.id, s.name) for s in find_weigh_stations(network)] == [("n2", "岚西超限检测站"), ("n1", "石料厂地磅")]


@pytest.mark.parametrize(
    ("axles", "train", "limit"),
    [
        (2, False, 18),
        (3, False, 25),
        (3, True, 27),
        (4, False, 31),
        (4, True, 36),
        (5, True, 43),
        (6, True, 49),
        (8, True, 49),
    ],
)
def test_mass_limits(axles, train, limit):
    """The limits by axles are those of article 3."""
    assert mass_limit_t(axles, train=train) == limit


def test_single_drive_and_too_few_axles():
    """Six axles with one driving are held to 46 t; one axle is no truck."""
    assert mass_limit_t(6, train=True, single_drive=True) == 46
    assert mass_limit_t(5, train=True, single_drive=True) == 43
    with pytest.raises(InputError, match="at least 2 axles"):
        mass_limit_t(1)
