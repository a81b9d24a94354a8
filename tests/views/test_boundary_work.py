"""What the Boundary page does to a plan, without a screen: strokes, locks, drags, comments, repairs, stretches."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from geo.errors import InputError
from plan.decisions import Decision
from plan.incremental import placed_seams
from plan.model import Plan
from views.map.assets import DRAG_SCRIPT, STATIC
from views.map.drag import DragLayer, DragOptions, Rail
from views.map.tables import RoadTable
from views.pictures.owners import draw_owners
from views.state import Desk, Opened, Selection, put_on_desk
from views.widgets import boundary_acts, boundary_drag, boundary_leaks, boundary_stretches, boundary_work
from views.widgets.boundary_drag import DRAG, Drag, nearest_along, place_at, read_report, shift_along
from views.widgets.boundary_prices import price
from views.widgets.map_view import DRAGGED
from views.widgets.options import adopt, placed_at, present_convention

STATION = "n7600003333"


@pytest.fixture
def desk(demo: Plan, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a desk with the demo district; callbacks find it."""
    desk = put_on_desk(Opened(demo, "upload"))
    for module in (boundary_acts, boundary_drag, boundary_leaks, boundary_stretches):
        monkeypatch.setattr(module, "current_desk", lambda: desk)
    return desk


@pytest.fixture
def seam(desk: Desk) -> str:
    """Return a seam of a station, selected."""
    found = next(s for s in desk.plan.derived.ownership.seams if s.station == STATION)
    desk.select("seam", found.id, (found.lon, found.lat))
    return found.id


def hold(desk: Desk, seam: str, along_m: float) -> Drag:
    """Take a seam up and hold it so many metres along its road."""
    boundary_drag.start_drag(seam)
    drag = boundary_drag.present_drag(desk)
    assert drag is not None
    drag = replace(drag, at=nearest_along(boundary_drag.tracks_of(desk, seam), along_m))
    desk.extra[DRAG] = drag
    return drag


def test_a_stroke_stands_as_a_whole_or_not_at_all(desk: Desk) -> None:
    """Of two decisions one of which is locked, none stands, and the person reads one sentence."""
    desk.history = desk.history.lock({("choose_convention", STATION)})
    before = desk.history
    free = Decision("choose_convention", "n7600003027", {"convention": "ramp_end"})
    taken = Decision("choose_convention", STATION, {"convention": "ramp_end"})
    assert not boundary_work.act(desk, free, taken)
    assert desk.history is before
    assert "锁定" in desk.message
    assert boundary_work.act(desk, free)
    assert desk.plan.decisions[-1].value["anchors"][0][2] == "东岗收费站"


def test_an_older_version_is_only_looked_at(desk: Desk) -> None:
    """On a version that was replaced nothing is decided, locked or said."""
    desk.decide("choose_convention", "*", {"convention": "ramp_end"})
    desk.look_back(3)
    before = desk.history
    assert not boundary_work.act(desk, Decision("choose_convention", "*", {"convention": "toll_island"}))
    boundary_work.lock(desk, Selection("station", STATION))
    assert desk.history is before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "{t}:0:99999",
        "{t}:999:0",
        "{t}:-1:0",
        "{t}:0",
        "{t}:0:1e3",
        "{t}:1:٣",
        "{t}:cancel:1",
        "{t}:{t}",
        "0" * 5000,
    ],
)
def test_reports_of_no_place_are_refused(desk: Desk, seam: str, text: str) -> None:
    """Fault 51: numbers out of range and words of another form are refused with one bilingual sentence."""
    token, tracks = Drag(seam, desk.key).token, boundary_drag.tracks_of(desk, seam)
    with pytest.raises(InputError, match=" / "):
        read_report(text.replace("{t}", token), token, tracks)


def test_a_report_of_another_seam_or_plan_is_refused(desk: Desk, seam: str) -> None:
    """A drag made before the plan changed does not count, and says so; without a seam in hand none counts."""
    drag = hold(desk, seam, 50.0)
    desk.extra[DRAGGED] = f"{'0' * 16}:0:1"
    boundary_drag.take_report(desk)
    assert "已改变" in boundary_drag.take_error(desk)
    assert desk.extra[DRAG] == drag
    boundary_drag.stop_drag()
    desk.extra[DRAGGED] = f"{drag.token}:0:1"
    boundary_drag.take_report(desk)
    assert "没有正在移动的界点" in boundary_drag.take_error(desk)
    assert boundary_drag.take_error(desk) == ""


