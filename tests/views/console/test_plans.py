"""The dispute desk, history, imports and copies from the command line."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

import cli
from plan.decisions import Decision
from plan.history import History
from plan.incremental import SeamMover
from plan.model import Plan
from plan.planfile import open_book, open_plan, save_plan
from tests.sketches import expressway_with_ramp

VERSION_1 = Path(__file__).parents[2] / "plan" / "files" / "version1.gpkg"


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan with one decision."""
    network = expressway_with_ramp().load(tmp_path_factory.mktemp("plans"))
    return Plan(network, (Decision("choose_convention", "*", {"convention": "toll_island"}),), "梅坞")


@pytest.fixture
def path(plan, tmp_path):
    """Return the plan, saved."""
    save_plan(tmp_path / "a.gpkg", plan)
    return tmp_path / "a.gpkg"


@pytest.fixture
def document(run):
    """Return a function that runs a command which must succeed, and gives its document."""

    def runner(*words):
        code, found, err = run(*words)
        assert code == 0, err
        return found

    return runner


@pytest.fixture
def ramp(plan):
    """Return the id of the last piece of the exit ramp."""
    return next(s for s in plan.network.segment_ids if s.startswith("w104/"))


def test_a_dispute_from_claim_to_agreement(document, path, ramp, tmp_path):
    """Opened, argued by both sides with papers by hash, talked about, agreed: the desk tells every step."""
    paper = tmp_path / "函.txt"
    paper.write_text("函", encoding="utf-8")
    made = document(
        "dispute", path, "open", "--title", "匝道", "--segment", ramp, "--station", "梅坞", "--when", "2026-11-01"
    )
    number = made["key"]
    assert number == "D-2026-01"
    document(
        "dispute",
        path,
        "position",
        "--number",
        number,
        "--side",
        "local",
        "--text",
        "归高速",
        "--convention",
        "ramp_end",
        "--attach",
        paper,
        "--when",
        "2026-11-02",
    )
    document(
        "dispute",
        path,
        "position",
        "--number",
        number,
        "--side",
        "expressway",
        "--text",
        "归区",
        "--at",
        "114.205,22.702",
        "--when",
        "2026-11-03",
    )
    document(
        "dispute",
        path,
        "comment",
        "--number",
        number,
        "--text",
        "看现场",
        "--segment",
        ramp,
        "--offset",
        "12.5",
        "--when",
        "2026-11-04",
    )
    document(
        "dispute", path, "comment", "--number", number, "--text", "已看", "--reply-to", "c1", "--when", "2026-11-05"
    )
    found = document("dispute", path, "list", "--on", "2026-11-25")
    row = found["disputes"][0]
    assert (row["state"], row["days_open"], row["stations"]) == ("options", 24, [row["station"]])
    assert found["contested_m"] == row["length_m"]
    assert row["positions"]["local"]["attachments"][0].startswith("函.txt sha256:")
    assert row["positions"]["expressway"]["place"] == {"lon": 114.205, "lat": 22.702}
    assert [c["text"] for c in row["comments"][0]["answers"]] == ["已看"]
    assert row["comments"][0]["offset_m"] == 12.5
    closed = document(
        "dispute",
        path,
        "close",
        "--number",
        number,
        "--outcome",
        "agree",
        "--office",
        "甲",
        "--office",
        "乙",
        "--document",
        "联〔2026〕4号",
        "--when",
        "2026-11-20",
    )
    assert closed["disputes"][0]["state"] == "agreed"
    assert closed["disputes"][0]["days_open"] == 19
    assert closed["contested_m"] == 0


def test_the_desk_reads_well_in_a_terminal(run, path, ramp, capsys, monkeypatch):
    """Without --json the desk is a few lines, comments indented under what they answer."""
    run("dispute", path, "open", "--number", "D1", "--segment", ramp, "--when", "2026-11-01")
    run("dispute", path, "comment", "--number", "D1", "--text", "一", "--when", "2026-11-02")
    run("dispute", path, "comment", "--text", "二", "--reply-to", "c1", "--when", "2026-11-02")
    run("dispute", path, "position", "--number", "D1", "--side", "local", "--text", "归高速", "--when", "2026-11-03")
    run("dispute", path, "close", "--number", "D1", "--outcome", "refer", "--office", "甲", "--when", "2026-11-04")
    monkeypatch.setattr(sys, "argv", ["roadseam", "dispute", str(path), "--on", "2026-11-25"])
    with pytest.raises(SystemExit):
        cli.main()
    out = capsys.readouterr().out
    assert "报请 referred · 24 天" in out
    lines = {line.split()[0]: line for line in out.splitlines()}
    assert lines["c1"].startswith("  c1")
    assert lines["c2"].startswith("    c2")


