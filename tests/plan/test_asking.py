from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from geo.datum import Datum, convert
from geo.errors import InputError
from jurisdiction.ask.cases import Case
from jurisdiction.ask.photo import Photo
from jurisdiction.ask.wording import Both
from plan.agreements import Terms, sign_agreement
from plan.askcases import answer_cases
from plan.askdesk import AskDesk, Question
from plan.asking import Almanac
from plan.decisions import Decision
from plan.demo import demo_plan
from plan.model import EVERY_STATION, Plan

TODAY = "2026-11-25"
G98 = (118.5687, 31.2862)
PLAZA = (118.6503, 31.2742)


@pytest.fixture(scope="module")
def plan():
    """Return the demo district, split."""
    made = demo_plan()
    assert made.derived.owner
    return made


@pytest.fixture(scope="module")
def desk(plan):
    """Return the desk that answers about it."""
    return AskDesk(plan, today=TODAY)


def ask(desk, **question):
    reply = desk.ask(Question(**question))
    body = json.loads(json.dumps(reply.to_json(), allow_nan=False))
    assert body["crs"] == "WGS-84 (EPSG:4326)"
    return body


KEYS = {
    "owner", "agency", "segment", "distance_to_seam_m", "candidates", "reason", "place", "datum", "stake",
    "carriageway", "error_m", "contacts", "agreement", "sentence", "transfer",
}  # fmt: skip


def test_coordinates(desk):
    """A place on the expressway: owner, stake, carriageway, both carriageways, contact for the category, transfer."""
    body = ask(desk, at=G98, category="危化品")
    assert set(body) >= KEYS
    assert (body["owner"], body["agency"]) == ("expressway", "exp1")
    assert body["stake"].startswith("G98 下行K214+")
    assert body["carriageway"] == "下行"
    assert {c["carriageway"] for c in body["candidates"]} >= {"上行", "下行"}
    assert {c["role"] for c in body["candidates"]} >= {"nearest", "carriageway"}
    assert [c["category"] for c in body["contacts"]] == ["危化品"]
    assert body["sentence"]["zh"].startswith("归高速公路交通综合执法支队澜陵一大队（G98 下行K214+")
    assert body["transfer"]["ready"]
    assert body["transfer"]["from_office"] == "岚溪区交通综合执法大队"
    assert body["transfer"]["to_office"].endswith("澜陵一大队")
    assert body["transfer"]["crs"] == "WGS-84 (EPSG:4326)"


def test_near_a_seam_both_sides_are_named(desk):
    """Near a seam the answer is ask, with both sides' contacts, the station's name, and a draft that is not ready."""
    body = ask(desk, at=PLAZA, category="危化品")
    assert body["owner"] == "ask"
    assert {c["agency"] for c in body["contacts"]} == {"exp1", "local"}
    assert "东岗收费站" in body["sentence"]["zh"]
    assert body["distance_to_seam_m"] <= body["error_m"]
    assert (body["transfer"]["ready"], body["transfer"]["to_office"]) == (False, "")
    assert "待核实" in body["transfer"]["reason"]


@pytest.mark.parametrize(
    ("text", "stake", "ways"),
    [
        ("G98 上行K230+000", "G98 上行K230+000", ["上行"]),
        ("K230+000", "G98 K230+000", ["上行", "下行"]),
        ("澜陵高速 K230+000（下行）", "G98 下行K230+000", ["下行"]),
        ("G98 K215+000至K216+000", "G98 K215+000", ["上行", "上行", "下行", "下行"]),
    ],
)
def test_stakes(desk, text, stake, ways):
    """A stake answers on the carriageway it names, and on both where it names none; both have one owner here."""
    body = ask(desk, stake=text)
    assert (body["owner"], body["agency"], body["stake"]) == ("expressway", "exp1", stake)
    assert sorted(r["stake"].partition(" ")[2][:2] for r in body["readings"]) == ways
    assert body["place"]["lon"] > 118


def test_rough_stakes_say_their_error(desk):
    """A stake read off milestones has a band of tens of metres and says so."""
    body = ask(desk, stake="G389 K100+000")
    assert (body["owner"], body["agency"]) == ("ordinary", "local")
    assert body["error_m"] > 30


