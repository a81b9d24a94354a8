"""Permalinks: plan, version, selection and view by ids and numbers alone; an address is believed in no other form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLAN = re.compile(r"[0-9a-f]{12}")
_VERSION = re.compile(r"[0-9]{1,6}")
_CHOSEN = re.compile(r"(segment|station|seam|finding|unit|target):([A-Za-z0-9_.~@#/+\-]{1,64})")
_VIEW = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?)/(-?[0-9]{1,2}(?:\.[0-9]{1,7})?)/(-?[0-9]{1,3}(?:\.[0-9]{1,7})?)")
_CLOSEST, _FARTHEST_LAT, _FARTHEST_LON = 19.0, 85.0, 180.0


@dataclass(frozen=True, slots=True)
class Address:
    """What an address asks for; what it does not say, or says in another form, is empty.

    Attributes
    ----------
    plan
        First 12 hex digits of the network's hash.
    version
        How many decisions are in force; ``None`` for the newest.
    kind, id
        What is selected.
    view
        Zoom, latitude, longitude (WGS-84 degrees).
    """

    plan: str = ""
    version: int | None = None
    kind: str = ""
    id: str = ""
    view: tuple[float, float, float] | None = None


def read_address(query: Mapping[str, str]) -> Address:
    """Return what an address asks for; a value of another form counts for nothing.

    Parameters
    ----------
    query
        Parameters of the address: ``plan``, ``v``, ``sel``, ``view``.
    """
    plan = query.get("plan", "")
    version = query.get("v", "")
    chosen = _CHOSEN.fullmatch(query.get("sel", ""))
    return Address(
        plan if _PLAN.fullmatch(plan) else "",
        int(version) if _VERSION.fullmatch(version) and version.isascii() else None,
        chosen[1] if chosen else "",
        chosen[2] if chosen else "",
        _read_view(query.get("view", "")),
    )


def _read_view(text: str) -> tuple[float, float, float] | None:
    found = _VIEW.fullmatch(text)
    if found is None or not text.isascii():
        return None
    zoom, lat, lon = (float(part) for part in found.groups())
    inside = zoom <= _CLOSEST and abs(lat) <= _FARTHEST_LAT and abs(lon) <= _FARTHEST_LON
    return (zoom, lat, lon) if inside else None


def write_address(address: Address) -> dict[str, str]:
    """Return the parameters of an address; what `read_address` would not take is left out."""
    out: dict[str, str] = {}
    if _PLAN.fullmatch(address.plan):
        out["plan"] = address.plan
    if address.version is not None:
        out["v"] = str(address.version)
    chosen = f"{address.kind}:{address.id}"
    if _CHOSEN.fullmatch(chosen):
        out["sel"] = chosen
    if address.view is not None:
        zoom, lat, lon = address.view
        out["view"] = f"{zoom:.2f}/{lat:.6f}/{lon:.6f}"
    return out