def test_reports_move_the_seam_in_hand(desk: Desk, seam: str) -> None:
    """A place that is reported is where the seam is held; home puts it back, cancel puts it down."""
    drag = hold(desk, seam, 50.0)
    for word, at in (("1:3", (1, 3)), ("home", None)):
        desk.extra[DRAGGED] = f"{drag.token}:{word}"
        boundary_drag.take_report(desk)
        assert desk.extra[DRAG] == replace(drag, at=at)
    desk.extra[DRAGGED] = f"{drag.token}:cancel"
    boundary_drag.take_report(desk)
    assert boundary_drag.present_drag(desk) is None


def test_keys_and_metres_go_along_the_same_tracks(desk: Desk, seam: str) -> None:
    """Steps of ten metres and typed metres end on places of the tracks, both ways past the seam, never beyond them."""
    tracks = boundary_drag.tracks_of(desk, seam)
    places = sorted(p.along_m for p in tracks.places)
    at = nearest_along(tracks, 123.0)
    assert abs(place_at(tracks, at).along_m - 123.0) <= 10  # type: ignore[union-attr]
    assert nearest_along(tracks, 2.0) is None
    assert place_at(tracks, nearest_along(tracks, 1e9)).along_m == places[-1]  # type: ignore[union-attr]
    back = shift_along(tracks, shift_along(tracks, None, -10), -100)
    assert -115 <= place_at(tracks, back).along_m <= -105  # type: ignore[union-attr]
    assert nearest_along(tracks, 50.0, path=0) == nearest_along(tracks, 50.0)


def test_a_moved_seam_is_agreed_on_and_withdrawn(desk: Desk, seam: str) -> None:
    """The numbers shown before are what the ledger moves; without a reason nothing stands; withdrawn, all is as before."""
    before = desk.plan.derived.ledger.of("agency")
    drag = hold(desk, seam, -100.0)
    result = boundary_drag.result_of(desk, drag)
    assert result is not None
    assert result is boundary_drag.result_of(desk, drag)
    assert boundary_drag.moved_marks(desk, drag)
    assert not boundary_drag.agree(desk, drag, why=" ")
    assert "理由" in desk.message
    assert boundary_drag.agree(desk, drag, why="联席会议〔2026〕3号")
    after = desk.plan.derived.ledger.of("agency")
    assert {a: after[a] - before[a] for a in after if after[a] != before[a]} == dict(result.option.moved_mm)
    made = desk.plan.decisions[-1]
    assert (made.kind, made.why) == ("place_seam", "联席会议〔2026〕3号")
    assert abs(made.value["along_m"] + 100) <= 10
    assert boundary_drag.present_drag(desk) is None
    assert desk.selection.id in placed_seams(desk.plan)
    assert present_convention(desk.plan, STATION) == "agreed"
    key = placed_at(desk.plan, STATION)[desk.selection.id]
    assert boundary_work.act(desk, boundary_drag.withdraw(key))
    assert desk.plan.derived.ledger.of("agency") == before
    assert present_convention(desk.plan, STATION) == "toll_island"


def test_a_seam_that_was_not_moved_is_not_agreed_on(desk: Desk, seam: str) -> None:
    """Held where it lay there is nothing to agree on; a seam that is gone cannot be taken up."""
    boundary_drag.start_drag(seam)
    drag = boundary_drag.present_drag(desk)
    assert drag is not None
    assert boundary_drag.result_of(desk, drag) is None
    assert not boundary_drag.agree(desk, drag, why="x")
    boundary_drag.start_drag("s0")
    assert "没有这个界点" in desk.message
    desk.clear()
    assert boundary_drag.present_drag(desk) is None


def test_a_convention_takes_the_place_of_an_agreed_seam(desk: Desk, seam: str) -> None:
    """A convention adopted at a station withdraws what was placed there; a locked place refuses it."""
    assert boundary_drag.agree(desk, hold(desk, seam, -100.0), why="商定")
    held = boundary_work.lock(desk, desk.selection)
    assert held
    assert not adopt(desk, "ramp_end", STATION)
    boundary_work.unlock(desk, desk.selection)
    assert adopt(desk, "ramp_end", STATION)
    assert not placed_at(desk.plan, STATION)
    assert desk.plan.choices.of_station(STATION) == "ramp_end"


