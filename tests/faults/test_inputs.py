"""Bad input through the command line: exit 3, one sentence, no traceback, the plan file as it was."""

from __future__ import annotations

import bz2
import gzip
import random
import subprocess
import sys
from pathlib import Path

import osmium
import pytest
from osmium.osm import mutable

import cli
from geo.errors import InputError
from geo.intake import admit_file
from geo.load import load_network
from geo.pbf import walk_blobs

VRT = (
    b"<OGRVRTDataSource><OGRVRTLayer name='roads'><SrcDataSource>/etc/passwd</SrcDataSource>"
    b"</OGRVRTLayer></OGRVRTDataSource>"
)
PLAN = b"a plan that must stay as it is"
LOSS_CODES = {"cut_file", "end_unproven", "missing_nodes"}


def run_cli(arguments: list[str], monkeypatch, capsys) -> tuple[int, str, str]:
    """Run the command line in this process; return exit code, stdout and the last line of stderr."""
    monkeypatch.setattr(sys, "argv", ["roadseam", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return stopped.value.code, out.out, out.err.strip().split("\n")[-1]


def osm_xml(body: str) -> bytes:
    """Return an OSM file in XML."""
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6'>{body}</osm>\n".encode()


def road(lat: str = "22.5", highway: str = "primary") -> str:
    """Return two nodes and a road between them."""
    return (
        f"<node id='1' lat='{lat}' lon='114.1'/><node id='2' lat='22.6' lon='114.1'/>"
        f"<way id='9'><nd ref='1'/><nd ref='2'/><tag k='highway' v='{highway}'/></way>"
    )


BAD = {
    "empty.osm": b"",
    "empty.osm.pbf": b"",
    "cut.osm": osm_xml(road())[:-60],
    "cut.osm.gz": gzip.compress(osm_xml(road()))[:-20],
    "cut.osm.bz2": bz2.compress(osm_xml(road()))[:-20],
    "random.osm.pbf": random.Random(1).randbytes(5_000),
    "random.osm": random.Random(2).randbytes(5_000),
    "page.osm": b"<!DOCTYPE html><html><body>Too many requests</body></html>",
    "page.osm.pbf": b"<html><head><title>404</title></head></html>",
    "paths.osm": osm_xml(road(highway="footway")),
    "nothing.osm": osm_xml(""),
    "nodes.osm": osm_xml("<node id='1' lat='22.5' lon='114.1'/>"),
    "far.osm": osm_xml(road(lat="222.5")),
    "nan.osm": osm_xml(road(lat="nan")),
    "words.osm": osm_xml(road(lat="north")),
    "no-nodes.osm": osm_xml("<way id='9'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/></way>"),
    "tags.osm": osm_xml(road()).replace(b"</way>", b"</node>"),
    "entity.osm": b"<!DOCTYPE osm [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + osm_xml(road()),
    "vrt.osm": VRT,
    "vrt.gpkg": VRT,
    "vrt.geojson": VRT,
    "vrt.shp": VRT,
    "vrt.osm.gz": gzip.compress(VRT),
    "picture.gpkg": b"\x89PNG\r\n\x1a\n" + bytes(90),
    "text.pbf": b"hello, I am no map\n",
    "table.csv": b"id,lon,lat\n1,114,22\n",
    "sqlite.gpkg": b"SQLite format 3\0" + bytes(4_000),
    "layer.geojson": b'{"type": "FeatureCollection", "features": []}',
    "class.geojson": (
        b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}, "geometry": '
        b'{"type": "LineString", "coordinates": [[114, 22], [114.1, 22]]}}]}'
    ),
    "depth.geojson": b'{"type": "FeatureCollection", "features": ' + b"[" * 200_000 + b"}",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_exit_3_and_one_sentence(name, tmp_path, monkeypatch, capsys):
    """Each kind of bad file: exit 3, its name in one sentence, nothing on stdout, the plan untouched (faults 16-43)."""
    path, plan = tmp_path / name, tmp_path / "plan.gpkg"
    path.write_bytes(BAD[name])
    plan.write_bytes(PLAN)
    code, out, sentence = run_cli(["split", str(path), "--out", str(plan), "--json"], monkeypatch, capsys)
    assert (code, out) == (3, "")
    assert name in sentence
    assert str(tmp_path) not in sentence
    assert plan.read_bytes() == PLAN
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({name, "plan.gpkg"})


@pytest.mark.parametrize(
    "source",
    [
        ".", "nowhere.osm", "no/such/folder/map.osm.pbf", "http://127.0.0.1:9/map.osm", "https://example.org/a.osm.pbf",
        "ftp://example.org/a.osm", "file:///etc/passwd", "/vsicurl/http://127.0.0.1:9/a.gpkg", "/vsizip/a.zip/b.shp",
        "PG:dbname=roads", "/dev/zero", "",
    ],
)  # fmt: skip
def test_no_local_file_is_exit_3(source, tmp_path, monkeypatch, capsys):
    """A folder, a missing file, an address, a connection text, a device: exit 3, and no connection (fault 44)."""
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was tried"))
    monkeypatch.chdir(tmp_path)
    code, out, sentence = run_cli(["load", source, "--out", "p.gpkg"], monkeypatch, capsys)
    assert (code, out) == (3, "")
    assert " / " in sentence
    assert list(tmp_path.iterdir()) == []


def test_bomb_ends_early_and_small(tmp_path):
    """A 1.5 GB bzip2 bomb dressed as a map ends in exit 3 within 30 CPU seconds and 2 GB, and so do its kin (fault 27)."""
    resource = pytest.importorskip("resource")
    zeros = bz2.compress(bytes(15_000_000)) * 100
    (tmp_path / "plain.osm.bz2").write_bytes(zeros)
    (tmp_path / "dressed.osm.bz2").write_bytes(bz2.compress(b"<osm version='0.6'>") + zeros)
    (tmp_path / "dressed.osm.gz").write_bytes(
        gzip.compress(b"<osm version='0.6'>") + gzip.compress(bytes(15_000_000)) * 100
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "cli", "split", str(tmp_path / "dressed.osm.bz2")],
        cwd=Path(cli.__file__).parent,
        capture_output=True,
        check=False,
        encoding="utf-8",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (30, 30)),
    )
    assert done.returncode == 3, done.stderr
    assert "炸弹" in done.stderr
    assert "Traceback" not in done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2_000_000
    for name, words in (("plain.osm.bz2", "二进制"), ("dressed.osm.gz", "炸弹")):
        with pytest.raises(InputError, match=words):
            load_network(tmp_path / name)