@pytest.mark.parametrize(
    ("stake", "words"), [("G98 K228+850", "短链"), ("K9000+000", "各路线都没有"), ("abc", "桩号|读出")]
)
def test_stakes_that_do_not_exist(desk, stake, words):
    """A stake inside a short chain, outside every route, or unreadable is refused in one sentence."""
    with pytest.raises(InputError, match=words):
        desk.ask(Question(stake=stake))


def test_a_pasted_sentence(desk):
    """A pasted sentence gives place, carriageway and date; its plate and names appear nowhere in the reply."""
    text = "2026年11月20日，皖A12345司机张小三在澜陵高速上行K215+200处非法营运"
    body = ask(desk, text=text, category="非法营运", case="2026-118")
    assert (body["stake"], body["carriageway"]) == ("G98 上行K215+200", "上行")
    assert (body["date"], body["date_from"]) == ("2026-11-20", "text")
    assert body["transfer"]["case"] == "2026-118"
    assert body["transfer"]["to_post"] == "稽查科值班室"
    assert "12345" not in json.dumps(body)
    assert "张小三" not in json.dumps(body, ensure_ascii=False)


def test_a_letter_names_no_post_by_chance(desk):
    """Without a category the draft leaves the post of the receiver blank: each category has its own."""
    transfer = ask(desk, text="在澜陵高速上行K215+200处")["transfer"]
    assert transfer["to_office"]
    assert (transfer["to_post"], transfer["to_phone"]) == ("", "")


def test_a_sentence_whose_places_disagree(desk):
    """Coordinates and a stake of one sentence far apart are a finding, and with two owners must be verified."""
    body = ask(desk, text="118.637294, 31.325615 G98上行K215+200")
    assert body["owner"] == "ask"
    assert "place_conflict" in [f["code"] for f in body["findings"]]
    assert {c["agency"] for c in body["contacts"]} == {"exp1", "local"}


def test_stations_and_roads(desk):
    """A station means its plaza and its seam; a road is clear only where all of it has one owner."""
    assert ask(desk, station="东岗")["owner"] == "ask"
    assert ask(desk, text="在东岗收费站出口")["owner"] == "ask"
    clear = ask(desk, text="X106上")
    assert (clear["owner"], clear["agency"]) == ("ordinary", "local")
    mixed = ask(desk, text="S101岚东高速上")
    assert mixed["owner"] == "ask"
    assert mixed["reason"][0]["why"] == "several_owners"
    with pytest.raises(InputError, match="没有找到收费站"):
        desk.ask(Question(station="火星"))


def test_a_photograph(desk):
    """A photograph gives place, error and the date of the offence; a date that was given comes first."""
    photo = Photo(*G98, Datum.WGS84, 8.0, "2026-11-20")
    body = ask(desk, photo=photo)
    assert (body["owner"], body["date"], body["date_from"]) == ("expressway", "2026-11-20", "photo")
    assert ask(desk, photo=photo, day="2026-11-21")["date_from"] == "given"
    vague = ask(desk, photo=Photo(*G98, Datum.WGS84, 500.0, ""))
    assert (vague["owner"], vague["error_m"]) == ("ask", 500.0)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_named_datum_is_converted_and_stated(desk, datum):
    """Coordinates of a named datum are converted; the place is WGS-84 and the datum is stated."""
    lon, lat = (float(v[0]) for v in convert([G98[0]], [G98[1]], source=Datum.WGS84, target=datum))
    body = ask(desk, at=(lon, lat), datum=datum)
    assert (body["owner"], body["datum"]) == ("expressway", str(datum))
    assert (body["place"]["lon"], body["place"]["lat"]) == (
        pytest.approx(G98[0], abs=1e-6),
        pytest.approx(G98[1], abs=1e-6),
    )


def test_an_unknown_datum_is_never_converted_in_silence(desk):
    """With an unknown datum the answer stands only where every datum that fits gives it; the finding says which fit."""
    right = ask(desk, at=G98, datum=None)
    assert right["findings"][0]["code"] == "datum_unclear"
    assert (right["place"]["lon"], right["datum"]) == (pytest.approx(G98[0]), "WGS-84")
    line = desk.almanac.on("").stakes.of("G98").calibration.carriageways[0].line.places_at(range(500, 26_000, 500))
    lon, lat = convert(line.lon, line.lat, source=Datum.WGS84, target=Datum.GCJ02)
    doubted = 0
    for true, given in zip(zip(line.lon, line.lat, strict=True), zip(lon, lat, strict=True), strict=True):
        shifted = ask(desk, at=(float(given[0]), float(given[1])), datum=None)
        assert shifted["place"]["lon"] == pytest.approx(given[0], abs=1e-6)
        assert "GCJ-02" in shifted["findings"][0]["message"]
        if shifted["owner"] != "ask":
            meant = ask(desk, at=(float(true[0]), float(true[1])))
            assert (shifted["owner"], shifted["agency"]) == (meant["owner"], meant["agency"])
        doubted += shifted["reason"][:1] != [] and shifted["reason"][0].get("why") == "datum_doubt"
    assert doubted > 10
    assert ask(desk, at=(2.3, 48.8), datum=None)["findings"] == []


