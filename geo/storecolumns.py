"""Columns of the road store: directed segments as an Arrow table, geometry as WKB, with the metadata of GeoParquet 1.1.

=============  ==========  =====================================================================================
column         type        meaning
=============  ==========  =====================================================================================
way            int64       OSM way id
from_node      int64       OSM node the car comes from
to_node        int64       OSM node the car goes to
repeat         int16       how-manieth piece of the way between these nodes, as in the segment id
against        bool        the car drives against the line (the geometry runs in way direction in both rows)
length_mm      int64       length of the segment, whole millimetres
road_class     uint8       ``geo.classes.RoadClass``
highway …      string      the tags of ``geo.network.WAY_TAGS``, null where missing
bbox           struct      xmin, ymin, xmax, ymax, float32 rounded outward, WGS-84 degrees
geometry       WKB         LineString, lon/lat in WGS-84 degrees
=============  ==========  =====================================================================================
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from geo.network import WAY_TAGS, Network

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BOX = ("xmin", "ymin", "xmax", "ymax")
PLAIN = ("way", "from_node", "to_node", "repeat", "against", "length_mm", "road_class")
COLUMN_NAMES = (*PLAIN, *WAY_TAGS, "bbox", "geometry")
"""Columns of the store, in order."""
DICTIONARY = ["road_class", *WAY_TAGS]
"""Columns written with a dictionary."""
STATISTICS = [f"bbox.{side}" for side in BOX]
"""Columns whose bounds stand in each row group."""

_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {
        "geometry": {
            "encoding": "WKB",
            "geometry_types": ["LineString"],
            "covering": {"bbox": {side: ["bbox", side] for side in BOX}},
        }
    },
}
GEO_METADATA = {b"geo": json.dumps(_GEO).encode()}
"""Schema metadata of GeoParquet 1.1; without ``crs`` it is OGC:CRS84, that is WGS-84 lon/lat."""

_WKB_HEAD = 9
_POINT_BYTES = 16
_CHUNK = 500_000


def make_schema() -> pa.Schema:
    """Return the Arrow schema of the store, with the metadata of GeoParquet."""
    import pyarrow as pa

    plain = (pa.int64(), pa.int64(), pa.int64(), pa.int16(), pa.bool_(), pa.int64(), pa.uint8())
    fields = [
        *zip(PLAIN, plain, strict=True),
        *((tag, pa.dictionary(pa.int32(), pa.string())) for tag in WAY_TAGS),
        ("bbox", pa.struct([(side, pa.float32()) for side in BOX])),
        ("geometry", pa.binary()),
    ]
    return pa.schema(fields, metadata=GEO_METADATA)


def list_directed(network: Network, rows: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return one entry for each direction a car may drive some segments, in their order.

    Returns
    -------
    directed
        int64, segment row.
    against
        bool, the car drives from ``v`` to ``u``.
    """
    allowed = np.column_stack((network.forward[rows], network.backward[rows]))
    which, side = np.nonzero(allowed)
    return rows[which], side == 1


def measure_bounds(network: Network) -> Floats:
    """Return west, south, east, north of each segment, float64 (segments, 4), WGS-84 degrees."""
    bounds = np.empty((len(network.segments), 4))
    for start in range(0, len(bounds), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(bounds)))
        at, first, _ = _points_of(network, rows)
        for column, (values, pick) in enumerate(
            (values, pick)
            for pick in (np.minimum, np.maximum)
            for values in (network.nodes.lon[at], network.nodes.lat[at])
        ):
            bounds[rows, column] = pick.reduceat(values, first)
    return bounds


