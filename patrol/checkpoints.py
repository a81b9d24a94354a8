"""Where checkpoints may stand, whether given ones may, and where an overloaded truck is taken (domain.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.network import Network
from patrol.access import snap_targets
from patrol.reasons import LeftOut
from patrol.tables import Row, read_rows
from patrol.targets import Target
from patrol.tasks import CHECKPOINT, find_bad_checkpoints
from patrol.weigh import Truck, mass_limit_t

TRUCK_COLUMNS = ("id", "lon", "lat", "axles", "mass_t")
_MOST_AXLES, _HEAVIEST_T = 30, 1_000.0
_YES = frozenset({"1", "true", "yes", "y", "是", "train", "列车"})


@dataclass(frozen=True, slots=True)
class Checked:
    """A checkpoint that was asked about, and why it may not stand there (``None``: it may)."""

    id: str
    lon: float
    lat: float
    refused: LeftOut | None

    def to_json(self) -> dict[str, object]:
        """Return plain JSON values."""
        why = self.refused
        return {
            "id": self.id,
            "lon": self.lon,
            "lat": self.lat,
            "allowed": why is None,
            "message": why.message if why else None,
            "message_en": why.message_en if why else None,
        }


@dataclass(frozen=True, slots=True)
class Load:
    """A truck with its mass and the largest mass that its axles allow, tonnes."""

    truck: Truck
    mass_t: float
    limit_t: float

    @property
    def over_t(self) -> float:
        """Tonnes above the limit, 0 for a legal load."""
        return max(0.0, round(self.mass_t - self.limit_t, 6))


def check_checkpoints(network: Network, places: Sequence[Target]) -> tuple[Checked, ...]:
    """Tell of each place whether a checkpoint may stand there, in the order given.

    Parameters
    ----------
    network
        The network, with stations.
    places
        Targets; their kind does not matter.
    """
    asked = [Target(place.id, place.lon, place.lat, kind=CHECKPOINT) for place in places]
    bad = find_bad_checkpoints(network, asked, snap_targets(network, asked))
    return tuple(Checked(place.id, place.lon, place.lat, bad.get(k)) for k, place in enumerate(asked))


def read_places(file: Path) -> tuple[Target, ...]:
    """Read places of checkpoints from a CSV table ``id,lon,lat``.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    return tuple(Target(row.text("id"), *row.place()) for row in read_rows(file, required=("id", "lon", "lat")))


def read_trucks(file: Path) -> tuple[Load, ...]:
    """Read trucks from a CSV table ``id,lon,lat,axles,mass_t``; ``train`` and ``single_drive`` (yes or no) may follow.

    Raises
    ------
    InputError
        Where a row cannot be used; the sentence names file, line and column.
    """
    return tuple(_read_truck(row) for row in read_rows(file, required=TRUCK_COLUMNS))


def _read_truck(row: Row) -> Load:
    axles = row.number("axles", low=2, high=_MOST_AXLES)
    if axles != int(axles):
        raise row.fail("axles", f"{axles:g} is not a whole number of axles", "write 2, 3, …")
    train, single = (row.text(column, default="").lower() in _YES for column in ("train", "single_drive"))
    limit = mass_limit_t(int(axles), train=train, single_drive=single)
    mass = row.number("mass_t", low=0, high=_HEAVIEST_T)
    return Load(Truck(row.text("id"), *row.place()), mass, limit)
