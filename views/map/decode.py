"""Read a map file back into tables: for tests, comparisons and anyone without a browser."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from geo.columns import TextColumn
from geo.errors import InputError
from views.catalogue import Words
from views.map.encode import MapMeta, open_map
from views.map.packing import unpack_ints
from views.map.palette import LineStyle, PointStyle
from views.map.tables import CardColumn, PointTable, RoadTable, Table

Planes = dict[str, npt.NDArray[np.int64]]


def decode_map(data: bytes) -> tuple[tuple[Table, ...], MapMeta]:
    """Return the tables and the meta data of a map file; coordinates come back rounded to 1e-6 degrees.

    Raises
    ------
    InputError
        When the bytes are no map file, cut, or of another version.
    """
    header, body = open_map(data)
    tables: list[Table] = []
    offset = 0
    try:
        for head in header["tables"]:
            planes: Planes = {}
            for name, count, width, delta in head["planes"]:
                end = offset + count * width
                planes[name] = unpack_ints(body[offset:end], count, width=width, delta=bool(delta))
                offset = end
            tables.append(_read_lines(head, planes) if head["type"] == "lines" else _read_points(head, planes))
        meta = header["meta"]
        lines = tuple((Words(**label), value) for label, value in meta["lines"])
        return tuple(tables), MapMeta(Words(**meta["title"]), lines)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("map file: the header does not fit the data; write the file again") from error


def _text(planes: Planes, name: str, pool: list[str]) -> TextColumn:
    return TextColumn(planes[name].astype(np.int32), tuple(pool))


def _common(head: dict[str, Any], planes: Planes) -> dict[str, Any]:
    cards = tuple(
        CardColumn(Words(**card["label"]), _text(planes, f"card{k}", card["pool"]), tuple(card["english"]))
        for k, card in enumerate(head["cards"])
    )
    return {
        "lon": planes["x"] / 1e6,
        "lat": planes["y"] / 1e6,
        "style": planes["style"].astype(np.uint8),
        "ids": _read_ids(head, planes),
        "cards": cards,
        "kind": head["kind"],
        "key": head["key"],
        "title": Words(**head["title"]),
        "shown": head["shown"],
    }


def _read_ids(head: dict[str, Any], planes: Planes) -> list[str]:
    if "way" not in planes:
        return list(head["odd"])
    node = planes["node"].reshape(-1, 2).tolist()
    ids = [f"w{way}/{a}-{b}" for way, (a, b) in zip(planes["way"].tolist(), node, strict=True)]
    for row, text in head["odd"]:
        ids[row] = text
    return ids


def _style(kind: type[LineStyle | PointStyle], row: dict[str, Any]) -> Any:
    known = {item.name: row[item.name] for item in fields(kind)}
    known["label"] = Words(**known["label"])
    if "dash" in known:
        known["dash"] = tuple(known["dash"])
    return kind(**known)


def _read_lines(head: dict[str, Any], planes: Planes) -> RoadTable:
    ptr = np.concatenate(([0], np.cumsum(planes["count"]))).astype(np.int32)
    return RoadTable(
        ptr=ptr,
        rank=planes["rank"].astype(np.uint8),
        styles=tuple(_style(LineStyle, row) for row in head["styles"]),
        names=_text(planes, "names", head["names"]) if "names" in head else None,
        refs=_text(planes, "refs", head["refs"]) if "refs" in head else None,
        expressway=planes["green"].astype(bool) if "green" in planes else None,
        before=planes["before"].astype(np.uint8) if "before" in planes else None,
        length_m=planes["length"] / 10 if "length" in planes else None,
        **_common(head, planes),
    )


def _read_points(head: dict[str, Any], planes: Planes) -> PointTable:
    return PointTable(
        labels=_text(planes, "labels", head["labels"]),
        styles=tuple(_style(PointStyle, row) for row in head["styles"]),
        **_common(head, planes),
    )
