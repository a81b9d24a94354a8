"""``docs/formats.md``: what the files hold, column by column, from the schemas the code reads and writes with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from docs.generators.formatwords import BLOBS, DECISIONS, LAYER_WORDS, MAP_FORMATS, TABLES, TEXTS, WORDS

ROOT = Path(__file__).resolve().parents[2]


def make_page() -> str:
    """Return the text of ``docs/formats.md``."""
    parts = [TEXTS["head"], *map_part(), TEXTS["mapping"], TEXTS["tables"]]
    for table in TABLES:
        parts.append(f"\n### {table.title}\n\n{table.text}\n\n")
        parts.append(table_text(table.name, headings_of(table.name), table.required))
    parts += [TEXTS["plan"], tables_of_plan(), TEXTS["layers"], *layer_parts()]
    parts += [TEXTS["decisions"], decisions_text(), TEXTS["network"], network_text(), TEXTS["zones"], zones_text()]
    parts += [TEXTS["store"], store_text(), TEXTS["outputs"]]
    return "".join(parts)


def map_part() -> Iterator[str]:
    """Yield the table of what a map may be: every format that can hold roads."""
    from geo.sniff import LAYER_FORMATS, OSM_FORMATS, Format

    yield TEXTS["maps"]
    yield "| format | what it is | read by |\n|---|---|---|\n"
    for kind in Format:
        if kind in OSM_FORMATS | LAYER_FORMATS:
            what, how = MAP_FORMATS[str(kind)]
            yield f"| `{kind}` | {what} | {how} |\n"


def headings_of(name: str) -> Mapping[str, Sequence[str]]:
    """Return column → other headings of a table, from the module that reads it."""
    from geo import closuretable, speedtable, staketable, stationtable
    from jurisdiction import agencytables
    from jurisdiction.ask import cases
    from patrol import checkpoints, exits, targets, tasktable, units
    from patrol.posts import places
    from plan import stationfixes

    plain: dict[str, Sequence[str]] = {
        "units": (*units.COLUMNS, "skills", "duty"),
        "exits": (*exits.COLUMNS, "need", "name"),
        "targets": (*targets.COLUMNS, "name", "skill"),
        "tasks": tasktable_columns(tasktable.__doc__ or ""),
        "posts": (*places.COLUMNS, "name", "room", "units"),
        "trucks": (*checkpoints.TRUCK_COLUMNS, "train", "single_drive"),
    }
    named: dict[str, Mapping[str, Sequence[str]]] = {
        "cases": cases.HEADINGS,
        "stakes": staketable.HEADINGS,
        "stations": stationtable.HEADINGS,
        "corrections": stationfixes._HEADINGS,  # noqa: SLF001 - the page lists what the reader knows
        "closures": closuretable.HEADINGS,
        "speeds": speedtable.HEADINGS,
        "agencies": agencytables.AGENCY_HEADINGS,
        "stretches": agencytables.STRETCH_HEADINGS,
    }
    if name in named:
        return named[name]
    return dict.fromkeys(plain[name], ()) if name in plain else town_headings()


def tasktable_columns(doc: str) -> list[str]:
    """Return the columns a docstring's table tells of, in its order; values such as ``one`` have no words here."""
    names = [name for cell in re.findall(r"``([a-z_, ]+)``", doc) for name in cell.split(", ")]
    return [name for name in dict.fromkeys(names) if name in WORDS or f"tasks.{name}" in WORDS]


def town_headings() -> Mapping[str, Sequence[str]]:
    """Return the columns a layer of outlines may have."""
    from jurisdiction import towns

    names, agencies = towns._NAMES, towns._AGENCIES  # noqa: SLF001 - as above
    return {names[0]: names[1:], agencies[0]: agencies[1:]}


