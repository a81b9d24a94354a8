"""The map file: what goes in comes out, byte for byte the same each time, small, and refused when damaged."""

from __future__ import annotations

import gzip
import string
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.columns import TextColumn
from geo.errors import InputError
from tests.views.map.samples import ODD_NAMES, PAYLOADS, make_points, make_roads, owner_styles
from views.catalogue import Words
from views.map import CardColumn, MapMeta, PointTable, RoadTable, decode_map, encode_map, fill_text
from views.map.encode import open_map
from views.map.packing import pack_ints, unpack_ints
from views.map.palette import STATION

INT64 = st.integers(-(2**63), 2**63 - 1)


def assert_same(before: RoadTable | PointTable, after: RoadTable | PointTable) -> None:
    """Check every column of two tables, coordinates to the 1e-6 degrees of the file."""
    assert type(before) is type(after)
    assert (list(before.ids), before.kind, before.key, before.title, before.shown) == (
        list(after.ids),
        after.kind,
        after.key,
        after.title,
        after.shown,
    )
    assert np.abs(before.lon - after.lon).max(initial=0) < 6e-7
    assert np.abs(before.lat - after.lat).max(initial=0) < 6e-7
    assert before.style.tolist() == after.style.tolist()
    assert before.styles == after.styles
    for one, two in zip(before.cards, after.cards, strict=True):
        assert (one.label, one.values.tolist()) == (two.label, two.values.tolist())
    if isinstance(before, RoadTable) and isinstance(after, RoadTable):
        assert before.ptr.tolist() == after.ptr.tolist()
        assert before.rank.tolist() == after.rank.tolist()
        for name in ("names", "refs", "before", "expressway"):
            one, two = getattr(before, name), getattr(after, name)
            assert (one is None) == (two is None)
            assert one is None or one.tolist() == two.tolist()
    if isinstance(before, PointTable) and isinstance(after, PointTable):
        assert before.labels.tolist() == after.labels.tolist()


@given(st.lists(INT64, max_size=40), st.booleans())
def test_any_integers_survive_packing(values: list[int], delta: bool) -> None:
    """Every int64 column comes back from its byte planes, with or without differences."""
    data, width = pack_ints(np.array(values, dtype=np.int64), delta=delta)
    assert unpack_ints(data, len(values), width=width, delta=delta).tolist() == values


def test_tables_and_meta_come_back() -> None:
    """Roads, points, styles, cards, title and provenance are read back as they were written."""
    roads, points = make_roads(), make_points()
    meta = MapMeta(Words("示范区", "Demo"), ((Words("版本", "Version"), "v37"),))
    (one, two), read = decode_map(encode_map([roads, points], meta=meta))
    assert_same(roads, one)
    assert_same(points, two)
    assert read == meta
    assert isinstance(one, RoadTable)
    assert one.length_m is not None
    assert np.abs(one.length_m - 1900.25).max() <= 0.05


@given(
    st.lists(
        st.tuples(INT64, INT64, INT64, st.text(st.characters(exclude_categories=()), max_size=20), st.integers(0, 5)),
        max_size=12,
    )
)
def test_any_ids_and_names_survive(rows: list[tuple[int, int, int, str, int]]) -> None:
    """Any way and node ids, negative or beyond 2**53 (fault 31), and any names (fault 39) survive the file."""
    n = len(rows)
    counts = np.array([row[4] for row in rows], dtype=np.int64)
    ptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    rng = np.random.default_rng(n)
    table = RoadTable(
        ptr=ptr,
        lon=rng.uniform(-180, 180, ptr[-1]),
        lat=rng.uniform(-90, 90, ptr[-1]),
        style=np.zeros(n, np.uint8),
        rank=np.zeros(n, np.uint8),
        ids=[f"w{a}/{b}-{c}" for a, b, c, _, _ in rows],
        styles=owner_styles(),
        names=TextColumn.from_strings([row[3] for row in rows]) if n else fill_text(0),
    )
    (read,), _ = decode_map(encode_map([table]))
    clean = ["".join("�" if "\ud800" <= c <= "\udfff" else c for c in row[3]) for row in rows]
    assert isinstance(read, RoadTable)
    assert read.names is not None
    assert read.names.tolist() == clean
    assert_same(replace(table, names=None), replace(read, names=None))


@pytest.mark.parametrize(
    "text", ["w1/2-3#1", "w01/2-3", "w-0/2-3", "w1/2-3@12.5", "route 7", f"w{2**63}/1-2", "", "w1/2--3"]
)
def test_ids_of_any_form_survive(text: str) -> None:
    """An id that is no plain segment id, or overflows 64 bits, travels as text beside plain ones."""
    roads = make_roads(ids=("w5/6-7", text, "w-8/-9--10"))
    (read,), _ = decode_map(encode_map([roads]))
    assert list(read.ids) == ["w5/6-7", text, "w-8/-9--10"]


