from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InputError
from geo.load import load_network
from geo.restrictions import ON_DUTY, forbidden_turns, read_restrictions
from geo.turns import arc_ends
from tests.sketch import Sketch, wrap_xml

W, E, S, N = 101, 102, 103, 104
"""The four arms of the crossing, each a way from outside to the middle (west, south) or from the middle outward."""


def crossing() -> Sketch:
    """Return a crossing of four arms at ``m``, with a side street through ``n``."""
    sketch = Sketch()
    sketch.put(w=(-100, 0), m=(0, 0), e=(100, 0), s=(0, -100), n=(0, 100), x=(100, 100), y=(-100, 100))
    sketch.way("w m", "primary")
    sketch.way("m e", "primary")
    sketch.way("s m", "primary")
    sketch.way("m n", "primary")
    sketch.way("x n y", "residential")
    return sketch


def relation(ident: int, start: int, via: str, end: int, **tags: str) -> str:
    """Return a restriction relation as XML; ``via`` is ``node:<id>`` or ``way:<id>``."""
    kind, _, ref = via.partition(":")
    members = f'<member type="way" ref="{start}" role="from"/><member type="{kind}" ref="{ref}" role="via"/>'
    members += f'<member type="way" ref="{end}" role="to"/>'
    body = "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in {"type": "restriction", **tags}.items())
    return f'<relation id="{ident}" version="1">{members}{body}</relation>'


def load(tmp_path, *relations: str):
    """Write the crossing with relations; return network and restrictions."""
    nodes, ways, _ = crossing().elements()
    path = tmp_path / "map.osm"
    path.write_text(wrap_xml([*nodes, *ways, *relations]), encoding="utf-8")
    return load_network(path), read_restrictions(path)


def turns(network, found) -> set[tuple[int, int]]:
    """Return forbidden turns as pairs of way ids, checking that the arcs meet."""
    tail, head = arc_ends(network)
    assert np.array_equal(head[found.arrive], tail[found.leave])
    way = np.repeat(network.ways.id[network.segments.way], 2)
    return set(zip(way[found.arrive].tolist(), way[found.leave].tolist(), strict=True))


M = f"node:{crossing().id('m')}"


def test_no_left_turn(tmp_path):
    """A forbidden turn forbids that pair of ways and no other."""
    network, read = load(tmp_path, relation(1, W, M, N, restriction="no_left_turn"))
    found = forbidden_turns(network, read)
    assert turns(network, found) == {(W, N)}
    assert found.findings == ()


def test_only_straight_on(tmp_path):
    """An only-turn forbids every other way on, also turning back."""
    network, read = load(tmp_path, relation(1, W, M, E, restriction="only_straight_on"))
    assert turns(network, forbidden_turns(network, read)) == {(W, N), (W, S), (W, W)}


def test_no_u_turn(tmp_path):
    """A forbidden U-turn on one way forbids to drive back where one came from, on that arm only."""
    network, read = load(tmp_path, relation(1, E, M, E, restriction="no_u_turn"))
    found = forbidden_turns(network, read)
    assert turns(network, found) == {(E, E)}
    assert (found.leave == (found.arrive ^ 1)).all()


def test_several_ways(tmp_path):
    """``no_entry`` with several ways forbids each pair, and each pair stands once."""
    two = relation(1, W, M, N, restriction="no_entry").replace(
        '<member type="way"', f'<member type="way" ref="{E}" role="from"/><member type="way"', 1
    )
    network, read = load(tmp_path, two, relation(2, W, M, N, restriction="no_left_turn"))
    found = forbidden_turns(network, read)
    assert turns(network, found) == {(W, N), (E, N)}
    assert len(found.arrive) == 2


