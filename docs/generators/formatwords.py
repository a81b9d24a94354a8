"""The words of ``docs/formats.md``: what each table and column means. A column without words stops the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table a person supplies.

    Attributes
    ----------
    name
        Name in this page.
    title
        Heading of its part.
    text
        What it is for, and by which option it is read.
    required
        Columns without which it is refused.
    """

    name: str
    title: str
    text: str
    required: tuple[str, ...] = ()


TABLES = (
    Table(
        "units",
        "units.csv 单元表",
        "Cars that stand ready: `--units` of cover, post, seal, aid, incident, route, week, options, seam. "
        "Example: [`data/demo/units.csv`](../data/demo/units.csv).",
        ("id", "agency", "lon", "lat", "available"),
    ),
    Table(
        "exits",
        "exits.csv 出口表",
        "Places to be sealed: `--exits` of seal and incident. Example: [`data/demo/exits.csv`](../data/demo/exits.csv).",
        ("id", "lon", "lat"),
    ),
    Table(
        "targets",
        "targets.csv 目标表",
        "Places to be inspected: `--targets` of route and week; `roadseam targets --out` writes one. "
        "Example: [`data/demo/targets.csv`](../data/demo/targets.csv).",
        ("id", "lon", "lat", "service_min", "kind", "window", "visits_per_week", "agency"),
    ),
    Table(
        "tasks",
        "tasks.csv 任务表",
        "Mixed tasks of a day: `route --tasks`. `type` is place, zone, checkpoint or stretch (地点、区域、卡点、管段).",
        ("id", "type"),
    ),
    Table("posts", "posts.csv 候选驻点", "Own candidates for posts: `post --points`.", ("id", "lon", "lat")),
    Table(
        "trucks",
        "trucks.csv 车辆表",
        "Trucks to be weighed: `checkpoints --trucks`.",
        ("id", "lon", "lat", "axles", "mass_t"),
    ),
    Table(
        "cases",
        "cases.csv / .xlsx 案件表",
        "Cases: `owner --file` asks for each row, `options --cases`, `seam --cases` and `stretches --cases` count them. Each row "
        "needs coordinates, a stake, or a text that holds one. Columns of plates, names and telephones are not read at all. "
        "Example: [`data/demo/cases.csv`](../data/demo/cases.csv).",
    ),
    Table(
        "stakes",
        "stakes.csv / .xlsx 桩号表",
        "Stakes with places: `stakes --table`, `--stakes` of stations, stretches and ledger. A broken chain is a row with `chain` "
        "(`K228+700=K229+000`). Example: [`data/demo/stakes.csv`](../data/demo/stakes.csv).",
        ("stake", "lon", "lat"),
    ),
    Table(
        "stations",
        "stations.csv / .xlsx 收费站表",
        "The agency's list of toll stations, held against the map: `stations --table`. A place or a stake is needed for a match.",
        ("name",),
    ),
    Table(
        "corrections",
        "corrections.csv / .xlsx 收费站订正表",
        "What a person corrected, kept as decisions apart from the map: `stations --fixes`. Empty cells correct nothing.",
        ("station",),
    ),
    Table(
        "closures",
        "closures.csv / .xlsx / .geojson 封闭、施工、缓行表",
        "`--closures` of cover, seal, aid, incident, route, week and checkpoints; `--when` says for which moment. A row names a road, a "
        "point with a radius, or a line. Without factor or speed the road is closed. In GeoJSON the same names are properties.",
    ),
    Table(
        "speeds",
        "speeds.csv / .xlsx 车速表",
        "The agency's own speeds by road class, route, name, way or segment: `--speeds`.",
        ("what", "kmh"),
    ),
    Table(
        "agencies",
        "agencies.csv / .xlsx 单位表",
        "Brigades and their contact offices, a row a contact: `--agencies` of stretches and ledger. "
        "Example: [`data/demo/agencies.csv`](../data/demo/agencies.csv).",
        ("id", "name", "kind"),
    ),
    Table(
        "stretches",
        "stretches.csv / .xlsx 管段表",
        "Who has which part of which route: `--table` of stretches and ledger. An end is a stake, a toll station, an interchange, "
        "another route's number or a border (岚西区界); an end without any is open. "
        "Example: [`data/demo/stretches.csv`](../data/demo/stretches.csv).",
        ("agency", "route"),
    ),
    Table(
        "towns",
        "towns.geojson / .gpkg 乡镇与辖区面",
        "Outlines of towns or districts: `--towns` of stretches and ledger. A road belongs where its longer part lies.",
    ),
)

