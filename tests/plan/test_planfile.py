from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from plan import atomic
from plan.decisions import Decision
from plan.model import Plan
from plan.planfile import SCHEMA_VERSION, SaveError, is_plan, open_plan, save_plan
from tests.builders import make_network
from tests.plan.test_decisions import decisions
from tests.sketches import expressway_with_ramp

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """Return a plan with two decisions."""
    made = (
        Decision("choose_convention", "*", {"convention": "ramp_end"}, who="区大队", when="2026-11-25", why="商定"),
        Decision("comment", "c1", {"text": "'; DROP TABLE roadseam_meta; --"}),
    )
    return Plan(expressway_with_ramp().load(tmp_path_factory.mktemp("planfile")), made, "梅坞 «方案»")


def meta(path):
    """Return the header of a plan file."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, value FROM roadseam_meta"))


def test_round_trip(plan, tmp_path):
    """A plan saved and opened has the same title, decisions, owners and ledger."""
    save_plan(tmp_path / "a.gpkg", plan)
    again = open_plan(tmp_path / "a.gpkg")
    assert (again.title, again.decisions) == (plan.title, plan.decisions)
    assert again.network.segment_ids == plan.network.segment_ids
    assert again.derived.owner == plan.derived.owner
    assert again.derived.ledger == plan.derived.ledger


SMALL = make_network({1: (0.0, 0.0), 2: (0.01, 0.0)}, [(10, [1, 2], {"highway": "primary", "name": "a"})])
readable = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=15)
@given(st.lists(decisions.filter(lambda d: d.kind == "comment"), max_size=4), readable)
def test_any_words_survive(tmp_path_factory, made, title):
    """Fault 53: decisions and titles of any characters, quotes and SQL too, come back as they were."""
    path = tmp_path_factory.mktemp("words") / "a.gpkg"
    save_plan(path, Plan(SMALL, tuple(made), title))
    again = open_plan(path)
    assert (again.decisions, again.title) == (tuple(made), title)


def test_same_plan_same_bytes(plan, tmp_path):
    """Fault 68: saving a plan twice, and saving what was opened, gives the same bytes."""
    save_plan(tmp_path / "a.gpkg", plan)
    save_plan(tmp_path / "b.gpkg", plan)
    save_plan(tmp_path / "c.gpkg", open_plan(tmp_path / "a.gpkg"))
    assert len({(tmp_path / name).read_bytes() for name in ("a.gpkg", "b.gpkg", "c.gpkg")}) == 1


def test_header(plan, tmp_path):
    """The header tells version, coordinate system, licence and hashes."""
    save_plan(tmp_path / "a.gpkg", plan)
    found = meta(tmp_path / "a.gpkg")
    assert found["schema_version"] == str(SCHEMA_VERSION)
    assert found["crs"] == "EPSG:4326"
    assert "OpenStreetMap" in found["licence"]
    assert len(found["sha256"]) == len(found["network_sha256"]) == 64


def test_is_plan(plan, tmp_path):
    """A plan is one; an empty file, a text, a database without our tables and a missing file are none."""
    save_plan(tmp_path / "a.gpkg", plan)
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("hello")
    with closing(sqlite3.connect(tmp_path / "other")) as connection, connection:
        connection.execute("CREATE TABLE t (a)")
    (tmp_path / "cut").write_bytes((tmp_path / "a.gpkg").read_bytes()[:1000])
    assert is_plan(tmp_path / "a.gpkg")
    assert not any(is_plan(tmp_path / name) for name in ("empty", "text", "other", "missing", "cut"))
    assert not is_plan(tmp_path)


def test_strange_names(plan, tmp_path):
    """Fault 45: plans live under names with spaces, percent, hash, question mark and Chinese, long ones too."""
    for name in ("a b%20c#d?e.gpkg", "方案 «一».gpkg", "长" * 80 + ".gpkg", "-rf.gpkg"):
        save_plan(tmp_path / name, plan)
        assert is_plan(tmp_path / name)
        assert open_plan(tmp_path / name).title == plan.title
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".gpkg"] * 4


def test_titles_no_file_can_hold(tmp_path):
    """Fault 45: a title with bytes that are no text, as from a file name, is saved with question marks."""
    save_plan(tmp_path / "a.gpkg", Plan(SMALL, (), "map\udcff.osm"))
    assert open_plan(tmp_path / "a.gpkg").title == "map?.osm"


def test_decisions_no_text_can_hold(tmp_path):
    """A decision with bytes that are no text is refused in one sentence, and leaves nothing behind."""
    with pytest.raises(SaveError):
        save_plan(tmp_path / "a.gpkg", Plan(SMALL, (Decision("comment", "c\udcff"),)))
    assert list(tmp_path.iterdir()) == []


def test_missing_folder(plan, tmp_path):
    """Saving into a folder that is not there is refused in one sentence."""
    with pytest.raises(SaveError, match=r"a\.gpkg"):
        save_plan(tmp_path / "none" / "a.gpkg", plan)


def test_target_is_a_folder(plan, tmp_path):
    """Saving over a folder is refused in one sentence, and leaves nothing behind."""
    (tmp_path / "a.gpkg").mkdir()
    with pytest.raises(SaveError):
        save_plan(tmp_path / "a.gpkg", plan)
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


def test_an_agency_layer_is_not_overwritten(plan, tmp_path):
    """A GeoPackage of roads is not overwritten by a plan, an empty or a damaged file is."""
    with closing(sqlite3.connect(tmp_path / "roads.gpkg")) as connection, connection:
        connection.execute("CREATE TABLE roads (a)")
    before = (tmp_path / "roads.gpkg").read_bytes()
    with pytest.raises(SaveError, match="another name"):
        save_plan(tmp_path / "roads.gpkg", plan)
    assert (tmp_path / "roads.gpkg").read_bytes() == before
    for name, body in (("empty.gpkg", b""), ("damaged.gpkg", b"x" * 5000)):
        (tmp_path / name).write_bytes(body)
        save_plan(tmp_path / name, plan)
        assert is_plan(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_rights_are_kept(plan, tmp_path, mode):
    """Saving over a plan keeps its rights: a private plan does not become readable by all."""
    path = tmp_path / "a.gpkg"
    save_plan(path, plan)
    path.chmod(mode)
    save_plan(path, plan.undo())
    assert path.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize(
    ("answer", "expected"), [(None, True), (ProcessLookupError, False), (PermissionError, True), (OverflowError, True)]
)
def test_who_is_still_saving(monkeypatch, answer, expected):
    """Fault 6: a draft counts as left over only when the system knows that its process is gone."""

    def ask(_process, signal):
        assert signal == 0
        if answer:
            raise answer

    monkeypatch.setattr(atomic.os, "kill", ask)
    assert atomic._is_running(4242) is expected


def test_who_is_still_saving_on_windows(monkeypatch):
    """On Windows, where asking would end the process, every draft counts as somebody's."""
    monkeypatch.setattr(atomic.os, "name", "nt")
    monkeypatch.setattr(atomic.os, "kill", lambda *_: pytest.fail("asked"))
    running, folder = atomic._is_running(4242), HERE
    atomic.flush(folder)
    monkeypatch.undo()
    assert running


@pytest.mark.parametrize("value", ["", "x", "1.5"])
def test_a_header_that_is_no_number(plan, tmp_path, value):
    """A plan whose version is no number is called damaged."""
    path = tmp_path / "a.gpkg"
    save_plan(path, plan)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE roadseam_meta SET value = ? WHERE key = 'schema_version'", (value,))
    with pytest.raises(InputError, match="damaged"):
        open_plan(path)
