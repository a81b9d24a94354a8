"""From an agency's column names and values to ours: which column is which, and what its values mean."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.errors import InputError
from geo.network import WAY_TAGS

ID_NAMES: tuple[str, ...] = ("id", "osm_id", "osmid", "way_id", "fid")
"""Columns that may hold feature ids, the first one present wins."""
_ALIASES: Mapping[str, tuple[str, ...]] = {"highway": ("fclass",)}
_NAMES = frozenset({*WAY_TAGS, "id"})

_ONE_WAY = frozenset({"yes", "true", "1", "t", "y", "ft", "是", "单向", "单行"})
_REVERSE = frozenset({"-1", "reverse", "tf", "反向", "逆向"})
_BOTH = frozenset({"", "no", "false", "0", "n", "b", "both", "否", "双向"})
_YES_NO = frozenset({"toll", "bridge", "tunnel"})
_LONGEST_TEXT = 500


@dataclass(frozen=True)
class ColumnMapping:
    """What a person says about a layer.

    Attributes
    ----------
    columns
        Our name to the layer's column.
    values
        Our name to (the layer's value to ours), e.g. ``{"highway": {"高速公路": "motorway"}}``.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_mapping(source: Mapping[str, str] | ColumnMapping | str | Path | None) -> ColumnMapping:
    """Return the mapping given as a dictionary or as a TOML file.

    The file holds a table ``[columns]`` (our name = "their column") and, where values differ, tables such as
    ``[values.highway]`` ("their value" = "our value").

    Raises
    ------
    InputError
        The file cannot be read, or names something we do not have.
    """
    if source is None:
        return ColumnMapping()
    if isinstance(source, ColumnMapping):
        mapping = source
    elif isinstance(source, Mapping):
        mapping = ColumnMapping(dict(source))
    else:
        mapping = _read_toml(Path(source))
    unknown = sorted((set(mapping.columns) | set(mapping.values)) - _NAMES)
    if unknown:
        raise InputError(
            f"字段对照表中的 {'、'.join(unknown)} 不是本系统的字段，可用：{'、'.join(sorted(_NAMES))}。 / "
            f"the column mapping names {', '.join(unknown)}, which we do not have; use {', '.join(sorted(_NAMES))}."
        )
    return mapping


def _read_toml(path: Path) -> ColumnMapping:
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path.name}：字段对照表读不出来，应为 UTF-8 的 TOML 文件。 / "
            f"{path.name}: the column mapping cannot be read; it is a TOML file in UTF-8."
        ) from error
    columns = data.get("columns", {k: v for k, v in data.items() if isinstance(v, str)})
    values = data.get("values", {})
    is_good = (
        isinstance(columns, dict) and isinstance(values, dict) and all(isinstance(v, dict) for v in values.values())
    )
    if not is_good:
        raise InputError(
            f"{path.name}：字段对照表应含 [columns] 和 [values.highway] 这样的表。 / "
            f"{path.name}: the column mapping holds tables such as [columns] and [values.highway]."
        )
    return ColumnMapping(
        {str(k): str(v) for k, v in columns.items()},
        {str(k): {str(a): str(b) for a, b in v.items()} for k, v in values.items()},
    )


def find_columns(fields: Sequence[str], mapping: ColumnMapping, *, name: str) -> dict[str, str]:
    """Return our name to the layer's column, for every column that the layer has; letters' case does not matter.

    Raises
    ------
    InputError
        A mapped column is missing, or there is no column for ``highway``.
    """
    by_lower: dict[str, str] = {}
    for column in fields:
        by_lower.setdefault(column.lower(), column)
    listed = "、".join(sorted(fields)[:30]) or "—"
    found: dict[str, str] = {}
    for ours in (*WAY_TAGS, "id"):
        stated = mapping.columns.get(ours)
        if stated is not None and stated.lower() not in by_lower:
            raise InputError(
                f"{name}：没有字段 {stated}（现有：{listed}），请改正字段对照表中的 {ours}。 / "
                f"{name}: there is no column {stated} (found: {listed}); correct {ours} in the column mapping."
            )
        names = (stated,) if stated else ID_NAMES if ours == "id" else (ours, *_ALIASES.get(ours, ()))
        match = next((by_lower[n.lower()] for n in names if n.lower() in by_lower), None)
        if match is not None:
            found[ours] = match
    if "highway" not in found:
        raise InputError(
            f"{name}：没有道路等级字段 highway（现有：{listed}），"
            f'请用字段对照表指明，例如 highway = "{_example(fields)}"。 / '
            f"{name}: there is no column highway (found: {listed}); name it in a column mapping, "
            f'for instance highway = "{_example(fields)}".'
        )
    return found


def _example(fields: Sequence[str]) -> str:
    return min(fields, default="class")


def as_text(value: Any) -> str:
    r"""Return a cell as text: nothing for a missing value, no ``.0`` on whole numbers, one line, 500 letters at most.

    Examples
    --------
    >>> as_text(80.0), as_text(None), as_text(float("nan")), as_text(True), as_text(" G15\n")
    ('80', '', '', 'yes', 'G15')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = "".join(max(letter, " ") for letter in text[: _LONGEST_TEXT * 4])
    return " ".join(text.split())[:_LONGEST_TEXT]


def read_tags(
    columns: Mapping[str, Collection[Any]], found: Mapping[str, str], mapping: ColumnMapping
) -> list[dict[str, str]]:
    """Return the tags of every feature, with values as OSM writes them.

    ``oneway`` is read as yes/no in words, figures and letters, also in the F, T, B of Geofabrik's shapefiles.
    """
    texts: dict[str, list[str]] = {}
    for ours, column in found.items():
        if ours == "id":
            continue
        table = mapping.values.get(ours, {})
        raw = [as_text(value) for value in columns[column]]
        mapped = [table.get(text, text) for text in raw]
        if ours == "oneway":
            mapped = _read_oneway(mapped)
        elif ours == "highway":
            mapped = [text.lower() for text in mapped]
        elif ours in _YES_NO:
            mapped = [_read_flag(text) for text in mapped]
        texts[ours] = mapped
    names = list(texts)
    return [{n: text for n, text in zip(names, row, strict=True) if text} for row in zip(*texts.values(), strict=True)]


def _read_oneway(texts: list[str]) -> list[str]:
    low = [text.lower() for text in texts]
    # F and T are "with" and "against the line" where a B for both directions stands beside them, else false and true.
    is_letters = "b" in low and set(low) <= {"f", "t", "b", ""}
    if is_letters:
        return [{"f": "yes", "t": "-1", "b": "no"}.get(text, "") for text in low]
    out = []
    for text, original in zip(low, texts, strict=True):
        if text in _ONE_WAY:
            out.append("yes")
        elif text in _REVERSE:
            out.append("-1")
        elif text in _BOTH or text == "f":
            out.append("no" if text else "")
        else:
            out.append(original)
    return out


def _read_flag(text: str) -> str:
    return {
        "1": "yes",
        "t": "yes",
        "true": "yes",
        "y": "yes",
        "是": "yes",
        "0": "no",
        "f": "no",
        "false": "no",
        "n": "no",
        "否": "no",
    }.get(text.lower(), text)
