"""The planned day on the screens: steps, timetable, gifts, drop-outs, week, papers; pure parts, without a browser."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from itertools import pairwise

import pytest

from geo.errors import InfeasibleError
from geo.travel import build_travel_graph
from patrol.breaks import Rest
from patrol.giving import Obstacle, holders_of, price_gifts
from patrol.planner import Wish
from patrol.solver import Search
from patrol.targets import Target
from patrol.week import plan_week
from views.catalogue import both
from views.crews import targets_of, units_of
from views.pictures.routes import Look, draw_routes, place_at
from views.pictures.tasks import draw_tasks
from views.widgets.patrol_drop import drop_crew, span_of, without_rest
from views.widgets.patrol_gantt import gantt_data
from views.widgets.patrol_give import brief, fix_words, label
from views.widgets.patrol_papers import crew_file, crew_files, only_route
from views.widgets.patrol_result import bound_words, quality_tiles, split_reason
from views.widgets.patrol_rows import make_rows
from views.widgets.patrol_run import plan_in_steps
from views.widgets.patrol_state import Asked, changed
from views.widgets.patrol_week import week_table
from views.widgets.progress import Job

PAUSE = Rest(1800.0, 9.0 * 3600, 10.0 * 3600)


@pytest.fixture(scope="module")
def graph(demo):
    """Return the demo district's roads."""
    return build_travel_graph(demo.derived.network)


def ask(demo, *, wish=None, joint=True, targets=None, iterations=20):
    """Return a question on the demo district, small enough for a test."""
    units = tuple(u for u in units_of(demo) if u.available and (joint or u.agency != "joint"))
    chosen = targets_of(demo)[3:18] if targets is None else targets
    return Asked(units, tuple(chosen), (), 8.0, 8 * 3600.0, wish or Wish(), iterations, 1)


def plan(demo, graph, asked, job=None):
    """Plan a day as the page does."""
    return plan_in_steps(job or Job("route"), asked, owners=demo.derived.holder, key="k", graph=graph)


@pytest.fixture(scope="module")
def day(demo, graph):
    """Return a day in which the two agencies send crews that meet, with rests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("patrol.meeting.EFFORT", 0.1)
        return plan(demo, graph, ask(demo, wish=Wish(PAUSE), joint=False))


def test_a_draft_comes_first_and_the_best_is_kept(demo, graph):
    """The job holds a draft before the wish is solved; stopped at once it gives that draft, priced again."""
    job = Job("route")
    seen = []
    asked = ask(demo, wish=Wish(PAUSE))
    job.report = lambda done, total, stage: (seen.append((done, total, stage.zh)), setattr(job, "done", done))[-1]
    found = plan(demo, graph, asked, job)
    assert seen
    assert job.result is not found
    assert job.result.audit is None
    assert found.audit.problems == ()
    assert found.made.wish == asked.wish
    stopped = Job("route")
    stopped.stop.set()
    kept = plan(demo, graph, asked, stopped)
    assert kept.made.wish == Wish()
    assert kept.plan.cancelled
    assert kept.plan.routes
    assert kept.audit.problems == ()


def test_the_same_question_gives_the_same_day(demo, graph):
    """The draft has no say in the result: it equals that of the command line's own call, twice."""
    from patrol.planner import plan_work

    asked = ask(demo, iterations=80)
    made = plan_work(
        graph, asked.units, asked.targets, shift_h=8.0, owner_of_segment=demo.derived.holder, search=Search(80, 1)
    )
    assert plan(demo, graph, asked).plan.to_json() == made.plan.to_json()


def test_nothing_feasible_is_one_sentence(demo, graph):
    """A day on which nothing can be done ends with the domain's sentence, no draft is shown."""
    job = Job("route")
    with pytest.raises(InfeasibleError):
        plan(demo, graph, ask(demo, targets=[Target("Z", 0.0, 0.0)]), job)
    assert job.result is None


