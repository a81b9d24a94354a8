"""Blocks of an OSM PBF: their texts, their groups of things, and the things that carry a wanted tag.

Field numbers are those of https://wiki.openstreetmap.org/wiki/PBF_Format.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.bombs import DamagedError
from geo.pbf import read_fields
from geo.wire import (
    Bytes,
    Field,
    Ints,
    add_up,
    as_bytes,
    count_lists,
    decode_lists,
    decode_varints,
    list_messages,
    unzigzag,
    walk,
)

Pairs = Collection[tuple[bytes, bytes]]
"""Tags, key and value in UTF-8."""
Texts = Mapping[str, str]
Dense = dict[int, tuple[int, int]]
"""Fields of a group of dense nodes: number to where the bytes start and end."""

NODE, DENSE, WAY, RELATION = 1, 2, 3, 4
_ID, _KEYS, _VALUES, _INFO = 1, 2, 3, 4
_WAY_REFS, _WAY_LATS, _WAY_LONS = 8, 9, 10
_ROLES, _MEMBERS, _MEMBER_KINDS = 8, 9, 10
_DENSE_IDS, _DENSE_LATS, _DENSE_LONS, _DENSE_TAGS = 1, 8, 9, 10
_INFO_TIME, _INFO_VISIBLE = 2, 6
_STRINGS, _GROUP, _GRANULARITY, _DATE_GRANULARITY, _LAT_OFFSET, _LON_OFFSET = 1, 2, 17, 18, 19, 20
_UNIT = 100
"""Nanodegrees in 1e-7 degrees."""
_TEXT_KEY = 0x0A
_KINDS = "nwr"
_MANY = 1 << 40
_MANY_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class WayRows:
    """Ways of one block: id, seconds since 1970 of the last edit (0 if unknown), tags, and node ids one by one."""

    id: Ints
    edited_s: Ints
    tags: list[Texts]
    count: Ints
    refs: Ints


class Block:
    """An unpacked PrimitiveBlock.

    Raises
    ------
    DamagedError, IndexError
        It is broken, or written in a way that only a careful reader can follow.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._data: Bytes = as_bytes(raw)
        self.groups: list[tuple[int, int, int]] = []
        self._strings = (0, 0)
        numbers = {_GRANULARITY: _UNIT, _DATE_GRANULARITY: 1000, _LAT_OFFSET: 0, _LON_OFFSET: 0}
        for number, value, first, last in read_fields(raw):
            if number == _STRINGS:
                self._strings = (first, last)
            elif number == _GROUP and last > first:
                self.groups.append((raw[first] >> 3, first, last))
            elif number in numbers:
                numbers[number] = value
        if max(numbers.values()) > _MANY:
            raise DamagedError
        self._granularity, self._date_ms, self._lat0, self._lon0 = numbers.values()

    @property
    def kinds(self) -> set[int]:
        """Kinds of things in the block: ``NODE``, ``DENSE``, ``WAY``, ``RELATION``."""
        return {kind for kind, _, _ in self.groups}

    @cached_property
    def _texts(self) -> tuple[Ints, Ints]:
        """Where the texts of the block lie."""
        return list_messages(self._data, *self._strings, key=_TEXT_KEY)

    def _word(self, k: int) -> str:
        start, end = self._texts
        return self._raw[start[k] : end[k]].decode("utf-8")

    def _words(self, numbers: Collection[int]) -> dict[int, str]:
        return {k: self._word(k) for k in numbers}

    def _find_text(self, text: bytes) -> int:
        """Return the number of a text, -1 where the block does not have it."""
        entry = _entry(text)
        first, last = self._strings
        found = -1
        at = self._raw.find(entry, first, last)
        while at >= 0:
            start, _ = self._texts
            k = int(np.searchsorted(start, at + 2))
            if k < len(start) and start[k] == at + 2:
                if found >= 0:  # a text that stands twice would hide tags from a search
                    raise DamagedError
                found = k
            at = self._raw.find(entry, at + 1, last)
        return found

    def _codes(self, wanted: Pairs) -> Ints:
        """Return the wanted tags whose words are in the block, as ``key * number of texts + value``."""
        # A look at the bytes first: most blocks lack most of the words, and then need no table of texts.
        raw, (first, last) = self._raw, self._strings
        seen = {word for word in {w for pair in wanted for w in pair} if raw.find(_entry(word), first, last) >= 0}
        near = [pair for pair in wanted if seen.issuperset(pair)]
        number = {word: self._find_text(word) for word in {word for pair in near for word in pair}}
        there = [(number[k], number[v]) for k, v in near if number[k] >= 0 and number[v] >= 0]
        if not there:
            return np.zeros(0, np.int64)
        return np.array([k * len(self._texts[0]) + v for k, v in there], dtype=np.int64)

    def dense_groups(self) -> Iterator[tuple[Dense, Ints]]:
        """Yield each group of dense nodes: its packed fields and the ids of its nodes."""
        for kind, first, last in self.groups:
            if kind != DENSE:
                continue
            (message,) = read_fields(self._raw, first, last)
            fields: Dense = {}
            for number, _, start, end in read_fields(self._raw, message[2], message[3]):
                if number in fields:
                    raise DamagedError
                fields[number] = (start, end)
            yield fields, np.cumsum(unzigzag(self._numbers(fields, _DENSE_IDS)))

    def dense_places(self, fields: Dense, count: int) -> tuple[Ints, Ints]:
        """Return longitude and latitude of the nodes of a group in 1e-7 degrees, int64 (nodes,)."""
        places = []
        for number, offset in ((_DENSE_LONS, self._lon0), (_DENSE_LATS, self._lat0)):
            value = np.cumsum(unzigzag(self._numbers(fields, number)))
            if self._granularity != _UNIT or offset:
                value = value * self._granularity + offset
                if (value % _UNIT).any():
                    raise DamagedError
                value //= _UNIT
            if len(value) != count:
                raise DamagedError
            places.append(value)
        return places[0], places[1]

    def tagged_nodes(self, fields: Dense, wanted: Pairs) -> dict[int, dict[str, str]]:
        """Return the tags of those nodes of a group that carry a wanted one, by place in the group."""
        codes = self._codes(wanted)
        if len(codes) == 0:
            return {}
        value = self._numbers(fields, _DENSE_TAGS)
        full = np.flatnonzero(value)
        size = len(self._texts[0])
        if len(full) % 2 or (len(full) and value.max() >= size):
            raise DamagedError
        keys, values = value[full[::2]], value[full[1::2]]
        hit = _is_one_of(keys * size + values, codes)
        if not hit.any():
            return {}
        node = np.cumsum(value == 0)[full[::2]]
        chosen = sorted(set(node[hit].tolist()))
        first, last = np.searchsorted(node, chosen), np.searchsorted(node, chosen, side="right")
        return {
            n: {self._word(k): self._word(v) for k, v in zip(keys[a:b].tolist(), values[a:b].tolist(), strict=True)}
            for n, a, b in zip(chosen, first.tolist(), last.tolist(), strict=True)
        }

    def ways(
        self, wanted: Pairs, *, keep: Collection[bytes], whole: Pairs, check_count: Callable[[int], None]
    ) -> WayRows:
        """Return the ways that carry a wanted tag.

        Parameters
        ----------
        wanted
            Tags of which a way must carry one.
        keep, whole
            Keys that are kept, and tags whose ways keep all of theirs.
        check_count
            Told how many points they have, before a great many are unpacked; may raise.
        """
        start, end = self._messages(WAY)
        fields = walk(
            self._data, start, end, lists=(_KEYS, _VALUES, _INFO, _WAY_REFS, _WAY_LATS, _WAY_LONS), numbers=(_ID,)
        )
        if any((fields[f].end > fields[f].start).any() for f in (_WAY_LATS, _WAY_LONS)):
            raise DamagedError
        rows, tags = self._matching(fields, wanted, keep=keep, whole=whole)
        refs = _take(fields[_WAY_REFS], rows)
        many = int((refs.end - refs.start).sum()) > _MANY_BYTES
        if many:
            check_count(count_lists(self._data, refs))
        delta, count = decode_lists(self._data, refs)
        if not many:
            check_count(len(delta))
        info = _take(fields[_INFO], rows)
        about = walk(self._data, info.start, info.end, numbers=(_INFO_TIME,))[_INFO_TIME].number
        return WayRows(
            fields[_ID].number[rows],
            about * self._date_ms // 1000,
            tags,
            count,
            add_up(unzigzag(delta), count),
        )

    def relations(self, wanted: Pairs) -> list[tuple[int, Texts, list[tuple[str, int, str]]]]:
        """Return id, tags and members (kind, id, role) of the relations that carry a wanted tag."""
        start, end = self._messages(RELATION)
        lists = (_KEYS, _VALUES, _ROLES, _MEMBERS, _MEMBER_KINDS)
        fields = walk(self._data, start, end, lists=lists, numbers=(_ID,))
        rows, tags = self._matching(fields, wanted)
        (roles, count), (delta, same), (kinds, too) = (
            decode_lists(self._data, _take(fields[f], rows)) for f in (_ROLES, _MEMBERS, _MEMBER_KINDS)
        )
        if not (np.array_equal(count, same) and np.array_equal(count, too)):
            raise DamagedError
        refs = add_up(unzigzag(delta), count).tolist()
        told = roles.tolist()
        words = self._words(set(told))
        members = [(_KINDS[kind], ref, words[role]) for kind, ref, role in zip(kinds.tolist(), refs, told, strict=True)]
        last = np.cumsum(count).tolist()
        parts = (members[b - c : b] for b, c in zip(last, count.tolist(), strict=True))
        return list(zip(fields[_ID].number[rows].tolist(), tags, parts, strict=True))

    def _numbers(self, fields: Dense, number: int) -> Ints:
        first, last = fields.get(number, (0, 0))
        return decode_varints(self._data[first:last])

    def _messages(self, kind: int) -> tuple[Ints, Ints]:
        key = kind << 3 | 2
        found = [list_messages(self._data, first, last, key=key) for k, first, last in self.groups if k == kind]
        return np.concatenate([start for start, _ in found]), np.concatenate([end for _, end in found])

    def _matching(
        self, fields: Mapping[int, Field], wanted: Pairs, *, keep: Collection[bytes] | None = None, whole: Pairs = ()
    ) -> tuple[npt.NDArray[np.intp], list[Texts]]:
        """Return the rows of the things with a wanted tag, ascending, and their tags; equal tags are one object."""
        codes = self._codes(wanted)
        if len(codes) == 0:
            return np.zeros(0, np.intp), []
        keys, count = decode_lists(self._data, fields[_KEYS])
        values, same = decode_lists(self._data, fields[_VALUES])
        size = len(self._texts[0])
        if not np.array_equal(count, same) or (len(keys) and max(keys.max(), values.max()) >= size):
            raise DamagedError
        pair, thing = keys * size + values, np.repeat(np.arange(len(count)), count)
        mask = np.zeros(len(count), bool)
        mask[thing[_is_one_of(pair, codes)]] = True
        rows, mine = np.flatnonzero(mask), mask[thing]
        if keep is not None:
            complete = np.zeros(len(count), bool)
            complete[thing[_is_one_of(pair, self._codes(whole))]] = True
            kept = np.zeros(size + 1, bool)
            kept[[self._find_text(key) for key in keep]] = True
            kept[-1] = False
            mine &= complete[thing] | kept[keys]
        keys, values, pair = keys[mine], values[mine], pair[mine]
        ends = np.cumsum(np.bincount(thing[mine], minlength=len(count))[rows]).tolist()
        listed, told = keys.tolist(), values.tolist()
        words = self._words({*listed, *told})
        pool: dict[bytes, Texts] = {}
        packed = memoryview(pair.tobytes())
        tags = []
        first = 0
        for last in ends:
            key = bytes(packed[8 * first : 8 * last])
            found = pool.get(key)
            if found is None:
                pairs = zip(listed[first:last], told[first:last], strict=True)
                found = pool[key] = {words[k]: words[v] for k, v in pairs}
            tags.append(found)
            first = last
        return rows, tags


def _entry(text: bytes) -> bytes:
    """Return a short text as it stands in a table of texts."""
    return bytes((_TEXT_KEY, len(text))) + text


def _take(field: Field, rows: npt.NDArray[np.intp]) -> Field:
    return Field(field.start[rows], field.end[rows], field.number[rows])


def _is_one_of(values: Ints, wanted: Ints) -> npt.NDArray[np.bool_]:
    """Return bool (values,); for the few wanted ones quicker than a sort."""
    hit = np.zeros(len(values), bool)
    for one in wanted.tolist():
        hit |= values == one
    return hit
