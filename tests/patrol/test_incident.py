import json

import numpy as np
import pytest

from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.incident import find_place, make_card
from patrol.mainline import find_closing
from patrol.units import Unit
from tests.sketch import Sketch


def two_interchanges() -> Sketch:
    """Draw an expressway east to west with two diamond interchanges 4 km apart, and an ordinary road beside it.

    Westbound traffic (the northern carriageway) leaves at ``xe`` (station 东口) and ``xw`` (西口) and enters at ``ye``
    and ``yw``; the ordinary road joins both ramp ends. Between them a service area with a back gate.
    """
    s = Sketch()
    s.put(w0=(-6000, 0), yw=(-2600, 0), xw=(-2000, 0), mid=(0, 0), sa=(-600, 0), sb=(-900, 0))
    s.put(ye=(1400, 0), xe=(2000, 0), e0=(6000, 0))
    s.put(ew=(-2200, 200), rw=(-2300, 400), fw=(-2450, 200), ee=(1800, 200), re=(1700, 400), fe=(1550, 200))
    s.put(o0=(-6000, 400), o1=(6000, 400), g=(-750, 400), p=(-750, 100))
    s.booth("ew", "fw", station="西口收费站").booth("ee", "fe", station="东口收费站")
    s.way("e0 xe ye mid sa sb xw yw w0", "motorway", oneway="yes", ref="G98", name="澜陵高速")
    s.way("xw ew rw", "motorway_link", oneway="yes")
    s.way("rw fw yw", "motorway_link", oneway="yes")
    s.way("xe ee re", "motorway_link", oneway="yes")
    s.way("re fe ye", "motorway_link", oneway="yes")
    s.way("sa p", "motorway_link", oneway="yes")
    s.way("p sb", "motorway_link", oneway="yes")
    s.way("p g", "service")
    s.way("o0 rw g re o1", "primary", ref="S278", name="岚柳路")
    return s


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Return sketch, graph and owner labels of the two interchanges."""
    sketch = two_interchanges()
    network = sketch.load(tmp_path_factory.mktemp("map"))
    owners = ["local" if network.segment_class[k] > 1 else "exp1" for k in range(len(network.segments))]
    return sketch, build_travel_graph(network), owners


def card(scene, at, units):
    """Return the card of an incident at a point in metres."""
    sketch, graph, owners = scene
    sketch.put(here=at)
    return make_card(graph, units, at=sketch.place("here"), owners=owners)


def unit(scene, name, agency, at, cars=1):
    """Return a unit at a point in metres."""
    sketch = scene[0]
    sketch.put(**{f"unit{name}": at})
    return Unit(name, agency, *sketch.place(f"unit{name}"), cars)


def test_card_of_an_incident_on_the_main_line(scene):
    """Behind both interchanges: divert at the last exit, close its entry, lead traffic over the ordinary road."""
    units = [unit(scene, "L", "local", (1700, 400)), unit(scene, "E", "exp1", (5000, 0))]
    found = card(scene, (300, 0), units)
    assert found.owner == "exp1"
    assert [c.to_json()["divert_at"] for c in found.closings] == ["东口收费站"]
    assert found.closings[0].close_entries == ("东口收费站",)
    assert found.closings[0].divert_m == pytest.approx(600, rel=0.01)
    assert [road for road, _ in found.detours[0].roads] == ["S278 岚柳路"]
    assert found.detours[0].length_m == pytest.approx(4000, rel=0.01)
    texts = [(c.side, c.agency) for c in found.commands]
    assert texts == [("expressway", "exp1"), ("ordinary", "local")]
    assert json.dumps(found.to_json(), allow_nan=False)


def test_first_car_that_may_act(scene):
    """The local car is nearer but may not act; the first car is the expressway one, both are on the card."""
    units = [
        unit(scene, "L", "local", (1700, 400)),
        unit(scene, "E", "exp1", (5000, 0)),
        unit(scene, "F", "exp1", (5900, 0)),
        unit(scene, "G", "exp2", (5900, 0)),
    ]
    found = card(scene, (300, 0), units)
    assert [(c.unit, c.agency, c.may_act) for c in found.cars] == [
        ("E", "exp1", True),
        ("L", "local", False),
        ("G", "exp2", False),
    ]
    assert found.first is not None
    assert found.first.unit == "E"
    assert found.cars[1].time_s < found.cars[0].time_s


def test_a_car_against_the_traffic_cannot_come(scene):
    """A car downstream cannot drive back: it comes round by the station, or not at all."""
    stuck = unit(scene, "W", "exp1", (-5000, 0))
    found = card(scene, (300, 0), [stuck])
    assert np.isinf(found.cars[0].time_s)
    assert found.first is None
    assert found.to_json()["cars"][0]["time_s"] is None


def test_next_turn_round_lies_ahead(scene):
    """From the incident the next place to turn round in driving direction is the station of the next exit."""
    found = card(scene, (300, 0), [unit(scene, "L", "local", (1700, 400))])
    assert [(t.direction, t.station) for t in found.turn_rounds] == [(1, "西口收费站")]
    assert found.turn_rounds[0].time_s == pytest.approx((2300 / 100 + 283 / 50) * 3.6, rel=0.05)


def test_back_gate_of_a_service_area_is_no_exit(scene):
    """Downstream of the service area the last exit is still the station, not the back gate to the village."""
    found = card(scene, (-1500, 0), [unit(scene, "L", "local", (1700, 400))])
    assert found.closings[0].divert_at == "东口收费站"


def test_before_every_exit_nothing_can_be_diverted(scene):
    """Upstream of the first interchange there is no exit on the map: the card says so, and offers no detour."""
    found = card(scene, (5500, 0), [unit(scene, "L", "local", (1700, 400))])
    assert found.closings[0].divert_at == ""
    assert found.closings[0].to_json()["divert_m"] is None
    assert found.detours == ()


def test_incident_on_an_ordinary_road(scene):
    """On an ordinary road no station is closed, the owner commands, and a way round is looked for in each direction."""
    found = card(scene, (4000, 400), [unit(scene, "L", "local", (1700, 400))])
    assert found.closings == ()
    assert [c.agency for c in found.commands] == ["local"]
    assert found.detours == ()
    assert {t.direction for t in found.turn_rounds} <= {1, -1}
    assert found.first is not None


def test_open_jurisdiction_is_said(scene):
    """On a contested road no single agency commands: the card names the first on the spot and the common superior."""
    sketch, graph, owners = scene
    sketch.put(open=(4000, 400))
    labels = ["contested" if owner == "local" else owner for owner in owners]
    found = make_card(graph, [unit(scene, "L", "local", (1700, 400))], at=sketch.place("open"), owners=labels)
    assert "common superior" in found.commands[0].text_en
    assert found.first is None


def test_ramp_incident_and_ordinary_arc(scene):
    """On an exit ramp the search starts there; an arc of an ordinary road has nothing to close."""
    sketch, graph, _ = scene
    sketch.put(ramp=(1900, 100))
    place = find_place(graph.network, sketch.place("ramp"))
    ramp = find_closing(graph, 2 * int(place.segment[0]))
    assert ramp is not None
    sketch.put(plain=(4000, 400))
    row = int(find_place(graph.network, sketch.place("plain")).segment[0])
    assert find_closing(graph, 2 * row) is None


def test_incidents_that_make_no_card(scene):
    """A place far from every road, no car, or labels that do not fit are refused."""
    _, graph, owners = scene
    here = scene[0].place("mid")
    ready = [unit(scene, "L", "local", (1700, 400))]
    with pytest.raises(InputError, match="incident at"):
        make_card(graph, ready, at=(100.0, 20.0), owners=owners)
    with pytest.raises(InputError, match="no unit has a car"):
        make_card(graph, [], at=here, owners=owners)
    with pytest.raises(InputError, match="owner label"):
        make_card(graph, ready, at=here, owners=["x"])
