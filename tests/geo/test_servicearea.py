from __future__ import annotations

import numpy as np
import pytest

from geo.classes import RoadClass
from geo.servicearea import find_service_roads
from tests.sketch import Sketch


def members(sketch: Sketch, folder) -> list[int]:
    """Return the OSM ids of ways found to be service-area roads."""
    network = sketch.load(folder)
    road_class = network.segment_class
    mask = find_service_roads(
        network,
        service=road_class == RoadClass.SERVICE,
        expressway=road_class <= RoadClass.MOTORWAY_LINK,
        ordinary=np.isin(road_class, range(RoadClass.TRUNK, RoadClass.SERVICE)),
    )
    return sorted(set(network.ways.id[network.segments.way[mask]].tolist()))


def area() -> Sketch:
    """Return an expressway (101) with a loop of service roads (102 to 104) and a back road (105) to a village (106)."""
    sketch = Sketch()
    sketch.put(w=(-1000, 0), a=(-200, 0), b=(200, 0), e=(1000, 0))
    sketch.put(c=(-100, 80), d=(100, 80), v=(0, 300), x=(-300, 300), y=(300, 300))
    sketch.way("w a b e", "motorway")
    sketch.way("a c", "service")
    sketch.way("c d", "service")
    sketch.way("d b", "service")
    sketch.way("d v", "service")
    sketch.way("x v y", "tertiary")
    return sketch


def test_unmarked_service_roads_are_not_an_area(tmp_path):
    """Service roads without outline, class or name belong to no service area."""
    assert members(area(), tmp_path) == []


@pytest.mark.parametrize(
    "tags", [{"highway": "services"}, {"highway": "rest_area"}, {"highway": "service", "name": "青石服务区"}]
)
def test_marked_way_is_a_member(tmp_path, tags):
    """A way by class or name is a member, and so are roads that join it to the expressway but to no village."""
    sketch = area()
    sketch.ways[2] = (103, ["c", "d"], tags)
    assert members(sketch, tmp_path) == [102, 103]
    sketch.ways.pop(4)
    assert members(sketch, tmp_path) == [102, 103, 104]


@pytest.mark.parametrize("kind", ["services", "rest_area"])
def test_outline_makes_members(tmp_path, kind):
    """Service roads whose middle lies in the outline of a service or parking area are members."""
    sketch = area()
    sketch.put(p=(-150, 20), q=(150, 20), r=(150, 150), s=(-150, 150))
    sketch.outline("p q r s", highway=kind)
    assert {102, 103, 104} <= set(members(sketch, tmp_path))


@pytest.mark.parametrize(("edge_m", "found"), [(55, True), (45, False)])
def test_outline_reaches_thirty_metres(tmp_path, edge_m, found):
    """A road 25 m outside the outline is a member, one 35 m outside is not."""
    sketch = area()
    sketch.put(p=(-90, 20), q=(90, 20), r=(90, edge_m), s=(-90, edge_m))
    sketch.outline("p q r s", highway="services")
    sketch.ways = [w for w in sketch.ways if w[0] not in {104, 105}]
    assert (103 in members(sketch, tmp_path)) is found


def test_ordinary_road_through_an_area_stays_out(tmp_path):
    """An ordinary road that crosses the outline is no service-area road."""
    sketch = area()
    sketch.put(p=(-400, 20), q=(400, 20), r=(400, 400), s=(-400, 400))
    sketch.outline("p q r s", highway="services")
    assert 106 not in members(sketch, tmp_path)
