"""Words of our own in both languages; texts of the map never pass through here."""

from __future__ import annotations

from views.catalogue import mark, translate

_WORDS: dict[str, str] = dict(
    (
        mark("expressway", "高速"),
        mark("ordinary", "普通公路"),
        mark("contested", "争议"),
        mark("none", "无主"),
        mark("owned", "归属明确"),
        mark("pending_handover", "待移交"),
        mark("ask", "请核实"),
        mark("outside", "路网之外"),
        mark("toll_island", "收费岛"),
        mark("ramp_end", "匝道终点"),
        mark("plaza_outer_edge", "收费广场外缘"),
        mark("land_boundary", "用地界桩"),
        mark("agreed", "商定"),
        mark("plaza_edge", "收费广场外缘"),
        mark("land", "用地界桩"),
        mark("motorway", "高速公路主线"),
        mark("stub", "收费站外的短尾"),
        mark("link", "收费系统内的匝道"),
        mark("toll_free_link", "不收费高速的匝道"),
        mark("service_area", "服务区道路"),
        mark("service", "其他服务道路"),
        mark("plaza_lane", "收费车道"),
        mark("ordinary_link", "普通公路匝道"),
        mark("booth", "收费亭"),
        mark("plaza", "收费广场"),
        mark("gate", "门禁"),
        mark("junction", "路口（无站）"),
        mark("ramp", "匝道站"),
        mark("main_line", "主线站"),
        mark("border", "省界站（已撤）"),
        mark("motorway_link", "高速公路匝道"),
        mark("trunk", "干线公路"),
        mark("primary", "主要道路"),
        mark("secondary", "次要道路"),
        mark("tertiary", "地方道路"),
        mark("minor", "其他道路"),
        mark("ferry", "渡运"),
        mark("local", "普通"),
        mark("joint", "联合班组"),
        mark("design", "本软件取值，见规则表"),
        mark("practice", "实务经验"),
        mark("missing_booth", "缺少收费亭"),
        mark("near_border", "离两大队分界太近"),
        mark("stake_error", "桩号误差范围内跨越归属"),
        mark("several_places", "所述地点可能是几处"),
        mark("several_owners", "这条道路由不同单位分管"),
        mark("datum_doubt", "坐标系存疑"),
        mark("not_placed", "地点没有读出来"),
        mark("table", "桩号表"),
        mark("milestone", "地图里程碑（粗略）"),
        mark("interchange", "互通编号（粗略）"),
        mark("near_seam", "离界点太近"),
        mark("rival_road", "旁边有另一方的道路"),
        mark("both", "双方可达"),
        mark("local_only", "仅普通可达"),
        mark("none_reached", "均不可达"),
        mark("expressway_only", "仅高速可达"),
        mark("class_points", "等级、名称、编号、收费"),
        mark("override", "人工认定"),
        mark("booth_free_reach", "不经收费亭可达"),
        mark("uncertain", "距界点或另一方道路太近"),
        mark("added", "新增"),
        mark("removed", "消失"),
        mark("reclassified", "改级"),
        mark("renamed", "改名"),
        mark("redirected", "改向"),
        mark("moved", "移位"),
        mark("entry", "入口"),
        mark("exit", "出口"),
        mark("north", "北向"),
        mark("east", "东向"),
        mark("south", "南向"),
        mark("west", "西向"),
        mark("error", "严重"),
        mark("warning", "警告"),
        mark("note", "提示"),
    )
)


def word(key: str) -> str:
    """Return a word in Chinese; an unknown key stands for itself.

    Examples
    --------
    >>> word("ramp_end"), word_en("ramp_end")
    ('匝道终点', 'Ramp end')
    """
    return _WORDS.get(key, key)


def word_en(key: str) -> str:
    """Return a word in English; an unknown key stands for itself."""
    return translate(_WORDS[key], context=key) if key in _WORDS else key
