"""The search box: from what a person types to a place on the map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from geo.errors import InputError
from geo.network import Network
from geo.stakes import Stake, StakeRange, find_stakes, format_stake
from jurisdiction.ask.coordinates import find_coordinates
from jurisdiction.ask.sentence import orient
from plan.model import Plan
from views.console.jobs import parse_place

MOST_HITS = 12
_MOST_STAKES = 8


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

    Coordinates in any form, a stake, a segment id, an agreement number, a case, stations, roads by name or number.

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
        The text looks like coordinates or a stake and is none.
    """
    text = text.strip()
    if not text:
        return []
    network = plan.derived.network
    row = network.row_of_segment.get(text)
    if row is not None:
        lon, lat = middle_of_segment(network, row)
        return [Hit("segment", text, text, lon, lat)]
    exact = [*_agreements(plan, text), *_cases(cases, text)]
    if exact:
        return exact[:MOST_HITS]
    places = _places(network, text)
    if places:
        return places
    if looks_like_place(text):
        lon, lat = parse_place(text)
        return [Hit("place", "", f"{lon:.6f}, {lat:.6f}", lon, lat)]
    named = [*_stations(network, text), *_roads(network, text)][:MOST_HITS]
    return named or _stakes(plan, text)


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
    found = [orient(place, bounds) for place in find_coordinates(text)]
    # A number with letters around it (a road, a stake) is no place unless it names its axes.
    if any(letter.isalpha() for letter in text) and not any(
        p.is_labelled or "°" in text or "度" in text for p in found
    ):
        return []
    return [Hit("place", str(k), f"{p.lon:.6f}, {p.lat:.6f}", p.lon, p.lat) for k, p in enumerate(found)][:MOST_HITS]


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
