"""A spot: one place that a question may mean, and how it was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from geo.datum import Datum
from geo.stakeplaces import StakePlace
from geo.stakes import Stake, format_stake
from geo.stations import Station
from jurisdiction.whose import RIVAL_M

STATION_ERROR_M = 60.0
"""A station's name means its plaza, so wide by road."""


class SpotKind(StrEnum):
    """What a spot was read off, the most exact first."""

    COORDINATES = "coordinates"
    PHOTO = "photo"
    STAKE = "stake"
    STATION = "station"
    ROAD = "road"


@dataclass(frozen=True, slots=True)
class Spot:
    """One place that a question may mean.

    Attributes
    ----------
    kind
        What it was read off.
    text
        The words that were read.
    lon, lat
        WGS-84 degrees.
    error_m
        How far off the true place may be, metres.
    datum
        What the coordinates were given in, where any were.
    stake
        The stake, where one was given.
    row, offset_m, reach
        Segment row, metres from its first point, and the segment rows within the error along its carriageway, for a
        place on a named road; -1 elsewhere.
    """

    kind: SpotKind
    text: str
    lon: float
    lat: float
    error_m: float
    datum: Datum = Datum.WGS84
    stake: Stake | None = None
    row: int = -1
    offset_m: float = 0.0
    reach: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Return the spot as plain JSON values, coordinates WGS-84."""
        return {
            "kind": str(self.kind),
            "text": self.text,
            "lon": round(self.lon, 7),
            "lat": round(self.lat, 7),
            "error_m": round(self.error_m, 1),
            "datum": str(self.datum),
            "stake": format_stake(self.stake) if self.stake else "",
        }


def spot_of_place(text: str, place: tuple[float, float], datum: Datum, *, error_m: float | None = None) -> Spot:
    """Return the spot of coordinates that were converted to WGS-84 already."""
    return Spot(SpotKind.COORDINATES, text, *place, RIVAL_M if error_m is None else max(error_m, RIVAL_M), datum)


def spot_of_stake(text: str, place: StakePlace, reach: Sequence[int]) -> Spot:
    """Return the spot of a stake; a place off the map's roads is asked about by its coordinates."""
    return Spot(
        SpotKind.STAKE,
        text,
        place.lon,
        place.lat,
        place.error_m,
        stake=place.stake,
        row=place.segment,
        offset_m=place.offset_m,
        reach=tuple(reach),
    )


def spot_of_station(station: Station) -> Spot:
    """Return the spot of a toll station: its plaza."""
    return Spot(SpotKind.STATION, station.name or station.id, station.lon, station.lat, STATION_ERROR_M)
