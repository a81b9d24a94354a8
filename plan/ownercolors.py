"""Colours of owners in files that other programs draw; the same as on our own map (``views.map.palette``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jurisdiction.agencies import EXPRESSWAY, LOCAL, Agency

COLORS = ("#0072B2", "#D55E00", "#F0AB00", "#800850", "#009E73", "#56B4E9")
"""The district brigade, then the expressway brigades in order; why these, says the palette."""
CORES = ("", "solid", "solid", "", "dash", "")
"""White centre line that tells brigades apart without colour."""
NOBODY, SEAM = "#111111", "#1A1D21"


@dataclass(frozen=True, slots=True)
class OwnerLook:
    """How one holder is drawn: agency id (or ``contested``, ``none``), name, colour, dash in line widths, centre line.

    ``second`` is laid over ``color`` as dashes (contested).
    """

    key: str
    label: str
    color: str
    dash: tuple[float, ...] = ()
    core: str = ""
    second: str = ""


def owner_looks(agencies: Sequence[Agency]) -> tuple[OwnerLook, ...]:
    """Return the looks of every holder a plan can name, district brigade first, then brigades, contested, none."""
    local = next((a for a in agencies if a.kind == LOCAL), None)
    looks = [OwnerLook(local.id if local else LOCAL, local.name if local else "区大队", COLORS[0])]
    for slot, agency in enumerate((a for a in agencies if a.kind == EXPRESSWAY), start=1):
        k = slot if slot < len(COLORS) else 1 + (slot - 1) % (len(COLORS) - 1)
        core = CORES[k] if slot < len(COLORS) else ("solid" if CORES[k] == "dash" else "dash")
        looks.append(OwnerLook(agency.id, agency.name, COLORS[k], core=core))
    other = looks[min(1, len(looks) - 1)].color
    looks.append(OwnerLook("contested", "争议", COLORS[0], dash=(3.2, 3.2), second=other))
    looks.append(OwnerLook("none", "无主", NOBODY, dash=(2.2, 1.6)))
    return tuple(looks)