def test_a_dispute_between_two_stakes(document, tmp_path):
    """Of the demo district one kilometre of G98 is claimed on both carriageways, to the metre."""
    out = tmp_path / "d.gpkg"
    found = document(
        "dispute",
        "demo",
        "open",
        "--number",
        "X",
        "--route",
        "G98",
        "--from",
        "K220+000",
        "--to",
        "K221+000",
        "--when",
        "2026-11-01",
        "--out",
        out,
    )
    assert found["disputes"][0]["length_m"] == pytest.approx(2000, abs=20)
    assert open_plan(out).derived.ledger.of("owner")["contested"] / 1000 == document("dispute", out)["contested_m"]
    talked = document(
        "dispute", out, "comment", "--number", "X", "--text", "此处", "--route", "G98", "--stake", "上行K220+500"
    )
    assert talked["disputes"][0]["comments"][0]["segment"] in found["disputes"][0]["segments"]
    ranged = document("dispute", out, "open", "--number", "Y", "--route", "G98", "--from", "K222+000至K222+300")
    assert ranged["disputes"][0]["length_m"] == pytest.approx(600, abs=20)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dance",), "choose one of"),
        (("open", "--number", "D1"), "claimed roads"),
        (("open", "--number", "D1", "--at", "0,0"), "no road near"),
        (("open", "--number", "D1", "--route", "G1", "--from", "K1+0", "--to", "K2+0"), "G1"),
        (("position", "--number", "D9", "--side", "local"), "no open dispute"),
        (("comment", "--text", "x"), "not on the map"),
        (("close", "--number", "D9", "--outcome", "dance"), "agree, reserve or refer"),
        (("close", "--number", "D9", "--outcome", "agree", "--office", "甲"), "--document"),
        (("list", "--number", "D9"), "no dispute"),
        (("position", "--number", "D9", "--side", "local", "--attach", "none.pdf"), "attachment"),
    ],
)
def test_what_cannot_be_done_at_the_desk(run, path, words, said):
    """What names nothing, or says too little, is one sentence and exit code 3; the plan is as it was."""
    before = path.read_bytes()
    code, _, err = run("dispute", path, *words)
    assert code == 3
    assert said in err
    assert path.read_bytes() == before


def test_the_demo_is_not_changed_in_place(run):
    """The demo district needs a file to be written to."""
    code, _, err = run("dispute", "demo", "open")
    assert (code, "--out" in err) == (3, True)


def test_branches_locks_and_undo(document, run, path, plan):
    """Branches are started, switched and compared, locks hold, undo and redo count their steps; looking writes nothing."""
    before = path.read_bytes()
    found = document("history", path)
    assert (found["branch"], found["undo_steps"], found["locks"]) == ("main", 1, [])
    assert path.read_bytes() == before
    document("history", path, "--branch", "试")
    book = open_book(path)
    save_plan(
        path, book.plan, history=book.history.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}))
    )
    compared = document("history", path, "--compare", "main")["compare"]
    assert compared["branch"] == "main"
    assert not compared["same"]
    undone = document("history", path, "--undo", "1")
    assert (undone["undo_steps"], undone["redo_steps"]) == (1, 1)
    assert document("history", path, "--redo", "1")["redo_steps"] == 0
    locked = document("history", path, "--branch", "main", "--lock", "choose_convention:*")
    assert (locked["locks"], locked["undo_steps"]) == (["choose_convention:*"], 0)
    assert locked["decisions"][0]["locked"]
    code, _, err = run("history", path, "--undo", "1")
    assert (code, "locks apart" in err) == (3, True)
    code, _, err = run("split", path, "--convention", "ramp_end", "--out", path)
    assert (code, "locked" in err) == (3, True)
    assert document("history", path, "--unlock", "choose_convention:*", "--lock-all")["locks"] == [
        "choose_convention:*"
    ]
    assert (
        document("history", path, "--unlock-all", "--lock-agency", "exp9", "--out", path.with_name("b.gpkg"))["locks"]
        == []
    )
    assert open_book(path).history.locks
    assert not open_book(path.with_name("b.gpkg")).history.locks


@pytest.mark.parametrize(
    "words", [("--lock", "x"), ("--unlock", "dance:x"), ("--lock", "comment:x"), ("--compare", "x")]
)
def test_locks_name_what_was_decided(run, path, words):
    """A lock is a kind and a key that somebody decided; a branch that is compared exists."""
    assert run("history", path, *words)[0] == 3