def make_table(network: Network, rows: Ints, against: npt.NDArray[np.bool_], *, bounds: Floats) -> pa.Table:
    """Return directed segments as an Arrow table with the columns of ``COLUMN_NAMES``.

    Parameters
    ----------
    network
        The network.
    rows, against
        As ``list_directed`` returns them.
    bounds
        As ``measure_bounds`` returns them.
    """
    import pyarrow as pa

    seg, ways = network.segments, network.ways
    way = seg.way[rows]
    u, v = network.nodes.id[seg.u[rows]], network.nodes.id[seg.v[rows]]
    columns = {
        "way": pa.array(ways.id[way]),
        "from_node": pa.array(np.where(against, v, u)),
        "to_node": pa.array(np.where(against, u, v)),
        "repeat": pa.array(seg.repeat[rows]),
        "against": pa.array(against),
        "length_mm": pa.array(seg.length_mm[rows]),
        "road_class": pa.array(ways.road_class[way]),
    }
    for tag in WAY_TAGS:
        columns[tag] = _text_column(ways.text[tag].codes[way], ways.text[tag].pool)
    box = _round_outward(bounds[rows])
    columns["bbox"] = pa.StructArray.from_arrays([pa.array(box[:, k]) for k in range(4)], names=list(BOX))
    columns["geometry"] = _wkb_column(network, rows)
    return pa.table(columns, schema=make_schema())


def segment_ids(table: pa.Table) -> list[str]:
    """Return the segment id of each row of a table of the store, as in ``Network.segment_ids``."""
    names = ("way", "from_node", "to_node", "repeat", "against")
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    ends = ((way, b, a, k) if against else (way, a, b, k) for way, a, b, k, against in rows)
    return [f"w{way}/{a}-{b}#{k}" if k else f"w{way}/{a}-{b}" for way, a, b, k in ends]


def _text_column(codes: npt.NDArray[np.int32], pool: tuple[str, ...]) -> pa.DictionaryArray:
    """Return a column of texts with only the texts it needs; code 0 becomes null."""
    import pyarrow as pa

    used, short = np.unique(np.concatenate((np.zeros(1, dtype=np.int32), codes)), return_inverse=True)
    index = short.ravel()[1:].astype(np.int32) - 1
    texts = [pool[code].encode("utf-8", "replace").decode("utf-8") for code in used[1:].tolist()]
    return pa.DictionaryArray.from_arrays(pa.array(index, mask=index < 0), pa.array(texts, pa.string()))


def _points_of(network: Network, rows: Ints) -> tuple[npt.NDArray[np.int32], Ints, Ints]:
    """Return the node rows of some lines one after the other, where each line begins, and how many points it has."""
    seg = network.segments
    count = (seg.end - seg.start)[rows].astype(np.int64) + 1
    first = np.cumsum(count) - count
    at = network.ways.refs[np.repeat(seg.start[rows] - first, count) + np.arange(count.sum())]
    return at, first, count


def _round_outward(bounds: Floats) -> npt.NDArray[np.float32]:
    """Return bounds as float32 that enclose the exact ones."""
    near = bounds.astype(np.float32)
    down, up = np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))
    low = np.where(near[:, :2] > bounds[:, :2], down[:, :2], near[:, :2])
    high = np.where(near[:, 2:] < bounds[:, 2:], up[:, 2:], near[:, 2:])
    return np.concatenate((low, high), axis=1)


def _wkb_column(network: Network, rows: Ints) -> pa.Array:
    """Return lines as little-endian WKB: byte order, type 2, number of points, then lon and lat of each."""
    import pyarrow as pa

    at, _, count = _points_of(network, rows)
    size = _WKB_HEAD + _POINT_BYTES * count
    offset = np.concatenate(([0], np.cumsum(size)))
    body = np.empty(offset[-1], dtype=np.uint8)
    head = np.zeros((len(rows), _WKB_HEAD), dtype=np.uint8)
    head[:, 0], head[:, 1] = 1, 2
    head[:, 5:] = count.astype("<u4").view(np.uint8).reshape(-1, 4)
    body[(offset[:-1, None] + np.arange(_WKB_HEAD)).ravel()] = head.ravel()
    points = np.column_stack((network.nodes.lon[at], network.nodes.lat[at])).astype("<f8").view(np.uint8)
    inside = np.ones(len(body), dtype=bool)
    inside[(offset[:-1, None] + np.arange(_WKB_HEAD)).ravel()] = False
    body[inside] = points.ravel()
    buffers = [None, pa.py_buffer(offset.astype(np.int32)), pa.py_buffer(body)]
    return pa.Array.from_buffers(pa.binary(), len(rows), buffers)
