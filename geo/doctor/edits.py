"""The day each way was last edited: a pass of its own over the file, for the age check."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.network import Network


def read_edit_days(path: Path, network: Network) -> npt.NDArray[np.datetime64]:
    """Return the day each way of a network was last edited.

    Parameters
    ----------
    path
        The OSM file the network was read from.
    network
        The network.

    Returns
    -------
    datetime64[D] (ways,)
        NaT where the file does not say.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    import osmium
    from osmium import filter as of
    from osmium import osm

    days: dict[int, str] = {}
    try:
        for way in osmium.FileProcessor(str(path), osm.WAY).with_filter(of.KeyFilter("highway", "route")):
            if isinstance(way, osm.Way) and way.timestamp.year > 1970:  # noqa: PLR2004 - the epoch means "unknown"
                days[way.id] = way.timestamp.strftime("%Y-%m-%d")
    except RuntimeError as error:
        raise InputError(
            f"{path.name}：地图文件损坏或不完整，请重新下载。 / the map is damaged: download it again."
        ) from error
    return np.array([days.get(way, "NaT") for way in network.ways.id.tolist()], dtype="datetime64[D]")
