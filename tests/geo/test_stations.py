from __future__ import annotations

import pytest

from geo.stations import StationKind, find_stations
from tests.builders import make_network
from tests.sketch import Sketch

MAIN = {"highway": "motorway", "ref": "G98"}
RAMP = {"highway": "motorway_link", "oneway": "yes"}


def ramp(**places: tuple[float, float]) -> Sketch:
    """Return an expressway 2 km long with an exit ramp to a road; booths are put on it by the test."""
    sketch = Sketch()
    sketch.put(w=(-1000, 0), x=(0, 0), e=(1000, 0), p=(100, -100), q=(100, -400), l=(-500, -400), r=(500, -400))
    sketch.put(**places)
    sketch.way("w x e", "motorway", ref="G98")
    return sketch


def booth_names(sketch, network):
    """Return, for each station, the names of its booths."""
    return [[sketch.name(int(network.nodes.id[row])) for row in s.booths] for s in network.stations]


def with_ramp(sketch: Sketch, points: str = "x p q") -> Sketch:
    """Add the ramp and the road it ends on."""
    sketch.way(points, "motorway_link", oneway="yes")
    sketch.way("l q r", "primary")
    return sketch


def test_ramp_station(tmp_path):
    """A booth on a ramp is a ramp station that knows its name, place, lanes and booth."""
    sketch = with_ramp(ramp()).booth("p", station="青石收费站")
    network = sketch.load(tmp_path)
    (station,) = network.stations
    assert (station.kind, station.name, station.lanes) == (StationKind.RAMP, "青石收费站", 1)
    assert station.id == f"n{sketch.id('p')}"
    assert (station.lon, station.lat) == pytest.approx(sketch.place("p"))
    assert booth_names(sketch, network) == [["p"]]


@pytest.mark.parametrize(("gap_m", "stations"), [(140, 1), (160, 2)])
def test_near_booths_are_one_station(tmp_path, gap_m, stations):
    """Booths 140 m apart are one station, 160 m apart two."""
    sketch = ramp(b=(100, -200), c=(100 + gap_m, -200), f=(900, 0))
    sketch.way("x b q", "motorway_link", oneway="yes")
    sketch.way("r c f", "motorway_link", oneway="yes")
    sketch.way("l q r", "primary")
    sketch.ways[0] = (101, ["w", "x", "f", "e"], MAIN)
    sketch.booth("b", "c")
    assert len(sketch.load(tmp_path).stations) == stations


@pytest.mark.parametrize(
    ("first", "second", "stations"),
    [("荷坳收费站", "惠盐荷坳收费站", 1), ("荷坳收费站", "龙岗收费站", 2), ("", "", 2)],
)
def test_one_name_is_one_station(tmp_path, first, second, stations):
    """Booths 600 m apart join by name, one name inside the other too; missing names do not join."""
    sketch = ramp(b=(100, -200), c=(700, -200), f=(900, 0))
    sketch.way("x b q", "motorway_link", oneway="yes")
    sketch.way("r c f", "motorway_link", oneway="yes")
    sketch.way("l q r", "primary")
    sketch.ways[0] = (101, ["w", "x", "f", "e"], MAIN)
    sketch.booth("b", station=first).booth("c", station=second)
    network = sketch.load(tmp_path)
    assert len(network.stations) == stations
    codes = {f.code for f in network.findings}
    assert ("station_two_names" in codes) == (stations == 1)


def test_same_name_far_away(tmp_path):
    """Booths of one name 2 km apart stay two stations."""
    sketch = Sketch().put(a=(0, 0), b=(500, 0), c=(2600, 0), d=(3000, 0))
    sketch.way("a b c d", "motorway_link")
    sketch.booth("b", "c", station="青石收费站")
    assert len(sketch.load(tmp_path).stations) == 2


def test_main_line_station(tmp_path):
    """Booths with a long expressway on either side are a main-line station."""
    sketch = Sketch().put(a=(-4000, 0), b=(0, 0), c=(4000, 0))
    sketch.put(d=(-4000, 30), e=(0, 30), f=(4000, 30))
    sketch.way("a b c", "motorway", ref="G98")
    sketch.way("f e d", "motorway", ref="G98")
    sketch.booth("b", "e", station="主线收费站")
    network = sketch.load(tmp_path)
    assert [s.kind for s in network.stations] == [StationKind.MAIN_LINE]


def test_station_at_the_end_of_an_expressway(tmp_path):
    """Booths behind which the motorway soon becomes an ordinary road are no main-line station."""
    sketch = Sketch().put(a=(-4000, 0), b=(0, 0), c=(400, 0), d=(900, 0))
    sketch.way("a b c", "motorway")
    sketch.way("c d", "trunk")
    sketch.booth("b")
    assert [s.kind for s in sketch.load(tmp_path).stations] == [StationKind.RAMP]


def test_gate_of_a_campus(tmp_path):
    """A booth on a road that touches no expressway is a gate, reported, and no booth of the network."""
    sketch = with_ramp(ramp(g=(-500, -600), h=(-500, -800))).booth("p")
    sketch.way("l g h", "service")
    sketch.booth("g", station="大学东门")
    network = sketch.load(tmp_path)
    kinds = {s.name: s.kind for s in network.stations}
    assert kinds == {"": StationKind.RAMP, "大学东门": StationKind.GATE}
    assert network.booth_mask().sum() == 1
    assert "gate_not_station" in {f.code for f in network.findings}


