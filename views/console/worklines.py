"""Lines for a person about coverage, mutual aid, incidents, pursuits, zones, targets and checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from views.words import word

_KM = 1000.0
_MOST = 12
_STATES = ("both", "local_only", "expressway_only", "none")
_PARTS = (("agency", "按单位 by agency"), ("class", "按等级 by class"), ("town", "按乡镇 by town"))
_WAYS = {1: "沿线方向 along the line", -1: "逆线方向 against the line"}
_PLACES = {"station": "收费站 station", "service_area": "服务区 service area", "weigh_station": "检测站 weigh station"}


def work_lines(body: Mapping[str, Any]) -> list[str]:
    """Return what is known of a document of work in lines; none for another document."""
    lines: list[str] = []
    if "overlap" in body and "share_within" in body:
        lines += _coverage(body)
    if "permissions" in body and "lawful_m" in body:
        lines += _aid(body)
    if "turn_rounds" in body and "detours" in body:
        lines += _incident(body)
    if isinstance(body.get("pursuit"), dict):
        lines += _pursuit(body["pursuit"])
    if isinstance(body.get("area_m2"), dict):
        lines += [
            f"  {_kind(kind)} {body['counts'][kind]} 片 areas · {sum(owners.values()) / 1e6:.3f} km²"
            for kind, owners in body["area_m2"].items()
        ]
    if isinstance(body.get("targets"), list):
        lines += _targets(body)
    if "weigh_stations" in body and "allowed" in body:
        lines += _checkpoints(body)
    return lines


def _coverage(body: Mapping[str, Any]) -> list[str]:
    length, total = body["length_m"], body["total_m"]
    names = {"none": word("none_reached")}
    states = " · ".join(
        f"{names.get(key) or word(key)} {length[key] / _KM:.1f} km（{_share(length[key], total)}）" for key in _STATES
    )
    lines = [f"时限 limit {body['limit_s'] / 60:g} min · 全部 all {total / _KM:.1f} km", states]
    for key, title in _PARTS:
        lines.append(f"{title}:")
        parts = sorted(body["by"][key].items(), key=lambda item: (-item[1]["total_m"], item[0]))
        for name, part in parts[:_MOST]:
            times = part["response_s"]
            lines.append(
                f"  {word(name) or '未划定 none'}  {part['total_m'] / _KM:.1f} km · 时限内 within "
                f"{_percent(part['share'])} · p50 {_minutes(times['p50'])} · p90 {_minutes(times['p90'])}"
                f" · 最久 max {_minutes(times['max'])}"
            )
    over = body["overlap"]
    lines.append(f"两个以上单元 by two or more {over['twice_m'] / _KM:.1f} km（{_percent(over['duplication'])}）")
    lines += [
        f"到不了 unreachable {row['length_m'] / _KM:.1f} km：{row['message']} / {row['message_en']}"
        for row in body["unreachable"]
        if row["length_m"] > 0
    ]
    lines += [f"{unit['message']} / {unit['message_en']}" for unit in body.get("idle_units", ())]
    for hour in body.get("hours", ()):
        reached = hour["total_m"] - hour["length_m"]["none"]
        lines.append(f"  {hour['hour']:02}:00 时限内 within {_share(reached, hour['total_m'])}")
    return lines


def _aid(body: Mapping[str, Any]) -> list[str]:
    total = sum(body["total_m"].values())
    lawful = sum(body["lawful_m"].values())
    reached = f"时限内依法可达 reached with authority {lawful / _KM:.1f} km，共 of {total / _KM:.1f} km"
    lines = [f"{reached} · 准许 permissions {body['found']}"]
    for number, row in enumerate(body["permissions"][:_MOST], 1):
        bought = " · ".join(
            f"{word(side)} ＋{gain['gained_km']:.2f} km，早 sooner {gain['saved_min']:.2f} min"
            for side, gain in row["bought"].items()
        )
        lines.append(f"{number:>3}. {row['sentence']} · {bought}")
    return lines


def _incident(body: Mapping[str, Any]) -> list[str]:
    lines = [f"路段 segment {body['segment']} · {body['lon']:.5f}, {body['lat']:.5f} · {word(body['owner'])}"]
    first = body["first"]
    lines.append(
        "没有车能依法到达 / no car may legally get there"
        if first is None
        else f"最先 first: {first['unit']}（{word(first['agency'])}）{_minutes(first['time_s'])}"
    )
    for car in body["cars"]:
        right = "有执法权 may act" if car["may_act"] else "无执法权 may not act"
        lines.append(f"  {car['unit']}（{word(car['agency'])}）{_minutes(car['time_s'])} · {right}")
    for turn in body["turn_rounds"]:
        where = turn["station"] or f"{turn['lon']:.5f}, {turn['lat']:.5f}"
        lines.append(f"下一掉头处 next turn-round: {where} · {_minutes(turn['time_s'])} · {_way(turn)}")
    for row in body["close"]:
        entries = "、".join(row["close_entries"]) or "–"
        lines.append(
            f"关闭 close: {entries} · 分流 divert at {row['divert_at'] or '–'}"
            f"（{row['divert_m'] / _KM:.1f} km）· {_way(row)}"
        )
    for row in body["detours"]:
        roads = " → ".join(f"{part['road'] or '–'} {part['length_m'] / _KM:.1f} km" for part in row["roads"])
        lines.append(f"绕行 detour: {roads} · {row['length_m'] / _KM:.1f} km · {_minutes(row['time_s'])} · {_way(row)}")
    lines += [f"指挥 command: {row['text']} / {row['text_en']}" for row in body["command"]]
    return lines


def _pursuit(pursuit: Mapping[str, Any]) -> list[str]:
    clocks = pursuit["exits"]
    closed = sum(clock["closed"] for clock in clocks)
    lines = [f"来得及关 in time {closed} · 来不及 open {len(clocks) - closed}"]
    for clock in clocks:
        gone = clock["fugitive_s"] is not None and clock["fugitive_s"] < 0
        there = "对方已过 fugitive gone" if gone else f"对方 fugitive {_minutes(clock['fugitive_s'])}"
        if clock["closed"]:
            lines.append(f"  {clock['exit']} ← {clock['unit']} {_minutes(clock['unit_s'])} · {there}")
        else:
            lines.append(f"  来不及 open: {clock['exit']} · {there}")
    return lines


def _targets(body: Mapping[str, Any]) -> list[str]:
    kinds = " · ".join(f"{_kind(kind)} {count}" for kind, count in body.get("counts", {}).items())
    lines = [f"巡查目标 targets {len(body['targets'])} · {kinds}"]
    agencies = " · ".join(f"{word(name)} {count}" for name, count in body.get("agencies", {}).items())
    if agencies:
        lines.append(f"按单位 by agency: {agencies}")
    for row in body["targets"][:_MOST]:
        often = f"每周 weekly {row['visits_per_week']:g}" if "visits_per_week" in row else ""
        lines.append(
            f"  {row['name']}（{word(row['kind'])}）{word(row['agency'])} · {row['service_min']:g} min {often}"
        )
    if len(body["targets"]) > _MOST:
        lines.append(f"  … 另 {len(body['targets']) - _MOST} 处，用 --json 或 --out 取全部 / more with --json")
    return lines


def _checkpoints(body: Mapping[str, Any]) -> list[str]:
    lines = [f"依据 rule: {body['rule']}", f"可设检查点 checkpoints allowed {len(body['allowed'])}"]
    lines += [
        f"  {row['name'] or row['id']}（{_PLACES.get(row['kind'], row['kind'])}）" for row in body["allowed"][:_MOST]
    ]
    lines += [
        f"  {row['id']}：{'可以 yes' if row['allowed'] else '不可 no'} · {row['message']} / {row['message_en']}"
        for row in body["checked"]
    ]
    lines += [f"检测站 weigh station {row['name'] or row['id']}" for row in body["weigh_stations"]]
    for row in body["trucks"]:
        where = row["station"] or "–"
        lines.append(f"  {row['id']}：超限 over {row['over_t']:g} t · 送 to {where} · {_minutes(row['time_s'])}")
    return lines


def _kind(name: str) -> str:
    """Return a kind of zone in Chinese; other kinds of places as the screens call them."""
    from patrol.zones.columns import KINDS

    return KINDS.get(name) or word(name)


def _way(row: Mapping[str, Any]) -> str:
    return _WAYS.get(row["direction"], str(row["direction"]))


def _minutes(value: float | None) -> str:
    return "–" if value is None else f"{value / 60:.1f} min"


def _share(part: float, whole: float) -> str:
    return _percent(part / whole if whole else None)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value * 100:.1f} %"