ID = ("编号，表内唯一", "unique in the table")
WORDS: dict[str, tuple[str, str]] = {
    "id": ID,
    "lon": ("经度", "longitude, degrees; WGS-84 unless a datum is named"),
    "lat": ("纬度", "latitude, degrees"),
    "name": ("名称", "name for people"),
    "agency": (
        "单位编号；`local`、`expressway` 或单位表中的编号",
        "`local`, `expressway` or an id of the table of agencies",
    ),
    "route": ("路线编号，如 G98", "route number, such as G98"),
    "stake": ("桩号，如 K212+300", "stake, such as K212+300"),
    "direction": ("方向：上行、下行", "direction: 上行/up, 下行/down"),
    "reason": ("理由", "reason, for people"),
    "kind": ("种类", "kind, free text"),
    "window": ("时段 HH:MM-HH:MM，空为不限", "when work may begin, `HH:MM-HH:MM`; empty: any time"),
    "visits_per_week": ("每周次数", "visits a week, 1 unless given"),
    "service_min": ("现场作业分钟数", "minutes of work on site"),
    "skill": ("所需技能", "skill a crew must have"),
    "units.available": ("可用车数；是/否亦可", "cars ready, or yes/no"),
    "units.skills": ("技能，分号分隔", "skills, separated by `;`"),
    "units.duty": ("在岗时段，可跨零点（逐小时覆盖用）", "on duty `HH:MM-HH:MM`, may pass midnight (coverage by hour)"),
    "exits.need": ("封住所需车数", "cars it takes to seal it, 1 unless given"),
    "targets.agency": (
        "须由谁去：单位编号，`joint` 为联合，空为路的归属方",
        "who must come: an agency, `joint` for both; empty: who owns the road",
    ),
    "tasks.type": ("类型", "place, zone, checkpoint or stretch"),
    "tasks.to_lon": ("管段终点经度", "longitude where a stretch ends"),
    "tasks.to_lat": ("管段终点纬度", "latitude where a stretch ends"),
    "tasks.road": ("道路编号或名称", "number or name of the road of a stretch given by stakes"),
    "tasks.from_stake": ("起点桩号", "stake at which a stretch begins"),
    "tasks.to_stake": ("终点桩号", "stake at which a stretch ends"),
    "tasks.zone": ("区域编号", "id of a zone, as `roadseam zones` prints it"),
    "tasks.directions": ("单向、任一、双向", "`one` (from → to), `either` or `both`"),
    "tasks.pace": ("巡查比行驶慢几倍", "how many times longer than driving through"),
    "posts.room": ("最多几车", "cars there is room for"),
    "posts.units": ("已有几车", "cars that stand there already"),
    "trucks.axles": ("轴数", "axles, 2 or more"),
    "trucks.mass_t": ("总质量（吨）", "mass with load, tonnes"),
    "trucks.train": ("是否汽车列车", "whether it is a road train"),
    "trucks.single_drive": ("是否单驱动轴", "whether it has one driven axle"),
    "cases.id": ("案件编号", "number of the case"),
    "cases.text": ("违法地点（一句话）", "where it was, in words; stakes, places and names are read out of it"),
    "cases.date": ("违法日期", "date of the offence; the owner of that day is told"),
    "cases.category": ("业务类别", "category; chooses the contact office"),
    "cases.handled_by": ("承办单位", "agency that handled it"),
    "stakes.section_start": ("区间起点桩号", "first stake of a section row"),
    "stakes.section_end": ("区间终点桩号", "last stake of a section row"),
    "stakes.section": ("区间，如 K1+000-K2+000", "section, such as K1+000-K2+000"),
    "stakes.chain": ("断链等式", "broken chain as an equation"),
    "corrections.station": ("收费站编号或名称", "id or name of the station on the map"),
    "corrections.kind": ("类型：匝道站、主线站、服务区、省界、门禁", "ramp, main_line, service_area, border or gate"),
    "corrections.lanes": ("车道数", "lanes"),
    "corrections.who": ("核对人（单位）", "who corrected it"),
    "corrections.when": ("日期", "ISO day"),
    "corrections.why": ("理由", "why"),
    "closures.road": ("道路编号、名称、way 或路段", "number, name, way `w…` or segment of the road"),
    "closures.line": ("坐标串", "line as WKT or pairs of coordinates"),
    "closures.radius_m": ("半径（米）", "radius about the point, m"),
    "closures.direction": ("方向：双向、正向、反向、东西南北", "both, forward, backward, or a compass direction"),
    "closures.from": ("开始日期时间", "first moment, ISO"),
    "closures.to": ("结束日期时间", "last moment, ISO"),
    "closures.days": ("星期", "days of the week"),
    "closures.hours": ("每日时段", "hours of the day"),
    "closures.factor": ("耗时倍数", "how many times longer it takes"),
    "closures.speed_factor": ("速度系数 0–1", "part of the usual speed, 0 to 1"),
    "closures.speed_kmh": ("限速", "speed, km/h"),
    "closures.source": ("数据来源", "where the notice comes from"),
    "speeds.what": ("道路等级、路线、路名、way 或路段", "class, route, name, way or segment"),
    "speeds.kmh": ("车速 km/h", "speed, km/h"),
    "agencies.id": ("单位编号，如 local、exp1", "id of the agency, such as local, exp1"),
    "agencies.kind": ("local 普通公路、expressway 高速", "`local` or `expressway`"),
    "agencies.letter": ("图上标记：普、高1 …", "the mark on the map: 普, 高1, …"),
    "agencies.office": ("驻地", "its office"),
    "agencies.category": ("联络类别", "category of cases of this contact"),
    "agencies.contact_post": ("联络岗位（不记人名）", "the post to call, never a person"),
    "agencies.phone": ("值班电话", "telephone of that post"),
    "stretches.name": ("路名", "name of the route"),
    "stretches.from_name": ("起点：站、枢纽、路线或区界", "where it begins: station, interchange, route or border"),
    "stretches.to_name": ("终点", "where it ends"),
    "stretches.from_stake": ("起点桩号", "stake at which it begins"),
    "stretches.to_stake": ("终点桩号", "stake at which it ends"),
    "stretches.note": ("备注", "note"),
    "towns.name": ("名称", "name of the town or district"),
    "towns.agency": ("普通公路归哪个单位", "agency of its ordinary roads"),
}
"""Column, or ``table.column`` where it means something else there, to Chinese and English words."""