def test_shifted_coordinates_stated_as_wgs84_are_noticed(desk):
    """Coordinates stated as WGS-84 that lie off every road and fit one under another datum get a note."""
    spot = next(
        (lon, lat)
        for k in range(200)
        for lon, lat in [(118.56 + k * 5e-4, 31.2862)]
        if desk.ask(Question(at=(lon, lat))).answer.distance_m > 70
    )
    codes = [f["code"] for f in ask(desk, at=spot)["findings"]]
    assert set(codes) <= {"datum_unclear"}
    assert ask(desk, at=G98)["findings"] == []


def test_places_outside(desk):
    """A place far from every road is outside, with no agency, contact or stake."""
    body = ask(desk, at=(0.0, 0.0))
    assert (body["owner"], body["agency"], body["contacts"], body["stake"]) == ("outside", "", [], "")
    assert body["distance_to_seam_m"] is None
    assert not body["transfer"]["ready"]


@pytest.mark.parametrize("question", [{}, {"stake": "K1+000", "station": "东岗"}, {"at": G98, "text": "x"}])
def test_one_question_at_a_time(desk, question):
    """Nothing asked, or two things at once, is refused."""
    with pytest.raises(InputError, match="只给一项"):
        desk.ask(Question(**question))


def signed(plan):
    """Return the plan with a convention agreed for 2027 only."""
    made = plan.decide(Decision("choose_convention", EVERY_STATION, {"convention": "ramp_end"}, when="2026-12-01"))
    terms = Terms("协议〔2026〕7号", ("甲", "乙"), "2027-01-01", "2027-12-31")
    return sign_agreement(made, terms, when="2026-12-20")


def test_the_owner_as_of_a_date_and_the_agreement_in_force(plan):
    """Only within its term does an agreement move the owner, and only then is its number named."""
    desk = AskDesk(signed(plan), today="2027-03-01")
    # Beyond the booths: the ramp's end is outside under toll_island and inside under ramp_end.
    place = next((s.lon, s.lat) for s in plan.network.stations if s.name == "东岗收费站")
    before, within, after = (ask(desk, at=G98, day=day) for day in ("2026-12-31", "2027-01-01", "2028-01-01"))
    assert [b["agreement"] for b in (before, within, after)] == ["", "协议〔2026〕7号", ""]
    seams = [ask(desk, at=place, day=day)["distance_to_seam_m"] for day in ("2026-12-31", "2027-06-01", "2028-01-01")]
    assert seams[0] == seams[2] != seams[1]
    assert ask(desk, at=G98)["agreement"] == "协议〔2026〕7号"
    assert "协议〔2026〕7号" in within["transfer"]["reason"]


def test_days_between_which_nothing_changed_share_one_plan(plan):
    """The plan is derived once for each span of days; the plan as it stands is never derived again."""
    almanac = Almanac(signed(plan), today=TODAY)
    spans = {id(almanac.on((date(2026, 11, 1) + timedelta(days=k)).isoformat())) for k in range(0, 600, 5)}
    assert len(spans) == 5
    assert almanac.on("").plan is almanac.on("").plan
    with pytest.raises(InputError, match="不是日期"):
        almanac.on("gestern")


def test_records_made_later_hold_for_earlier_days_with_a_note(plan):
    """Before the first record of brigades and stretches these are taken to have held, and a finding says so."""
    desk = AskDesk(plan)
    body = ask(desk, at=G98, day="2025-03-01")
    assert (body["agency"], body["stake"][:3]) == ("exp1", "G98")
    assert [f["code"] for f in body["findings"]] == ["date_before_records"]
    assert ask(desk, at=G98, day="2026-11-20")["findings"] == []


