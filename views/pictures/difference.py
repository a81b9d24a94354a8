"""The difference layer: where two positions give the same metres to different owners, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from plan.model import Plan
from views.catalogue import both
from views.map.palette import GHOST, LineStyle, contested_style
from views.map.tables import Table
from views.pictures.moved import carry_codes
from views.pictures.owners import owner_styles
from views.pictures.positions import calm_style, draw_places, raise_style, road_table

Named = tuple[Plan, Sequence[str]]
"""A plan with the agency of each segment of its network."""


def draw_difference(first: Named, second: Named, claimed: npt.NDArray[np.bool_]) -> list[Table]:
    """Return the tables of what two positions differ in.

    Parameters
    ----------
    first, second
        The plan as each side would have it, with the agency of each segment of its network.
    claimed
        bool (segments of the first plan's network,): the disputed metres.

    Notes
    -----
    Metres that both give to one owner stand in that owner's pale colour, all other roads are grey.
    """
    plan, (one, other) = first[0], codes_of(first, second)
    differ = claimed & (one != other)
    styles, _ = owner_styles(plan.agencies)
    pairs = sorted(set(zip(one[differ].tolist(), other[differ].tolist(), strict=True)))
    rows = np.flatnonzero(differ)
    place = np.array([pairs.index(pair) for pair in zip(one[rows].tolist(), other[rows].tolist(), strict=True)])
    same = np.flatnonzero(claimed & ~differ)
    return [
        road_table(plan, np.flatnonzero(~claimed), (GHOST,), key="rest", title=both("其他道路")),
        road_table(
            plan,
            same,
            tuple(calm_style(style) for style in styles),
            key="same",
            title=both("双方一致"),
            codes=one[same],
        ),
        road_table(
            plan,
            rows,
            tuple(_pair_style(styles[a], styles[b]) for a, b in pairs) or (GHOST,),
            key="differ",
            title=both("主张不同"),
            codes=place.astype(np.uint8),
        ),
        *draw_places(plan),
    ]


def measure_difference(first: Named, second: Named, claimed: npt.NDArray[np.bool_]) -> float:
    """Return the disputed metres that two positions give to different owners."""
    one, other = codes_of(first, second)
    return float(first[0].derived.network.segments.length_m[claimed & (one != other)].sum())


def codes_of(first: Named, second: Named) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return the styles of both positions' agencies, one for each piece of the first plan's network."""
    _, index = owner_styles(first[0].agencies)
    one, other = (
        np.array([index.get(a, index["none"]) for a in agency], dtype=np.uint8) for _, agency in (first, second)
    )
    return one, carry_codes(other, second[0], first[0])


def _pair_style(first: LineStyle, second: LineStyle) -> LineStyle:
    style = raise_style(contested_style(first, second))
    return replace(style, key=f"differ_{first.key}_{second.key}", label=both("主张不同"))