MAP_FORMATS: dict[str, tuple[str, str]] = {
    "osm": ("OpenStreetMap XML, `.osm`", "libosmium"),
    "osm.gz": ("the same, gzip", "libosmium"),
    "osm.bz2": ("the same, bzip2", "libosmium"),
    "osm.pbf": ("OpenStreetMap PBF", "libosmium, in one pass"),
    "gpkg": ("GeoPackage: an agency's line layer, or a plan of ours", "GDAL; our plans by SQLite"),
    "shp": ("Shapefile with its parts, UTF-8 or GBK", "GDAL"),
    "gdb": ("file geodatabase, a folder", "GDAL"),
    "geojson": ("GeoJSON lines", "GDAL"),
    "fgb": ("FlatGeobuf", "GDAL"),
    "parquet": ("GeoParquet", "pyarrow"),
}

BLOBS: dict[str, str] = {
    "nodes.*": "ids, lon, lat, tags",
    "ways.*": "ids, node references, class, direction, tags as dictionary columns",
    "segments.*": "way, ends, length_mm",
    "areas, stations, findings, restrictions, source": "JSON",
}

LAYER_WORDS: dict[str, str] = {
    "owners.segment": "segment id `w<way>/<from node>-<to node>`",
    "owners.way": "OSM way id",
    "owners.from_m": "where the interval begins on the segment, m",
    "owners.to_m": "where it ends, m",
    "owners.length_m": "its length, m, whole millimetres",
    "owners.owner": "`expressway`, `ordinary`, `none` or `contested`",
    "owners.agency": "id of the agency",
    "owners.reason": "row of the evidence table that spoke, see [settings.md](settings.md)",
    "owners.name": "name of the road",
    "owners.ref": "route numbers",
    "owners.highway": "class on the map",
    "owners.geom": "LineString, EPSG:4326",
    "seams.id": "id of the seam",
    "seams.kind": "booth, plaza, ramp_end, …",
    "seams.osm_node": "node it lies on, negative where it lies inside a segment",
    "seams.station": "id of its station, or empty",
    "seams.margin_m": "metres of evidence to be contradicted before it moves",
    "seams.price_m": "price paid here, m",
    "seams.reason": "price and votes of either side, JSON",
    "seams.geom": "Point, EPSG:4326",
    "stations.id": "id of the station",
    "stations.name": "name",
    "stations.names": "all names on the map",
    "stations.kind": "ramp, main_line, service_area, border or gate",
    "stations.lanes": "lanes",
    "stations.booths": "booth nodes, space-separated",
    "stations.geom": "Point, EPSG:4326",
}