def test_the_timetable_holds_every_block(day):
    """Blocks of a row touch and lie within the axis; joint visits are marked on the rows of both crews."""
    data = gantt_data(day, selected="T08", only="", at_s=36_000.0)
    assert [row["crew"] for row in data["rows"]] == list(day.crews)
    marked = {}
    for row in data["rows"]:
        ends = [(b["from"], b["to"]) for b in row["blocks"]]
        assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(ends))
        assert data["from"] <= ends[0][0]
        assert ends[-1][1] <= data["to"]
        for block in row["blocks"]:
            if block["joint"]:
                marked.setdefault(block["task"], []).append(row["crew"])
    assert marked == {m.task: sorted(m.crews) for m in day.made.meetings}
    assert marked
    assert any(b["kind"] == "break" for row in data["rows"] for b in row["blocks"])
    numbers = [b["text"] for b in data["rows"][0]["blocks"] if b["kind"] == "work"]
    assert numbers == [str(k + 1) for k in range(len(numbers))]


def test_texts_of_the_map_stay_data_in_the_timetable(demo, graph):
    """Fault 56: a hostile name travels as a value and is never part of the script or the markup."""
    nasty = "</script><img src=x onerror=alert(1)>{{ 7*7 }}"
    targets = [replace(t, name=nasty) for t in targets_of(demo)[20:24]]
    data = gantt_data(plan(demo, graph, ask(demo, targets=targets)))
    titles = [b["title"] for row in data["rows"] for b in row["blocks"] if b["kind"] == "work"]
    assert all(nasty[:30] in title for title in titles)


def test_a_gift_is_priced_and_can_be_taken_back(day):
    """A task given away keeps every appointment, the colours of the others stay, and the day before is still there."""
    gifts = [(o, t) for r in day.plan.routes for t in [r.stops[0].target] for o in price_gifts(day.made, t) if o.plan]
    offer, task = gifts[0]
    after = changed(day, offer.plan, both("试算"))
    assert after.before is day
    assert after.audit.problems == ()
    assert after.palette[: len(day.palette)] == day.palette
    assert offer.taker in holders_of(after.plan, task)
    assert brief(offer).endswith(" min")
    assert label(day, offer.taker) == offer.taker[0]
    refused = next(o for r in day.plan.routes for o in price_gifts(day.made, r.stops[0].target) if o.obstacles)
    assert brief(refused)
    assert all(fix_words(obstacle) for obstacle in Obstacle)


def test_a_crew_that_drops_out_leaves_what_it_has_done(day, graph):
    """What was done before stays done, nothing is done twice, later work goes to others or is left out with a reason."""
    low, high = span_of(day)
    crew = max(day.plan.routes, key=lambda r: len(r.stops))
    at_s = crew.stops[1].depart_s + 60
    assert low < at_s < high
    found = drop_crew(day, (crew.unit, crew.car), at_s=at_s, search=Search(20))
    new = found.new
    done = {s.target for part in new.kept for s in part.route.stops}
    todo = {s.target for r in new.plan.routes for s in r.stops}
    lost = {item.target for item in new.plan.left_out}
    every = {t.id for t in day.plan.day.targets} - {item.target for item in day.plan.left_out}
    assert done | todo | lost >= every
    assert not todo & lost
    assert new.audit.problems == ()
    assert new.label(crew) not in {new.label(r) for r in new.plan.routes}
    assert set(without_rest(found)) <= set(new.crews)
    assert new.names.keys() >= done
    data = gantt_data(new)
    assert any(b["done"] for row in data["rows"] for b in row["blocks"])
    tables = {t.key for t in draw_routes(graph, new.plan, Look(new.palette, "", (), new.kept))}
    assert {"routes", "stops"} <= tables


def test_one_crew_can_be_looked_at(day, graph):
    """Seen alone, a crew keeps its colour and its numbers, the ways of the others are pale and have no stops."""
    crew = day.crews[0]
    tables = {t.key: t for t in draw_routes(graph, day.plan, Look(day.palette, crew))}
    mine = [s.target for r in day.plan.routes if day.label(r) == crew for s in r.stops]
    assert sorted(tables["stops"].ids) == sorted(mine)
    used = {tables["routes"].styles[k].key for k in tables["routes"].style.tolist()}
    assert used == {f"route{day.palette.index(crew)}", "others"}
    whole = {t.key: t for t in draw_routes(graph, day.plan, Look(day.palette, "", {m.task for m in day.made.meetings}))}
    styles = {whole["stops"].styles[k].key for k in whole["stops"].style.tolist()}
    assert "stop_joint" in styles


