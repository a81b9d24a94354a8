"""Read an agency's vector file into columns and geometries, through an allow-list of drivers and nothing else."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import pathname2url

import numpy as np
import numpy.typing as npt

from geo.dbf import guess_encoding
from geo.drivers import guard_gdal
from geo.errors import InputError
from geo.intake import Admitted
from geo.sniff import Format

MAX_FEATURES = 3_000_000
"""More lines than any district has; beyond it memory would pass 2 GB."""
DRIVERS: dict[Format, frozenset[str]] = {
    Format.GPKG: frozenset({"GPKG"}),
    Format.SHAPEFILE: frozenset({"ESRI Shapefile"}),
    Format.FILEGDB: frozenset({"OpenFileGDB"}),
    Format.GEOJSON: frozenset({"GeoJSON", "GeoJSONSeq", "JSONFG"}),
    Format.FLATGEOBUF: frozenset({"FlatGeobuf"}),
}
"""GDAL drivers that may open a file, by what its content says it is."""

_RAW_TEXT = "ISO-8859-1"
_LINE_TYPES = ("LINESTRING", "MULTILINESTRING", "GEOMETRY", "CURVE", "MULTICURVE", "COMPOUNDCURVE")


@dataclass(frozen=True)
class LayerTable:
    """One layer of a file, as it lies there.

    Attributes
    ----------
    layer
        Its name.
    columns
        Column name to values, object arrays of shape (features,).
    geometry
        Shapely geometries, object (features,); None where a feature has none, or one that cannot be read.
    crs
        What the file states as its coordinate system, None where it states nothing.
    fid
        int64 (features,), stored feature ids; None where the format only counts rows.
    """

    layer: str
    columns: dict[str, npt.NDArray[np.object_]]
    geometry: npt.NDArray[np.object_]
    crs: str | None
    fid: npt.NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class LayerName:
    """A layer of a GeoPackage or geodatabase: its name, geometry type in capitals, and column names in lower case."""

    name: str
    geometry: str
    columns: frozenset[str]

    @property
    def has_lines(self) -> bool:
        """Whether the layer may hold lines."""
        return self.geometry.upper() in _LINE_TYPES


def list_layers(admitted: Admitted) -> tuple[LayerName, ...]:
    """Return the feature layers of a GeoPackage or geodatabase, sorted by name; other formats have one nameless layer.

    Raises
    ------
    InputError
        The database is damaged, or in use by another program.
    """
    if admitted.format is Format.FILEGDB:
        return _list_geodatabase(admitted)
    if admitted.format is not Format.GPKG:
        return (LayerName("", "GEOMETRY", frozenset()),)
    path = admitted.path.resolve()
    for suffix in ("-wal", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.is_file() and beside.stat().st_size:
            raise InputError(
                f"{admitted.name}：文件正被其他软件编辑（旁边有 {suffix} 文件），请先保存并关闭该软件。 / "
                f"{admitted.name}: another program is editing it ({suffix} file beside it); save and close it there."
            )
    uri = f"file:{pathname2url(str(path))}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True)
        try:
            return _read_layer_names(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise InputError(_damaged(admitted.name)) from error


def _list_geodatabase(admitted: Admitted) -> tuple[LayerName, ...]:
    """List the feature layers of a geodatabase; tables without geometry are passed over."""
    guard_gdal()
    import pyogrio

    path = str(admitted.path.resolve())
    with _translate_gdal(admitted.name):
        rows = pyogrio.list_layers(path).tolist()
    layers = []
    for name, geometry in rows:
        if geometry is None:
            continue
        with _translate_gdal(admitted.name):
            info = pyogrio.read_info(path, layer=name)
        _check_info(admitted, info)
        plain = str(geometry).upper().replace(" Z", "").replace(" M", "").replace(" ", "").removesuffix("Z")
        layers.append(LayerName(str(name), plain, frozenset(str(f).lower() for f in info["fields"].tolist())))
    return tuple(sorted(layers, key=lambda layer: layer.name))


def _read_layer_names(connection: sqlite3.Connection) -> tuple[LayerName, ...]:
    """List feature tables; views and virtual tables run code of the file's author and are passed over."""
    rows = connection.execute(
        "SELECT c.table_name, g.geometry_type_name, m.sql FROM gpkg_contents c"
        " JOIN gpkg_geometry_columns g ON g.table_name = c.table_name"
        " JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'"
        " WHERE c.data_type = 'features' ORDER BY c.table_name"
    ).fetchall()
    layers = []
    for name, geometry, sql in rows:
        if not isinstance(sql, str) or (sql.split()[:2] and sql.split()[1].upper() == "VIRTUAL"):
            continue
        info = connection.execute("SELECT lower(name) FROM pragma_table_info(?)", (name,)).fetchall()
        layers.append(LayerName(str(name), str(geometry), frozenset(str(row[0]) for row in info)))
    return tuple(layers)


