"""Agencies: the district brigade, the expressway brigades, their contact offices and their stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.findings import Finding, Severity

LOCAL, EXPRESSWAY = "local", "expressway"
CATEGORIES = ("班线客运", "旅游包车", "危化品", "非法营运", "大件运输", "超限超载")
"""Categories of cases for which every agency names a contact office."""
NOBODY = "none"
"""Agency of a road that no table gives to anyone."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact office of an agency for one category of cases; posts, never persons."""

    category: str
    post: str
    phone: str


@dataclass(frozen=True, slots=True)
class Agency:
    """A brigade.

    Attributes
    ----------
    id, name
        ``local``, ``exp1``, …; its name.
    kind
        ``local`` or ``expressway``.
    letter
        The mark drawn on the map: 普, 高1, …
    office
        Its office.
    contacts
        One contact a category.
    """

    id: str
    name: str
    kind: str
    letter: str
    office: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """An end of a stretch as a person names it; what is given first counts first.

    Attributes
    ----------
    place
        ``(lon, lat)``, WGS-84 degrees, or ``None``.
    stake
        Stake text such as ``K212+150``, or ``""``.
    name
        A toll station, an interchange (name or exit number), another route's number, or a border (``岚西区界``).

    An end without any of them is open: the stretch reaches to the end of the route.
    """

    stake: str = ""
    name: str = ""
    place: tuple[float, float] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nothing is named."""
        return not (self.stake or self.name or self.place)

    def __str__(self) -> str:
        return self.name or self.stake or ("" if self.place is None else f"{self.place[0]},{self.place[1]}")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A brigade's part of a route.

    Attributes
    ----------
    agency, route
        Agency id; one number such as ``G98``.
    start, end
        Where it begins and ends, in either order; the whole route by default.
    direction
        One carriageway only, as tables name it (上行, 下行, 左幅, …); both by default.
    id
        What tells it from the other stretches; the route where it is not given.
    note
        What its table says about it.
    """

    agency: str
    route: str
    start: End = End()
    end: End = End()
    direction: str = ""
    id: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """Its id, or its route."""
        return self.id or self.route

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole route."""
        return self.start.is_open and self.end.is_open and not self.direction


DEFAULT_AGENCIES = (
    Agency(LOCAL, "区交通综合执法大队", LOCAL, "普"),
    Agency(EXPRESSWAY, "高速公路交通综合执法大队", EXPRESSWAY, "高"),
)


def contact_findings(agencies: Sequence[Agency]) -> list[Finding]:
    """Return one finding for the categories that an agency with contacts names no contact office for."""
    missing = []
    for agency in agencies:
        has = {c.category for c in agency.contacts if c.post or c.phone}
        lacks = [category for category in CATEGORIES if category not in has]
        if lacks and agency not in DEFAULT_AGENCIES:
            missing.append((agency.id, agency.name, lacks))
    if not missing:
        return []
    count = sum(len(lacks) for _, _, lacks in missing)
    listed = "；".join(f"{name}缺{'、'.join(lacks)}" for _, name, lacks in missing[:6])
    short = "; ".join(f"{ident}: {', '.join(lacks)}" for ident, _, lacks in missing[:6])
    return [
        Finding(
            "contact_missing",
            Severity.WARNING,
            count,
            f"{count} 个类别没有联络岗位（{listed}），请在单位表中补齐。",
            f"{count} categories have no contact office ({short}): add them to the table of agencies.",
            things=tuple(f"{ident}:{category}" for ident, _, lacks in missing for category in lacks)[:50],
        )
    ]
