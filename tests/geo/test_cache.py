from __future__ import annotations

import errno
import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geo import cache
from geo.cache import cache_folder, cached, make_key
from geo.findings import Finding, Severity
from geo.load import load_network
from geo.networkbytes import read_bytes, write_bytes
from tests.geo.doctor.drawing import draw, with_areas

HASH = "0" * 64


def road(name: str = "沿江高速"):
    """Return a small network with everything in it: tags, booth, station, area, finding, odd text."""
    points = {"a": (0, 0), "b": (100, 0), "c": (200, 0)}
    network = draw(points, [("a b c", {"name": name, "ref": "G98\ud800"})], booths={"b": "n2"})
    finding = Finding("x", Severity.NOTE, 2, "中", "en", 1.5, ((1.0, 2.0),), ("w1",))
    with_area = with_areas(network, [(0, 0), (10, 0), (10, 10), (0, 0)]).network
    return replace(with_area, stations=network.stations, findings=(finding,))


def same(a, b) -> bool:
    """Whether two networks are the same in every column, type and entry."""
    for room in ("nodes", "ways", "segments"):
        for name, column in vars(getattr(a, room)).items():
            other = getattr(getattr(b, room), name)
            if isinstance(column, np.ndarray) and not (column.dtype == other.dtype and np.array_equal(column, other)):
                return False
    texts = all(a.ways.text[tag].tolist() == b.ways.text[tag].tolist() for tag in a.ways.text)
    rings = all(
        np.array_equal(p, q)
        for x, y in zip(a.areas, b.areas, strict=True)
        for p, q in zip(x.rings, y.rings, strict=True)
    )
    plain = [(replace(x, rings=()), replace(y, rings=())) for x, y in zip(a.areas, b.areas, strict=True)]
    return (
        texts
        and rings
        and all(x == y for x, y in plain)
        and dict(a.nodes.tags) == dict(b.nodes.tags)
        and (a.source, a.stations, a.findings) == (b.source, b.stations, b.findings)
        and list(a.nodes.tags) == list(b.nodes.tags)
    )


def never():
    """Stand for a load that must not happen."""
    raise AssertionError


def fail(error: BaseException):
    """Return a function that raises an error."""

    def call(*_args, **_more):
        raise error

    return call


def the_file(folder: Path) -> Path:
    """Return the one network kept in a folder."""
    (file,) = folder.glob("*.network")
    return file


def test_second_time_is_from_the_cache(tmp_path):
    """A network is loaded once and comes back the same, column by column."""
    first = cached(HASH, road, folder=tmp_path / "new")
    again = cached(HASH, never, folder=tmp_path / "new")
    assert same(first, again)


@pytest.mark.parametrize("name", ["shenzhen-longgang-heao-2019.osm.bz2", "us-harrisburg-2015.osm.pbf"])
def test_real_maps(shared_data, name):
    """Real maps come back the same, and the bytes of what came back are the bytes of what was kept."""
    network = load_network(shared_data / "osm" / name)
    body = write_bytes(network)
    again = read_bytes(bytearray(body))
    assert same(network, again)
    assert write_bytes(again) == body


def test_other_settings_are_another_network(tmp_path):
    """The same file with other settings is loaded anew and kept beside the first."""
    cached(HASH, road, folder=tmp_path)
    other = cached(HASH, lambda: road("水官高速"), settings="mapping=2", folder=tmp_path)
    assert other.text("name", 0) == "水官高速"
    assert len(list(tmp_path.iterdir())) == 2


def test_another_schema_is_another_key(monkeypatch):
    """When a column, a tag or the version changes, nothing kept before is used."""
    keys = {make_key(HASH)}
    for name, value in (("SCHEMA_VERSION", 99), ("WAY_TAGS", ("highway",)), ("CLASS_OF_HIGHWAY", {})):
        with monkeypatch.context() as patch:
            patch.setattr(cache, name, value)
            keys.add(make_key(HASH))
    assert len(keys) == 4


@pytest.mark.parametrize(
    "at", ["cut", "empty", "flip-magic", "flip-digest", "flip-head", "flip-body", "longer", "text"]
)
def test_damaged_copy_is_rebuilt(tmp_path, at):
    """Faults 14 to 16: a damaged copy is never used; the map is loaded and the copy replaced, without a word."""
    cached(HASH, road, folder=tmp_path)
    file = the_file(tmp_path)
    body = bytearray(file.read_bytes())
    flips = {"flip-magic": 3, "flip-digest": 20, "flip-head": 70, "flip-body": len(body) - 200}
    if at in flips:
        body[flips[at]] ^= 4
    damaged = {"cut": body[:-64], "empty": b"", "longer": body + b"\0", "text": b"<html>" * 50}
    file.write_bytes(damaged.get(at, body))
    assert same(cached(HASH, road, folder=tmp_path), road())
    assert same(cached(HASH, never, folder=tmp_path), road())