def test_a_colleague_s_plan_is_taken_in(document, run, path, plan, tmp_path):
    """Conflicts are named with exit code 1 and settled by choice; branches and locks of mine stay."""
    other = plan.decide(Decision("comment", "k", {"text": "来"})).decide(
        Decision("choose_convention", "*", {"convention": "ramp_end"})
    )
    mine = plan.decide(Decision("choose_convention", "*", {"convention": "plaza_outer_edge"}))
    save_plan(path, mine, history=History.of(mine).start_branch("试").switch("main"))
    save_plan(tmp_path / "b.gpkg", other)
    code, _, _ = run("import", path, tmp_path / "b.gpkg")
    assert code == 1
    assert set(open_book(path).history.branches) == {"main", "试"}
    assert [d.kind for d in open_plan(path).decisions] == ["choose_convention", "choose_convention", "comment"]
    done = document("import", path, tmp_path / "b.gpkg", "--theirs", "choose_convention:*")
    assert done["merged"]
    assert open_plan(path).convention == "ramp_end"
    beside = document("import", path, tmp_path / "b.gpkg", "--as-branch", "同事", "--out", tmp_path / "c.gpkg")
    assert beside["merged"]
    assert open_book(tmp_path / "c.gpkg").history.current == "同事"


def test_a_merge_keeps_locks_and_branches_of_mine(document, run, plan, tmp_path):
    """In a three-way merge a locked decision of mine stays and is named; my branches go into the result."""
    theirs = plan.decide(Decision("choose_convention", "*", {"convention": "ramp_end"}))
    names = [tmp_path / f"{k}.gpkg" for k in ("base", "mine", "theirs", "out")]
    save_plan(names[0], plan)
    save_plan(names[1], plan, history=History.of(plan).start_branch("试").lock([("choose_convention", "*")]))
    save_plan(names[2], theirs)
    code, _, _ = run("merge", *names[:3], "--out", names[3])
    assert code == 1
    book = open_book(names[3])
    assert book.plan.convention == "toll_island"
    assert set(book.history.branches) == {"main", "试"}
    save_plan(names[1], plan, history=History.of(plan))
    assert document("merge", *names[:3], "--out", names[3].with_name("d.gpkg"))["merged"]


def test_copies_and_upgrades(document, run, tmp_path):
    """A copy is made and brought back, an old plan is upgraded once, and nothing is overwritten."""
    path = Path(shutil.copy(VERSION_1, tmp_path / "a.gpkg"))
    assert document("upgrade", path)["upgraded"]
    assert document("upgrade", path) == {"plan": "a.gpkg", "upgraded": False, "from_version": 2, "version": 2}
    assert open_book(tmp_path / "a.gpkg.v1.bak").version == 1
    copy = document("backup", path)["backup"]
    assert document("backup", path)["backup"] != copy
    path.write_bytes(b"gone")
    assert document("restore", tmp_path / copy, path)["kept"] == "a.gpkg.replaced.bak"
    assert len(open_plan(path).decisions) == 4
    assert run("backup", tmp_path / "a.gpkg.replaced.bak")[0] == 3


def test_a_draft_and_a_signature(document, path):
    """A draft is listed as one and signs nothing; the signature gives twelve characters that verify."""
    words = ("--number", "1号", "--office", "甲", "--office", "乙", "--from", "2026-12-01")
    assert document("sign", path, *words, "--draft", "--when", "2026-11-01") == {"number": "1号", "status": "draft"}
    found = document("verify", path)["agreements"]
    assert [(a["number"], a["status"], a["short"]) for a in found] == [("1号", "draft", "")]
    signed = document("sign", path, *words, "--cover", "choose_convention:*", "--when", "2026-11-20")
    checked = document("verify", path, "--code", signed["short"], "--on", "2026-12-24")
    assert (checked["intact"], checked["agreements"][0]["status"]) == (True, "in_force")
    assert checked["agreements"][0]["short"] == signed["short"]


def test_a_seam_is_moved(document, path, plan, tmp_path):
    """Places are listed with the line; a move says metres and option, and is saved as one decision when asked."""
    seam = plan.derived.ownership.seams[0].id
    tracks = document("seam", path, "--seam", seam, "--reach", "200", "--step", "50")
    assert {t["side"] for t in tracks["tracks"]} == {"expressway", "ordinary"}
    place = SeamMover(plan, seam).tracks(reach_m=200, step_m=50).places[-1]
    moved = document("seam", path, "--seam", seam, "--segment", place.segment, "--offset", place.offset_m)
    near = document(
        "seam", path, "--seam", seam, "--at", f"{place.lon},{place.lat}", "--reach", "200", "--out", tmp_path / "m.gpkg"
    )
    assert moved["changes"]
    assert near["owner_gain_m"] == pytest.approx(moved["owner_gain_m"], abs=5)
    assert moved["option"]["convention"] == "agreed"
    assert open_plan(tmp_path / "m.gpkg").decisions[-1].kind == "place_seam"


def test_options_of_the_demo_need_no_tables(document):
    """The demo district brings its own cars and cases: minutes and cases are there without --units and --cases."""
    found = document("options", "demo", "--station", "东岗")
    assert all(o["response_s"] and o["cars_per_100km"] for o in found["options"])
    assert any(o["cases"] for o in found["options"])
    assert {o["convention"] for o in found["options"]} >= {"toll_island", "ramp_end", "plaza_outer_edge", "agreed"}
    assert ["local"] in [o["proposed_by"] for o in found["options"]]
