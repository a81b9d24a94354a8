from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from hypothesis import given, settings

from geo.errors import InputError
from geo.load import complete
from geo.network import Network
from plan import columns as module
from plan.columns import hash_columns, pack_network, unpack_network
from tests.builders import make_network
from tests.jurisdiction.test_ownership import towns
from tests.sketches import expressway_with_ramp


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Return a network with stations, an area and a finding."""
    sketch = expressway_with_ramp()
    sketch.put(p=(0, 900), q=(100, 900), r=(100, 990))
    sketch.outline("p q r", highway="services", name="青石服务区 {{ 7*7 }}")
    sketch.ways.append((400, ["o0", "o1"], {"highway": "primary", "oneway": "maybe", "name": "a\u0085b"}))
    return sketch.load(tmp_path_factory.mktemp("columns"))


def same(a: Network, b: Network) -> bool:
    """Whether two networks hold the same, array by array with dtypes."""
    pairs = [
        (getattr(getattr(a, room), name), getattr(getattr(b, room), name))
        for room, names in (("nodes", module._NODES), ("ways", module._WAYS), ("segments", module._SEGMENTS))
        for name in names
    ]
    pairs += [(a.ways.text[tag].codes, b.ways.text[tag].codes) for tag in a.ways.text]
    rings = [(x, y) for m, n in zip(a.areas, b.areas, strict=True) for x, y in zip(m.rings, n.rings, strict=True)]
    plain = [
        (n.source, dict(n.nodes.tags), {tag: c.pool for tag, c in n.ways.text.items()}, n.stations, n.findings)
        for n in (a, b)
    ]
    named = [[(x.id, x.kind, x.name, dict(x.tags)) for x in n.areas] for n in (a, b)]
    return (
        all(x.dtype == y.dtype and np.array_equal(x, y) for x, y in [*pairs, *rings])
        and plain[0] == plain[1]
        and named[0] == named[1]
    )


def test_round_trip(network):
    """A network packed and unpacked is the same, with its stations, areas and findings."""
    assert network.areas
    assert network.findings
    assert same(unpack_network(pack_network(network)), network)


@settings(max_examples=40)
@given(towns())
def test_round_trip_of_any_town(town):
    """Any small town survives packing, and packing it again gives the same bytes."""
    network = complete(make_network(*town))
    packed = pack_network(network)
    again = unpack_network(packed)
    assert same(again, network)
    assert pack_network(again) == packed


def test_hash_sees_every_column(network):
    """Changing name, type or one byte of any column changes the hash."""
    packed = pack_network(network)
    seen = {hash_columns(packed)}
    for name, (dtype, blob) in packed.items():
        body = bytearray(zlib.decompress(blob) or b"x")
        body[len(body) // 2] ^= 1
        seen.add(hash_columns({**packed, name: (dtype, zlib.compress(bytes(body)))}))
        seen.add(hash_columns({**packed, name: (dtype + "?", blob)}))
    assert len(seen) == 1 + 2 * len(packed)


def test_order_of_columns_does_not_matter(network):
    """The hash does not depend on the order in which columns are read."""
    packed = pack_network(network)
    assert hash_columns(dict(reversed(packed.items()))) == hash_columns(packed)


def broken(packed, name, value):
    """Return the columns with one of them replaced."""
    if isinstance(value, np.ndarray):
        return {**packed, name: (value.dtype.str, zlib.compress(value.tobytes()))}
    return {**packed, name: ("json", zlib.compress(json.dumps(value).encode()))}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("segments.u", np.full(3, 0, dtype=np.int32)),
        ("segments.way", np.full(14, 99_999, dtype=np.int32)),
        ("ways.refs", np.full(28, -1, dtype=np.int32)),
        ("ways.ptr", np.zeros(2, dtype=np.int32)),
        ("nodes.lon", np.zeros(1)),
        ("text.name", np.full(12, 2**30, dtype=np.int32)),
        ("nodes.tags", [[99_999, {"barrier": "gate"}]]),
        ("nodes.tags", {"a": "b"}),
        ("text", []),
        ("source", {"name": "x"}),
        ("stations", [{"id": "x"}]),
        ("areas", [1]),
        ("findings", [{"places": [[1]]}]),
    ],
)
def test_columns_that_do_not_fit_are_refused(network, name, value):
    """Columns of wrong length, with rows outside their table or of another form are refused in one sentence."""
    with pytest.raises(InputError, match="damaged"):
        unpack_network(broken(pack_network(network), name, value))


def test_a_station_with_a_booth_outside_is_refused(network):
    """A station whose booth is no node of the network is refused."""
    packed = pack_network(network)
    stations = json.loads(zlib.decompress(packed["stations"][1]))
    stations[0]["booths"] = [10**6]
    with pytest.raises(InputError):
        unpack_network(broken(packed, "stations", stations))


@pytest.mark.parametrize("blob", [b"", b"no zlib", zlib.compress(b"x" * 1000)[:-8]])
def test_cut_columns_are_refused(network, blob):
    """An empty, foreign or cut column is refused."""
    packed = pack_network(network)
    with pytest.raises(InputError):
        unpack_network({**packed, "segments.u": (packed["segments.u"][0], blob)})


def test_missing_column_is_refused(network):
    """A plan that lacks a column is refused."""
    packed = pack_network(network)
    del packed["ways.refs"]
    with pytest.raises(InputError):
        unpack_network(packed)


def test_a_column_that_is_a_bomb_is_refused(network, monkeypatch):
    """Fault 27: a column that unpacks to more than any network needs is refused, one of that size is not."""
    packed = pack_network(network)
    largest = max(len(zlib.decompress(blob)) for _, blob in packed.values())
    monkeypatch.setattr(module, "MOST_BYTES", largest)
    assert same(unpack_network(packed), network)
    monkeypatch.setattr(module, "MOST_BYTES", largest - 1)
    with pytest.raises(InputError):
        unpack_network(packed)
    with pytest.raises(ValueError, match="far more"):
        hash_columns(packed)