def test_station_inside_a_service_area(tmp_path):
    """A booth on a service-area road is a service-area station."""
    sketch = with_ramp(ramp(s=(300, 100), t=(400, 100), u=(500, 100))).booth("p")
    sketch.ways[0] = (101, ["w", "x", "e"], MAIN)
    sketch.way("e s t u w", "service", name="青石服务区")
    sketch.booth("t")
    kinds = sorted(s.kind for s in sketch.load(tmp_path).stations)
    assert kinds == [StationKind.RAMP, StationKind.SERVICE_AREA]


@pytest.mark.parametrize("key", ["disused:barrier", "removed:barrier", "abandoned:barrier", "was:barrier"])
def test_removed_border_station(tmp_path, key):
    """A removed booth node is a border station without booths, reported as no seam."""
    sketch = with_ramp(ramp()).booth("p")
    sketch.tag("x", {key: "toll_booth", "old_name": "省界收费站"})
    network = sketch.load(tmp_path)
    border = next(s for s in network.stations if s.kind is StationKind.BORDER)
    assert (border.name, border.booths, border.lanes) == ("省界收费站", (), 0)
    assert "removed_border_station" in {f.code for f in network.findings}


def test_removed_station_as_a_building(tmp_path):
    """Removed booth outlines near each other are one border station, far ones another."""
    sketch = with_ramp(ramp()).booth("p")
    for k, x in enumerate((-900, -700, 900)):
        sketch.put(**{f"o{k}": (x, 10), f"p{k}": (x + 20, 10), f"q{k}": (x, 30)})
        sketch.outline(
            f"o{k} p{k} q{k}", **{"building": "yes", "disused:barrier": "toll_booth", "name": f"省界{k // 2}"}
        )
    borders = [s for s in sketch.load(tmp_path).stations if s.kind is StationKind.BORDER]
    assert [(s.name, len(s.areas)) for s in borders] == [("省界0", 2), ("省界1", 1)]


def plaza(lanes: int, booths: int) -> Sketch:
    """Return a ramp that fans out into lanes, the first of which have booths."""
    sketch = ramp(a=(100, -150), z=(100, -250))
    sketch.way("x a", "motorway_link", oneway="yes")
    for k in range(lanes):
        sketch.put(**{f"b{k}": (100 + 5 * k, -200)})
        sketch.way(f"a b{k} z", "motorway_link", oneway="yes")
    sketch.way("z q", "motorway_link", oneway="yes")
    sketch.way("l q r", "primary")
    return sketch.booth(*[f"b{k}" for k in range(booths)])


def test_lanes_are_counted(tmp_path):
    """Each lane with its own way and booth counts as one lane."""
    (station,) = plaza(5, 5).load(tmp_path).stations
    assert (station.lanes, len(station.booths)) == (5, 5)


def test_lanes_of_one_booth(tmp_path):
    """A single booth on a way of four lanes has four lanes; a nonsense number counts as one."""
    for told, lanes in (("4", 4), ("four", 1), ("400", 1), ("", 1)):
        sketch = with_ramp(ramp()).booth("p")
        sketch.ways[1] = (102, ["x", "p", "q"], {**RAMP, "lanes": told})
        (station,) = sketch.load(tmp_path).stations
        assert station.lanes == lanes


@pytest.mark.parametrize(("booths", "missing"), [(4, 0), (3, 1), (2, 2)])
def test_lane_without_its_booth(tmp_path, booths, missing):
    """Lanes beside booths that carry none are reported with their segments."""
    network = plaza(4, booths).load(tmp_path)
    found = [f for f in network.findings if f.code == "missing_booth"]
    assert sum(f.count for f in found) == missing
    for finding in found:
        assert all(thing in network.row_of_segment for thing in finding.things)
        assert finding.length_m > 0


def test_no_station_at_all(tmp_path):
    """An expressway without any booth is an error with its metres; ordinary roads alone are not."""
    network = with_ramp(ramp()).load(tmp_path)
    (finding,) = [f for f in network.findings if f.code == "no_station"]
    assert finding.length_m == pytest.approx(2000, rel=0.01)
    sketch = Sketch().put(a=(0, 0), b=(100, 0))
    sketch.way("a b", "primary")
    assert sketch.load(tmp_path).findings == ()


def test_order_of_stations_is_by_place(tmp_path):
    """Stations are listed from west to east, whatever their ids."""
    network = with_ramp(ramp(b=(-800, -50), c=(-700, -300))).load(tmp_path)
    assert network.stations == ()
    sketch = with_ramp(ramp(b=(-800, -50), c=(-700, -400))).booth("p", "b")
    sketch.ways[2] = (103, ["c", "l", "q", "r"], {"highway": "primary"})
    sketch.way("w b c", "motorway_link", oneway="yes")
    places = [s.lon for s in sketch.load(tmp_path).stations]
    assert len(places) == 2
    assert places == sorted(places)


def test_booth_off_the_roads_is_no_station():
    """A booth node that lies on no way makes no station."""
    nodes = {1: (0.0, 0.0), 2: (0.01, 0.0), 3: (0.005, 0.001, {"barrier": "toll_booth"})}
    stations, _ = find_stations(make_network(nodes, [(9, [1, 2], MAIN)]))
    assert stations == ()
