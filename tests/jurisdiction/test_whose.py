from __future__ import annotations

import json
from math import inf

import numpy as np
import pytest

from geo.load import complete
from jurisdiction.splitting import split
from jurisdiction.whose import OUTSIDE_M, WhoseRoad
from tests.builders import make_network
from tests.sketch import METRES_PER_DEGREE
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def sketch():
    """Return the map asked about."""
    return expressway_with_ramp()


@pytest.fixture(scope="module")
def desk(sketch, tmp_path_factory):
    """Return the desk that answers whose road a place of the map is."""
    ownership = split(sketch.load(tmp_path_factory.mktemp("whose")))
    owner = ownership.owner.tolist()
    return WhoseRoad(ownership, owner, ["exp1" if o == "expressway" else "local" for o in owner])


def ask(desk, sketch, x_m, y_m):
    """Ask about a place in metres."""
    sketch.point("?", x_m, y_m)
    place = sketch.place("?")
    del sketch.points["?"]
    return desk.ask(*place)


def test_clear_answers(desk, sketch):
    """Far from every seam the answer is the owner of the nearest road, with its agency, segment and distance."""
    answer = ask(desk, sketch, -2000, 25)
    assert (answer.owner, answer.agency) == ("expressway", "exp1")
    assert answer.segment.startswith("w101/")
    assert answer.distance_m == pytest.approx(10, abs=0.2)
    answer = ask(desk, sketch, -1500, 660)
    assert (answer.owner, answer.agency) == ("ordinary", "local")


def test_both_carriageways_are_candidates(desk, sketch):
    """Beside one carriageway the other is a candidate, nearest first, and no rival as it has the same owner."""
    answer = ask(desk, sketch, -2000, 10)
    assert answer.owner == "expressway"
    assert [c.segment[:4] for c in answer.candidates] == ["w101"]
    answer = ask(desk, sketch, -2000, 2)
    assert [c.segment[:4] for c in answer.candidates] == ["w101", "w102"]
    assert [c.direction for c in answer.candidates] == [90, 270]


@pytest.mark.parametrize(("along_m", "owner"), [(25, "ask"), (35, "expressway"), (-25, "ask"), (-35, "ordinary")])
def test_band_of_uncertainty(along_m, owner, tmp_path):
    """Within 30 m of a seam by road a person must be asked; beyond it the answer is clear."""
    sketch = expressway_with_ramp(lanes=1)
    sketch.put(e9=(375 - 0.7071 * along_m, 225 - 0.7071 * along_m))
    ownership = split(sketch.load(tmp_path))
    agency = ["x"] * len(ownership.owner)
    answer = WhoseRoad(ownership, ownership.owner.tolist(), agency).ask(*sketch.place("e9"))
    assert answer.owner == owner
    assert answer.distance_to_seam_m == pytest.approx(abs(along_m), abs=1)
    assert (answer.reason[0]["vote"] == "uncertain") == (owner == "ask")


def test_a_rival_road_is_asked_about(desk, sketch):
    """Where an ordinary road lies as near as the expressway a person must be asked, and both are candidates."""
    places = {1: (0.0, 0.0), 2: (0.05, 0.0), 3: (0.0, 0.0001), 4: (0.05, 0.0001)}
    network = complete(
        make_network(places, [(10, [1, 2], {"highway": "motorway"}), (11, [3, 4], {"highway": "primary"})])
    )
    ownership = split(network)
    rival = WhoseRoad(ownership, ownership.owner.tolist(), ["a"] * 2).ask(0.025, 0.00004)
    assert rival.owner == "ask"
    assert rival.reason[0]["why"] == "rival_road"
    assert [c.owner for c in rival.candidates] == ["expressway", "ordinary"]
    assert rival.distance_to_seam_m == inf
    assert rival.seam == ""


def test_two_brigades_are_rivals_too():
    """Two roads of one kind but of two brigades make a place doubtful."""
    places = {1: (0.0, 0.0), 2: (0.05, 0.0), 3: (0.0, 0.0001), 4: (0.05, 0.0001)}
    network = complete(
        make_network(places, [(10, [1, 2], {"highway": "motorway"}), (11, [3, 4], {"highway": "motorway"})])
    )
    ownership = split(network)
    assert WhoseRoad(ownership, ownership.owner.tolist(), ["exp1", "exp2"]).ask(0.025, 0.00004).owner == "ask"
    assert WhoseRoad(ownership, ownership.owner.tolist(), ["exp1", "exp1"]).ask(0.025, 0.00004).owner == "expressway"


def test_outside(desk, sketch):
    """More than 200 m from every road the place is outside, just within it is not."""
    answer = ask(desk, sketch, -4000 - OUTSIDE_M, -15)
    assert (answer.owner, answer.agency, answer.segment, answer.candidates) == ("outside", "", "", ())
    assert ask(desk, sketch, -2500, -15 - OUTSIDE_M + 2).owner == "expressway"


def test_distance_to_the_seam_is_by_road(desk, sketch):
    """The distance to the seam is measured along the road, and the seam is named."""
    answer = ask(desk, sketch, 0, 15)
    straight = ((375**2 + 210**2) ** 0.5, 480)
    assert straight[0] < answer.distance_to_seam_m < straight[1]
    assert answer.seam.startswith("s")


def test_contested_roads(sketch, tmp_path):
    """A disputed road answers with the dispute, not with an owner."""
    ownership = split(sketch.load(tmp_path))
    owner = ["contested"] * len(ownership.owner)
    answer = WhoseRoad(ownership, owner, ["x"] * len(owner)).ask(*sketch.place("n0"))
    assert answer.owner == "contested"


