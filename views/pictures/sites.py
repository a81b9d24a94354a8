"""Candidate sites of posts on the map, and those that were chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from geo.columns import TextColumn
from patrol.posts.places import Site
from views.catalogue import both
from views.map.palette import TARGET, THEME
from views.map.tables import PointTable, Table
from views.pictures.base import card

_CANDIDATE = replace(
    TARGET, key="candidate", label=both("候选点"), shape="square", fill=THEME["card"], edge=THEME["ink"], radius_px=5.0
)
_CHOSEN = replace(
    TARGET,
    key="chosen",
    label=both("选中的驻点"),
    shape="square",
    fill=THEME["accent"],
    edge=THEME["card"],
    radius_px=10.0,
    label_zoom=8.0,
)


def draw_sites(sites: Sequence[Site], chosen: Mapping[str, int]) -> list[Table]:
    """Return the table of candidate sites, none where there are none.

    Parameters
    ----------
    sites
        The candidates.
    chosen
        Units at each site that was chosen, by its id.
    """
    if not sites:
        return []
    return [
        PointTable(
            np.array([s.lon for s in sites], dtype=np.float64),
            np.array([s.lat for s in sites], dtype=np.float64),
            np.array([1 if s.id in chosen else 0 for s in sites], dtype=np.uint8),
            [s.id for s in sites],
            TextColumn.from_strings([f"{s.name or s.id} +{chosen[s.id]}" if s.id in chosen else "" for s in sites]),
            (_CANDIDATE, _CHOSEN),
            cards=(card(both("名称"), [s.name or s.id for s in sites]),),
            kind="target",
            key="sites",
            title=both("候选驻点"),
        )
    ]