def test_a_locked_station_stays_when_all_are_moved(desk: Desk) -> None:
    """A lock pins the station's convention, so that a choice for all stations leaves its seams where they are."""
    station = Selection("station", STATION)
    assert boundary_work.lock(desk, station)
    assert boundary_work.is_locked(desk, station)
    places = {s.node for s in boundary_work.seams_at(desk.plan, STATION)}
    assert adopt(desk, "ramp_end", "*")
    network = desk.plan.derived.network
    ids = {int(network.nodes.id[s.node]) for s in boundary_work.seams_at(desk.plan, STATION)}
    assert ids == {int(desk.opened.plan.derived.network.nodes.id[n]) for n in places}
    desk.undo()
    assert desk.plan.latest("choose_convention")[STATION].value["convention"] == "toll_island"
    boundary_work.unlock(desk, station)
    assert not boundary_work.is_locked(desk, station)


def test_roads_and_seams_without_a_station_are_locked_by_themselves(desk: Desk) -> None:
    """A road is locked in its class, a seam that no station has in its place; what is gone cannot be locked."""
    network = desk.plan.derived.network
    road = Selection("segment", network.segment_ids[0])
    boundary_work.lock(desk, road)
    assert ("override_class", boundary_work.way_key(desk.plan, 0)) in desk.history.locks
    alone = next(s for s in desk.plan.derived.ownership.seams if not s.station)
    assert boundary_work.lock_of(desk.plan, Selection("seam", alone.id)) == ((), {("place_seam", alone.id)})
    for gone in (Selection("segment", "w1"), Selection("seam", "s0"), Selection("unit", "u")):
        assert not boundary_work.lock(desk, gone)


def test_comments_stand_where_the_thing_lies(desk: Desk, seam: str) -> None:
    """A comment on a seam, a station or a road is found again on it, with its answer; where no road is, none is written."""
    chosen = desk.selection
    assert boundary_acts.comment_on(desk, chosen, "界桩在此", who="路政科")
    first = boundary_acts.threads_about(desk.plan, chosen)[0].comment.id
    assert boundary_acts.comment_on(desk, chosen, "同意", who="", above=first)
    (thread,) = boundary_acts.threads_about(desk.plan, chosen)
    assert (thread.comment.text, thread.answers[0].comment.text) == ("界桩在此", "同意")
    assert boundary_acts.threads_about(desk.plan, Selection("station", STATION)) == (thread,)
    assert not boundary_acts.comment_on(desk, chosen, "", who="")
    row = 40
    place = tuple(desk.plan.derived.network.points(row).mean(axis=0).tolist())
    road = Selection("segment", desk.plan.derived.network.segment_ids[row], place)
    assert boundary_acts.comment_on(desk, road, "此处改线", who="")
    assert boundary_acts.threads_about(desk.plan, road)[0].comment.offset_m > 0
    assert not boundary_acts.comment_on(desk, Selection("finding", "x"), "?", who="")
    assert "没有可批注的道路" in desk.message


def test_a_station_without_seams_lies_on_the_nearest_road(desk: Desk) -> None:
    """A station that makes no seam still has a place for comments."""
    bare = next(s for s in desk.plan.stations if not boundary_work.seams_at(desk.plan, s.id))
    assert boundary_work.spot_of(desk.plan, Selection("station", bare.id)) is not None
    assert boundary_work.spot_of(desk.plan, Selection("station", "n0")) is None


def test_a_connector_is_handed_over(desk: Desk, seam: str) -> None:
    """Pending needs a reason and shows in the ledger; done ends it."""
    assert not boundary_acts.hand_over(desk, seam, "pending", why=" ")
    assert boundary_acts.hand_over(desk, seam, "pending", why="纪要〔2026〕2号")
    assert desk.plan.derived.ledger.of("state")["pending_handover"] > 0
    roads = draw_owners(desk.plan)[0]
    assert isinstance(roads, RoadTable)
    dotted = {k for k, style in enumerate(roads.styles) if style.key.endswith("_handover")}
    assert dotted & set(roads.style.tolist())
    assert boundary_acts.hand_over(desk, seam, "done", why="")
    assert desk.plan.derived.ledger.of("state")["pending_handover"] == 0


def test_a_road_is_disputed(desk: Desk) -> None:
    """A dispute about a road makes its metres contested; without a name it is not raised."""
    segment = desk.plan.network.segment_ids[100]
    assert boundary_acts.raise_road(desk, segment, title="") == ""
    number = boundary_acts.raise_road(desk, segment, title="某路的管辖")
    assert segment in desk.plan.latest("open_dispute")[number].value["segments"]
    assert boundary_acts.raise_road(desk, "w1/1-2", title="x") == ""