DECISIONS: dict[str, tuple[str, str]] = {
    "override_class": ("改判路段类别", "a road counts as expressway or ordinary, against its votes"),
    "place_seam": ("界点放在某处", "a seam lies at this metre; `withdrawn`: by its convention again"),
    "choose_convention": ("划界方式", "convention at one station, or `*` for all"),
    "set_stretch": ("管段", "stretches of a route"),
    "set_agency": ("单位", "an agency with its contacts"),
    "set_handover": ("移交", "metres handed over, from which day"),
    "open_dispute": ("提出争议", "metres claimed by two, or by none"),
    "position": ("主张", "what one side claims, and why"),
    "close_dispute": ("了结争议", "agreed, reserved or referred up"),
    "draft": ("协议草案", "agreement prepared, not signed"),
    "sign": ("签署", "signed agreement, in the hash chain"),
    "set_units": ("单元表", "units of the plan"),
    "set_targets": ("目标表", "targets of the plan"),
    "close_road": ("封闭、施工、缓行", "a closure, works or a slow-down"),
    "set_stakes": ("桩号表", "stakes of a route"),
    "correct_station": ("收费站订正", "what a person corrected of a station, or booths that the map lacks"),
    "set_town": ("乡镇、辖区面", "outline of a town, and the agency of its roads"),
    "comment": ("批注", "a note on a road and metre"),
}

