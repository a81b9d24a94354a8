from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.columns import TextColumn

texts = st.lists(st.text(max_size=4), max_size=30)


@given(texts)
def test_strings_come_back(values):
    """Encoding and decoding a column gives the same strings, one by one and all at once."""
    column = TextColumn.from_strings(values)
    assert column.tolist() == values
    assert [column[k] for k in range(len(column))] == values


@given(texts)
def test_pool_is_small_and_starts_with_nothing(values):
    """The pool holds each string once, the empty one first, in order of first appearance."""
    pool = TextColumn.from_strings(values).pool
    assert pool == tuple(dict.fromkeys(["", *values]))


@given(texts, st.text(max_size=2))
def test_where_is_a_filter(values, part):
    """A mask by set and a mask by predicate both agree with filtering the plain list."""
    column = TextColumn.from_strings(values)
    assert column.where(set(values[:2])).tolist() == [v in values[:2] for v in values]
    assert column.where(lambda v: part in v).tolist() == [part in v for v in values]


def test_take_keeps_the_pool():
    """Taking rows gives their strings and shares the pool."""
    column = TextColumn.from_strings(["b", "a", "", "b"])
    part = column.take(np.array([3, 2, 3]))
    assert part.tolist() == ["b", "", "b"]
    assert part.pool is column.pool


def test_empty_column():
    """A column without rows has length 0 and an empty mask."""
    column = TextColumn.from_strings([])
    assert len(column) == 0
    assert column.where({"a"}).tolist() == []