def test_json_has_the_promised_keys(desk, sketch):
    """The JSON form holds the keys of the command line contract, and null for an infinite distance."""
    body = json.loads(json.dumps(ask(desk, sketch, -2000, 25).to_json(), allow_nan=False))
    assert {"owner", "agency", "segment", "distance_to_seam_m", "candidates", "reason"} <= set(body)
    far = json.loads(json.dumps(ask(desk, sketch, 9e4, 9e4).to_json(), allow_nan=False))
    assert far["distance_to_seam_m"] is None


@pytest.mark.parametrize(("oneway", "direction"), [("yes", 90), ("-1", 270), ("no", -1)])
def test_direction_of_a_carriageway(oneway, direction):
    """A candidate tells the heading cars drive, against the line of drawing too, and -1 for both ways."""
    network = complete(
        make_network({1: (0.0, 0.0), 2: (0.05, 0.0)}, [(10, [1, 2], {"highway": "primary", "oneway": oneway})])
    )
    ownership = split(network)
    answer = WhoseRoad(ownership, ownership.owner.tolist(), ["local"]).ask(0.02, 0.0)
    assert answer.candidates[0].direction == direction
    assert answer.candidates[0].layer == "0"


def test_metres_of_the_sketch():
    """The sketch's metres are metres."""
    assert pytest.approx(111_195, abs=1) == METRES_PER_DEGREE


def test_many_places_equal_one_at_a_time(desk, sketch):
    """Asking for many places at once gives what asking for each gives, places outside included."""
    asked = [(-2000, 25), (0, 15), (375, 225), (-1500, 660), (9e4, 9e4)]
    for k, (x, y) in enumerate(asked):
        sketch.point(f"?{k}", x, y)
    places = [sketch.place(f"?{k}") for k in range(len(asked))]
    for k in range(len(asked)):
        del sketch.points[f"?{k}"]
    many = desk.ask_many([p[0] for p in places], [p[1] for p in places])
    assert many == tuple(desk.ask(*p) for p in places)
    assert desk.ask_many([], []) == ()


def test_the_error_of_a_place_widens_the_band(desk, sketch):
    """A place that may be 500 m off reaches the other side's roads and must be verified; the band says so."""
    sketch.point("?", -800, 15)
    place = sketch.place("?")
    del sketch.points["?"]
    assert desk.ask(*place).owner == "expressway"
    doubtful = desk.ask(*place, error_m=900.0)
    assert (doubtful.owner, doubtful.error_m) == ("ask", 900.0)
    assert {c.owner for c in doubtful.candidates} == {"expressway", "ordinary"}


def test_near_a_seam_both_sides_are_candidates(desk, sketch):
    """Near a seam the roads beyond it are candidates too, so that both sides can be called."""
    answer = desk.ask(*sketch.place("e0"))
    assert answer.owner == "ask"
    assert {c.agency for c in answer.candidates} == {"exp1", "local"}


def test_the_border_of_two_brigades_is_verified_too():
    """Near the place where one brigade's stretch ends and the next begins a person must ask, though it is no seam."""
    places = {1: (0.0, 0.0), 2: (0.05, 0.0), 3: (0.1, 0.0)}
    network = complete(
        make_network(places, [(10, [1, 2], {"highway": "motorway"}), (11, [2, 3], {"highway": "motorway"})])
    )
    ownership = split(network)
    desk = WhoseRoad(ownership, ownership.owner.tolist(), ["exp1", "exp2"])
    near, far = desk.ask(0.05001, 0.0), desk.ask(0.06, 0.0)
    assert (near.owner, near.reason[0]["why"]) == ("ask", "near_border")
    assert {c.agency for c in near.candidates} == {"exp1", "exp2"}
    assert (far.owner, far.agency) == ("expressway", "exp2")
    assert far.distance_to_border_m == pytest.approx(1113, abs=2)
    assert far.distance_to_seam_m == inf


def test_a_named_road_is_not_doubted_by_what_crosses_it():
    """A stake names its road: an ordinary road over or under it does not count, unlike for coordinates."""
    places = {1: (0.0, 0.0), 2: (0.05, 0.0), 3: (0.025, -0.01), 4: (0.025, 0.01)}
    ways = [
        (10, [1, 2], {"highway": "motorway", "name": "甲高速"}),
        (11, [3, 4], {"highway": "primary", "bridge": "yes", "layer": "1"}),
    ]
    network = complete(make_network(places, ways))
    ownership = split(network)
    desk = WhoseRoad(ownership, ownership.owner.tolist(), ["exp1", "local"])
    row = int(np.flatnonzero(ownership.expressway)[0])
    half = float(ownership.network.segments.length_m[row]) / 2
    assert desk.ask(0.025, 0.0).owner == "ask"
    assert {c.layer for c in desk.ask(0.025, 0.0).candidates} == {"0", "1"}
    named = desk.ask_on(row, half, error_m=500.0)
    assert (named.owner, named.distance_m, named.error_m) == ("expressway", 0.0, 500.0)
    other = 1 - row
    doubtful = desk.ask_on(row, half, reach=(row, other), error_m=500.0)
    assert (doubtful.owner, doubtful.reason[0]["why"]) == ("ask", "stake_error")
    assert len(doubtful.candidates) == 2


def test_the_other_carriageway_is_found(desk, sketch):
    """Besides the candidates the opposite carriageway of the same road is named, and none outside the network."""
    sketch.point("?", -2000, 25)
    answer = desk.ask(*sketch.place("?"))
    del sketch.points["?"]
    ((row, other),) = desk.other_carriageways(answer)
    assert other.segment.startswith("w102/")
    assert desk.row_of(other.segment) == row
    assert other.direction == 270
    assert desk.other_carriageways(ask(desk, sketch, 9e4, 9e4)) == ()
    assert desk.other_carriageways(ask(desk, sketch, -1500, 660)) == ()
