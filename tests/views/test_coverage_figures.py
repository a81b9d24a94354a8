"""Figures of the coverage page against the domain: shares, hours, differences, charts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from geo.closures import Closure
from geo.travel import build_travel_graph
from patrol.coverage import Reached, classify, time_response
from patrol.posts.compare import compare_posts
from patrol.posts.place import posts_of_units
from patrol.units import Unit
from tests.builders import make_network
from views.crews import units_of
from views.widgets import charts
from views.widgets.coverage_compare import difference_columns
from views.widgets.coverage_figures import bare_minutes, shares_by_limit
from views.widgets.coverage_hours import DayQuestion, HourRow, join_hours, work_hours

ROW = {k: (116 + 0.01 * k, 40.0) for k in range(5)}
UNITS = (Unit("L", "local", *ROW[0]), Unit("E", "exp1", *ROW[4]))


@pytest.fixture(scope="module")
def network():
    """Return four roads in a row, 1,000 m and 100 s each."""
    ways = [(k, [k, k + 1], {"highway": "primary", "maxspeed": "36", "ref": f"X{k}"}) for k in range(4)]
    return make_network(ROW, ways, length_m={(k, k + 1): 1000.0 for k in range(4)})


def question(network, **changes):
    """Return what is asked of a Monday with 200 s."""
    return replace(DayQuestion(network, UNITS, (), {}, date(2026, 1, 5), 200.0), **changes)


def test_shares_are_those_of_the_coverage(demo):
    """The curves of the chart go through the very figures of the table, at every limit."""
    response = time_response(build_travel_graph(demo.derived.network), units_of(demo))
    limits = (5, 15, 40)
    shares = shares_by_limit(response, limits)
    for k, limit in enumerate(limits):
        coverage = classify(response, limit_s=limit * 60.0)
        length, total = coverage.length_mm, coverage.total_mm
        assert shares["joint"][k] == pytest.approx(1 - length[Reached.NONE] / total, abs=1e-9)
        assert shares["local"][k] == pytest.approx((length[Reached.BOTH] + length[Reached.LOCAL_ONLY]) / total)
        assert shares["expressway"][k] == pytest.approx(
            (length[Reached.BOTH] + length[Reached.EXPRESSWAY_ONLY]) / total
        )
    assert list(shares["joint"]) == sorted(shares["joint"])


def test_shifts_and_closures_hold_in_their_hours(network):
    """Nobody on duty is no road reached and no time; a closure takes its road away in its hours only."""
    closure = Closure("works", ("X0",), from_min=600, to_min=660)
    asked = question(network, closures=(closure,), shifts={"L": (480, 720), "E": (480, 1200)})
    rows = work_hours(asked)
    assert [row.hour for row in rows] == list(range(24))
    assert (rows[0].cars, rows[0].share) == (0, 0.0)
    assert bare_minutes(rows[0].p90_s) == "–"
    assert rows[8].cars == 2
    assert rows[8].share == pytest.approx(0.75)
    assert rows[10].closures == 1
    assert rows[10].share < rows[8].share == rows[11].share
    assert rows[13].cars == 1
    spans = [(first, last) for first, last, _ in join_hours(rows)]
    assert spans == [(0, 7), (8, 9), (10, 10), (11, 11), (12, 19), (20, 23)]


def test_equal_hours_are_computed_once_and_the_day_can_be_stopped(network, monkeypatch):
    """A day in which nothing changes is one computation; each hour is told; a stop keeps the hours done so far."""
    from views.widgets import coverage_hours

    calls, told = [], []
    real = coverage_hours.cover_by_hour
    monkeypatch.setattr(coverage_hours, "cover_by_hour", lambda *a, **k: calls.append(k["hours"]) or real(*a, **k))
    rows = work_hours(question(network), report=lambda done, total: told.append((done, total)))
    assert calls == [(0,)]
    assert told == [(hour, 24) for hour in range(24)]
    assert len({row.state for row in rows}) == 1
    assert join_hours(rows) == [(0, 23, rows[0])]
    part = work_hours(question(network), stop=lambda: len(told) > 26, report=lambda *n: told.append(n))
    assert [row.hour for row in part] == [0, 1, 2]
    assert join_hours(()) == []


def test_hours_part_where_anything_differs():
    """Rows join only while cars, closures, share and p90 are the same."""
    rows = [HourRow(0, 1, 0, 0.5, float("nan")), HourRow(1, 1, 0, 0.5, float("nan")), HourRow(2, 1, 1, 0.5, 60.0)]
    assert [(first, last) for first, last, _ in join_hours(rows)] == [(0, 1), (2, 2)]


def test_differences_are_b_minus_a(network):
    """What is compared is read as A, B and B − A, with signs; a time nobody has is a dash."""
    graph = build_travel_graph(network)
    both = compare_posts(graph, posts_of_units(UNITS[:1]), posts_of_units(UNITS), limit_s=200)
    columns = difference_columns(both.first, both.second)
    assert columns[0][1:] == ("1", "2", "+1")
    assert columns[1][3].startswith("+")
    assert all(len(column) == 4 for column in columns)
    never = replace(both.first, mean_s=float("nan"))
    assert difference_columns(never, both.second)[4][1::2] == ("–", "–")


def test_columns_of_a_chart(monkeypatch):
    """Columns are as high as their shares, bear their figures while there is room, and encode what stands below."""
    shown = []
    monkeypatch.setattr(charts, "show", lambda *parts: shown.extend(parts))
    charts.show_columns(["a", "<b>"], [0.5, 0.25], colors=["#000000"] * 2, unit="min")
    charts.show_columns([""] * 20, [0.004] * 20, colors=["#000000"] * 20, unit="min", top=1.0)
    first, second = (unescape(part.html) for part in shown)
    assert "height:100.00%" in first
    assert "height:50.00%" in first
    assert ">25<" in first
    assert "<b>" not in shown[0].html
    assert "rs-told" not in second
    assert "height:0.40%" in second
    charts.show_columns([], [], colors=[], unit="min")
    assert len(shown) == 3
