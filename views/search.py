"""The search box: from what a person types to a place on the map."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geo.datum import Datum, convert, read_datum
from geo.errors import InputError
from geo.network import Network
from geo.stakes import Stake, StakeRange, find_stakes, format_stake
from jurisdiction.ask.coordinates import find_coordinates
from jurisdiction.ask.sentence import orient
from plan.model import Plan
from views.console.jobs import parse_place

MOST_HITS = 12
_MOST_STAKES = 8
_FAR_DEG = 0.5
"""Coordinates so far outside the map are a slip of the pen, not a place to jump to."""
_TOKENS = re.compile(r"[^\s:,;()]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_WAY = re.compile(r"(?:w|way\s*)?([0-9]{4,15})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes
    ----------
    kind, id
        What it is: ``place``, ``stake``, ``station``, ``segment``, ``case`` or ``agreement``, and its id.
    label
        A text of the map, to be shown as such.
    lon, lat
        WGS-84 degrees.
    bounds
        (west, south, east, north) of a whole road, or ``None``.
    """

    kind: str
    id: str
    label: str
    lon: float
    lat: float
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case that can be searched for: its number and place, WGS-84 degrees."""

    id: str
    lon: float
    lat: float


def looks_like_place(text: str) -> bool:
    """Return whether a text is meant as coordinates."""
    return "," in text.replace("，", ",") and not any(letter.isalpha() for letter in text)


def find_things(plan: Plan, text: str, *, cases: Iterable[KnownCase] = ()) -> list[Hit]:
    """Return what a text may mean, the best first.

    Coordinates in any form and datum, a stake, a segment or way id, the number of an agreement, a dispute or a case,
    stations, roads by name or number; a name may be typed with an ending that the map does not know.

    Parameters
    ----------
    plan
        The plan.
    text
        What was typed.
    cases
        Cases at hand.

    Raises
    ------
    InputError
        The text looks like coordinates or a stake and is none, or its coordinates lie far outside the map.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return []
    network = plan.derived.network
    row = network.row_of_segment.get(text)
    if row is not None:
        lon, lat = middle_of_segment(network, row)
        return [Hit("segment", text, text, lon, lat)]
    exact = [*_agreements(plan, text), *_disputes(plan, text), *_cases(cases, text), *_ways(network, text)]
    if exact:
        return exact[:MOST_HITS]
    places = _places(network, text)
    if places:
        return places
    if looks_like_place(text):
        lon, lat = parse_place(text)
        return [Hit("place", "", f"{lon:.6f}, {lat:.6f}", lon, lat)]
    return (_named(network, text) or _stakes(plan, text) or _nearly_named(network, text))[:MOST_HITS]


def require_things(plan: Plan, text: str, *, cases: Iterable[KnownCase] = ()) -> list[Hit]:
    """Return what a text may mean.

    Raises
    ------
    InputError
        Nothing on the map answers to it.
    """
    hits = find_things(plan, text, cases=cases)
    if not hits:
        msg = (
            f"没有找到“{text[:40]}”；可输入桩号、坐标、收费站名、路名、编号、案号、文号或路段号。 / nothing found for "
            f"“{text[:40]}”; type a stake, coordinates, a station, a road, a case, an agreement or a segment id."
        )
        raise InputError(msg)
    return hits