def test_every_cut_is_seen(tmp_path):
    """Fault 15: a copy cut at any fortieth is rebuilt."""
    cached(HASH, road, folder=tmp_path)
    file = the_file(tmp_path)
    body = file.read_bytes()
    for k in range(40):
        file.write_bytes(body[: len(body) * k // 40])
        assert cache._read(file) is None


def test_a_hash_over_nonsense_is_no_network(tmp_path):
    """A file whose hash is right but whose content is no network is rebuilt too."""
    cached(HASH, road, folder=tmp_path)
    for body in (b"", b"\xff" * 64, (2).to_bytes(8, "little") + b"{}", (9).to_bytes(8, "little") + b'{"a":[]} '):
        the_file(tmp_path).write_bytes(cache._MAGIC + cache.hashlib.sha256(body).digest() + body)
        assert cache._read(the_file(tmp_path)) is None


class _FullDisk(io.BytesIO):
    """A file on a full disk."""

    def write(self, _body):
        raise OSError(errno.ENOSPC, "full")


@pytest.mark.parametrize("step", ["replace", "write"])
def test_failing_disk(tmp_path, monkeypatch, step):
    """Faults 3 and 4: when the disk fails at any step the network is returned and no half file stays."""
    if step == "replace":
        monkeypatch.setattr(cache.Path, "replace", fail(OSError(errno.ENOSPC, "full")))
    else:
        monkeypatch.setattr(cache.os, "fdopen", lambda handle, _mode: os.close(handle) or _FullDisk())
    assert same(cached(HASH, road, folder=tmp_path), road())
    assert list(tmp_path.iterdir()) == []


def test_stopped_while_writing(tmp_path, monkeypatch):
    """Fault 2: a writer that is stopped leaves no half file, and the stop is passed on."""
    monkeypatch.setattr(cache.Path, "replace", fail(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        cached(HASH, road, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_folder_to_be_had(tmp_path):
    """Fault 5: where the cache folder cannot be made the map is loaded as ever."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert same(cached(HASH, road, folder=tmp_path / "file"), road())


def test_errors_of_loading_are_passed_on(tmp_path):
    """What loading says about the map reaches the caller, and nothing is kept."""
    with pytest.raises(ValueError, match="map"):
        cached(HASH, fail(ValueError("map")), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_least_recently_used_goes_first(tmp_path):
    """When the cap is passed, what was used longest ago is deleted; using a network keeps it."""
    size = 0
    for k in range(3):
        cached(HASH, road, settings=str(k), folder=tmp_path)
        file = tmp_path / f"{make_key(HASH, str(k))}.network"
        size = file.stat().st_size
        os.utime(file, ns=(k * 10**9, k * 10**9))
    cached(HASH, never, settings="0", folder=tmp_path)
    cached(HASH, road, settings="3", folder=tmp_path, max_bytes=3 * size)
    left = {file.stem for file in tmp_path.iterdir()}
    assert left == {make_key(HASH, k) for k in ("0", "2", "3")}


def test_too_large_is_not_kept(tmp_path):
    """A network larger than the whole cache is returned and not kept."""
    cached(HASH, road, folder=tmp_path, max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


def test_left_overs_are_swept(tmp_path):
    """Fault 6: temporary files of writers that died long ago go, fresh ones and strangers' files stay."""
    for name in ("old.part", "fresh.part", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    os.utime(tmp_path / "old.part", ns=(0, 0))
    os.utime(tmp_path / "notes.txt", ns=(0, 0))
    cached(HASH, road, folder=tmp_path)
    assert {f.name for f in tmp_path.iterdir() if f.suffix != ".network"} == {"fresh.part", "notes.txt"}


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "base/roadseam"),
        ("win32", "LOCALAPPDATA", "base/roadseam/Cache"),
        ("linux", "", "home/.cache/roadseam"),
        ("darwin", "", "home/Library/Caches/roadseam"),
        ("win32", "", "home/AppData/Local/roadseam/Cache"),
    ],
)
def test_folder_of_the_platform(tmp_path, monkeypatch, platform, variable, expected):
    """The cache lies where each platform keeps caches."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "ROADSEAM_CACHE"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "base"))
    monkeypatch.setattr(cache.sys, "platform", platform)
    monkeypatch.setattr(cache.Path, "home", lambda: tmp_path / "home")
    assert cache_folder() == tmp_path / expected


def test_folder_by_the_variable(tmp_path, monkeypatch):
    """``ROADSEAM_CACHE`` names the folder, and ``off`` switches the cache off."""
    monkeypatch.setenv("ROADSEAM_CACHE", str(tmp_path / "here"))
    cached(HASH, road)
    assert the_file(tmp_path / "here").is_file()
    monkeypatch.setenv("ROADSEAM_CACHE", "off")
    assert cache_folder() is None
    assert same(cached(HASH, road), road())


def test_no_home(monkeypatch):
    """A user without a home folder has no cache and no error."""
    monkeypatch.delenv("ROADSEAM_CACHE", raising=False)
    monkeypatch.setattr(cache.Path, "home", fail(RuntimeError("no home")))
    assert cache_folder() is None


def test_what_came_back_can_be_worked_with(tmp_path):
    """Arrays from the cache are of this machine's byte order and may be handed to code that wants to write."""
    cached(HASH, road, folder=tmp_path)
    network = cached(HASH, never, folder=tmp_path)
    for table in (network.nodes, network.ways, network.segments):
        for column in vars(table).values():
            if isinstance(column, np.ndarray):
                assert column.dtype.isnative
                assert column.flags.writeable
                assert column.flags.aligned
