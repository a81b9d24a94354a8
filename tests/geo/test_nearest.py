import heapq
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import heapsearch, nearest, wavesearch
from geo.junctions import WIDTH, number_junctions
from geo.nearest import search_nearest
from geo.wavesearch import search_waves

HUB_ARCS = 23


def make(seed, *, vertices=40, arcs=160, equal=False, hub=True):
    """Return random junctions among shape points; some arcs take no time, one junction has very many arcs."""
    dice = random.Random(seed)
    real = sorted(dice.sample(range(vertices), vertices * 3 // 4))
    pairs = {(dice.choice(real), dice.choice(real)) for _ in range(arcs)}
    if hub:
        pairs |= {(real[0], head) for head in real[:HUB_ARCS]}
    rows = sorted(pair for pair in pairs if pair[0] != pair[1])
    ms = [0.0 if dice.random() < 0.05 else 10.0 if equal else dice.randrange(1, 6400) / 64 for _ in rows]
    count = np.bincount([tail for tail, _ in rows], minlength=vertices)
    ptr = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
    used = np.zeros(vertices, dtype=bool)
    used[real] = True
    return number_junctions(used, (ptr, np.array([head for _, head in rows], dtype=np.int32), np.array(ms)))


def begin(junctions, seed, *, sources=4):
    """Return random seeds of some sources, sorted by source."""
    dice = random.Random(seed)
    who = sorted(dice.randrange(sources) for _ in range(2 * sources))
    ms = [dice.choice([0.0, 10.0, dice.random() * 50]) for _ in who]
    return np.array([dice.randrange(len(junctions)) for _ in who]), np.array(ms), np.array(who)


def slow(junctions, seeds, limit_ms):
    """Return times and lowest nearest sources by a plain heap over pairs of time and source."""
    queue = [(ms, who, row) for row, ms, who in zip(*(column.tolist() for column in seeds), strict=True)]
    heapq.heapify(queue)
    best = {}
    while queue:
        ms, who, row = heapq.heappop(queue)
        if row in best or ms > limit_ms:
            continue
        best[row] = (ms, who)
        for entry in range(junctions.indptr[row], junctions.indptr[row + 1]):
            heapq.heappush(queue, (ms + float(junctions.weight_ms[entry]), who, int(junctions.indices[entry])))
    none = (np.inf, -1)
    return [best.get(row, none) for row in range(len(junctions))]


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([np.inf, 60.0, 10.0, 0.0]))
def test_every_search_gives_the_same(seed, equal, limit_ms):
    """Waves, the compiled heap and scipy give the times of a plain heap to the last bit, and the lowest of equals."""
    junctions = make(seed, equal=equal)
    groups = [begin(junctions, seed), begin(junctions, seed + 1, sources=2)]
    wanted = [slow(junctions, seeds, limit_ms) for seeds in groups]
    off = {"search_waves": lambda *_: None, "compiled_search": lambda _size: None}
    ways = {"waves": {}, "scipy": off, "heap": off | {"compiled_search": lambda _size: heapsearch.search}}
    assert search_waves(junctions, groups, limit_ms) is not None
    for way, patches in ways.items():
        with pytest.MonkeyPatch.context() as patch:
            for name, other in patches.items():
                patch.setattr(nearest, name, other)
            found = search_nearest(junctions, groups, limit_ms)
        pairs = [list(zip(ms.tolist(), who.tolist(), strict=True)) for ms, who in found]
        assert pairs == wanted, way


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.booleans())
def test_slots_hold_every_arc_once(seed, hub):
    """Rows of slots list every arc once, a junction with many arcs goes on below, and nothing else leads anywhere."""
    junctions = make(seed, hub=hub)
    slots = junctions.slots
    last = len(slots.time_ms) - 1
    back = {int(row): k for k, row in enumerate(slots.row)}
    for k, first in enumerate(slots.row.tolist()):
        found, row = [], first
        while row >= 0:
            below = -1
            for to, ms in zip(slots.to_row[row].tolist(), slots.time_ms[row].tolist(), strict=True):
                if to == row + 1 and to not in back and to != last:
                    below = to
                    assert ms == 0.0
                elif to == last:
                    assert ms == np.inf
                else:
                    found.append((back[to], ms))
            row = below
        own = slice(junctions.indptr[k], junctions.indptr[k + 1])
        assert found == list(zip(junctions.indices[own].tolist(), junctions.weight_ms[own].tolist(), strict=True))
    assert slots.to_row.shape[1] == WIDTH


def test_waves_leave_thin_and_restless_networks_to_the_heap(monkeypatch):
    """Few arcs a junction, narrow waves or too many visits make the wave search give up; the answer stays."""
    seeds = [(np.array([0]), np.array([0.0]), np.array([0]))]
    used = np.ones(60, dtype=bool)
    ptr = np.arange(61, dtype=np.int32)
    ring = number_junctions(used, (ptr, np.roll(np.arange(60), -1).astype(np.int32), np.ones(60)))
    assert search_waves(ring, seeds, np.inf) is None
    assert search_nearest(ring, seeds, np.inf)[0][0].tolist() == list(range(60))
    monkeypatch.setattr(wavesearch, "DENSE_ARCS", 0)
    assert search_waves(ring, seeds, np.inf) is None, "60 rounds of one junction each"
    monkeypatch.setattr(wavesearch, "_TRIAL_ROUNDS", 1000)
    assert search_waves(ring, seeds, np.inf)[0][0].tolist() == list(range(60))
    monkeypatch.setattr(wavesearch, "_MOST_VISITS", 0)
    assert search_waves(ring, seeds, np.inf) is None


def test_shape_points_take_no_room():
    """Vertices at which nothing begins or ends get no number, and values spread back leave them empty."""
    used = np.array([True, False, True, False])
    junctions = number_junctions(used, (np.array([0, 1, 1, 1, 1], np.int32), np.array([2], np.int32), np.array([5.0])))
    assert junctions.vertex.tolist() == [0, 2]
    assert junctions.number.tolist() == [0, -1, 1, -1]
    assert junctions.spread(np.array([1.5, 2.5]), empty=np.inf).tolist() == [1.5, np.inf, 2.5, np.inf]