def middle_of_segment(network: Network, row: int) -> tuple[float, float]:
    """Return the middle point of a segment's line, lon/lat."""
    points = network.points(row)
    if len(points) == 2:  # noqa: PLR2004 - a straight segment
        return float(points[:, 0].mean()), float(points[:, 1].mean())
    lon, lat = points[len(points) // 2]
    return float(lon), float(lat)


def _places(network: Network, text: str) -> list[Hit]:
    """Return coordinates in any form; a pair that lies nowhere near turned round lies near the district."""
    nodes = network.nodes
    if len(nodes) == 0:
        return []
    bounds = (float(nodes.lon.min()), float(nodes.lat.min()), float(nodes.lon.max()), float(nodes.lat.max()))
    text, datum = _take_datum(text)
    found = [orient(place, bounds) for place in find_coordinates(text)]
    # A number with letters around it (a road, a stake) is no place unless it names its axes.
    if any(letter.isalpha() for letter in text) and not any(
        p.is_labelled or "°" in text or "度" in text for p in found
    ):
        return []
    hits = []
    for k, place in enumerate(found[:MOST_HITS]):
        lon, lat = place.lon, place.lat
        if datum is not None:
            lon, lat = (float(value[0]) for value in convert([lon], [lat], source=datum))
        _check_near(lon, lat, bounds)
        hits.append(Hit("place", str(k), f"{lon:.6f}, {lat:.6f}", lon, lat))
    return hits


def _take_datum(text: str) -> tuple[str, Datum | None]:
    """Return a text without the word that names its datum, and that datum."""
    for token in _TOKENS.findall(text):
        letters = _LETTERS.match(token)
        for word in (token, letters[0] if letters else ""):
            try:
                return text.replace(word, " ", 1), read_datum(word)
            except InputError:
                continue
    return text, None


def _check_near(lon: float, lat: float, bounds: tuple[float, float, float, float]) -> None:
    west, south, east, north = bounds
    if not (west - _FAR_DEG <= lon <= east + _FAR_DEG and south - _FAR_DEG <= lat <= north + _FAR_DEG):
        msg = (
            f"坐标 {lon:.5f}, {lat:.5f} 远在本图之外（{west:.2f}–{east:.2f}，{south:.2f}–{north:.2f}），请核对经纬度。"
            f" / {lon:.5f}, {lat:.5f} lies far outside this map ({west:.2f}–{east:.2f}, {south:.2f}–{north:.2f}):"
            " check longitude and latitude."
        )
        raise InputError(msg)


def _named(network: Network, text: str) -> list[Hit]:
    return [*_stations(network, text), *_roads(network, text)]


def _nearly_named(network: Network, text: str) -> list[Hit]:
    """Return what the beginning of a Chinese name finds: people add endings that the map does not know."""
    if any(letter.isascii() for letter in text):
        return []
    least = max(2, (len(text) + 1) // 2)
    return next((hits for k in range(len(text) - 1, least - 1, -1) if (hits := _named(network, text[:k]))), [])


def _stakes(plan: Plan, text: str) -> list[Hit]:
    """Return the places of a stake on every carriageway it may mean.

    Raises
    ------
    InputError
        The text is a stake that no route has.
    """
    found = find_stakes(text)
    if not found:
        return []
    value = found[0].value
    stake: Stake = value.start if isinstance(value, StakeRange) else value
    desk = plan.derived.stakes
    hits = []
    for place in desk.locate(stake)[:_MOST_STAKES]:
        name = f"{format_stake(place.stake)} ± {place.error_m:.0f} m"
        hits.append(Hit("stake", f"{format_stake(place.stake)}/{place.travel}", name, place.lon, place.lat))
    return hits


def _agreements(plan: Plan, text: str) -> list[Hit]:
    """Return the agreement of a number, at its seams."""
    wanted = "".join(text.split()).casefold()
    seams = {seam.id: seam for seam in plan.derived.ownership.seams}
    hits = []
    for number, decision in plan.latest("sign").items():
        if "".join(number.split()).casefold() != wanted:
            continue
        at = [seams[ident] for ident in decision.value.get("seams", ()) if ident in seams]
        if at:
            lon, lat = [s.lon for s in at], [s.lat for s in at]
            box = (min(lon), min(lat), max(lon), max(lat))
            hits.append(Hit("agreement", number, number, at[0].lon, at[0].lat, bounds=box))
    return hits


def _disputes(plan: Plan, text: str) -> list[Hit]:
    """Return the dispute of a number, at its longest segment, with bounds around all of them."""
    network, wanted = plan.derived.network, text.casefold()
    for number, decision in plan.latest("open_dispute").items():
        if number.casefold() != wanted:
            continue
        rows = [network.row_of_segment[s] for s in decision.value.get("segments", ()) if s in network.row_of_segment]
        if rows:
            return [_road(network, number, np.array(rows, dtype=np.int64))]
    return []


def _ways(network: Network, text: str) -> list[Hit]:
    """Return the way of an OpenStreetMap number."""
    found = _WAY.fullmatch(text)
    if found is None:
        return []
    rows = np.flatnonzero(network.ways.id[network.segments.way] == int(found[1]))
    return [_road(network, f"w{found[1]}", rows)] if len(rows) else []


def _cases(cases: Iterable[KnownCase], text: str) -> list[Hit]:
    wanted = text.casefold()
    return [Hit("case", case.id, case.id, case.lon, case.lat) for case in cases if case.id.casefold() == wanted]


def _stations(network: Network, text: str) -> list[Hit]:
    wanted = text.casefold()
    found = [s for s in network.stations if any(wanted in name.casefold() for name in (*s.names, s.id))]
    found.sort(key=lambda s: (wanted != s.name.casefold(), len(s.name), s.id))
    return [Hit("station", s.id, s.name or s.id, s.lon, s.lat) for s in found]


def _roads(network: Network, text: str) -> list[Hit]:
    wanted = text.casefold()
    hits: list[tuple[tuple[bool, bool, str], Hit]] = []
    for tag in ("ref", "name"):
        column = network.ways.text[tag]
        for name in column.pool:
            parts = [part.strip().casefold() for part in name.split(";")]
            is_exact = wanted in parts
            if not name or not (is_exact or (tag == "name" and wanted in name.casefold())):
                continue
            rows = np.flatnonzero(column.where({name})[network.segments.way])
            if len(rows):
                hits.append(((not is_exact, tag == "name", name), _road(network, name, rows)))
    return [hit for _, hit in sorted(hits, key=lambda pair: pair[0])]


def _road(network: Network, name: str, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Hit:
    seg = network.segments
    nodes = np.concatenate((seg.u[rows], seg.v[rows]))
    lon, lat = network.nodes.lon[nodes], network.nodes.lat[nodes]
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    longest = int(rows[int(seg.length_mm[rows].argmax())])
    middle = middle_of_segment(network, longest)
    return Hit("segment", network.segment_ids[longest], name, *middle, bounds=box)