@pytest.mark.parametrize(
    ("tags", "drivers", "holds"),
    [
        ({"restriction": "no_left_turn", "except": "psv;emergency"}, None, True),
        ({"restriction": "no_left_turn", "except": "psv;emergency"}, ON_DUTY, False),
        ({"restriction": "no_left_turn", "except": "motorcar"}, None, False),
        ({"restriction__hgv": "no_left_turn"}, None, False),
        ({"restriction__motorcar": "no_left_turn"}, None, True),
    ],
)
def test_vehicles(tmp_path, tags, drivers, holds):
    """Exceptions and restrictions of one kind of vehicle hold for those they name."""
    network, read = load(tmp_path, relation(1, W, M, N, **tags))
    more = {} if drivers is None else {"drivers": drivers}
    found = forbidden_turns(network, read, **more)
    assert turns(network, found) == ({(W, N)} if holds else set())
    assert found.findings == ()


@pytest.mark.parametrize(
    "tags",
    [
        {"restriction__conditional": "no_left_turn @ (Mo-Fr 07:00-09:00)"},
        {"restriction": "no_left_turn @ (07:00-09:00)"},
    ],
)
def test_conditions_are_reported(tmp_path, tags):
    """A restriction at some hours is not applied but reported with its place."""
    network, read = load(tmp_path, relation(1, W, M, N, **tags))
    found = forbidden_turns(network, read)
    assert len(found.arrive) == 0
    assert [(f.code, f.count, f.things) for f in found.findings] == [("restriction_conditional", 1, ("r1",))]
    assert "07:00-09:00" in read.condition[0]


def test_via_way_is_reported(tmp_path):
    """A restriction that leads over a way is not applied but reported."""
    network, read = load(tmp_path, relation(7, W, f"way:{N}", 105, restriction="no_u_turn"))
    assert [f.code for f in forbidden_turns(network, read).findings] == ["restriction_via_way"]


def test_a_road_that_runs_through_is_ambiguous(tmp_path):
    """Where a way runs through the junction, which arm is meant is not known: reported, not guessed."""
    network, read = load(tmp_path, relation(1, N, f"node:{crossing().id('n')}", 105, restriction="no_left_turn"))
    found = forbidden_turns(network, read)
    assert len(found.arrive) == 0
    assert [f.code for f in found.findings] == ["restriction_ambiguous"]
    assert len(found.findings[0].places) == 1


def test_ways_of_other_maps_are_passed_over(tmp_path):
    """A restriction on a footpath or beyond the edge of the map concerns no road of ours."""
    network, read = load(tmp_path, relation(1, W, M, 999, restriction="no_left_turn"))
    assert len(read) == 1
    found = forbidden_turns(network, read)
    assert (len(found.arrive), found.findings) == (0, ())


def test_only_turn_that_is_closed(tmp_path):
    """An only-turn onto a road that cannot be entered there closes nothing."""
    network, read = load(tmp_path, relation(1, W, f"node:{crossing().id('w')}", E, restriction="only_straight_on"))
    assert len(forbidden_turns(network, read).arrive) == 0


def test_incomplete_relations(tmp_path):
    """Fault 30: a relation without a member, or of an unknown kind, is reported by its id."""
    lame = '<relation id="9" version="1"><tag k="type" v="restriction"/><tag k="restriction" v="no_exit"/></relation>'
    network, read = load(tmp_path, lame, relation(8, W, M, N, restriction="no_fun"))
    assert read.incomplete.tolist() == [8, 9]
    assert [(f.code, f.count) for f in forbidden_turns(network, read).findings] == [("restriction_incomplete", 2)]


def test_real_map(shared_data):
    """In Andorra each restriction at a junction of two roads forbids at least the turn it names."""
    path = shared_data / "osm" / "ad-andorra-2026.osm.pbf"
    network, read = load_network(path), read_restrictions(path)
    found = forbidden_turns(network, read)
    assert len(read) > 100
    assert len(found.arrive) > 100
    named = {
        (int(a), int(b)) for a, b, kind in zip(read.from_way, read.to_way, read.kind, strict=True) if kind[:3] == "no_"
    }
    assert len(turns(network, found) & named) > 100


def test_damaged_file(tmp_path):
    """Fault 22: a cut file is refused in one sentence."""
    path = tmp_path / "map.osm"
    path.write_text("<osm><relation", encoding="utf-8")
    with pytest.raises(InputError, match="重新下载"):
        read_restrictions(path)
