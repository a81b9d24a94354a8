from __future__ import annotations

import numpy as np
import pytest

from geo.update import ChangeKind, carry_ids, compare_networks, update_findings
from tests.builders import make_network
from tests.geo.redraw import load_shared, longgang, redraw, segments_of  # noqa: F401 - a fixture

ADDED, REMOVED, MOVED = ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.MOVED
G15 = 184373319
"""A ramp of the G15 at Longgang."""


def kinds(update) -> dict[str, int]:
    """Return kind to millimetres."""
    return {str(change.kind): change.total_mm for change in update.changes}


def closes(update) -> bool:
    """Whether each map is what was kept and what was not."""
    old, new = update.kept_mm
    gone, made = update.length_mm(REMOVED), update.length_mm(ADDED)
    return old + gone == update.old.length_mm and new + made == update.new.length_mm


def busiest_way(network) -> int:
    """Return the id of the first way with three segments."""
    pieces = np.bincount(network.segments.way)
    return int(network.ways.id[np.flatnonzero(pieces == 3)[0]])


def test_same_map(longgang):  # noqa: F811
    """Nothing changed on the same map, and each segment keeps its id."""
    update = compare_networks(longgang, redraw(longgang))
    assert update.changes == ()
    assert closes(update)
    assert all(update.carried[text] == (text,) for text in longgang.segment_ids)


@pytest.mark.parametrize("way", [G15, 42689591])
def test_removed_way(longgang, way):  # noqa: F811
    """A way taken away is removed with exactly its millimetres; roads it cut stay, joined together."""
    new = redraw(longgang, change=lambda line: [] if line[0] == way else [line])
    lost = int(longgang.segments.length_mm[segments_of(longgang, way)].sum())
    update = compare_networks(longgang, new)
    assert kinds(update) == {"removed": lost}
    assert closes(update)
    back = compare_networks(new, longgang)
    assert kinds(back) == {"added": lost}
    assert closes(back)


def test_ids_after_a_removed_way(longgang):  # noqa: F811
    """Segments that grow together because their junction went still lead to the road they became."""
    new = redraw(longgang, change=lambda line: [] if line[0] == G15 else [line])
    carried = carry_ids(longgang, new)
    gone = {longgang.segment_ids[k] for k in segments_of(longgang, G15)}
    assert set(longgang.segment_ids) - set(carried) == gone
    assert {text for ids in carried.values() for text in ids} == set(new.segment_ids)


def test_reclassified(longgang):  # noqa: F811
    """A way of another class counts with all its millimetres and keeps its ids."""
    way = busiest_way(longgang)
    new = redraw(
        longgang,
        change=lambda line: [(line[0], line[1], line[2] | {"highway": "motorway_link"})] if line[0] == way else [line],
    )
    metres = int(longgang.segments.length_mm[segments_of(longgang, way)].sum())
    assert kinds(compare_networks(longgang, new))["reclassified"] == metres


@pytest.mark.parametrize(
    ("tags", "kind"), [({"name": "新名"}, "renamed"), ({"ref": "S99"}, "renamed"), ({"lanes": "7"}, None)]
)
def test_renamed(longgang, tags, kind):  # noqa: F811
    """Another name or number is a new name; another number of lanes is not."""
    way = busiest_way(longgang)
    new = redraw(longgang, change=lambda line: [(line[0], line[1], line[2] | tags)] if line[0] == way else [line])
    metres = int(longgang.segments.length_mm[segments_of(longgang, way)].sum())
    assert kinds(compare_networks(longgang, new)) == ({kind: metres} if kind else {})


def street(**tags: str):
    """Return a street of two segments with a side street."""
    nodes = {1: (114.0, 22.0), 2: (114.002, 22.0), 3: (114.004, 22.0), 4: (114.002, 22.002)}
    return make_network(nodes, [(10, [1, 2, 3], {"highway": "primary"} | tags), (11, [2, 4], {"highway": "service"})])


def turned(**tags: str):
    """Return the same street drawn from the other end."""
    nodes = {1: (114.0, 22.0), 2: (114.002, 22.0), 3: (114.004, 22.0), 4: (114.002, 22.002)}
    return make_network(nodes, [(10, [3, 2, 1], {"highway": "primary"} | tags), (11, [2, 4], {"highway": "service"})])


@pytest.mark.parametrize(
    ("old", "new", "redirected"),
    [
        (street(), street(oneway="yes"), True),
        (street(oneway="yes"), street(oneway="-1"), True),
        (street(oneway="yes"), turned(oneway="-1"), False),
        (street(oneway="yes"), turned(oneway="yes"), True),
        (street(), turned(), False),
    ],
)
def test_redirected(old, new, redirected):
    """The direction of travel counts, not the direction of drawing."""
    update = compare_networks(old, new)
    metres = int(old.segments.length_mm[:2].sum())
    assert kinds(update) == ({"redirected": metres} if redirected else {})
    assert update.carried["w10/1-2"] == (new.segment_ids[0] if new.segment_ids[0] == "w10/1-2" else "w10/2-1",)


@pytest.mark.parametrize(("metres", "moved"), [(0.4, False), (3.0, True), (120.0, True)])
def test_moved_node(longgang, metres, moved):  # noqa: F811
    """A node moved by more than half a metre moves exactly the segments through it."""
    row = segments_of(longgang, G15)[0]
    seg = longgang.segments
    node = int(longgang.ways.refs[(seg.start[row] + seg.end[row]) // 2])
    a, b = longgang.points(row)[[0, -1]]
    across = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a)) * metres
    new = redraw(longgang, move_m={node: tuple(across)})
    through = [
        k for k in range(len(new.segments)) if node in new.ways.refs[new.segments.start[k] : new.segments.end[k] + 1]
    ]
    update = compare_networks(longgang, new)
    assert kinds(update) == ({"moved": int(new.segments.length_mm[through].sum())} if moved else {})
    assert closes(update)
    assert set(update.carried) == set(longgang.segment_ids)