TEXTS: dict[str, str] = {
    "head": """# 数据格式 Data formats

<!-- Made by `python3 run.py docs` from the schemas in the code; do not edit. -->

读入的文件先核对内容再读：看字节，不看文件名；压缩炸弹、外部地址、残缺文件一句话拒绝。
A file is known by its bytes, not by its name; bombs, addresses inside files and cut files are refused in one sentence (exit code 3).

[地图](#地图-maps) · [列名对照](#列名对照-column-mapping) · [表格](#表格-tables) · [方案文件](#方案文件-the-plan-file) ·
[路段列](#路段列-columns-of-the-network) · [区域列](#区域列-columns-of-zones) · [输出](#输出-outputs)
""",
    "maps": "\n## 地图 Maps\n\n",
    "mapping": """
An agency's line layer needs `name, ref, highway, oneway, maxspeed`; only `highway` is indispensable. Lines that meet at an end or
vertex within 0.5 m are joined. A layer without CRS needs `--crs`, such as `EPSG:4547`.

## 列名对照 Column mapping

图层列名不同时写一个 TOML（`load --mapping`；`load --suggest 文件` 会先猜一份给您核对）。
Where a layer names things otherwise, write a TOML (`load --mapping`, `conflate --mapping`); `load --suggest FILE` guesses one.

```toml
[columns]                 # ours = "theirs"
name = "LXMC"
ref = "LXBM"
highway = "JSDJ"

[values.highway]          # "theirs" = "ours"
"高速公路" = "motorway"
"一级公路" = "trunk"
```
""",
    "tables": """
## 表格 Tables

CSV in UTF-8 (with or without byte order mark) or GB18030, or the first filled sheet of an `.xlsx`; the first line names the columns.
**!** marks a column without which the table is refused. Rows that cannot be used are named, never dropped in silence.
CSV（UTF-8 或 GB18030）或 Excel 第一个有内容的工作表；首行为列名；**!** 为必需列；不能用的行会逐条指出。
""",
    "plan": """
## 方案文件 The plan file

A plan is a GeoPackage (SQLite): it opens in QGIS, and holds the network, every decision of every branch, what was undone, locks, and
the derived layers. A hash covers all of it. Opening never changes a byte; a save writes a new file beside the old one and swaps
them. Version 1 files open as they are and are kept as `NAME.v1.bak` when first saved.
方案是一个 GeoPackage，QGIS 可直接打开；打开不改一个字节；保存先写新文件再替换。

""",
    "layers": "\n### 图层 Layers\n\nMade from network and decisions at each save, in our colours (`layer_styles`), never read back.\n",
    "decisions": """
### 决定 Decisions

Each decision is JSON with `version`, `kind`, `key`, `value`, `who`, `when` (ISO day), `why`. Two decisions of one kind on one key are a
conflict when plans are merged.

""",
    "network": "\n## 路段列 Columns of the network\n\n`geo.interop.to_geodataframe`; lengths are geodesic.\n\n",
    "zones": """
## 区域列 Columns of zones

`roadseam zones --out FILE.gpkg|.geojson`. Every zone is a line for reference: legal boundaries are those the government announces.
参考线：控制区等界线以县级以上人民政府公告为准。

""",
    "store": "\n## 路网库列 Columns of the road store\n\nMany maps on disk as GeoParquet 1.1, for work on a province.\n\n",
    "outputs": """
## 输出 Outputs

Every command prints one JSON document with `--json`; its keys stand in [cli.md](cli.md) beside a real example. Lengths are in metres
(`_m`, `_mm`), times in seconds (`_s`), places WGS-84 unless `crs` says otherwise.

| file | by | 内容 | what it holds |
|---|---|---|---|
| `.html` | export, demo | 离线地图 | one page with map, no network needed |
| `.gpkg` | export, split, every `--out` | 方案或图层 | the plan; layers with QGIS styles |
| `.geojson` | export, zones | 归属线、区域 | owners as lines, WGS-84 (RFC 7946) |
| `.kml` | export | 归属线与界点 | owners and seams |
| `.gpx` | export, route | 界点；班组路线 | seams as waypoints; a crew's stops and track |
| `.zip` | export, papers | Shapefile；整套文书 | zipped Shapefile; a pack of papers |
| `.xlsx` | export, papers, owner | 附表；查询结果 | annex and answers; no cell from data is a formula |
| `.docx` | export, papers | 协议、纪要、移送函 | agreement, minutes, letter of transfer (GB/T 9704) |
| `.pdf` | export, papers | 图幅、图集、议程、勤务单 | vector sheets at 1:N with scale bar, sources and footer |
| `.csv` | owner, targets | 查询结果、目标表 | answers, targets; texts that look like formulas are quoted |
""",
}
