"""Pictures of the coverage page: every metre where it belongs, every way drawn, texts as data."""

from __future__ import annotations

import pytest

from geo.closures import find_arcs
from geo.travel import build_travel_graph
from patrol.aid import rank_permissions
from patrol.aidmap import find_gained
from patrol.incident import find_place, make_card
from patrol.posts.places import find_sites
from patrol.pursuit import Flight, race_to_exits
from plan.demo import demo_tables
from views.crews import units_of
from views.map import encode_map
from views.pictures.gain import draw_gain
from views.pictures.incident import draw_incident
from views.pictures.sealing import draw_race
from views.pictures.sites import draw_sites
from views.search import middle_of_segment
from views.widgets.coverage_closures import closure_of_road, read_upload
from views.widgets.coverage_incident import say_closing, say_detour
from views.widgets.sealing import exit_names


@pytest.fixture(scope="module")
def graph(demo):
    """Return the travel graph of the demo."""
    return build_travel_graph(demo.derived.network)


def table_of(tables, key):
    """Return one table of a picture."""
    return next(table for table in tables if table.key == key)


def test_what_a_permission_wins_is_drawn_to_the_metre(demo, graph):
    """The coloured road of a permission is as long as the ranking says; nothing won is no coloured table."""
    owners, units = demo.derived.holder, units_of(demo)
    gates = ["n7600003294"]
    asked = {"owners": owners, "limit_s": 900, "needs_pass": gates}
    gain = rank_permissions(graph, units, kinds=("pass",), **asked).gains[0]
    won = find_gained(graph, units, gain.permission, **asked)
    tables = draw_gain(demo.derived.network, won, units)
    road = table_of(tables, "won")
    assert road.length_m.sum() == pytest.approx(gain.gained_m, abs=0.01)
    assert set(road.ids) <= set(demo.derived.network.segment_ids)
    encode_map(tables)
    idle = rank_permissions(graph, units, owners=owners, limit_s=0.001, needs_pass=gates, kinds=("pass",)).gains
    empty = find_gained(graph, units, idle[0].permission, owners=owners, limit_s=0.001, needs_pass=gates)
    assert all(table.key != "won" for table in draw_gain(demo.derived.network, empty, units))


def test_an_incident_is_drawn_with_first_cars_detour_and_stations(demo, graph):
    """On the expressway the first car with authority, the detour, stations to close and turn-rounds are on the map."""
    network = demo.derived.network
    longest = max(
        range(len(network.segments)), key=lambda k: network.segments.length_mm[k] * (network.segment_class[k] == 0)
    )
    card = make_card(graph, units_of(demo), at=middle_of_segment(network, longest), owners=demo.derived.holder)
    tables = draw_incident(graph, card, units_of(demo))
    ways = table_of(tables, "ways")
    assert card.first.unit in ways.styles[0].label.zh
    assert any(style.key.startswith("detour") for style in ways.styles)
    assert {"measures", "units", "ghost"} <= {table.key for table in tables}
    encode_map(tables)
    assert say_closing(card.closings[0]).startswith(("顺行：", "逆行："))
    assert "km" in say_detour(card.detours[0])


def test_a_race_shows_what_stays_open(demo, graph):
    """Exits closed in time and exits that stay open wear different signs; only the former have a way."""
    exits = demo_tables().exits
    seen = find_place(demo.derived.network, (118.6, 31.3))
    clocks = race_to_exits(graph, units_of(demo), exits, seen=seen, flight=Flight(600.0, 1.0))
    tables = draw_race(graph, clocks, units_of(demo), exits=exits)
    shown = table_of(tables, "exits")
    closed = {clock.exit for clock in clocks if clock.closed}
    assert closed
    assert {ident for ident, style in zip(shown.ids, shown.style, strict=True) if style == 1} == closed
    assert {ident for ident, style in zip(shown.ids, shown.style, strict=True) if style == 2} == {
        e.id for e in exits
    } - closed
    assert len(table_of(tables, "ways")) == len(closed)
    gone = race_to_exits(graph, units_of(demo), exits, seen=seen, flight=Flight(90_000.0, 1.0))
    assert all(table.key != "ways" for table in draw_race(graph, gone, units_of(demo), exits=exits))


def test_candidates_and_chosen_sites(demo):
    """A chosen site bears its name and the units added, a candidate stands without; no candidates, no table."""
    sites = find_sites(demo.network)
    (table,) = draw_sites(sites, {sites[0].id: 2})
    assert table.labels.tolist()[0].endswith("+2")
    assert set(table.labels.tolist()[1:]) == {""}
    assert table.style.tolist() == [1] + [0] * (len(sites) - 1)
    assert draw_sites((), {}) == []


def test_any_piece_of_road_can_be_closed(demo, graph):
    """A segment is closed by its id, a piece that a seam cuts out by its line, and both close that very road."""
    network = demo.derived.network
    cut = [ident for ident in network.segment_ids if ident not in demo.network.row_of_segment]
    whole = network.segment_ids[0]
    assert closure_of_road(demo, whole) == (whole, (whole,), ())
    assert closure_of_road(demo, "nowhere") == ("", (), ())
    from geo.closures import Closure

    for ident in cut:
        key, roads, line = closure_of_road(demo, ident)
        assert (key, roads) == (ident, ())
        arcs = find_arcs(network, Closure(key, roads, line, 2.0))
        assert {int(arc) >> 1 for arc in arcs} == {network.row_of_segment[ident]}


def test_a_table_of_closures_is_known_by_its_content():
    """A CSV of closures is read whatever its name; what is no table is one sentence."""
    from geo.errors import InputError

    rows = "id,road,from,to\nworks,G98,08:00,10:00\n"
    (closure,) = read_upload(rows.encode())
    assert (closure.id, closure.from_min) == ("works", 480)
    with pytest.raises(InputError):
        read_upload(b"\x7fELF" + bytes(100))


def test_exits_of_one_name_are_told_apart():
    """Two stations of one name are called by name and id."""
    from patrol.exits import Exit

    exits = [Exit("a", 0, 0, name="东岗"), Exit("b", 0, 0, name="东岗"), Exit("c", 0, 0, name="南站"), Exit("d", 0, 0)]
    assert exit_names(exits) == {"a": "东岗 a", "b": "东岗 b", "c": "南站", "d": "d"}
