"""Protobuf in bulk: many messages of a block are walked in step, and packed numbers decoded in one go.

A map of a province holds millions of small messages; one at a time they would cost minutes. Whatever is not plain
(a field that is split, a number that runs past its message) raises ``DamagedError``: the caller then reads the file the
careful way (https://protobuf.dev/programming-guides/encoding/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.bombs import DamagedError

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

PAD = 16
"""Zero bytes that must follow a buffer, so that a number cut at its end is read as something harmless."""
_MORE = 0x80
_LONGEST = 10
_WINDOW = 4
_PRUNINGS = 4
_MASKS = np.array([0x7F, 0x7F7F, 0x7F7F7F, 0x7F7F7F7F], np.uint32)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Field:
    """One field of many messages: where its bytes start and end (equal where a message lacks it), or its number."""

    start: Ints
    end: Ints
    number: Ints


def as_bytes(data: bytes) -> Bytes:
    """Return bytes as an array with the padding that the other functions rely on."""
    return np.frombuffer(data + bytes(PAD), np.uint8)


def decode_varints(data: Bytes) -> Ints:
    """Return the numbers of a packed field, int64 (numbers above 2**63 wrap round, as negative ones are written).

    Raises
    ------
    DamagedError
        The last number is cut, or one is longer than ten bytes.
    """
    ends = np.flatnonzero(data < _MORE)
    if len(ends) == 0 or ends[-1] != len(data) - 1:
        if len(data) == 0:
            return np.zeros(0, np.int64)
        raise DamagedError
    if len(ends) == len(data):
        return data.astype(np.int64)
    starts = np.empty_like(ends)
    starts[0] = 0
    starts[1:] = ends[:-1] + 1
    more = ends - starts
    longest = int(more.max())
    if longest >= _LONGEST:
        raise DamagedError
    value = _join_septets(data, starts, np.minimum(more, _WINDOW - 1)).astype(np.int64)
    if longest >= _WINDOW:
        rows = np.flatnonzero(more >= _WINDOW)
        for k in range(_WINDOW, longest + 1):
            rows = rows[more[rows] >= k]
            value[rows] |= (data[starts[rows] + k] & 0x7F).astype(np.int64) << (7 * k)
    return value


def _join_septets(data: Bytes, start: Ints, more: Ints) -> npt.NDArray[np.uint32]:
    """Return the numbers of four bytes at most that start at some places: seven bits of each byte, the first lowest."""
    padded = np.concatenate((data, np.zeros(PAD, np.uint8)))
    # One unaligned read of four bytes at each place instead of one read a byte.
    window = np.ndarray((len(data),), np.dtype("<u4"), padded, strides=(1,))[start]
    window &= _MASKS[more]
    value = window & np.uint32(0x7F)
    for k in range(1, int(more.max()) + 1):
        value |= (window >> np.uint32(k)) & np.uint32(0x7F << (7 * k))
    return value


def unzigzag(value: Ints) -> Ints:
    """Return signed numbers that were written in zig-zag."""
    return ((value >> 1) & 0x7FFF_FFFF_FFFF_FFFF) ^ -(value & 1)


def gather(data: Bytes, start: Ints, end: Ints) -> Bytes:
    """Return several spans of a buffer, one after the other."""
    size = end - start
    first = np.cumsum(size) - size
    total = int(size.sum())
    return data[np.repeat(start - first, size) + np.arange(total)]


def count_lists(data: Bytes, field: Field) -> int:
    """Return how many numbers a packed field holds in many messages, in no more memory than the bytes themselves."""
    if len(field.start) == 0:
        return 0
    first, last = int(field.start[0]), int(field.end.max())
    edge = np.zeros(last - first + 1, np.int8)
    np.add.at(edge, field.start - first, np.int8(1))
    np.subtract.at(edge, field.end - first, np.int8(1))
    inside = np.cumsum(edge[:-1], dtype=np.int8)
    return int(np.count_nonzero((data[first:last] < _MORE) & (inside > 0)))


def decode_lists(data: Bytes, field: Field) -> tuple[Ints, Ints]:
    """Decode the packed numbers of a field of many messages.

    Returns
    -------
    value
        int64, the numbers of all messages, one after the other.
    count
        int64 (messages,), how many each has.

    Raises
    ------
    DamagedError
        A number runs past its message.
    """
    filled = field.end > field.start
    if (data[field.end[filled] - 1] >= _MORE).any():
        raise DamagedError
    packed = gather(data, field.start, field.end)
    before = np.concatenate(([0], np.cumsum(packed < _MORE)))
    edge = np.concatenate(([0], np.cumsum(field.end - field.start)))
    return decode_varints(packed), np.diff(before[edge])


def add_up(delta: Ints, count: Ints) -> Ints:
    """Return running sums that start again with each message."""
    running = np.cumsum(delta)
    first = np.cumsum(count) - count
    base = np.where(first > 0, running[np.maximum(first - 1, 0)], 0) if len(running) else np.zeros_like(count)
    sums: Ints = running - np.repeat(base, count)
    return sums


def walk(
    data: Bytes, start: Ints, end: Ints, *, lists: Sequence[int] = (), numbers: Sequence[int] = ()
) -> dict[int, Field]:
    """Walk the fields of many messages in step.

    Parameters
    ----------
    data
        A buffer made by ``as_bytes``.
    start, end
        int64 (messages,), where each message lies.
    lists, numbers
        Fields wanted, by number: those that hold bytes, and those that hold a varint (0 where it is missing).

    Raises
    ------
    DamagedError
        A message is broken, holds a wanted field twice or in another form.
    """
    found = {f: Field(start.copy(), start.copy(), np.zeros(len(start), np.int64)) for f in (*lists, *numbers)}
    seen = {f: np.zeros(len(start), bool) for f in found}
    rows = np.flatnonzero(start < end)
    at = start[rows]
    while len(rows):
        key, at = _next_varint(data, at)
        wire, number = key & 7, key >> 3
        first = at
        is_bytes, is_number = wire == _BYTES, wire == _VARINT
        value, after = _next_varint(data, at)
        if (is_bytes & ((value < 0) | (value > len(data)))).any():
            raise DamagedError
        first = np.where(is_bytes, after, first)
        at = np.where(is_bytes, after + value, np.where(is_number, after, at + np.where(wire == _FIXED64, 8, 4)))
        if not (is_bytes | is_number | (wire == _FIXED64) | (wire == _FIXED32)).all() or (at > end[rows]).any():
            raise DamagedError
        for wanted, field in found.items():
            here = np.flatnonzero(number == wanted)
            if len(here) == 0:
                continue
            mine = rows[here]
            if seen[wanted][mine].any() or not (is_bytes if wanted in lists else is_number)[here].all():
                raise DamagedError
            seen[wanted][mine] = True
            field.start[mine], field.end[mine], field.number[mine] = first[here], at[here], value[here]
        left = at < end[rows]
        rows, at = rows[left], at[left]
    return found


def _next_varint(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Return the number at each place and the place behind it."""
    byte = data[at]
    value = (byte & 0x7F).astype(np.int64)
    at = at + 1
    more = np.flatnonzero(byte >= _MORE)
    for k in range(1, _LONGEST + 1):
        if len(more) == 0:
            return value, at
        if k == _LONGEST:
            break
        byte = data[np.minimum(at[more], len(data) - 1)]
        value[more] |= (byte & 0x7F).astype(np.int64) << (7 * k)
        at[more] += 1
        more = more[byte >= _MORE]
    raise DamagedError