def test_everything_about_an_agency_is_locked_at_once(desk: Desk) -> None:
    """All decisions about a brigade are locked together and let go together."""
    subjects = boundary_acts.agency_subjects(desk.plan, "exp1")
    assert {("set_agency", "exp1"), ("set_stretch", "G98#1")} <= subjects
    boundary_acts._change_agency_lock("exp1", True)
    assert subjects <= desk.history.locks
    boundary_acts._change_agency_lock("exp1", False)
    assert not desk.history.locks


def test_the_cheapest_repair_closes_the_leak(desk: Desk) -> None:
    """The booth that the map lacks is put there by one decision, the leak is gone, undo brings it back."""
    assert len(desk.plan.derived.ownership.leaks) == 1
    assert boundary_leaks.leak_bounds(desk.plan, 0) is not None
    desk.extra["leak"] = 0
    assert len(boundary_leaks.leak_marks(desk)) > 1
    assert boundary_leaks.take_repair(desk, 0, "add_booth")
    assert desk.plan.derived.ownership.leaks == ()
    assert boundary_leaks.leak_marks(desk) == []
    assert not boundary_leaks.take_repair(desk, 0, "add_booth")
    desk.undo()
    assert len(desk.plan.derived.ownership.leaks) == 1


@pytest.mark.parametrize("action", ["agree_seam", "override_class"])
def test_the_other_repairs_are_decisions_too(desk: Desk, action: str) -> None:
    """An agreed seam and a road judged anew are taken as decisions that name a reason."""
    assert boundary_leaks.take_repair(desk, 0, action)
    made = desk.plan.decisions[-1]
    assert made.kind == {"agree_seam": "place_seam", "override_class": "override_class"}[action]
    assert made.why


def test_the_end_of_a_stretch_is_changed(desk: Desk) -> None:
    """A stretch ends elsewhere by one decision; nothing changed, no reason, a wrong end or a lost stretch are refused."""
    change = boundary_stretches.change_stretch
    rows = {row.stretch.name: row for row in boundary_stretches.list_stretches(desk.plan)}
    assert rows["G98#1"].length_m > 1000
    assert "K212+150" in rows["G98#1"].ends[0]
    old = rows["G98#1"].stretch
    ends = (boundary_stretches.end_text(old.start), boundary_stretches.end_text(old.end))
    assert not change(desk, "none", ends, agency="", why="x")
    assert not change(desk, "G98#1", ends, agency="", why="")
    assert not change(desk, "G98#1", ends, agency="", why="x")
    assert not change(desk, "G98#1", (ends[0], "没有的枢纽"), agency="", why="x")
    assert " / " in desk.message
    assert change(desk, "G98#1", (ends[0], "K230+000"), agency="exp2", why="会议纪要")
    (now,) = (row for row in boundary_stretches.list_stretches(desk.plan) if row.stretch.name == "G98#1")
    assert now.stretch.agency == "exp2"
    assert now.length_m < rows["G98#1"].length_m


def test_prices_are_those_of_the_engine(demo: Plan) -> None:
    """A station that is gone has no options; all stations have the conventions."""
    from plan.options import OptionDesk

    priced = OptionDesk(demo)
    assert price(demo, priced, "n0") == ()
    assert {o.convention for o in price(demo, priced, "*")} == {"toll_island", "plaza_outer_edge", "ramp_end"}


def test_the_handle_holds_numbers_only() -> None:
    """Fault 57: side and token are of our own words, texts are encoded, a token of another form is refused."""
    rail = Rail("{{ 7*7 }}", [(118.0, 31.0)], [(118.0, 31.0, 10.0, True)])
    layer = DragLayer(DragOptions("0" * 16, (118.0, 31.0), [rail], at=(0, 0), name="</script>{{x}}"))
    assert "{{" not in layer.data_json
    assert "<" not in layer.data_json
    assert '"ordinary"' in layer.data_json
    with pytest.raises(InputError):
        DragLayer(DragOptions("{{x}}", (118.0, 31.0), [rail]))


def test_the_handle_s_script_writes_no_markup_and_asks_for_nothing() -> None:
    """Fault 57: the browser file of the handle sets textContent only and knows no address."""
    text = (STATIC / DRAG_SCRIPT).read_text(encoding="utf-8")
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text)
    assert "://" not in text
    assert "segment" not in text
