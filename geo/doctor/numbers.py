"""The number or name by which a road is one road: ``G15;G15W`` is two, an unnumbered road goes by its name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.columns import TextColumn
from geo.doctor.survey import Ints, Survey
from geo.tagtext import split_values


@dataclass(frozen=True)
class Keys:
    """Which roads each segment belongs to; a segment on two routes stands twice.

    Attributes
    ----------
    segment
        int64 (rows,), segment row, ascending within a key.
    key
        int64 (rows,), number of the road.
    text
        The number or name of each road.
    """

    segment: Ints
    key: Ints
    text: tuple[str, ...]


def list_keys(survey: Survey, rows: Ints, *, by_name: bool = True) -> Keys:
    """Return the roads some segments belong to: by ``ref``, and by ``name`` where there is no ``ref``.

    Parameters
    ----------
    survey
        The network.
    rows
        int64, segment rows.
    by_name
        Whether segments without a number go by their name; otherwise they are left out.
    """
    index: dict[str, int] = {}
    ref, name = (survey.network.ways.text[tag] for tag in ("ref", "name"))
    by_ref = _number_pool(ref, index, "")
    by_text = _number_pool(name, index, "\0") if by_name else [()] * len(name.pool)
    refs, names = survey.text("ref")[rows].tolist(), survey.text("name")[rows].tolist()
    segment: list[int] = []
    key: list[int] = []
    for row, r, n in zip(rows.tolist(), refs, names, strict=True):
        numbers = by_ref[r] or by_text[n]
        segment.extend([row] * len(numbers))
        key.extend(numbers)
    return Keys(np.array(segment, dtype=np.int64), np.array(key, dtype=np.int64), tuple(index))


def _number_pool(column: TextColumn, index: dict[str, int], prefix: str) -> list[tuple[int, ...]]:
    return [tuple(index.setdefault(prefix + value, len(index)) for value in split_values(text)) for text in column.pool]
