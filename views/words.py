"""Words of our own in both languages; texts of the map never pass through here."""

from __future__ import annotations

_WORDS: dict[str, tuple[str, str]] = {
    "expressway": ("高速", "Expressway"),
    "ordinary": ("普通公路", "Ordinary road"),
    "contested": ("争议", "Contested"),
    "none": ("无主", "Nobody"),
    "owned": ("归属明确", "Owned"),
    "pending_handover": ("待移交", "Handover pending"),
    "ask": ("请核实", "Please verify"),
    "outside": ("路网之外", "Outside the network"),
    "toll_island": ("收费岛", "Toll island"),
    "ramp_end": ("匝道终点", "Ramp end"),
    "plaza_outer_edge": ("收费广场外缘", "Plaza outer edge"),
    "land_boundary": ("用地界桩", "Land boundary"),
    "agreed": ("商定", "Agreed"),
    "plaza_edge": ("收费广场外缘", "Plaza outer edge"),
    "land": ("用地界桩", "Land boundary"),
    "motorway": ("高速公路主线", "Expressway main line"),
    "stub": ("收费站外的短尾", "Stub beyond a station"),
    "link": ("收费系统内的匝道", "Ramp inside the toll system"),
    "toll_free_link": ("不收费高速的匝道", "Ramp of a toll-free expressway"),
    "service_area": ("服务区道路", "Service-area road"),
    "service": ("其他服务道路", "Other service road"),
    "plaza_lane": ("收费车道", "Toll lane"),
    "ordinary_link": ("普通公路匝道", "Ramp of an ordinary road"),
    "booth": ("收费亭", "Booth"),
    "plaza": ("收费广场", "Plaza"),
    "gate": ("门禁", "Gate"),
    "junction": ("路口（无站）", "Junction without a station"),
    "ramp": ("匝道站", "Ramp station"),
    "main_line": ("主线站", "Main-line station"),
    "border": ("省界站（已撤）", "Removed border station"),
    "motorway_link": ("高速公路匝道", "Expressway ramp"),
    "trunk": ("干线公路", "Trunk road"),
    "primary": ("主要道路", "Primary road"),
    "secondary": ("次要道路", "Secondary road"),
    "tertiary": ("地方道路", "Local road"),
    "minor": ("其他道路", "Minor road"),
    "ferry": ("渡运", "Ferry"),
    "local": ("普通", "Local"),
    "joint": ("联合班组", "Joint crew"),
    "design": ("本软件取值，见规则表", "our own value, see the rule table"),
    "practice": ("实务经验", "practice"),
    "missing_booth": ("缺少收费亭", "Booth missing"),
    "near_border": ("离两大队分界太近", "Too near the border of two brigades"),
    "stake_error": ("桩号误差范围内跨越归属", "The owner changes within the error of the stake"),
    "several_places": ("所述地点可能是几处", "The words mean several places"),
    "several_owners": ("这条道路由不同单位分管", "The road has several owners"),
    "datum_doubt": ("坐标系存疑", "The datum is in doubt"),
    "not_placed": ("地点没有读出来", "The place could not be read"),
    "table": ("桩号表", "Stake table"),
    "milestone": ("地图里程碑（粗略）", "Milestones of the map (rough)"),
    "interchange": ("互通编号（粗略）", "Interchange numbers (rough)"),
    "near_seam": ("离界点太近", "Too near a seam"),
    "rival_road": ("旁边有另一方的道路", "A road of the other side lies beside it"),
    "both": ("双方可达", "Both"),
    "local_only": ("仅普通可达", "Local only"),
    "none_reached": ("均不可达", "Nobody"),
    "expressway_only": ("仅高速可达", "Expressway only"),
    "class_points": ("等级、名称、编号、收费", "Class, name, number, toll"),
    "override": ("人工认定", "Judged by a person"),
    "booth_free_reach": ("不经收费亭可达", "Reached without a booth"),
    "uncertain": ("距界点或另一方道路太近", "Too near a seam or a rival road"),
    "added": ("新增", "Added"),
    "removed": ("消失", "Removed"),
    "reclassified": ("改级", "Reclassified"),
    "renamed": ("改名", "Renamed"),
    "redirected": ("改向", "Redirected"),
    "moved": ("移位", "Moved"),
    "entry": ("入口", "Entry"),
    "exit": ("出口", "Exit"),
    "north": ("北向", "Northbound"),
    "east": ("东向", "Eastbound"),
    "south": ("南向", "Southbound"),
    "west": ("西向", "Westbound"),
    "error": ("严重", "Error"),
    "warning": ("警告", "Warning"),
    "note": ("提示", "Note"),
}


def word(key: str) -> str:
    """Return a word in Chinese; an unknown key stands for itself.

    Examples
    --------
    >>> word("ramp_end"), word_en("ramp_end")
    ('匝道终点', 'Ramp end')
    """
    return _WORDS[key][0] if key in _WORDS else key


def word_en(key: str) -> str:
    """Return a word in English; an unknown key stands for itself."""
    return _WORDS[key][1] if key in _WORDS else key
