"""Read a GeoParquet layer with pyarrow alone (https://geoparquet.org, versions 1.0 and 1.1)."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.errors import InputError
from geo.intake import Admitted

if TYPE_CHECKING:
    from geo.layerfile import LayerTable

_MAX_BYTES = 1 << 30


def list_parquet_fields(admitted: Admitted) -> list[str]:
    """Return the column names of a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return [str(name) for name in pq.ParquetFile(admitted.path).schema_arrow.names]
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{admitted.name}：文件残缺或已损坏，请重新导出。 / "
            f"{admitted.name}: the file is cut or damaged; export it again."
        ) from error


def read_parquet(admitted: Admitted, *, wanted: Collection[str] | None, max_features: int) -> LayerTable:
    """Read a GeoParquet file.

    Parameters
    ----------
    admitted
        A file let in by ``geo.intake``.
    wanted
        Columns to read, all of them when None.
    max_features
        Most rows that are read.

    Raises
    ------
    InputError
        The file is damaged, holds too much, has no geometry column, or stores it in another form than WKB.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from geo.layerfile import LayerTable, read_wkb

    name = admitted.name
    try:
        file = pq.ParquetFile(admitted.path)
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if file.metadata.num_rows > max_features or size > _MAX_BYTES:
            raise InputError(
                f"{name}：图层过大（{file.metadata.num_rows} 行），请先裁剪到本区范围。 / "
                f"{name}: the layer is too large ({file.metadata.num_rows} rows); cut it to your district first."
            )
        geo = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        column = geo.get("primary_column", "")
        stated = geo.get("columns", {}).get(column, {})
        if stated.get("encoding", "").upper() != "WKB":
            raise InputError(
                f"{name}：不是 WKB 编码的 GeoParquet，请用 GeoPackage 重新导出。 / "
                f"{name}: it is no GeoParquet with WKB geometry; export it as a GeoPackage."
            )
        names = [n for n in file.schema_arrow.names if n != column and (wanted is None or n in wanted)]
        # Text stays dictionary-encoded on the way in, so that one long string in a million rows is held once.
        table = pq.read_table(admitted.path, columns=[column, *names], read_dictionary=names)
        columns = {n: _as_objects(table.column(n)) for n in names}
        geometry = read_wkb(table.column(column).to_pylist())
    except (pa.ArrowException, OSError, json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f"{name}：文件残缺或已损坏，请重新导出。 / {name}: the file is cut or damaged; export it again."
        ) from error
    # The standard says that a file without the key "crs" is in WGS-84, and that a null means unknown.
    crs = stated.get("crs", "OGC:CRS84")
    return LayerTable("", columns, geometry, json.dumps(crs) if isinstance(crs, dict) else crs, None)


def _as_objects(column: Any) -> Any:
    values = column.to_pylist()
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