def test_unclaimed_roads_have_no_owner_to_write_to(plan):
    """A road that no stretch gives to anybody is nobody's in the sentence, and no paper is ready for it."""
    derived = plan.derived
    rows = [k for k, agency in enumerate(derived.agency) if agency == "none"]
    if not rows:
        pytest.skip("every road of the demo district is claimed")
    row = max(rows, key=lambda k: derived.network.segments.length_mm[k])
    points = derived.network.points(row)
    body = ask(AskDesk(plan), at=tuple(points[len(points) // 2].tolist()))
    assert "none" not in body["sentence"]["zh"]
    assert not body["transfer"]["ready"]


def case(ident="1", place=None, **more):
    return Case(ident, int(ident) + 1, place, **more)


def test_every_case_has_an_answer(plan):
    """Coordinates, stakes, words, roads, nonsense and nothing: every row is answered in its order, with its problem."""
    cases = [
        case("1", G98),
        case("2", stake="G98 上行K230+000"),
        case("3", text="皖A12345在澜陵高速下行K215+200"),
        case("4", text="在X106上"),
        case("5", text="不知道"),
        case("6", problem=Both("没有写地点", "none")),
        case("7", stake="G98 K9000+000", text="东岗收费站"),
        case("8", stake="G98 K9000+000"),
        case("9", (31.2862, 118.5687)),
        case("10", (0.0, 1.0)),
        case("11", G98, stake="G98 K9000+000"),
    ]
    done = []
    report = answer_cases(plan, cases, today=TODAY, progress=lambda k, n: done.append((k, n)))
    assert [a.case.id for a in report.answers] == [c.id for c in cases]
    owners = [a.answer.owner for a in report.answers]
    assert owners == ["expressway"] * 3 + ["ask"] * 5 + ["expressway", "outside", "expressway"]
    troubled = {a.case.id for a in report.answers if a.case.problem}
    assert troubled == {"4", "5", "6", "7", "8", "11"}
    assert done[-1] == (11, 11)
    assert {"case_unclear", "coordinates_swapped"} <= {f.code for f in report.findings}
    assert report.answers[8].place == (pytest.approx(G98[0]), pytest.approx(G98[1]))
    json.dumps(report.to_json(), allow_nan=False)
    assert report.answers[0].contact


def test_a_table_answers_as_single_questions_do(plan):
    """What a table says about a place is what a single question says, for each day of its own."""
    places = [G98, PLAZA, (118.637294, 31.325615)]
    days = ["", "2026-11-20", "2025-01-01"]
    cases = [case(str(k + 1), place, day=day) for k, (place, day) in enumerate(zip(places, days, strict=True))]
    report = answer_cases(plan, cases, datum=Datum.WGS84, today=TODAY)
    desk = AskDesk(plan, today=TODAY)
    for answered, place, day in zip(report.answers, places, days, strict=True):
        single = desk.ask(Question(at=place, day=day))
        assert answered.answer == single.answer
        assert (answered.stake, answered.sentence) == (single.stake, single.sentence)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_shifted_table_is_suspected_as_a_whole(plan, datum):
    """A table in another datum is suspected with a score, answered as given, and its doubtful rows are to be verified."""
    desk = plan.derived.stakes
    route = desk.of("G98").calibration.carriageways[0].line
    picks = route.places_at([2_000.0 + 900.0 * k for k in range(20)])
    lon, lat = convert(picks.lon, picks.lat, source=Datum.WGS84, target=datum)
    cases = [case(str(k + 1), (float(x), float(y))) for k, (x, y) in enumerate(zip(lon, lat, strict=True))]
    report = answer_cases(plan, cases)
    (finding,) = [f for f in report.findings if f.code == "datum_suspect"]
    assert "偏移得分" in finding.message
    assert all(str(datum) in a.datum_warning for a in report.answers)
    assert report.counts().get("expressway", 0) < 10
    told = answer_cases(plan, cases, datum=datum)
    assert told.counts()["expressway"] >= 18
    assert not any(a.datum_warning for a in told.answers)
    assert [f.code for f in told.findings] == []


def test_an_empty_district_and_an_empty_table(plan):
    """No case and no road: nothing fails, nothing is invented."""
    assert answer_cases(plan, []).answers == ()
    bare = Plan(
        plan.network.__class__(plan.network.source, plan.network.nodes, plan.network.ways, plan.network.segments)
    )
    report = answer_cases(bare, [case("1", G98)])
    assert report.answers[0].answer.owner in {"expressway", "ask"}