def test_a_place_of_a_moment_lies_on_the_way(day, graph):
    """A crew is at its post before and after its day, at a stop while it works there, and in between elsewhere."""
    route = max(day.plan.routes, key=lambda r: r.drive_s)
    unit = next(u for u in day.plan.day.units if u.id == route.unit)
    post = (unit.lon, unit.lat)
    assert place_at(graph, day.plan, route, at_s=0.0) == post
    assert place_at(graph, day.plan, route, at_s=90_000.0) == post
    stop = route.stops[0]
    assert place_at(graph, day.plan, route, at_s=(stop.start_s + stop.depart_s) / 2) == (stop.lon, stop.lat)
    there = place_at(graph, day.plan, route, at_s=route.return_s - 1)
    assert there != (route.stops[-1].lon, route.stops[-1].lat)
    assert abs(there[0] - unit.lon) + abs(there[1] - unit.lat) < 0.02


def test_targets_are_drawn_by_agency(demo):
    """Targets wear the colour of the agency that comes; joint ones and those left for another day their own."""
    rows = [(row.target, row.agency) for row in make_rows(demo)]
    table = next(t for t in draw_tasks(demo, (), rows, off={"T01"}) if t.key == "targets")
    styles = {ident: table.styles[k].key for ident, k in zip(table.ids, table.style.tolist(), strict=True)}
    assert styles["T01"] == "target_off"
    assert styles["T08"] == "target_joint"
    assert styles["T02"] not in {"target_off", "target_joint", styles["T21"]}
    assert [t.key for t in draw_tasks(demo, (), [], off=())] == ["ghost", "stations", "units"]


def test_the_strip_names_every_figure(day):
    """The strip holds idleness, empty driving, duplication, longest shift, Gini, bound and gap, each explained."""
    tiles = quality_tiles(day)
    assert [name for name, *_ in tiles] == ["最长班次", "空驶", "闲置均值", "重复", "基尼", "下界", "差距"]
    assert all(value and meaning for _, value, meaning in tiles)
    assert quality_tiles(replace(day, quality=None)) == ()
    assert bound_words("other") == "other"
    assert split_reason("没有分号。") == ("没有分号。", "")


def test_a_week_is_a_table_of_days_by_crews(demo, graph):
    """The table of a week counts every stop of every day once, by crew."""
    asked = ask(demo)
    made = plan_week(
        graph,
        asked.units,
        asked.targets,
        shift_h=8.0,
        owner_of_segment=demo.derived.holder,
        days=3,
        search=Search(10),
    )
    table = week_table(made)
    assert list(table) == sorted(table)
    for number, one in enumerate(made.days):
        total = sum(days[number][0] for days in table.values() if number in days)
        assert total == sum(len(route.stops) for route in one.routes)


def test_papers_of_all_crews(demo, graph):
    """One file holds a sheet of all crews, and of each crew its sheet, its records and its route; a stop ends it early."""
    planned = plan(demo, graph, ask(demo, targets=targets_of(demo)[22:24]))
    files = dict(crew_files(demo, planned, job=Job("crewzip")))
    count = len(planned.plan.routes)
    assert len(files) == 1 + 3 * count
    assert files["勤务单_全部班组.pdf"].startswith(b"%PDF")
    words = [body for name, body in files.items() if name.endswith(".docx")]
    assert all(zipfile.ZipFile(io.BytesIO(body)).testzip() is None for body in words)
    assert all(b"<gpx" in body[:200] for name, body in files.items() if name.endswith(".gpx"))
    stopped = Job("crewzip")
    stopped.stop.set()
    assert len(crew_files(demo, planned, job=stopped)) == 1
    route = planned.plan.routes[0]
    one = only_route(planned.plan, route)
    assert [s.target for s in one.routes[0].stops] == [s.target for s in route.stops]
    assert crew_file(demo, planned, one, suffix="pdf").startswith(b"%PDF")