def test_split_way(longgang):  # noqa: F811
    """A way cut in two, the second part under a new id, changes nothing and carries its ids in order."""
    row = max(segments_of(longgang, G15), key=lambda k: longgang.segments.length_mm[k])
    seg = longgang.segments
    cut = int(longgang.ways.refs[(seg.start[row] + seg.end[row]) // 2])

    def split(line):
        ident, refs, tags = line
        if ident != G15:
            return [line]
        at = refs.index(cut)
        return [(ident, refs[: at + 1], tags), (999, refs[at:], tags)]

    new = redraw(longgang, change=split)
    update = compare_networks(longgang, new)
    assert update.changes == ()
    node = longgang.nodes.id
    first = f"w{G15}/{node[seg.u[row]]}-{node[cut]}"
    assert update.carried[longgang.segment_ids[row]] == (first, f"w999/{node[cut]}-{node[seg.v[row]]}")


def test_new_ids_everywhere(longgang):  # noqa: F811
    """When every way has a new id, all of it stays by place alone."""
    new = redraw(longgang, change=lambda line: [(line[0] + 10**9, *line[1:])])
    update = compare_networks(longgang, new)
    assert kinds(update) == {}
    assert all(len(ids) == 1 for ids in update.carried.values())
    assert len(update.carried) == len(longgang.segments)


@pytest.mark.parametrize(("apart", "same"), [(7.9, True), (8.1, False)])
def test_eight_metres(apart, same):
    """A road with new ids is the same road up to 8 m away, and another one beyond."""

    def road(ident, north):
        lat = 22.0 + north / 111_195
        return make_network(
            {ident + 1: (114.0, lat), ident + 2: (114.01, lat)},
            [(ident, [ident + 1, ident + 2], {"highway": "primary"})],
        )

    old, new = road(10, 0.0), road(20, apart)
    update = compare_networks(old, new)
    expected = {"moved": new.length_mm} if same else {"added": new.length_mm, "removed": old.length_mm}
    assert kinds(update) == expected
    assert closes(update)


def test_shortened_road():
    """Of a road that lost a half, about that half is removed and the rest is kept."""

    def road(end):
        return make_network({1: (114.0, 22.0), 2: (end, 22.0)}, [(10, [1, 2], {"highway": "primary"})])

    long = road(114.01)
    short = make_network({1: (114.0, 22.0), 3: (114.005, 22.0)}, [(10, [1, 3], {"highway": "primary"})])
    update = compare_networks(long, short)
    assert update.length_mm(REMOVED) == pytest.approx(long.length_mm / 2, rel=0.02)
    assert closes(update)
    assert update.carried == {"w10/1-2": ("w10/1-3",)}
    back = compare_networks(short, long)
    assert back.length_mm(ADDED) == update.length_mm(REMOVED)
    assert closes(back)


def test_agency_ids_mean_nothing_when_the_line_moved():
    """Counted ids (below zero) that name another place after an update are matched by place."""
    lines = {name: (114.0 + k * 0.02, 22.0) for k, name in enumerate("abc")}

    def layer(names):
        nodes = {}
        ways = []
        for k, name in enumerate(names):
            lon, lat = lines[name]
            nodes |= {-2 * k - 1: (lon, lat), -2 * k - 2: (lon + 0.01, lat)}
            ways.append((k + 1, [-2 * k - 1, -2 * k - 2], {"highway": "primary"}))
        return make_network(nodes, ways)

    old, new = layer("abc"), layer("bc")
    update = compare_networks(old, new)
    assert kinds(update) == {"removed": int(old.segments.length_mm[0])}
    assert update.carried == {"w2/-3--4": ("w1/-1--2",), "w3/-5--6": ("w2/-3--4",)}


def test_findings_and_json(longgang):  # noqa: F811
    """Each kind of change is told once, with metres and places, and the JSON holds the same metres."""
    update = compare_networks(longgang, redraw(longgang, change=lambda line: [] if line[0] == G15 else [line]))
    (found,) = update_findings(update)
    assert found.code == "update_removed"
    assert found.length_m == update.length_mm(REMOVED) / 1000
    assert found.things[0].startswith(f"w{G15}/")
    assert update.to_json()["changes"]["removed"]["length_m"] == found.length_m


def test_order_of_ways_does_not_matter(longgang):  # noqa: F811
    """Fault 68: a shuffled new map gives the same metres and the same ids."""
    cut = redraw(longgang, change=lambda line: [] if line[0] == G15 else [(line[0] + 10**9, *line[1:])])
    order = iter(sorted(range(len(cut.ways)), key=lambda k: (k * 7919) % len(cut.ways)))
    lines = {}
    redraw(cut, change=lambda line: lines.setdefault(len(lines), line) and [line])
    shuffled = redraw(cut, change=lambda _: [lines[next(order)]])
    one, two = compare_networks(longgang, cut), compare_networks(longgang, shuffled)
    assert kinds(one) == kinds(two)
    assert one.carried == two.carried


def test_real_map(shared_data):
    """On Harrisburg twenty ways drawn by lot and taken away are removed to the millimetre, and nothing else changes."""
    old = load_shared(shared_data, "us-harrisburg-2015.osm.pbf")
    gone = np.random.default_rng(0).choice(old.ways.id, 20).tolist()
    update = compare_networks(old, redraw(old, change=lambda line: [] if line[0] in gone else [line]))
    assert kinds(update) == {"removed": int(old.segments.length_mm[segments_of(old, *gone)].sum())}
    assert closes(update)
