import numpy as np
import pytest

from geo.errors import InputError
from jurisdiction.choices import AgreedSeam, Choices, nearest_station
from jurisdiction.splitting import split
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def sketch():
    return expressway_with_ramp()


@pytest.fixture(scope="module")
def network(sketch, tmp_path_factory):
    return sketch.load(tmp_path_factory.mktemp("shifts"))


def places(ownership, sketch):
    """Name the seams by the points of the sketch, ``?`` where the seam lies inside a segment."""
    ids = ownership.network.nodes.id
    return {sketch.name(int(ids[s.node])) if ids[s.node] > 0 else "?" for s in ownership.seams}


def station(network):
    return next(s.id for s in network.stations)


def test_toll_island_lies_at_every_booth(network, sketch):
    """By default each lane's booth is the seam."""
    assert places(split(network), sketch) == {"e0", "e1", "f0", "f1"}


def test_a_station_can_have_a_convention_of_its_own(network, sketch):
    """Choosing ramp_end for one station moves its seams and no other's convention."""
    choices = Choices(by_station={station(network): "ramp_end"})
    ownership = split(network, choices=choices)
    assert places(ownership, sketch) == {"r"}
    assert ownership.convention == "toll_island"


def test_plaza_outer_edge_lies_where_the_lanes_have_met(network, sketch):
    """Exit lanes meet at b, entry lanes fan out at d: there the seams lie, and the plaza is expressway."""
    ownership = split(network, "plaza_outer_edge")
    assert places(ownership, sketch) == {"b", "d"}
    assert {s.kind for s in ownership.seams} == {"plaza_edge"}
    assert {s.station for s in ownership.seams} == {station(network)}


def test_a_single_lane_has_its_edge_sixty_metres_beyond_the_booth(tmp_path):
    """Without lanes that meet, the seam lies inside the ramp, plaza_m beyond the booth."""
    network = expressway_with_ramp(lanes=1).load(tmp_path)
    ownership = split(network, "plaza_outer_edge")
    cut = ownership.cut
    lengths = {60_000, *(int(x) for x in cut.network.segments.length_mm)}
    assert len(ownership.seams) == 2
    assert sum(int(x) for x in cut.network.segments.length_mm) == network.length_mm
    assert all(ownership.network.nodes.id[s.node] < 0 for s in ownership.seams)
    assert 60_000 in lengths


def test_an_agreed_seam_wins_and_holds_the_road_up_to_it(network, sketch):
    """A point on the ramp beyond the booths is the seam; the lanes of the exit go to the expressway."""
    segment = f"w104/{sketch.id('b')}-{sketch.id('r')}"
    ownership = split(network, choices=Choices(agreed=(AgreedSeam(segment, 100.0),)))
    kinds = {s.kind for s in ownership.seams}
    agreed = [s for s in ownership.seams if s.kind == "agreed"]
    assert "agreed" in kinds
    assert len(agreed) == 1
    assert {ownership.network.text("highway", row) for row in agreed[0].expressway} == {"motorway_link"}
    assert not places(ownership, sketch) & {"e0", "e1"}
    assert {"f0", "f1"} <= places(ownership, sketch)


def test_an_agreed_seam_inside_the_toll_system_gives_road_away(network, sketch):
    """A point before the booth gives the rest of the ramp to the ordinary side."""
    segment = f"w103/{sketch.id('x1')}-{sketch.id('a')}"
    before = split(network)
    after = split(network, choices=Choices(agreed=(AgreedSeam(segment, 200.0),)))
    owned = [int(o.network.segments.length_mm[o.expressway].sum()) for o in (before, after)]
    assert owned[1] < owned[0]
    assert {s.kind for s in after.seams} >= {"agreed"}


def test_an_agreed_seam_on_today_s_seam_changes_nothing(network, sketch):
    """Agreeing on the booth keeps every owner."""
    segment = f"w107/{sketch.id('a')}-{sketch.id('e0')}"
    length = network.segments.length_m[network.row_of_segment[segment]]
    after = split(network, choices=Choices(agreed=(AgreedSeam(segment, float(length)),)))
    assert (after.expressway == split(network).expressway).all()


def test_land_boundary_lies_where_the_road_crosses_the_outline(network, sketch):
    """An outline around the plaza puts the seams on its border; the road that passes below stays ordinary."""
    corners = [(-100, -100), (520, -100), (520, 400), (-100, 400), (-100, -100)]
    ring = np.array([sketch_place(sketch, *corner) for corner in corners])
    choices = Choices("land_boundary", land=(ring,))
    ownership = split(network, choices=choices)
    assert {s.kind for s in ownership.seams} == {"land"}
    assert len(ownership.seams) == 2
    primary = [r for r in range(len(ownership.expressway)) if ownership.network.text("highway", r) == "primary"]
    assert not ownership.expressway[primary].any()


def sketch_place(sketch, x, y):
    sketch = type(sketch)(sketch.origin).point("p", x, y)
    return sketch.place("p")


def test_land_boundary_without_an_outline_is_the_toll_island(network, sketch):
    """Without an outline there is nothing to shift to."""
    assert places(split(network, "land_boundary"), sketch) == {"e0", "e1", "f0", "f1"}


def test_an_unknown_convention_is_refused(network):
    """A convention that is not in the table is one sentence."""
    with pytest.raises(InputError, match="convention"):
        split(network, choices=Choices(by_station={station(network): "nowhere"}))


def test_an_override_moves_the_class(network):
    """A person who says that way 103 … is ordinary gets that, and the votes say so."""
    ownership = split(network, choices=Choices(overrides={101: False}))
    rows = network.ways.id[network.segments.way] == 101
    assert not ownership.expressway[rows].any()


def test_nodes_far_from_every_booth_belong_to_no_station(network, sketch):
    """Beyond the reach of a station the general convention holds."""
    near = nearest_station(network, 700.0)
    row = {int(i): k for k, i in enumerate(network.nodes.id)}
    assert near[row[sketch.id("b")]] == 0
    assert near[row[sketch.id("n0")]] == -1


def test_an_override_is_a_hard_constraint(network, sketch):
    """A short ordinary road that a person calls expressway is expressway, whatever lies around it."""
    ownership = split(network, choices=Choices(overrides={111: True}))
    rows = network.ways.id[network.segments.way] == 111
    assert ownership.expressway[rows].all()
    back = split(network, choices=Choices(overrides={103: False}))
    assert not back.expressway[network.ways.id[network.segments.way] == 103].any()
