"""The picture of a permission: the road it wins in colour, all other roads grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.network import Network
from patrol.aidmap import Won
from patrol.units import Unit
from views.catalogue import both
from views.map.palette import COVERAGE, LineStyle
from views.map.tables import RoadTable, Table
from views.pictures.base import tag_column
from views.pictures.coverage import cut_pieces
from views.pictures.points import draw_stations, draw_units
from views.pictures.routes import draw_ghost

_WON = LineStyle("won", both("许可后新增可达"), COVERAGE[0].color, halo=True, factor=1.3, level=3)


def draw_gain(network: Network, won: Won, units: Sequence[Unit]) -> list[Table]:
    """Return the tables of what a permission wins.

    Parameters
    ----------
    network
        The network.
    won
        The pieces of directed road; both directions of one road lie over each other.
    units
        Units to show at their posts.
    """
    ptr, lon, lat = cut_pieces(network, won.segment, (won.from_mm, won.to_mm))
    ids = network.segment_ids
    roads = RoadTable(
        ptr,
        lon,
        lat,
        np.zeros(len(won.segment), dtype=np.uint8),
        network.segment_class[won.segment],
        [ids[row] for row in won.segment.tolist()],
        (_WON,),
        names=tag_column(network, "name").take(won.segment),
        refs=tag_column(network, "ref").take(won.segment),
        length_m=(won.to_mm - won.from_mm) / 1000.0,
        kind="segment",
        key="won",
        title=both("许可后新增可达"),
    )
    tables: list[Table] = [draw_ghost(network)]
    if len(won.segment):
        tables.append(roads)
    return [*tables, draw_stations(network), draw_units(units)]
