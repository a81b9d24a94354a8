"""Agencies: the district brigade, the expressway brigades, their contact offices and their stretches."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.network import Network

LOCAL, EXPRESSWAY = "local", "expressway"


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
class Stretch:
    """A brigade's route: ``route`` is one number such as ``G98``."""

    agency: str
    route: str


DEFAULT_AGENCIES = (
    Agency(LOCAL, "区交通综合执法大队", LOCAL, "普"),
    Agency(EXPRESSWAY, "高速公路交通综合执法大队", EXPRESSWAY, "高"),
)


def read_agencies(path: Path) -> tuple[Agency, ...]:
    """Read ``agencies.csv`` (id, name, kind, letter, office, category, contact_post, phone), a row a contact.

    Raises
    ------
    InputError
        A column is missing or a kind is unknown.
    """
    rows = _read_rows(path, ("id", "name", "kind", "letter", "office", "category", "contact_post", "phone"))
    found: dict[str, Agency] = {}
    for row in rows:
        if row["kind"] not in {LOCAL, EXPRESSWAY}:
            msg = (
                f"{path.name}: 单位 {row['id']} 的 kind 应为 local 或 expressway。 / kind must be local or expressway."
            )
            raise InputError(msg)
        old = found.get(row["id"])
        contact = Contact(row["category"], row["contact_post"], row["phone"])
        contacts = (*(old.contacts if old else ()), contact)
        found[row["id"]] = Agency(row["id"], row["name"], row["kind"], row["letter"], row["office"], contacts)
    return tuple(found.values())


def read_stretches(path: Path) -> tuple[Stretch, ...]:
    """Read ``stretches.csv`` (agency, route, …); the first row of a route that two brigades claim wins."""
    return tuple(Stretch(row["agency"], row["route"]) for row in _read_rows(path, ("agency", "route")))


def _read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(_read_text(path), newline=""))
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        rows = [{c: (row.get(c) or "").strip() for c in columns} for row in reader]
    except (OSError, ValueError, csv.Error) as error:
        msg = (
            f"{path.name}: 表格无法读取，请另存为 UTF-8 编码的 CSV。 / the table cannot be read: save it as UTF-8 CSV."
        )
        raise InputError(msg) from error
    if missing:
        msg = f"{path.name}: 缺少列 {'、'.join(missing)}，请补齐后重新导入。 / missing columns: {', '.join(missing)}."
        raise InputError(msg)
    return rows


def _read_text(path: Path) -> str:
    """Read a table that was saved as UTF-8 or, by an older office program, as GB 18030."""
    body = path.read_bytes()
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030")


def assign_agencies(
    network: Network,
    expressway: npt.NDArray[np.bool_],
    agencies: Sequence[Agency] = DEFAULT_AGENCIES,
    *,
    stretches: Sequence[Stretch] = (),
) -> tuple[str, ...]:
    """Return the agency id of each segment.

    Ordinary roads go to the local agency. Expressway roads whose number is in ``stretches`` go to that brigade
    (on a concurrency the first stretch listed wins); ramps, service areas and roads without a number go to the
    brigade whose numbered road is nearest by road inside the expressway network.

    Parameters
    ----------
    network
        The network.
    expressway
        bool (segments,): the labelling.
    agencies, stretches
        The brigades and their routes.
    """
    local = next((a.id for a in agencies if a.kind == LOCAL), LOCAL)
    others = [a.id for a in agencies if a.kind == EXPRESSWAY] or [EXPRESSWAY]
    result = np.where(expressway, others[0], local).astype(object)
    if len(others) > 1 and stretches:
        result[expressway] = _nearest_brigade(network, expressway, stretches, default=others[0])
    return tuple(str(a) for a in result)


def _nearest_brigade(
    network: Network, expressway: npt.NDArray[np.bool_], stretches: Sequence[Stretch], *, default: str
) -> list[str]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    seg = network.segments
    rows = np.flatnonzero(expressway)
    ref = network.ways.text["ref"].take(seg.way[rows]).tolist()
    by_route = {stretch.route: stretch.agency for stretch in reversed(stretches)}
    order = {stretch.route: k for k, stretch in reversed(list(enumerate(stretches)))}

    def named(text: str) -> str:
        routes = [r for r in (part.strip() for part in re.split(r"[;,/ ]", text)) if r in by_route]
        return by_route[min(routes, key=order.__getitem__)] if routes else ""

    known = [named(text) for text in ref]
    starts: dict[str, set[int]] = {}
    for row, agency in zip(rows.tolist(), known, strict=True):
        if agency:
            starts.setdefault(agency, set()).update((int(seg.u[row]), int(seg.v[row])))
    if not starts:
        return [default] * len(rows)
    weight = np.maximum(seg.length_mm[rows], 1)
    key = np.lexsort((weight, seg.v[rows], seg.u[rows]))
    u, v, w = seg.u[rows][key], seg.v[rows][key], weight[key]
    first = np.append(True, (np.diff(u) != 0) | (np.diff(v) != 0))
    size = len(network.nodes)
    graph = coo_array((w[first], (u[first], v[first])), shape=(size, size)).tocsr()
    names = sorted(starts)
    distance = np.stack(
        [dijkstra(graph, directed=False, indices=sorted(starts[name]), min_only=True) for name in names]
    )
    middle = distance[:, seg.u[rows]] + distance[:, seg.v[rows]]
    nearest = middle.argmin(axis=0)
    reached = np.isfinite(middle.min(axis=0))
    return [k or (names[int(n)] if ok else default) for k, n, ok in zip(known, nearest, reached, strict=True)]