@pytest.fixture(scope="module")
def harrisburg(shared_data) -> bytes:
    """Return a PBF of 430 kB."""
    return (shared_data / "osm/us-harrisburg-2015.osm.pbf").read_bytes()


def outcome(path: Path) -> tuple[int, set[str]]:
    """Return the millimetres of a map and its finding codes; -1 where it is refused in one sentence."""
    try:
        network = load_network(path)
    except InputError:
        return -1, set()
    return network.length_mm, {f.code for f in network.findings}


def test_pbf_cut_anywhere_is_never_silently_shorter(harrisburg, tmp_path):
    """Cut at every fortieth of its length, a PBF is refused or says what it lost (faults 15, 22)."""
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(harrisburg)
    whole, _ = outcome(path)
    for part in range(40):
        path.write_bytes(harrisburg[: len(harrisburg) * part // 40])
        length, codes = outcome(path)
        assert length in {-1, whole} or codes & LOSS_CODES


def test_pbf_cut_between_blobs_is_never_silently_shorter(shared_data, tmp_path):
    """Cut at each blob boundary, where osmium reads on without a word, a PBF is refused or says so (fault 23)."""
    source = shared_data / "osm/ad-andorra-2026.osm.pbf"
    body, path = source.read_bytes(), tmp_path / "cut.osm.pbf"
    with source.open("rb") as file:
        ends = [blob.offset + blob.size for blob in walk_blobs(file, len(body))]
    whole, refused, doubted = outcome(source)[0], 0, 0
    unharmed = []
    for end in ends[:-1]:
        path.write_bytes(body[:end])
        try:
            admitted = admit_file(path)
        except InputError:
            refused += 1
            continue
        if "cut_file" in {f.code for f in admitted.findings}:
            doubted += 1
            continue
        unharmed.append(end)
    # Beyond the last road only relations follow; the earliest such cut is the one that could have lost most.
    path.write_bytes(body[: unharmed[0]])
    assert outcome(path)[0] == whole
    assert refused + doubted > len(ends) // 2
    assert doubted >= 1


def test_small_pbf_cut_between_blobs_loses_nothing_in_silence(harrisburg, tmp_path):
    """The same for a map without relations, whose last blob holds all of its roads (fault 23)."""
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(harrisburg)
    with path.open("rb") as file:
        ends = [blob.offset + blob.size for blob in walk_blobs(file, len(harrisburg))]
    for end in ends[:-1]:
        path.write_bytes(harrisburg[:end])
        assert outcome(path)[0] == -1


FLIP = """
import random, sys
from pathlib import Path
from geo.errors import InputError
from geo.load import load_network
source, folder, rounds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
whole, refused, read = source.read_bytes(), 0, 0
for seed in range(rounds):
    rng = random.Random(seed)
    body = bytearray(whole)
    for _ in range(rng.choice((1, 3, 20))):
        at = rng.randrange(min(len(body), 400) if seed % 4 == 0 else len(body))
        body[at] ^= 1 << rng.randrange(8)
    path = folder / ("flip" + "".join(source.suffixes))
    path.write_bytes(body)
    try:
        load_network(path)
        read += 1
    except InputError as error:
        assert "\\n" not in str(error), str(error)
        refused += 1
print(refused, read)
"""


@pytest.mark.parametrize(
    ("file", "rounds"),
    [("shenzhen.osm.pbf", 20), ("shenzhen.osm", 16), ("shenzhen.osm.gz", 6), ("shenzhen.osm.bz2", 5)],
)
def test_flipped_bytes_never_crash_the_reader(shared_data, tmp_path, file, rounds):
    """With bytes flipped a map is refused or read, in a process of its own that lives to the end (faults 24, 25)."""
    source = tmp_path / file
    if file.endswith("bz2"):
        source.write_bytes((shared_data / "osm/shenzhen-longgang-heao-2019.osm.bz2").read_bytes())
    else:
        writer = osmium.SimpleWriter(str(source))
        for thing in osmium.FileProcessor(str(shared_data / "osm/shenzhen-longgang-heao-2019.osm.bz2")):
            writer.add(thing)
        writer.close()
    done = subprocess.run(
        [sys.executable, "-c", FLIP, str(source), str(tmp_path), str(rounds)],
        cwd=Path(cli.__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    refused, read = map(int, done.stdout.split())
    assert refused + read == rounds
    assert refused > 0


def test_two_maps_in_one_file_are_refused(tmp_path):
    """Two documents joined in one gzip file are no map (fault 28)."""
    path = tmp_path / "two.osm.gz"
    path.write_bytes(gzip.compress(osm_xml(road())) * 2)
    assert outcome(path)[0] == -1


def test_odd_coordinates_leave_a_finding_or_a_sentence(tmp_path):
    """A road of which one point is out of range is refused, or read without that point and reported (fault 32)."""
    body = (
        road()
        + "<node id='3' lat='95' lon='114'/><way id='8'><nd ref='2'/><nd ref='3'/><tag k='highway' v='trunk'/></way>"
    )
    path = tmp_path / "far.osm"
    path.write_bytes(osm_xml(body))
    length, codes = outcome(path)
    assert length == -1 or codes


def test_pbf_of_one_way_that_lost_its_nodes_says_so(tmp_path):
    """A map whose road points are half missing is read up to the gap and reported (fault 30)."""
    path = tmp_path / "gap.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    for i in (1, 2, 4, 5):
        writer.add_node(mutable.Node(id=i, location=(114 + i / 1000, 22.5)))
    writer.add_way(mutable.Way(id=1, nodes=[1, 2, 3, 4, 5], tags={"highway": "primary"}))
    writer.close()
    length, codes = outcome(path)
    assert length > 0
    assert "missing_nodes" in codes
