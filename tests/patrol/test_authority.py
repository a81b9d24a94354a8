import numpy as np
import pytest

from geo.snapping import snap_points
from patrol.authority import allow_targets, may_work, owners_of_places
from patrol.targets import Target
from patrol.units import Unit
from tests.builders import make_network

PRIMARY = {"highway": "primary"}
NODES = {1: (116.0, 40.0), 2: (116.01, 40.0), 3: (116.02, 40.0)}


@pytest.mark.parametrize(
    ("agency", "owner", "may"),
    [
        ("local", "ordinary", True),
        ("local", "local", True),
        ("ordinary", "local", True),
        ("local", "expressway", False),
        ("local", "G6-1", False),
        ("expressway", "expressway", True),
        ("expressway", "G6-1", True),
        ("G6-1", "expressway", True),
        ("G6-1", "G6-1", True),
        ("G6-1", "G6-2", False),
        ("G6-1", "ordinary", False),
        ("expressway", "ordinary", False),
        ("joint", "ordinary", True),
        ("joint", "G6-2", True),
        ("joint", "none", True),
        ("local", "none", False),
        ("expressway", "contested", False),
        ("local", "", False),
        ("local", "joint", False),
        ("joint", "joint", True),
    ],
)
def test_who_may_work_where(agency, owner, may):
    """A crew works where its agency owns, a mixed crew everywhere, nobody alone where the owner is open."""
    assert may_work(agency, owner) is may


def test_place_on_a_seam_belongs_to_both():
    """A target on the node where ownership changes may be worked by either owner; inside a segment by one."""
    network = make_network(NODES, [(1, [1, 2], PRIMARY), (2, [2, 3], PRIMARY)])
    places = snap_points(network, np.array([116.005, 116.01, 118.0]), np.array([40.0, 40.0, 40.0]))
    assert owners_of_places(network, places, ["ordinary", "expressway"]) == [
        {"ordinary"},
        {"ordinary", "expressway"},
        set(),
    ]


def test_target_that_names_its_agency_overrides_the_owner():
    """The agency of a target wins over the owner of the place; ``joint`` asks for a mixed crew."""
    units = [Unit("a", "local", 116, 40), Unit("b", "expressway", 116, 40), Unit("c", "joint", 116, 40)]
    targets = [Target("1", 116, 40), Target("2", 116, 40, agency="expressway"), Target("3", 116, 40, agency="joint")]
    allowed = allow_targets(units, targets, [{"ordinary"}] * 3)
    assert allowed.tolist() == [[True, False, False], [False, True, False], [True, True, True]]
