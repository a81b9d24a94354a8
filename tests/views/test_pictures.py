"""Pictures: what each map shows adds up to the network, and shows what it says."""

from __future__ import annotations

import numpy as np
import pytest

from geo.travel import build_travel_graph
from patrol.coverage import Intervals, Reached, cover
from patrol.day import plan_day
from patrol.solver import Search
from patrol.units import Unit
from plan.decisions import Decision
from views.crews import owners_of, targets_of, units_of
from views.map import encode_map
from views.pictures.classes import draw_classes
from views.pictures.coverage import cut_line, draw_coverage, merge_directions
from views.pictures.moved import agency_codes, draw_moved
from views.pictures.points import draw_findings, finding_id
from views.pictures.routes import draw_day, draw_routes
from views.pictures.sealing import Sealed, draw_sealing


@pytest.fixture(scope="module")
def graph(demo):
    """Return the travel graph of the demo."""
    return build_travel_graph(demo.derived.network)


def intervals(*rows):
    """Make intervals of (segment, direction, from, to, state)."""
    segment, direction, low, high, state = (np.array(c) for c in zip(*rows, strict=True))
    return Intervals(segment.astype(np.int64), direction.astype(np.int8), low, high, state.astype(np.uint8))


def test_two_way_roads_show_the_worse_direction():
    """A side counts on a two-way road where it reaches both directions; one-way roads show their only one."""
    found = merge_directions(
        intervals(
            (0, 1, 0, 600, Reached.BOTH),
            (0, 1, 600, 1000, Reached.LOCAL_ONLY),
            (0, -1, 0, 300, Reached.EXPRESSWAY_ONLY),
            (0, -1, 300, 1000, Reached.BOTH),
            (3, -1, 0, 500, Reached.NONE),
        )
    )
    assert list(zip(*(column.tolist() for column in found), strict=True)) == [
        (0, 0, 300, Reached.EXPRESSWAY_ONLY),
        (0, 300, 600, Reached.BOTH),
        (0, 600, 1000, Reached.LOCAL_ONLY),
        (3, 0, 500, Reached.NONE),
    ]


def test_one_direction_for_each_side_is_reached_by_neither():
    """Where each side reaches one direction only, no side reaches the road."""
    *_, state = merge_directions(intervals((0, 1, 0, 9, Reached.LOCAL_ONLY), (0, -1, 0, 9, Reached.EXPRESSWAY_ONLY)))
    assert state.tolist() == [Reached.NONE]


def test_a_line_is_cut_by_its_length():
    """A line is cut at shares of its length and keeps the bends between."""
    line = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    assert cut_line(line, 0.25, 0.75) == pytest.approx(np.array([[0.5, 0.0], [1.0, 0.0], [1.0, 0.5]]), abs=1e-3)
    assert cut_line(line, 0.0, 1.0) == pytest.approx(line)


def test_coverage_shows_every_metre_once(demo, graph):
    """The pieces of a coverage picture add up to the network to the millimetre."""
    coverage = cover(graph, units_of(demo), limit_s=900)
    roads = draw_coverage(demo.derived.network, coverage, units_of(demo))[0]
    assert round(roads.length_m.sum() * 1000) == demo.network.length_mm
    assert set(np.unique(roads.style)) == {0, 1, 2, 3}
    assert len(encode_map([roads])) > 100_000


def test_classes_show_every_segment_once(demo):
    """The class layers of the network picture hold each segment once, expressways drawn last."""
    tables = draw_classes(demo.network)
    roads = [table for table in tables if table.key.startswith("class_")]
    assert sorted(ident for table in roads for ident in table.ids) == sorted(demo.network.segment_ids)
    assert roads[-1].key == "class_motorway"


def test_findings_keep_their_places(demo):
    """Each place of each finding is a point whose id names finding and place."""
    points = draw_findings(demo.derived.findings)
    wanted = [finding_id(row, k) for row, f in enumerate(demo.derived.findings) for k in range(len(f.places))]
    assert list(points.ids) == wanted


