"""Names of a district: its stations and roads, found by name and inside sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.network import Network
from geo.stations import Station

_SUFFIX = re.compile(r"(?:匝道|主线)?(?:收费站|收费所|服务区|互通立交|互通|站)$")
_AFTER_NAME = r"(?:匝道|主线)?(?:收费站|收费所|互通|枢纽|出入口|出口|入口|站(?!台))"
_NUMBER = re.compile(r"(?<![A-Z0-9])[GSXYCZ]\d{1,4}(?:[NSEW]\d?)?(?![\d+])")
_SPLIT = re.compile(r"[;,，、；/]")
_SHORTEST = 2
_MOST_ROADS = 4


@dataclass(frozen=True)
class FoundRoad:
    """A road named in a text, with its segment rows, int64."""

    name: str
    rows: npt.NDArray[np.int64]


class Gazetteer:
    """The names of a network.

    Parameters
    ----------
    network
        The network whose segment rows are returned.
    stations
        Its stations; campus gates count too, as people name them.
    """

    def __init__(self, network: Network, stations: Iterable[Station]) -> None:
        self._network = network
        self.stations = tuple(stations)
        self._found: dict[str, npt.NDArray[np.int64]] = {}

    def stations_named(self, text: str) -> tuple[Station, ...]:
        """Return the stations a name may mean: exactly so named, else of that core, else those that contain it.

        Raises
        ------
        InputError
            No station answers to the name.
        """
        wanted = _fold(text)
        for fits in (_is_named, _has_core, _contains):
            found = tuple(s for s in self.stations if wanted and any(fits(_fold(n), wanted) for n in (*s.names, s.id)))
            if found:
                return found
        known = "、".join(s.name for s in self.stations[:6] if s.name)
        raise InputError(
            f"没有找到收费站“{text[:30]}”，本区有：{known or '无'}；请核对站名。"
            f" / there is no toll station {text[:30]!r}; this district has: {known or 'none'}."
        )

    def stations_in(self, text: str) -> tuple[Station, ...]:
        """Return the stations a sentence names, in the order of the map; a longer name hides a shorter one in it."""
        plain = _fold(text)
        spans: list[tuple[int, int, Station]] = []
        for station, pattern in self._patterns:
            match = pattern.search(plain)
            if match:
                spans.append((match.start(), match.end(), station))
        return tuple(
            station
            for start, end, station in spans
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in spans)
        )

    def roads_in(self, text: str) -> tuple[FoundRoad, ...]:
        """Return the roads a sentence names, by number or name; a longer name hides a shorter one in it."""
        plain = "".join(text.split())
        names = {m[0] for m in _NUMBER.finditer(plain.upper())} & set(self._rows_of_ref)
        named: set[str] = set()
        for k in range(len(plain) - 1):
            named.update(n for n in self._names_by_start.get(plain[k : k + 2], ()) if plain.startswith(n, k))
        named = {n for n in named if not any(n != other and n in other for other in named)}
        ranked = [*sorted(names), *sorted(named, key=lambda n: (plain.index(n), n))]
        return tuple(FoundRoad(name, self._rows(name)) for name in ranked[:_MOST_ROADS])

    def _rows(self, name: str) -> npt.NDArray[np.int64]:
        if name in self._rows_of_ref:
            return self._rows_of_ref[name]
        if name not in self._found:
            hit = self._network.ways.text["name"].where({name})[self._network.segments.way]
            self._found[name] = np.flatnonzero(hit).astype(np.int64)
        return self._found[name]

    @cached_property
    def _patterns(self) -> tuple[tuple[Station, re.Pattern[str]], ...]:
        found = []
        for station in self.stations:
            names = sorted({_fold(name) for name in station.names if len(_fold(name)) >= _SHORTEST}, key=len)
            cores = sorted({_core(name) for name in names if len(_core(name)) >= _SHORTEST}, key=len)
            words = [re.escape(name) for name in reversed(names)]
            words += [re.escape(core) + _AFTER_NAME for core in reversed(cores)]
            if words:
                found.append((station, re.compile("|".join(words))))
        return tuple(found)

    @cached_property
    def _rows_of_ref(self) -> dict[str, npt.NDArray[np.int64]]:
        column = self._network.ways.text["ref"]
        codes: dict[str, set[str]] = {}
        for text in column.pool:
            for part in _SPLIT.split(text):
                if part.strip():
                    codes.setdefault(part.strip().upper(), set()).add(text)
        way = self._network.segments.way
        return {part: np.flatnonzero(column.where(texts)[way]).astype(np.int64) for part, texts in codes.items()}

    @cached_property
    def _names_by_start(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in sorted(self._network.ways.text["name"].pool):
            if len(name) >= _SHORTEST and "".join(name.split()) == name:
                found.setdefault(name[:2], []).append(name)
        return found


def _fold(text: str) -> str:
    return "".join(text.split()).casefold()


def _core(name: str) -> str:
    return _SUFFIX.sub("", name)


def _is_named(name: str, wanted: str) -> bool:
    return name == wanted


def _has_core(name: str, wanted: str) -> bool:
    return bool(_core(wanted)) and _core(name) == _core(wanted)


def _contains(name: str, wanted: str) -> bool:
    return wanted in name
