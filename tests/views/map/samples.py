"""Small map tables written down by hand, and the texts an attacker would put into a map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geo.columns import TextColumn
from views.catalogue import Words
from views.map import palette
from views.map.encode import MapMeta
from views.map.tables import CardColumn, PointTable, RoadTable

RUN = "window.__pwned=1"
MKDIR = "{{ cycler.__init__.__globals__.os.mkdir('pwned-folder') }}"
PAYLOADS: tuple[str, ...] = (
    f'<img src=x onerror="{RUN}">',
    f"</script><script>{RUN}</script>",
    f"${{{RUN}}}",
    f"`+({RUN})+`",
    f"');{RUN};('",
    f'");{RUN};("',
    f"javascript:{RUN}",
    f"--><svg onload={RUN}>",
    "{{ 7777*7777 }}",
    MKDIR,
    "{% broken",
    "{# comment",
    "#}%}}}",
    f"]]><script>{RUN}</script>",
)
ODD_NAMES: tuple[str, ...] = (
    "شارع الملك",
    "\u202eevil\u202c",
    "路🚗口",
    "a\x00b\x1b[31m",
    "长" * 3400,
    "\ud800",
    " ",
    "",
)


def owner_styles() -> tuple[palette.LineStyle, ...]:
    """Return the district's style, one brigade's, and the contested one."""
    local = palette.owner_style(0, Words("区大队", "District brigade"))
    first = palette.owner_style(1, Words("高速一大队", "Expressway brigade 1"))
    return local, first, palette.contested_style(local, first)


def make_roads(
    names: tuple[str, ...] = ("东岗高速", "东岗大道", "西河路"), ids: tuple[str, ...] | None = None
) -> RoadTable:
    """Return parallel roads west to east, 0.002 degrees apart, one a name: an expressway, then ordinary roads."""
    n = len(names)
    rows = np.arange(n)
    lon = np.tile([118.70, 118.71, 118.72], n)
    lat = np.repeat(31.30 + 0.002 * rows, 3)
    text = TextColumn.from_strings(names)
    return RoadTable(
        ptr=np.arange(0, 3 * n + 1, 3, dtype=np.int32),
        lon=lon,
        lat=lat,
        style=np.where(rows == 0, 1, 0).astype(np.uint8),
        before=np.where(rows == 1, 1, 0).astype(np.uint8),
        rank=np.where(rows == 0, 0, 3).astype(np.uint8),
        ids=ids or tuple(f"w{100 + k}/{2 * k + 1}-{2 * k + 2}" for k in range(n)),
        styles=owner_styles(),
        names=text,
        refs=TextColumn.from_strings(["G98;S17" if k == 0 else "S202" for k in range(n)]),
        length_m=np.full(n, 1900.25),
        cards=(
            CardColumn(Words("理由", "Reason"), text),
            CardColumn(Words("单位", "Agency"), text, english=tuple(f"agency {k}" for k in range(len(text.pool)))),
        ),
    )


def make_points(labels: tuple[str, ...] = ("东岗收费站", "", "3"), ids: tuple[str, ...] | None = None) -> PointTable:
    """Return points on a line north of the roads, each of another kind."""
    n = len(labels)
    return PointTable(
        lon=118.704 + 0.004 * np.arange(n),
        lat=np.full(n, 31.296),
        style=(np.arange(n) % 3).astype(np.uint8),
        ids=ids or tuple(f"p{k}" for k in range(n)),
        labels=TextColumn.from_strings(labels),
        styles=(palette.STATION, palette.SEAM_AT_BOOTH, palette.UNIT_LOCAL),
        cards=(CardColumn(Words("备注", "Note"), TextColumn.from_strings(labels)),),
    )


def hostile_tables(texts: tuple[str, ...]) -> tuple[tuple[RoadTable, PointTable], MapMeta]:
    """Return tables with the texts in every place that takes text, one a row, style and card, and a title made of them."""
    n, joined = len(texts), "".join(texts)
    words = [Words(text, text) for text in texts]
    roads, points = make_roads(texts, ids=tuple(f"{text}{k}" for k, text in enumerate(texts))), make_points(texts)
    column = TextColumn.from_strings(texts)
    style = np.arange(n, dtype=np.uint8)
    cards = tuple(CardColumn(label, column, english=column.pool) for label in words)
    lines = tuple(
        palette.LineStyle(text, label, "#0072B2", letter=text) for text, label in zip(texts, words, strict=True)
    )
    dots = tuple(
        palette.PointStyle(text, label, "diamond", "#FFFFFF", "#111111", label_zoom=5)
        for text, label in zip(texts, words, strict=True)
    )
    every = {"cards": cards, "kind": joined, "title": Words(joined, joined), "style": style}
    roads = replace(roads, styles=lines, before=style[::-1].copy(), refs=column, key=joined, **every)
    points = replace(
        points, styles=dots, ids=tuple(f"{text} {k}" for k, text in enumerate(texts)), key="p" + joined, **every
    )
    return (roads, points), MapMeta(Words(joined, joined), tuple((label, label.zh) for label in words))