def test_a_preview_lifts_what_moves_and_nothing_else(demo):
    """A preview shows the metres whose agency differs, also under an open claim, and all others in grey."""
    after = demo.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}))
    grey, moved, *_ = draw_moved(after, demo)
    old, new = demo.derived.ledger.of("agency"), after.derived.ledger.of("agency")
    gained = sum(max(new[key] - old[key], 0) for key in new) / 1000
    assert moved.length_m.sum() == pytest.approx(gained, abs=0.01)
    assert grey.length_m.sum() + moved.length_m.sum() == pytest.approx(demo.network.length_mm / 1000)
    assert not (moved.style == moved.before).any()
    assert len(agency_codes(demo)) == len(demo.derived.network.segments)


def test_a_preview_of_nothing_moves_nothing(demo):
    """A plan compared with itself lifts no road."""
    grey, moved, *_ = draw_moved(demo, demo)
    assert (len(grey), len(moved)) == (len(demo.derived.network.segments), 0)
    encode_map([grey, moved])


def test_routes_follow_the_roads(demo, graph):
    """A planned day draws a line for every leg, numbers every stop, and encodes."""
    day = plan_day(
        graph,
        units_of(demo),
        targets_of(demo)[:12],
        shift_h=8,
        owner_of_segment=owners_of(demo),
        search=Search(iterations=20),
    )
    tables = {table.key: table for table in draw_routes(graph, day)}
    stops = sum(len(route.stops) for route in day.routes)
    assert len(tables["stops"]) == stops
    assert set(tables["routes"].style.tolist()) == set(range(len(day.routes)))
    encode_map(tables.values())
    encode_map(draw_day(demo.derived.network, units_of(demo), targets_of(demo)))


def test_sealing_draws_a_way_to_each_exit(demo, graph):
    """A sealing draws one way a unit, and encodes."""
    from patrol.sealing import seal
    from plan.demo import demo_tables

    exits = demo_tables().exits[:3]
    sealed = Sealed(seal(graph, units_of(demo), exits), units_of(demo), exits)
    tables = {table.key: table for table in draw_sealing(graph, sealed)}
    assert len(tables["ways"]) == len(tables["exits"]) == 3
    encode_map(tables.values())


def test_a_network_without_stations_draws(demo):
    """Pictures of a plan without units, targets and findings are empty tables, not errors."""
    tables = draw_day(demo.network, (), ())
    assert [len(table) for table in tables[2:]] == [0, 0]
    encode_map([*tables, draw_findings(())])
    assert Unit("a", "local", 0.0, 0.0).available == 1


def test_the_land_shows_kinds_stakes_and_closures(demo):
    """Stations are told apart by kind, stakes stand every kilometre and every 100 m, closures say when they hold."""
    from geo.closures import Closure
    from views.pictures.land import draw_closures, draw_kinds, draw_ticks, list_ticks, write_times

    kinds = draw_kinds(demo.stations)
    assert len(kinds) == len(demo.stations)
    assert {kinds.styles[code].key for code in kinds.style.tolist()} == {f"station_{s.kind}" for s in demo.stations}
    ticks = list_ticks(demo.derived.stakes)
    whole, parts = draw_ticks(ticks)
    assert len(whole) + len(parts) == len(ticks)
    assert all(label.startswith("K") for label in whole.labels.tolist())
    assert all(label.startswith("+") for label in parts.labels.tolist())
    ids = demo.network.segment_ids
    roads = draw_closures(
        demo.network,
        [Closure("a", (ids[0],), reason="养护"), Closure("b", (ids[1], ids[2]), factor=2.0, from_min=480, to_min=600)],
    )
    assert (list(roads.ids), roads.style.tolist()) == ([ids[0], ids[1], ids[2]], [0, 1, 1])
    assert write_times(Closure("a", ("w1",))) == ("一直", "always")
    assert write_times(Closure("b", ("w1",), from_min=480, to_min=600))[0] == "08:00–10:00"
    encode_map([roads, kinds, whole, parts])
    assert len(draw_closures(demo.network, [])) == 0