def table_text(table: str, headings: Mapping[str, Sequence[str]], required: Iterable[str]) -> str:
    """Return the columns of a table as markdown; a column without a meaning is a fault of this page."""
    wanted = set(required)
    unknown = wanted - set(headings)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    lines = ["| column | also read as | 说明 | meaning |", "|---|---|---|---|"]
    for column, others in headings.items():
        zh, en = meaning(table, column)
        star = " **!**" if column in wanted else ""
        lines.append(f"| `{column}`{star} | {'、'.join(others)} | {zh} | {en} |")
    return "\n".join(lines) + "\n"


def meaning(table: str, column: str) -> tuple[str, str]:
    """Return what a column means, in Chinese and English."""
    try:
        return WORDS.get(f"{table}.{column}") or WORDS[column]
    except KeyError:
        raise KeyError(f"docs/generators/formatwords.py has no words for {table}.{column}") from None


def tables_of_plan() -> str:
    """Return the tables of a plan file, from the statements that make them."""
    from plan import plantables

    lines = ["| table | columns |", "|---|---|"]
    for name, body in re.findall(r"CREATE TABLE (\w+) \((.*?)\);", plantables._TABLES, re.DOTALL):  # noqa: SLF001
        columns = [part.split()[0] for part in body.replace("\n", " ").split(",") if part.split()[0].islower()]
        lines.append(f"| `{name}` | {', '.join(f'`{c}`' for c in columns)} |")
    kinds = ", ".join(f"`{name}` {what}" for name, what in BLOBS.items())
    return "\n".join(lines) + f"\n\nSchema version {plantables.SCHEMA_VERSION}. Columns of the network: {kinds}.\n"


def layer_parts() -> Iterator[str]:
    """Yield the derived layers, from the module that makes them and the names QGIS shows."""
    from plan.qgisstyles import ALIASES, TITLES

    written = layer_columns()
    for layer, title in TITLES.items():
        yield f"\n#### `{layer}` {title}\n\n| column | type | QGIS | meaning |\n|---|---|---|---|\n"
        for column, kind in {**written[layer], "geom": "geometry"}.items():
            yield f"| `{column}` | {kind} | {ALIASES[layer].get(column, '')} | {LAYER_WORDS[f'{layer}.{column}']} |\n"


def layer_columns() -> dict[str, dict[str, str]]:
    """Return layer → column → type, read from the functions of ``plan/layers.py``."""
    found = {}
    for node in ast.parse((ROOT / "plan" / "layers.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "columns":
                    pairs = zip(line.value.keys, line.value.values, strict=True)  # type: ignore[attr-defined]
                    found[node.name.lstrip("_")] = {ast.literal_eval(k): ast.unparse(v) for k, v in pairs}
    return found


def decisions_text() -> str:
    """Return the kinds of decisions and what each is keyed by."""
    from plan.decisions import KIND_KEYS

    rows = [f"| `{kind}` | {key} | {DECISIONS[kind][0]} | {DECISIONS[kind][1]} |" for kind, key in KIND_KEYS.items()]
    return "\n".join(["| kind | key | 说明 | what it decides |", "|---|---|---|---|", *rows]) + "\n"


def network_text() -> str:
    """Return the columns of the segments as frames and exports show them."""
    from geo.interop import SEGMENT_COLUMNS

    rows = [f"| `{name}` | {dtype} | {unit} | {what} |" for name, (dtype, unit, what) in SEGMENT_COLUMNS.items()]
    return "\n".join(["| column | dtype | unit | meaning |", "|---|---|---|---|", *rows]) + "\n"


def zones_text() -> str:
    """Return the columns of zones."""
    from patrol.zones.columns import COLUMNS

    rows = [f"| `{name}` | {kind.__name__} | {what} |" for name, (kind, what) in COLUMNS.items()]
    return "\n".join(["| column | type | meaning |", "|---|---|---|", *rows]) + "\n"


def store_text() -> str:
    """Return the columns of the road store, from its own table."""
    import geo.storecolumns

    text = geo.storecolumns.__doc__ or ""
    return "```text\n" + text[text.index("=====") :].strip() + "\n```\n"