def list_messages(data: Bytes, start: int, end: int, *, key: int) -> tuple[Ints, Ints]:
    """Return where messages lie that follow one another, all with the same key.

    Parameters
    ----------
    data
        A buffer made by ``as_bytes``.
    start, end
        Where they lie together.
    key
        Number of their field times eight plus two, below 128.

    Raises
    ------
    DamagedError
        Something else lies between them, or the last one is cut.
    """
    # Every byte that looks like the key says where the next message would begin; the chain from the start is the list.
    places = np.flatnonzero(data[start:end] == key) + start
    size, body = _peek_sizes(data, places + 1)
    after = body + size
    count = len(places)
    following = np.searchsorted(places, after)
    meets = after == end
    inner = following < count
    meets[inner] |= places[following[inner]] == after[inner]
    if count == 0 or places[0] != start:
        if start == end:
            return body[:0], after[:0]
        raise DamagedError
    rows = _follow(np.where(meets, np.where(after == end, count, following), -1))
    return body[rows], after[rows]


def _follow(following: Ints) -> Ints:
    """Return the rows of the chain that begins with the first and ends where ``following`` is the number of rows.

    Raises
    ------
    DamagedError
        The chain leads to -1.
    """
    count = len(following)
    keep = following >= 0
    for _ in range(_PRUNINGS):
        # A row that no other leads to is not in the chain; what is left then soon is the chain and nothing else.
        led = np.zeros(count + 1, bool)
        led[following[keep]] = True
        led[0] = True
        keep &= led[:-1]
    rows = np.flatnonzero(keep)
    if len(rows) and rows[0] == 0 and np.array_equal(following[rows], np.append(rows[1:], count)):
        return rows
    step = following.tolist()
    chain, k = [], 0
    while 0 <= k < count:
        chain.append(k)
        k = step[k]
    if k < 0:
        raise DamagedError
    return np.array(chain, np.int64)


def _peek_sizes(data: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Return numbers of four bytes at most, a huge one where there are more, and the places behind them."""
    value, length = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    rows = np.arange(len(at))
    for k in range(4):
        byte = data[at[rows] + k]
        value[rows] |= (byte & 0x7F).astype(np.int64) << (7 * k)
        length[rows] += 1
        rows = rows[byte >= _MORE]
    value[rows] = len(data)
    return value, at + length
