"""Coordinates inside text: decimal degrees, degrees and minutes, in either order, with or without the axes named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_LARGEST_LON, _LARGEST_LAT = 180.0, 90.0
_LEAST_DECIMALS = 3
"""Two plain numbers of a sentence are a place only with so many decimals each; fewer could be anything."""
_MARKS = str.maketrans(
    {"，": ",", "；": ";", "：": ":", "（": "(", "）": ")", "’": "'", "‘": "'", "′": "'", "”": '"', "“": '"', "″": '"'}
    | {"º": "°", "˚": "°", "。": ".", "－": "-", "−": "-"}
)
_LABEL = r"东经|西经|北纬|南纬|经度|纬度|经|纬|(?<![A-Za-z])(?:longitude|latitude|long|lng|lon|lat|[EWNS](?=[ :]*-?\d))"
_DEGREES = (
    r"\d{1,3}(?:\.\d+)? ?[°度]"
    r"(?: ?\d{1,2}(?:\.\d+)? ?['分](?: ?\d{1,2}(?:\.\d+)? ?(?:\"|''|秒)?)?)?"
)
_TOKEN = re.compile(
    rf"(?:(?P<label>{_LABEL})[ :='\"]*|(?<![\d.+A-Za-z-]))(?P<angle>-?(?:{_DEGREES}|\d{{1,3}}(?:\.\d+)?)(?!\.?\d))"
    r"(?P<side> ?[EWNS](?![A-Za-z0-9])| ?[东西南北](?![一-鿿]))?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:[ ,;:/|&'\"、()\[\]{}和与]|经度|纬度)*")
_LON, _LAT = "lon", "lat"
_AXES = {
    _LON: ("东经", "西经", "经度", "经", "longitude", "long", "lng", "lon", "e", "w", "东", "西"),
    _LAT: ("北纬", "南纬", "纬度", "纬", "latitude", "lat", "n", "s", "北", "南"),
}
_NEGATIVE = frozenset({"西经", "南纬", "w", "s", "西", "南"})


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place inside a text.

    Attributes
    ----------
    lon, lat
        Degrees, in whatever datum the writer used.
    start, end
        ``text[start:end]`` is what was read.
    is_swapped
        Whether latitude stood first without saying so.
    is_labelled
        Whether the text names the axes; otherwise longitude is taken to stand first wherever that can be.
    """

    lon: float
    lat: float
    start: int
    end: int
    is_swapped: bool = False
    is_labelled: bool = False

    def swap(self) -> FoundPlace:
        """Return the place read the other way round."""
        return FoundPlace(self.lat, self.lon, self.start, self.end, not self.is_swapped, self.is_labelled)


@dataclass(frozen=True, slots=True)
class _Token:
    value: float
    axis: str
    start: int
    end: int
    decimals: int
    has_degrees: bool


def find_coordinates(text: str) -> tuple[FoundPlace, ...]:
    """Find every pair of coordinates in a text, in reading order.

    Notes
    -----
    Latitudes beyond 90 degrees do not exist, so a pair such as ``31.27, 118.65`` was written latitude first; it is
    turned round and marked. A pair that could be either stays as it is.

    Examples
    --------
    >>> [(p.lon, p.lat) for p in find_coordinates("位于118.6503，31.2742附近")]
    [(118.6503, 31.2742)]
    >>> [(round(p.lon, 4), round(p.lat, 4)) for p in find_coordinates('北纬31°16′27.1″，东经118度39分1.08秒')]
    [(118.6503, 31.2742)]
    >>> [(p.lon, p.lat, p.is_swapped) for p in find_coordinates("31.2742,118.6503")]
    [(118.6503, 31.2742, True)]
    """
    plain = _plain(text)
    tokens = list(_tokens(plain))
    is_whole = len(tokens) == 2 and not _rest(plain, tokens)  # noqa: PLR2004 - a pair
    found: list[FoundPlace] = []
    for first, second in pairwise(tokens):
        if found and found[-1].end > first.start:
            continue
        if not _BETWEEN.fullmatch(plain[first.end : second.start]):
            continue
        place = _pair(first, second, is_whole=is_whole)
        if place is not None:
            found.append(place)
    return tuple(found)


def _plain(text: str) -> str:
    """Return the text in half width, character by character, so that places in it stay what they are."""
    letters = []
    for letter in text.translate(_MARKS):
        folded = unicodedata.normalize("NFKC", letter)
        one = folded if len(folded) == 1 else letter
        letters.append(" " if one.isspace() else one)
    return "".join(letters)


def _rest(plain: str, tokens: list[_Token]) -> str:
    """Return what stands outside and between two tokens, punctuation left out."""
    outside = plain[: tokens[0].start] + plain[tokens[0].end : tokens[1].start] + plain[tokens[1].end :]
    return outside.strip(" ,;/|()[].")


def _tokens(plain: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(plain):
        value = _read_angle(match["angle"])
        if value is None:
            continue
        words = [(match["label"] or "").casefold(), (match["side"] or "").strip().casefold()]
        axis = next((axis for word in words if word for axis, known in _AXES.items() if word in known), "")
        if any(word in _NEGATIVE for word in words):
            value = -abs(value)
        decimals = len(match["angle"].partition(".")[2])
        has_degrees = "°" in match["angle"] or "度" in match["angle"]
        yield _Token(value, axis, match.start(), match.end(), decimals, has_degrees)


def _read_angle(text: str) -> float | None:
    """Return degrees, None where minutes or seconds reach sixty."""
    sign = -1.0 if text.startswith("-") else 1.0
    parts = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]
    if any(part >= 60 for part in parts[1:]):  # noqa: PLR2004 - sixty to the next
        return None
    return sign * sum((part / 60.0**k for k, part in enumerate(parts)), 0.0)


def _pair(first: _Token, second: _Token, *, is_whole: bool) -> FoundPlace | None:
    axes = {first.axis, second.axis} - {""}
    if first.axis and first.axis == second.axis:
        return None
    precise = min(first.decimals, second.decimals) >= _LEAST_DECIMALS
    if bool(first.axis) != bool(second.axis) and not precise and not (first.has_degrees and second.has_degrees):
        return None  # one letter before a number is as likely a road as an axis
    if not (axes or (first.has_degrees and second.has_degrees) or precise or is_whole):
        return None
    start, end = first.start, second.end
    latitude_first = first.axis == _LAT or second.axis == _LON
    lon, lat = (second.value, first.value) if latitude_first else (first.value, second.value)
    place = FoundPlace(lon, lat, start, end, is_labelled=bool(axes))
    if not axes and abs(lat) > _LARGEST_LAT >= abs(lon):
        place = place.swap()
    fits = abs(place.lon) <= _LARGEST_LON and abs(place.lat) <= _LARGEST_LAT
    return place if fits else None
