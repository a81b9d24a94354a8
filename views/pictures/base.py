"""Columns that every picture of a network shares: lines, names, numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.network import Network
from views.catalogue import Words
from views.map.tables import CardColumn


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of all segments: ``ptr`` int32 (segments + 1,), ``lon`` and ``lat`` float64, WGS-84 degrees."""

    ptr: npt.NDArray[np.int32]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]


def lines_of(network: Network) -> Lines:
    """Return the lines of all segments of a network."""
    ptr, rows = network.line_rows()
    return Lines(ptr, network.nodes.lon[rows], network.nodes.lat[rows])


def tag_column(network: Network, tag: str) -> TextColumn:
    """Return one way tag as a column over the segments."""
    return network.ways.text[tag].take(network.segments.way)


def card(label: Words, values: Sequence[str], *, english: Callable[[str], str] | None = None) -> CardColumn:
    """Return a line of the side card; ``english`` translates a value of our own (never a text of the map)."""
    column = TextColumn.from_strings(values)
    translated = tuple(english(text) if text else "" for text in column.pool) if english else ()
    return CardColumn(label, column, translated)


def metres(values: npt.NDArray[np.float64]) -> list[str]:
    """Return lengths as text for a card."""
    return [f"{value:.0f} m" if value < 1000 else f"{value / 1000:.2f} km" for value in values.tolist()]  # noqa: PLR2004