@pytest.mark.parametrize("name", ODD_NAMES + PAYLOADS, ids=lambda name: ascii(name)[:30])
def test_hostile_names_survive(name: str) -> None:
    """Right-to-left, emoji, NUL, 10 kB and attack texts (faults 39 and 56) come back letter by letter."""
    roads, points = make_roads((name, "a", "b")), make_points((name, "", "c"))
    expected = name.replace("\ud800", "�")
    (one, two), _ = decode_map(encode_map([roads, points]))
    assert isinstance(one, RoadTable)
    assert isinstance(two, PointTable)
    assert one.names is not None
    assert one.names[0] == two.labels[0] == one.cards[0].values[0] == expected


def test_same_tables_give_the_same_bytes() -> None:
    """Five encodings of equal tables are equal byte for byte, and gzip holds no time."""
    made = {encode_map([make_roads(), make_points()]) for _ in range(5)}
    assert len(made) == 1
    assert next(iter(made))[4:8] == b"\0\0\0\0"


def test_empty_tables_are_a_map() -> None:
    """No tables, and tables without a row (fault 36), make a file that can be read."""
    assert decode_map(encode_map([]))[0] == ()
    nothing = np.zeros(0)
    roads = RoadTable(
        ptr=np.zeros(1, np.int32),
        lon=nothing,
        lat=nothing,
        style=np.zeros(0, np.uint8),
        rank=np.zeros(0, np.uint8),
        ids=(),
        styles=owner_styles(),
        names=fill_text(0),
        length_m=nothing,
    )
    points = PointTable(nothing, nothing, np.zeros(0, np.uint8), (), fill_text(0), (STATION,))  # fmt: skip
    one, two = decode_map(encode_map([roads, points]))[0]
    assert_same(roads, one)
    assert_same(points, two)


def test_pools_carry_only_texts_in_use() -> None:
    """A text of the pool that no row uses stays at home: a part of a table leaks nothing of the rest."""
    column = TextColumn.from_strings(["secret", "open", "open"]).take(np.array([1, 2, 1]))
    roads = replace(make_roads(), names=column, cards=(CardColumn(Words("x"), column, english=("", "hidden", "en")),))
    header, _ = open_map(encode_map([roads]))
    assert header["tables"][0]["names"] == ["", "open"]
    assert header["tables"][0]["cards"][0]["english"] == ["", "en"]
    assert "secret" not in str(header)
    assert "hidden" not in str(header)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"lon": np.full(9, np.nan)}, "coordinate"),
        ({"lat": np.full(9, 91.0)}, "coordinate"),
        ({"lat": np.zeros(8)}, "lon and lat"),
        ({"ptr": np.array([0, 3, 6, 8], np.int32)}, "ptr"),
        ({"ptr": np.array([0, 6, 3, 9], np.int32)}, "ptr"),
        ({"style": np.array([0, 1, 3], np.uint8)}, "style"),
        ({"before": np.array([0, 1, 3], np.uint8)}, "before"),
        ({"rank": np.array([0, 1, 10], np.uint8)}, "rank"),
        ({"rank": np.zeros(2, np.uint8)}, "rank"),
        ({"length_m": np.array([1, np.inf, 2])}, "length"),
        ({"names": fill_text(2)}, "names"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused(change: dict[str, object], part: str) -> None:
    """A missing coordinate (fault 32) or columns that do not fit raise one sentence that names the column."""
    with pytest.raises(InputError, match=part):
        encode_map([replace(make_roads(), **change)])  # type: ignore[arg-type]


def test_two_tables_of_one_key_are_refused() -> None:
    """Layer switch and selection go by key, so a key may stand once."""
    with pytest.raises(InputError, match="twice"):
        encode_map([make_roads(), make_roads()])


def test_damaged_files_are_refused() -> None:
    """A file cut at each fortieth of its length, or with bytes of another kind, raises InputError and nothing else."""
    data = encode_map([make_roads(), make_points()])
    raw = gzip.decompress(data)
    cut = [data[: len(data) * k // 40] for k in range(40)]
    cut += [gzip.compress(raw[: len(raw) * k // 40]) for k in range(40)]
    cut += [b"<html>", gzip.compress(b"RSMF"), gzip.compress(raw[:4] + b"\x09\0\0\0" + raw[8:])]
    for bad in cut:
        with pytest.raises(InputError):
            decode_map(bad)


def test_district_is_small() -> None:
    """A winding district of 10,000 segments with ids, names and reasons takes less than half a megabyte."""
    rng = np.random.default_rng(7)
    n = 10_000
    count = rng.integers(2, 8, n)
    ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    walk = np.cumsum(rng.normal(0, 3e-4, (ptr[-1], 2)), axis=0)
    nodes = np.cumsum(rng.integers(1, 4000, n + 1)) + 1_000_000_000
    names = [string.ascii_letters[k % 40] * 3 for k in rng.integers(0, 900, n)]
    table = RoadTable(
        ptr=ptr,
        lon=118.7 + walk[:, 0],
        lat=31.3 + np.clip(walk[:, 1], -1, 1),
        style=rng.integers(0, 3, n).astype(np.uint8),
        rank=rng.integers(0, 8, n).astype(np.uint8),
        ids=[f"w{500_000 + k // 4}/{nodes[k]}-{nodes[k + 1]}" for k in range(n)],
        styles=owner_styles(),
        names=TextColumn.from_strings(names),
    )
    assert len(encode_map([table])) < 500_000
