"""Packs: what is in them, what is missing, what cannot be made; the command line and the page that order them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from geo.errors import InputError
from geo.travel import build_travel_graph
from patrol.day import plan_day
from patrol.solver import Search
from tests.views.papers.conftest import NUMBER, members, words_of
from views.console.paperjobs import PaperQuestion, papers
from views.crews import owners_of, targets_of, units_of
from views.papers.agenda import agenda_paper, count_open
from views.papers.changes import changes_paper, plan_before
from views.papers.crew import crew_docx
from views.papers.docx import write_docx
from views.papers.minutes import Meeting
from views.papers.order import Order
from views.papers.pack import PACKS, make_pack
from views.papers.tasks import tasks_paper


@pytest.fixture(scope="module")
def day(met):
    """Return a day planned for the demo district."""
    graph = build_travel_graph(met.derived.network)
    search = Search(iterations=20, seed=1)
    return plan_day(graph, units_of(met), targets_of(met), shift_h=8, owner_of_segment=owners_of(met), search=search)


def silent(_text):
    """Say nothing."""


def test_monthly_pack_holds_what_a_meeting_needs(met):
    """One zip: agenda, changes, limits, tasks, minutes, map, annex, and a list of what is missing; the same bytes."""
    order = Order(met, since="2026-11-10", meeting=Meeting(day="2026-11-25"))
    told = []
    data = make_pack(PACKS["monthly"], order, tell=lambda done, total, _stage: told.append((done, total)))
    files = members(data)
    wanted = [
        "议程.docx",
        "变化情况.docx",
        "管段表.docx",
        "任务清单.docx",
        "会议纪要.docx",
        "管辖总图.pdf",
        "附表.xlsx",
    ]
    assert [name[3:] for name in list(files)[:-1]] == wanted
    assert "印为草稿" in files["说明.txt"].decode("utf-8-sig")
    assert told[-1][0] == told[-1][1]
    assert data == make_pack(PACKS["monthly"], order)


def test_ticks_choose(met):
    """Only ticked papers are made; a pack of nothing is refused."""
    files = members(make_pack(PACKS["monthly"], Order(met), ticked=["limits"]))
    assert list(files) == ["01_管段表.docx", "说明.txt"]
    with pytest.raises(InputError, match="没有可以生成"):
        make_pack(PACKS["monthly"], Order(met), ticked=[])


def test_crew_sheets_need_a_day(met, day):
    """Without a planned day crew sheets cannot be made, and the sentence says why; with one each crew has its sheet."""
    with pytest.raises(InputError, match="还没有排班"):
        make_pack(PACKS["crew"], Order(met))
    files = members(make_pack(PACKS["crew"], Order(met, day=day)))
    assert sum(name.endswith(".gpx") for name in files) == len(day.routes)
    text = words_of(files["01_勤务单.docx"])
    assert text.count("巡查勤务单") >= len(day.routes)
    for route in day.routes:
        assert route.unit in text
    assert "没有安排勤务" in words_of(crew_docx(met, replace(day, routes=())))


def test_agenda_lists_open_items(met):
    """The agenda holds the open dispute with its days, the pending handover, the leak and the agreement's status."""
    text = words_of(write_docx(agenda_paper(met, day="2026-11-25")))
    for wanted in ("D-2026-02", "待议", NUMBER, "已签未生效", "月度联席会议议程"):
        assert wanted in text
    assert "D-2026-01" not in text
    assert count_open(met) == 1


def test_changes_since_a_day_or_a_version(met):
    """Changes count from a day or a version; a version the plan has not, and a word, are refused."""
    assert len(plan_before(met, "v3").decisions) == 3
    assert all(d.when <= "2026-11-10" for d in plan_before(met, "2026-11-10").decisions if d.when)
    text = words_of(write_docx(changes_paper(met, "2026-11-10")))
    assert "签署协议" in text
    assert "管辖变化" in text
    for wrong in ("v999", "yesterday"):
        with pytest.raises(InputError):
            changes_paper(met, wrong)


def test_tasks_by_agency(met):
    """Task lists name every target once, in Chinese words; a plan without targets says so."""
    text = words_of(write_docx(tasks_paper(met)))
    for target in targets_of(met):
        assert text.count(target.id) == 1
    assert "建筑控制区" in text
    assert "control_zone" not in text
    bare = replace(met, decisions=tuple(d for d in met.decisions if d.kind != "set_targets"))
    assert "没有巡查目标" in words_of(write_docx(tasks_paper(bare)))


@pytest.mark.parametrize(
    ("kind", "name", "start"),
    [
        ("agreement", "a.docx", b"PK"),
        ("minutes", "m.pdf", b"%PDF"),
        ("strip", "s.pdf", b"%PDF"),
        ("annex", "x.xlsx", b"PK"),
        ("limits", "l.zip", b"PK"),
    ],
)
def test_command_writes_by_suffix(tmp_path, kind, name, start):
    """``papers`` writes the kind asked for in the form the suffix names, and says what it holds and lacks."""
    document = papers("demo", PaperQuestion(kind, tmp_path / name), tell=silent)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert document["written"] == [{"file": name, "bytes": (tmp_path / name).stat().st_size}]
    assert json.loads(json.dumps(document))["contents"]


def test_command_writes_letters(tmp_path):
    """A transfer letter is made of a JSON file, also of the answer of ``owner`` with its draft inside."""
    data = tmp_path / "case.json"
    data.write_text(json.dumps({"transfer": {"place": "P", "from": "F", "to": "T", "reason": "R"}}), encoding="utf-8")
    papers("demo", PaperQuestion("transfer", tmp_path / "t.docx", data=data), tell=silent)
    assert "T：" in words_of((tmp_path / "t.docx").read_bytes())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "poem"}, "没有“poem”"),
        ({"out": "x.exe"}, "换后缀"),
        ({"out": "x.xlsx"}, "只能写成"),
        ({"kind": "transfer"}, "--data"),
        ({"paper": "B5"}, "A3 或 A4"),
        ({"only": ("poem",)}, "不在这套文书里"),
        ({"day": "yesterday"}, "不是日期"),
    ],
)
def test_command_refuses_what_it_cannot_do(tmp_path, changes, sentence):
    """Each wrong order is one sentence that says what to do."""
    given = {"kind": "limits", "out": "x.docx"} | changes
    question = PaperQuestion(**(given | {"out": tmp_path / given["out"]}))
    with pytest.raises(InputError, match=sentence):
        papers("demo", question, tell=silent)


def test_command_refuses_damaged_data(tmp_path):
    """A data file that is no JSON object is refused by name."""
    for body in ("{", "[1]", ""):
        data = tmp_path / "case.json"
        data.write_text(body, encoding="utf-8")
        with pytest.raises(InputError, match=r"case\.json"):
            papers("demo", PaperQuestion("transfer", tmp_path / "t.docx", data=data), tell=silent)