def list_fields(admitted: Admitted, layer: str) -> list[str]:
    """Return the column names of a layer.

    Raises
    ------
    InputError
        As ``read_table``.
    """
    if admitted.format is Format.PARQUET:
        from geo.parquetfile import list_parquet_fields

        return list_parquet_fields(admitted)
    return _open_layer(admitted, layer)[1]


def read_table(admitted: Admitted, layer: str, *, wanted: Collection[str] | None = None) -> LayerTable:
    """Read one layer.

    Parameters
    ----------
    admitted
        A file let in by ``geo.intake``.
    layer
        Name of the layer, ``""`` for the only one.
    wanted
        Columns to read, all of them when None.

    Raises
    ------
    InputError
        The file is cut or damaged, holds too much, or another driver than that of its format would open it.
    """
    if admitted.format is Format.PARQUET:
        from geo.parquetfile import read_parquet

        return read_parquet(admitted, wanted=wanted, max_features=MAX_FEATURES)
    info, fields, text, options = _open_layer(admitted, layer)
    import pyogrio

    raw_names = {decode_text(n, text): n for n in info["fields"].tolist()}
    names = [raw_names[n] for n in fields if wanted is None or n in wanted]
    with _translate_gdal(admitted.name):
        meta, fids, wkb, values = pyogrio.raw.read(
            str(admitted.path.resolve()),
            columns=names, return_fids=True, force_2d=True, datetime_as_string=True, **options,
        )  # fmt: skip
    if len(fids) < info["features"]:
        raise InputError(_damaged(admitted.name))
    columns = {
        decode_text(str(name), text): _decode_column(column, text)
        for name, column in zip(meta["fields"].tolist(), values, strict=True)
    }
    stored = admitted.format in {Format.GPKG, Format.FILEGDB}
    fid = np.asarray(fids, dtype=np.int64) if stored else None
    return LayerTable(layer, columns, read_wkb(wkb), meta["crs"], fid)


def _open_layer(admitted: Admitted, layer: str) -> tuple[dict[str, Any], list[str], str | None, dict[str, Any]]:
    """Look at a layer through GDAL: what it says of itself, its columns, its text encoding, options to read it."""
    guard_gdal()
    import pyogrio

    options: dict[str, Any] = {"layer": layer or None}
    text = None
    if admitted.format is Format.GPKG:
        options["IMMUTABLE"] = "YES"
    elif admitted.format is Format.SHAPEFILE:
        text = guess_encoding(admitted.path)
        options["encoding"] = _RAW_TEXT
    with _translate_gdal(admitted.name):
        info = pyogrio.read_info(str(admitted.path.resolve()), force_feature_count=True, **options)
    _check_info(admitted, info)
    return info, [decode_text(str(name), text) for name in info["fields"].tolist()], text, options


@contextmanager
def _translate_gdal(name: str) -> Iterator[None]:
    """Turn whatever GDAL, or its wrapper stumbling over GDAL's answer, says of a bad file into our one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        OSError,
        MemoryError,
    ) as error:
        raise InputError(_damaged(name)) from error


def _check_info(admitted: Admitted, info: dict[str, Any]) -> None:
    if info["driver"] not in DRIVERS[admitted.format]:
        raise InputError(
            f"{admitted.name}：内容与格式不符，已拒绝；请从制图软件重新导出。 / "
            f"{admitted.name}: its content is not what its format says; export it from your mapping software again."
        )
    if info["features"] > MAX_FEATURES:
        raise InputError(
            f"{admitted.name}：图层有 {info['features']} 个要素，超过上限 {MAX_FEATURES}，请先裁剪到本区范围。 / "
            f"{admitted.name}: {info['features']} features are more than the {MAX_FEATURES} we open; cut it first."
        )


def read_wkb(wkb: Sequence[bytes | None] | npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return geometries of well-known binary; None for what is missing or cannot be read."""
    import shapely

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: npt.NDArray[np.object_] = shapely.from_wkb(np.asarray(wkb, dtype=object), on_invalid="ignore")
    return made


def decode_text(value: str, encoding: str | None) -> str:
    """Turn text that was read byte by byte back into what it says; None as encoding means that it is right already."""
    return value if encoding is None else value.encode(_RAW_TEXT).decode(encoding, "replace")


def _decode_column(values: npt.NDArray[Any], encoding: str | None) -> npt.NDArray[np.object_]:
    out = np.empty(len(values), dtype=object)
    out[:] = [decode_text(v, encoding) if isinstance(v, str) else v for v in values.tolist()]
    return out


def _damaged(name: str) -> str:
    return f"{name}：文件残缺或已损坏，请重新导出。 / {name}: the file is cut or damaged; export it again."
