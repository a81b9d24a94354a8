"""What a pasted sentence says about a place: coordinates, stakes, stations, roads, in that order of exactness."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.datum import Datum, convert, state_datum
from geo.errors import InputError
from geo.findings import Finding, Severity
from geo.stakedesk import StakeDesk
from geo.stakeplaces import StakePlace
from geo.stakes import Direction, Stake, StakeRange, find_stakes
from jurisdiction.ask.coordinates import FoundPlace, find_coordinates
from jurisdiction.ask.gazetteer import FoundRoad, Gazetteer
from jurisdiction.ask.spots import Spot, spot_of_place, spot_of_stake, spot_of_station

Bounds = tuple[float, float, float, float]

LONGEST_TEXT = 20_000
_PADDING = 0.2
_MOST_SPOTS = 24


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the spots, roads named without a place on them, and what is doubtful."""

    spots: tuple[Spot, ...] = ()
    roads: tuple[FoundRoad, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads sentences about one district.

    Attributes
    ----------
    gazetteer, stakes
        Its names and its stakes; rows are those of one network.
    bounds
        West, south, east, north of the network, WGS-84 degrees.
    """

    gazetteer: Gazetteer
    stakes: StakeDesk
    bounds: Bounds

    def read(self, text: str, *, datum: Datum = Datum.WGS84) -> Reading:
        """Find every place a sentence may mean.

        Parameters
        ----------
        text
            The sentence.
        datum
            What coordinates in it are given in.

        Raises
        ------
        InputError
            The text is too long, or nothing in it names a place of this district.
        """
        if len(text) > LONGEST_TEXT:
            msg = (
                f"文字过长（{len(text)} 字），请只粘贴写有地点的一段。"
                f" / the text has {len(text)} characters; paste only the part that names the place."
            )
            raise InputError(msg)
        spots, findings = self.places(text, datum)
        errors: list[InputError] = []
        spots = [*spots, *self._stakes(text, errors)]
        findings = [*findings, *(_unplaced(error) for error in errors)]
        if spots:
            return Reading(tuple(spots[:_MOST_SPOTS]), findings=tuple(findings))
        if errors:
            raise errors[0]
        stations = self.gazetteer.stations_in(text)
        if stations:
            return Reading(tuple(spot_of_station(s) for s in stations[:_MOST_SPOTS]), findings=tuple(findings))
        roads = self.gazetteer.roads_in(text)
        if roads:
            return Reading(roads=roads, findings=tuple(findings))
        raise InputError(_say_nothing(text))

    def places(self, text: str, datum: Datum) -> tuple[list[Spot], list[Finding]]:
        """Return the coordinates in a text as spots, converted to WGS-84, and what was turned round."""
        found = [orient(place, self.bounds) for place in find_coordinates(text)]
        if not found:
            return [], []
        lon, lat = convert([p.lon for p in found], [p.lat for p in found], source=datum)
        spots = [
            spot_of_place(text[p.start : p.end].strip(), (float(x), float(y)), datum)
            for p, x, y in zip(found, lon, lat, strict=True)
        ]
        turned = [(spot.lon, spot.lat) for place, spot in zip(found, spots, strict=True) if place.is_swapped]
        return spots, [swapped_finding(turned)] if turned else []

    def stake_spots(self, stake: Stake, text: str) -> list[Spot]:
        """Return the spots of a stake on every carriageway it may mean.

        Raises
        ------
        InputError
            No route has this stake.
        """
        return [self._spot(place, text) for place in self.stakes.locate(stake)]

    def _spot(self, place: StakePlace, text: str) -> Spot:
        return spot_of_stake(text, place, self.stakes.reach(place, place.error_m))

    def _stakes(self, text: str, errors: list[InputError]) -> list[Spot]:
        spots: list[Spot] = []
        found = find_stakes(text)
        if not found:
            return spots
        routes = self._routes_in(text)
        way = _only_way(text)
        for item in found:
            words = text[item.start : item.end]
            try:
                if isinstance(item.value, StakeRange):
                    spots += self._range(item.value, routes, way, text=words)
                else:
                    spots += self._locate(item.value, routes, way, text=words)
            except InputError as error:
                errors.append(error)
        return spots

    def _range(self, value: StakeRange, routes: Sequence[str], way: Direction, *, text: str) -> list[Spot]:
        """Return the spots of both ends of a range; the first of them reaches over the whole of it."""
        starts, ends = (self._locate(stake, routes, way, text=text) for stake in (value.start, value.end))
        spots: list[Spot] = []
        for start in starts:
            end = next((e for e in ends if _carriageway(e) == _carriageway(start)), None)
            between = self.stakes.between(start.stake, end.stake) if end and start.stake and end.stake else ()
            spots.append(replace(start, reach=tuple(dict.fromkeys((*start.reach, *between)))))
        return [*spots, *ends]

    def _locate(self, stake: Stake, routes: Sequence[str], way: Direction, *, text: str) -> list[Spot]:
        """Find a stake; a route or direction that the rest of the sentence names narrows the search."""
        named = [stake.route] if stake.route and self.stakes.name_routes(stake.route) else list(routes)
        if not named:
            named = [stake.route]
        spots: list[Spot] = []
        errors: list[InputError] = []
        for route in named:
            try:
                spots += self.stake_spots(Stake(stake.mm, route, stake.direction, stake.line), text)
            except InputError as error:
                errors.append(error)
        if not spots:
            raise errors[0]
        narrowed = [s for s in spots if s.stake is not None and s.stake.direction is way]
        return narrowed if narrowed and not stake.direction and way else spots

    def _routes_in(self, text: str) -> tuple[str, ...]:
        """Return the routes with stakes among the roads a sentence names."""
        named = [route for road in self.gazetteer.roads_in(text) for route in self.stakes.name_routes(road.name)]
        return tuple(dict.fromkeys(route for route in named if route in self.stakes.routes))


def _carriageway(spot: Spot) -> tuple[str, Direction]:
    return (spot.stake.route, spot.stake.direction) if spot.stake is not None else ("", Direction.NONE)


def orient(place: FoundPlace, bounds: Bounds) -> FoundPlace:
    """Turn a pair round where only the other order lies near the district.

    Parameters
    ----------
    place
        As read.
    bounds
        West, south, east, north of the district.
    """
    if place.is_labelled or _is_near(place.lon, place.lat, bounds):
        return place
    fits = abs(place.lat) <= 180 and abs(place.lon) <= 90  # noqa: PLR2004 - degrees
    return place.swap() if fits and _is_near(place.lat, place.lon, bounds) else place


def _is_near(lon: float, lat: float, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return west - _PADDING <= lon <= east + _PADDING and south - _PADDING <= lat <= north + _PADDING


def swapped_finding(places: Sequence[tuple[float, float]]) -> Finding:
    """Return the note that coordinates stood latitude first and were read so."""
    return Finding(
        "coordinates_swapped",
        Severity.NOTE,
        len(places),
        f"{len(places)} 处坐标先写纬度后写经度，已按此读取（{state_datum(Datum.WGS84)}），请核对。",
        f"{len(places)} places were written latitude first and read so; check them.",
        places=tuple(places[:50]),
    )


def _unplaced(error: InputError) -> Finding:
    chinese, _, english = str(error).partition(" / ")
    return Finding("stake_not_found", Severity.WARNING, 1, chinese, english or chinese)


def _only_way(text: str) -> Direction:
    """Return the one carriageway a sentence names."""
    named = set(re.findall("上行|下行", text))
    return Direction(named.pop()) if len(named) == 1 else Direction.NONE


def _say_nothing(text: str) -> str:
    shown = " ".join(text.split())[:40]
    return (
        f"“{shown}”里没有读出地点，请写明桩号（如 G98 上行 K212+300）、经纬度、收费站或路名。"
        f" / no place was found in {shown!r}; name a stake (G98 K212+300), coordinates, a toll station or a road."
    )
