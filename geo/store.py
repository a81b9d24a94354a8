"""The road store: directed segments of a large network as GeoParquet, Z-ordered, one folder a district.

A district reads only the row groups its outline touches. Row groups carry the bounds of their segments
(``covering`` of GeoParquet 1.1), so any reader that knows the format can do the same. Folders are Hive partitions:
``district=<name>/roads.parquet``, or ``tile=<column>_<row>/roads.parquet`` where no districts are given.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from geo.errors import CancelledError, InputError
from geo.network import Network
from geo.storecolumns import (
    BOX,
    COLUMN_NAMES,
    DICTIONARY,
    STATISTICS,
    list_directed,
    make_schema,
    make_table,
    measure_bounds,
)
from geo.zorder import number_places

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rings = Sequence[npt.NDArray[np.float64]]
"""Outer rings, each float64 (points, 2), lon/lat in WGS-84 degrees, closed."""

Progress = Callable[[str, int], bool]
"""Called with a stage name and the rows written; returns ``False`` to cancel."""

ROWS_PER_GROUP = 25_000
"""Rows of a row group: what a district reads at least."""
TILE_DEG = 2.0
"""Edge of a tile, degrees."""
OUTSIDE = "outside"
"""Partition of the segments that lie in no district."""
SUMMARY = "store.json"
STORE_VERSION = 1
_FILE = "roads.parquet"
_TEMPORARY = ".part"


@dataclass(frozen=True, slots=True)
class Partition:
    """One file of a store: its folder, directed rows, millimetres of road, bounds (west, south, east, north)."""

    folder: str
    rows: int
    length_mm: int
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class RoadStore:
    """A road store on disk.

    Attributes
    ----------
    folder
        Where it lies.
    partitions
        Its files, by name.
    source
        Name, hash, format and newest edit of the map it was made from.
    """

    folder: Path
    partitions: tuple[Partition, ...]
    source: Mapping[str, str]

    @property
    def length_mm(self) -> int:
        """Millimetres of road, each road once whatever its directions: those of the network."""
        return sum(part.length_mm for part in self.partitions)


def write_store(
    network: Network,
    folder: Path,
    *,
    districts: Mapping[str, Rings] | None = None,
    rows_per_group: int = ROWS_PER_GROUP,
    progress: Progress | None = None,
) -> RoadStore:
    """Write a network as a road store.

    Parameters
    ----------
    network
        The network.
    folder
        A folder that does not exist yet; it appears whole or not at all.
    districts
        Name to outline. A segment belongs to the district that holds its middle, to the first by name where several
        do, and to ``OUTSIDE`` where none does. Without districts the store is cut into tiles of ``TILE_DEG``.
    rows_per_group
        Directed segments in a row group.
    progress
        Told how many rows are written; may cancel.

    Raises
    ------
    InputError
        The folder exists, an outline is invalid, or the disk refuses.
    CancelledError
        ``progress`` returned ``False``; nothing is left behind.
    """
    if folder.exists():
        raise InputError(
            f"{folder.name}：文件夹已存在，请换一个名字或先删除。 / the folder exists; choose another name."
        )
    work = folder.with_name(folder.name + _TEMPORARY)
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        store = _Writer(network, work, rows_per_group, progress).write(districts)
        work.rename(folder)
    except (CancelledError, InputError):
        shutil.rmtree(work, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(work, ignore_errors=True)
        raise InputError(
            f"{folder.name}：无法写入（{error.strerror}），请检查磁盘空间和权限。 / cannot be written; check the disk."
        ) from error
    return RoadStore(folder, store.partitions, store.source)


def _assign(network: Network, middle: Floats, districts: Mapping[str, Rings] | None) -> tuple[Ints, list[str]]:
    """Return the partition of each segment by number, and the names of all partitions, sorted."""
    if districts is None:
        cell = np.floor(middle / TILE_DEG).astype(np.int64)
        cells, owner = np.unique(cell, axis=0, return_inverse=True)
        return owner.ravel().astype(np.int64), [f"{x}_{y}" for x, y in cells.tolist()]
    import shapely

    names = sorted(districts)
    if OUTSIDE in names:
        raise InputError(f"区划名称不能是 {OUTSIDE}，请改名。 / a district may not be called {OUTSIDE}; rename it.")
    tree = shapely.STRtree([make_outline(districts[name]) for name in names])
    point, district = tree.query(shapely.points(middle), predicate="intersects")
    owner = np.full(len(network.segments), len(names), dtype=np.int64)
    np.minimum.at(owner, point, district)
    return owner, [*names, OUTSIDE]


def make_outline(rings: Rings) -> Any:
    """Return a (multi)polygon of outer rings.

    Raises
    ------
    InputError
        The outline crosses itself or encloses nothing.
    """
    import shapely

    polygons = [shapely.Polygon(ring) for ring in rings if len(ring) > 3]  # noqa: PLR2004 - a ring has four points
    outline = shapely.MultiPolygon(polygons)
    if not polygons or not outline.is_valid:
        raise InputError(
            "区划边界无效（自相交或没有面积），请先改正边界。 / the outline crosses itself or is empty; correct it."
        )
    return outline


class _Writer:
    """Writes the partitions of one store, row group by row group, so that only one is in memory as a table."""

    def __init__(self, network: Network, work: Path, rows_per_group: int, progress: Progress | None) -> None:
        self._network = network
        self._work = work
        self._rows_per_group = rows_per_group
        self._progress = progress
        self._bounds = measure_bounds(network)
        self._written = 0

    def write(self, districts: Mapping[str, Rings] | None) -> RoadStore:
        """Write everything and return the store."""
        network, bounds = self._network, self._bounds
        middle = (bounds[:, :2] + bounds[:, 2:]) / 2
        (west, south), (east, north) = bounds[:, :2].min(axis=0).tolist(), bounds[:, 2:].max(axis=0).tolist()
        place = number_places(middle[:, 0], middle[:, 1], box=(west, south, east, north))
        owner, names = _assign(network, middle, districts)
        key = "tile" if districts is None else "district"
        order = np.lexsort((place, owner)).astype(np.int64)
        sorted_owner = owner[order]
        parts = []
        for number, name in enumerate(names):
            first, last = np.searchsorted(sorted_owner, [number, number + 1])
            if last > first:
                parts.append(self._write_part(order[first:last], f"{key}={quote(name, safe='')}"))
        source = {name: str(getattr(network.source, name)) for name in ("name", "sha256", "format", "newest_edit")}
        store = RoadStore(self._work, tuple(parts), source)
        body = {"version": STORE_VERSION, "source": source, "partitions": [asdict(part) for part in parts]}
        with (self._work / SUMMARY).open("w", encoding="utf-8") as stream:
            json.dump(body, stream, ensure_ascii=False, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        return store

    def _write_part(self, rows: Ints, name: str) -> Partition:
        import pyarrow.parquet as pq

        folder = self._work / name
        folder.mkdir()
        directed, against = list_directed(self._network, rows)
        options = {
            "compression": "zstd",
            "compression_level": 6,
            "use_dictionary": DICTIONARY,
            "write_statistics": STATISTICS,
        }
        with (folder / _FILE).open("wb") as stream:
            with pq.ParquetWriter(stream, make_schema(), **options) as writer:
                for start in range(0, len(directed), self._rows_per_group):
                    part = slice(start, start + self._rows_per_group)
                    table = make_table(self._network, directed[part], against[part], bounds=self._bounds)
                    writer.write_table(table)
                    self._tell(table.num_rows)
            stream.flush()
            os.fsync(stream.fileno())
        west, south = self._bounds[rows, :2].min(axis=0).tolist()
        east, north = self._bounds[rows, 2:].max(axis=0).tolist()
        metres = int(self._network.segments.length_mm[rows].sum())
        return Partition(name, len(directed), metres, (west, south, east, north))

    def _tell(self, rows: int) -> None:
        self._written += rows
        if self._progress is not None and not self._progress("store", self._written):
            raise CancelledError("已取消，没有留下文件。 / cancelled; nothing is left behind.")


def open_store(folder: Path) -> RoadStore:
    """Open a road store.

    Raises
    ------
    InputError
        The folder is no road store, or one of a newer version.
    """
    try:
        body = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        version = int(body["version"])
        parts = tuple(
            Partition(str(p["folder"]), int(p["rows"]), int(p["length_mm"]), _read_box(p["bounds"]))
            for p in body["partitions"]
        )
        source = {str(name): str(value) for name, value in body["source"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder.name}：不是路网库，请选择建库时生成的文件夹。 / this folder is no road store; choose one."
        ) from error
    if version > STORE_VERSION:
        raise InputError(
            f"{folder.name}：路网库由更新的版本建立，请升级本软件。 / the store is of a newer version: upgrade first."
        )
    return RoadStore(folder, parts, source)


def _read_box(values: Sequence[float]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(value) for value in values)
    return west, south, east, north


def read_district(store: RoadStore, outline: Rings, *, columns: Sequence[str] = COLUMN_NAMES) -> pa.Table:
    """Read the directed segments that touch an outline; row groups that lie apart from it are not read.

    Parameters
    ----------
    store
        The store.
    outline
        Outer rings, float64 (points, 2) each, lon/lat in WGS-84 degrees.
    columns
        Columns wanted, in this order.

    Returns
    -------
    pyarrow.Table
        Rows by partition, then in Z-order; whole segments, also where they cross the outline.

    Raises
    ------
    InputError
        The outline is invalid, a column is unknown, or a file of the store is missing or damaged.
    """
    import pyarrow as pa
    import shapely

    unknown = sorted(set(columns) - set(COLUMN_NAMES))
    if unknown:
        raise InputError(f"路网库没有字段 {'、'.join(unknown)}。 / the store has no column {', '.join(unknown)}.")
    area = make_outline(outline)
    box = area.bounds
    shapely.prepare(area)
    wanted = [name for name in COLUMN_NAMES if name in {*columns, "bbox", "geometry"}]
    tables = [
        _touching(table, area, box)
        for part in store.partitions
        if _overlaps(part.bounds, box)
        for table in _read_groups(store.folder / part.folder / _FILE, wanted, box)
    ]
    if not tables:
        return make_schema().empty_table().select(list(columns))
    return pa.concat_tables(tables).unify_dictionaries().select(list(columns))


def _overlaps(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] <= b[2] and a[2] >= b[0] and a[1] <= b[3] and a[3] >= b[1]


def _read_groups(file: Path, wanted: list[str], box: tuple[float, float, float, float]) -> list[pa.Table]:
    """Return the row groups of one file whose bounds overlap a box."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as parquet:
            meta = parquet.metadata
            names = {meta.schema.column(k).path: k for k in range(meta.num_columns)}
            sides = [names[f"bbox.{side}"] for side in BOX]
            groups = []
            for number in range(meta.num_row_groups):
                low_x, low_y, high_x, high_y = (meta.row_group(number).column(k).statistics for k in sides)
                if _overlaps((low_x.min, low_y.min, high_x.max, high_y.max), box):
                    groups.append(number)
            return [parquet.read_row_groups(groups, columns=wanted, use_threads=False)] if groups else []
    except (OSError, KeyError, AttributeError, pa.ArrowException) as error:
        raise InputError(
            f"{file.parent.name}：路网库文件缺失或损坏，请重新建库。 / a file of the store is missing or damaged; "
            "make the store anew."
        ) from error


def _touching(table: pa.Table, area: Any, box: tuple[float, float, float, float]) -> pa.Table:
    """Return the rows whose line touches the area."""
    import pyarrow as pa
    import shapely

    bounds = table.column("bbox").combine_chunks()
    west, south, east, north = (np.asarray(bounds.field(side)) for side in BOX)
    near = np.flatnonzero((west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1]))
    rough = table.take(pa.array(near))
    lines = shapely.from_wkb(rough.column("geometry").to_numpy())
    return rough.filter(pa.array(shapely.intersects(area, lines)))
