"""Which booths belong to one toll station: nearness, unless their names contradict each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from geo.groups import near_pairs
from geo.measure import middle_of, project_local

Floats = npt.NDArray[np.float64]

_GENERIC = re.compile(
    r"收费站|收費站|收费口|收费亭|匝道|入口|出口|高速公路|高速|"
    r"\b(?:gare de |station de )?peage(?: de la | de l | des | de | du | d | )?|\btoll (?:booth|plaza|station|gate)\b"
)
_WORDS = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[^\W\d_a-z]", re.UNICODE)
_APART = frozenset(
    (
        *"东西南北東中上下左右一二三",
        *("nord", "sud", "est", "ouest", "north", "south", "east", "west", "amont", "aval", "centre"),
        *("barriere", "echangeur", "bretelle"),
    )
)
"""Words that tell neighbouring stations apart: directions, numbers, kinds of plaza."""


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """How near booths of one station lie.

    Attributes
    ----------
    join_m
        Booths nearer than this belong together, unless their names contradict (150 m is what public toll data use).
    name_m
        Booths whose names are one, or may be one, belong together up to here: entry and exit of one interchange. Real
        plazas of one station lie up to 650 m apart (Longgang), two stations of one name from 770 m on (France).
    alike
        Least similarity of two spellings of one name, 0 to 1.
    """

    join_m: float = 150.0
    name_m: float = 700.0
    alike: float = 0.85


def group_booths(
    lon: npt.ArrayLike, lat: npt.ArrayLike, *, names: Sequence[str], limits: GroupLimits | None = None
) -> npt.NDArray[np.int32]:
    """Group booths into stations.

    Parameters
    ----------
    lon, lat
        float64 (booths,), WGS-84 degrees.
    names
        Name of each booth, ``""`` where it has none.
    limits
        Distances.

    Returns
    -------
    int32 (booths,), number of the station, counted in the order of their first booths.

    Notes
    -----
    Pairs are joined from the nearest to the farthest; a pair is passed over where any name on one side contradicts any
    name on the other. So a nameless booth joins the nearest station and never glues two stations together.
    """
    limits = limits or GroupLimits()
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if len(x) == 0:
        return np.zeros(0, dtype=np.int32)
    plane = np.column_stack(project_local(x, y, origin=middle_of(x, y)))
    # The plane shrinks or stretches east-west away from its middle: look farther, then measure on the spot.
    pairs = near_pairs(plane, 2.0 * max(limits.join_m, limits.name_m))
    middle = np.radians((y[pairs[:, 0]] + y[pairs[:, 1]]) / 2.0) if len(pairs) else np.zeros(0)
    degree_m = 111_195.0
    distance = degree_m * np.hypot((x[pairs[:, 0]] - x[pairs[:, 1]]) * np.cos(middle), y[pairs[:, 0]] - y[pairs[:, 1]])
    plain = [plain_name(name) for name in names]
    group = list(range(len(x)))
    members = [{name} - {""} for name in plain]

    def find(k: int) -> int:
        while group[k] != k:
            group[k] = group[group[k]]
            k = group[k]
        return k

    for row in np.lexsort((pairs[:, 1], pairs[:, 0], np.round(distance, 3))).tolist():
        a, b = pairs[row].tolist()
        if distance[row] > reach_m(plain[a], plain[b], limits=limits):
            continue
        one, two = sorted((find(a), find(b)))
        if one != two and not _contradict(members[one], members[two], limits):
            group[two] = one
            members[one] |= members[two]
    roots = [find(k) for k in range(len(x))]
    number = {root: k for k, root in enumerate(dict.fromkeys(roots))}
    return np.array([number[root] for root in roots], dtype=np.int32)


def reach_m(a: str, b: str, *, limits: GroupLimits) -> float:
    """Return how far apart booths with two plain names may lie and be one station, 0 where the names contradict."""
    if not a or not b:
        return limits.join_m
    return max(limits.name_m, limits.join_m) if is_one_name(a, b, alike=limits.alike) else 0.0


def plain_name(name: str) -> str:
    """Return a name without accents, signs, capitals and words such as 收费站 that every station carries.

    Examples
    --------
    >>> plain_name("惠盐荷坳收费站"), plain_name("Péage de Saint-Romain-de-Popey")
    ('惠盐荷坳', 'saint romain de popey')
    """
    flat = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    flat = re.sub(r"[\W_]+", " ", flat)
    return " ".join(_GENERIC.sub(" ", flat).split())


@lru_cache(maxsize=65_536)
def is_one_name(a: str, b: str, *, alike: float = 0.85) -> bool:
    """Return whether two plain names may mean one station.

    One inside the other, or two spellings of one; but not where they differ by a direction (东, Nord …), a number or
    the kind of plaza, which is how neighbouring stations are told apart.

    Examples
    --------
    >>> is_one_name("惠盐荷坳", "荷坳"), is_one_name("荷坳东", "荷坳"), is_one_name("auxerre sud", "auxerresud")
    (True, False, True)
    """
    one, two = _WORDS.findall(a), _WORDS.findall(b)
    apart = (set(one) ^ set(two)) & _APART
    numbers = {w for w in set(one) ^ set(two) if w[0].isdigit()}
    x, y = a.replace(" ", ""), b.replace(" ", "")
    if x == y:
        return True
    if apart or numbers:
        return False
    if min(len(x), len(y)) > 1 and (x in y or y in x):
        return True
    return SequenceMatcher(None, min(x, y), max(x, y), autojunk=False).ratio() >= alike


def _contradict(one: set[str], two: set[str], limits: GroupLimits) -> bool:
    return any(a != b and not is_one_name(a, b, alike=limits.alike) for a in one for b in two)
